"""The access log: who read what, when and for which purpose; anomalies in it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hub.auth.context import RequestContext
from hub.db.access import access_log
from hub.db.access.access_log import AccessQuery, AccessRow, UnusualRow
from hub.domain import keys
from hub.domain.times import HUB_ZONE
from hub.services import failures, naming
from hub.services.failures import FaultText
from hub.services.view import AnyJson, extended

__all__ = ["AccessQuery", "AccessRow"]

RECENT = timedelta(days=14)
"""How far back unusual reading is listed by default."""


@dataclass(frozen=True, slots=True)
class UnusualView(UnusualRow):
    """One anomaly in an account's reading on one day, with its explanation and cure."""

    facts: dict[str, AnyJson]
    why: FaultText


def listed(context: RequestContext, wanted: AccessQuery, *, most: int = 50) -> list[AccessRow]:
    """Entries of the access log, refused requests included, newest first."""
    wanted = replace(wanted, project=keys.project_code(wanted.project) if wanted.project else None)
    with context.hub.database.read() as tx:
        naming.numbered(tx, "record", [wanted.record] if wanted.record else [])
        return access_log.accesses(tx, wanted, most=most)


def unusual(
    context: RequestContext,
    *,
    since: date | None = None,
    account: str | None = None,
    most: int = 200,
) -> list[UnusualView]:
    """Anomalies in reading, newest day first.

    since: the first day; by default fourteen days ago.
    """
    first = since or (datetime.now(HUB_ZONE) - RECENT).date()
    with context.hub.database.read() as tx:
        found = access_log.unusual(tx, since=first, account=account or None, most=most)
    return [extended(one, UnusualView, why=failures.fault_text(one.fault)) for one in found]
