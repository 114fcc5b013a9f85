"""quarantined or waiting payloads -> (apply): what was set aside goes the same way again, under
today's contracts.

A replay keeps its landing id, so an old payload cannot overwrite a newer one. Replays and releases
are runs of their own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from hub.db import landing, quarantine, records, runs
from hub.db.database import Database, Transaction
from hub.db.keyset import portions
from hub.db.landing import LandedPayload, Place
from hub.db.quarantine import Selection
from hub.db.runs import Counts
from hub.domain.contracts import Contracts, Mapped, PullFlow
from hub.domain.payload import is_absence
from hub.errors import RecordError, TransientError
from hub.model import Json
from hub.pipeline import apply, crosswalk, golden, isolation, secret_records
from hub.pipeline.apply import Effects, PreparedRecord
from hub.pipeline.batch_holding import content_hash_by
from hub.pipeline.run_lifecycle import running

BATCH = 5_000

Progress = Callable[[int], None]
"""Called after each batch: how many entries are done."""


@dataclass(frozen=True, slots=True)
class ReplayContext:
    """What goes through again: the flow, the run that does it, and how the entries of what arrives
    are closed.

    rekeys: payloads go under the source key that today's contract reads, not under the one that
    they had.
    """

    contracts: Contracts
    flow: PullFlow
    run_id: int
    closing: str
    rekeys: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one replay did: its runs, and how many entries it took up again (intake) or marked due
    (delivery).
    """

    runs: tuple[int, ...]
    applied: int
    marked: int


def replay(
    database: Database,
    contracts: Contracts,
    selection: Selection,
    *,
    progress: Progress = lambda _done: None,
    airflow: Json = None,
) -> Replayed:
    """Take the selected open entries up again.

    Intake entries are mapped and applied anew; delivery entries are marked due: the next push sends
    the newest version.
    """
    with database.write() as tx:
        marked = quarantine.mark_due(tx, selection)
        flows = quarantine.flows_of(tx, selection)
    progress(marked)
    made, applied = [], 0
    for flow in (contracts.pulls[name] for name in flows if name in contracts.pulls):

        def open_entries(tx: Transaction, after: int, flow: PullFlow = flow) -> list[Place]:
            return quarantine.landings(tx, selection, flow.name, after=after, most=BATCH)

        with running(database, flow.name, "replay", airflow=airflow) as (run, fenced):
            made.append(run.id)
            so_far = marked + applied

            def told(done: int, so_far: int = so_far) -> None:
                progress(so_far + done)

            applied += _through(
                fenced, ReplayContext(contracts, flow, run.id, "resolved"), open_entries, told
            )
            with fenced.write() as tx:
                quarantine.hand_on(tx, run.id)
    return Replayed(tuple(made), applied, marked)


def release(database: Database, contracts: Contracts, *, airflow: Json = None) -> int:
    """Apply the waiting records whose project or link has come; give how many were looked at again.

    What is held by somebody else for too long is left out, and told at the end: the other entities
    and flows go on.
    """
    late: list[TransientError] = []
    for entity in contracts.entities.values():
        with _or_later(late), database.write() as tx:
            records.lock_entity(tx, entity.name)
            crosswalk.renew(tx, contracts, entity)
    with database.read() as tx:
        flows = landing.releasable_flows(tx)
    count = 0
    for flow in (contracts.pulls[name] for name in flows if name in contracts.pulls):
        with _or_later(late):
            count += _release(database, contracts, flow, airflow)
    if late:
        raise late[0]
    return count


def _release(database: Database, contracts: Contracts, flow: PullFlow, airflow: Json) -> int:
    def released(tx: Transaction, after: int) -> list[Place]:
        return landing.releasable(tx, flow.name, after=after, most=BATCH)

    with running(database, flow.name, "release", airflow=airflow) as (run, fenced):
        return _through(fenced, ReplayContext(contracts, flow, run.id, "overtaken"), released)


@contextmanager
def _or_later(late: list[TransientError]) -> Iterator[None]:
    try:
        yield
    except TransientError as error:
        late.append(error)


def _through(
    database: Database,
    context: ReplayContext,
    chosen: Callable[[Transaction, int], list[Place]],
    progress: Progress = lambda _done: None,
) -> int:
    """Batch after batch of what `chosen` gives after a landing; chosen under the entity's lock, so
    never twice.
    """

    def alone(tx: Transaction, after: int) -> list[Place]:
        records.lock_entity(tx, context.flow.entity.name)
        return chosen(tx, after)

    def do(tx: Transaction, places: Sequence[Place]) -> int:
        return again(tx, context, places).read

    count = 0
    for _, done in portions(database.write, alone, do, key=lambda place: place[1], first=0):
        count += done
        progress(count)
    return count


def again(tx: Transaction, context: ReplayContext, places: Sequence[Place]) -> Counts:
    """One batch of landed payloads through `apply`, with a batch row that must balance.

    Parts that come alone are counted as parts, not as what was read.
    """
    flow = context.flow
    at = apply_context(tx, context)
    rows = landing.landed(tx, flow.name, places)
    read = again_read(flow, rows, rekeys=context.rekeys, secret=tx.key)
    heads = landing.heads_by_key(tx, flow.name, [one.key for one in read])
    return isolation.written(
        tx,
        read,
        lambda some: _written(tx, at, rows, some, heads),
        partial(tried, tx, at, heads),
    )


def tried(
    tx: Transaction,
    at: golden.ApplyContext,
    heads: Mapping[str, landing.LandingHead],
    arrivals: Sequence[PreparedRecord],
) -> Effects:
    """Decide about these arrivals and carry it out, with no batch."""
    return apply.carry_out(tx, at, apply.plan(tx, at, arrivals, heads))


def _written(
    tx: Transaction,
    at: golden.ApplyContext,
    rows: Sequence[LandedPayload],
    arrivals: Sequence[PreparedRecord],
    heads: Mapping[str, landing.LandingHead],
) -> Counts:
    """Apply these arrivals, which were read from `rows`."""
    flow = at.flow
    plan = apply.plan(tx, at, arrivals, heads)
    landing.applied_anew(tx, at.batch_id, apply.places(plan))
    secret_records.forget(tx, at, secret_records.keys_of(arrivals))
    effects = apply.carry_out(tx, at, plan)
    past = [*plan.past, *(plan.parts.past if plan.parts else ())]
    landing.close(tx, flow.name, past, stage="intake", state="overtaken", run_id=at.run_id)
    parts = {one.key for one, _ in plan.parts.heads} if plan.parts else set()
    _give_up(tx, at, {row.key for row in rows} - {one.key for one in arrivals}, but=parts)
    counts = apply.counted(sum(one.whole is None for one in arrivals), plan, effects)
    close_batch(tx, at, counts)
    return counts


def apply_context(tx: Transaction, context: ReplayContext) -> golden.ApplyContext:
    """A batch to come, under the contract of today."""
    flow = context.flow
    contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
    batch_id = runs.next_batch(tx)
    return golden.ApplyContext(
        context.contracts, flow, contract, context.run_id, batch_id, context.closing
    )


def close_batch(tx: Transaction, at: golden.ApplyContext, counts: Counts) -> None:
    """Write the batch with its outcomes; it landed nothing."""
    runs.add_batch(
        tx, at.batch_id, run_id=at.run_id, flow=at.flow.name, contract=at.contract_id, counts=counts
    )


def again_read(
    flow: PullFlow, rows: Iterable[LandedPayload], *, rekeys: bool = False, secret: bytes = b""
) -> list[PreparedRecord]:
    """Landed payloads, or single parts of them, under today's contract; a payload with many parts
    is read once.

    Each keeps its key, but for one that only stood in for a key. secret: where volatile fields are
    left out, the hash is made anew, for a landing that is not its head's is known by that of all
    its bytes alone.
    """
    read = MappedPayloads(flow)
    return [
        _known_by_content(_prepared(flow, row, read, rekeys=rekeys), flow, row, secret)
        for row in rows
    ]


def _known_by_content(
    arrival: PreparedRecord, flow: PullFlow, row: LandedPayload, secret: bytes
) -> PreparedRecord:
    if not (flow.ignore and secret and arrival.hash) or is_absence(row.payload):
        return arrival
    return replace(arrival, hash=content_hash_by(flow, secret, row.payload))


class MappedPayloads:
    """Payloads as today's contract maps them, the last one kept: the parts of one come one after
    the other.
    """

    def __init__(self, flow: PullFlow) -> None:
        self._flow = flow
        self._last: tuple[int, Mapped] | None = None

    def whole(self, landing_id: int, payload: bytes, *, version: str) -> Mapped:
        """What a payload says; what cannot be read says nothing but why."""
        if self._last is None or self._last[0] != landing_id:
            self._last = (landing_id, self._mapped(payload, version))
        return self._last[1]

    def said(self, landing_id: int, payload: bytes, pointer: str | None, *, version: str) -> Mapped:
        """What a payload says at a pointer, None for all of it. A part that is told no more is one
        that was deleted.
        """
        whole = self.whole(landing_id, payload, version=version)
        if pointer is None or (whole.parts is None and self._flow.each is not None):
            return whole
        gone = Mapped.without_values(version=whole.version, deleted=True)
        return next((part.mapped for part in whole.parts or () if part.pointer == pointer), gone)

    def _mapped(self, payload: bytes, version: str) -> Mapped:
        try:
            return self._flow.mapper.map(self._flow.fields(payload))
        except RecordError as error:
            return Mapped.without_values(*error.faults, version=version)


def _prepared(
    flow: PullFlow, row: LandedPayload, read: MappedPayloads, *, rekeys: bool
) -> PreparedRecord:
    if is_absence(row.payload):
        gone = Mapped.without_values(key=row.key, version=row.version, deleted=True)
        return PreparedRecord(row.id, row.key, row.hash, gone)
    said = read.said(row.id, row.payload, row.pointer, version=row.version)
    stood_in = row.key.startswith("#")
    if row.pointer is not None:
        whole = read.whole(row.id, row.payload, version=row.version)
        key = said.key if stood_in and said.key and whole.parts is not None else row.key
        return PreparedRecord(
            row.id, key, b"", said, whole=row.whole or whole.key, pointer=row.pointer
        )
    mapped = apply.named(flow, said, row.key if stood_in else f"#{row.hash.hex()}")
    key = mapped.key if stood_in or (rekeys and not mapped.faults) else row.key
    return PreparedRecord(row.id, key, row.hash, mapped)


def _give_up(
    tx: Transaction, at: golden.ApplyContext, keys: AbstractSet[str], *, but: AbstractSet[str]
) -> None:
    """These keys have given way to others: nothing stands, waits or is open under them and their
    parts any more.
    """
    flow = at.flow
    gone = sorted({*keys, *landing.parts_of(tx, flow.name, sorted(keys))} - but)
    if not gone:
        return
    landing.close(tx, flow.name, gone, stage="intake", state=at.closing, run_id=at.run_id)
    landing.stop_waiting(tx, flow.name, gone)
    landing.forget_heads(tx, flow.name, gone)
    _, dropped = records.drop_sources(tx, flow.entity, flow.name, gone)
    golden.merge(tx, at, sorted(dropped))
