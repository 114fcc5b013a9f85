"""Random projects for the worked axis, what the pure clock says of them, and what the database
makes of them.

`python -m tests.services.axis 10000` compares so many random lists of steps under each calendar.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from hub.db import facts as stored
from hub.db.database import Database, Transaction
from hub.domain import clock
from hub.domain.clock import ClockReading, ClockRules, Handling, Limit, Span
from hub.domain.contracts import Contracts
from hub.domain.workdays import Calendar
from hub.pipeline import facts
from tests.filled import CONTRACTS
from tests.services.lives import put

ZONE = ZoneInfo("Asia/Shanghai")
HALVES = ((time(9), time(12)), (time(13, 30), time(17, 30)))
CALENDARS = {
    "as the country works": Calendar(ZONE, HALVES),
    "with worked Saturdays, closed days and half days": Calendar(
        ZONE,
        HALVES,
        closed=frozenset({date(2026, 9, 16), date(2026, 10, 12), date(2026, 11, 5)}),
        worked=frozenset(
            {date(2026, 9, 12), date(2026, 10, 17), date(2026, 11, 7), date(2026, 11, 8)}
        ),
        half={
            date(2026, 9, 18): 0,
            date(2026, 10, 14): 1,
            date(2026, 11, 14): 0,
            date(2026, 11, 20): 1,
        },
    ),
    "by other hours": Calendar(ZONE, ((time(8, 30), time(11, 30)), (time(14), time(18)))),
}
BEGIN = datetime(2026, 9, 7, tzinfo=ZONE)
"""A month before the national holiday, whose days are made up for on Saturdays."""
EDGES = (
    time(0),
    time(9),
    time(12),
    time(13, 30),
    time(17, 30),
    time(8, 30),
    time(11, 30),
    time(14),
    time(18),
)
STATUSES = ("1", "3", "3", "6", "7", "8", "9", "10", "11", "13")
HALF_A_DAY = Limit(
    *("axis", "", "", "", "in_force", None, None, (), "item", "9990", {}, 0.5, "", ""),
)


@dataclass(frozen=True, slots=True)
class Item:
    """steps: status and moment. procedures: beginning, kind of limit, days. code 9990: its limit is
    half a day.
    """

    steps: tuple[tuple[str, datetime], ...]
    procedures: tuple[tuple[datetime, str, int | None], ...]
    code: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """A project with one stage: its items, the stage's limit, and the moment of reading."""

    items: tuple[Item, ...]
    days: int | None
    now: datetime


def contracts_with(calendar: Calendar) -> Contracts:
    assert CONTRACTS.clock
    return replace(
        CONTRACTS, clock=replace(CONTRACTS.clock, calendar=calendar), limits=(HALF_A_DAY,)
    )


def random_case(random: Random) -> Case:
    def moment() -> datetime:
        day = BEGIN + timedelta(days=random.randrange(75))
        if random.random() < 0.4:
            return datetime.combine(day.date(), random.choice(EDGES), ZONE)
        return day + timedelta(seconds=random.randrange(86_400))

    def item() -> Item:
        steps = [(random.choice(STATUSES), moment()) for _ in range(random.randrange(9))]
        if steps and random.random() < 0.3:  # two statuses at one moment
            steps.append((random.choice(STATUSES), steps[0][1]))
        procedures = [
            (moment(), random.choice("12"), random.choice((None, 0, 1, 3, 15)))
            for _ in range(random.choice((0, 0, 0, 1, 2)))
        ]
        days = random.choice((None, 0, 1, 3, 10, 20))
        return Item(tuple(steps), tuple(procedures), random.choice(("9990", "0100000")), days)

    items = tuple(item() for _ in range(random.randrange(1, 4)))
    # Nothing has happened yet that lies in the future of the reading.
    now = moment() + timedelta(days=75)
    return Case(items, random.choice((None, 0, 1, 5, 15, 40)), now)


def _procedure(
    rules: ClockRules,
    held: Handling,
    procedure: tuple[datetime, str, int | None],
    steps: Sequence[tuple[str, datetime]],
) -> Span:
    """It is the one that begins on that day by the item's own steps, if there is one; else it ends
    with its own limit, else with the item.
    """
    begun, kind, days = procedure
    special = clock.handling(replace(rules, suspended=(("9", "10"),)), steps).suspended
    day = begun.astimezone(ZONE).date()
    for since, until in held.suspended:
        if since <= begun and (until is None or begun < until):
            return begun, until
    if any(since.astimezone(ZONE).date() == day for since, _ in special):
        return begun, begun
    if days is None:
        return begun, held.finished
    first = rules.calendar.next_day(begun)
    return begun, rules.calendar.after(first, days) if kind == "1" else first + timedelta(days=days)


def read_item(
    rules: ClockRules, item: Item, now: datetime
) -> tuple[list[Span], ClockReading, float]:
    """The time in which its clock ran, the reading, and the working days from moment to moment."""
    held = clock.handling(rules, item.steps)
    held = replace(
        held,
        suspended=(
            *held.suspended,
            *(_procedure(rules, held, one, item.steps) for one in item.procedures),
        ),
    )
    ran = clock.running(held.spans, held.suspended)
    days = 0.5 if item.code == "9990" else item.days
    return ran, *_read(rules, ran, days, over=held.finished is not None, now=now)


def read_stage(rules: ClockRules, case: Case) -> tuple[ClockReading, float, bool]:
    """The reading of the stage as far as its items tell, and whether it ran and one of them is
    still handled.
    """
    held = [clock.handling(rules, item.steps) for item in case.items]
    ran = clock.joined(span for item in case.items for span in read_item(rules, item, case.now)[0])
    going = any(one.finished is None and one.accepted is not None for one in held)
    return *_read(rules, ran, case.days, over=not going, now=case.now), going and bool(ran)


def _read(
    rules: ClockRules, ran: Sequence[Span], days: float | None, *, over: bool, now: datetime
) -> tuple[ClockReading, float]:
    exact = sum(rules.calendar.between(begin, end or now) for begin, end in ran)
    return clock.read(rules, ran, over=over, days=days, limit=None, now=now), exact


def computed(tx: Transaction, cases: Sequence[Case]) -> list[dict[str, dict[str, object]]]:
    """What the database computes of each case: its stage under "stage", its items by their
    number.
    """
    codes = {f"2026-140108-70-03-{number:06}": case for number, case in enumerate(cases)}
    _store(tx, codes)
    stands = stored.state(tx)
    stored.compute(tx, list(codes), stands, now=BEGIN)
    found: dict[str, dict[str, dict[str, object]]] = {code: {} for code in codes}
    with tx.cursor(row_factory=dict_row) as cursor:
        for code, case in codes.items():
            rows = cursor.execute(READ, {"code": code, "now": case.now}).fetchall()
            found[code] = {
                "stage" if row["scope"] == "stage" else str(row["number"]): row for row in rows
            }
    return list(found.values())


READ = """
    select c.*, fact.units(c.ran * fact.span(c.counted_from, null::bigint), p.w) / 86400.0
        as used_then,
           fact.units(c.ran, p.w) / 86400.0 as exact_then, upper_inf(c.ran) as runs
      from made_clock c cross join fact.state s cross join lateral fact.placed(s.calendar,
          %(now)s) p
     where c.project_code = %(code)s and c.scope in ('stage', 'item')
"""


def _store(tx: Transaction, codes: dict[str, Case]) -> None:
    for code, case in codes.items():
        stage = f"S{code}"
        put(tx, "stage", project_code=code, number=stage, ordinal="1", limit_days=case.days)
        for number, item in enumerate(case.items):
            name = f"{code}/{number}"
            about = {"standard_code": item.code, "limit_days": item.days}
            put(tx, "approval_item", project_code=code, number=name, stage_number=stage, **about)
            for status, at in item.steps:
                put(tx, "approval_step", project_code=code, item_number=name, status=status, at=at)
            for begun, kind, days in item.procedures:
                about = {"kind": "7", "started_at": begun, "limit_kind": kind, "limit_days": days}
                put(tx, "special_procedure", project_code=code, item_number=name, **about)


A_SECOND = 4 / 86_400
"""In working days, where a half of three hours counts as much as one of four."""


def differences(
    rules: ClockRules, case: Case, found: dict[str, dict[str, object]]
) -> Iterator[str]:
    """Where the database and the pure clock differ by more than a second."""
    for number, item in enumerate(case.items):
        row = next(row for name, row in found.items() if name.endswith(f"/{number}"))
        ran, reading, exact = read_item(rules, item, case.now)
        half = item.code == "9990"
        yield from _compare(
            rules, f"item {number}", row, reading, exact, case.now, half=half, begun=bool(ran)
        )
    reading, exact, going = read_stage(rules, case)
    lit = going and found["stage"]["end_basis"] is None
    yield from _compare(
        rules, "stage", found["stage"], reading, exact, case.now, half=False, begun=lit
    )


def _compare(
    rules: ClockRules,
    what: str,
    row: dict[str, object],
    reading: ClockReading,
    exact: float,
    now: datetime,
    *,
    half: bool,
    begun: bool,
) -> Iterator[str]:
    used = float(str(row["exact_then"] if half else row["used_then"]))
    if abs(used - reading.used) > A_SECOND:
        yield f"{what} used {used} {reading.used}"
    if abs(float(str(row["exact_then"])) - exact) > A_SECOND:
        yield f"{what} exact {row['exact_then']} {exact}"
    if not begun:
        return
    if bool(row["stands"]) != reading.stands:
        yield f"{what} stands {row['stands']} {reading.stands}"
    if reading.stands:
        if any(row[name] is not None for name in ("due_at", "yellow_at", "red_at", "grave_at")):
            yield f"{what} turns while it stands"
    elif reading.days and not _near(row["due_at"], reading.due):
        yield f"{what} due {row['due_at']} {reading.due}"
    light = _light(row, now)
    if (
        light != reading.light
        and reading.days is not None
        and not _turning(rules, row, reading, now)
    ):
        yield f"{what} light {light} {reading.light} {row}"


def _light(row: dict[str, object], now: datetime) -> object:
    if row["light"] is not None:
        return row["light"]
    red, yellow = row["red_at"], row["yellow_at"]
    if isinstance(red, datetime) and now > red:
        return "red"
    return "yellow" if isinstance(yellow, datetime) and now >= yellow else "green"


def _turning(
    rules: ClockRules, row: dict[str, object], reading: ClockReading, now: datetime
) -> bool:
    """Within a second of a share of the limit: there the pure clock's fractions decide by their
    last digit.
    """
    assert reading.days is not None
    near = any(
        abs(reading.used - share * reading.days) < A_SECOND for share in (rules.yellow, rules.red)
    )
    return near and (
        row["light"] is not None or any(_near(row[name], now) for name in ("yellow_at", "red_at"))
    )


def _near(one: object, other: object) -> bool:
    if not isinstance(one, datetime) or not isinstance(other, datetime):
        return one is other
    return abs(one - other) <= timedelta(seconds=1)


def adopt(database: Database, calendar: Calendar) -> Contracts:
    contracts = contracts_with(calendar)
    facts.adopt(database, contracts)
    return contracts


def main(lists: int, seed: int) -> int:
    from tests.filled import Filled  # noqa: PLC0415 -- only the program needs a server of its own
    from tests.postgres import DatabaseServer, postgres, throwaway_cluster  # noqa: PLC0415

    wrong = 0
    with throwaway_cluster() as cluster:
        process = cluster.start(cluster.data.with_suffix(".log"))
        try:
            with closing(DatabaseServer(cluster)) as server, server.database() as url:
                filled = Filled(url)
                filled.hub.migrate()
                for name, calendar in CALENDARS.items():
                    wrong += _compared(filled.hub.database, name, calendar, lists=lists, seed=seed)
                filled.hub.close()
        finally:
            postgres.stop(process)
    return wrong


def _compared(database: Database, name: str, calendar: Calendar, *, lists: int, seed: int) -> int:
    # seeded on purpose
    contracts, random, done, wrong = adopt(database, calendar), Random(seed), 0, 0  # noqa: S311
    assert contracts.clock
    while done < lists:
        cases = [random_case(random) for _ in range(100)]
        done += sum(len(case.items) for case in cases)
        with database.write() as tx:
            found = computed(tx, cases)
            tx.rollback()
        for case, rows in zip(cases, found, strict=True):
            for difference in differences(contracts.clock, case, rows):
                wrong += 1
                if wrong < 5:
                    sys.stdout.write(f"{difference}\n{case}\n")
    sys.stdout.write(f"{name}: {done} lists of steps, {wrong} differences\n")
    return wrong


if __name__ == "__main__":
    raise SystemExit(bool(main(int(sys.argv[1]), seed=int(sys.argv[2]) if sys.argv[2:] else 1)))
