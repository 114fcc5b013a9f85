"""The once-only meter (一次填报): what applicants were spared because the hub knew it, by unit, form
and month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from hub.auth.context import RequestContext
from hub.db import submissions
from hub.db.submissions import Metered
from hub.domain.times import HUB_ZONE

__all__ = ["Metered", "OnceOnlyMetrics", "OnceOnlyRow", "meter", "spared"]

WHOLE = {"administrator", "auditor"}
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class OnceOnlyMetrics:
    """Sums over submissions. asked: fields and papers that the applicant had to supply; spared:
    those that came from the hub.

    empty: fields left empty, which count against the hub.
    """

    submissions: int = 0
    fields_spared: int = 0
    fields_asked: int = 0
    materials_spared: int = 0
    materials_asked: int = 0
    fields_empty: int = 0

    @property
    def share(self) -> float | None:
        """Share of fields and papers that came from the hub, 0 to 1; None without any."""
        spared = self.fields_spared + self.materials_spared
        whole = spared + self.fields_asked + self.fields_empty + self.materials_asked
        return spared / whole if whole else None


@dataclass(frozen=True, slots=True)
class OnceOnlyRow(Metered):
    """The meter of one unit, form and month; `share`: share of answers and papers from the hub."""

    share: float | None


def meter(
    context: RequestContext,
    *,
    since: date | None = None,
    until: date | None = None,
    department: str | None = None,
    form: str | None = None,
) -> list[OnceOnlyRow]:
    """Sums by month (default: the last year), of the reader's unit, or of all if he may see all."""
    account, last = context.reader.account, until or datetime.now(HUB_ZONE).date()
    if account.role not in WHOLE:
        department = account.department
    first = (since or last - YEAR).replace(day=1)
    with context.hub.database.read() as tx:
        rows = submissions.meter(tx, since=first, until=last, department=department, form=form)
    return [OnceOnlyRow(**asdict(row), share=spared([row]).share) for row in rows]


def spared(rows: Iterable[Metered]) -> OnceOnlyMetrics:
    """Add up rows. Outdated answers count as from the hub; empty ones as not."""
    some: Sequence[Metered] = tuple(rows)
    return OnceOnlyMetrics(
        submissions=sum(row.submissions for row in some),
        fields_spared=sum(row.fields_hub + row.fields_outdated for row in some),
        fields_asked=sum(row.fields_typed + row.fields_differing for row in some),
        materials_spared=sum(row.materials_hub for row in some),
        materials_asked=sum(row.materials_asked for row in some),
        fields_empty=sum(row.fields_empty for row in some),
    )
