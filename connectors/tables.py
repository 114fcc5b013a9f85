"""Tables and views, read page by page in order of a cursor column: the SQL, the sweep, and rows as payloads.

A record's payload is its row as a canonical JSON object {column: text, number or null}: decimals and times as text.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from connectors.canonical import canonical
from connectors.options import CursorOptions
from hub.errors import FlowError
from hub.model import Json, Page, Raw

NAME = r"[^\W\d][\w$#]*"
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
# A lone surrogate: no text, so that the record is unreadable and its page is not.
UNREADABLE = "\udcff"
UNTRANSLATABLE = ("22P05", "22021")
IN_ORDER = (int, float, Decimal, date)
"""Types that databases and we put in the same order; of text nobody knows the collation."""


class TableRead(CursorOptions):
    """One table or view."""

    table: str = Field(pattern=rf"^{NAME}(\.{NAME}){{0,2}}$", description="Its name, with its schema")
    columns: tuple[Name, ...] = Field(default=(), description="Columns to read; all when left out")
    key: tuple[Name, ...] = Field(min_length=1, description="Columns that tell rows with the same cursor value apart")
    page_size: int = Field(default=5000, ge=1, description="Rows a query")


@dataclass(frozen=True)
class Dialect:
    """How a database quotes names and limits rows."""

    quotes: str
    limit: Literal["limit", "fetch"]


@dataclass(frozen=True)
class Query:
    """One SELECT with its bound values, each marked by ?."""

    sql: str
    values: tuple[object, ...]


@dataclass(frozen=True)
class Rows:
    """What a query gave."""

    names: tuple[str, ...]
    cells: Sequence[Sequence[object]]


Ask: TypeAlias = Callable[[Query], Rows]
"""Runs a query; raises UnreadableTextError, or what the hub understands."""


@dataclass(frozen=True)
class Place:
    """Where a sweep stands: after which row. Rows without a cursor value come in a second part (`loose`)."""

    after: list[Json] | None = None
    loose: bool = False
    high: str | int | None = None


class UnreadableTextError(Exception):
    """Some text among the rows asked for cannot be given in the agreed encoding."""


class Table:
    """The SQL of one table: names are validated and quoted, values always bound."""

    def __init__(self, read: TableRead, dialect: Dialect) -> None:
        self._quotes = dialect.quotes
        self._limit = dialect.limit
        self._cursor = read.cursor
        self.name = ".".join(map(self.quoted, read.table.split(".")))
        self._shown = ", ".join(map(self.quoted, read.columns)) or "*"
        self.keys = tuple(name for name in read.key if name != read.cursor)

    def quoted(self, name: str) -> str:
        return f"{self._quotes[0]}{name}{self._quotes[-1]}"

    def order(self, *, loose: bool) -> tuple[str, ...]:
        """The columns that order the rows: those without a cursor value by their key alone."""
        return self.keys if loose else (self._cursor, *self.keys)

    def probe(self) -> Query:
        """No row, but the columns."""
        return Query(f"select {self._shown} from {self.name} where 1 = 0", ())  # noqa: S608 - validated names

    def page(self, after: Sequence[object], *, loose: bool, since: object, size: int, shown: str = "") -> Query:
        """The next rows after these values, or from `since` on."""
        order = [self.quoted(name) for name in self.order(loose=loose)]
        where: list[str] = ["1 = 1"]
        values: list[object] = []
        if self._cursor:
            where.append(f"{self.quoted(self._cursor)} is {'' if loose else 'not '}null")
        if after:
            where += [f"{order[0]} >= ?", _beyond(order)]  # the first says nothing new, but lets an index be used
            values = [after[0], *(value for n in range(len(order)) for value in after[: n + 1])]
        elif since is not None and not loose:
            where.append(f"{order[0]} >= ?")
            values = [since]
        limit = f"limit {size}" if self._limit == "limit" else f"offset 0 rows fetch next {size} rows only"
        sql = (
            f"select {self.quoted(shown) if shown else self._shown} from {self.name} where {' and '.join(where)}"  # noqa: S608 - likewise
            f" order by {', '.join(order)} {limit}"
        )
        return Query(sql, tuple(values))


def _beyond(order: Sequence[str]) -> str:
    """Rows after the given values in this order: a > ? or (a = ? and b > ?) ..."""
    steps = (" and ".join([*(f"{name} = ?" for name in order[:n]), f"{order[n]} > ?"]) for n in range(len(order)))
    return "(" + " or ".join(f"({step})" for step in steps) + ")"


class Reader:
    """Reads one table."""

    def __init__(self, read: TableRead, dialect: Dialect, ask: Ask, *, system: str) -> None:
        self._read, self._system = read, system
        self._names: tuple[str, ...] = ()
        self.ask = ask
        self.table = Table(read, dialect)

    def columns(self, *more: str) -> tuple[str, ...]:
        """Ask for the columns; cursor and key, and more where needed, must be among them."""
        names = self.ask(self.table.probe()).names
        missing = {self._read.cursor, *self._read.key, *more} - {*names, ""}
        if missing:
            detail = f"{self._read.table}: {', '.join(sorted(missing))}"
            raise FlowError("system.protocol", system=self._system, detail=detail)
        return names

    def pages(self, *, since: str | int | None, resume: Json) -> Iterator[Page]:
        self._names = self.columns()
        place = Place(**resume) if isinstance(resume, dict) else Place(loose=not self._read.cursor)  # type: ignore[arg-type] # our own
        begin, after = self._bounds(since, place)
        last = False
        while not last:
            rows, asked = self._page(after, loose=place.loose, since=begin, size=self._read.page_size)
            ended = len(rows.cells) < asked
            last = ended and (place.loose or not self.table.keys)
            high = self._high(rows, so_far=place.high)
            if ended and not last:  # those without a cursor value come when the others have ended
                place, after = Place(loose=True, high=high), ()
            else:
                after = self._end(rows, loose=place.loose) if rows.cells else after
                place = Place(list(map(_json, after)) or None, loose=place.loose, high=high)
            yield Page(
                self.records(rows),
                read=len(rows.cells),
                resume=asdict(place),
                high=high,
                last=last,
                header=self._names,
            )

    def _bounds(self, since: str | int | None, place: Place) -> tuple[object, tuple[object, ...]]:
        """Give the kept values as the driver binds them, which the first row shows; without any there is no bound."""
        if since is None and not place.after:
            return None, ()
        rows, _ = self._page((), loose=place.loose, since=None, size=1)
        if not rows.cells:
            return None, ()
        like = dict(zip(rows.names, rows.cells[0], strict=True))
        names = self.table.order(loose=place.loose)
        after = tuple(_bound(value, like[name]) for name, value in zip(names, place.after or (), strict=False))
        return (None if since is None else _bound(self._read.asked(since), like.get(self._read.cursor))), after

    def _page(self, after: Sequence[object], *, loose: bool, since: object, size: int) -> tuple[Rows, int]:
        """Give the next rows and how many were asked for: fewer where one among them cannot be read."""
        try:
            return self.ask(self.table.page(after, loose=loose, since=since, size=size)), size
        except UnreadableTextError:
            if size == 1:
                return self._salvaged(after, loose=loose, since=since), 1
        return self._page(after, loose=loose, since=since, size=(size + 1) // 2)

    def _salvaged(self, after: Sequence[object], *, loose: bool, since: object) -> Rows:
        """Read one row column by column; a text that cannot be given stands as bytes that are no text."""
        row: list[object] = []
        for column in self._names:
            try:
                row += self.ask(self.table.page(after, loose=loose, since=since, size=1, shown=column)).cells[0]
            except UnreadableTextError:
                row.append(UNREADABLE)
        return Rows(self._names, [row])

    def _high(self, rows: Rows, *, so_far: str | int | None) -> str | int | None:
        """Give the greatest cursor value seen: the last row's, but text is ordered as the database likes."""
        if not (self._read.cursor and rows.cells):
            return so_far
        at = rows.names.index(self._read.cursor)
        several = rows.cells[-1:] if isinstance(rows.cells[-1][at], IN_ORDER) else rows.cells
        return self._read.high((row[at] for row in several), so_far=so_far)

    def _end(self, rows: Rows, *, loose: bool) -> tuple[object, ...]:
        """Give the values after which the next page begins."""
        after = tuple(rows.cells[-1][rows.names.index(name)] for name in self.table.order(loose=loose))
        if None in after or UNREADABLE in after:
            raise FlowError("system.protocol", system=self._system, detail="empty or unreadable key column")
        return after

    def records(self, rows: Rows) -> tuple[Raw, ...]:
        """Give the rows as payloads, each named as its owner would look for it."""
        names, places = rows.names, [rows.names.index(name) for name in self._read.key]
        position = f"{self._read.table} " + " ".join(f"{name}=%s" for name in self._read.key)
        return tuple(
            Raw(
                canonical(dict(zip(names, _finite(row), strict=True)), otherwise=_json),
                position % tuple([_json(row[place]) for place in places]),
            )
            for row in rows.cells
        )


def _finite(row: Sequence[object]) -> Sequence[object]:
    """NaN and infinity as text, for the mapping to judge: JSON has no word for them but null."""
    if float not in map(type, row):
        return row
    return [str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row]


def _bound(value: Json, like: object) -> object:
    """Give a kept value as the driver gives this column's."""
    if isinstance(like, str):
        return str(value)
    if isinstance(like, Decimal) or not isinstance(value, str):
        return Decimal(str(value)) if isinstance(like, Decimal) else value
    if isinstance(like, bytes | bytearray):
        return bytes.fromhex(value)
    if isinstance(like, datetime):
        return _bound_moment(datetime.fromisoformat(value), like)
    return date.fromisoformat(value[:10]) if isinstance(like, date) else value


def _bound_moment(moment: datetime, like: datetime) -> datetime:
    """In UTC where the column holds instants; a wall clock kept before zones were said is taken a day early."""
    if like.tzinfo is None:
        return moment.replace(tzinfo=None)
    return moment.replace(tzinfo=UTC) - timedelta(days=1) if moment.tzinfo is None else moment.astimezone(UTC)


def _json(value: object) -> Json:
    """Give a cell as JSON: numbers that JSON can hold exactly, all else as text."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return str(value)
