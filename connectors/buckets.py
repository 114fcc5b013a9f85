"""Tables compared where they are: the database parts its rows into buckets and computes checksums of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from connectors.options import Options
from connectors.tables import UNREADABLE, Query, Reader, Rows, UnreadableTextError
from hub.model import Bucketing, Json, Listed, Page

FEW = 50
"""How many arguments are given to one SQL function."""
CHOSEN = 2_048
"""So many buckets are asked for at a time."""
BUCKET, CHECKSUM = "hub_bucket", "hub_checksum"


class Checksums(Options):
    """How the database computes checksums."""

    text: str = Field(
        default="cast({column} as varchar)", description="SQL of a column as text, e.g. cast({column} as char) in MySQL"
    )
    checksum: str = Field(
        default="('x' || substr(md5({text}), 1, 10))::bit(40)::bigint",
        description="SQL that makes a whole number below 2^40 of a text, so that records are compared where they are; "
        "MySQL: conv(left(md5({text}), 10), 16, 10). Empty: they are read page by page and compared here",
    )


class Buckets:
    """One table in buckets; a key that is no column cannot be compared by."""

    def __init__(self, reader: Reader, sums: Checksums, by: Bucketing) -> None:
        self._reader, self._table, self._sums, self._by = reader, reader.table, sums, by
        self._columns = reader.columns(*by.key)

    def digests(self) -> dict[int, tuple[int, int]]:
        """Bucket, number of rows, sum of their checksums."""
        sql = f"select {BUCKET}, count(*), sum({CHECKSUM}) from ({self._summed()}) t group by {BUCKET}"  # noqa: S608 - validated names
        rows = self._reader.ask(Query(sql, ())).cells
        return {int(str(bucket)): (int(str(count)), int(str(total))) for bucket, count, total in rows}

    def contents(self, chosen: Sequence[int]) -> Iterator[Listed]:
        """Whole rows, some buckets at a time."""
        for start in range(0, len(chosen), CHOSEN):
            rows = list(self._listed(chosen[start : start + CHOSEN]))
            records = self._reader.records(Rows(self._columns, [row[:-2] for row in rows]))
            for raw, (*_, bucket, checksum) in zip(records, rows, strict=True):
                yield Listed(raw, int(str(bucket)), int(str(checksum)))

    def _listed(self, chosen: Sequence[int]) -> Iterator[Sequence[object]]:
        """The rows of these buckets; where one cannot be read, row by row, and that one column by column."""
        try:
            yield from self._reader.ask(self._query(chosen, self._columns)).cells
        except UnreadableTextError:
            if len(chosen) > 1:
                for bucket in chosen:
                    yield from self._listed([bucket])
                return
            names = [name for name in self._table.order(loose=False) if name]
            for place in self._reader.ask(self._query(chosen, names)).cells:
                yield self._salvaged(chosen, dict(zip(names, place[:-2], strict=True)))

    def _salvaged(self, chosen: Sequence[int], one: Mapping[str, object]) -> Sequence[object]:
        row: list[object] = []
        sums: Sequence[object] = ()
        for column in self._columns:
            try:
                value, *sums = self._reader.ask(self._query(chosen, [column], one=one)).cells[0]
            except UnreadableTextError:
                value = UNREADABLE
            row.append(value)
        return [*row, *sums]

    def _query(self, chosen: Sequence[int], shown: Sequence[str], *, one: Mapping[str, object] | None = None) -> Query:
        """The rows of these buckets (or one of them by its values) with bucket and checksum."""
        tests = {name: "is null" if value is None else "= ?" for name, value in (one or {}).items()}
        only = "".join(f" and {self._table.quoted(name)} {test}" for name, test in tests.items())
        names = ", ".join([*map(self._table.quoted, shown), BUCKET, CHECKSUM])
        side_by_side = chosen[-1] - chosen[0] + 1 == len(chosen)
        bounds = (chosen[0], chosen[-1]) if side_by_side else tuple(chosen)
        within = "between ? and ?" if side_by_side else f"in ({', '.join('?' * len(chosen))})"
        sql = f"select {names} from ({self._summed()}) t where {BUCKET} {within}{only} order by {BUCKET}"  # noqa: S608 - likewise
        return Query(sql, (*bounds, *(value for value in (one or {}).values() if value is not None)))

    def _summed(self) -> str:
        """Every row with its bucket and its checksum."""
        bucket = f"{self._checksum([f'trim({self._text(name)})' for name in self._by.key])} % {self._by.count}"
        checksum = self._checksum([self._text(name) for name in self._columns if name not in self._by.ignore])
        shown = ", ".join(map(self._table.quoted, self._columns))
        return f"select {shown}, {bucket} as {BUCKET}, {checksum} as {CHECKSUM} from {self._table.name}"  # noqa: S608 - likewise

    def _text(self, name: str) -> str:
        return f"coalesce({self._sums.text.format(column=self._table.quoted(name))}, '~')"

    def _checksum(self, texts: Sequence[str]) -> str:
        """A number of these texts; nested, for a function takes no more than a hundred arguments."""
        parts = [f"concat_ws('|', {', '.join(texts[at : at + FEW])})" for at in range(0, len(texts), FEW)]
        return self._sums.checksum.format(text=f"concat_ws('|', {', '.join(parts)})")


class ReadsTables(ABC):
    """What connectors that read tables have in common, whatever driver runs their SQL."""

    def __init__(self, sums: Checksums) -> None:
        self._sums = sums

    @abstractmethod
    def _reader(self, read: Mapping[str, Json]) -> Reader:
        """What reads one table as its options say."""

    def pages(self, read: Mapping[str, Json], *, since: str | int | None, resume: Json) -> Iterator[Page]:
        return self._reader(read).pages(since=since, resume=resume)

    def digests(self, read: Mapping[str, Json], by: Bucketing) -> dict[int, tuple[int, int]] | None:
        """One statement, computed there."""
        return Buckets(self._reader(read), self._sums, by).digests() if self._sums.checksum else None

    def contents(self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]) -> Iterator[Listed]:
        """Whole rows, some buckets at a time."""
        return Buckets(self._reader(read), self._sums, by).contents(chosen)
