"""Routes of what awaits decisions: held batches, deliveries, differences, restorations."""

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import Most, Number, RequestBody, Sentence, Touched
from hub.services import deliveries, held, reconciliation, restorations, shapes
from hub.services.deliveries import DeliveryStanding, FlowDeliveries
from hub.services.held import HeldView
from hub.services.reconciliation import Difference
from hub.services.restorations import RestorationView, UncertainView
from hub.services.shapes import SourceShape

routes = APIRouter(responses=PROBLEMS)


class HeldBatchesDecision(RequestBody):
    """Held batches to accept (applied under today's contracts) or drop, oldest first."""

    batches: list[Number] = Field(min_length=1, max_length=1_000, examples=[[4711]])
    accept: bool
    reason: Sentence


class SettlingDeliveries(RequestBody):
    """Uncertain deliveries of a flow (without `records`: all), to be sent or taken as sent."""

    flow: str = Field(examples=["push.partner.project"])
    records: list[Number] | None = Field(default=None, min_length=1, max_length=10_000)
    send: bool
    reason: Sentence


class SettlingSurplus(RequestBody):
    """Differences of class surplus_there: to be withdrawn at the target, or adopted."""

    ids: list[Number] = Field(min_length=1, max_length=10_000)
    withdraw: bool
    reason: Sentence


class Restoring(RequestBody):
    """A restoration of the database; nothing_lost: it was only moved.

    checkpoints: kept elsewhere, one JSON object a line; the ledger continues after the newest.
    """

    nothing_lost: bool = False
    checkpoints: str = Field(default="", max_length=1_000_000)
    reason: Sentence


class Settling(RequestBody):
    """Differences to send again or to leave."""

    ids: list[Number] = Field(min_length=1, max_length=10_000)
    resend: bool
    reason: Sentence


@routes.get("/v1/held")
def held_now(
    visit: Visiting, *, flow: str | None = None, decided: bool = False, limit: Most = 50
) -> list[HeldView]:
    """整批未采用、等待处理的数据，含原因、数值和条数 · batches that are held, and why."""
    return held.listed(visit, flow=flow, decided=decided, most=limit)


@routes.post("/v1/held/decisions")
def decide_held(visit: Visiting, asked: HeldBatchesDecision) -> Touched:
    """采用或放弃整批未采用的数据 · apply held batches, or leave them unapplied for good."""
    decide = held.accept if asked.accept else held.drop
    return Touched(len(decide(visit, asked.batches, reason=asked.reason)))


@routes.get("/v1/shapes/{flow}")
def shape_of_source(visit: Visiting, flow: str) -> SourceShape:
    """来源的结构 · what was seen of a flow's source fields, and the changes that were met."""
    return shapes.shape_of(visit, flow)


@routes.get("/v1/deliveries")
def deliveries_now(visit: Visiting, flow: str | None = None) -> list[FlowDeliveries]:
    """各推送流程的现状与原因 · how every delivery stands and why, counted by reason."""
    return deliveries.listed(visit, flow)


@routes.get("/v1/records/{record_id}/deliveries")
def deliveries_of_record(visit: Visiting, record_id: Number) -> list[DeliveryStanding]:
    """一条记录对各目标的推送现状、原因与解决办法 · where a record goes, how that stands, and why."""
    return deliveries.record(visit, str(record_id))


@routes.get("/v1/deliveries/uncertain")
def uncertain_now(
    visit: Visiting, flow: str | None = None, after: int = 0, limit: Most = 50
) -> list[UncertainView]:
    """恢复后待人工确认的推送 · deliveries that wait for a person since the database was restored."""
    return restorations.waiting(visit, flow=flow, after=after, most=limit)


@routes.post("/v1/deliveries/decisions")
def settle_deliveries(visit: Visiting, asked: SettlingDeliveries) -> Touched:
    """推送，或视为已送达 · send uncertain deliveries, or take them as sent; the next push does it."""
    return Touched(
        restorations.settle(visit, asked.flow, asked.records, send=asked.send, reason=asked.reason)
    )


@routes.get("/v1/differences")
def differences_found(
    visit: Visiting,
    flow: str | None = None,
    kind: str | None = None,
    *,
    closed: bool = False,
    limit: Most = 50,
) -> list[Difference]:
    """对账差异 · what the last comparisons found different; closed ones if wanted."""
    return reconciliation.listed(visit, flow=flow, kind=kind, closed=closed, most=limit)


@routes.post("/v1/differences/decisions")
def settle(visit: Visiting, asked: Settling) -> Touched:
    """决定对账差异：重新推送或保持原样 · send what differs again, or leave it as it is."""
    decide = reconciliation.send_again if asked.resend else reconciliation.leave
    return Touched(decide(visit, asked.ids, reason=asked.reason))


@routes.post("/v1/differences/surplus")
def settle_surplus(visit: Visiting, asked: SettlingSurplus) -> Touched:
    """在对方撤回多出的记录，或重新认领 · take back what a target holds beyond ours, or let it be ours again."""
    return Touched(
        restorations.settle_surplus(visit, asked.ids, withdraw=asked.withdraw, reason=asked.reason)
    )


@routes.get("/v1/restorations")
def restorations_made(visit: Visiting, limit: Most = 50) -> list[RestorationView]:
    """历次恢复 · when the database came back older than its partners."""
    return restorations.listed(visit, most=limit)


@routes.post("/v1/restorations")
def declare_restored(visit: Visiting, asked: Restoring) -> RestorationView:
    """声明数据库已恢复 · say that the database was restored: every delivery is uncertain from then on."""
    return restorations.declare(
        visit, reason=asked.reason, nothing_lost=asked.nothing_lost, checkpoints=asked.checkpoints
    )
