"""Decisions on held batches, in the order in which they were held: apply today, or drop for good.

Each decision is landed as a record of the source `steward`: the ledger proves who decided what,
when and why.
"""

from collections.abc import Sequence
from functools import partial

import orjson

from hub.db import landing, records, runs
from hub.db.database import Database, Transaction
from hub.db.landing import LandedPayload, shapes, source_files
from hub.db.runs import Run, held
from hub.db.runs.held import HeldBatch, Payload
from hub.domain.contracts import Contracts, Mapped, PullFlow
from hub.domain.schema_drift import LOSING, forgotten, learnt
from hub.domain.secrecy import MISSING
from hub.errors import Fault, FlowError
from hub.model import STEWARD, Json, Raw
from hub.pipeline import apply, isolation, replay, schema_drift, secret_records, snapshot
from hub.pipeline.apply import PreparedRecord
from hub.pipeline.batch_holding import content_hash
from hub.pipeline.golden import ApplyContext
from hub.pipeline.refused_runs import reason_of
from hub.pipeline.run_lifecycle import running
from hub.pipeline.steward import DecidedBy, land
from hub.settings import Settings

FLOW = f"pull.{STEWARD}.held"
"""The flow under which decisions about held batches land."""


def accept(
    database: Database, contracts: Contracts, settings: Settings, batch_id: int, *, word: DecidedBy
) -> int:
    """Apply a held batch under today's contract, as if it came now; gives the run's id.

    One transaction, so a crash changes nothing. A pull in progress is fenced off: it began before
    this batch. FlowError when the batch is unknown, not the first that waits, or its flow may not
    run.
    """
    flow_name = _waiting(database, batch_id, word)
    if (reason := reason_of(contracts, flow_name)) is not None:
        raise reason
    if flow_name not in contracts.pulls:
        raise FlowError("flow.unknown", flow=flow_name)
    flow = contracts.pulls[flow_name]
    with running(database, flow.name, "accept") as (run, fenced), fenced.write() as tx:
        records.lock_entity(tx, flow.entity.name)
        cursor = runs.fence_off(tx, flow.name)
        batch = _first(tx, flow.name, batch_id)
        place = _apply(tx, contracts, flow, settings, run, batch)
        snapshot.accept(tx, place, settings, batch.snapshot)
        _adopt(tx, flow, settings, batch)
        _move_on(tx, batch, cursor)
        source_files.decide(tx, batch_id, "read")
        if batch.snapshot or (batch.last and not flow.reads_snapshots):
            runs.complete_sweep(tx, flow.name)
        _write_down(tx, settings, run, batch, "accepted", word)
    return run.id


def drop(database: Database, settings: Settings, batch_id: int, *, word: DecidedBy) -> int:
    """Leave a held batch unapplied for good; its payloads stay landed; gives the run's id.

    The cursor moves past it: a source with a cursor will not deliver these records again.
    """
    flow_name = _waiting(database, batch_id, word)
    with running(database, flow_name, "drop") as (run, fenced), fenced.write() as tx:
        cursor = runs.fence_off(tx, flow_name)
        batch = _first(tx, flow_name, batch_id)
        _move_on(tx, batch, cursor)
        source_files.decide(tx, batch_id, "dropped")
        _write_down(tx, settings, run, batch, "dropped", word)
    return run.id


def decision_payload(payload: bytes) -> dict[str, Json]:
    """The JSON of a decision as it was landed."""
    found: dict[str, Json] = orjson.loads(payload)
    return found


def _waiting(database: Database, batch_id: int, word: DecidedBy) -> str:
    """The flow of a held batch; FlowError where it is unknown, or name or reason are missing."""
    word.checked()
    with database.read() as tx:
        found = held.listed(tx, batch_id=batch_id)
    if not found:
        raise FlowError("held.unknown", batch=batch_id)
    return found[0].flow


def _first(tx: Transaction, flow: str, batch_id: int) -> HeldBatch:
    """The batch; FlowError unless it is the first of its flow that waits (order is kept)."""
    waiting = held.waiting(tx, flow)
    if batch_id not in {batch.batch_id for batch in waiting}:
        raise FlowError("held.unknown", batch=batch_id)
    if waiting[0].batch_id != batch_id:
        raise FlowError("held.not_first", batch=batch_id, first=waiting[0].batch_id)
    return waiting[0]


def _apply(
    tx: Transaction,
    contracts: Contracts,
    flow: PullFlow,
    settings: Settings,
    run: Run,
    batch: HeldBatch,
) -> ApplyContext:
    """The held payloads through `apply`, with a balanced batch row; erased ones are left out."""
    place = replay.apply_context(tx, replay.ReplayContext(contracts, flow, run.id, "overtaken"))
    rows = [row for row in held.payloads(tx, batch.batch_id) if row.salt is not None]
    flagless = any(one["kind"] == "flagless" for one in batch.findings)
    arrivals = [
        _prepared(flow, settings, row, MISSING if flagless else flow.secrecy.closed_as)
        for row in rows
    ]
    heads = landing.heads_by_key(tx, flow.name, [one.key for one in arrivals])

    def write(some: Sequence[PreparedRecord]) -> None:
        plan = apply.plan(tx, place, some, heads)
        landing.applied_anew(tx, place.batch_id, apply.places(plan))
        secret_records.forget(tx, place, secret_records.keys_of(some))
        effects = apply.carry_out(tx, place, plan)
        replay.close_batch(tx, place, apply.counted(len(some), plan, effects))

    isolation.written(tx, arrivals, write, partial(replay.tried, tx, place, heads))
    return place


def _prepared(flow: PullFlow, settings: Settings, row: Payload, why: str) -> PreparedRecord:
    """A held payload mapped by today's contract.

    why: code to set it aside by, where its content was never kept.
    """
    if row.payload is None:  # it was never kept, for it may be secret
        fault = Fault("", why, {"field": flow.secrecy.field})
        nothing = Mapped.without_values(fault, key=row.key, version=row.version)
        return PreparedRecord(row.id, row.key, row.hash, nothing)
    digest = content_hash(flow, settings, row.payload) if flow.ignore else row.hash
    landed = LandedPayload(row.id, row.key, row.position, row.version, digest, row.payload)
    (arrival,) = replay.again_read(flow, [landed], rekeys=True)
    return arrival


def _adopt(tx: Transaction, flow: PullFlow, settings: Settings, batch: HeldBatch) -> None:
    """Take the batch's shape as the source's normal shape from now on."""
    rows = held.payloads(tx, batch.batch_id)
    raws = [Raw(row.payload, row.position) for row in rows if row.payload is not None]
    look = schema_drift.sampled(schema_drift.live(flow, spread(raws, settings.shape.sample)), flow)
    lost = {str(one["place"]) for one in batch.findings if one["kind"] in LOSING}
    before = shapes.seen(tx, flow.name)
    now = learnt(forgotten(before, lost, flow.watched), look, settings.shape)
    shapes.keep(tx, flow.name, now, before=before)
    sweep = shapes.sweep(tx, flow.name)
    says = batch.whole and not batch.parts
    schema_drift.count_sweep(tx, flow, sweep, read=batch.read, last=batch.last, says=says)


def spread(raws: Sequence[Raw], most: int) -> Sequence[Raw]:
    """At most so many items, evenly spaced."""
    step = max(1, -(-len(raws) // most))
    return raws[::step]


def _move_on(tx: Transaction, batch: HeldBatch, cursor: dict[str, Json]) -> None:
    """Move the cursor past the batch, only if the flow still stands right before it."""
    if all(cursor.get(part) == batch.cursor_before.get(part) for part in ("watermark", "resume")):
        runs.set_cursor(tx, batch.flow, batch.cursor_after)


def _write_down(
    tx: Transaction, settings: Settings, run: Run, batch: HeldBatch, state: str, word: DecidedBy
) -> None:
    """Land the decision and close the held batch with it."""
    said: dict[str, Json] = {
        "batch": batch.batch_id,
        "decision": state,
        "flow": batch.flow,
        "by": word.by,
        "reason": word.reason,
    }
    landing_id, _ = land(tx, settings, run.id, flow=FLOW, key=str(batch.batch_id), said=said)
    held.decide(
        tx,
        [batch.batch_id],
        state,
        run_id=run.id,
        by=word.by,
        reason=word.reason,
        decision=landing_id,
    )
