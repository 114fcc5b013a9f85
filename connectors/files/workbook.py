"""Workbooks: the table of one sheet read, and tables written, text for text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING

from connectors.canonical import canonical
from connectors.files.shape import ReadingOptions
from connectors.files.table import Row, TableContent, is_sum, joined
from hub import exact
from hub.model import Json
from hub.workbook.package import Package, Sheet
from hub.workbook.sheet import KEPT_DIGITS, Area, SheetRow, Sheets, merged
from hub.workbook.troubles import UnreadableFileError

if TYPE_CHECKING:
    from openpyxl.cell import Cell


def read_workbook(content: bytes, shape: ReadingOptions) -> TableContent:
    """Rows as canonical JSON objects by header; rows without a value are left out.

    Columns of the same title make a list, as repeated XML elements do.
    """
    package = Package(content, most_bytes=shape.most_bytes)
    sheet = chosen(package.sheets, shape.sheet)
    return _SheetTable(
        Sheets(package, shape), sheet, merged(package, sheet.part, most=shape.most_rows), shape
    ).read()


def chosen(sheets: Sequence[Sheet], wanted: str) -> Sheet:
    """The sheet to read; hidden ones (lists of drop-downs) only by name."""
    shown = [sheet for sheet in sheets if not sheet.hidden]
    if not sheets:
        raise UnreadableFileError("file.damaged", why="no sheet")
    if not wanted:
        return (shown or sheets)[0]
    named = [sheet for sheet in sheets if sheet.name.strip() == wanted.strip()]
    fitting = named or [sheet for sheet in shown if fnmatchcase(sheet.name.strip(), wanted)]
    if len(fitting) == 1:
        return fitting[0]
    code = "file.sheet_twice" if fitting else "file.sheet_missing"
    raise UnreadableFileError(
        code, sheet=wanted, sheets=", ".join(sheet.name for sheet in fitting or sheets)[:500]
    )


class _SheetTable:
    """One sheet with a header."""

    def __init__(
        self, sheets: Sheets, sheet: Sheet, areas: Sequence[Area], shape: ReadingOptions
    ) -> None:
        self._shape = shape
        self._areas = areas
        self._rows = sheets.rows(sheet.part)
        self._notes: Counter[str] = Counter()

    def read(self) -> TableContent:
        """Header and records; neither for a sheet that ends before its header."""
        head, rows = self._head()
        titles = self._titles(head)
        if not titles:
            return TableContent([], None, self._notes)
        first = head[-1].number + 1
        if self._shape.merged == "fill":
            # An area may reach to the sheet's last column, of which no cell is asked for.
            last = max(titles)
            within = [replace(one, right=min(one.right, last)) for one in self._areas]
            rows = _filled(rows, [one for one in within if one.left <= last])
        elif unfilled := sum(
            area.bottom >= first and area.left <= max(titles) for area in self._areas
        ):
            self._notes["file.merged_cells"] += unfilled
        records = list(self._records(rows, titles))
        return TableContent(records, tuple(titles.values()), self._notes)

    def _head(self) -> tuple[list[SheetRow], Iterator[SheetRow]]:
        """The header's rows, and an iterator of those after."""
        header, rows = self._shape.header, self._rows
        if header is None:
            found = next((row for row in rows if row.number >= self._shape.header_row), None)
            return ([found] if found else []), rows
        for row in rows:
            if _has_title(row, header.find):
                last = row.number + header.rows - 1
                head = [row]
                for following in rows:
                    if following.number > last:
                        return head, chain([following], rows)
                    head.append(following)
                return head, rows
        raise UnreadableFileError("file.header_missing", title=header.find)

    def _titles(self, head: Sequence[SheetRow]) -> dict[int, str]:
        """Titles by column."""
        header = self._shape.header
        filled = list(_filled(iter(head), self._areas)) if len(head) > 1 else head
        texts = [{column: _title(value) for column, value in row.cells.items()} for row in filled]
        titles = joined(texts, header.join if header else "")
        return {column: title for column, title in titles.items() if title}

    def _records(self, rows: Iterator[SheetRow], titles: Mapping[int, str]) -> Iterator[Row]:
        several = {title for title, times in Counter(titles.values()).items() if times > 1}
        count = 0
        for row in rows:
            if not self._is_record(row, titles):
                continue
            count += 1
            if count > self._shape.most_rows:
                raise UnreadableFileError("file.too_long", most=str(self._shape.most_rows))
            record: dict[str, Json] = dict.fromkeys(titles.values())
            lists: dict[str, list[Json]] = {title: [] for title in several}
            for column, title in titles.items():
                value = row.cells.get(column)
                if title in several:
                    lists[title].append(value)
                else:
                    record[title] = value
            record.update(lists)
            yield Row(canonical(record), row.number)

    def _is_record(self, row: SheetRow, titles: Mapping[int, str]) -> bool:
        """Whether a row is a record: not empty, hidden only where that counts, no title, no sum."""
        header, values = (
            self._shape.header,
            {column: row.cells[column] for column in titles if column in row.cells},
        )
        if not values:
            return False
        if row.hidden:
            self._notes["file.hidden_rows"] += 1
            if self._shape.hidden_rows == "skip":
                return False
        if header is not None and _has_title(row, header.find):
            raise UnreadableFileError("file.header_twice", title=header.find, rows=str(row.number))
        if all(_title(values.get(column)) == title for column, title in titles.items()):
            self._notes["file.header_again"] += 1
            return False
        if is_sum(_title(values[min(values)]), self._shape.totals):
            self._notes["file.total_line"] += 1
            return False
        return True


def _filled(rows: Iterable[SheetRow], areas: Sequence[Area]) -> Iterator[SheetRow]:
    """Rows with merged cells filled from the first of them."""
    coming, open_, first = iter(areas), list[Area](), dict[Area, Json]()
    area = next(coming, None)
    for row in rows:
        while area is not None and area.top <= row.number:
            if any(
                one.left <= area.right and area.left <= one.right and one.bottom >= area.top
                for one in open_
            ):
                raise UnreadableFileError("file.damaged", why="merged areas overlap")
            open_.append(area)
            area = next(coming, None)
        open_ = [one for one in open_ if one.bottom >= row.number]
        cells = dict(row.cells)
        for one in open_:
            if one.top == row.number:
                first[one] = row.cells.get(one.left)
            if (value := first.get(one)) is not None:
                cells.update(
                    {
                        column: value
                        for column in range(one.left, one.right + 1)
                        if column not in row.cells
                    }
                )
        yield replace(row, cells=cells)


def _has_title(row: SheetRow, title: str) -> bool:
    return any(_title(value) == title for value in row.cells.values())


def _title(value: Json) -> str:
    """A cell as a title."""
    if isinstance(value, str):
        return value.strip()
    return "" if value is None or isinstance(value, dict) else exact.write(value).decode()


def written(header: Sequence[str], lines: Iterable[Sequence[Json]], sheet: str) -> bytes:
    """A workbook of one sheet; texts are never formulas."""
    # Imported here: half a second that only workbooks that go out should cost.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    page = book.active
    page.title = sheet or "Sheet1"
    for number, line in enumerate([header, *lines], start=1):
        for column, value in enumerate(line, start=1):
            if value is not None and value != "":
                put(page.cell(number, column), value)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def put(cell: "Cell", value: Json) -> None:
    """Write one value; a number as a number only where Excel keeps all its digits."""
    if isinstance(value, bool) or (isinstance(value, int | float) and _is_kept(value)):
        cell.value = value
        return
    exact.put_text(cell, value if isinstance(value, str) else exact.write(value).decode())


def _is_kept(number: float) -> bool:
    return abs(number) < 10**KEPT_DIGITS and float(f"{number:.{KEPT_DIGITS}g}") == number
