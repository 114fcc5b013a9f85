"""Clocks as the oracle reckons them: working days by its own list of holidays, and what of that the
hub says otherwise.

Shares no code with the hub. Holidays and worked weekends are those of the State Council's notices
for 2024 and 2025.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Protocol

BEIJING = timezone(timedelta(hours=8))
OPENS, CLOSES = time(9, 0), time(17, 30)
DAY = timedelta(days=1)
SATURDAY = 5
YELLOW = 0.8
OFF = (
    *(("2024-01-01", 1), ("2024-02-10", 8), ("2024-04-04", 3), ("2024-05-01", 5)),
    *(("2024-06-10", 1), ("2024-09-15", 3), ("2024-10-01", 7), ("2025-01-01", 1)),
    *(("2025-01-28", 8), ("2025-04-04", 3)),
)
WORKED = frozenset(
    map(
        date.fromisoformat,
        (
            *("2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11"),
            *("2024-09-14", "2024-09-29", "2024-10-12", "2025-01-26", "2025-02-08"),
        ),
    )
)
CLOSED = frozenset(date.fromisoformat(first) + n * DAY for first, days in OFF for n in range(days))

SERVICES = """
    select r.key, g.record_id, g.applied_on, g.finished_on, g.days from golden.service g
      join hub.record r on r.id = g.record_id
     where g.deleted_at is null and g.project_code is not null
       and not exists (select from golden.project p
                        where p.project_code = g.project_code and p.deleted_at is not null)
"""
CLOCKS = """
    select record_id, began, ended_at, end_basis, used_days::float8 as used,
           exact_days::float8 as exact, limit_days::float8 as days, light, due_at, yellow_at, red_at
      from fact.item where end_basis is distinct from 'void'
"""
# Void are those of a project that is gone, and no others: who is void and should not be is missing.


class Lived(Protocol):
    """What has been lived through."""

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the hub's database."""


def worked(day: date) -> bool:
    """Whether a day is a working day."""
    return day in WORKED or (day.weekday() < SATURDAY and day not in CLOSED)


def days_from(first: date, until: date) -> int:
    """Working days from one day on, up to another and without it."""
    return sum(worked(first + n * DAY) for n in range((until - first).days))


def nth_after(first: date, number: int) -> date:
    """The working day that is so many after a day."""
    day = first
    while number:
        day += DAY
        number -= worked(day)
    return day


def moment(day: date, hour: time) -> datetime:
    """A moment of Beijing time."""
    return datetime.combine(day, hour, BEIJING)


def expected(began: date, ended: date | None, days: int | None) -> dict[str, object]:
    """What is to be said of a case: the day on which it began does not count to its limit."""
    used = exact = None
    if ended is not None:
        used, exact = days_from(began + DAY, ended), days_from(began, ended)
    must: dict[str, object] = {"began": moment(began, time()), "days": days}
    must |= {"ended_at": ended and moment(ended, time()), "used": used, "exact": exact}
    must["end_basis"] = None if ended is None else "source"
    if days is None or used is not None:
        must["light"] = (
            "none"
            if days is None
            else "red"
            if used is not None and used > days
            else "yellow"
            if used is not None and used >= YELLOW * days
            else "green"
        )
        return must
    return must | {
        "light": None,
        "due_at": moment(nth_after(began, days), CLOSES),
        "yellow_at": moment(nth_after(began, int(YELLOW * days)), CLOSES),
        "red_at": moment(nth_after(began, days + 1), OPENS),
    }


def differences(world: Lived) -> Iterator[str]:
    """Every clock that is missing, should not be, or says something else."""
    stands = {row["record_id"]: row for row in world.rows(CLOCKS)}
    for row in world.rows(SERVICES):
        clock = stands.pop(row["record_id"], None)
        if clock is None:
            yield f"service {row['key']} has no clock"
            continue
        if row["applied_on"] is None:
            continue
        must = expected(row["applied_on"], row["finished_on"], row["days"])
        if told := {name: clock[name] for name in must if clock[name] != must[name]}:
            yield f"service {row['key']}: {told}, must be { {name: must[name] for name in told} }"
    for record in stands:
        yield f"a clock of record {record}, which is gone"
    for row in world.rows("select project_code from fact.touched"):
        yield f"project {row['project_code']} waits for its clocks"
