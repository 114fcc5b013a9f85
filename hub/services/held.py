"""Held batches: listed with the change of shape that held them; accepted or dropped by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db.runs import held
from hub.db.runs.held import HeldBatch
from hub.errors import FlowError
from hub.model import Json
from hub.pipeline import held_decisions
from hub.pipeline.steward import DecidedBy
from hub.services import failures
from hub.services.failures import FaultText
from hub.services.naming import UnknownNameError
from hub.services.view import extended


@dataclass(frozen=True, slots=True)
class ShapeFinding:
    """One change that held a batch; values: those found, with their counts."""

    kind: str
    place: str
    values: dict[str, int]
    said: FaultText


@dataclass(frozen=True, slots=True)
class HeldView:
    """One held batch. read: records its run read in it; held: how many of these are held.

    parts: the files it came from. decided_*: who decided, when, by which run and why.
    """

    batch: int
    flow: str
    run: int
    state: str
    read: int
    held: int
    held_at: datetime
    parts: list[str]
    findings: list[ShapeFinding]
    decided_at: datetime | None
    decided_run: int | None
    decided_by: str | None
    reason: str | None


def listed(
    context: RequestContext,
    *,
    flow: str | None = None,
    batch: int | None = None,
    decided: bool = False,
    most: int = 50,
) -> list[HeldView]:
    """Held batches in the order in which they are to be decided.

    batch: this one only, whatever its state; UnknownNameError (held.unknown) where there is none.
    decided: decided ones as well, newest first.
    """
    with context.hub.database.read() as tx:
        rows = held.listed(
            tx, batch_id=batch, flow=flow, decided=decided or batch is not None, most=most
        )
    if batch is not None and not rows:
        raise UnknownNameError("held.unknown", batch=batch)
    return [_view(row) for row in rows]


def accept(context: RequestContext, batches: Sequence[int], *, reason: str) -> list[int]:
    """Apply held batches under today's contracts, oldest first; give the runs that did it."""
    context.require(ADMINISTERING)
    hub, word = context.hub, DecidedBy(context.by, reason)
    contracts = hub.contracts_now()
    return [
        held_decisions.accept(hub.database, contracts, hub.settings, batch, word=word)
        for batch in sorted(batches)
    ]


def drop(context: RequestContext, batches: Sequence[int], *, reason: str) -> list[int]:
    """Drop held batches, oldest first; their payloads stay. Gives the runs that record it."""
    context.require(ADMINISTERING)
    hub, word = context.hub, DecidedBy(context.by, reason)
    return [
        held_decisions.drop(hub.database, hub.settings, batch, word=word)
        for batch in sorted(batches)
    ]


def waiting_of(context: RequestContext, flow: str) -> list[int]:
    """Numbers of a flow's held batches, in order; FlowError (held.none) where there are none."""
    with context.hub.database.read() as tx:
        found = [row.batch_id for row in held.waiting(tx, flow)]
    if not found:
        raise FlowError("held.none", flow=flow)
    return found


def _view(row: HeldBatch) -> HeldView:
    found = [
        ShapeFinding(
            str(kept["kind"]),
            str(kept["place"]),
            _values(kept["values"]),
            failures.fault_text(fault),
        )
        for kept, fault in zip(row.findings, row.faults, strict=True)
    ]
    return extended(row, HeldView, batch=row.batch_id, run=row.run_id, findings=found)


def _values(kept: Json) -> dict[str, int]:
    return (
        {value: int(str(times)) for value, times in kept.items()} if isinstance(kept, dict) else {}
    )
