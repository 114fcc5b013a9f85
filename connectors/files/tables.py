"""Tables in files: CSV as bytes, line by line as received; XLSX as cells under a header."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Literal

from pydantic import Field

from connectors.canonical import canonical
from connectors.files import workbook
from connectors.options import Options
from hub import exact
from hub.model import Json

BOM = b"\xef\xbb\xbf"


class UnreadableTableError(ValueError):
    """A file is not the table that its name promises."""


class Shape(Options):
    """How a table is written into a file."""

    format: Literal["csv", "xlsx"] = Field(default="csv", description="Kind of file; xlsx is a workbook")
    encoding: str = Field(
        default="gb18030", description="Encoding of a CSV file, e.g. gb18030 (which reads GBK too), utf-8"
    )
    header_row: int = Field(default=1, ge=1, description="Row of the header; what stands above is no data")
    sheet: str = Field(default="", description="Sheet of a workbook; empty: the first that is not hidden")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table, as a payload, and the row or line where it begins."""

    payload: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Content:
    """A table: its records, and its header; None where that cannot be read."""

    rows: list[Row]
    header: tuple[str, ...] | None


def read_table(content: bytes, shape: Shape) -> Content:
    """Read a table; raise UnreadableTableError if it is none."""
    return _csv_table(content, shape) if shape.format == "csv" else _sheet_table(content, shape)


def _csv_header(line: bytes, shape: Shape) -> tuple[str, ...] | None:
    try:
        names = next(csv.reader([line.decode(shape.encoding)]), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    return tuple(name.strip() for name in names)


def _csv_table(content: bytes, shape: Shape) -> Content:
    """Give header line, line feed and record, bytes as received; a record may go over several lines in quotes."""
    lines = content.removeprefix(BOM).splitlines(keepends=True) if content else []
    records = _records(lines)
    for _ in range(shape.header_row - 1):
        next(records, None)
    first = next(records, None)
    if first is None:
        raise UnreadableTableError
    header = first[1].rstrip(b"\r\n")
    rows = [Row(header + b"\n" + text, number) for number, record in records if (text := record.rstrip(b"\r\n"))]
    return Content(rows, _csv_header(header, shape))


def _records(lines: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Put lines together that belong to one record; a quote that is never closed spoils its own line only.

    Quotes, commas and line ends are single bytes in every encoding that CSV comes in, so none is decoded here.
    """
    start = 0
    while start < len(lines):
        end = _end(lines, start)
        yield start + 1, b"".join(lines[start:end])
        start = end


def _end(lines: Sequence[bytes], start: int) -> int:
    """Give where the record that begins at a line ends."""
    if b'"' not in lines[start]:
        return start + 1
    reader = csv.reader(lines[index].decode("latin-1") for index in range(start, len(lines)))
    try:
        next(reader)
    except csv.Error:
        return start + 1
    end = start + reader.line_num
    closed = end < len(lines) or _closes(lines[start:end])
    return end if closed else start + 1


def _closes(lines: Sequence[bytes]) -> bool:
    """Say whether a record that reaches the end of its file has all its quotes closed."""
    try:
        return bool(list(csv.reader((line.decode("latin-1") for line in lines), strict=True)))
    except csv.Error:
        return False


def _sheet_table(content: bytes, shape: Shape) -> Content:
    """Give each row as a canonical JSON object by its header; rows without any value are no records.

    Columns of one name make a list, as an element that comes again does in XML.
    """
    try:
        found = dict(workbook.rows(content, shape.sheet))
    except workbook.NoSuchSheetError:
        raise
    except Exception:  # noqa: BLE001 - zip, XML and openpyxl each fail in their own way on a broken workbook
        raise UnreadableTableError from None
    if max(found, default=0) < shape.header_row:
        raise UnreadableTableError
    titles = {column: str(title).strip() for column, title in found.get(shape.header_row, {}).items()}
    several = {title for title, times in Counter(titles.values()).items() if title and times > 1}
    records = []
    for number, row in found.items():
        if number <= shape.header_row:
            continue
        record: dict[str, Json] = {title: None for title in titles.values() if title}
        for column, title in titles.items():
            if title in several:
                known = record[title]
                record[title] = [*(known if isinstance(known, list) else []), row.get(column)]
            elif title:
                record[title] = row.get(column)
        if any(row.get(column) is not None for column, title in titles.items() if title):
            records.append(Row(canonical(record), number))
    return Content(records, tuple(title for title in titles.values() if title))


def fields(row: Row, shape: Shape) -> dict[str, Json]:
    """Read one record of a table that is understood here (an answer); text that cannot be read shows as such."""
    if shape.format == "xlsx":
        read = exact.read(row.payload)
        return read if isinstance(read, dict) else {}
    header, cells = csv.reader(StringIO(row.payload.decode(shape.encoding, "replace"), newline=""))
    return dict(zip((name.strip() for name in header), cells, strict=False))


def unwritable(record: Mapping[str, Json], shape: Shape) -> str:
    """Give the first text of a record that the file's encoding does not know, or nothing."""
    if shape.format == "csv":
        try:
            "".join(map(str, record.values())).encode(shape.encoding)
        except UnicodeEncodeError as error:
            return str(error.object[error.start : error.end])
    return ""


def table(records: Sequence[Mapping[str, Json]], shape: Shape) -> bytes:
    """Write records under a header of all their fields."""
    header = list(dict.fromkeys(name for record in records for name in record))
    lines = [[record.get(name) for name in header] for record in records]
    if shape.format == "csv":
        text = StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows([header, *lines])
        return text.getvalue().encode(shape.encoding)
    return workbook.written(header, lines, shape.sheet)
