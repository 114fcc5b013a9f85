"""Recalls: where a wrong value went, who has been corrected, and who is still owed a correction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import datetime

from hub import auth
from hub.auth.context import ADMINISTERING, RequestContext
from hub.db import recalls
from hub.db.database import Transaction
from hub.db.recalls import RecalledRead, RecallRow, Receiver
from hub.db.records import projects
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Value
from hub.pipeline import recall
from hub.pipeline.recall import Handed
from hub.services.view import AnyJson, extended

__all__ = ["RecalledRead"]


@dataclass(frozen=True, slots=True)
class VersionSpan:
    """How long a version with the value was current."""

    version: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CarriedTo(Handed):
    """One delivery that carried the value; sent: empty where the reader may not see it."""

    sent: Mapping[str, AnyJson]


@dataclass(frozen=True, slots=True)
class ReceiverView(Receiver):
    """A receiver of a wrong value; sent: empty where the reader may not see it."""

    sent: dict[str, AnyJson] = made_by(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CarriedView:
    """Deliveries and reads that carried a value, of its record or of records that quote it.

    value_now: the record's value of today. still: records that still have the value. Values that
    the reader may not see are "***", and left out of what was sent.
    """

    record_id: int
    entity: str
    key: str
    field: str
    value: str
    value_now: str | None
    spans: list[VersionSpan]
    deliveries: list[CarriedTo]
    reads: list[RecalledRead]
    still: list[int]


@dataclass(frozen=True, slots=True)
class RecallView(RecallRow):
    """A wrong value that was handed on; open until the record and every receiver are corrected.

    value: the wrong one, None where the reader may not see it; value_now: the record's of today.
    received: receivers, all or those of the reader's unit; owing: that unit has yet to acknowledge.
    """

    value_now: Value
    received: list[ReceiverView]
    owing: bool


def find(
    context: RequestContext,
    field: str,
    *,
    record: str = "",
    landing_id: int | None = None,
    value: str | None = None,
) -> CarriedView:
    """Trace a value forward: of a record (by default its value of today), or from one landing."""
    rights, contracts = context.masking, context.hub.contracts
    with context.hub.database.read() as tx:
        found = recall.find(
            tx, contracts, field, record=record, landing_id=landing_id, value=value, rights=rights
        )
    context.saw([found.record_id])
    shown = (
        rights is None
        or rights.sight(found.entity, contracts.entities[found.entity].fields[field]) == "shown"
    )
    return CarriedView(
        found.record_id,
        found.entity,
        found.key,
        field,
        value=found.value if shown else "***",
        value_now=found.value_now if shown else None,
        spans=[VersionSpan(one.version, one.since, one.until) for one in found.spans],
        deliveries=[
            extended(one, CarriedTo, sent=one.sent if shown else {}) for one in found.deliveries
        ],
        reads=[read for _, read in found.reads],
        still=list(found.still),
    )


def open_recall(
    context: RequestContext,
    field: str,
    *,
    record: str = "",
    landing_id: int | None = None,
    value: str | None = None,
    reason: str,
) -> RecallView:
    """Open a recall of a wrong value; it closes when every receiver has been corrected."""
    context.require(ADMINISTERING)
    contracts, rights = context.hub.contracts, context.masking
    with context.hub.database.write() as tx:
        found = recall.find(
            tx, contracts, field, record=record, landing_id=landing_id, value=value, rights=rights
        )
        made = recall.open_case(tx, found, landing_id=landing_id, reason=reason, by=context.by)
        recall.follow(tx, contracts)
        return _one(tx, context, made)


def listed(context: RequestContext, *, closed: bool = False) -> list[RecallView]:
    """Recalls of what the reader's unit has read; all with rights on everything."""
    with context.hub.database.read() as tx:
        found = [_view(tx, context, case) for case in recalls.cases(tx, closed=closed)]
    return [one for one in found if one is not None]


def one(context: RequestContext, number: int) -> RecallView:
    """One recall; FlowError (ask.recall_unknown) where it does not concern the reader."""
    with context.hub.database.read() as tx:
        return _one(tx, context, number)


def acknowledge(
    context: RequestContext, number: int, *, names: Sequence[str] | None = None, note: str = ""
) -> RecallView:
    """Acknowledge for the reader's unit, or, by administrators, for the receivers in `names`."""
    if names is not None:
        context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        owing = recalls.colleagues(tx, context.by) if names is None else names
        recall.acknowledge(tx, context.hub.contracts, number, names=owing, by=context.by, note=note)
        return _one(tx, context, number)


def receivers(found: Iterable[Receiver], *, shown: bool) -> list[ReceiverView]:
    """Views of receivers; shown: with what they were sent."""
    return [extended(one, ReceiverView, sent=one.sent if shown else {}) for one in found]


def catch_up(context: RequestContext) -> None:
    """Bring open recalls up to date, as the upkeep DAG does periodically."""
    with context.hub.database.write() as tx:
        recall.follow(tx, context.hub.contracts)


def _one(tx: Transaction, context: RequestContext, number: int) -> RecallView:
    found = _view(tx, context, recall.case_of(tx, number))
    if found is None:
        raise FlowError("ask.recall_unknown", id=number)
    return found


def _view(tx: Transaction, context: RequestContext, case: RecallRow) -> RecallView | None:
    """The recall; None where it does not concern the reader, or its entity is no longer shared."""
    entity, rights = context.hub.contracts.entities.get(case.entity), context.rights
    colleagues = recalls.colleagues(tx, context.by)
    received = recalls.receivers(tx, case.id)
    own = [one for one in received if one.kind == "reader" and one.name in colleagues]
    if entity is None or not (rights.whole or own):
        return None
    now = None
    with context.read() as confined:
        known = projects.known(confined, entity, case.record_id)
        if known is not None:
            rights = _rights(confined, context, known.values.get("project_code"))
            now = None if known.deleted else known.values.get(case.field)
    seen = rights.seen(entity, {case.field: case.value})
    context.saw([case.record_id])
    shown, whole = seen.get(case.field) == case.value, context.rights.whole
    return extended(
        case,
        RecallView,
        value=seen.get(case.field),
        value_now=rights.seen(entity, {case.field: now}).get(case.field),
        received=receivers(received if whole else own, shown=shown),
        owing=any(one.acknowledged_at is None for one in own),
    )


def _rights(tx: Transaction, context: RequestContext, project_code: Value) -> Rights:
    return auth.rights_on(tx, context.reader, str(project_code or ""))
