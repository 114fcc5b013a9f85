"""Statutory terms between people: which one applies on a day, and its deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.domain import clock
from hub.domain.clock import Limit, Scope, Status
from hub.domain.contracts import Contracts
from hub.domain.times import HUB_ZONE

Sharing = Literal["unconditional", "conditional"]


@dataclass(frozen=True, slots=True)
class Term:
    """A term as people are shown it. A draft is for reference (参考): nothing is due by it."""

    days: float
    article: str
    source: str
    status: Status

    @property
    def counts(self) -> bool:
        """Whether it sets a deadline."""
        return self.status == "in_force"


def holding(
    contracts: Contracts, scope: Scope, of: str = "", *, regions: Sequence[str] = (), at: datetime
) -> Limit | None:
    """The term that applies on a day: the strictest in force in any region, a draft, or None."""
    zone = contracts.clock.calendar.zone if contracts.clock else HUB_ZONE
    on = at.astimezone(zone).date()
    found = [
        limit
        for region in regions or ("",)
        for limit in clock.binding(contracts.limits, scope, of, facts={}, region=region, on=on)
    ]
    return min(found, key=lambda limit: (limit.status == "draft", limit.days), default=None)


def behind(
    contracts: Contracts, scope: Scope, of: str = "", *, begins: datetime, due_at: datetime | None
) -> Term | None:
    """The term that a due date came from; else the one that applies everywhere, or a draft."""
    zone = contracts.clock.calendar.zone if contracts.clock else HUB_ZONE
    on = begins.astimezone(zone).date()
    for limit in contracts.limits:
        held = (
            limit.scope == scope
            and limit.of in {"", of}
            and (limit.since is None or limit.since <= on)
        )
        if held and due_at is not None and due(contracts, limit, begins) == due_at:
            return shown(limit)
    return shown(holding(contracts, scope, of, at=begins))


def due(contracts: Contracts, limit: Limit | None, begins: datetime) -> datetime | None:
    """Deadline of a term that began at a moment; None without a term in force or a calendar."""
    if contracts.clock is None or limit is None or limit.status != "in_force":
        return None
    calendar = contracts.clock.calendar
    return calendar.after(calendar.next_day(begins), limit.days)


def sharing(contracts: Contracts, classes: Sequence[str], *, at: datetime) -> Sharing:
    """How data of these classes are shared: unconditionally if that term names all of them."""
    open_term = holding(contracts, "answer", "unconditional", at=at)
    free = (
        open_term is not None
        and open_term.status == "in_force"
        and set(classes) <= set(open_term.classes)
    )
    return "unconditional" if free else "conditional"


def shown(limit: Limit | None) -> Term | None:
    """A term as people are shown it."""
    return None if limit is None else Term(limit.days, limit.article, limit.source, limit.status)
