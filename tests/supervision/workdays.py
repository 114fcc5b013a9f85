"""Working time as the published notice of 2026 says it, written down here once more: what is
planted must not be measured by the calendar that the hub itself measures with.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
SATURDAY = 5
HALVES = ((time(9), time(12)), (time(13, 30), time(17, 30)))
OPENS, CLOSES = HALVES[0][0], HALVES[1][1]


def _span(first: str, last: str) -> set[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return {begin + number * DAY for number in range((end - begin).days + 1)}


CLOSED = {
    *_span("2026-01-01", "2026-01-03"),
    *_span("2026-02-15", "2026-02-23"),
    *_span("2026-04-04", "2026-04-06"),
    *_span("2026-05-01", "2026-05-05"),
    *_span("2026-06-19", "2026-06-21"),
    *_span("2026-09-25", "2026-09-27"),
    *_span("2026-10-01", "2026-10-07"),
}
WORKED = {
    date.fromisoformat(day)
    for day in (
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    )
}


def works(day: date) -> bool:
    """Whether offices are open on a day."""
    return day in WORKED or (day not in CLOSED and day.weekday() < SATURDAY)


def later(day: date, days: int) -> date:
    """The working day so many working days after a day (before it where negative)."""
    step = DAY if days >= 0 else -DAY
    for _ in range(abs(days)):
        day += step
        while not works(day):
            day += step
    return day


def at(day: date, clock: str) -> datetime:
    """A moment of a day, local time."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


def close(day: date) -> datetime:
    """The end of a day's work."""
    return datetime.combine(day, CLOSES, ZONE)


def after(moment: datetime, minutes: int) -> datetime:
    """The moment when so many worked minutes have passed, the earlier one of two."""
    left = timedelta(minutes=minutes)
    day = moment.date()
    while True:
        for opens, closes in HALVES if works(day) else ():
            begin = max(moment, datetime.combine(day, opens, ZONE))
            end = datetime.combine(day, closes, ZONE)
            if begin < end and left <= end - begin:
                return begin + left
            left -= max(end - begin, timedelta())
        day += DAY
