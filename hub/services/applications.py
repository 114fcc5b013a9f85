"""Applications for access -> decided by an administrator -> grants that lapse; who decides is never who asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from hub import auth
from hub.auth import Reader
from hub.db import applications, recalls
from hub.db.applications import Application, Ending, Step
from hub.db.database import Transaction
from hub.domain import granting, terms
from hub.domain.contracts import Contracts
from hub.domain.granting import Terms
from hub.domain.terms import Term
from hub.errors import FlowError


@dataclass(frozen=True, slots=True)
class Case:
    """An application with its steps."""

    application: Application
    steps: list[Step]


def apply(
    tx: Transaction,
    contracts: Contracts,
    reader: Reader,
    wanted: Terms,
    *,
    purpose: str,
    basis: str,
    renews: int | None = None,
) -> int:
    """Ask for access; give the application's number."""
    wrong = granting.wrong(wanted, contracts.granted, today=applications.today(tx))
    wrong += [name for name, text in {"purpose": purpose, "basis": basis}.items() if not text.strip()]
    if wrong:
        raise FlowError("application.invalid", why=", ".join(wrong))
    if renews is not None:
        case(tx, reader, renews)
    said = {"purpose": purpose.strip(), "basis": basis.strip()}
    made = applications.add(tx, reader.account.name, wanted, **said, renews=renews)
    _follow(tx, contracts, applications.listed(tx, application_id=made))
    return made


def seen(
    tx: Transaction, reader: Reader, *, state: str | None = None, before: int | None = None, most: int | None = None
) -> list[Application]:
    """The applications that a reader may see: those of its own unit, or all; open ones first, then the newest."""
    return applications.listed(tx, accounts=_own(tx, reader), state=state, before=before, most=most)


def case(tx: Transaction, reader: Reader, application_id: int) -> Case:
    """One application, where the reader may see it."""
    found = applications.listed(tx, application_id=application_id, accounts=_own(tx, reader))
    if not found:
        raise FlowError("ask.application_unknown", id=application_id)
    return Case(found[0], applications.steps(tx, application_id))


def grant(
    tx: Transaction, contracts: Contracts, application_id: int, less: Terms | None, *, by: str, note: str
) -> list[int]:
    """Give what was asked, or less of it; give the grants' numbers. less: None for all that was asked."""
    asked = _decided(tx, application_id, "granted", by=by, reason=note)
    today = applications.today(tx)
    given = less or asked.terms
    more = granting.beyond(asked.terms, given)
    if more:
        raise FlowError("application.beyond", id=application_id, what=", ".join(more))
    wrong = granting.wrong(given, contracts.granted, today=today)
    if wrong:
        raise FlowError("application.invalid", why=", ".join(wrong))
    made = [
        auth.grant(
            *(tx, contracts.granted, asked.account, entity),
            classes=given.classes,
            purpose=asked.purpose,
            valid_from=given.valid_from,
            valid_until=given.valid_until,
            regions=given.regions,
            open_case_only=given.open_case_only,
        )
        for entity in given.entities
    ]
    applications.tie(tx, application_id, made)
    _follow(tx, contracts, applications.listed(tx, application_id=application_id))
    return made


def extend(tx: Transaction, contracts: Contracts, application_id: int, *, by: str, reason: str) -> datetime:
    """Put the answer to an application off once, with a reason that its unit is told; give the new date."""
    if not reason.strip():
        raise FlowError("application.invalid", why="reason")
    asked = _decidable(tx, application_id, by=by)
    term = terms.holding(contracts, "extend", regions=asked.regions, at=asked.made_at)
    until = terms.due(contracts, term, asked.due_at) if asked.due_at else None
    if until is None or asked.clock is None or asked.clock < datetime.now(UTC):
        raise FlowError("application.not_extensible", id=application_id)
    if not applications.extend(tx, application_id, until, by=by, reason=reason.strip()):
        raise FlowError("application.extended", id=application_id)
    return until


def follow(tx: Transaction, contracts: Contracts) -> None:
    """Work out the terms that are missing, by what held when each began, and note what has been supplied."""
    _follow(tx, contracts, applications.listed(tx, unsettled=True))


def term(contracts: Contracts, held: Application) -> Term | None:
    """The term of the law of the next step: of the answer until it is granted, then of the supply."""
    if held.state == "granted" and held.granted_at:
        return terms.behind(contracts, "supply", begins=held.granted_at, due_at=held.supply_due_at)
    kind = held.sharing_kind or "conditional"
    return terms.behind(contracts, "answer", kind, begins=held.made_at, due_at=held.due_at)


def refuse(tx: Transaction, application_id: int, *, by: str, reason: str) -> None:
    """Refuse an application, and say why."""
    if not reason.strip():
        raise FlowError("application.invalid", why="reason")
    _decided(tx, application_id, "refused", by=by, reason=reason)


def withdraw(tx: Transaction, reader: Reader, application_id: int) -> None:
    """Take an application of one's own unit back."""
    asked = case(tx, reader, application_id).application
    if asked.account not in recalls.colleagues(tx, reader.account.name):
        raise FlowError("ask.application_unknown", id=application_id)
    _move(tx, asked, "withdrawn", by=reader.account.name, reason="")


def ending(tx: Transaction, reader: Reader, *, days: int) -> list[Ending]:
    """The grants of a reader's unit, or of everybody, that lapse before long."""
    return applications.ending(tx, days=days, accounts=_own(tx, reader))


def _own(tx: Transaction, reader: Reader) -> list[str] | None:
    """The accounts whose applications a reader may see; None: all."""
    return None if reader.rights.whole else recalls.colleagues(tx, reader.account.name)


def _follow(tx: Transaction, contracts: Contracts, held: Sequence[Application]) -> None:
    for one in held:
        if one.sharing_kind is None:
            kind = terms.sharing(contracts, one.classes, at=one.made_at)
            answer = terms.holding(contracts, "answer", kind, regions=one.regions, at=one.made_at)
            applications.settle(tx, one.id, kind, terms.due(contracts, answer, one.made_at))
        if one.granted_at is None:
            continue
        supply = terms.holding(contracts, "supply", regions=one.regions, at=one.granted_at)
        due = terms.due(contracts, supply, one.granted_at)
        if due is not None:
            applications.supply(tx, one.id, due)
        computed = not contracts.derived.keys().isdisjoint(one.entities)
        applications.note_supplied(tx, one, flows=_flows_to(contracts, one.department), computed=computed)


def _flows_to(contracts: Contracts, department: str) -> list[str]:
    """The pushes to the systems of a unit."""
    if not department:
        return []
    pushes = contracts.pushes.items()
    return [name for name, flow in pushes if department in {flow.system.department_zh, flow.system.department_en}]


def _decided(
    tx: Transaction, application_id: int, state: Literal["granted", "refused"], *, by: str, reason: str
) -> Application:
    asked = _decidable(tx, application_id, by=by)
    _move(tx, asked, state, by=by, reason=reason.strip())
    return asked


def _decidable(tx: Transaction, application_id: int, *, by: str) -> Application:
    """An application of another unit than that of who decides."""
    found = applications.listed(tx, application_id=application_id)
    if not found:
        raise FlowError("ask.application_unknown", id=application_id)
    if by in recalls.colleagues(tx, found[0].account):
        raise FlowError("application.own", id=application_id)
    return found[0]


def _move(tx: Transaction, asked: Application, state: str, *, by: str, reason: str) -> None:
    if not applications.move(tx, asked.id, state, by=by, reason=reason):
        raise FlowError("application.decided", id=asked.id)
