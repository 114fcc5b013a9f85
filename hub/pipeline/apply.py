"""Applies a batch: landed payload -> source record -> golden record -> dirty marks in the outbox.

The one write path of intake, replay, remap and release. `plan` decides the outcome of each arrival
(reads only); `carry_out` writes it and merges the records touched. The caller holds the entity's
lock and the transaction.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Literal

from hub.db import landing, records
from hub.db.database import Transaction
from hub.db.keyset import split
from hub.db.landing import Disposition, LandingHead, Place, SetAside
from hub.db.records import SourceOrigin, SourceRow
from hub.db.records.findings import kept_findings
from hub.db.runs import Counts, Parts
from hub.domain.contracts import Entity, Mapped, PullFlow, RecordPart
from hub.domain.failure_grouping import cause_of
from hub.domain.keys import record_key
from hub.domain.partner_masks import is_mask
from hub.domain.storable import storable
from hub.domain.validation import LONGEST_KEY
from hub.errors import Fault
from hub.model import Raw, Record, event_order
from hub.pipeline import crosswalk
from hub.pipeline.crosswalk import LinkResult
from hub.pipeline.golden import ApplyContext, mark, merge

MERGED = 5_000
"""Records merged per statement: merging reads whole rows, so this bounds memory."""

_STANDING = frozenset({"current", "waiting", "quarantined", "exploded", "empty"})


@dataclass(frozen=True, slots=True)
class PreparedRecord:
    """One landed payload as the contract maps it.

    hash: content hash by which its head is known. lent_by: the crosswalk token that gave it its
    project code. whole, pointer: of a part, the source key of its whole and its JSON pointer there.
    """

    landing_id: int
    key: str
    hash: bytes
    mapped: Mapped
    lent_by: str | None = None
    whole: str | None = None
    pointer: str | None = None

    @property
    def order(self) -> tuple[str, int]:
        """Sort key of recency: the source's version, then the order of landing."""
        return self.mapped.version, event_order(self.landing_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome of each arrival, decided and not yet written.

    standing: heads by source key as they are. fates: outcome by landing id. applied: (record key,
    arrival). heads: each new head with its state. past: source keys whose arrival a newer one
    overtook. parts: the same for the parts of exploded records, None without any.
    """

    standing: Mapping[str, LandingHead]
    fates: dict[int, Disposition] = field(default_factory=dict)
    applied: list[tuple[str, PreparedRecord]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    quarantined: list[SetAside] = field(default_factory=list)
    waiting: list[SetAside] = field(default_factory=list)
    heads: list[tuple[PreparedRecord, landing.State]] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    parts: "Plan | None" = None

    @property
    def known(self) -> AbstractSet[str]:
        """The source keys that already have a head."""
        return self.standing.keys()

    def of_state(self, *states: landing.State) -> list[PreparedRecord]:
        """The arrivals whose head gets one of these states."""
        return [arrival for arrival, state in self.heads if state in states]


@dataclass(frozen=True, slots=True)
class Effects:
    """Row counts of the statements that carried a plan out. unchanged: parts of the same values."""

    created: int
    changed: int
    deleted: int
    quarantined: int
    waiting: int
    unchanged: int = 0
    of_parts: "Effects | None" = None


def plan(
    tx: Transaction,
    context: ApplyContext,
    arrivals: Sequence[PreparedRecord],
    heads: Mapping[str, LandingHead],
) -> Plan:
    """Decide the outcome of each arrival; reads only.

    The newest arrival of a key against its head, then filters, faults, crosswalk links and parent.
    heads: by source key, read under the entity's lock.
    """
    made = Plan(heads)
    for arrival in arrivals:
        if arrival.whole is None:
            made.fates[arrival.landing_id] = "superseded"
    candidates = _in_order(made, [arrival for arrival in arrivals if arrival.whole is None])
    _settle(tx, context, made, candidates)
    alone = [arrival for arrival in arrivals if arrival.whole is not None]
    return replace(made, parts=_parts(tx, context, made, alone))


def _in_order(made: Plan, arrivals: Sequence[PreparedRecord]) -> list[PreparedRecord]:
    """The newest arrival of each key, left out where its head is newer."""
    newest: dict[str, PreparedRecord] = {}
    for arrival in arrivals:
        held = newest.get(arrival.key)
        if held is None or arrival.order > held.order:
            newest[arrival.key] = arrival
    candidates = []
    for arrival in newest.values():
        head = made.standing.get(arrival.key)
        if head is not None and _older(arrival, head):
            made.fates[arrival.landing_id] = "stale"
            made.past.append(arrival.key)
        else:
            candidates.append(arrival)
    return candidates


def _settle(
    tx: Transaction, context: ApplyContext, made: Plan, arrivals: Sequence[PreparedRecord]
) -> None:
    """Decide each outcome: delete markers, filters, faults first, then project code and parent."""
    left = [
        one
        for one in arrivals
        if not _settled_without_values(made, one, made.standing.get(one.key))
    ]
    for arrival, home in zip(
        left, crosswalk.homes(tx, context.flow, _keyed_records(left)), strict=True
    ):
        if home.wants:
            _set_outcome(made, arrival, "waiting", "waiting")
            made.waiting.append(SetAside(arrival.key, arrival.landing_id, wants=home.wants))
        else:
            _apply(
                made, context.flow.entity, arrival if home.lent_by is None else _lent(arrival, home)
            )


def _parts(
    tx: Transaction, context: ApplyContext, made: Plan, alone: Sequence[PreparedRecord]
) -> Plan | None:
    """The plan for the parts of exploded records, and for parts that their whole no longer lists.

    alone: parts replayed or released without their whole; dropped here where the whole comes too.
    """
    flow = context.flow
    told = [
        _part(whole, part)
        for whole in made.of_state("exploded")
        for part in whole.mapped.parts or ()
    ]
    settled = {
        one.key: one
        for one in made.of_state("exploded", "empty", "deleted", "ignored", "current", "waiting")
    }
    known = [
        key for key in settled if key in made.known and _had_parts(context, made.standing[key])
    ]
    former = landing.parts_of(tx, flow.name, known)
    alone = [one for one in alone if one.whole not in settled]
    if not (told or former or alone):
        return None
    keys = [one.key for one in told]
    parts = Plan({**made.standing, **landing.heads_by_key(tx, flow.name, keys), **former})
    listed = {*keys, *(one.key for one in alone)}
    for head in former.values():
        if head.key not in listed and head.state in _STANDING and head.whole is not None:
            gone = Mapped.without_values(key=head.key, deleted=True)
            arrival = PreparedRecord(
                settled[head.whole].landing_id, head.key, b"", gone, whole=head.whole, pointer=""
            )
            _set_outcome(parts, arrival, "deleted", "deleted")
            parts.deleted.append(head.key)
    _settle(tx, context, parts, [*told, *_in_order(parts, alone)])
    return parts


def _had_parts(context: ApplyContext, head: LandingHead) -> bool:
    """Whether a record may have been exploded before, by this contract or an earlier one."""
    return context.flow.each is not None or head.contract_id != context.contract_id


def _part(whole: PreparedRecord, part: RecordPart) -> PreparedRecord:
    return PreparedRecord(
        whole.landing_id, part.mapped.key, b"", part.mapped, whole=whole.key, pointer=part.pointer
    )


def carry_out(tx: Transaction, context: ApplyContext, made: Plan) -> Effects:
    """Write a plan: source records, quarantine, waiting, heads; then merge every record touched."""
    effects, touched = _written(tx, context, made)
    if made.parts is not None:
        of_parts, more = _written(tx, context, made.parts)
        touched |= more
        effects = replace(effects, of_parts=of_parts)
    for some in split(sorted(touched), MERGED):
        merge(tx, context, some)
    return effects


def _written(tx: Transaction, context: ApplyContext, made: Plan) -> tuple[Effects, set[int]]:
    """Write source records, quarantine, waiting and heads; give the ids of records to merge."""
    flow, entity = context.flow, context.flow.entity
    fresh, others = _source_rows(tx, context, made)
    origin = SourceOrigin(flow.name, flow.system.name, context.contract_id)
    records.put_new(tx, entity, fresh, origin=origin, batch_id=context.batch_id)
    _propagate(tx, context, fresh)
    written = records.put_sources(
        tx, entity, others, origin=origin, tell_same=flow.each is not None
    )
    # An exploded record may have been one itself under an earlier contract: withdraw that.
    apart = [one.key for one in made.of_state("exploded", "empty") if one.key in made.known]
    _, dropped = records.drop_sources(tx, entity, flow.name, [*made.deleted, *apart])
    dropped |= records.drop_landings(
        tx,
        entity,
        flow.name,
        [(row.key, row.landing_id) for row in made.waiting if row.key in made.known],
    )
    keys = [arrival.key for arrival, _ in made.heads if arrival.key in made.known]
    landing.stop_waiting(tx, flow.name, keys)
    again = {row.key for row in made.quarantined if row.key in made.known}
    done = [key for key in keys if key not in again]
    landing.close(tx, flow.name, done, stage="intake", state=context.closing, run_id=context.run_id)
    landing.close(
        tx, flow.name, list(again), stage="intake", state="overtaken", run_id=context.run_id
    )
    quarantined = landing.set_aside(
        tx, flow.name, owner=flow.system.owner, run_id=context.run_id, rows=made.quarantined
    )
    waiting = landing.wait(tx, flow.name, made.waiting)
    landing.set_heads(tx, (_head(context, at, state) for at, state in made.heads), known=made.known)
    deleted = len(made.deleted) - records.count_sources(tx, entity, flow.name, made.deleted)
    effects = Effects(
        len(fresh) + written.created, written.changed, deleted, quarantined, waiting, written.same
    )
    return effects, {*written.touched, *dropped}


def _head(context: ApplyContext, at: PreparedRecord, state: landing.State) -> tuple[object, ...]:
    head = (
        context.flow.name,
        at.key,
        at.landing_id,
        at.mapped.version,
        at.hash,
        context.contract_id,
        state,
    )
    if context.flow.each is None and at.whole is None:
        return head
    found = at.mapped.warnings if state in {"exploded", "empty"} else ()
    return (*head, at.whole, at.pointer, kept_findings(found))


def counted(read: int, made: Plan, effects: Effects, *, unchanged: int = 0) -> Counts:
    """The counts of a batch: rows written, and outcomes that need no write (they must add up)."""
    fates = Counter(made.fates.values())
    return Counts(
        read=read,
        created=effects.created,
        changed=effects.changed,
        unchanged=unchanged,
        deleted=effects.deleted,
        superseded=fates["superseded"],
        stale=fates["stale"],
        ignored=fates["ignored"],
        quarantined=effects.quarantined,
        waiting=effects.waiting,
        exploded=fates["exploded"],
        empty=fates["empty"],
        parts=_counted_parts(made, effects),
        notes=_notes(made),
    )


def _counted_parts(made: Plan, effects: Effects) -> Parts:
    """The counts of the parts: those listed, and those no longer listed."""
    done = effects.of_parts
    if made.parts is None or done is None:
        return Parts()
    return Parts(
        parts=len(made.parts.heads),
        parts_created=done.created,
        parts_changed=done.changed,
        parts_unchanged=done.unchanged,
        parts_deleted=done.deleted,
        parts_waiting=done.waiting,
        parts_quarantined=done.quarantined,
    )


def _notes(made: Plan) -> dict[str, int]:
    """Findings of a batch that are no faults: "rule place" -> how often."""
    said = [
        arrival for plan in (made, made.parts) if plan is not None for _, arrival in plan.applied
    ]
    said += made.of_state("exploded", "empty")
    return Counter(cause_of([finding]) for arrival in said for finding in arrival.mapped.warnings)


def _source_rows(
    tx: Transaction, context: ApplyContext, made: Plan
) -> tuple[list[SourceRow], list[SourceRow]]:
    """The source records to write: those that are all there is of a new record, and the others.

    A record whose header is made here has no other claim, no golden record and no history; a key
    without a head has no source record elsewhere. So these need no reading back.
    """
    keys, required = [key for key, _ in made.applied], context.flow.entity.required
    ids, new = records.ensure(tx, context.flow.entity.name, keys)
    times = Counter(keys) if len(ids) < len(keys) else None
    told = (
        (at.landing_id, ids[key], at.key, at.pointer)
        for key, at in made.applied
        if at.pointer is not None
    )
    landing.note_parts(tx, context.batch_id, told)
    fresh: list[SourceRow] = []
    others: list[SourceRow] = []
    for key, at in made.applied:
        row = SourceRow(
            at.key,
            ids[key],
            at.landing_id,
            at.mapped.version,
            at.mapped.values,
            at.lent_by,
            at.mapped.warnings,
        )
        first = key in new and at.key not in made.known and (times is None or times[key] == 1)
        # `put_new` knows no masks: a masked required field counts as missing, so not for it.
        first = first and not any(is_mask(row.values.get(name)) for name in required)
        (fresh if first else others).append(row)
    return fresh, others


def places(made: Plan) -> list[Place]:
    """(source key, landing) of everything that a plan applies, parts included."""
    plans = (made, made.parts) if made.parts is not None else (made,)
    return [(at.key, at.landing_id) for some in plans for _, at in some.applied]


def _propagate(tx: Transaction, context: ApplyContext, fresh: Sequence[SourceRow]) -> None:
    """Side effects of new records: crosswalk numbers that they teach, deliveries marked dirty."""
    entity = context.flow.entity
    crosswalk.learn_new(tx, context.contracts, context.flow, fresh)
    mark(
        tx,
        context.contracts,
        entity,
        [row.record_id for row in fresh],
        (row.values for row in fresh),
        new=True,
    )


def stand_in(raw: Raw, digest: bytes) -> str:
    """The stand-in key of a record without a key: its item name, else its content hash."""
    return stand_in_of(raw.item) if raw.item else f"#{digest.hex()}"


def stand_in_of(item: str) -> str:
    """The stand-in key of an unreadable item that has a name, such as a file."""
    return f"#{storable(item, most=LONGEST_KEY)}"


def named(flow: PullFlow, mapped: Mapped, stand_in: str) -> Mapped:
    """`mapped` under the stand-in key where it lacks a key, or the version its flow orders by."""
    unordered = flow.version is not None and not mapped.version
    return replace(mapped, key=stand_in) if unordered or not mapped.key else mapped


def _older(arrival: PreparedRecord, head: LandingHead) -> bool:
    """Whether an arrival is older than the head: by version where both have one, else by landing.

    Versions may be missing on one side: a contract can begin or cease to map one. The head's own
    landing is never older than itself, whatever version today's contract reads in it.
    """
    if arrival.landing_id == head.landing_id:
        return False
    if arrival.mapped.version and head.version and arrival.mapped.version != head.version:
        return arrival.mapped.version < head.version
    return event_order(arrival.landing_id) < event_order(head.landing_id)


def _settled_without_values(made: Plan, arrival: PreparedRecord, head: LandingHead | None) -> bool:
    """Decide faults, exploded records, deletes and filters; False: values are left to apply."""
    mapped = arrival.mapped
    if mapped.faults:
        _set_outcome(made, arrival, "quarantined", "quarantined")
        made.quarantined.append(SetAside(arrival.key, arrival.landing_id, faults=mapped.faults))
        return True
    if mapped.parts is not None:
        state: Literal["exploded", "empty"] = "exploded" if mapped.parts else "empty"
        _set_outcome(made, arrival, state, state)
        return True
    if not (mapped.deleted or mapped.skipped):
        return False
    if head is not None and head.state in _STANDING:
        _set_outcome(made, arrival, "deleted", "deleted")
        made.deleted.append(arrival.key)
    else:
        _set_outcome(made, arrival, "ignored", "deleted" if mapped.deleted else "ignored")
    return True


def _apply(made: Plan, entity: Entity, arrival: PreparedRecord) -> None:
    key = record_key(entity, arrival.mapped.values)
    if key is None:
        _set_outcome(made, arrival, "quarantined", "quarantined")
        fault = Fault("", "record.key_missing", {"paths": ", ".join(entity.key)})
        made.quarantined.append(SetAside(arrival.key, arrival.landing_id, faults=(fault,)))
        return
    _set_outcome(made, arrival, "applied", "current")
    made.applied.append((key, arrival))


def _set_outcome(
    made: Plan, arrival: PreparedRecord, disposition: Disposition, state: landing.State
) -> None:
    made.fates[arrival.landing_id] = disposition
    made.heads.append((arrival, state))


def _keyed_records(arrivals: Sequence[PreparedRecord]) -> list[tuple[str, Record]]:
    return [(arrival.key, arrival.mapped.values) for arrival in arrivals]


def _lent(arrival: PreparedRecord, home: LinkResult) -> PreparedRecord:
    values = arrival.mapped.values | {"project_code": home.project_code}
    return replace(arrival, mapped=replace(arrival.mapped, values=values), lent_by=home.lent_by)
