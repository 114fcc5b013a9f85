"""Restorations of the database from a backup, and deliveries left uncertain by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db import restorations
from hub.db.deliveries import uncertain
from hub.pipeline import restoration, surplus
from hub.pipeline.steward import DecidedBy


@dataclass(frozen=True, slots=True)
class RestorationView:
    """One restoration. how: declared by a person, or detected by the hub.

    seal: the last seal that came back; landing: the ledger's entry about it. nothing_lost: the
    database was only moved. recovering: push flows not compared with all sources since (of the
    newest one).
    """

    id: int
    at: datetime
    how: str
    by: str
    reason: str
    seal: int | None
    landing: int
    nothing_lost: bool
    recovering: list[str]


@dataclass(frozen=True, slots=True)
class UncertainView:
    """A delivery awaiting a decision: its target cannot be asked whether it has it."""

    flow: str
    record: int
    entity: str
    key: str
    state: str
    action: str | None
    confirmed_at: datetime | None


def listed(context: RequestContext, *, most: int = 50) -> list[RestorationView]:
    """Restorations, newest first."""
    with context.hub.database.read() as tx:
        recovering = [
            flow for flow in context.hub.contracts.pushes if restorations.recovers(tx, flow)
        ]
        rows = restorations.listed(tx, most=most)
    return [
        RestorationView(
            one.id,
            one.at,
            one.how,
            one.by,
            one.reason,
            one.seal_id,
            one.landing_id,
            one.nothing_lost,
            recovering=[] if number else recovering,
        )
        for number, one in enumerate(rows)
    ]


def declare(
    context: RequestContext, *, reason: str, nothing_lost: bool, checkpoints: str = ""
) -> RestorationView:
    """Declare that the database was restored, so that deliveries are uncertain, or only moved.

    checkpoints: kept by partners or this machine, one a line; the ledger continues after the
    newest.
    """
    context.require(ADMINISTERING)
    hub, word = context.hub, DecidedBy(context.by, reason)
    restoration.declare(
        hub.database, hub.settings, word=word, nothing_lost=nothing_lost, checkpoints=checkpoints
    )
    return listed(context, most=1)[0]


def waiting(
    context: RequestContext, *, flow: str | None = None, after: int = 0, most: int = 50
) -> list[UncertainView]:
    """Deliveries awaiting a decision, by record."""
    with context.hub.database.read() as tx:
        rows = uncertain.waiting(tx, flow=flow, after=after, most=most)
    context.saw([one.record_id for one in rows])
    return [
        UncertainView(
            one.flow, one.record_id, one.entity, one.key, one.state, one.action, one.confirmed_at
        )
        for one in rows
    ]


def settle(
    context: RequestContext, flow: str, records: Sequence[int] | None, *, send: bool, reason: str
) -> int:
    """Send uncertain deliveries (records None: all of the flow) or take them as sent; how many."""
    context.require(ADMINISTERING)
    hub, word = context.hub, DecidedBy(context.by, reason)
    return restoration.settle(hub.database, hub.settings, flow, records, send=send, word=word)


def settle_surplus(
    context: RequestContext, ids: Sequence[int], *, withdraw: bool, reason: str
) -> int:
    """Withdraw what a target has beyond the hub's records, or adopt it again; ids: differences."""
    context.require(ADMINISTERING)
    hub, word = context.hub, DecidedBy(context.by, reason)
    return surplus.settle(hub.database, hub.settings, ids, withdraw=withdraw, word=word)
