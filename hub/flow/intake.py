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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.contract import Connector
from hub.errors import Fault, FlowError, RecordError
from hub.flow import apply
from hub.flow.apply import Arrival, Context, Plan
from hub.flow.running import running
from hub.model import Json, Page, Raw
from hub.rules import merkle
from hub.rules.causes import cause_of
from hub.rules.contracts import Contracts, Mapped, PullFlow
from hub.rules.cursor import Cursor, moved, since
from hub.rules.payload import decode, keyed_hash
from hub.settings import Settings
from hub.store import landing, records, runs
from hub.store.database import Database, Transaction
from hub.store.landing import Head
from hub.store.runs import Counts, Run

log = logging.getLogger(__name__)

CLOCK_MARGIN = timedelta(days=1)
"""How far a partner's clock may be ahead of ours before its cursor is not believed."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What one run works with."""

    contracts: Contracts
    flow: PullFlow
    settings: Settings
    run: Run


@dataclass(frozen=True, slots=True)
class Read:
    """One raw record of the batch: its place and hash; the head that holds it already, or what the mapping makes of it.

    Neither means old news: an older version that has landed before.
    """

    index: int
    raw: Raw
    hash: bytes
    known: Head | None
    mapped: Mapped | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw records taken together, and what the last of their pages proves."""

    records: tuple[Raw, ...]
    read: int
    resume: Json
    high: str | int | None
    last: bool


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
    with running(database, flow.name, "pull", airflow=airflow) as run:
        work = Intake(contracts, flow, settings, run)
        cursor: Cursor = dict(run.cursor)
        pages = connector.pages(flow.read, since=since(cursor), resume=cursor.get("resume"))
        for batch in _batches(pages, settings.batch_records):
            after = moved(
                cursor,
                resume=batch.resume,
                high=batch.high,
                last=batch.last,
                overlap=flow.overlap,
                ceiling=datetime.now(ZoneInfo(flow.system.timezone)).replace(tzinfo=None) + CLOCK_MARGIN,
            )
            with _without_collector(), database.transaction() as tx:
                counts = take_in(tx, work, batch, after=after)
            log.info("batch taken in", extra={"run": run.id, "flow": flow.name, "read": counts.read})
            cursor = after
    return run.id


def take_in(tx: Transaction, work: Intake, batch: Batch, *, after: Cursor) -> Counts:
    """Take one batch in: land, decide, apply, seal its root and move the cursor, in the caller's transaction."""
    flow = work.flow
    records.lock_entity(tx, flow.entity.name)
    runs.hold(tx, work.run)
    _refuse_unsealed(tx, work.settings)
    contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
    batch_id = runs.next_batch(tx)
    context = Context(work.contracts, flow, contract, work.run.id, batch_id)
    reads = _compare(tx, work, contract, batch.records)
    heads = landing.heads_by_key(tx, flow.name, [read.mapped.key for read in reads if read.mapped is not None])
    reads = _without_old_news(tx, flow, reads, heads)
    arrivals, overtaken = _arrivals(tx, reads)
    plan = apply.plan(tx, context, arrivals, heads)
    plan.fates.update(dict.fromkeys((arrival.landing_id for arrival in overtaken), "superseded"))
    _refuse_drift(work.settings, plan, batch.read)
    leaves = _land(tx, work, batch_id, reads=reads, arrivals=arrivals + overtaken, plan=plan)
    effects = apply.carry_out(tx, context, plan)
    counts = apply.counted(batch.read, plan, effects, unchanged=len(reads) - len(plan.fates))
    runs.add_batch(
        tx,
        batch_id,
        run_id=work.run.id,
        flow=flow.name,
        contract=contract,
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
    for page in _ahead(pages):
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


def _ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The next page is read while this one is taken in."""
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
        coming = pool.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = pool.submit(next, pages, None)
            yield page


def _compare(tx: Transaction, work: Intake, contract: int, raws: Sequence[Raw]) -> list[Read]:
    """Hash every record and map those that no head holds; a flow with volatile fields must decode to hash."""
    flow, secret = work.flow, work.settings.hash_key
    decoded = [_decode(flow, raw) if flow.ignore else None for raw in raws]
    hashes = [
        keyed_hash(flow.mapper.digest_view(fields) if isinstance(fields, dict) else raw.payload, secret)
        for raw, fields in zip(raws, decoded, strict=True)
    ]
    known = landing.heads_by_hash(tx, flow.name, contract, hashes)
    reads = []
    for index, (raw, digest, fields) in enumerate(zip(raws, hashes, decoded, strict=True)):
        head = known.get(digest)
        mapped = None if head else _map(work, raw, digest, fields)
        reads.append(Read(index, raw, digest, head, mapped))
    return reads


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


def _without_old_news(tx: Transaction, flow: PullFlow, reads: Sequence[Read], heads: Mapping[str, Head]) -> list[Read]:
    """An older version that has landed before is known, though it is no head: an overlap reads it again and again."""
    older = [
        (read.mapped.key, read.hash)
        for read in reads
        if read.mapped is not None and (head := heads.get(read.mapped.key)) and read.mapped.version < head.version
    ]
    seen = landing.seen(tx, flow.name, older)
    return [
        replace(read, mapped=None) if read.mapped is not None and (read.mapped.key, read.hash) in seen else read
        for read in reads
    ]


def _arrivals(tx: Transaction, reads: Sequence[Read]) -> tuple[list[Arrival], list[Arrival]]:
    """What is to be decided, and what the batch itself takes back: A, B, A must end in A."""
    back = {read.known.key: (read.known.version, read.index) for read in reads if read.known is not None}
    fresh = [(read, read.mapped) for read in reads if read.mapped is not None]
    ids = landing.next_ids(tx, len(fresh))
    arrivals: list[Arrival] = []
    overtaken: list[Arrival] = []
    for landing_id, (read, mapped) in zip(ids, fresh, strict=True):
        arrival = Arrival(landing_id, mapped.key, read.hash, mapped)
        returns = mapped.key in back and (mapped.version, read.index) < back[mapped.key]
        (overtaken if returns else arrivals).append(arrival)
    return arrivals, overtaken


def _land(
    tx: Transaction, work: Intake, batch_id: int, *, reads: Sequence[Read], arrivals: Sequence[Arrival], plan: Plan
) -> list[bytes]:
    """Keep every payload that is not known yet; give the leaves of the batch's tree, in the order of landing.

    What is sealed is the payload as received, volatile fields and all.
    """
    flow, secret = work.flow, work.settings.hash_key
    fresh = [read for read in reads if read.mapped is not None]
    ordered = sorted(arrivals, key=lambda arrival: arrival.landing_id)
    noise = os.urandom(16 * len(ordered))
    seals = [keyed_hash(read.raw.payload, secret) if flow.ignore else read.hash for read in fresh]
    salts = [noise[at : at + 16] for at in range(0, len(noise), 16)]
    landing.land(
        tx,
        (
            [
                *(arrival.landing_id, flow.name, arrival.key, batch_id, read.raw.position, arrival.mapped.version),
                *(sealed, salt, _payload(read), plan.fates[arrival.landing_id]),
            ]
            for arrival, read, sealed, salt in zip(ordered, fresh, seals, salts, strict=True)
        ),
    )
    return [merkle.leaf(salt, sealed) for sealed, salt in zip(seals, salts, strict=True)]


def _payload(read: Read) -> bytes | None:
    """A record classed secret leaves no content here, only the fact that it came."""
    refused = read.mapped is not None and any(fault.code == "record.secret" for fault in read.mapped.faults)
    return None if refused else read.raw.payload


def _refuse_unsealed(tx: Transaction, settings: Settings) -> None:
    lag = runs.sealing_lag(tx)
    if lag > settings.seal_lag_seconds:
        raise FlowError("flow.sealing_late", seconds=int(lag), most=settings.seal_lag_seconds)


def _refuse_drift(settings: Settings, plan: Plan, read: int) -> None:
    """One cause for much of a batch is a change at the source, not bad records: take nothing, tell a person."""
    causes = Counter(cause_of(aside.faults) for aside in plan.quarantined)
    for cause, times in causes.most_common(1):
        if times >= settings.drift_least and times > settings.drift_share * read:
            raise FlowError("flow.drift", cause=cause, times=times, read=read)
