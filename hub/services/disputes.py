"""Disputes: values that a unit calls wrong, answered by the source's unit, each with a clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hub.auth.context import RequestContext
from hub.db import recalls
from hub.db.access.accounts import Account
from hub.db.database import Transaction
from hub.db.disputes import Dispute
from hub.db.records import projects
from hub.domain.terms import Term
from hub.errors import FlowError
from hub.model import Value
from hub.pipeline import disputes
from hub.pipeline.disputes import Complaint
from hub.services.projects import record_shown
from hub.services.recalls import ReceiverView, receivers
from hub.services.view import Title, due_by, extended

__all__ = ["Complaint"]


@dataclass(frozen=True, slots=True)
class DisputeView(Dispute):
    """One dispute as far as the reader may see it. value, proposed: None and "" where he may not.

    clock: when the next step is due; late: whether that is past; term: the legal term behind
    `due_at`. owed: receivers of the value not corrected yet. system_title, answering_unit: the
    source, and who answers for it.
    """

    system_title: Title
    answering_unit: Title
    clock: datetime | None
    late: bool
    term: Term | None
    may_answer: bool


@dataclass(frozen=True, slots=True)
class DisputeWhole(DisputeView):
    """One dispute with the record's value of today, its project, and receivers of the wrong one."""

    value_now: Value
    project_code: str | None
    received: list[ReceiverView]
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class DisputeDue:
    """A dispute without its values: which field, and when its next step is due."""

    id: int
    entity: str
    field: str
    clock: datetime | None


@dataclass(frozen=True, slots=True)
class Disputable:
    """A value of today that the reader may dispute. name: of its record."""

    record_id: int
    entity: str
    name: str
    field: str
    value: Value


def listed(context: RequestContext, *, closed: bool = False) -> list[DisputeView]:
    """Disputes opened by the reader's unit or to be answered by it; all for who may see all."""
    found = _concerned(context, closed=closed)
    context.saw([one.record_id for one in found])
    return [extended(one, DisputeView, **_seen(context, one)) for one in found]


def due(context: RequestContext, *, most: int) -> list[DisputeDue]:
    """Open disputes of the reader's unit, earliest due first; no value is shown."""
    found = _concerned(context)[:most]
    return [DisputeDue(one.id, one.entity, one.field, one.next_due) for one in found]


def one(context: RequestContext, number: int) -> DisputeWhole:
    """One dispute; FlowError (ask.dispute_unknown) where it does not concern the reader."""
    with context.hub.database.read() as tx:
        return _whole(tx, context, _concerning(tx, context, number))


def disputable(context: RequestContext, record: int, field: str) -> Disputable:
    """A value of today as the reader sees it; FlowError where he may not see it."""
    entity, known = record_shown(context, record)
    if field not in known.values:
        raise FlowError("ask.field_unknown", entity=entity.name, field=field)
    name = str(known.values.get("name") or known.values.get("number") or known.key)
    return Disputable(record, entity.name, name, field, known.values[field])


def open_dispute(context: RequestContext, said: Complaint) -> DisputeWhole:
    """Dispute a value that the reader sees; it goes to the unit whose system supplies it."""
    contracts, account, now = context.hub.contracts, _account(context), datetime.now(UTC)
    context.may_see(contracts.entities)
    with context.hub.database.write() as tx:
        rights = context.rights_to(tx, said.record)
        made = disputes.open_dispute(tx, contracts, said, by=account, rights=rights, now=now)
        return _whole(tx, context, disputes.case_of(tx, made))


def answer(context: RequestContext, number: int, *, accepted: bool, text: str = "") -> DisputeWhole:
    """Accept (the source corrects it, and receivers are told), or refuse with a reason."""
    contracts, account, now = context.hub.contracts, _account(context), datetime.now(UTC)
    with context.hub.database.write() as tx:
        _concerning(tx, context, number)
        disputes.answer(tx, contracts, number, accepted=accepted, text=text, by=account, now=now)
        return _whole(tx, context, disputes.case_of(tx, number))


def withdraw(context: RequestContext, number: int) -> DisputeWhole:
    """Withdraw a dispute of the reader's unit."""
    with context.hub.database.write() as tx:
        _concerning(tx, context, number)
        disputes.withdraw(tx, number, by=_account(context), now=datetime.now(UTC))
        return _whole(tx, context, disputes.case_of(tx, number))


def catch_up(context: RequestContext) -> None:
    """Close disputes whose source has changed its value, as the upkeep DAG does periodically."""
    with context.hub.database.write() as tx:
        disputes.follow(tx, context.hub.contracts, now=datetime.now(UTC))


def _concerned(context: RequestContext, *, closed: bool = False) -> list[Dispute]:
    with context.hub.database.read() as tx:
        return disputes.seen(
            tx, context.hub.contracts, _account(context), context.rights, closed=closed
        )


def _account(context: RequestContext) -> Account:
    """The account that asks; the operator may answer for every unit."""
    account = context.reader.account
    return replace(account, role="administrator") if context.operating else account


def _concerning(tx: Transaction, context: RequestContext, number: int) -> Dispute:
    """A dispute, if it concerns the reader."""
    held, contracts = disputes.case_of(tx, number), context.hub.contracts
    known = held.entity in contracts.entities
    if not (known and disputes.concerns(contracts, held, _account(context), context.rights)):
        raise FlowError("ask.dispute_unknown", id=number)
    return held


def _whole(tx: Transaction, context: RequestContext, held: Dispute) -> DisputeWhole:
    contracts, account = context.hub.contracts, _account(context)
    received = recalls.receivers(tx, held.recall_id) if held.recall_id else []
    if not (context.rights.whole or disputes.answers_for(contracts, account, held)):
        colleagues = recalls.colleagues(tx, context.by)
        received = [one for one in received if one.name in colleagues]
    with context.read() as confined:
        known = projects.known(confined, contracts.entities[held.entity], held.record_id)
    context.saw([held.record_id])
    said = _seen(context, held)
    code = known.values.get("project_code") if known else None
    return extended(
        held,
        DisputeWhole,
        **said,
        value_now=known.values.get(held.field) if known else None,
        project_code=str(code) if code else None,
        received=receivers(received, shown=said["value"] == held.value),
        may_withdraw=disputes.opened_by(account, held) and held.state == "open",
    )


def _seen(context: RequestContext, held: Dispute) -> dict[str, Any]:
    """The fields of a dispute that the reader sees otherwise than they are stored."""
    contracts, account = context.hub.contracts, _account(context)
    system = contracts.systems.get(held.system)
    value = disputes.value_shown(contracts, held, account, context.rights)
    none = Title("", "")
    return {
        "value": value,
        "proposed": held.proposed if value == held.value else "",
        **due_by(held.next_due, disputes.term(contracts, held)),
        "system_title": Title(system.title_zh, system.title_en)
        if system
        else Title(held.system, held.system),
        "answering_unit": Title(system.department_zh, system.department_en) if system else none,
        "may_answer": disputes.answers_for(contracts, account, held) and held.state == "open",
    }
