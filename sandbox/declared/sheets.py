"""Tables in files, as declared: CSV in a character set, workbooks with a title above their
header.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook

from sandbox.declared.words import Files
from sandbox.state import Record

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

HEADER_WITHIN = 3  # rows in which the header of a workbook is looked for
Lines = Iterable[Sequence[object]]


class UnreadableFileError(Exception):
    """A file in the inbox is not what its name says."""


class Sheets(Protocol):
    """Writes and reads the tables of one partner."""

    def written(self, title: str, header: Sequence[str], rows: Lines) -> bytes:
        """Write a table."""

    def read(self, content: bytes, *, column: str) -> list[Record]:
        """Read a table that has this column, or raise UnreadableFileError."""


def sheets(files: Files) -> Sheets:
    return CsvSheets(files) if files.format == "csv" else Workbooks(files)


class CsvSheets:
    """Lines with commas; a character that the set lacks becomes a question mark."""

    def __init__(self, files: Files) -> None:
        self._charset = files.charset

    def written(self, title: str, header: Sequence[str], rows: Lines) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        if title:
            writer.writerow([title])
        writer.writerow(header)
        writer.writerows(rows)
        return text.getvalue().encode(self._charset, "replace")

    def read(self, content: bytes, *, column: str) -> list[Record]:
        del column  # a file of lines has its header on the first
        try:
            text = content.decode(self._charset)
            return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]
        except (UnicodeDecodeError, csv.Error) as error:
            raise UnreadableFileError from error


class Workbooks:
    """One sheet; the title stands in a row of its own over all columns."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def written(self, title: str, header: Sequence[str], rows: Lines) -> bytes:
        book = Workbook()
        sheet = book.active
        sheet.title = self._files.sheet
        if self._files.hidden:
            book.create_sheet(self._files.hidden, 0).sheet_state = "hidden"
        head = [[title], *self._head(header)] if title else self._head(header)
        body = [[self._cell(*one) for one in zip(header, row, strict=True)] for row in rows]
        for line in (*head, *body):
            sheet.append(line)
        if title:
            _merge(sheet, (1, 1), (1, len(header)))
        if len(head) > 1 + bool(title):
            self._merge_head(sheet, header, len(head) - 1)
        for column in filter(header.__contains__, self._files.merged):
            _merge_runs(
                sheet,
                [row[header.index(column)] for row in body],
                header.index(column) + 1,
                len(head) + 1,
            )
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def _head(self, header: Sequence[str]) -> list[list[str]]:
        """Give the rows of titles: a group above, its parts below."""
        parts = [name.partition("/") for name in header]
        if self._files.header_rows == 1 or not any(part[1] for part in parts):
            return [list(header)]
        return [[part[0] for part in parts], [part[2] for part in parts]]

    def _merge_head(self, sheet: "Worksheet", header: Sequence[str], top: int) -> None:
        groups = [name.partition("/")[0] for name in header]
        for at, name in enumerate(header, start=1):
            if "/" not in name:
                _merge(sheet, (top, at), (top + 1, at))
            elif groups.index(groups[at - 1]) == at - 1:
                _merge(sheet, (top, at), (top, at + groups.count(groups[at - 1]) - 1))

    def _cell(self, column: str, value: object) -> object:
        if column in self._files.dates and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:  # spoilt on purpose
                return value
        return value

    def read(self, content: bytes, *, column: str) -> list[Record]:
        try:
            sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        except (BadZipFile, KeyError, ValueError, OSError) as error:
            raise UnreadableFileError from error
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
        top = next((at for at, line in enumerate(lines[:HEADER_WITHIN]) if column in line), None)
        if top is None:
            raise UnreadableFileError
        filled = (line for line in lines[top + 1 :] if any(value is not None for value in line))
        return [
            {
                str(name): self._text(value)
                for name, value in zip(lines[top], line, strict=False)
                if name
            }
            for line in filled
        ]

    def _text(self, value: object) -> object:
        """Read date cells as this partner writes days; the rest is taken as it stands."""
        return value.strftime(self._files.day) if isinstance(value, date) else value


def _merge(sheet: "Worksheet", first: tuple[int, int], last: tuple[int, int]) -> None:
    sheet.merge_cells(
        start_row=first[0], start_column=first[1], end_row=last[0], end_column=last[1]
    )


def _merge_runs(sheet: "Worksheet", values: Sequence[object], column: int, top: int) -> None:
    """Merge cells of a column that say the same one below the other."""
    for value, run in groupby(enumerate(values, start=top), key=itemgetter(1)):
        rows = [row for row, _ in run]
        if value and len(rows) > 1:
            _merge(sheet, (rows[0], column), (rows[-1], column))
