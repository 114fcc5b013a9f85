"""Conservation by day: every record counted once by outcome, and the runs that are exceptions."""

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
    """A run that failed, was aborted or does not balance. why: what stopped it."""

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
    """Sums by day for each kind of run.

    intake: of pulls. again: of runs that take up landed payloads (accept, replay, release,
    decision), which a pull has counted before. *_parts: parts of records that were split. delivery:
    of pushes. receipts: of deliveries that a push counted as awaiting their receipt.
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
        """Every day of every kind of run; parts are left out, as their runs are here already."""
        return [*self.intake, *self.again, *self.delivery, *self.receipts]

    @property
    def balanced(self) -> bool:
        """Whether every whole equals the sum of its parts."""
        return all(day.balanced for day in (*self.runs, *self.intake_parts, *self.again_parts))


def conserved(
    context: RequestContext, since: datetime | date | None = None, *, flow: str | None = None
) -> Conserved:
    """Sums since a moment or a day in Beijing (default: two weeks ago), of one flow or all."""
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
    """Runs since a moment that failed, were aborted or do not balance, newest first."""
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
