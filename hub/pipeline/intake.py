"""Intake: a partner's pages -> landed payloads -> `apply`, batch by batch, for one pull flow.

One transaction per batch with the cursor inside: after a crash a batch is in or out, and the next
run resumes there. A batch that shows schema drift is landed and held, and so is everything after
it.
"""

import gc
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from hub.contract import Connector
from hub.db import asked, landing, records, runs
from hub.db.database import Database, Transaction
from hub.db.landing import LandingHead
from hub.db.landing.source_files import FileReader
from hub.db.reconciliation import sightings
from hub.db.runs import Counts, held
from hub.domain import blame, ledger, merkle
from hub.domain.contracts import Contracts, PullFlow
from hub.domain.cursor import Cursor, as_read, moved, since, taken_up
from hub.domain.ledger import Covered
from hub.domain.payload import keyed_hash
from hub.domain.schema_drift import Look
from hub.domain.secrecy import REFUSED
from hub.errors import Fault, FlowError
from hub.model import Json
from hub.pipeline import (
    apply,
    asking,
    batch_holding,
    files,
    isolation,
    schema_drift,
    secret_records,
    snapshot,
)
from hub.pipeline.apply import Plan, PreparedRecord
from hub.pipeline.batch_holding import Stand
from hub.pipeline.batches import RawBatch, ahead, batches
from hub.pipeline.golden import ApplyContext
from hub.pipeline.prepare import (
    Intake,
    PreparedBatch,
    ReadRecord,
    by_key,
    news_of,
    prepare,
    reads_of,
)
from hub.pipeline.run_lifecycle import running
from hub.pipeline.schema_drift import BatchShape, Examined
from hub.pipeline.snapshot import SnapshotBatch
from hub.settings import Settings

log = logging.getLogger(__name__)

KNOWN = 50
"""Known records sampled to tell whether a missing field is really gone."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A batch about to be written: its new records with their arrivals, and the plan for them.

    overtaken: landing ids of arrivals that a later record of the same batch supersedes.
    """

    batch_id: int
    news: Sequence[tuple[ReadRecord, PreparedRecord]]
    overtaken: frozenset[int]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Taking:
    """What one batch is written from.

    reads: mapped records; fresh: those not known; overtaken: superseded within the batch; before,
    after: cursors; blocked: this run has held a batch already.
    """

    prepared: PreparedBatch
    context: ApplyContext
    reads: Sequence[ReadRecord]
    fresh: Sequence[ReadRecord]
    overtaken: Sequence[PreparedRecord]
    heads: Mapping[str, LandingHead]
    before: Cursor
    after: Cursor
    blocked: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """Counts of one batch. held: the reason where it was held instead of applied."""

    counts: Counts
    held: Fault | None = None


def pull(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    *,
    connector: Connector,
    settings: Settings,
    airflow: Json = None,
) -> int:
    """Read a source from the flow's cursor to its end; gives the run's id.

    Raises TransientError and FlowError as the connector does; FlowError for a lost fence or late
    sealing; HeldError at the end if a batch was held. What was applied stays, and the next run
    resumes behind it.
    """
    adding = partial(blame.hint, flow=flow, files=contracts.sound)
    with (
        running(database, flow.name, "pull", airflow=airflow, adding=adding) as (run, fenced),
        _without_collector(),
    ):
        with fenced.write() as tx:
            contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
        began = datetime.now(ZoneInfo(flow.system.timezone))
        cursor = taken_up(as_read(run.cursor, flow.reading), began)
        work = Intake(contracts, flow, settings, run, contract, whole=since(cursor) is None)
        pages = (
            files.to_come(fenced, flow, connector, settings, contract=contract, cursor=cursor)
            if flow.ask is None
            else asking.pages(
                fenced, contracts, flow, flow.ask, connector=connector, settings=settings
            )
        )
        found = batches(
            ahead(pages),
            settings.batch_records,
            most=settings.batch_bytes,
            resume=cursor.get("resume"),
        )
        why: Fault | None = None
        for prepared in ahead(prepare(fenced, work, batch) for batch in found):
            batch = prepared.batch
            after = moved(
                cursor,
                resume=batch.resume,
                high=batch.high,
                last=batch.last,
                overlap=flow.overlap,
                ceiling=began,
                read=flow.reading,
            )
            with fenced.write() as tx:
                taken = take_in(
                    tx, work, prepared, before=cursor, after=after, blocked=why is not None
                )
            outcome = "batch held" if taken.held else "batch taken in"
            log.info(outcome, extra={"run": run.id, "flow": flow.name, "read": taken.counts.read})
            cursor, why = after, why or taken.held
            if taken.held and batch_holding.is_full(fenced, flow, settings):
                break
        if why is not None:
            raise batch_holding.stopped(flow, why)
    return run.id


def take_in(
    tx: Transaction,
    work: Intake,
    prepared: PreparedBatch,
    *,
    after: Cursor,
    before: Cursor | None = None,
    blocked: bool = False,
) -> Taken:
    """Take one batch in, in the caller's transaction: land, plan, apply, seal its root, move the
    cursor.

    On schema drift, or behind a held batch, it is landed and held, and the cursor stays. before:
    the cursor this batch was read from, if not the flow's. blocked: this run has held one before.
    """
    flow = work.flow
    # Lock order: the run (`Fenced.write`), the entity, the flow's row; the reverse could deadlock.
    records.lock_entity(tx, flow.entity.name)
    runs.hold(tx, work.run)
    _refuse_unsealed(tx, work.settings)
    batch_id = runs.next_batch(tx)
    context = ApplyContext(work.contracts, flow, work.contract, work.run.id, batch_id)
    reads = reads_of(tx, work, prepared)
    named = {key for read in reads for key in (read.mapped.key, read.raw.withheld) if key}
    heads = landing.heads_by_key(tx, flow.name, sorted(named))
    reads = by_key(reads, heads)
    fresh, back = news_of(tx, work, prepared, reads=reads, heads=heads)
    arrivals, overtaken = _arrivals(tx, fresh, back)
    where = (before or work.run.cursor, after, blocked)
    taking = Taking(prepared, context, reads, fresh, overtaken, heads, *where)
    return isolation.written(
        tx,
        arrivals,
        lambda some: _written(tx, work, taking, some),
        lambda some: apply.carry_out(tx, context, apply.plan(tx, context, some, heads)),
    )


def _written(
    tx: Transaction, work: Intake, taking: Taking, arrivals: Sequence[PreparedRecord]
) -> Taken:
    """Decide a batch, then apply or hold it."""
    flow, prepared, context = work.flow, taking.prepared, taking.context
    plan = apply.plan(tx, context, arrivals, taking.heads)
    back_again = frozenset(arrival.landing_id for arrival in taking.overtaken)
    plan.fates.update(dict.fromkeys(back_again, "superseded"))
    ordered = sorted([*arrivals, *taking.overtaken], key=lambda arrival: arrival.landing_id)
    decided = Decided(
        context.batch_id, list(zip(taking.fresh, ordered, strict=True)), back_again, plan
    )
    shown = _shown(work, prepared, taking.reads)
    ended = snapshot.see(tx, flow, _listed(tx, flow, prepared, taking.reads))
    strange = ended.changes if ended else ()
    examined = schema_drift.examine(
        tx, flow, work.settings, shown, plan=plan, heads=taking.heads, more=strange
    )
    waiting = held.waiting(tx, flow.name)
    if changes := examined.hold or batch_holding.behind(waiting, shown, blocked=taking.blocked):
        stand = Stand(work.run, context.batch_id, taking.before, taking.after)
        sure = [at for at in arrivals if any(fault.code in REFUSED for fault in at.mapped.faults)]
        secret_records.forget(tx, context, _turned(plan, decided, sure))
        counts, landed = _hold(tx, work, prepared, decided)
        _keep_answers(tx, work, prepared.batch, context.batch_id)
        again = bool(waiting) and not landed
        batch_holding.keep(tx, flow, stand, shown, changes, examined, again=again)
        if not again:
            files.held(tx, _reader(work, context.batch_id), prepared.batch.files)
        return Taken(counts, changes[0].fault)
    counts = _apply(tx, work, prepared, context, decided, after=taking.after)
    _keep_answers(tx, work, prepared.batch, context.batch_id)
    snapshot.withdraw(tx, context, work.settings, ended)
    _settle(tx, work, prepared.sound, shown, examined, context)
    _overtake_unread(tx, work, prepared.batch)
    batch_holding.overtake(tx, waiting, shown, run_id=work.run.id)
    return Taken(counts)


def _keep_answers(tx: Transaction, work: Intake, batch: RawBatch, batch_id: int) -> None:
    """Keep which keys were answered; those of a held batch too: their answers have landed."""
    if batch.asked:
        asked.store(tx, work.flow.name, batch.asked, run_id=work.run.id, batch_id=batch_id)


def _overtake_unread(tx: Transaction, work: Intake, batch: RawBatch) -> None:
    """Close entries of files that could not be read before and now can be."""
    again = {raw.item for raw in batch.records if raw.item}
    keys = [apply.stand_in_of(part) for part in batch.parts if part not in again]
    if keys:
        landing.close(
            tx, work.flow.name, keys, stage="intake", state="overtaken", run_id=work.run.id
        )
        landing.forget_heads(tx, work.flow.name, keys)


def _apply(
    tx: Transaction,
    work: Intake,
    prepared: PreparedBatch,
    context: ApplyContext,
    decided: Decided,
    *,
    after: Cursor,
) -> Counts:
    """Land new payloads, carry the plan out, write the batch row and move the cursor."""
    flow, batch, plan = work.flow, prepared.batch, decided.plan
    secret_records.forget(
        tx, context, _turned(plan, decided, arrivals=[at for at, _ in plan.heads])
    )
    landed = _land(tx, work, decided)
    effects = apply.carry_out(tx, context, plan)
    if not work.flow.secrecy.none:
        secret_records.reopened(
            tx, context, work.settings, [at.key for at, _ in plan.heads if not at.mapped.is_secret]
        )
    reader = _reader(work, decided.batch_id)
    told = files.took(tx, reader, batch.files)
    files.overtake_lines(tx, reader, batch, prepared.hashes, told)
    counts = apply.counted(
        batch.read, plan, effects, unchanged=len(batch.records) - len(plan.fates)
    )
    counts = replace(counts, notes={**counts.notes, **batch.notes, **told})
    _add_batch(tx, work, decided, counts, landed, cursor=after)
    runs.set_cursor(tx, flow.name, after)
    if batch.snapshot.ends if batch.snapshot else batch.last and not flow.reads_snapshots:
        runs.complete_sweep(tx, flow.name)
    return counts


def _turned(plan: Plan, decided: Decided, arrivals: Sequence[PreparedRecord]) -> list[str]:
    """Source keys whose record is secret from now on: what was kept under them must be erased."""
    chosen = {at.landing_id for at in arrivals if at.mapped.is_secret} & {
        row.landing_id for row in plan.quarantined
    }
    found = (read.raw.withheld for read, at in decided.news if at.landing_id in chosen)
    return sorted({key for key in found if key})


def _hold(
    tx: Transaction, work: Intake, prepared: PreparedBatch, decided: Decided
) -> tuple[Counts, int]:
    """Land new payloads without applying them; gives the counts and how many landed.

    The newest of several payloads of a key is chosen on acceptance, by the mapping of that time.
    """
    batch = prepared.batch
    known = batch_holding.known(
        tx, work.flow, work.settings, [arrival.key for _, arrival in decided.news]
    )
    fates: dict[int, landing.Disposition] = {
        arrival.landing_id: "superseded" if arrival.landing_id in decided.overtaken else "held"
        for _, arrival in decided.news
    }
    news = [
        (read, arrival)
        for read, arrival in decided.news
        if (arrival.key, arrival.hash) not in known
    ]
    kept = replace(decided, news=news, plan=Plan(decided.plan.standing, fates=fates))
    landed = _land(tx, work, kept)
    counts = Counts(
        read=batch.read,
        unchanged=len(batch.records) - len(fates),
        superseded=len(decided.overtaken),
        held=len(fates) - len(decided.overtaken),
        notes=batch.notes,
    )
    _add_batch(tx, work, decided, counts, landed, cursor=None)
    return counts, len(news)


def _reader(work: Intake, batch_id: int) -> FileReader:
    return FileReader(work.flow.name, work.contract, work.run.id, batch_id)


def _settle(
    tx: Transaction,
    work: Intake,
    sound: Look,
    shown: BatchShape,
    examined: Examined,
    context: ApplyContext,
) -> None:
    """Learn the source's shape, store changes that are only reported, and count the sweep."""
    flow = work.flow
    schema_drift.learn(tx, flow, work.settings, sound, examined)
    schema_drift.note(tx, flow, examined, run_id=work.run.id, batch_id=context.batch_id)
    schema_drift.count_sweep(
        tx, flow, examined.sweep, read=shown.read, last=shown.last, says=shown.sweep
    )


def _add_batch(
    tx: Transaction,
    work: Intake,
    decided: Decided,
    counts: Counts,
    landed: Covered,
    *,
    cursor: Cursor | None,
) -> None:
    runs.add_batch(
        tx,
        decided.batch_id,
        run_id=work.run.id,
        flow=work.flow.name,
        contract=work.contract,
        counts=counts,
        landed=landed,
        cursor=cursor,
    )


def _shown(work: Intake, prepared: PreparedBatch, reads: Sequence[ReadRecord]) -> BatchShape:
    """The shape of a batch, for drift detection."""
    batch, news = prepared.batch, {read.index for read in reads}
    known = (raw for index, raw in enumerate(batch.records) if index not in news)
    return BatchShape(
        prepared.look,
        prepared.whole,
        [(read.raw, read.mapped) for read in reads],
        [raw for raw, _ in zip(known, range(KNOWN), strict=False)],
        batch.header,
        batch.read,
        batch.last,
        work.whole and not batch.parts,  # a single file's length says nothing about the sweep
        batch.parts,
        batch.snapshot.name if batch.snapshot and batch.snapshot.ends else "",
    )


def _listed(
    tx: Transaction, flow: PullFlow, prepared: PreparedBatch, reads: Sequence[ReadRecord]
) -> SnapshotBatch | None:
    """Keys that a batch of a snapshot shows; None where it belongs to none."""
    if prepared.batch.snapshot is None:
        return None
    news = {read.index: read.mapped.key for read in reads}
    known = sightings.heads_with(
        tx, flow.name, [one for n, one in enumerate(prepared.hashes) if n not in news]
    )
    keys = [news[n] if n in news else known[one].key for n, one in enumerate(prepared.hashes)]
    each = zip(keys, prepared.batch.records, prepared.hashes, strict=True)
    unnamed = sum(
        key == apply.stand_in(raw, digest) and not raw.withheld for key, raw, digest in each
    )
    return SnapshotBatch(prepared.batch.snapshot, frozenset(keys), unnamed)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Garbage collection off: a batch makes a million objects, no cycles (a tenth of intake)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _arrivals(
    tx: Transaction, fresh: Sequence[ReadRecord], back: Mapping[str, tuple[str, int]]
) -> tuple[list[PreparedRecord], list[PreparedRecord]]:
    """Arrivals to decide, and those the batch itself supersedes: A, B, A must end in A."""
    ids = landing.next_ids(tx, len(fresh))
    arrivals: list[PreparedRecord] = []
    overtaken: list[PreparedRecord] = []
    for landing_id, read in zip(ids, fresh, strict=True):
        mapped = read.mapped
        arrival = PreparedRecord(landing_id, mapped.key, read.hash, mapped)
        returns = mapped.key in back and (mapped.version, read.index) < back[mapped.key]
        (overtaken if returns else arrivals).append(arrival)
    return arrivals, overtaken


def _land(tx: Transaction, work: Intake, decided: Decided) -> Covered:
    """Store new payloads; gives the leaves that the batch root is made of, in landing order.

    The leaf stands for the payload as received, volatile fields included; of a secret record, whose
    payload is not kept, for its keyed hash.
    """
    flow, secret, fates = work.flow, work.settings.hash_key, decided.plan.fates
    noise = os.urandom(16 * len(decided.news))
    salts = [noise[at : at + 16] for at in range(0, len(noise), 16)]
    payloads = [_payload(read) for read, _ in decided.news]
    seals = [
        read.hash if payload is None or not flow.ignore else keyed_hash(payload, secret)
        for (read, _), payload in zip(decided.news, payloads, strict=True)
    ]
    said = landing.land(
        tx,
        (
            [
                arrival.landing_id,
                flow.name,
                arrival.key,
                decided.batch_id,
                read.raw.position,
                arrival.mapped.version,
                sealed,
                salt,
                payload,
                fates[arrival.landing_id],
                arrival.mapped.time,
            ]
            for (read, arrival), sealed, salt, payload in zip(
                decided.news, seals, salts, payloads, strict=True
            )
        ),
    )
    leaves = [
        merkle.leaf(salt, ledger.content(payload, sealed))
        for sealed, salt, payload in zip(seals, salts, payloads, strict=True)
    ]
    return Covered(leaves, said)


def _payload(read: ReadRecord) -> bytes | None:
    """The payload to store; None for a secret record: only the fact that it came is kept."""
    return None if read.mapped.is_secret else read.raw.payload


def _refuse_unsealed(tx: Transaction, settings: Settings) -> None:
    lag = runs.sealing_lag(tx)
    if lag > settings.seal_lag_seconds:
        raise FlowError("flow.sealing_late", seconds=int(lag), most=settings.seal_lag_seconds)
