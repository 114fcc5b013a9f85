"""partner's pages -> landed payloads -> (apply): reads one flow's source and takes it in, batch by batch.

One transaction a batch, the cursor inside: a crash leaves a batch in or out, and the next run goes on from there.
"""

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from hub.contract import Connector
from hub.errors import Fault, FlowError, RecordError
from hub.flow import apply
from hub.flow.apply import Arrival, Context, Plan
from hub.flow.running import running
from hub.model import Json, Page, Raw
from hub.rules import ledger, merkle
from hub.rules.causes import cause_of
from hub.rules.contracts import Contracts, Mapped, PullFlow
from hub.rules.cursor import Cursor, moved, since, taken_up
from hub.rules.payload import decode, keyed_hash
from hub.settings import Settings
from hub.store import landing, records, runs
from hub.store.database import Database, Transaction
from hub.store.landing import Head
from hub.store.runs import Counts, Run

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """What one run works with; contract: the id under which its mapping is kept."""

    contracts: Contracts
    flow: PullFlow
    settings: Settings
    run: Run
    contract: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw records taken together, and what the last of their pages proves."""

    records: tuple[Raw, ...]
    read: int
    resume: Json
    high: str | int | None
    last: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch with its records' hashes, and, by index, what the mapping makes of those that no head held by then."""

    batch: Batch
    hashes: list[bytes]
    mapped: dict[int, Mapped]


@dataclass(frozen=True, slots=True)
class Read:
    """One raw record that is news: its place in the batch, its hash, what the mapping makes of it."""

    index: int
    raw: Raw
    hash: bytes
    mapped: Mapped


def pull(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    *,
    connector: Connector,
    settings: Settings,
    airflow: Json = None,
) -> int:
    """Read the source from where the flow's cursor stands to its end; give the run's id.

    Raises TransientError and FlowError as the connector does; FlowError for drift, a lost fence or late sealing. What
    was committed before stays, and the next run goes on from there.
    """
    with running(database, flow.name, "pull", airflow=airflow) as run, _without_collector():
        with database.transaction() as tx:
            contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
        work = Intake(contracts, flow, settings, run, contract)
        began = datetime.now(ZoneInfo(flow.system.timezone)).replace(tzinfo=None)
        cursor = taken_up(run.cursor, began)
        pages = connector.pages(flow.read, since=since(cursor), resume=cursor.get("resume"))
        batches = _batches(_ahead(pages), settings.batch_records)
        for prepared in _ahead(prepare(database, work, batch) for batch in batches):
            batch = prepared.batch
            after = moved(
                cursor,
                resume=batch.resume,
                high=batch.high,
                last=batch.last,
                overlap=flow.overlap,
                ceiling=began,
            )
            with database.transaction() as tx:
                counts = take_in(tx, work, prepared, after=after)
            log.info("batch taken in", extra={"run": run.id, "flow": flow.name, "read": counts.read})
            cursor = after
    return run.id


def take_in(tx: Transaction, work: Intake, prepared: Prepared, *, after: Cursor) -> Counts:
    """Take one batch in: land, decide, apply, seal its root and move the cursor, in the caller's transaction."""
    flow, batch = work.flow, prepared.batch
    records.lock_entity(tx, flow.entity.name)
    runs.hold(tx, work.run)
    _refuse_unsealed(tx, work.settings)
    batch_id = runs.next_batch(tx)
    context = Context(work.contracts, flow, work.contract, work.run.id, batch_id)
    reads = _reads(tx, work, prepared)
    heads = landing.heads_by_key(tx, flow.name, [read.mapped.key for read in reads])
    fresh, back = _news(tx, work, prepared, reads=reads, heads=heads)
    arrivals, overtaken = _arrivals(tx, fresh, back)
    plan = apply.plan(tx, context, arrivals, heads)
    plan.fates.update(dict.fromkeys((arrival.landing_id for arrival in overtaken), "superseded"))
    _refuse_drift(work.settings, plan, batch.read)
    leaves = _land(tx, work, batch_id, fresh=fresh, arrivals=arrivals + overtaken, plan=plan)
    effects = apply.carry_out(tx, context, plan)
    counts = apply.counted(batch.read, plan, effects, unchanged=len(batch.records) - len(plan.fates))
    runs.add_batch(
        tx,
        batch_id,
        run_id=work.run.id,
        flow=flow.name,
        contract=work.contract,
        counts=counts,
        leaves=leaves,
        cursor=after,
    )
    runs.set_cursor(tx, flow.name, after)
    if batch.last:
        runs.complete_sweep(tx, flow.name)
    return counts


@contextmanager
def _without_collector() -> Iterator[None]:
    """A batch makes a million objects and no cycle: looking for some took a tenth of intake and more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(pages: Iterator[Page], size: int) -> Iterator[Batch]:
    """Join pages into batches; a sweep that ends without saying so breaks the protocol."""
    held: list[Page] = []
    last = False
    for page in pages:
        held.append(page)
        last = page.last
        if last or sum(len(one.records) for one in held) >= size:
            yield _joined(held)
            held = []
    if not last:
        raise FlowError("system.protocol", reason="the last page never came")


def _joined(pages: Sequence[Page]) -> Batch:
    end = pages[-1]
    return Batch(
        records=tuple(raw for page in pages for raw in page.records),
        read=sum(page.read for page in pages),
        resume=end.resume,
        high=end.high,
        last=end.last,
    )


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The next one is made while this one is worked on: pages are read, batches mapped, while the last is written."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def prepare(database: Database, work: Intake, batch: Batch) -> Prepared:
    """Hash every record and map those that no head holds; a flow with volatile fields must decode to hash.

    Nothing is locked yet, so what is found here is looked at again when the batch is taken in.
    """
    flow, secret = work.flow, work.settings.hash_key
    decoded = [_decode(flow, raw) if flow.ignore else None for raw in batch.records]
    hashes = [
        keyed_hash(flow.mapper.digest_view(fields) if isinstance(fields, dict) else raw.payload, secret)
        for raw, fields in zip(batch.records, decoded, strict=True)
    ]
    with database.transaction() as tx:
        held = landing.held(tx, flow.name, work.contract, hashes)
    mapped = {
        index: _map(work, raw, digest, fields)
        for index, (raw, digest, fields) in enumerate(zip(batch.records, hashes, decoded, strict=True))
        if digest not in held
    }
    return Prepared(batch, hashes, mapped)


def _reads(tx: Transaction, work: Intake, prepared: Prepared) -> list[Read]:
    """What is mapped, and what has to be after all: its head held it before this transaction, and does not now."""
    raws, hashes, mapped = prepared.batch.records, prepared.hashes, prepared.mapped
    known = [digest for index, digest in enumerate(hashes) if index not in mapped]
    held = landing.held(tx, work.flow.name, work.contract, known)
    if len(held) < len(set(known)):
        lost = [index for index, digest in enumerate(hashes) if index not in mapped and digest not in held]
        mapped = mapped | {index: _map(work, raws[index], hashes[index], None) for index in lost}
    return [Read(index, raws[index], hashes[index], mapped[index]) for index in sorted(mapped)]


def _news(
    tx: Transaction, work: Intake, prepared: Prepared, *, reads: Sequence[Read], heads: Mapping[str, Head]
) -> tuple[list[Read], dict[str, tuple[str, int]]]:
    """The reads that are not known after all; by key, version and place in the batch of what stands already.

    An older version that has landed before is known, though it is no head: an overlap reads it again and again.
    """
    places = {digest: index for index, digest in enumerate(prepared.hashes)} if heads else {}
    back = {
        head.key: (head.version, places[head.hash])
        for head in heads.values()
        if head.contract_id == work.contract and head.hash in places
    }
    fresh = [read for read in reads if read.mapped.key not in back or heads[read.mapped.key].hash != read.hash]
    older = [
        (read.mapped.key, read.hash)
        for read in fresh
        if (head := heads.get(read.mapped.key)) and read.mapped.version < head.version
    ]
    seen = landing.seen(tx, work.flow.name, older)
    return [read for read in fresh if (read.mapped.key, read.hash) not in seen], back


def _decode(flow: PullFlow, raw: Raw) -> dict[str, Json] | RecordError:
    try:
        return decode(raw.payload, form=flow.form)
    except RecordError as error:
        return error


def _map(work: Intake, raw: Raw, digest: bytes, fields: dict[str, Json] | RecordError | None) -> Mapped:
    """Map one record; what cannot be read or named is kept under the hash of its bytes."""
    stand_in = f"#{digest.hex()}"
    if len(raw.payload) > work.settings.payload_bytes:
        facts = {"bytes": str(len(raw.payload)), "most": str(work.settings.payload_bytes)}
        return _unmapped(stand_in, Fault("", "record.too_long", facts))
    if fields is None:
        fields = _decode(work.flow, raw)
    if isinstance(fields, RecordError):
        return _unmapped(stand_in, *fields.faults)
    return apply.named(work.flow, work.flow.mapper.map(fields), stand_in)


def _unmapped(key: str, *faults: Fault) -> Mapped:
    return Mapped(key=key, version="", deleted=False, skipped=None, values={}, faults=faults, warnings=())


def _arrivals(
    tx: Transaction, fresh: Sequence[Read], back: Mapping[str, tuple[str, int]]
) -> tuple[list[Arrival], list[Arrival]]:
    """What is to be decided, and what the batch itself takes back: A, B, A must end in A."""
    ids = landing.next_ids(tx, len(fresh))
    arrivals: list[Arrival] = []
    overtaken: list[Arrival] = []
    for landing_id, read in zip(ids, fresh, strict=True):
        mapped = read.mapped
        arrival = Arrival(landing_id, mapped.key, read.hash, mapped)
        returns = mapped.key in back and (mapped.version, read.index) < back[mapped.key]
        (overtaken if returns else arrivals).append(arrival)
    return arrivals, overtaken


def _land(
    tx: Transaction, work: Intake, batch_id: int, *, fresh: Sequence[Read], arrivals: Sequence[Arrival], plan: Plan
) -> list[bytes]:
    """Keep every payload that is not known yet; give the leaves of the batch's tree, in the order of landing.

    What is sealed is the payload as received, volatile fields and all.
    """
    flow, secret = work.flow, work.settings.hash_key
    ordered = sorted(arrivals, key=lambda arrival: arrival.landing_id)
    noise = os.urandom(16 * len(ordered))
    seals = [keyed_hash(read.raw.payload, secret) if flow.ignore else read.hash for read in fresh]
    salts = [noise[at : at + 16] for at in range(0, len(noise), 16)]
    payloads = [_payload(read) for read in fresh]
    landing.land(
        tx,
        (
            [
                *(arrival.landing_id, flow.name, arrival.key, batch_id, read.raw.position, arrival.mapped.version),
                *(sealed, salt, payload, plan.fates[arrival.landing_id]),
            ]
            for arrival, read, sealed, salt, payload in zip(ordered, fresh, seals, salts, payloads, strict=True)
        ),
    )
    return [
        merkle.leaf(salt, ledger.content(payload, sealed))
        for sealed, salt, payload in zip(seals, salts, payloads, strict=True)
    ]


def _payload(read: Read) -> bytes | None:
    """A record classed secret leaves no content here, only the fact that it came."""
    faults = read.mapped.faults
    return None if faults and any(fault.code == "record.secret" for fault in faults) else read.raw.payload


def _refuse_unsealed(tx: Transaction, settings: Settings) -> None:
    lag = runs.sealing_lag(tx)
    if lag > settings.seal_lag_seconds:
        raise FlowError("flow.sealing_late", seconds=int(lag), most=settings.seal_lag_seconds)


def _refuse_drift(settings: Settings, plan: Plan, read: int) -> None:
    """One cause for much of a batch is a change at the source, not bad records: take nothing, tell a person."""
    parts = plan.parts
    for asides, of in ((plan.quarantined, read), (parts.quarantined, len(parts.heads)) if parts else ([], 0)):
        for cause, times in Counter(cause_of(aside.faults) for aside in asides).most_common(1):
            if times >= settings.drift_least and times > settings.drift_share * of:
                raise FlowError("flow.drift", cause=cause, times=times, read=of)
