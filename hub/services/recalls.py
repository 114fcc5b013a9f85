"""Recalls: where a wrong value went, who has been told that it was wrong, and who is owed a word
still.
"""

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
    """How long a version stood that said the value."""

    version: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CarriedTo(Handed):
    """One delivery that carried the value; sent: empty where the reader may not see it."""

    sent: Mapping[str, AnyJson]


@dataclass(frozen=True, slots=True)
class ReceiverView(Receiver):
    """Who got a wrong value; sent: empty where the reader may not see it."""

    sent: dict[str, AnyJson] = made_by(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CarriedView:
    """Where one value went: the deliveries and reads that carried it, of the record or of others
    that quote it.

    value_now: what the record says today. still: the records that say the value to this day. What
    the reader may not see is "***", and left out of what was sent.
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
    """A wrong value that was handed on; open until the record is corrected and nobody is owed
    anything.

    value: the wrong one, None where the reader may not see it; value_now: what the record says
    today. received: who got it, all of them or those of the reader's own unit; owing: whether that
    unit is still to say that it knows.
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
    """Trace a wrong value forward: of a record (its value of today unless said), or what came from
    one landing.
    """
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
    """Open a recall of a wrong value; it closes when everyone who got it has been put right."""
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
    """The recalls that concern the reader: all for who looks into everything, else of what his unit
    has read itself.
    """
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
    """The reader's unit knows that the value was wrong. names: for these receivers, which
    administrators may say.
    """
    if names is not None:
        context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        owing = recalls.colleagues(tx, context.by) if names is None else names
        recall.acknowledge(tx, context.hub.contracts, number, names=owing, by=context.by, note=note)
        return _one(tx, context, number)


def receivers(found: Iterable[Receiver], *, shown: bool) -> list[ReceiverView]:
    """These receivers; shown: with what they were sent."""
    return [extended(one, ReceiverView, sent=one.sent if shown else {}) for one in found]


def catch_up(context: RequestContext) -> None:
    """Bring every open recall up to date, as the upkeep does from time to time."""
    with context.hub.database.write() as tx:
        recall.follow(tx, context.hub.contracts)


def _one(tx: Transaction, context: RequestContext, number: int) -> RecallView:
    found = _view(tx, context, recall.case_of(tx, number))
    if found is None:
        raise FlowError("ask.recall_unknown", id=number)
    return found


def _view(tx: Transaction, context: RequestContext, case: RecallRow) -> RecallView | None:
    """None: it does not concern the reader, or is of an entity that is no longer shared."""
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
