"""Conservation by day: sums in each of which a record counts once, and the runs that are exceptions."""

from dataclasses import dataclass
from datetime import datetime

from hub.db import conserving
from hub.db.conserving import DaySums, ExceptionRow
from hub.db.database import Transaction


@dataclass(frozen=True, slots=True)
class Conserved:
    """What was read each day and what became of it, for each kind of run on its own.

    intake: of pulls. again: of acceptances, replays, releases and decisions, which take up what a pull has counted
    before. *_parts: of the parts of what they took apart, on days that have any. delivery: of pushes. receipts: of
    what a push has counted as awaiting its receipt.
    """

    intake: list[DaySums]
    intake_parts: list[DaySums]
    again: list[DaySums]
    again_parts: list[DaySums]
    delivery: list[DaySums]
    receipts: list[DaySums]
    exceptions: list[ExceptionRow]

    @property
    def runs(self) -> list[DaySums]:
        """Every day of every kind of run, each run once: parts belong to runs that are there already."""
        return [*self.intake, *self.again, *self.delivery, *self.receipts]

    @property
    def balanced(self) -> bool:
        """Whether every whole is the sum of its parts."""
        return all(day.balanced for day in (*self.runs, *self.intake_parts, *self.again_parts))


def conserved(tx: Transaction, since: datetime, flow: str | None = None) -> Conserved:
    """All sums since that moment, of one flow or of all."""
    intake, intake_parts = conserving.intake_by_day(tx, since, flow)
    again, again_parts = conserving.intake_by_day(tx, since, flow, kind="again")
    return Conserved(
        intake,
        intake_parts,
        again,
        again_parts,
        conserving.delivery_by_day(tx, since, flow),
        conserving.delivery_by_day(tx, since, flow, kind="receipts"),
        conserving.exceptions(tx, since, flow),
    )
