"""Working time: which halves of days are worked, and the working days between two moments.

A worked half counts half a day whatever its hours, its parts in proportion. National holidays come
from the published notices; years without one count Monday to Friday.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chinese_calendar.constants import holidays, workdays

Half = tuple[time, time]

DAY = timedelta(days=1)
FRIDAY = 4
WEIGHT = 0.5
NOTHING = 1e-9
"""Working days below this are rounding errors of subtraction (30 microseconds)."""
FARTHEST = 3660


@dataclass(frozen=True, slots=True)
class Calendar:
    """halves: hours of morning and afternoon. closed, worked: local exceptions to the country.

    half: days of which only one half is worked (0 the morning, 1 the afternoon).
    """

    zone: ZoneInfo
    halves: tuple[Half, Half]
    closed: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    half: Mapping[date, int] | None = None

    def worked_halves(self, day: date) -> tuple[Half, ...]:
        """The worked hours of a day."""
        if self.half and day in self.half:
            return (self.halves[self.half[day]],)
        if day in self.worked:
            return self.halves
        return () if day in self.closed or not _national(day) else self.halves

    def between(self, begin: datetime, end: datetime) -> float:
        """Working days from one moment to another, 0 where the second is not later."""
        begin, end = begin.astimezone(self.zone), end.astimezone(self.zone)
        return sum(
            (WEIGHT * (min(end, closes) - max(begin, opens)) / (closes - opens))
            for opens, closes in self._hours(begin.date(), end.date())
            if closes > begin and opens < end
        )

    def after(self, begin: datetime, days: float) -> datetime:
        """The moment when `days` working days have passed; the earlier one of two."""
        begin, left = begin.astimezone(self.zone), days
        moment = begin
        for opens, closes in self._hours(begin.date(), begin.date() + FARTHEST * DAY):
            start = max(begin, opens)
            if left <= NOTHING:
                return moment
            if closes > start:
                weight = WEIGHT * ((closes - start) / (closes - opens))
                moment = (
                    closes
                    if weight <= left + NOTHING
                    else start + (closes - opens) * (left / WEIGHT)
                )
                left -= weight
        return moment

    def next_day(self, moment: datetime) -> datetime:
        """The start of the next day: the day on which a term of days begins does not count."""
        day = moment.astimezone(self.zone).date() + DAY
        return datetime.combine(day, time(), self.zone)

    def _hours(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        for number in range((last - first).days + 1):
            day = first + number * DAY
            for opens, closes in self.worked_halves(day):
                yield (
                    datetime.combine(day, opens, self.zone),
                    datetime.combine(day, closes, self.zone),
                )


def _national(day: date) -> bool:
    """As the State Council has published it; where it has not yet, Monday to Friday."""
    return day in workdays or (day.weekday() <= FRIDAY and day not in holidays)
