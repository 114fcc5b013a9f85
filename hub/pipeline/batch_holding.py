"""Circuit breaker for schema drift: a changed source's batch is held; a fresh read overtakes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.db.database import Database, Transaction
from hub.db.runs import Run, held
from hub.db.runs.held import HeldBatch
from hub.domain.contracts import PullFlow
from hub.domain.cursor import Cursor
from hub.domain.payload import decode, keyed_hash
from hub.domain.schema_drift import ShapeChange
from hub.errors import Fault, HeldError, RecordError
from hub.pipeline import schema_drift
from hub.pipeline.schema_drift import BatchShape, Examined
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Stand:
    """A batch in its run, with the flow's cursor before and after it."""

    run: Run
    batch_id: int
    before: Cursor
    after: Cursor


def behind(waiting: Sequence[HeldBatch], shown: BatchShape, *, blocked: bool) -> list[ShapeChange]:
    """The reason why a sound batch has to wait: another held batch of its flow comes first.

    A run starts at the cursor, which is before the first held batch, so its first read repeats that
    range (unless the file is gone). What it reads after holding a batch waits behind that.
    """
    if not waiting or (set(waiting[0].parts) <= set(shown.parts) and not blocked):
        return []
    return [ShapeChange("behind", "", {"batch": str(waiting[0].batch_id)})]


def overtake(
    tx: Transaction, waiting: Sequence[HeldBatch], shown: BatchShape, *, run_id: int
) -> None:
    """Close held batches whose range has been read again and is sound now."""
    again = [batch.batch_id for batch in waiting if set(batch.parts) <= set(shown.parts)]
    if again:
        held.decide(tx, again, "overtaken", run_id=run_id)


def known(
    tx: Transaction, flow: PullFlow, settings: Settings, keys: Sequence[str]
) -> set[tuple[str, bytes]]:
    """(source key, content hash) of payloads that are held already and wait."""
    return {
        (
            key,
            digest if payload is None or not flow.ignore else content_hash(flow, settings, payload),
        )
        for key, digest, payload in held.standing(tx, flow.name, keys)
    }


def content_hash(flow: PullFlow, settings: Settings, payload: bytes) -> bytes:
    """The content hash of a payload as intake computes it, volatile fields left out."""
    return content_hash_by(flow, settings.hash_key, payload)


def content_hash_by(flow: PullFlow, secret: bytes, payload: bytes) -> bytes:
    """The same with the hash key given."""
    try:
        content = (
            flow.mapper.digest_view(decode(payload, form=flow.form)) if flow.ignore else payload
        )
    except RecordError:
        content = payload
    return keyed_hash(content, secret)


def keep(
    tx: Transaction,
    flow: PullFlow,
    stand: Stand,
    shown: BatchShape,
    changes: Sequence[ShapeChange],
    examined: Examined,
    *,
    again: bool,
) -> None:
    """Store that a batch is held. again: all of it is held already, so nothing is stored."""
    if again:
        return
    held.add(
        tx,
        stand.batch_id,
        run_id=stand.run.id,
        flow=flow.name,
        before=stand.before,
        after=stand.after,
        shown=held.Sweeping(shown.sweep, shown.last, shown.parts, shown.snapshot),
        changes=changes,
    )
    schema_drift.note(tx, flow, examined, run_id=stand.run.id, batch_id=stand.batch_id)


def is_full(database: Database, flow: PullFlow, settings: Settings) -> bool:
    """Whether the limit of held batches per flow is reached: reading on only fills the disk."""
    with database.read() as tx:
        return len(held.waiting(tx, flow.name)) >= settings.shape.batches


def stopped(flow: PullFlow, why: Fault) -> HeldError:
    """The HeldError of a run that held something: flow, first change, no values (it is logged)."""
    told = {name: said for name, said in why.facts.items() if name != "values"}
    return HeldError(
        flow=flow.name, change=why.code, **{"place": why.facts.get("cause", why.code), **told}
    )
