"""Batches that are held: which wait, and why; what a person decides about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db import held
from hub.db.database import Database, Transaction
from hub.db.held import HeldBatch
from hub.domain.contracts import Contracts
from hub.errors import FlowError
from hub.model import Json
from hub.pipeline import hold
from hub.pipeline.word import Word
from hub.services import failures
from hub.services.failures import Said
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class ShapeFinding:
    """One thing that a held batch shows otherwise than before; values: what was met, with how often."""

    kind: str
    place: str
    values: dict[str, int]
    said: Said


@dataclass(frozen=True, slots=True)
class HeldView:
    """One held batch. read: records that its run read in it; held: those of them that are held.

    parts: the files that it came from. decided_*: who ended its waiting, when, by which run and why.
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


def held_batches(
    tx: Transaction,
    *,
    flow: str | None = None,
    batch: int | None = None,
    run: int | None = None,
    decided: bool = False,
    most: int = 50,
) -> list[HeldView]:
    """The batches that wait for a decision, in the order in which they are decided.

    decided: those that wait no longer as well, the newest first.
    """
    rows = held.listed(tx, batch_id=batch, flow=flow, run_id=run, decided=decided, most=most)
    if batch is not None and not rows:
        raise FlowError("held.unknown", batch=batch)
    return [_view(row) for row in rows]


def accept(
    database: Database, contracts: Contracts, settings: Settings, batches: Sequence[int], *, word: Word
) -> list[int]:
    """Apply held batches under today's contracts, in their order; give the runs that did it."""
    return [hold.accept(database, contracts, settings, batch, word=word) for batch in sorted(batches)]


def drop(database: Database, settings: Settings, batches: Sequence[int], *, word: Word) -> list[int]:
    """Leave held batches unapplied for good, in their order; give the runs that say so."""
    return [hold.drop(database, settings, batch, word=word) for batch in sorted(batches)]


def waiting_of(database: Database, flow: str) -> list[int]:
    """Every batch of a flow that waits, in order; FlowError where none does."""
    with database.transaction() as tx:
        found = [row.batch_id for row in held.waiting(tx, flow)]
    if not found:
        raise FlowError("held.none", flow=flow)
    return found


def _view(row: HeldBatch) -> HeldView:
    found = [
        ShapeFinding(str(kept["kind"]), str(kept["place"]), _values(kept["values"]), failures.said(fault))
        for kept, fault in zip(row.findings, row.faults, strict=True)
    ]
    return HeldView(
        row.batch_id,
        row.flow,
        row.run_id,
        row.state,
        row.read,
        row.held,
        row.held_at,
        row.parts,
        found,
        row.decided_at,
        row.decided_run,
        row.decided_by,
        row.reason,
    )


def _values(kept: Json) -> dict[str, int]:
    return {value: int(str(times)) for value, times in kept.items()} if isinstance(kept, dict) else {}
