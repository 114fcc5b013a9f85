"""Replay: quarantined or waiting payloads -> `apply` under today's contracts, in runs of their own.

A replay keeps its landing id, so an old payload cannot overwrite a newer one.
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
"""Called after each batch with the number of entries done."""


@dataclass(frozen=True, slots=True)
class ReplayContext:
    """What is replayed: flow, run, and the state in which entries of what arrives are closed.

    rekeys: use the source key that today's contract reads instead of the stored one.
    """

    contracts: Contracts
    flow: PullFlow
    run_id: int
    closing: str
    rekeys: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one replay did: its runs, entries applied (intake), deliveries marked due."""

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
    """Replay the selected open entries.

    Intake entries are mapped and applied anew; delivery entries are marked due, so that the next
    push sends the newest version.
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
    """Apply waiting records whose project or link has come; gives how many were tried.

    An entity or flow whose lock is held too long is skipped, and its TransientError raised at the
    end.
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
    """Work off portions of `chosen(tx, after)`, read under the entity's lock so none runs twice."""

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
    """One batch of landed payloads through `apply`, with a balanced batch row.

    Parts replayed alone are counted as parts, not as read.
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
    """Plan and carry out these arrivals, without a batch row."""
    return apply.carry_out(tx, at, apply.plan(tx, at, arrivals, heads))


def _written(
    tx: Transaction,
    at: golden.ApplyContext,
    rows: Sequence[LandedPayload],
    arrivals: Sequence[PreparedRecord],
    heads: Mapping[str, landing.LandingHead],
) -> Counts:
    """Apply these arrivals, mapped from `rows`, and close their batch."""
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
    """The context of a new batch under today's contract."""
    flow = context.flow
    contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
    batch_id = runs.next_batch(tx)
    return golden.ApplyContext(
        context.contracts, flow, contract, context.run_id, batch_id, context.closing
    )


def close_batch(tx: Transaction, at: golden.ApplyContext, counts: Counts) -> None:
    """Write the batch row with its counts; nothing has landed in it."""
    runs.add_batch(
        tx, at.batch_id, run_id=at.run_id, flow=at.flow.name, contract=at.contract_id, counts=counts
    )


def again_read(
    flow: PullFlow, rows: Iterable[LandedPayload], *, rekeys: bool = False, secret: bytes = b""
) -> list[PreparedRecord]:
    """Landed payloads, or single parts, mapped by today's contract.

    Each keeps its key, unless that is a stand-in. secret: the hash key; given, the content hash is
    recomputed for flows with volatile fields, since a landing's own hash is over all its bytes.
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
    """Maps payloads by today's contract and caches the last one: parts of one come in a row."""

    def __init__(self, flow: PullFlow) -> None:
        self._flow = flow
        self._last: tuple[int, Mapped] | None = None

    def whole(self, landing_id: int, payload: bytes, *, version: str) -> Mapped:
        """The mapped payload; an unreadable one has faults and no values."""
        if self._last is None or self._last[0] != landing_id:
            self._last = (landing_id, self._mapped(payload, version))
        return self._last[1]

    def said(self, landing_id: int, payload: bytes, pointer: str | None, *, version: str) -> Mapped:
        """The mapped part at a pointer (None: the whole); if no longer listed, a deletion."""
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
    """Drop replaced keys: their heads, waiting records, open entries and records, parts too."""
    flow = at.flow
    gone = sorted({*keys, *landing.parts_of(tx, flow.name, sorted(keys))} - but)
    if not gone:
        return
    landing.close(tx, flow.name, gone, stage="intake", state=at.closing, run_id=at.run_id)
    landing.stop_waiting(tx, flow.name, gone)
    landing.forget_heads(tx, flow.name, gone)
    _, dropped = records.drop_sources(tx, flow.entity, flow.name, gone)
    golden.merge(tx, at, sorted(dropped))
