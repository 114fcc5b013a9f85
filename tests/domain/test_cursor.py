"""A source whose commits become visible late, read by sweeps that take their time and break off:
nothing is skipped.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest

from hub.domain.cursor import Cursor, moved, since, taken_up

START = datetime(2024, 5, 1)  # noqa: DTZ001 -- a partner's wall clock
OVERLAP, PAGE = 30, 12


@dataclass
class Partner:
    """Commits one record a tick, each visible up to OVERLAP - 1 ticks late, read page by page in
    cursor order.
    """

    rng: Random
    numbers: bool
    tick: int = 0
    commits: list[tuple[int, int]] = field(default_factory=list)
    read: set[int] = field(default_factory=set)

    def wait(self, ticks: int) -> None:
        for _ in range(ticks):
            self.tick += 1
            self.commits.append((self.tick, self.tick + self.rng.randrange(OVERLAP)))

    def value(self, moment: int) -> str | int:
        return moment if self.numbers else str(START + timedelta(seconds=moment))

    def page(self, after: int, size: int) -> list[int]:
        return [
            moment for moment, seen in sorted(self.commits) if seen <= self.tick and moment > after
        ][:size]


def sweep(partner: Partner, cursor: Cursor, *, slow: int, breaks: bool) -> Cursor:
    """One run: pages until a short one, unless it breaks off before; `slow` ticks pass between two
    pages.
    """
    began = START + timedelta(seconds=partner.tick)
    cursor = taken_up(cursor, began)
    values = {partner.value(moment): moment for moment in range(partner.tick + 1)}
    watermark, resume = since(cursor), cursor.get("resume")
    after = (
        resume
        if isinstance(resume, int)
        else values.get(watermark, 0) - 1
        if watermark is not None
        else -1
    )
    for page in range(1000):
        if breaks and page == 2:
            return cursor
        moments = partner.page(after, size=PAGE)
        partner.read |= set(moments)
        after, last = (moments[-1] if moments else after), len(moments) < PAGE
        high = partner.value(moments[-1]) if moments else None
        cursor = moved(cursor, resume=after, high=high, last=last, overlap=OVERLAP, ceiling=began)
        if last:
            return cursor
        partner.wait(slow)
    return cursor


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("numbers", "slow"), [(False, 0), (False, 6), (True, 0)])
def test_nothing_is_skipped_however_late_it_shows_and_wherever_sweeps_break_off(
    *, numbers: bool, slow: int, seed: int
):
    partner = Partner(Random(seed), numbers)  # noqa: S311 -- seeded on purpose
    cursor: Cursor = {}
    for _ in range(12):
        partner.wait(partner.rng.randrange(60))
        cursor = sweep(partner, cursor, slow=slow, breaks=partner.rng.random() < 0.5)
    partner.tick += OVERLAP
    for _ in range(2):  # the first may end a sweep that broke off
        cursor = sweep(partner, cursor, slow=0, breaks=False)
    assert {moment for moment, _ in partner.commits} - partner.read == set()


def test_the_watermark_follows_what_is_complete():
    partner = Partner(Random(1), numbers=True)  # noqa: S311 -- seeded on purpose
    partner.wait(500)
    cursor = sweep(partner, {}, slow=0, breaks=False)
    assert int(since(cursor) or 0) >= 500 - 2 * OVERLAP


def test_in_the_middle_of_a_sweep_the_watermark_stays_where_it_was():
    """A source that does not list by its cursor shows the greatest value first, and what is smaller
    after it.
    """
    ceiling = datetime(2026, 11, 30)  # noqa: DTZ001 -- a wall clock
    after = moved({"watermark": 3}, resume=1, high=90, last=False, overlap=0, ceiling=ceiling)
    assert (after["watermark"], after["resume"]) == (3, 1)
    after = moved(after, resume=2, high=40, last=True, overlap=0, ceiling=ceiling)
    assert (after["watermark"], after["resume"]) == (90, None)


@pytest.mark.parametrize(
    "written", ["2024-05-01 00:00:01", "2024-05-01T00:00:01+08:00", "20240501000001"]
)
def test_a_watermark_from_a_clock_of_ours_that_was_ahead_is_given_up_and_all_is_read_again(
    written: str,
):
    cursor: Cursor = {"watermark": written, "resume": 7, "high": written}
    assert taken_up(cursor, START) == {}
    assert taken_up(cursor, START + timedelta(seconds=1))["watermark"] == written


@pytest.mark.parametrize("written", [20990101000000, "v99", None])
def test_a_watermark_that_is_no_time_is_kept(written: str | int | None):
    assert taken_up({"watermark": written}, START) == {"watermark": written}


@pytest.mark.parametrize(
    "high", ["0001-01-01 00:00:00", "0001-01-01", "00010101", "0001-01-01T00:00:00"]
)
def test_a_zero_date_ends_no_sweep(high: str):
    after = moved(
        {},
        resume=None,
        high=high,
        last=True,
        overlap=86_400,
        ceiling=datetime(2026, 11, 30),  # noqa: DTZ001 -- a wall clock
    )
    assert after["watermark"] == high
