"""Calls of partners: proven by each partner's own recipe instead of a token, within its limits."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope

from hub import requests
from hub.api.problems import problem
from hub.auth.context import RequestContext, calling
from hub.auth.rate_limit import RateLimiter
from hub.contract import Called, Offering, Receiving
from hub.domain.contracts import Contracts, PullFlow, PushFlow
from hub.errors import FlowError, HubError
from hub.model import Admitted, Json, PartnerCall
from hub.pipeline.inbound import resource_of
from hub.settings import changed
from hub.texts import say
from hub.wiring import Hub

PLACE = re.compile(r"/v1/(intake|deliveries)/([a-z][a-z0-9_]*)/([a-z][a-z0-9_]*)(/acknowledged)?/?")
IDENTITY = {"", "identity"}


@dataclass(frozen=True, slots=True)
class IntakeDesk:
    """What is handed in at one address: the flows that read it, and the connector of one."""

    flows: tuple[PullFlow, ...]
    connector: Receiving


@dataclass(frozen=True, slots=True)
class Outlet:
    """What is fetched at one address."""

    flow: PushFlow
    connector: Offering


Desk: TypeAlias = IntakeDesk | Outlet
Desks: TypeAlias = Mapping[tuple[str, str, str], Desk]


@dataclass(frozen=True, slots=True)
class CallInHand:
    """A call whose caller is proven. payloads: the records of a body that is handed in."""

    desk: Desk
    content: bytes
    content_type: str
    admitted: Admitted


class PartnerCalls:
    """Lets partners in. Desks are opened once for the contracts of a moment."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._limiter = RateLimiter(hub.settings.requests.intake_a_minute)
        self._denied = RateLimiter(hub.settings.signing_in.attempts_a_minute)
        self._opened: tuple[Contracts, Desks] | None = None

    @staticmethod
    def is_one(path: str) -> bool:
        """Whether this address is for partners."""
        return PLACE.fullmatch(path) is not None

    async def admitted(
        self, scope: Scope, receive: Receive, address: str
    ) -> tuple[RequestContext, CallInHand]:
        """The caller and what is in hand; FlowError where it may not call.

        In this order: a known address of ours, the length of the body, its arrival in time, who
        calls, how often.
        """
        hub, headers = self._hub.as_it_stands(), Headers(scope=scope)
        requests.check_address(scope)
        desk = self.desk(hub.contracts, scope["path"])
        connector = desk.connector
        content = await self._body(scope, receive, connector)
        call = PartnerCall(scope["method"], _target(scope), dict(headers.items()), content)
        system = _system(desk)
        try:
            admitted = connector.admit(call, now=datetime.now(UTC))
        except FlowError as error:
            if error.code.startswith("call."):
                self._denied.step(address, now=time.time())
            raise
        most = connector.limits().per_minute
        self._limiter.step(system, now=time.time(), most=most)
        purpose = scope["path"].split("/")[2]
        visit = calling(hub, system, purpose=purpose, address=address)
        return visit, CallInHand(desk, content, headers.get("content-type", ""), admitted)

    def desk(self, contracts: Contracts, path: str) -> Desk:
        """The desk at an address; FlowError (call.nowhere), alike for systems and resources."""
        found = PLACE.fullmatch(path)
        place = (found[1], found[2], found[3]) if found else ("", "", "")
        if self._opened is None or self._opened[0] is not contracts:
            self._opened = contracts, self._desks(contracts)
        desk = self._opened[1].get(place)
        if desk is None:
            raise FlowError("call.nowhere", system=place[1])
        return desk

    def refused(self, path: str, error: HubError) -> Response:
        """An error as the partner wants answers: ours, with its own names beside them."""
        told = problem(error)
        try:
            connector = self.desk(self._hub.contracts, path).connector
        except HubError:
            return told
        return _shaped(told, connector, error)

    async def _body(self, scope: Scope, receive: Receive, connector: Called) -> bytes:
        coding = Headers(scope=scope).get("content-encoding", "")
        if coding.lower() not in IDENTITY:
            raise FlowError("ask.media_type", given=coding[:100])
        if scope["method"] not in requests.WRITING:
            return b""
        most = connector.limits().bytes
        limits = changed(self._hub.settings.requests, body_bytes=most)
        try:
            return await requests.whole_body(scope, receive, limits)
        except FlowError as error:
            if error.code == "ask.too_large":
                raise FlowError("call.too_large", most=most) from None
            raise

    def _desks(self, contracts: Contracts) -> Desks:
        found: dict[tuple[str, str, str], Desk] = {}
        for pull in contracts.pulls.values():
            place = ("intake", pull.system.name, resource_of(pull))
            before = found.get(place)
            if isinstance(before, IntakeDesk):
                found[place] = IntakeDesk((*before.flows, pull), before.connector)
            elif isinstance(receiving := self._hub.called(pull), Receiving):
                found[place] = IntakeDesk((pull,), receiving)
        for push in contracts.pushes.values():
            if isinstance(offering := self._hub.called(push), Offering):
                place = ("deliveries", push.system.name, resource_of(push))
                found[place] = Outlet(push, offering)
        return found


def _shaped(told: JSONResponse, connector: Called, error: HubError) -> Response:
    said = dict(told.headers)
    for name in ("content-length", "content-type"):
        said.pop(name, None)
    own = connector.answered(error.code, say(error.code, error.facts, "zh"))
    content = {**_content(told), **own}
    return JSONResponse(
        content, status_code=told.status_code, headers=said, media_type=told.media_type
    )


def _content(told: JSONResponse) -> dict[str, Json]:
    found: dict[str, Json] = json.loads(bytes(told.body))
    return found


def _system(desk: Desk) -> str:
    return desk.flows[0].system.name if isinstance(desk, IntakeDesk) else desk.flow.system.name


def _target(scope: Scope) -> str:
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
