"""Deliveries that are fetched, by a partner or a clerk: listed, handed over, acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from hub.auth.context import RequestContext
from hub.contract import Offering
from hub.db.deliveries import handover
from hub.db.deliveries.handover import HandoverVerdict, OpenHandover
from hub.domain.contracts import PushFlow
from hub.errors import FlowError
from hub.model import Admitted, Json, Outgoing
from hub.services import inbound
from hub.services.view import AnyJson

OPEN = frozenset({"ready", "handed"})


@dataclass(frozen=True, slots=True)
class FetchedDelivery:
    """One delivery as it is handed over; its record stays as it is until it is acknowledged.

    number: for `after`; key: to acknowledge by; times: how often it was handed over before.
    """

    number: int
    key: Annotated[str, Field(examples=["2f0c9a7b5d1e4c38"])]
    action: Literal["upsert", "withdraw"]
    ready_at: datetime
    times: int
    record: dict[str, AnyJson]


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """Deliveries in the order of their numbers. next: `after` of the next page, null at the end."""

    deliveries: tuple[FetchedDelivery, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class DeliveryVerdict:
    """A verdict on a delivery, in the receiver's own code and words."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    accepted: bool
    code: Annotated[str, Field(max_length=100)] = ""
    text: Annotated[str, Field(max_length=1000)] = ""


@dataclass(frozen=True, slots=True)
class AcknowledgeResult:
    """acknowledged: verdicts that were new; repeated: those that had come before, alike."""

    acknowledged: int
    repeated: int


def fetched(
    context: RequestContext,
    flow: PushFlow,
    connector: Offering,
    *,
    after: int = 0,
    size: int = 100,
    admitted: Admitted | None = None,
) -> FetchedPage:
    """Hand over the deliveries of a flow behind a number; that they were is noted first.

    FlowError (call.replayed) where the call's nonce was used before.
    """
    with context.hub.database.write() as tx:
        inbound.spend(tx, context.hub.settings, flow.system.name, admitted or Admitted())
        found = handover.still_open(tx, flow.name, after=after, most=size + 1)
        given = found[:size]
        handover.hand(tx, [one.number for one in given], to=context.by)
    context.saw([one.record_id for one in given])
    rows = tuple(_delivery(one, flow, connector) for one in given)
    return FetchedPage(rows, rows[-1].number if len(found) > size else None)


def waiting(
    context: RequestContext, flow: PushFlow, connector: Offering, *, after: int = 0, size: int = 100
) -> FetchedPage:
    """As `fetched`, to look at: nothing is noted as handed over."""
    with context.hub.database.read() as tx:
        found = handover.still_open(tx, flow.name, after=after, most=size + 1)
    given = found[:size]
    context.saw([one.record_id for one in given])
    rows = tuple(_delivery(one, flow, connector) for one in given)
    return FetchedPage(rows, rows[-1].number if len(found) > size else None)


def acknowledged(
    context: RequestContext,
    flow: PushFlow,
    verdicts: Sequence[DeliveryVerdict],
    *,
    admitted: Admitted | None = None,
) -> AcknowledgeResult:
    """Store verdicts on what was handed over; all of them, or none.

    FlowError: call.never_handed for a key that was not handed over (or is another's),
    call.verdict_differs where another verdict stands already, call.verdict_twice for a key that
    comes twice.
    """
    keys = [one.key for one in verdicts]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise FlowError("call.verdict_twice", key=twice[0])
    with context.hub.database.write() as tx:
        inbound.spend(tx, context.hub.settings, flow.system.name, admitted or Admitted())
        stand = handover.states(tx, flow.name, keys)
        fresh = []
        for one in verdicts:
            state = stand[one.key].state if one.key in stand else "ready"
            said: Literal["accepted", "rejected"] = "accepted" if one.accepted else "rejected"
            if state == "ready":
                raise FlowError("call.never_handed", key=one.key)
            if state == "handed":
                fresh.append(HandoverVerdict(one.key, said, code=one.code, text=one.text))
            elif state != said:
                raise FlowError("call.verdict_differs", key=one.key, state=state)
        count = handover.acknowledge(tx, flow.name, fresh, by=context.by)
    return AcknowledgeResult(count, len(verdicts) - count)


def _delivery(one: OpenHandover, flow: PushFlow, connector: Offering) -> FetchedDelivery:
    body: dict[str, Json] = dict(one.body)
    return FetchedDelivery(
        one.number,
        one.key,
        one.action,
        ready_at=one.ready_at,
        times=one.times,
        record=connector.shaped(flow.write, Outgoing(one.key, one.action, body)),
    )
