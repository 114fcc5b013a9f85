"""Disputes: what a unit finds wrong and what it is to answer, each with its clock, its answer and
its recall.
"""

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

    clock: until when the next step is due; late: whether that is past; term: of the law, behind
    `due_at`. owed: who got the value and is not put right yet. system_title, answering_unit: whose
    value it is, and who answers for it.
    """

    system_title: Title
    answering_unit: Title
    clock: datetime | None
    late: bool
    term: Term | None
    may_answer: bool


@dataclass(frozen=True, slots=True)
class DisputeWhole(DisputeView):
    """One dispute with what the record says today, its project, and those who got the wrong
    value.
    """

    value_now: Value
    project_code: str | None
    received: list[ReceiverView]
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class DisputeDue:
    """That there is a dispute, about which field, and until when its next step is due."""

    id: int
    entity: str
    field: str
    clock: datetime | None


@dataclass(frozen=True, slots=True)
class Disputable:
    """A value of today that the reader may say is wrong. name: of its record."""

    record_id: int
    entity: str
    name: str
    field: str
    value: Value


def listed(context: RequestContext, *, closed: bool = False) -> list[DisputeView]:
    """The disputes of the reader's unit, opened by it or to be answered; all for who looks into
    everything.
    """
    found = _concerned(context, closed=closed)
    context.saw([one.record_id for one in found])
    return [extended(one, DisputeView, **_seen(context, one)) for one in found]


def due(context: RequestContext, *, most: int) -> list[DisputeDue]:
    """So many open disputes of the reader's unit, what is due first comes first; no value is
    shown.
    """
    found = _concerned(context)[:most]
    return [DisputeDue(one.id, one.entity, one.field, one.next_due) for one in found]


def one(context: RequestContext, number: int) -> DisputeWhole:
    """One dispute; FlowError (ask.dispute_unknown) where it does not concern the reader."""
    with context.hub.database.read() as tx:
        return _whole(tx, context, _concerning(tx, context, number))


def disputable(context: RequestContext, record: int, field: str) -> Disputable:
    """A value of today as the reader is shown it; FlowError where he is shown none."""
    entity, known = record_shown(context, record)
    if field not in known.values:
        raise FlowError("ask.field_unknown", entity=entity.name, field=field)
    name = str(known.values.get("name") or known.values.get("number") or known.key)
    return Disputable(record, entity.name, name, field, known.values[field])


def open_dispute(context: RequestContext, said: Complaint) -> DisputeWhole:
    """Say that a value of today is wrong; it goes to the unit whose system says it. Only what one
    sees is disputed.
    """
    contracts, account, now = context.hub.contracts, _account(context), datetime.now(UTC)
    context.may_see(contracts.entities)
    with context.hub.database.write() as tx:
        rights = context.rights_to(tx, said.record)
        made = disputes.open_dispute(tx, contracts, said, by=account, rights=rights, now=now)
        return _whole(tx, context, disputes.case_of(tx, made))


def answer(context: RequestContext, number: int, *, accepted: bool, text: str = "") -> DisputeWhole:
    """Accept, so that the source corrects it and everyone who got it is told, or refuse with a
    reason.
    """
    contracts, account, now = context.hub.contracts, _account(context), datetime.now(UTC)
    with context.hub.database.write() as tx:
        _concerning(tx, context, number)
        disputes.answer(tx, contracts, number, accepted=accepted, text=text, by=account, now=now)
        return _whole(tx, context, disputes.case_of(tx, number))


def withdraw(context: RequestContext, number: int) -> DisputeWhole:
    """The reader's unit takes its dispute back."""
    with context.hub.database.write() as tx:
        _concerning(tx, context, number)
        disputes.withdraw(tx, number, by=_account(context), now=datetime.now(UTC))
        return _whole(tx, context, disputes.case_of(tx, number))


def catch_up(context: RequestContext) -> None:
    """Close the disputes whose source says something else by now, as the upkeep does from time to
    time.
    """
    with context.hub.database.write() as tx:
        disputes.follow(tx, context.hub.contracts, now=datetime.now(UTC))


def _concerned(context: RequestContext, *, closed: bool = False) -> list[Dispute]:
    with context.hub.database.read() as tx:
        return disputes.seen(
            tx, context.hub.contracts, _account(context), context.rights, closed=closed
        )


def _account(context: RequestContext) -> Account:
    """Who asks; who holds the database answers for everybody."""
    account = context.reader.account
    return replace(account, role="administrator") if context.operating else account


def _concerning(tx: Transaction, context: RequestContext, number: int) -> Dispute:
    """A dispute, if the reader may know of it."""
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
    """What the reader is shown of a dispute beside, or in place of, what is kept."""
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
