"""An uploaded workbook, cell by cell: rows for a template, and every cell that cannot be taken."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from openpyxl.utils import get_column_letter

from hub.domain import paths
from hub.domain.contracts import PullFlow
from hub.domain.templates import TemplateColumn, UploadTemplate
from hub.errors import Fault, FlowError
from hub.model import Json
from hub.workbook.package import Package, Sheet
from hub.workbook.sheet import Area, SheetRow, Sheets, merged
from hub.workbook.troubles import UnreadableFileError

MOST_BYTES = 3_000_000
MOST_UNPACKED = 50_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 300
MOST_FAULTS = 5_000


@dataclass(frozen=True, slots=True)
class CellReading:
    """How cells are read: computed ones by their stored result, long numbers as texts only."""

    formulas: Literal["value", "refuse"] = "value"
    digits: Literal["text", "rounded"] = "text"
    most_columns: int = MOST_COLUMNS


@dataclass(frozen=True, slots=True)
class FaultyCell:
    """A cell that cannot be taken: its place (B7, or A3:B4), the column's title, and why."""

    cell: str
    header: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class SuppliedRow:
    """One record as it was written: its place in the sheet (A2:L2) and its cells by title."""

    at: str
    number: int
    cells: dict[str, Json]


@dataclass(slots=True)
class ReadWorkbook:
    """What an uploaded workbook says. columns: number by title."""

    rows: list[SuppliedRow] = field(default_factory=list)
    faults: list[FaultyCell] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    examples: int = 0

    def place(self, header: str, row: int) -> str:
        """The cell of a column in a row; the row alone where the column is missing."""
        column = self.columns.get(header)
        return f"{get_column_letter(column)}{row}" if column else str(row)


def read_workbook(content: bytes, template: UploadTemplate, *, name: str) -> ReadWorkbook:
    """The rows of an uploaded workbook; FlowError where it is none that may be taken at all."""
    if len(content) > MOST_BYTES:
        raise FlowError("supply.too_big", file=name, most=MOST_BYTES)
    try:
        package = Package(content, most_bytes=MOST_UNPACKED)
        if package.has_macros:
            raise FlowError("supply.macros", file=name)
        sheet = _sheet(package.sheets, template.sheet)
        areas = merged(package, sheet.part, most=MOST_ROWS)
        found = list(islice(Sheets(package, CellReading()).rows(sheet.part), MOST_ROWS + 100))
    except UnreadableFileError as error:
        raise FlowError(error.code, file=name, **error.facts) from None
    if not found or found[-1].number > MOST_ROWS + template.header_rows:
        rows = found[-1].number if found else 0
        code = "supply.too_long" if rows else "supply.empty"
        raise FlowError(code, file=name, most=MOST_ROWS)
    return _read(found, areas, template)


def _read(
    found: Sequence[SheetRow], areas: Sequence[Area], template: UploadTemplate
) -> ReadWorkbook:
    read = ReadWorkbook()
    head = next((row for row in found if row.number == template.header_rows), None)
    titles = {column: str(value).strip() for column, value in (head.cells if head else {}).items()}
    read.columns = {title: column for column, title in reversed(titles.items())}
    read.faults += _faults_of_titles(titles, template)
    read.faults += _merged(areas, template)
    for row in found:
        if row.number > template.header_rows:
            _take(read, row, titles, template)
    return read


def _take(
    read: ReadWorkbook, row: SheetRow, titles: Mapping[int, str], template: UploadTemplate
) -> None:
    """One row with a value: a record, the example, or cells where no column is."""
    for column, value in row.cells.items():
        if column not in titles:
            cell = f"{get_column_letter(column)}{row.number}"
            shown = paths.plain(value) or ""
            read.faults.append(FaultyCell(cell, "", Fault("", "supply.outside", {"value": shown})))
    known = {title: row.cells.get(column) for title, column in read.columns.items()}
    cells = {header: known.get(header) for header in template.headers if header in known}
    if all(value is None for value in cells.values()):
        return
    example = template.example
    if all((paths.plain(value) or "") == example[header] for header, value in cells.items()):
        read.examples += 1
        return
    at = f"A{row.number}:{get_column_letter(max(titles, default=1))}{row.number}"
    read.rows.append(SuppliedRow(at, row.number, cells))


def _sheet(sheets: Sequence[Sheet], wanted: str) -> Sheet:
    """The sheet of the template; the only one to be seen where it has no name."""
    shown = [one for one in sheets if not one.hidden]
    named = [one for one in sheets if one.name.strip() == wanted] if wanted else shown[:1]
    if len(named) != 1:
        names = ", ".join(one.name for one in sheets)[:500]
        raise UnreadableFileError("file.sheet_missing", sheet=wanted, sheets=names)
    return named[0]


def _faults_of_titles(titles: Mapping[int, str], template: UploadTemplate) -> Iterator[FaultyCell]:
    """Columns that are missing, unknown or there twice."""
    row, counted = template.header_rows, Counter(titles.values())
    for column in template.columns:
        if column.header not in counted:
            facts = {"header": column.header, "row": str(row)}
            fault = Fault("", "supply.column_missing", facts)
            yield FaultyCell(str(row), column.header, fault)
    for place, title in titles.items():
        cell, facts = f"{get_column_letter(place)}{row}", {"header": title}
        if template.column(title) is None:
            yield FaultyCell(cell, title, Fault("", "supply.column_unknown", facts))
        elif counted[title] > 1:
            yield FaultyCell(cell, title, Fault("", "supply.column_twice", facts))


def _merged(areas: Sequence[Area], template: UploadTemplate) -> Iterator[FaultyCell]:
    for area in areas:
        if area.bottom > template.header_rows:
            first = f"{get_column_letter(area.left)}{area.top}"
            cells = f"{first}:{get_column_letter(area.right)}{area.bottom}"
            yield FaultyCell(cells, "", Fault("", "supply.merged", {"cells": cells}))


def judged(flow: PullFlow, template: UploadTemplate, read: ReadWorkbook) -> None:
    """Map every row as intake will, and add its faults to those of the workbook."""
    rows_by_key: dict[str, list[SuppliedRow]] = {}
    for row in read.rows:
        mapped = flow.mapper.map(row.cells)
        for fault in mapped.faults:
            header = _header(fault, template)
            if header and header not in row.cells:
                continue  # the missing column has been named already
            wrong = in_clerks_terms(fault, template.column(header))
            read.faults.append(FaultyCell(read.place(header, row.number), header, wrong))
        if mapped.key:
            rows_by_key.setdefault(mapped.key, []).append(row)
        if mapped.deleted or mapped.skipped:
            wrong = Fault("", "supply.no_record", {})
            read.faults.append(FaultyCell(str(row.number), "", wrong))
    for key, rows in rows_by_key.items():
        if len(rows) > 1:
            numbers = ", ".join(str(row.number) for row in rows)
            facts = {"value": key, "rows": numbers}
            header = template.key[0]
            read.faults += [
                FaultyCell(
                    read.place(header, row.number), header, Fault("", "supply.key_twice", facts)
                )
                for row in rows
            ]


def _header(fault: Fault, template: UploadTemplate) -> str:
    """The title of the column that a fault of a record is about."""
    name = fault.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
    if template.column(name) is not None:
        return name
    about = fault.facts.get("field", "")
    by_field = (one.header for one in template.columns if about in {one.field.name, one.header})
    return next(by_field, "")


def in_clerks_terms(fault: Fault, column: TemplateColumn | None) -> Fault:
    """A fault as whoever filled the cell in understands it: by the column's title and choices."""
    if column is None:
        return fault
    facts = {**fault.facts, "field": column.header}
    if fault.code in {"record.missing", "record.key_missing"}:
        return Fault(fault.pointer, "supply.cell_empty", {"field": column.header})
    if column.choices and fault.code == "record.code_unknown":
        choices = {"choices_zh": "、".join(column.choices), "choices_en": ", ".join(column.choices)}
        said = {"field": column.header, "value": facts.get("value", ""), **choices}
        return Fault(fault.pointer, "supply.not_a_choice", said)
    return Fault(fault.pointer, fault.code, facts)
