"""When things happen: the past before tick 0, then one day a tick.

All that tick n brings is dated within "the day of tick n", and everything of tick 0 lies before
that day, so that update times only ever grow and a cursor on them misses nothing.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from sandbox.world.chance import mixed

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(2026, 10, 1, tzinfo=BEIJING)  # the end of the day of tick 0
DAY = timedelta(days=1)
CHANGE_EVERY = 9  # the basics of a project change every ninth tick
SPREAD_DAYS = 400
AFTERMATH = 20  # slots after the last planned one, for what goes on beside the items
EDITS_FROM = timedelta(hours=20)


def day_of(tick: int) -> datetime:
    """Give the start of the day of a tick."""
    return EPOCH + DAY * (tick - 1)


def time_of_edit(tick: int, *, ordinal: int) -> datetime:
    """Give the update time of the n-th correction made at the source during a tick: after all else
    of its day.
    """
    return day_of(tick) + EDITS_FROM + timedelta(seconds=ordinal)


def office_time(day: datetime, draw: int) -> datetime:
    """Give a second within office hours of a day."""
    return day.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(seconds=draw % 28_800)


def registered_on(code: str, draw: int) -> date:
    """Read the day of registration off a project code; a code that does not say is of mid-2026."""
    digits = code[:4]
    if not digits.isdigit():
        return date(2026, 6, 1 + draw % 28)
    if digits.startswith("20") and int(digits) <= EPOCH.year:
        return date(int(digits), 1 + draw // 31 % 12, 1 + draw % 28)
    year, month = 2000 + int(digits[:2]), int(digits[2:])
    return date(
        year,
        month if 1 <= month <= EPOCH.month - 1 or year < EPOCH.year else EPOCH.month - 1,
        1 + draw % 28,
    )


def changes(draw: int, tick: int) -> int:
    """Count the changes of a project's basics up to a tick."""
    return (tick + draw % CHANGE_EVERY) // CHANGE_EVERY


def changed_at(draw: int, *, tick: int, registered: date) -> datetime:
    """Give the update time of a project's basics, cheaply: it is asked of every project to order
    them.
    """
    count = changes(draw, tick)
    if count:
        last = count * CHANGE_EVERY - draw % CHANGE_EVERY
        return office_time(day_of(last), draw // 16)
    noted = EPOCH - DAY * (2 + draw // 64 % SPREAD_DAYS)
    first = datetime(registered.year, registered.month, registered.day, tzinfo=BEIJING) + DAY
    return office_time(min(max(noted, first), EPOCH - DAY), draw // 16)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The times of one project's slots, as far as they have come: those done before tick 0, then
    one a tick.
    """

    times: tuple[datetime, ...]

    @classmethod
    def of(
        cls, gaps: Sequence[int], *, wanted: int, registered: date, draw: int, tick: int
    ) -> "Timeline":
        """Lay the past so that the last done slot is recent and the first is after the
        registration.
        """
        age = (EPOCH.date() - registered).days - 10
        recent = draw % 20
        sums = [0]
        for gap in gaps[:wanted]:
            sums.append(sums[-1] + gap)
        done = min(wanted, bisect_right(sums, age - recent) - 1) if age > recent else 0
        last = EPOCH - DAY * (1 + recent)
        days = [last - DAY * (sums[done] - sums[slot]) for slot in range(1, done + 1)]
        days += [day_of(after) for after in range(1, min(tick, len(gaps) + AFTERMATH - done) + 1)]
        return cls(tuple(office_time(day, mixed(draw, slot)) for slot, day in enumerate(days)))

    def at(self, slot: int) -> datetime | None:
        """Give the time of a slot (they count from 0), or nothing while it has not come."""
        return self.times[slot] if slot < len(self.times) else None
