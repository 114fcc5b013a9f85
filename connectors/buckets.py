"""Reconciliation of tables in the database: rows hashed into buckets, a checksum for each."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pydantic import Field

from connectors.columns import SqlColumn
from connectors.options import Options
from connectors.table_reader import TableReader, decoded_rows
from connectors.tables import MARK, Rows, SelectQuery, UnreadableCellError
from hub.model import Bucketing, Json, Listed, Page

FEW = 50
"""Arguments given to one SQL function at most."""
CHOSEN = 2_048
"""Buckets asked for in one query at most."""
BUCKET, CHECKSUM = "hub_bucket", "hub_checksum"
AS_TEXT = "cast({column} as varchar)"


class Checksums(Options):
    """How the database computes checksums."""

    text: str = Field(
        default="",
        description="SQL of a column as text; left out: as below for PostgreSQL, MySQL, MariaDB "
        "and SQLite, "
        "cast({column} as varchar) for others",
    )
    checksum: str | None = Field(
        default=None,
        description="SQL that makes a whole number below 2^40 of a text, so that records are "
        "compared where they are. "
        "Left out: as below for PostgreSQL, MySQL, MariaDB and SQLite. Empty, and left out for "
        "others: they are read "
        "page by page and compared here",
    )


class Buckets:
    """One table in buckets. Raises FlowError (system.contract) where a key is no column."""

    def __init__(self, reader: TableReader, sums: Checksums, by: Bucketing) -> None:
        self._reader, self._table, self._by = reader, reader.table, by
        self._most = reader.page_bytes
        family = reader.table.dialect.family
        self.checksum = (
            sums.checksum if sums.checksum is not None else family.checksum if family else ""
        )
        self._as_text = sums.text or (family.text if family else AS_TEXT)
        self._joined = family.joined if family else _joined
        self._as_number = family.whole if family else "{checksum}"
        self._columns = (
            {column.name: column for column in reader.columns(*by.key)} if self.checksum else {}
        )

    def digests(self) -> dict[int, tuple[int, int]] | None:
        """{bucket: (rows, sum of checksums)}; None where the database cannot compute checksums."""
        if not self.checksum:
            return None
        shown = ", ".join(map(self._told, (BUCKET, "count(*)", f"sum({CHECKSUM})")))
        # quoted names
        sql = f"select {shown} from ({self._summed()}) t group by {BUCKET}"  # noqa: S608
        rows = self._reader.ask(SelectQuery(sql, ())).cells
        return {_whole(bucket): (_whole(count), _whole(total)) for bucket, count, total in rows}

    def contents(self, chosen: Sequence[int]) -> Iterator[Listed]:
        """Whole rows of these buckets, in queries within the limits of rows and bytes."""
        for start in range(0, len(chosen), CHOSEN):
            for some in self._fitting(chosen[start : start + CHOSEN]):
                for rows in self._listed(some):
                    records = self._reader.records(
                        Rows(tuple(self._columns), [row[:-2] for row in rows])
                    )
                    for raw, (*_, bucket, checksum) in zip(records, rows, strict=True):
                        yield Listed(raw, _whole(bucket), _whole(checksum))

    def _fitting(self, chosen: Sequence[int]) -> Iterator[Sequence[int]]:
        """Groups of buckets within the bytes of one query; a larger bucket is alone."""
        weights = self._weights(chosen)
        group: list[int] = []
        left = self._most
        for bucket in chosen:
            left -= weights.get(bucket, 0)
            if group and left < 0:
                yield group
                group, left = [], self._most - weights.get(bucket, 0)
            group.append(bucket)
        if group:
            yield group

    def _weights(self, chosen: Sequence[int]) -> dict[int, int]:
        """{bucket: bytes}; {} for a database of an unknown kind."""
        if self._reader.table.dialect.family is None:
            return {}
        within, bounds = _within(chosen)
        told = f"{self._told(BUCKET)}, sum({self._weight(tuple(self._columns.values()))})"
        sql = f"select {told} from ({self._summed()}) t where {BUCKET} {within} group by {BUCKET}"  # noqa: S608 - quoted names
        return {
            _whole(bucket): _whole(weight)
            for bucket, weight in self._reader.ask(SelectQuery(sql, bounds)).cells
        }

    def _weight(self, columns: Sequence[SqlColumn]) -> str:
        """SQL of a row's size in bytes; 0 where unknown."""
        family = self._reader.table.dialect.family
        return (
            " + ".join(family.size.replace("{column}", one.asked) for one in columns)
            if family
            else "0"
        )

    def _listed(self, chosen: Sequence[int]) -> Iterator[list[Sequence[object]]]:
        """Rows of these buckets; where one cannot be read, buckets are halved until it is alone."""
        columns = tuple(self._columns.values())
        if len(chosen) == 1:
            yield from self._parts(chosen, 0, None)
            return
        try:
            yield self._asked(chosen, columns)
        except UnreadableCellError:
            half = len(chosen) // 2
            yield from self._listed(chosen[:half])
            yield from self._listed(chosen[half:])

    def _parts(
        self, chosen: Sequence[int], skip: int, count: int | None
    ) -> Iterator[list[Sequence[object]]]:
        """`count` rows of one bucket after `skip` others (None: all); bad rows are isolated."""
        columns = tuple(self._columns.values())
        part = None if count is None else (skip, count)
        try:
            yield self._asked(chosen, columns, part=part)
        except UnreadableCellError:
            count = len(self._asked(chosen, ())) if count is None else count
            if count == 1:
                yield [self._salvaged(chosen, skip)]
                return
            half = count // 2
            for begin, size in ((skip, half), (skip + half, count - half)):
                if size:
                    yield from self._parts(chosen, begin, size)

    def _salvaged(self, chosen: Sequence[int], at: int) -> Sequence[object]:
        (sums,) = self._asked(chosen, (), part=(at, 1))

        def read(column: SqlColumn) -> object:
            ((cell, *_),) = self._asked(chosen, (column,), part=(at, 1))
            return cell

        return [*self._reader.salvaged(read), *sums]

    def _asked(
        self,
        chosen: Sequence[int],
        columns: Sequence[SqlColumn],
        *,
        part: tuple[int, int] | None = None,
    ) -> list[Sequence[object]]:
        """Rows of these buckets, each with bucket and checksum; part: (skip, count).

        Raises UnreadableCellError, also where they have more bytes than one query may give.
        """
        within, bounds = _within(chosen)
        order = [BUCKET, *(self._table.quoted(name) for name in self._table.order(loose=False))]
        some = f" {self._table.dialect.limited(part[1], part[0])}" if part else ""
        behind = (
            f" from ({self._summed()}) t where {BUCKET} {within}"
            f" order by {', '.join(f't.{name}' for name in order)}{some}"
        )
        if columns and len(chosen) == 1:  # several have been weighed
            rows = f"select {self._weight(columns)} as w{behind}"
            # likewise
            sql = f"select {self._told('coalesce(sum(w), 0)')} from ({rows}) x"  # noqa: S608
            ((weight,),) = self._reader.ask(SelectQuery(sql, bounds)).cells
            if _whole(weight) > self._most:
                raise UnreadableCellError
        names = ", ".join(
            [*(column.asked for column in columns), self._told(BUCKET), self._told(CHECKSUM)]
        )
        return decoded_rows(
            self._reader.ask(SelectQuery(f"select {names}{behind}", bounds)).cells,
            [*columns, *_SUMS],
        )

    def _summed(self) -> str:
        """SQL of every row with its bucket and checksum."""
        bucket = (
            f"{self._number([f'trim({self._text(name)})' for name in self._by.key])} % "
            f"{self._by.count}"
        )
        checksum = self._number(
            [self._text(name) for name in self._columns if name not in self._by.ignore]
        )
        shown = ", ".join(map(self._table.quoted, self._columns))
        return (
            f"select {shown}, {bucket} as {BUCKET}, {checksum} as {CHECKSUM} from "  # noqa: S608 - likewise
            f"{self._table.name}"
        )

    def _told(self, number: str) -> str:
        family = self._table.dialect.family
        return family.told.replace("{number}", number) if family else number

    def _text(self, name: str) -> str:
        return f"coalesce({self._as_text.replace('{column}', self._columns[name].asked)}, '~')"

    def _number(self, texts: Sequence[str]) -> str:
        """SQL that hashes texts to a number; nested: a function takes at most a hundred."""
        parts = [self._joined(list(texts[at : at + FEW])) for at in range(0, len(texts), FEW)]
        checksum = self.checksum.replace("{text}", self._joined(parts))
        return self._as_number.replace("{checksum}", checksum)


_SUMS = (SqlColumn(BUCKET, BUCKET), SqlColumn(CHECKSUM, CHECKSUM))


def _within(chosen: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """SQL condition for these buckets, and its values."""
    if chosen[-1] - chosen[0] + 1 == len(chosen):
        return f"between {MARK} and {MARK}", (chosen[0], chosen[-1])
    return f"in ({', '.join(MARK * len(chosen))})", tuple(chosen)


def _joined(texts: list[str]) -> str:
    return f"concat_ws('|', {', '.join(texts)})"


def _whole(value: object) -> int:
    """An integer that a database computed, as any driver gives it: 985, '985', '985.0'."""
    return int(Decimal(str(value)))


class ReadsTables(ABC):
    """Base of connectors that read tables, whatever driver runs their SQL."""

    def __init__(self, sums: Checksums) -> None:
        self._sums = sums

    @abstractmethod
    def _reader(self, read: Mapping[str, Json]) -> TableReader:
        """The reader of the table named by these options."""

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        yield from self._reader(read).pages(since=since, resume=resume)

    def digests(self, read: Mapping[str, Json], by: Bucketing) -> dict[int, tuple[int, int]] | None:
        """As `Buckets.digests`: one query, computed in the database."""
        return Buckets(self._reader(read), self._sums, by).digests()

    def contents(
        self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]
    ) -> Iterator[Listed]:
        """As `Buckets.contents`."""
        return Buckets(self._reader(read), self._sums, by).contents(chosen)
