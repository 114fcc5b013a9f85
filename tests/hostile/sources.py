"""Sources in this process that keep the connector contract through the connectors' own paging, and
misbehave.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.paging import (
    NumberedPages,
    PageAnswer,
    PagedRecord,
    PagingPosition,
    TokenPages,
    place_of,
    sweep,
)
from hub.errors import FlowError, TransientError
from hub.model import Json, Outcome, Outgoing, Page, Receipt
from tests.hostile.faults import Strikes
from tests.hostile.truth import NUMBERED, Row, TableName, Truth, stamp

PAGE = 4
PAGING = {
    "plan": NumberedPages(parameter="page", advance=True),
    "build": NumberedPages(parameter="page"),
    "permit": TokenPages(parameter="after", next="next"),
    "service": TokenPages(parameter="after", next="next"),
}


@dataclass
class Source:
    """One table of the truth, read page by page; `meanwhile` changes the truth while it is read."""

    truth: Truth
    table: TableName
    strikes: Strikes
    meanwhile: Callable[[], None]
    served: int = 0
    asked: int = 0
    last: PageAnswer | None = None
    size: int = PAGE
    rows: list[Row] = field(default_factory=list)

    def ping(self) -> str:
        return "here"

    def pages(
        self, _read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        start = place_of(since=since, resume=resume)
        for page in sweep(
            self._ask, paging=PAGING[self.table], start=start, name=self.table, system=self.table
        ):
            self.served += page.read
            yield page

    def send(self, _write: Mapping[str, Json], _items: Sequence[Outgoing]) -> list[Outcome]:
        raise NotImplementedError

    def receipts(self, _write: Mapping[str, Json], _keys: Sequence[str]) -> list[Receipt]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to give back."""

    def _ask(self, place: PagingPosition) -> PageAnswer:
        self.asked += 1
        strikes, call = self.strikes, self.asked
        if strikes.before("source_throttles", call):
            raise TransientError("system.busy", system=self.table, after=1)
        if strikes.hits("source_hangs", call):
            raise TransientError("system.timeout", system=self.table)
        if strikes.hits("source_forgets", call):
            raise FlowError("system.credentials", system=self.table)
        if strikes.hits("page_shifts", call):
            self.meanwhile()
        if strikes.hits("page_repeats", call) and self.last is not None:
            return self.last
        if strikes.hits("early_end", call):
            return PageAnswer([])
        self.last = self._answer(place, changing=strikes.hits("detail_newer", call))
        return self.last

    def _answer(self, place: PagingPosition, *, changing: bool) -> PageAnswer:
        table = self.truth.tables[self.table]
        rows = table.seen
        behind = self.strikes.at.get("stale_replica", 0)
        if behind and table.before:
            rows = table.before[max(0, len(table.before) - behind)]
        listed, token = self._listed(list(rows.values()), place)
        if changing:
            self.meanwhile()
        return PageAnswer(
            [PagedRecord(self._detail(row, rows), self._moment(row)) for row in listed], token
        )

    def _listed(self, rows: list[Row], place: PagingPosition) -> tuple[list[Row], str | None]:
        """The list page: keys and cursor values."""
        if self.table in NUMBERED:
            after = tuple(map(int, str(place.token).split("/"))) if place.token else None
            chosen = [
                row
                for row in sorted(rows, key=_place)
                if (after is None or _place(row) > after)
                and (place.since is None or row.moment >= int(place.since))
            ]
            page = chosen[: self.size]
            more = len(chosen) > self.size
            return page, "/".join(map(str, _place(page[-1]))) if more else None
        if self.table == "plan":
            since = place.since
            rows = [row for row in rows if since is None or stamp(row.moment) >= str(since)]
            rows.sort(key=lambda row: (row.moment, row.key))
        else:
            rows.sort(key=lambda row: row.key)
        number = 1 if place.token is None else int(place.token)
        return rows[(number - 1) * self.size : number * self.size], None

    def _detail(self, row: Row, rows: Mapping[str, Row]) -> bytes:
        """The record as it is when its detail is asked for."""
        return self.truth.raw(self.table, rows.get(row.key, row), fetched=self.asked)

    def _moment(self, row: Row) -> str | int | None:
        if self.table == "build":
            return None
        return row.moment if self.table in NUMBERED else stamp(row.moment)


def _place(row: Row) -> tuple[int, int]:
    return row.moment, int(row.key[1:])
