"""Applications for access -> decided by an administrator -> grants that lapse; who decides is never who asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hub import governance
from hub.errors import FlowError
from hub.governance import Reader
from hub.rules import granting
from hub.rules.contracts import Entity
from hub.rules.granting import Terms
from hub.store import applications, recalls
from hub.store.applications import Application, Ending, Step
from hub.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Case:
    """An application with its steps."""

    application: Application
    steps: list[Step]


def apply(
    tx: Transaction,
    entities: Mapping[str, Entity],
    reader: Reader,
    terms: Terms,
    *,
    purpose: str,
    basis: str,
    renews: int | None = None,
) -> int:
    """Ask for access; give the application's number."""
    wrong = granting.wrong(terms, entities, today=applications.today(tx))
    wrong += [name for name, text in {"purpose": purpose, "basis": basis}.items() if not text.strip()]
    if wrong:
        raise FlowError("application.invalid", why=", ".join(wrong))
    if renews is not None:
        case(tx, reader, renews)
    return applications.add(tx, reader.account.name, terms, purpose=purpose.strip(), basis=basis.strip(), renews=renews)


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
    tx: Transaction, entities: Mapping[str, Entity], application_id: int, terms: Terms | None, *, by: str, note: str
) -> list[int]:
    """Give what was asked, or less of it; give the grants' numbers. terms: None for all that was asked."""
    asked = _decided(tx, application_id, "granted", by=by, reason=note)
    today = applications.today(tx)
    given = terms or asked.terms
    more = granting.beyond(asked.terms, given)
    if more:
        raise FlowError("application.beyond", id=application_id, what=", ".join(more))
    wrong = granting.wrong(given, entities, today=today)
    if wrong:
        raise FlowError("application.invalid", why=", ".join(wrong))
    made = [
        governance.grant(
            *(tx, entities, asked.account, entity),
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
    return made


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


def _decided(
    tx: Transaction, application_id: int, state: Literal["granted", "refused"], *, by: str, reason: str
) -> Application:
    found = applications.listed(tx, application_id=application_id)
    if not found:
        raise FlowError("ask.application_unknown", id=application_id)
    if by in recalls.colleagues(tx, found[0].account):
        raise FlowError("application.own", id=application_id)
    _move(tx, found[0], state, by=by, reason=reason.strip())
    return found[0]


def _move(tx: Transaction, asked: Application, state: str, *, by: str, reason: str) -> None:
    if not applications.move(tx, asked.id, state, by=by, reason=reason):
        raise FlowError("application.decided", id=asked.id)
