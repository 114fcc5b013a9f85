"""Tables in files: CSV as bytes, line by line as received; XLSX as cells under a header."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Literal

from pydantic import Field

from connectors.canonical import canonical
from connectors.options import Options
from hub.model import Json

BOM = b"\xef\xbb\xbf"


class UnreadableTableError(ValueError):
    """A file is not the table that its name promises."""


class Shape(Options):
    """How a table is written into a file."""

    format: Literal["csv", "xlsx"] = Field(default="csv", description="Kind of file")
    encoding: str = Field(default="gb18030", description="Of CSV")
    header_row: int = Field(default=1, ge=1, description="Row of the header; what stands above is no data")
    sheet: str = Field(default="", description="Sheet of a workbook; empty: the first")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table, as a payload, and the row or line where it begins."""

    payload: bytes
    number: int


def rows(content: bytes, shape: Shape) -> Iterator[Row]:
    """Give the records of a table; raise UnreadableTableError if it is none."""
    return _csv_rows(content, shape) if shape.format == "csv" else _sheet_rows(content, shape)


def _csv_rows(content: bytes, shape: Shape) -> Iterator[Row]:
    """Give header line, line feed and record, bytes as received; a record may go over several lines in quotes."""
    lines = content.removeprefix(BOM).splitlines(keepends=True) if content else []
    records = _records(lines)
    for _ in range(shape.header_row - 1):
        next(records, None)
    first = next(records, None)
    if first is None:
        raise UnreadableTableError
    header = first[1].rstrip(b"\r\n")
    for number, record in records:
        if text := record.rstrip(b"\r\n"):
            yield Row(header + b"\n" + text, number)


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


def _sheet_rows(content: bytes, shape: Shape) -> Iterator[Row]:
    """Give each row as a canonical JSON object by its header; rows without any value are no records."""
    cells = _cells(content, shape)
    if len(cells) < shape.header_row:
        raise UnreadableTableError
    header = ["" if name is None else str(name).strip() for name in cells[shape.header_row - 1]]
    for number, row in enumerate(cells[shape.header_row :], start=shape.header_row + 1):
        record = {name: _json(value) for name, value in zip(header, row, strict=True) if name}
        if any(value is not None for value in record.values()):
            yield Row(canonical(record), number)


def _cells(content: bytes, shape: Shape) -> list[list[object]]:
    import pandas as pd  # noqa: PLC0415 - half a second that only workbooks should cost

    try:
        sheet = pd.read_excel(
            BytesIO(content),
            sheet_name=shape.sheet or 0,
            header=None,
            dtype=object,
            keep_default_na=False,
            na_values=[],
            engine="openpyxl",
        )
    except Exception:  # noqa: BLE001 - zip, XML and openpyxl each fail in their own way on a broken workbook
        raise UnreadableTableError from None
    empty = (None, "", pd.NaT)
    return [
        [None if any(value is one or value == one for one in empty) else value for value in row]
        for row in sheet.to_numpy()
    ]


def _json(value: object) -> Json:
    """Give a cell as JSON: numbers and text as they are, times in ISO form."""
    if isinstance(value, float) and value.is_integer():
        return int(value)  # a workbook keeps every number as a float
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def fields(row: Row, shape: Shape) -> dict[str, Json]:
    """Read one record of a table that is understood here (an answer); text that cannot be read shows as such."""
    if shape.format == "xlsx":
        read: dict[str, Json] = json.loads(row.payload)
        return read
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
    import pandas as pd  # noqa: PLC0415 - as above

    book = BytesIO()
    pd.DataFrame(lines, columns=header, dtype=object).to_excel(book, index=False, sheet_name=shape.sheet or "Sheet1")
    return book.getvalue()
