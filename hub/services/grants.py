"""Grants: who may read which entities and classes, for what purpose and term."""

from datetime import date, timedelta

from hub import auth
from hub.auth.context import ADMINISTERING, RequestContext
from hub.db.access import accounts, applications
from hub.db.access.accounts import Grant
from hub.domain import access_terms
from hub.domain.access_terms import Terms
from hub.errors import FlowError
from hub.services import naming

__all__ = ["Grant"]


def listed(context: RequestContext, account: str | None = None) -> list[Grant]:
    """Grants, lapsed ones too: of one account, or all; without rights on everything one's own."""
    with context.hub.database.read() as tx:
        naming.check(tx, context.hub.contracts, {"account": account})
        return accounts.grants(tx, account if context.rights.whole else context.by)


def one(context: RequestContext, number: int) -> Grant:
    """A grant; FlowError (access.grant_unknown) where the reader may not see one of that number."""
    found = next((held for held in listed(context) if held.id == number), None)
    if found is None:
        raise FlowError("access.grant_unknown", grant=number)
    return found


def give(context: RequestContext, account: str, wanted: Terms, *, purpose: str) -> dict[str, int]:
    """Grant access without an application; give the grants' numbers by entity."""
    context.require(ADMINISTERING)
    entities = context.hub.contracts.granted
    with context.hub.database.write() as tx:
        wrong = access_terms.wrong(wanted, entities, today=applications.today(tx))
        if wrong:
            raise FlowError("access.grant_invalid", why=", ".join(wrong))
        return auth.grant_terms(tx, entities, account, wanted, purpose=purpose)


def end(context: RequestContext, number: int) -> None:
    """End a grant at once."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        auth.end_grant(tx, number)


def usual_terms(context: RequestContext, *entities: str, first: date | None = None) -> Terms:
    """Default terms of a grant: public fields, from today (or first), for HUB_GRANT_DAYS."""
    with context.hub.database.read() as tx:
        first = first or applications.today(tx)
    last = first + timedelta(days=context.hub.settings.grant_days)
    return Terms(
        entities, ("public",), regions=(), open_case_only=False, valid_from=first, valid_until=last
    )
