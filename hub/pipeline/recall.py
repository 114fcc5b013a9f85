"""Recalls: one wrong value -> every delivery and read that carried it -> corrected or acknowledged.

Corrections take the ordinary way (source, golden record, delivery); a case counts who still owes
one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.db import entity_tables, recalls, records
from hub.db.database import Transaction
from hub.db.recalls import Event, OwingTarget, RecalledRead, RecallRow, Receiver
from hub.db.records import lineage, projects
from hub.db.records.projects import Known
from hub.domain.contracts import Contracts, PushFlow
from hub.domain.delivery_states import UNSETTLED
from hub.domain.push_mapping import names_of
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Json, Record, Value

PROJECT = "project"


@dataclass(frozen=True, slots=True)
class WrongSpan:
    """The span of a golden version with the wrong value, and all its values.

    began, ended: event order of its start and end, comparable to that of deliveries and reads.
    """

    version: int
    since: datetime
    until: datetime | None
    began: int
    ended: int | None
    values: Record

    def covers(self, place: int) -> bool:
        """Whether an event (by `event_order`) lies in the span."""
        return place > self.began and (self.ended is None or place < self.ended)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A record with the wrong value: the one asked for, or one linked through its project code."""

    known: Known
    field: str
    spans: tuple[WrongSpan, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """One delivery that carried the value. sent: target's field -> value; state: last known."""

    flow: str
    record_id: int
    key: str
    state: str
    first_at: datetime
    last_at: datetime
    sent: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Carried:
    """Where one wrong value went.

    value_now: the value of today, as text. still: ids of records that hold the wrong value to this
    day.
    """

    record_id: int
    entity: str
    key: str
    field: str
    value: str
    value_now: str | None
    spans: tuple[WrongSpan, ...]
    deliveries: tuple[Handed, ...]
    reads: tuple[tuple[int, RecalledRead], ...]
    still: tuple[int, ...]

    def receivers(self) -> list[Receiver]:
        """Targets and accounts that got it, one row per receiver and record."""
        found: dict[tuple[str, str, int], Receiver] = {}
        for one in self.deliveries:
            got = Receiver(
                "target", one.flow, one.record_id, 1, one.first_at, one.last_at, dict(one.sent)
            )
            _meet(found, got)
        for record_id, read in self.reads:
            _meet(found, Receiver("reader", read.account, record_id, 1, read.at, read.at))
        return list(found.values())


def _meet(found: dict[tuple[str, str, int], Receiver], got: Receiver) -> None:
    before = found.setdefault((got.kind, got.name, got.record_id), got)
    if before is not got:
        found[got.kind, got.name, got.record_id] = replace(
            before,
            times=before.times + 1,
            first_at=min(before.first_at, got.first_at),
            last_at=max(before.last_at, got.last_at),
            sent=got.sent or before.sent,
        )


def find(
    tx: Transaction,
    contracts: Contracts,
    field: str,
    *,
    record: str = "",
    landing_id: int | None = None,
    value: str | None = None,
    rights: Rights | None = None,
) -> Carried:
    """Trace a wrong value forward, of a record (its value of today by default) or of one landing.

    rights: of whoever asks, None for the hub itself. FlowError where it never stood, or is not
    visible.
    """
    known = _known(tx, contracts, record, landing_id)
    if rights is not None:
        refuse_guessing(contracts, known.entity, field, rights=rights, value=value)
    if field not in contracts.entities[known.entity].fields:
        raise FlowError("ask.field_unknown", entity=known.entity, field=field)
    if value is None:
        stood = [text for _, text in _versions(tx, contracts, known, field, landing_id=landing_id)]
        value = stood[-1] if stood else None
    carried = _carried(tx, contracts, known, field, value=value or "", landing_id=landing_id)
    if not carried.spans:
        raise FlowError("recall.never_stood", record=f"{known.entity}:{known.key}", field=field)
    return carried


def refuse_guessing(
    contracts: Contracts, carried_by: str, field: str, *, rights: Rights, value: str | None
) -> None:
    """FlowError where the field is masked: whether a guess was right would reveal its value."""
    known = contracts.entities[carried_by].fields.get(field)
    if value is not None and known is not None and rights.sight(carried_by, known) != "shown":
        raise FlowError("ask.value_masked", field=field)


def open_case(
    tx: Transaction, carried: Carried, *, landing_id: int | None, reason: str, by: str
) -> int:
    """Open a recall for everyone who got the value; gives its number. FlowError: open already."""
    made = recalls.open_case(
        tx,
        carried.record_id,
        carried.field,
        value=carried.value,
        landing_id=landing_id,
        reason=reason,
        by=by,
    )
    if made is None:
        raise FlowError(
            "recall.open_already", record=f"{carried.entity}:{carried.key}", field=carried.field
        )
    recalls.meet(tx, made, carried.receivers())
    return made


def follow(tx: Transaction, contracts: Contracts) -> int:
    """Update open cases with new receivers and targets put right; gives how many it closed."""
    return sum(
        _follow(tx, contracts, case)
        for case in recalls.cases(tx)
        if case.entity in contracts.entities
    )


def acknowledge(
    tx: Transaction,
    contracts: Contracts,
    recall_id: int,
    *,
    names: Sequence[str],
    by: str,
    note: str = "",
) -> int:
    """Note that these receivers know; gives how many owed it, FlowError when none did."""
    case = case_of(tx, recall_id)
    done = recalls.acknowledge(tx, recall_id, names, by=by, note=note)
    if not done:
        raise FlowError("recall.nothing_owed", id=recall_id, name=", ".join(names))
    _follow(tx, contracts, case)
    return done


def case_of(tx: Transaction, recall_id: int) -> RecallRow:
    """One case; FlowError for an unknown number."""
    found = recalls.cases(tx, recall_id=recall_id)
    if not found:
        raise FlowError("ask.recall_unknown", id=recall_id)
    return found[0]


def _follow(tx: Transaction, contracts: Contracts, case: RecallRow) -> bool:
    known = projects.known(tx, contracts.entities[case.entity], case.record_id)
    if known is None:
        return False
    carried = _carried(
        tx, contracts, known, case.field, value=case.value or "", landing_id=case.landing_id
    )
    recalls.meet(tx, case.id, carried.receivers())
    for held in recalls.held(tx, case.id):
        if _put_right(held, corrected=not {case.record_id, held.record_id} & set(carried.still)):
            recalls.acknowledge(
                tx, case.id, [held.name], by=held.name, note=held.state, record_ids=[held.record_id]
            )
    return not carried.still and recalls.close(tx, case.id)


def _put_right(held: OwingTarget, *, corrected: bool) -> bool:
    """Whether a target no longer holds the wrong value, or already holds the corrected record's."""
    if held.state in UNSETTLED:
        return False
    holds = held.held_body or {}
    still_wrong = bool(holds) and all(holds.get(name) == sent for name, sent in held.sent.items())
    return not still_wrong or (
        corrected and not held.dirty and held.state in {"confirmed", "unchanged"}
    )


def _known(tx: Transaction, contracts: Contracts, record: str, landing_id: int | None) -> Known:
    """The record named, or the one that a landing speaks of; FlowError without one."""
    found = projects.find(tx, record) if record else None
    if landing_id is not None and not record:
        flow = contracts.pulls.get(recalls.flow_of(tx, landing_id) or "")
        record_id = recalls.sourced(tx, flow.entity, landing_id) if flow else None
        found = (record_id, flow.entity.name) if flow and record_id is not None else None
    known = (
        projects.known(tx, contracts.entities[found[1]], found[0])
        if found and found[1] in contracts.entities
        else None
    )
    if known is None:
        raise FlowError("ask.record_unknown", record=record or f"landing {landing_id}")
    return known


def _versions(
    tx: Transaction,
    contracts: Contracts,
    known: Known,
    field: str,
    *,
    landing_id: int | None = None,
) -> Iterator[tuple[WrongSpan, str]]:
    """Versions with a value in the field, oldest first: span and value as text.

    landing_id: only those that this landing made or confirmed, from then on.
    """
    at = entity_tables.ordinals(tx, contracts.entities[known.entity]).get(field, 0) - 1
    for row in lineage.versions(tx, known.record_id):
        if row.body.get(field) is not None and "_deleted" not in row.body:
            made = row.provenance[at] if 0 <= at < len(row.provenance) else 0
            span = WrongSpan(
                row.version, row.since, row.until, row.since_order, row.until_order, row.body
            )
            batches = row.batch_id, row.until_batch
            if (
                said := _said_by(tx, known, span, landing_id, made=made, batches=batches)
            ) is not None:
                yield said, as_text(row.body[field])
    batch = lineage.batch(tx, known.batch_id)
    if batch is not None and known.values.get(field) is not None and not known.deleted:
        made = known.provenance.get(field, 0)
        span = WrongSpan(
            known.version, batch.committed_at, None, batch.event_order, None, known.values
        )
        if (
            said := _said_by(tx, known, span, landing_id, made=made, batches=(batch.id, None))
        ) is not None:
            yield said, as_text(known.values[field])


def _said_by(
    tx: Transaction,
    known: Known,
    span: WrongSpan,
    landing_id: int | None,
    *,
    made: int,
    batches: tuple[int, int | None],
) -> WrongSpan | None:
    """The part of a version's span in which this landing asserted it; None: it never did."""
    if landing_id in {None, made}:
        return span
    after, until = batches
    again = lineage.confirmed_by(
        tx, known.record_id, landing_id or 0, made, after=after, until=until
    )
    return (
        None if again is None else replace(span, since=again.committed_at, began=again.event_order)
    )


def _carrier(
    tx: Transaction,
    contracts: Contracts,
    known: Known,
    field: str,
    *,
    value: str,
    landing_id: int | None = None,
) -> Carrier:
    versions = _versions(tx, contracts, known, field, landing_id=landing_id)
    spans = (span for span, text in versions if text == value)
    return Carrier(known, field, tuple(spans))


def _carried(
    tx: Transaction,
    contracts: Contracts,
    known: Known,
    field: str,
    *,
    value: str,
    landing_id: int | None,
) -> Carried:
    own = _carrier(tx, contracts, known, field, value=value, landing_id=landing_id)
    carriers = [one for one in (own, *_borrowers(tx, contracts, own, value)) if one.spans]
    handed = [one for carrier in carriers for one in _deliveries(tx, contracts, carrier)]
    now = known.values.get(field)
    return Carried(
        known.record_id,
        known.entity,
        known.key,
        field,
        value,
        value_now=as_text(now) if now is not None and not known.deleted else None,
        spans=own.spans,
        deliveries=tuple(sorted(handed, key=lambda one: one.first_at)),
        reads=tuple(
            (one.known.record_id, read)
            for one in carriers
            for read in recalls.reads(
                tx,
                one.known.record_id,
                [(span.began, span.ended, span.until) for span in one.spans],
            )
        ),
        still=tuple(one.known.record_id for one in carriers if one.spans[-1].until is None),
    )


def _borrowers(
    tx: Transaction, contracts: Contracts, own: Carrier, value: str
) -> Iterator[Carrier]:
    """The records that took a wrong project code from this one."""
    if own.field != "project_code":
        return
    for entity in contracts.entities.values():
        for record_id in recalls.borrowing(tx, entity, own.known.record_id):
            known = projects.known(tx, entity, record_id)
            if known is not None:
                yield _carrier(tx, contracts, known, own.field, value=value)


def _deliveries(tx: Transaction, contracts: Contracts, carrier: Carrier) -> Iterator[Handed]:
    """Deliveries of the record in a wrong version, and of records quoting it as their project."""
    known, field = carrier.known, carrier.field
    versions = {span.version for span in carrier.spans}
    # A record under a wrong project code quotes a wrong project besides.
    wanted = (field, PROJECT) if field == "project_code" else (field,)
    for push in contracts.pushes_of(known.entity):
        names = [
            name
            for path in (*wanted, *quoted(known.entity, field))
            for name in names_of(push, path)
        ]
        events = recalls.events(tx, push.name, [known.record_id]) if names else []
        yield from _handed((event for event in events if event.golden_version in versions), names)
    for push in contracts.pushes.values():
        names = [name for path in quoted(known.entity, field) for name in names_of(push, path)]
        if names and push.entity.name != PROJECT:
            yield from _handed(_quoting(tx, push, carrier, names), names)


def quoted(entity: str, field: str) -> tuple[str, ...]:
    """The paths by which a push mapping reads this field of the records' project."""
    return (f"{PROJECT}.{field}",) if entity == PROJECT else ()


def _quoting(
    tx: Transaction, push: PushFlow, carrier: Carrier, names: Sequence[str]
) -> Iterator[Event]:
    """Deliveries of other records that quoted the project in the span, or in the span's words.

    A body is frozen before its event is stored, so time alone would miss one in flight.
    """
    codes = {
        as_text(span.values["project_code"])
        for span in carrier.spans
        if span.values.get("project_code")
    }
    ids = [record for code in sorted(codes) for record in recalls.quoting(tx, push.entity, code)]
    golden = records.golden(tx, push.entity, ids)
    wrong = {
        record: [
            _sent(push.shaper.shape(row.values, {PROJECT: span.values}).body, names)
            for span in carrier.spans
        ]
        for record, row in golden.items()
    }
    for event in recalls.events(tx, push.name, ids):
        at_the_time = any(span.covers(event.place) for span in carrier.spans)
        later = event.place > carrier.spans[0].began and _sent(event.body, names) in wrong.get(
            event.record_id, ()
        )
        if at_the_time or later:
            yield event


def _handed(events: Iterable[Event], names: Sequence[str]) -> list[Handed]:
    """Events grouped by delivery key: one row each, whatever number of attempts and verdicts."""
    found: dict[str, Handed] = {}
    for event in events:
        before, sent = found.get(event.key), _sent(event.body, names)
        found[event.key] = Handed(
            event.flow,
            event.record_id,
            event.key,
            event.state,
            first_at=before.first_at if before else event.at,
            last_at=event.at,
            sent=sent or (before.sent if before else {}),
        )
    return list(found.values())


def _sent(body: Mapping[str, Json] | None, names: Sequence[str]) -> dict[str, Json]:
    return {name: body[name] for name in names if name in body} if body else {}


def as_text(value: Value) -> str:
    """A value as cases keep it and people type it: text as it is, else JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
