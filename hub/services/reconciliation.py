"""Reconciliation: differences between hub and targets: listed, counted by cause, decided."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db.reconciliation import differences, sightings
from hub.db.reconciliation.differences import KINDS, Class, Difference
from hub.pipeline import reconcile
from hub.services import naming

__all__ = ["KINDS", "Counted", "Difference", "by_cause", "leave", "listed", "send_again", "sight"]

Counted: TypeAlias = tuple[str, Class, int, int]
"""Flow, kind, number of open differences, and how many of them await a decision."""


def listed(
    context: RequestContext,
    *,
    flow: str | None = None,
    kind: str | None = None,
    closed: bool = False,
    most: int = 50,
) -> list[Difference]:
    """Open differences of the last comparisons, oldest first; closed ones after them if wanted."""
    naming.one_of("kind", kind, KINDS)
    with context.hub.database.read() as tx:
        rows = differences.listed(tx, flow=flow, kind=kind, closed=closed, most=most)
    context.saw([row.record_id for row in rows if row.record_id])
    return rows


def by_cause(context: RequestContext) -> list[Counted]:
    """Open differences by flow and kind."""
    with context.hub.database.read() as tx:
        return differences.by_cause(tx)


def sight(context: RequestContext) -> Mapping[str, str]:
    """How much of each flow a comparison can see, for flows compared at least once."""
    with context.hub.database.read() as tx:
        return sightings.sight(tx)


def leave(context: RequestContext, ids: Sequence[int], *, reason: str) -> int:
    """Accept differences as they are; give how many."""
    context.require(ADMINISTERING)
    return reconcile.leave(context.hub.database, ids, by=context.by, reason=reason)


def send_again(context: RequestContext, ids: Sequence[int], *, reason: str) -> int:
    """Deliver again what targets lack or have otherwise; give how many."""
    context.require(ADMINISTERING)
    return reconcile.send_again(context.hub.database, ids, by=context.by, reason=reason)
