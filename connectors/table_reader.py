"""One table or view read in pages by keyset pagination over its cursor; rows as payloads.

A payload is the row as a canonical JSON object {column: text, number or null}; decimals and times
are text.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from connectors.canonical import canonical
from connectors.columns import DECODED, NOT_GIVEN, SqlColumn, clock, compared, decoded, shown
from connectors.tables import (
    MARK,
    Ask,
    Dialect,
    Fetched,
    Order,
    Rows,
    SelectQuery,
    SqlTable,
    TablePosition,
    TableRead,
    UnreadableCellError,
)
from hub.errors import FlowError
from hub.model import UNUSABLE, Json, Page, Raw

IN_ORDER = (int, float, Decimal, date)
"""Types that databases order as we do; the collation of text is unknown."""
IN_TIME = {"day", "moment", "instant"}
HEX = "hex"
"""Name under which binary keys are stored, to tell them from text."""


class TableReader:
    """Reads one table."""

    def __init__(self, read: TableRead, dialect: Dialect, ask: Ask, *, system: str) -> None:
        self._read, self._system = read, system
        self._columns: tuple[SqlColumn, ...] = ()
        self._at: dict[str, int] = {}
        self._fitted = read.page_size  # rows that could be read at once when it was last tried
        self.ask = ask
        self.title = ".".join(read.parts)
        self.table = SqlTable(read, dialect)

    @property
    def page_bytes(self) -> int:
        """Bytes of rows read by one query at most."""
        return self._read.page_bytes

    def columns(self, *more: str) -> tuple[SqlColumn, ...]:
        """The table's columns; FlowError (system.contract) without cursor, key or `more`."""
        types = self._types()
        family = self.table.dialect.family
        listed = tuple(types) if family and family.names else ()
        names = self._read.columns or listed or self.ask(self.table.probe()).names
        missing = {self._read.cursor, *self._read.key, *more} - {*names, ""}
        if missing:
            lacks, has = ", ".join(sorted(missing)), ", ".join(names)
            option = f"read: {self.title} 没有列 {lacks} / has no column {lacks} ({has})"
            raise FlowError("system.contract", system=self._system, option=option)
        folded = {name.casefold(): kind for name, kind in types.items()}
        self._columns = tuple(self._column(name, folded.get(name.casefold())) for name in names)
        self._at = {name: place for place, name in enumerate(names)}
        return self._columns

    def _types(self) -> dict[str, str]:
        """{column: type name}, as far as the database tells."""
        family = self.table.dialect.family
        if family is None:
            return {}
        *above, name = self._read.parts
        values = (above[-1] if above else None, name) if family.by_name else (self.table.name,)
        rows = self.ask(SelectQuery(family.types.replace("?", MARK), values)).cells
        return {str(column): str(kind) for column, kind in rows}

    def _column(self, name: str, type_name: str | None) -> SqlColumn:
        family, quoted = self.table.dialect.family, self.table.quoted(name)
        if family is None or type_name is None:
            return SqlColumn(name, quoted)
        sql, kind = family.asked(type_name)
        return SqlColumn(name, sql.replace("{column}", quoted), kind)

    def pages(self, *, since: str | int | None, resume: Json) -> Iterator[Page]:
        self.columns()
        place = (
            TablePosition(**resume)  # type: ignore[arg-type] # stored by us
            if isinstance(resume, dict)
            else TablePosition(loose=not self._read.cursor)
        )
        begin, after = self._bounds(since, place)
        ends = {(after, place.skip)}
        going_on: TablePosition | None = place
        while going_on is not None:
            fetched = self._page(place, after, since=begin)
            # Rows come in order: one that is not beyond comes with that after which they were to
            # come.
            if after and after in fetched.orders:
                raise self._stuck(place)
            going_on, last = self._following(place, fetched)
            cells = fetched.cells[: fetched.passed]
            high = self._high(cells, so_far=place.high)
            place = replace(going_on or place, high=high)
            if fetched.ended:
                after, ends = (), set()
            after = last or after
            if (after, place.skip) in ends:
                raise self._stuck(place)
            ends.add((after, place.skip))
            if cells or going_on is None:
                yield Page(
                    self.records(Rows(tuple(self._at), cells)),
                    read=len(cells),
                    resume=asdict(place),
                    high=high,
                    last=going_on is None,
                    header=tuple(self._at),
                )

    def _following(
        self, place: TablePosition, fetched: Fetched
    ) -> tuple[TablePosition | None, Order | None]:
        """(position of the next page, None after the last; order of the row before it)."""
        if not fetched.ended:
            last = fetched.last(fetched.passed) if fetched.apart else None
            if last is None:
                return replace(place, skip=place.skip + fetched.passed), None
            return replace(place, after=list(map(_orderable, last)), skip=0), last
        if place.nameless:
            return None, None
        loose = bool(self._read.cursor and self.table.keys) and not place.loose
        return TablePosition(loose=loose, nameless=not loose), None

    def _stuck(self, place: TablePosition) -> FlowError:
        names = ", ".join(self.table.order(loose=place.loose))
        return FlowError(
            "system.cursor_stands", system=self._system, table=self.title, columns=names
        )

    def _bounds(self, since: str | int | None, place: TablePosition) -> tuple[object, Order]:
        """Stored cursor value and position as values to compare columns with."""
        if since is None and not place.after:
            return None, ()
        rows = self._first(replace(place, after=None, skip=0))
        if not rows:
            return None, ()
        names = self.table.order(loose=place.loose)
        after = tuple(
            self._bound(value, name, rows[0])
            for name, value in zip(names, place.after or (), strict=False)
        )
        if since is None or not self._read.cursor:
            return None, after
        in_time = self._kind(self._read.cursor) in IN_TIME
        begin = self._bound(
            since if in_time else self._read.asked(since), self._read.cursor, rows[0], kept=True
        )
        return begin, after

    def _first(self, place: TablePosition) -> Sequence[Sequence[object]]:
        """The first row, which shows the driver's types."""
        try:
            return self._asked(place, (), since=None, size=1)
        except UnreadableCellError:
            return [self._salvaged(place, (), since=None, exact=False)]

    def _kind(self, name: str) -> str:
        return self._columns[self._at[name]].kind

    def _bound(
        self, value: Json, name: str, row: Sequence[object], *, kept: bool = False
    ) -> object:
        """A stored value as the driver gives this column's; kept: a cursor value of the hub."""
        column, like, family = (
            self._columns[self._at[name]],
            row[self._at[name]],
            self.table.dialect.family,
        )
        if isinstance(value, dict):
            return bytes.fromhex(str(value[HEX]))
        if column.kind in IN_TIME and family is not None:
            written = isinstance(value, str) and value[10:11] == "T"
            return compared(value, column.kind, family) if kept or written else value
        if isinstance(like, str):
            return str(value) if kept else value
        return _bound(value, like)

    def _page(self, place: TablePosition, after: Order, *, since: object) -> Fetched:
        """Rows up to one that differs from the next in its order, so that reading can resume
        between them.

        Without one, all rows in an order that also tells equal rows apart, as they are then skipped
        by number.
        """
        if not (place.skip or place.nameless):
            fetched = self._fetched(place, after, since=since, exact=False)
            if fetched.ended or fetched.apart:
                return fetched
        return self._fetched(place, after, since=since, exact=True)

    def _fetched(
        self, place: TablePosition, after: Order, *, since: object, exact: bool
    ) -> Fetched:
        """The next rows, fewer where one cannot be read."""
        size = min(self._read.page_size, self._fitted * 2)
        while size:
            try:
                cells = self._asked(place, after, since=since, size=size + 1, exact=exact)
            except UnreadableCellError:
                size = (size + 1) // 2 if size > 1 else 0
            else:
                self._fitted = size
                return Fetched(cells[:size], self._orders(cells, place))
        try:
            cells = self._asked(place, after, since=since, size=1, exact=exact)
        except UnreadableCellError:
            cells = [self._salvaged(place, after, since=since, exact=exact)]
        return Fetched(cells, [*self._orders(cells, place), None])

    def _asked(
        self,
        place: TablePosition,
        after: Order,
        *,
        since: object,
        size: int,
        exact: bool = False,
        column: SqlColumn | None = None,
    ) -> list[Sequence[object]]:
        columns = self._columns if column is None else (column,)
        family = self.table.dialect.family
        ties = (
            [family.text.replace("{column}", one.asked) for one in self._columns]
            if exact and family
            else []
        )
        asked = [one.asked for one in columns]
        # Drivers take all rows of an answer into memory, whatever they are asked for a piece at a
        # time.
        if family is not None:
            each = " + ".join(family.size.replace("{column}", one) for one in asked)
            rows = self.table.page(
                place, after, since=since, size=size, asked=[f"{each} as w"], ties=ties
            )
            ((weight,),) = self.ask(
                SelectQuery(f"select coalesce(sum(w), 0) from ({rows.sql}) x", rows.values)  # noqa: S608
            ).cells
            if int(str(weight)) > self._read.page_bytes:
                raise UnreadableCellError
        query = self.table.page(place, after, since=since, size=size, asked=asked, ties=ties)
        return decoded_rows(self.ask(query).cells, columns)

    def _salvaged(
        self, place: TablePosition, after: Order, *, since: object, exact: bool
    ) -> Sequence[object]:
        """One row read column by column; unreadable values become unusable."""

        def read(column: SqlColumn) -> object:
            ((cell,),) = self._asked(place, after, since=since, size=1, exact=exact, column=column)
            return cell

        return self.salvaged(read)

    def salvaged(self, read: Callable[[SqlColumn], object]) -> list[object]:
        """A row from single columns: as they are, else as text, else unusable.

        Raises FlowError where none can be read: then values are not the cause.
        """
        row, text = [], self.table.dialect.text
        for column in self._columns:
            asked = text.replace("{column}", column.asked)
            for attempt in (
                (column, replace(column, asked=asked, kind="plain")) if text else (column,)
            ):
                with suppress(UnreadableCellError):
                    row.append(read(attempt))
                    break
            else:
                row.append({UNUSABLE: NOT_GIVEN})
        if all(isinstance(cell, dict) for cell in row):
            raise FlowError(
                "system.protocol", system=self._system, status="22000", detail=self.title
            )
        return row

    def _orders(
        self, cells: Sequence[Sequence[object]], place: TablePosition
    ) -> Sequence[Order | None]:
        """Order of each row; None for rows without a key, which have only their number."""
        if place.nameless:
            return [None] * len(cells)
        columns = [
            [row[at] for row in cells]
            for at in map(self._at.__getitem__, self.table.order(loose=place.loose))
        ]
        return list(zip(*columns, strict=True))

    def _high(
        self, cells: Sequence[Sequence[object]], *, so_far: str | int | None
    ) -> str | int | None:
        """The greatest cursor value: the last row's, but for text, whose collation is unknown."""
        if not (self._read.cursor and cells):
            return so_far
        at = self._at[self._read.cursor]
        kind = self._columns[at].kind
        if kind not in IN_TIME and not isinstance(cells[-1][at], IN_ORDER):
            return self._read.high((row[at] for row in cells), so_far=so_far)
        for row in reversed(cells):
            value = _in_time(row[at]) if kind in IN_TIME else row[at]
            if self._read.high([value], so_far=None) is not None:
                return self._read.high([value], so_far=so_far)
        return so_far

    def records(self, rows: Rows) -> tuple[Raw, ...]:
        """Rows as payloads, each named by its key."""
        names, places = rows.names, [rows.names.index(name) for name in self._read.key]
        ways = [
            (place, way)
            for place, column in enumerate(self._columns)
            if (way := shown(column.kind))
        ]
        payloads = []
        for row in rows.cells:
            cells = list(row)
            for place, way in ways:
                cells[place] = way(cells[place])
            payload = canonical(dict(zip(names, _finite(cells), strict=True)), otherwise=_json)
            key = " ".join([f"{names[place]}={_named(cells[place])}" for place in places])
            payloads.append(Raw(payload, f"{self.title} {key}"))
        return tuple(payloads)


def decoded_rows(
    cells: Sequence[Sequence[object]], columns: Sequence[SqlColumn]
) -> list[Sequence[object]]:
    """Rows as the database compares their values."""
    if DECODED.isdisjoint(column.kind for column in columns):
        return list(cells)
    kinds = [column.kind for column in columns]
    return [[decoded(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in cells]


def _in_time(cell: object) -> object:
    """A moment or day from the database's text; None for none."""
    text = str(cell)
    with suppress(ValueError):
        return date.fromisoformat(text)
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return None


def _finite(row: Sequence[object]) -> Sequence[object]:
    """A row with NaN and infinity as text, for the mapping to judge: JSON would make them null."""
    if float not in map(type, row):
        return row
    return [
        str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row
    ]


def _bound(value: Json, like: object) -> object:
    """A stored value in the type of `like`, a value that the driver gave for the column."""
    if isinstance(like, Decimal) or not isinstance(value, str):
        return Decimal(str(value)) if isinstance(like, Decimal) else value
    if isinstance(like, bytes | bytearray):
        return bytes.fromhex(value)
    if isinstance(like, datetime):
        return _bound_moment(datetime.fromisoformat(value), like)
    return date.fromisoformat(value[:10]) if isinstance(like, date) else value


def _bound_moment(moment: datetime, like: datetime) -> datetime:
    """A moment in UTC where the column has instants; a stored local time is taken a day earlier."""
    if like.tzinfo is None:
        return moment.replace(tzinfo=None)
    return (
        moment.replace(tzinfo=UTC) - timedelta(days=1)
        if moment.tzinfo is None
        else moment.astimezone(UTC)
    )


def _orderable(value: object) -> Json:
    """A value of the order as stored: JSON, with bytes as {HEX: ...}."""
    return {HEX: value.hex()} if isinstance(value, bytes) else _json(value)


def _named(cell: object) -> Json:
    """A key as text for people."""
    return "?" if isinstance(cell, dict) else _json(cell)


def _json(value: object) -> Json:
    """A cell as JSON: numbers that JSON holds exactly, all else as text."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return clock(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return value.hex()
    return str(value)
