"""Conservation by day: sums in each of which a record counts once, and the runs that are
exceptions.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hub.auth.context import RequestContext
from hub.db.runs import conservation
from hub.db.runs.conservation import DaySums, ExceptionRow
from hub.domain.times import HUB_ZONE
from hub.services import failures
from hub.services.failures import FaultText

__all__ = ["Conserved", "DaySums", "ExceptionView", "conserved", "exceptions"]

DAYS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """A run that failed, was broken off or does not balance. why: what stopped it."""

    id: int
    flow: str
    kind: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    balanced: bool
    why: FaultText | None


@dataclass(frozen=True, slots=True)
class Conserved:
    """What was read each day and what became of it, for each kind of run on its own.

    intake: of pulls. again: of acceptances, replays, releases and decisions, which take up what a
    pull has counted before. *_parts: of the parts of what they took apart, on days that have any.
    delivery: of pushes. receipts: of what a push has counted as awaiting its receipt.
    """

    intake: list[DaySums]
    intake_parts: list[DaySums]
    again: list[DaySums]
    again_parts: list[DaySums]
    delivery: list[DaySums]
    receipts: list[DaySums]
    exceptions: list[ExceptionView]

    @property
    def runs(self) -> list[DaySums]:
        """Every day of every kind of run, each run once: parts belong to runs that are there
        already.
        """
        return [*self.intake, *self.again, *self.delivery, *self.receipts]

    @property
    def balanced(self) -> bool:
        """Whether every whole is the sum of its parts."""
        return all(day.balanced for day in (*self.runs, *self.intake_parts, *self.again_parts))


def conserved(
    context: RequestContext, since: datetime | date | None = None, *, flow: str | None = None
) -> Conserved:
    """All sums since that moment, or that day here (two weeks ago unless given), of one flow or of
    all.
    """
    first = since or datetime.now(UTC) - DAYS
    if not isinstance(first, datetime):
        first = datetime.combine(first, time.min, HUB_ZONE)
    with context.hub.database.read() as tx:
        intake, intake_parts = conservation.intake_by_day(tx, first, flow)
        again, again_parts = conservation.intake_by_day(tx, first, flow, kind="again")
        return Conserved(
            intake,
            intake_parts,
            again,
            again_parts,
            conservation.delivery_by_day(tx, first, flow),
            conservation.delivery_by_day(tx, first, flow, kind="receipts"),
            [_exception(row) for row in conservation.exceptions(tx, first, flow)],
        )


def exceptions(context: RequestContext, since: datetime) -> list[ExceptionView]:
    """Runs since that moment that failed, were broken off or do not balance, the newest first."""
    with context.hub.database.read() as tx:
        return [_exception(row) for row in conservation.exceptions(tx, since)]


def _exception(row: ExceptionRow) -> ExceptionView:
    return ExceptionView(
        row.id,
        row.flow,
        row.kind,
        row.state,
        row.started_at,
        row.ended_at,
        row.balanced,
        why=failures.fault_text(row.fault) if row.fault else None,
    )
