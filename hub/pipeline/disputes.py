"""Disputes of data quality: complaint -> responsible unit -> answer in time -> correction, recall.

Nothing is corrected here: the source corrects, and a recall informs whoever got the wrong value.
"""

from dataclasses import dataclass
from datetime import datetime

from hub.db import disputes, recalls, records
from hub.db.access.accounts import Account
from hub.db.database import Transaction
from hub.db.disputes import Dispute
from hub.db.records import projects
from hub.db.records.projects import Known
from hub.domain import terms
from hub.domain.clock import Limit
from hub.domain.contracts import Contracts
from hub.domain.rights import Rights
from hub.domain.terms import Term
from hub.errors import FlowError
from hub.model import STEWARD, Value
from hub.pipeline import recall

STANDING = ("open", "accepted")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint about a value. proposed: the right value, "" where unknown."""

    record: str
    field: str
    reason: str
    proposed: str = ""


def open_dispute(
    tx: Transaction,
    contracts: Contracts,
    said: Complaint,
    *,
    by: Account,
    rights: Rights,
    now: datetime,
) -> int:
    """Open a dispute about a value of today; gives its number. FlowError for values not visible."""
    known = _known(tx, contracts, said.record, rights)
    entity = contracts.entities[known.entity]
    field = entity.fields.get(said.field)
    if field is None or rights.sight(entity.name, field) != "shown":
        raise FlowError("ask.field_unknown", entity=entity.name, field=said.field)
    value, record = known.values.get(said.field), f"{entity.name}:{known.key}"
    if value is None:
        raise FlowError("dispute.nothing_there", record=record, field=said.field)
    if not said.reason.strip():
        raise FlowError("dispute.unfounded")
    arrival = projects.arrivals(tx, [known.provenance.get(said.field, 0)])
    whose = next((one.system for one in arrival.values()), STEWARD)
    made = disputes.open_dispute(
        tx,
        known.record_id,
        said.field,
        says=(recall.as_text(value), said.proposed, said.reason),
        by=(by.name, by.department),
        system=whose if whose in field.authority else field.authority[0],
        at=now,
        due=terms.due(contracts, _term(contracts, known, now), now),
    )
    if made is None:
        raise FlowError("dispute.open_already", record=record, field=said.field)
    return made


def answer(
    tx: Transaction,
    contracts: Contracts,
    dispute_id: int,
    *,
    accepted: bool,
    text: str,
    by: Account,
    now: datetime,
) -> None:
    """Accept (the source has to correct, receivers are recalled) or refuse with a reason."""
    held = case_of(tx, dispute_id)
    if not answers_for(contracts, by, held):
        raise FlowError("dispute.not_yours", id=dispute_id, system=held.system)
    if not accepted and not text.strip():
        raise FlowError("dispute.unfounded")
    # One term for all three: verified, corrected and answered. An answer does not begin another.
    correct_by = held.due_at if accepted else None
    case = _recalled(tx, contracts, held, by.name) if accepted else None
    state = "accepted" if accepted else "refused"
    if not disputes.answer(
        tx, dispute_id, state, text=text, by=by.name, at=now, correct_by=correct_by, recall_id=case
    ):
        raise FlowError("dispute.answered", id=dispute_id)


def withdraw(tx: Transaction, dispute_id: int, *, by: Account, now: datetime) -> None:
    """Take a dispute back; open to the account that opened it and to others of its unit."""
    held = case_of(tx, dispute_id)
    if not opened_by(by, held):
        raise FlowError("dispute.not_yours", id=dispute_id, system=held.system)
    if not disputes.close(tx, dispute_id, "withdrawn", of=("open",), at=now):
        raise FlowError("dispute.answered", id=dispute_id)


def follow(tx: Transaction, contracts: Contracts, *, now: datetime) -> int:
    """Close disputes whose source asserts another value by now, each with a recall; how many."""
    done = 0
    for held in disputes.disputes(tx):
        if held.entity in contracts.entities and not _still_said(tx, contracts, held):
            case = held.recall_id or _recalled(tx, contracts, held, held.opened_by)
            done += disputes.close(tx, held.id, "corrected", of=STANDING, at=now, recall_id=case)
    return done


def case_of(tx: Transaction, dispute_id: int) -> Dispute:
    """One dispute; FlowError for an unknown number."""
    found = disputes.disputes(tx, dispute_id=dispute_id)
    if not found:
        raise FlowError("ask.dispute_unknown", id=dispute_id)
    return found[0]


def seen(
    tx: Transaction, contracts: Contracts, account: Account, rights: Rights, *, closed: bool = False
) -> list[Dispute]:
    """Disputes that an account may see: all for administrators and auditors, else its unit's."""
    found = disputes.disputes(tx, closed=closed)
    return [
        one
        for one in found
        if one.entity in contracts.entities and concerns(contracts, one, account, rights)
    ]


def concerns(contracts: Contracts, held: Dispute, account: Account, rights: Rights) -> bool:
    """Whether this account may see a dispute."""
    return rights.whole or answers_for(contracts, account, held) or opened_by(account, held)


def opened_by(account: Account, held: Dispute) -> bool:
    """Whether this account opened the dispute, or somebody of its unit."""
    return held.opened_by == account.name or bool(
        account.department and account.department == held.department
    )


def answers_for(contracts: Contracts, account: Account, held: Dispute) -> bool:
    """Whether this account may answer: its unit owns the system, or it is an administrator."""
    return account.role == "administrator" or _of_own_system(contracts, account, held)


def _of_own_system(contracts: Contracts, account: Account, held: Dispute) -> bool:
    system = contracts.systems.get(held.system)
    return system is not None and account.department in {
        system.department_zh,
        system.department_en,
    } - {""}


def value_shown(contracts: Contracts, held: Dispute, account: Account, rights: Rights) -> Value:
    """The disputed value as this account may see it; unmasked for its own system or complaint.

    Those who answer for another unit, or are of the complainant's unit, see what their rights
    allow.
    """
    if held.opened_by == account.name or _of_own_system(contracts, account, held):
        return held.value
    return rights.seen(contracts.entities[held.entity], {held.field: held.value}).get(held.field)


def _known(tx: Transaction, contracts: Contracts, record: str, rights: Rights) -> Known:
    found = projects.find(tx, record)
    if found is not None and found[1] in contracts.entities and rights.sees(found[1]):
        known = projects.known(tx, contracts.entities[found[1]], found[0])
        if known is not None and not known.deleted:
            return known
    raise FlowError("ask.record_unknown", record=record)


def term(contracts: Contracts, held: Dispute) -> Term | None:
    """The statutory term that the dispute's deadline comes from."""
    return terms.behind(contracts, "dispute", begins=held.opened_at, due_at=held.due_at)


def _term(contracts: Contracts, known: Known, now: datetime) -> Limit | None:
    region = str(known.values.get("region_code") or "")
    return terms.holding(contracts, "dispute", regions=(region,), at=now)


def _still_said(tx: Transaction, contracts: Contracts, held: Dispute) -> bool:
    """Whether the system asserts the disputed value to this day."""
    entity = contracts.entities[held.entity]
    claims = records.claims(tx, entity, [held.record_id], system=held.system).get(
        held.record_id, []
    )
    said = [claim.values.get(held.field) for claim in claims]
    return held.value in {recall.as_text(value) for value in said if value is not None}


def _recalled(tx: Transaction, contracts: Contracts, held: Dispute, by: str) -> int | None:
    """The recall of the wrong value, open or new; None where nobody can have received it."""
    for case in recalls.cases(tx):
        if (case.record_id, case.field, case.value) == (held.record_id, held.field, held.value):
            return case.id
    try:
        carried = recall.find(
            tx, contracts, held.field, record=str(held.record_id), value=held.value
        )
    except FlowError as error:
        if error.code == "recall.never_stood":
            return None
        raise
    return recall.open_case(tx, carried, landing_id=None, reason=held.reason, by=by)
