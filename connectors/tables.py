"""Tables and views: options, SQL of a page (keyset pagination), and query results."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from connectors.columns import Family
from connectors.options import CursorOptions
from hub.errors import FlowError
from hub.model import Json

Name = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f]+$")]
MARK = "\x00"
"""Placeholder of a bound value in SQL: unlike a question mark it occurs in no name or text."""
UNTRANSLATABLE = ("22P05", "22021")


class TableRead(CursorOptions):
    """One table or view."""

    table: Name | tuple[Name, ...] = Field(
        description="Its name, with its schema: share.t; the parts as a list where one holds a dot"
    )
    columns: tuple[Name, ...] = Field(default=(), description="Columns to read; all when left out")
    key: tuple[Name, ...] = Field(
        min_length=1, description="Columns that tell rows with the same cursor value apart"
    )
    page_size: int = Field(default=5000, ge=1, description="Rows a query")
    page_bytes: int = Field(
        default=50_000_000,
        ge=1,
        description="Bytes of the rows of a query, which databases of a known kind are asked for "
        "first: fewer rows are "
        "read at a time, and of a row that is larger alone the values that are",
    )

    @property
    def parts(self) -> tuple[str, ...]:
        """The name's parts, schema first."""
        return parts_of(self.table)


def parts_of(table: str | tuple[str, ...]) -> tuple[str, ...]:
    """A table name's parts, schema first."""
    return tuple(table.split(".")) if isinstance(table, str) else table


@dataclass(frozen=True)
class Dialect:
    """Quoting of names and limiting of rows. family: its types; text: SQL of a value as text."""

    quotes: str
    limit: Literal["limit", "fetch"]
    family: Family | None = None
    text: str = ""

    def quoted(self, name: str) -> str:
        """A name quoted for SQL."""
        end = self.quotes[-1]
        return f"{self.quotes[0]}{name.replace(end, end * 2)}{end}"

    def limited(self, size: int, skip: int) -> str:
        """LIMIT and OFFSET of the dialect."""
        if self.limit == "fetch":
            return f"offset {skip} rows fetch next {size} rows only"
        return f"limit {size} offset {skip}" if skip else f"limit {size}"


@dataclass(frozen=True)
class SelectQuery:
    """One SELECT with its bound values, each at a MARK."""

    sql: str
    values: tuple[object, ...]


@dataclass(frozen=True)
class Rows:
    """The result of a query."""

    names: tuple[str, ...]
    cells: Sequence[Sequence[object]]


Ask: TypeAlias = Callable[[SelectQuery], Rows]
"""Runs a query; raises UnreadableCellError or another HubError."""
Order: TypeAlias = tuple[object, ...]
"""A row's values in the columns of the order."""


@dataclass(frozen=True)
class TablePosition:
    """Position of a sweep: the row it is behind, and how many rows after that are done.

    Rows that do not differ from the next in the order, or whose key cannot be read, are skipped by
    number. loose: among rows without a cursor value; nameless: among those without a key, which
    come last.
    """

    after: list[Json] | None = None
    loose: bool = False
    high: str | int | None = None
    skip: int = 0
    nameless: bool = False


@dataclass(frozen=True)
class Fetched:
    """Rows and their orders; one order more than rows while more follow; None: unreadable."""

    cells: list[Sequence[object]]
    orders: Sequence[Order | None]

    @property
    def ended(self) -> bool:
        """Whether no rows of this part follow."""
        return len(self.orders) == len(self.cells)

    @cached_property
    def apart(self) -> int:
        """Number of rows up to the last one that surely differs from the next; 0 for none."""
        if self.ended:
            return 0
        numbers = range(len(self.cells), 0, -1)
        return next((n for n in numbers if _apart(self.last(n), self.last(n + 1))), 0)

    def last(self, number: int) -> Order | None:
        """Order of the n-th row; None where a value is null or unreadable."""
        order = self.orders[number - 1]
        if order is None or any(value is None or isinstance(value, dict) for value in order):
            return None
        return tuple(
            bytes(value) if isinstance(value, bytearray | memoryview) else value for value in order
        )

    @property
    def passed(self) -> int:
        """Number of rows given: `apart`, else all."""
        return self.apart or len(self.cells)


class UnreadableCellError(FlowError):
    """A value in the result cannot be read by the driver, or not in the agreed encoding.

    A sweep isolates it; elsewhere the answer is unreadable.
    """

    default = "system.answer_unreadable"


class SqlTable:
    """SQL of one table; names are quoted, values always bound."""

    def __init__(self, read: TableRead, dialect: Dialect) -> None:
        self.dialect = dialect
        self.quoted = dialect.quoted
        self._cursor = read.cursor
        self._named = read.key
        self.name = ".".join(map(self.quoted, read.parts))
        self._shown = ", ".join(map(self.quoted, read.columns)) or "*"
        self.keys = tuple(name for name in read.key if name != read.cursor)

    def order(self, *, loose: bool) -> tuple[str, ...]:
        """Columns of the order; without a cursor value (loose) the key alone."""
        return self.keys if loose or not self._cursor else (self._cursor, *self.keys)

    def probe(self) -> SelectQuery:
        """No rows, only column names."""
        # quoted names
        return SelectQuery(f"select {self._shown} from {self.name} where 1 = 0", ())  # noqa: S608

    def page(
        self,
        place: TablePosition,
        after: Order,
        *,
        since: object,
        size: int,
        asked: Sequence[str],
        ties: Sequence[str] = (),
    ) -> SelectQuery:
        """The rows after a position, or from `since` on. asked: SQL of columns.

        ties: further order of equal rows.
        """
        order = [f"r.{self.quoted(name)}" for name in self.order(loose=place.loose)]
        cursor = self.quoted(self._cursor)
        where, values = [self._part(place)], []
        if after:
            where += [
                f"{order[0]} >= {MARK}",
                _beyond(order),
            ]  # redundant, but lets an index be used
            values = [after[0], *(value for n in range(len(order)) for value in after[: n + 1])]
        elif since is not None and not place.loose:
            either = f"({cursor} is null or {cursor} >= {MARK})"
            where.append(either if place.nameless else f"{cursor} >= {MARK}")
            values = [since]
        # In order of the table's own columns: what is asked for may be text and have the column's
        # name.
        sql = (
            f"select {', '.join(asked)} from {self.name} r where "  # noqa: S608 - likewise
            f"{' and '.join(where)}"
            f" order by {', '.join([*order, *ties])} {self.dialect.limited(size, place.skip)}"
        )
        return SelectQuery(sql, tuple(values))

    def _part(self, place: TablePosition) -> str:
        """Condition of a part: with cursor and key, without cursor, without key."""
        if place.nameless:
            return "(" + " or ".join(f"{self.quoted(name)} is null" for name in self._named) + ")"
        tests = [f"{self.quoted(name)} is not null" for name in self.keys]
        if self._cursor:
            tests.insert(0, f"{self.quoted(self._cursor)} is {'' if place.loose else 'not '}null")
        return " and ".join(tests)


def _beyond(order: Sequence[str]) -> str:
    """Condition for rows after the given values: a > ? or (a = ? and b > ?) ..."""
    steps = (
        " and ".join([*(f"{name} = {MARK}" for name in order[:n]), f"{order[n]} > {MARK}"])
        for n in range(len(order))
    )
    return "(" + " or ".join(f"({step})" for step in steps) + ")"


def _apart(one: Order | None, other: Order | None) -> bool:
    """Whether rows differ in every collation: some take a for A, e for é, or ignore blanks."""
    return (
        one is not None
        and other is not None
        and list(map(_folded, one)) != list(map(_folded, other))
    )


def _folded(value: object) -> object:
    if not isinstance(value, str):
        return value
    plain = unicodedata.normalize("NFKD", value.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).rstrip()
