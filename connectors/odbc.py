"""ODBC: reads tables and views of any database that has a driver, in order of a cursor column, page by page.

A record's payload is its row as a canonical JSON object {column: text, number or null}: decimals and times as text.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from connectors.canonical import canonical
from connectors.options import CursorOptions, Options, read_options, schema_of
from connectors.sqlstate import translated
from hub.errors import FlowError, TransientError
from hub.model import Bucketing, Connection, Json, Listed, Outcome, Outgoing, Page, Raw, Receipt

if TYPE_CHECKING:
    import pyodbc

NAME = r"[^\W\d][\w$#]*"
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
Row = dict[str, object]
# A lone surrogate: no text, so that the record is unreadable and its page is not.
UNREADABLE = "\udcff"
FEW = 50
"""How many arguments are given to one SQL function."""
CHOSEN = 2_048
"""So many buckets are asked for at a time."""
BUCKET, CHECKSUM = "hub_bucket", "hub_checksum"
UNTRANSLATABLE = ("22P05", "22021")


class OdbcSystem(Options):
    """ODBC: how the database is reached."""

    driver: str = Field(
        default="",
        description="Name of the driver in odbcinst.ini or path of its file; `?driver=` in the connection and the "
        "environment variable HUB_ODBC_DRIVER go before it",
    )
    attributes: dict[str, str] = Field(default_factory=dict, description="Further keywords of the connection string")
    keywords: dict[Literal["host", "port", "database", "user", "secret"], str] = Field(
        default={"host": "SERVER", "port": "PORT", "database": "DATABASE", "user": "UID", "secret": "PWD"},
        description="What the driver calls the parts of an address",
    )
    encoding: str = Field(default="", description="Encoding of text, for drivers that do not speak Unicode: gb18030")
    quote: Literal['"', "`", "[]"] = Field(default='"', description="How the database quotes names")
    limit: Literal["limit", "fetch"] = Field(
        default="limit", description="How it limits rows: LIMIT n (PostgreSQL, MySQL), or OFFSET 0 ROWS FETCH NEXT n"
    )
    text: str = Field(
        default="cast({column} as varchar)", description="SQL of a column as text, e.g. cast({column} as char) in MySQL"
    )
    checksum: str = Field(
        default="('x' || substr(md5({text}), 1, 10))::bit(40)::bigint",
        description="SQL that makes a whole number below 2^40 of a text, so that records are compared where they are; "
        "MySQL: conv(left(md5({text}), 10), 16, 10). Empty: they are read page by page and compared here",
    )
    login_timeout: int = Field(default=10, ge=1, description="Seconds to wait for a connection")
    start: tuple[str, ...] = Field(
        default=(), description="SQL to run on every connection, e.g. set statement_timeout = 60000"
    )


class OdbcRead(CursorOptions):
    """ODBC: one table or view."""

    table: str = Field(pattern=rf"^{NAME}(\.{NAME}){{0,2}}$", description="Its name, with its schema")
    columns: tuple[Name, ...] = Field(default=(), description="Columns to read; all when left out")
    key: tuple[Name, ...] = Field(min_length=1, description="Columns that tell rows with the same cursor value apart")
    page_size: int = Field(default=5000, ge=1, description="Rows a query")


@dataclass(frozen=True)
class Place:
    """Where a sweep stands: after which row. Rows without a cursor value come in a second part (`loose`)."""

    after: list[Json] | None = None
    loose: bool = False
    high: str | int | None = None


@dataclass(frozen=True)
class Query:
    """One SELECT with its bound values."""

    sql: str
    values: tuple[object, ...]


class UnreadableTextError(Exception):
    """Some text among the rows asked for cannot be given in the agreed encoding."""


class Table:
    """The SQL of one table: names are validated and quoted, values always bound."""

    def __init__(self, options: OdbcRead, system: OdbcSystem) -> None:
        self._quotes = system.quote[0], system.quote[-1]
        self._name = ".".join(map(self._quoted, options.table.split(".")))
        self._shown = ", ".join(map(self._quoted, options.columns)) or "*"
        self._limit = system.limit
        self._system = system
        self._cursor = options.cursor
        self.keys = tuple(name for name in options.key if name != options.cursor)

    def _quoted(self, name: str) -> str:
        return name.join(self._quotes)

    def order(self, *, loose: bool) -> tuple[str, ...]:
        """The columns that order the rows: those without a cursor value by their key alone."""
        return self.keys if loose else (self._cursor, *self.keys)

    def probe(self) -> Query:
        """No row, but the columns and their types."""
        return Query(f"select {self._shown} from {self._name} where 1 = 0", ())  # noqa: S608 - validated names

    def page(self, after: Sequence[object], *, loose: bool, since: object, size: int, shown: str = "") -> Query:
        """The next rows after these values, or from `since` on."""
        order = [self._quoted(name) for name in self.order(loose=loose)]
        where: list[str] = ["1 = 1"]
        values: list[object] = []
        if self._cursor:
            where.append(f"{self._quoted(self._cursor)} is {'' if loose else 'not '}null")
        if after:
            where += [f"{order[0]} >= ?", _beyond(order)]  # the first says nothing new, but lets an index be used
            values = [after[0], *(value for n in range(len(order)) for value in after[: n + 1])]
        elif since is not None and not loose:
            where.append(f"{order[0]} >= ?")
            values = [since]
        limit = f"limit {size}" if self._limit == "limit" else f"offset 0 rows fetch next {size} rows only"
        sql = (
            f"select {self._quoted(shown) if shown else self._shown} from {self._name} where {' and '.join(where)}"  # noqa: S608 - likewise
            f" order by {', '.join(order)} {limit}"
        )
        return Query(sql, tuple(values))

    def digests(self, by: Bucketing, columns: Sequence[str]) -> Query:
        """Bucket, number of rows, sum of their checksums."""
        sql = f"select {BUCKET}, count(*), sum({CHECKSUM}) from ({self._summed(by, columns)}) t group by {BUCKET}"  # noqa: S608 - likewise
        return Query(sql, ())

    def contents(
        self,
        by: Bucketing,
        columns: Sequence[str],
        chosen: Sequence[int],
        *,
        shown: Sequence[str] = (),
        one: Row | None = None,
    ) -> Query:
        """The rows of these buckets (or one of them by its values) with bucket and checksum; all columns or some."""
        tests = {name: "is null" if value is None else "= ?" for name, value in (one or {}).items()}
        only = "".join(f" and {self._quoted(name)} {test}" for name, test in tests.items())
        names = ", ".join([*map(self._quoted, shown or columns), BUCKET, CHECKSUM])
        side_by_side = chosen[-1] - chosen[0] + 1 == len(chosen)
        bounds = (chosen[0], chosen[-1]) if side_by_side else tuple(chosen)
        within = "between ? and ?" if side_by_side else f"in ({', '.join('?' * len(chosen))})"
        sql = (
            f"select {names} from ({self._summed(by, columns)}) t"  # noqa: S608 - likewise
            f" where {BUCKET} {within}{only} order by {BUCKET}"
        )
        return Query(sql, (*bounds, *(value for value in (one or {}).values() if value is not None)))

    def _summed(self, by: Bucketing, columns: Sequence[str]) -> str:
        """Every row with its bucket and its checksum."""
        bucket = f"{self._checksum([f'trim({self._text(name)})' for name in by.key])} % {by.count}"
        checksum = self._checksum([self._text(name) for name in columns if name not in by.ignore])
        shown = ", ".join(map(self._quoted, columns))
        return f"select {shown}, {bucket} as {BUCKET}, {checksum} as {CHECKSUM} from {self._name}"  # noqa: S608 - likewise

    def _text(self, name: str) -> str:
        return f"coalesce({self._system.text.format(column=self._quoted(name))}, '~')"

    def _checksum(self, texts: Sequence[str]) -> str:
        """A number of these texts; nested, for a function takes no more than a hundred arguments."""
        parts = [f"concat_ws('|', {', '.join(texts[at : at + FEW])})" for at in range(0, len(texts), FEW)]
        return self._system.checksum.format(text=f"concat_ws('|', {', '.join(parts)})")


def _beyond(order: Sequence[str]) -> str:
    """Rows after the given values in this order: a > ? or (a = ? and b > ?) ..."""
    steps = (" and ".join([*(f"{name} = ?" for name in order[:n]), f"{order[n]} > ?"]) for n in range(len(order)))
    return "(" + " or ".join(f"({step})" for step in steps) + ")"


class OdbcConnector:
    """Reads one database through its ODBC driver."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(OdbcSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(OdbcRead)
    WRITE: ClassVar[Mapping[str, Json]] = {"not": {}, "description": "ODBC only reads; write with sql_exchange"}

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._connection = connection
        self._options = read_options(OdbcSystem, connect, system=connection.system)
        self._database: pyodbc.Connection | None = None

    def ping(self) -> str:
        self._rows(Query("select 1", ()))
        return f"ODBC {self._driver()}: OK"

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(Exception):  # a connection that is gone cannot be closed better
                self._database.close()
            self._database = None

    def pages(self, read: Mapping[str, Json], *, since: str | int | None, resume: Json) -> Iterator[Page]:
        options = read_options(OdbcRead, read, system=self._connection.system)
        table = Table(options, self._options)
        types = self._types(table, options)
        place = Place(**resume) if isinstance(resume, dict) else Place(loose=not options.cursor)  # type: ignore[arg-type] # our own
        begin = None if since is None else _bound(options.asked(since), types.get(options.cursor, str))
        last = False
        while not last:
            rows, asked = self._page(table, place, types=types, since=begin, size=options.page_size)
            ended = len(rows) < asked
            last = ended and (place.loose or not table.keys)
            high = options.high((row.get(options.cursor) for row in rows), so_far=place.high)
            following = self._following(table, place, rows=rows, ended=ended and not last)
            yield Page(
                records=tuple(Raw(canonical(row, otherwise=_json), _position(options, row)) for row in rows),
                read=len(rows),
                resume=asdict(replace(following, high=high)),
                high=high,
                last=last,
            )
            place = replace(following, high=high)

    def digests(self, read: Mapping[str, Json], by: Bucketing) -> dict[int, tuple[int, int]] | None:
        """One statement, computed there."""
        if not self._options.checksum:
            return None
        table, columns = self._comparable(read, by)
        rows = self._run(table.digests(by, columns)).fetchall()
        return {int(bucket): (int(count), int(total)) for bucket, count, total in rows}

    def contents(self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]) -> Iterator[Listed]:
        """Whole rows, some buckets at a time."""
        options = read_options(OdbcRead, read, system=self._connection.system)
        table, columns = self._comparable(read, by)
        for start in range(0, len(chosen), CHOSEN):
            for row in self._listed(table, by, columns, chosen[start : start + CHOSEN]):
                bucket, checksum = (int(str(row.pop(name))) for name in (BUCKET, CHECKSUM))
                yield Listed(Raw(canonical(row, otherwise=_json), _position(options, row)), bucket, checksum)

    def _comparable(self, read: Mapping[str, Json], by: Bucketing) -> tuple[Table, list[str]]:
        """The table and the columns that are read of it; a key that is no column cannot be compared by."""
        options = read_options(OdbcRead, read, system=self._connection.system)
        table = Table(options, self._options)
        columns = list(self._types(table, options))
        missing = {*by.key} - set(columns)
        if missing:
            detail = f"{options.table}: {', '.join(sorted(missing))}"
            raise FlowError("system.protocol", system=self._connection.system, detail=detail)
        return table, columns

    def _listed(self, table: Table, by: Bucketing, columns: Sequence[str], chosen: Sequence[int]) -> Iterator[Row]:
        """The rows of these buckets; where one cannot be read, row by row, and that one column by column."""
        try:
            yield from self._rows(table.contents(by, columns, chosen))
        except UnreadableTextError:
            if len(chosen) > 1:
                for bucket in chosen:
                    yield from self._listed(table, by, columns, [bucket])
                return
            places = [name for name in dict.fromkeys(table.order(loose=False)) if name]
            for place in self._rows(table.contents(by, columns, chosen, shown=places)):
                one = {name: place[name] for name in places}
                yield self._salvaged_one(table, by, columns, chosen, one)

    def _salvaged_one(
        self, table: Table, by: Bucketing, columns: Sequence[str], chosen: Sequence[int], one: Row
    ) -> Row:
        row: Row = {}
        for column in columns:
            try:
                row |= self._rows(table.contents(by, columns, chosen, shown=[column], one=one))[0]
            except UnreadableTextError:
                row[column] = UNREADABLE
        return row

    def _following(self, table: Table, place: Place, *, rows: Sequence[Row], ended: bool) -> Place:
        """Give the place after these rows; rows without a cursor value come when the others have ended."""
        if ended:
            return Place(loose=True)
        if not rows:
            return place
        after = [_json(rows[-1][name]) for name in table.order(loose=place.loose)]
        if None in after:
            raise FlowError("system.protocol", system=self._connection.system, detail="empty key column")
        return Place(after, loose=place.loose)

    def _page(
        self, table: Table, place: Place, *, types: Mapping[str, type], since: object, size: int
    ) -> tuple[list[Row], int]:
        """Give the next rows and how many were asked for: fewer where one among them cannot be read."""
        names = table.order(loose=place.loose)
        after = [_bound(value, types[name]) for name, value in zip(names, place.after or (), strict=bool(place.after))]
        try:
            return self._rows(table.page(after, loose=place.loose, since=since, size=size)), size
        except UnreadableTextError:
            if size == 1:
                return [self._salvaged(table, after, loose=place.loose, since=since, columns=tuple(types))], 1
        return self._page(table, place, types=types, since=since, size=(size + 1) // 2)

    def _salvaged(
        self, table: Table, after: Sequence[object], *, loose: bool, since: object, columns: Sequence[str]
    ) -> Row:
        """Read one row column by column; a text that cannot be given stands as bytes that are no text."""
        row: Row = {}
        for column in columns:
            try:
                row |= self._rows(table.page(after, loose=loose, since=since, size=1, shown=column))[0]
            except UnreadableTextError:
                row[column] = UNREADABLE
        return row

    def _types(self, table: Table, options: OdbcRead) -> dict[str, type]:
        """Ask for the columns and their types."""
        types = {name: kind for name, kind, *_ in self._run(table.probe()).description}
        missing = {options.cursor, *options.key} - types.keys() - {""}
        if missing:
            detail = f"{options.table}: {', '.join(sorted(missing))}"
            raise FlowError("system.protocol", system=self._connection.system, detail=detail)
        return types

    def _rows(self, query: Query) -> list[Row]:
        cursor = self._run(query)
        names = [column[0] for column in cursor.description]
        try:
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except UnicodeDecodeError:
            raise UnreadableTextError from None
        except self._driver_manager().Error as error:
            raise self._meaning(error) from None

    def _run(self, query: Query) -> "pyodbc.Cursor":
        odbc = self._driver_manager()
        try:
            return self._opened().cursor().execute(query.sql, *query.values)
        except odbc.Error as error:
            raise self._meaning(error) from None

    def _meaning(self, error: Exception) -> Exception:
        """Say what a driver's error means; a connection that failed is given up."""
        state, words = (str(part) for part in (*error.args, "", "")[:2])
        if state in UNTRANSLATABLE:
            return UnreadableTextError()
        meaning = translated(state, words, system=self._connection.system)
        if isinstance(meaning, TransientError):
            self.close()
        return meaning

    def _opened(self) -> "pyodbc.Connection":
        if self._database is None:
            odbc, options = self._driver_manager(), self._options
            odbc.pooling = False  # type: ignore[attr-defined] # a switch of the module, missing in its stubs
            database = odbc.connect(self._address(), autocommit=True, readonly=True, timeout=options.login_timeout)
            if options.encoding:
                database.setdecoding(odbc.SQL_CHAR, encoding=options.encoding)
                database.setencoding(encoding=options.encoding, ctype=odbc.SQL_CHAR)
                database.decimal_mode = "binary"  # as text it would be read as Unicode
            for statement in options.start:
                database.cursor().execute(statement)
            self._database = database
        return self._database

    def _driver_manager(self) -> ModuleType:
        """Load pyodbc, which is impossible where unixODBC is missing."""
        try:
            return import_module("pyodbc")
        except ImportError:
            raise FlowError("system.driver_missing", system=self._connection.system, detail="unixODBC") from None

    def _driver(self) -> str:
        named = self._connection.options.get("driver") or os.environ.get("HUB_ODBC_DRIVER") or self._options.driver
        if not named:
            raise FlowError("system.driver_missing", system=self._connection.system, detail="connect.driver")
        return named

    def _address(self) -> str:
        """Write the connection string."""
        connection, names = self._connection, self._options.keywords
        parts = {
            names["host"]: connection.host,
            names["port"]: str(connection.port or ""),
            names["database"]: connection.path.strip("/"),
            names["user"]: connection.user,
            names["secret"]: connection.secret,
            **self._options.attributes,
        }
        driver = self._driver()
        return ";".join(
            [f"DRIVER={driver}" if driver.startswith("/") else f"DRIVER={{{driver}}}"]
            + [f"{name}={_braced(value)}" for name, value in parts.items() if name and value]
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> tuple[Outcome, ...]:  # noqa: ARG002
        """Nothing is written through ODBC, as WRITE says."""
        raise FlowError("system.protocol", system=self._connection.system, detail="odbc: read only, use sql_exchange")

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None, since nothing is sent."""
        return ()


def _braced(value: str) -> str:
    """Quote what would break the connection string."""
    return "{" + value.replace("}", "}}") + "}" if set(value) & set("[]{}(),;?*=!@ ") else value


def _bound(value: Json, kind: type) -> object:
    """Give a kept value as the driver binds it to a column of this type."""
    if isinstance(value, str) and issubclass(kind, datetime):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    if isinstance(value, str) and issubclass(kind, date):
        return date.fromisoformat(value[:10])
    if issubclass(kind, Decimal):
        return Decimal(str(value))
    return str(value) if issubclass(kind, str) else value


def _json(value: object) -> Json:
    """Give a cell as JSON: numbers that JSON can hold exactly, all else as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return str(value)


def _position(options: OdbcRead, row: Row) -> str:
    """Name a row as its owner would look for it."""
    return f"{options.table} " + " ".join(f"{name}={_json(row[name])}" for name in options.key)
