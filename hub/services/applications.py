"""Applications for access: filed by a unit, decided by another's administrator, ended as grants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from hub import auth
from hub.auth.context import ADMINISTERING, RequestContext
from hub.db import recalls
from hub.db.access import accounts, applications
from hub.db.access.accounts import Grant
from hub.db.access.applications import Application, ApplicationStep, Ending
from hub.db.database import Transaction
from hub.domain import access_terms, terms
from hub.domain.access_terms import Terms
from hub.domain.contracts import Contracts
from hub.domain.terms import Term
from hub.errors import FlowError
from hub.services import grants
from hub.services.view import due_by, extended

__all__ = ["ApplicationStep", "Ending"]


@dataclass(frozen=True, slots=True)
class ApplicationView(Application):
    """An application with its clock.

    clock: when its next step is due; late: whether that is past; term: the legal term behind it.
    due_at: when the answer is due, extended_to: the same after the one extension; supply_due_at:
    when the granted data is to be supplied; supplied_at: first successful read or delivery since.
    """

    clock: datetime | None
    late: bool
    term: Term | None


@dataclass(frozen=True, slots=True)
class ApplicationWhole(ApplicationView):
    """An application, its steps, and the grants it led to. own: it is of the reader's unit."""

    steps: list[ApplicationStep]
    grants: list[Grant]
    own: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """Initial values for the form of an application."""

    terms: Terms
    purpose: str = ""
    basis: str = ""


def listed(
    context: RequestContext,
    *,
    state: str | None = None,
    before: int | None = None,
    most: int | None = None,
) -> list[ApplicationView]:
    """The applications that the reader may see (own unit, or all): open ones first, then newest."""
    with context.hub.database.read() as tx:
        found = applications.listed(
            tx, accounts=_own(tx, context), state=state, before=before, most=most
        )
    return [
        extended(one, ApplicationView, **due_by(one.next_due, term(context.hub.contracts, one)))
        for one in found
    ]


def one(context: RequestContext, number: int) -> ApplicationWhole:
    """One application; FlowError (ask.application_unknown) where the reader may not see it."""
    with context.hub.database.read() as tx:
        return _whole(tx, context, number)


def apply(
    context: RequestContext, wanted: Terms, *, purpose: str, basis: str, renews: int | None = None
) -> ApplicationWhole:
    """File an application. renews: the number of an earlier one.

    Raises FlowError (application.invalid) naming what is missing or not allowed.
    """
    contracts = context.hub.contracts
    with context.hub.database.write() as tx:
        wrong = access_terms.wrong(wanted, contracts.granted, today=applications.today(tx))
        wrong += [
            name for name, text in {"purpose": purpose, "basis": basis}.items() if not text.strip()
        ]
        if wrong:
            raise FlowError("application.invalid", why=", ".join(wrong))
        if renews is not None:
            _seen(tx, context, renews)
        said = {"purpose": purpose.strip(), "basis": basis.strip()}
        made = applications.add(tx, context.by, wanted, **said, renews=renews)
        _follow(tx, contracts, applications.listed(tx, application_id=made))
        return _whole(tx, context, made)


def grant(
    context: RequestContext, number: int, less: Terms | None = None, *, note: str = ""
) -> ApplicationWhole:
    """Grant an application as asked, or less of it (`less`).

    Raises FlowError: application.beyond (more than asked), application.own, application.decided.
    """
    context.require(ADMINISTERING)
    contracts = context.hub.contracts
    with context.hub.database.write() as tx:
        asked = _decided(tx, number, "granted", by=context.by, reason=note)
        given = less or asked.terms
        more = access_terms.beyond(asked.terms, given)
        if more:
            raise FlowError("application.beyond", id=number, what=", ".join(more))
        wrong = access_terms.wrong(given, contracts.granted, today=applications.today(tx))
        if wrong:
            raise FlowError("application.invalid", why=", ".join(wrong))
        made = auth.grant_terms(tx, contracts.granted, asked.account, given, purpose=asked.purpose)
        applications.tie(tx, number, list(made.values()))
        _follow(tx, contracts, applications.listed(tx, application_id=number))
        return _whole(tx, context, number)


def refuse(context: RequestContext, number: int, *, reason: str) -> ApplicationWhole:
    """Refuse an application; a reason is required."""
    context.require(ADMINISTERING)
    if not reason.strip():
        raise FlowError("application.invalid", why="reason")
    with context.hub.database.write() as tx:
        _decided(tx, number, "refused", by=context.by, reason=reason)
        return _whole(tx, context, number)


def extend(context: RequestContext, number: int, *, reason: str) -> ApplicationWhole:
    """Extend the term of the answer, once, by what the law allows; a reason is required."""
    context.require(ADMINISTERING)
    if not reason.strip():
        raise FlowError("application.invalid", why="reason")
    contracts = context.hub.contracts
    with context.hub.database.write() as tx:
        asked = _decidable(tx, number, by=context.by)
        limit = terms.holding(contracts, "extend", regions=asked.regions, at=asked.made_at)
        until = terms.due(contracts, limit, asked.due_at) if asked.due_at else None
        if until is None or asked.next_due is None or asked.next_due < datetime.now(UTC):
            raise FlowError("application.not_extensible", id=number)
        if not applications.extend(tx, number, until, by=context.by, reason=reason.strip()):
            raise FlowError("application.extended", id=number)
        return _whole(tx, context, number)


def withdraw(context: RequestContext, number: int) -> ApplicationWhole:
    """Withdraw an application of one's own unit."""
    with context.hub.database.write() as tx:
        asked = _seen(tx, context, number)
        if asked.account not in recalls.colleagues(tx, context.by):
            raise FlowError("ask.application_unknown", id=number)
        _move(tx, asked, "withdrawn", by=context.by, reason="")
        return _whole(tx, context, number)


def ending(context: RequestContext, *, days: int | None = None) -> list[Ending]:
    """Grants that end within so many days (HUB_GRANT_WARNING_DAYS): of the own unit, or all."""
    days = context.hub.settings.grant_warning_days if days is None else days
    with context.hub.database.read() as tx:
        return applications.ending(tx, days=days, accounts=_own(tx, context))


def draft(
    context: RequestContext,
    *,
    entity: str = "",
    like: int | None = None,
    grant_ids: Sequence[int] = (),
) -> Draft:
    """A new application from an entity, from the application that it renews, or from grants."""
    usual = grants.usual_terms(context, *([entity] if entity else []))
    if like is not None:
        with context.hub.database.read() as tx:
            old = _seen(tx, context, like)
        return Draft(
            replace(old.terms, valid_from=usual.valid_from, valid_until=usual.valid_until),
            old.purpose,
            old.basis,
        )
    if grant_ids:
        held = [held for held in grants.listed(context, context.by) if held.id in grant_ids]
        if not held:
            raise FlowError(
                "access.grant_unknown", grant=", ".join(str(number) for number in grant_ids)
            )
        first, entities = held[0], tuple(dict.fromkeys(each.entity for each in held))
        limits = tuple(first.classes), tuple(first.regions), first.open_case_only
        return Draft(Terms(entities, *limits, usual.valid_from, usual.valid_until), first.purpose)
    return Draft(usual)


def catch_up(context: RequestContext) -> None:
    """Compute missing terms and note first supplies, as the upkeep DAG does periodically."""
    with context.hub.database.write() as tx:
        follow(tx, context.hub.contracts)


def follow(tx: Transaction, contracts: Contracts) -> None:
    """Compute missing terms, by the law in force when each began, and note first supplies."""
    _follow(tx, contracts, applications.listed(tx, unsettled=True))


def term(contracts: Contracts, held: Application) -> Term | None:
    """The legal term of the next step: answering until granted, then supplying."""
    if held.state == "granted" and held.granted_at:
        return terms.behind(contracts, "supply", begins=held.granted_at, due_at=held.supply_due_at)
    kind = held.sharing_kind or "conditional"
    return terms.behind(contracts, "answer", kind, begins=held.made_at, due_at=held.due_at)


def _own(tx: Transaction, context: RequestContext) -> list[str] | None:
    """Accounts whose applications a reader may see; None for all."""
    return None if context.rights.whole else recalls.colleagues(tx, context.by)


def _seen(tx: Transaction, context: RequestContext, number: int) -> Application:
    found = applications.listed(tx, application_id=number, accounts=_own(tx, context))
    if not found:
        raise FlowError("ask.application_unknown", id=number)
    return found[0]


def _whole(tx: Transaction, context: RequestContext, number: int) -> ApplicationWhole:
    found = _seen(tx, context, number)
    return extended(
        found,
        ApplicationWhole,
        **due_by(found.next_due, term(context.hub.contracts, found)),
        steps=applications.steps(tx, number),
        grants=[one for one in accounts.grants(tx, found.account) if one.application_id == number],
        own=found.account in recalls.colleagues(tx, context.by),
    )


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
        applications.note_supplied(
            tx, one, flows=_flows_to(contracts, one.department), computed=computed
        )


def _flows_to(contracts: Contracts, department: str) -> list[str]:
    """The push flows to the systems of a unit."""
    if not department:
        return []
    pushes = contracts.pushes.items()
    return [
        name
        for name, flow in pushes
        if department in {flow.system.department_zh, flow.system.department_en}
    ]


def _decided(
    tx: Transaction,
    application_id: int,
    state: Literal["granted", "refused"],
    *,
    by: str,
    reason: str,
) -> Application:
    asked = _decidable(tx, application_id, by=by)
    _move(tx, asked, state, by=by, reason=reason.strip())
    return asked


def _decidable(tx: Transaction, application_id: int, *, by: str) -> Application:
    """An application that this account may decide: not one of its own unit (application.own)."""
    found = applications.listed(tx, application_id=application_id)
    if not found:
        raise FlowError("ask.application_unknown", id=application_id)
    if by in recalls.colleagues(tx, found[0].account):
        raise FlowError("application.own", id=application_id)
    return found[0]


def _move(tx: Transaction, asked: Application, state: str, *, by: str, reason: str) -> None:
    if not applications.move(tx, asked.id, state, by=by, reason=reason):
        raise FlowError("application.decided", id=asked.id)
