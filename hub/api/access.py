"""Authentication, roles and access log of the API: the log's row is committed before the answer."""

import logging
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import auth, requests
from hub.api.batch_loader import BatchLoader
from hub.api.cache import CachedAnswer, ResponseCache, form_request
from hub.api.calls import PartnerCalls
from hub.api.problems import problem
from hub.auth import Reader, access_log
from hub.auth.access_log import AccessEntry
from hub.auth.context import (
    ADMINISTERING,
    ASKING,
    CALLING,
    EVERYBODY,
    HANDING_IN,
    JUDGING,
    LOOKING_INTO,
    SUPERVISING,
    WATCHING,
    RequestContext,
    address_of,
    route_of,
)
from hub.auth.rate_limit import RateLimiter
from hub.errors import FlowError, HubError
from hub.services import naming
from hub.wiring import Hub

log = logging.getLogger(__name__)

OPEN = frozenset({"/healthz", "/readyz"})
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}

ROLES: Mapping[str, frozenset[str]] = {
    "/v1/openapi.json": ASKING,
    "/v1/health": WATCHING,
    "/v1/metrics": WATCHING,
    "/v1/forms": EVERYBODY,
    "/v1/prefill/{form}": EVERYBODY,
    "/v1/prefill/{form}/submissions": HANDING_IN,
    "/v1/prefill/{form}/xlsx": EVERYBODY,
    "/v1/meter": EVERYBODY,
    "/v1/projects": ASKING,
    "/v1/projects/{code}": ASKING,
    "/v1/projects/{code}/life": ASKING,
    "/v1/indicators": JUDGING,
    "/v1/indicators/{indicator}": JUDGING,
    "/v1/indicators/{indicator}/figure": JUDGING,
    "/v1/indicators/{indicator}/trial": JUDGING,
    "/v1/hits": ASKING,
    "/v1/hits/counts": ASKING,
    "/v1/hits/{hit_id}": ASKING,
    "/v1/hits/{hit_id}/told": SUPERVISING,
    "/v1/hits/{hit_id}/explanation": HANDING_IN,
    "/v1/hits/{hit_id}/dispute": HANDING_IN,
    "/v1/hits/{hit_id}/confirmation": SUPERVISING,
    "/v1/hits/{hit_id}/acceptance": SUPERVISING,
    "/v1/hits/{hit_id}/revocation": SUPERVISING,
    "/v1/projects/{code}/clocks": ASKING,
    "/v1/projects/{code}/scenarios": ASKING,
    "/v1/scenarios": LOOKING_INTO | SUPERVISING,
    "/v1/scenarios/{scenario}": LOOKING_INTO | SUPERVISING,
    "/v1/projects/{code}/comparisons": ASKING,
    "/v1/cases": ASKING,
    "/v1/cases/{case_id}": ASKING,
    "/v1/cases/{case_id}/answer": HANDING_IN,
    "/v1/cases/{case_id}/acceptance": SUPERVISING,
    "/v1/cases/{case_id}/returned": SUPERVISING,
    "/v1/cases/{case_id}/extension": SUPERVISING,
    "/v1/cases/{case_id}/raised": SUPERVISING,
    "/v1/lights": ASKING,
    "/v1/lights/xlsx": ASKING,
    "/v1/lights/regions": SUPERVISING | LOOKING_INTO,
    "/v1/lights/units": SUPERVISING | LOOKING_INTO,
    "/v1/news": HANDING_IN,
    "/v1/news/{flow}/xlsx": HANDING_IN,
    "/v1/news/{flow}/acknowledged": HANDING_IN,
    "/v1/supply": HANDING_IN,
    "/v1/supply/{flow}": HANDING_IN,
    "/v1/supply/{flow}/template": HANDING_IN,
    "/v1/supply/{flow}/projects": HANDING_IN,
    "/v1/supply/{flow}/workbook": HANDING_IN,
    "/v1/supply/{flow}/records": HANDING_IN,
    "/v1/supply/{flow}/withdrawals": HANDING_IN,
    "/v1/files": LOOKING_INTO,
    "/v1/files/{sha256}": EVERYBODY,
    "/v1/projects/{code}/files": EVERYBODY,
    "/v1/catalogue": ASKING,
    "/v1/catalogue/{entity}": ASKING,
    "/v1/grants": EVERYBODY,
    "/v1/applications": EVERYBODY,
    "/v1/applications/{application_id}": EVERYBODY,
    "/v1/applications/{application_id}/decision": ADMINISTERING,
    "/v1/applications/{application_id}/extension": ADMINISTERING,
    "/v1/applications/{application_id}/withdrawal": EVERYBODY,
    "/v1/recalls": EVERYBODY,
    "/v1/recalls/{recall_id}": EVERYBODY,
    "/v1/recalls/{recall_id}/acknowledge": EVERYBODY,
    "/v1/recalls/opened": ADMINISTERING,
    "/v1/disputes": EVERYBODY,
    "/v1/disputes/{dispute_id}": EVERYBODY,
    "/v1/disputes/{dispute_id}/answer": EVERYBODY,
    "/v1/disputes/{dispute_id}/withdrawn": EVERYBODY,
    "/v1/decisions": ADMINISTERING,
    "/v1/decisions/undone": ADMINISTERING,
    "/v1/rehearsals": ADMINISTERING,
    "/v1/overview": WATCHING,
    "/v1/alerts": WATCHING,
    "/v1/alerts/test": ADMINISTERING,
    "/v1/runs": WATCHING,
    "/v1/runs/{run_id}": WATCHING,
    "/v1/runs/{run_id}/records": LOOKING_INTO,
    "/v1/deliveries": LOOKING_INTO,
    "/v1/deliveries/{system}/{resource}": CALLING,
    "/v1/deliveries/{system}/{resource}/acknowledged": CALLING,
    "/v1/intake/{system}/{resource}": CALLING,
    "/v1/deliveries/uncertain": LOOKING_INTO,
    "/v1/deliveries/decisions": ADMINISTERING,
    "/v1/restorations": ADMINISTERING,
    "/v1/differences/surplus": ADMINISTERING,
    "/v1/held": LOOKING_INTO,
    "/v1/held/decisions": ADMINISTERING,
    "/v1/shapes/{flow}": LOOKING_INTO,
    "/v1/records/{record_id}/deliveries": LOOKING_INTO,
    "/v1/differences": LOOKING_INTO,
    "/v1/differences/decisions": ADMINISTERING,
    "/v1/findings": LOOKING_INTO,
    "/v1/failures": LOOKING_INTO,
    "/v1/failures/{entry_id}": LOOKING_INTO,
    "/v1/failures/assignments": ADMINISTERING,
    "/v1/failures/discarded": ADMINISTERING,
    "/v1/remarks": LOOKING_INTO,
    "/v1/replays": ADMINISTERING,
    "/v1/replays/{job_id}": ADMINISTERING,
    "/v1/links": LOOKING_INTO,
    "/v1/links/decisions": ADMINISTERING,
    "/v1/links/undone": ADMINISTERING,
    "/v1/projects/{code}/as-of": LOOKING_INTO,
    "/v1/runs/{run_id}/openlineage": LOOKING_INTO,
    "/v1/ledger": LOOKING_INTO,
    "/v1/ledger/check": LOOKING_INTO,
    "/v1/ledger/checkpoint": LOOKING_INTO,
    "/v1/ledger/links": WATCHING,
    "/v1/ledger/compared": LOOKING_INTO,
    "/v1/verifications": LOOKING_INTO,
    "/v1/access": LOOKING_INTO,
    "/v1/access/unusual": LOOKING_INTO,
    "/v1/conservation": LOOKING_INTO,
    "/v1/records/{record_id}": LOOKING_INTO,
    "/v1/records/{record_id}/prov": LOOKING_INTO,
    "/v1/records/{record_id}/fields/{field}/prov": LOOKING_INTO,
    "/v1/records/{record_id}/fields/{field}/proof": LOOKING_INTO,
    "/v1/records/{record_id}/lineage": LOOKING_INTO,
    "/v1/records/{record_id}/fields/{field}/lineage": LOOKING_INTO,
    "/v1/records/{record_id}/fields/{field}/carried": LOOKING_INTO,
}
"""Roles allowed by route; a route that is missing here refuses everybody."""


class Recorded:
    """Sends an answer once its row is in the access log. unwritten: why that failed, unsent."""

    def __init__(
        self, route: str, address: str, reads: BatchLoader[AccessEntry, None], send: Send
    ) -> None:
        self.visit: RequestContext | None = None
        self.found: CachedAnswer | None = None
        self.unwritten: HubError | None = None
        self._route, self._address, self._reads, self._send = route, address, reads, send

    async def send(self, message: Message) -> None:
        """ASGI `send`: writes the row when the answer begins."""
        if message["type"] == "http.response.start":
            # The row is committed before the first byte: no answer can leave that the log does not
            # have.
            refused = message["status"] in REFUSED
            nobody = AccessEntry("", self._route, refused=refused, address=self._address)
            read = self.visit.row(self._route, refused=refused) if self.visit else nobody
            try:
                await self._reads.ask(read)
            except HubError as error:
                self.unwritten = error
            if self.found:
                self.found.begins(message, read)
        elif self.found:
            self.found.ends(message)
        if self.unwritten is None:
            await self._send(message)


class AccessLog:
    """Middleware of every route: authenticates, applies the rate limit, and writes the access row
    before an answer leaves.
    """

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub
        self.readers = BatchLoader(self._readers)
        self.reads = BatchLoader(self._write)
        self.rate_limiter = RateLimiter(hub.settings.signing_in.requests_a_minute)
        self.cache = ResponseCache(hub)
        self.calls = PartnerCalls(hub)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self.app(scope, receive, send)
            return
        address = address_of(HTTPConnection(scope))
        if self.calls.is_one(scope["path"]):
            await self._called(scope, receive, send, address=address)
            return
        recorded = Recorded(route_of(scope["method"], scope["path"]), address, self.reads, send)
        try:
            reader = await self._reader(Headers(scope=scope))
            visit = recorded.visit = RequestContext(
                self.hub.as_it_stands(), reader, address=address
            )
            self.rate_limiter.step(visit.reader.account.name, now=time.time())
            requests.check_address(scope)
            if scope["method"] in requests.WRITING:
                body = await requests.whole_body(scope, receive, self.hub.settings.requests)
                receive = requests.given(body, receive)
                if body:
                    requests.check_json(scope, body)
            form = form_request(scope, visit.reader, visit.hub.contracts)
            found = recorded.found = await self.cache.find(form) if form else None
        except requests.GoneError:
            return
        except HubError as error:
            app: ASGIApp = problem(error)
        else:
            if found and found.body is not None:
                await Response(found.body, media_type="application/json")(scope, receive, send)
                return
            scope.setdefault("state", {})["visit"] = visit
            app = self.app
        await app(scope, receive, recorded.send)
        if recorded.unwritten is not None:
            await problem(recorded.unwritten)(scope, receive, send)

    async def _called(self, scope: Scope, receive: Receive, send: Send, *, address: str) -> None:
        """A partner's call, let in by its own recipe; recorded like any other."""
        route = route_of(scope["method"], scope["path"])
        recorded = Recorded(route, address, self.reads, send)
        try:
            visit, call = await self.calls.admitted(scope, receive, address)
        except requests.GoneError:
            return
        except HubError as error:
            log.warning("call refused", extra={"path": scope["path"][:200], "code": error.code})
            await self.calls.refused(scope["path"], error)(scope, receive, recorded.send)
        else:
            recorded.visit = visit
            scope.setdefault("state", {}).update(visit=visit, call=call, calls=self.calls)
            await self.app(scope, requests.given(call.content, receive), recorded.send)
        if recorded.unwritten is not None:
            await problem(recorded.unwritten)(scope, receive, send)

    async def _reader(self, headers: Headers) -> Reader:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise FlowError("access.no_token")
        reader = await self.readers.ask(token.strip())
        if reader is None:
            raise FlowError("access.token_invalid")
        return reader

    def _readers(self, tokens: Sequence[str]) -> list[Reader | None]:
        with self.hub.database.read() as tx:
            return auth.readers(tx, tokens)

    def _write(self, reads: Sequence[AccessEntry]) -> list[None]:
        access_log.write(self.hub.database, reads)
        return [None for _ in reads]


async def allowed(request: Request) -> None:
    """Raise FlowError (access.role) unless the account's role is allowed on this route."""
    path = request.scope["route"].path
    if path in OPEN:
        return
    role = request.state.visit.reader.account.role
    if role not in ROLES.get(path, ()):
        raise FlowError("access.role", role=role)


def known(request: Request) -> None:
    """Raise UnknownNameError for a flow, form, entity, account or cause that does not exist."""
    if request.scope["route"].path in OPEN:
        return
    named = {**request.query_params, **request.path_params}
    if naming.worth_checking(named):
        hub = request.state.visit.hub
        with hub.database.read() as tx:
            naming.check(tx, hub.contracts, named)


TOKEN = HTTPBearer(auto_error=False, description="hub accounts add | renew")


async def _visit(
    request: Request, _shown_in_the_description: Annotated[object, Security(TOKEN)]
) -> RequestContext:
    visit: RequestContext = request.state.visit
    return visit


Visiting = Annotated[RequestContext, Depends(_visit)]
