"""Calendars as they are kept, and the contract files beside them, for whoever checks them."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.db.database import Transaction

CALENDARS = "select version, zone, first, last, opens_1, closes_1, opens_2, closes_2 from hub.calendar order by 1"
DAYS = "select n, worked, half, before from hub.workday where calendar = %s order by n"
SPAN = "select min(n), max(n) from hub.workday where calendar = %s"
FILES = "select path, body from hub.contract_file order by 1"


@dataclass(frozen=True, slots=True)
class Axis:
    """A calendar without its days; first and last: numbers of its days."""

    version: str
    zone: str
    first: int
    last: int
    hours: tuple[int, int, int, int]


def calendars(tx: Transaction) -> list[Axis]:
    """Every calendar that is kept."""
    return [
        Axis(version, zone, first, last, (one, two, three, four))
        for version, zone, first, last, one, two, three, four in tx.execute(CALENDARS)
    ]


def days(tx: Transaction, version: str) -> list[list[int | bool | None]]:
    """The days of a calendar, in order."""
    return [list(row) for row in tx.execute(DAYS, (version,))]


def span(tx: Transaction, version: str) -> tuple[int | None, int | None]:
    """The first and the last day of a calendar."""
    return tx.execute(SPAN, (version,)).fetchone() or (None, None)


def contract_files(tx: Transaction) -> Iterator[tuple[str, str]]:
    """Contract files as they were last sound: path and text."""
    yield from tx.execute(FILES)
