"""Tables in files, CSV and XLSX: read and written."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

from connectors import encodable
from connectors.files import workbook
from connectors.files.lines import read_csv
from connectors.files.shape import ReadingOptions, Shape
from connectors.files.table import Row, TableContent
from hub import exact
from hub.delimited import delimiter_of, rows
from hub.model import Json


def read_table(content: bytes, shape: ReadingOptions) -> TableContent:
    """Read a table; UnreadableFileError if it is none."""
    return (
        read_csv(content, shape)
        if shape.format == "csv"
        else workbook.read_workbook(content, shape)
    )


def fields(row: Row, shape: ReadingOptions) -> dict[str, Json]:
    """The fields of a record (of an answer file); {} for a broken one."""
    if row.code:
        return {}
    if shape.format == "xlsx":
        try:
            read = exact.read(row.payload)
        except exact.UnreadableJsonError:
            return {}
        return read if isinstance(read, dict) else {}
    text = row.payload.decode(shape.encoding, "replace")
    try:
        titles, values = rows(text, delimiter_of(text))
    except ValueError:  # no record under its header
        return {}
    return dict(zip((name.strip() for name in titles), values, strict=False))


def written_as(shape: Shape, *, computed: bool = True) -> encodable.Format:
    """The format of a file of this shape; in a workbook a text is never a formula."""
    return (
        encodable.csv(shape.encoding, computed=computed)
        if shape.format == "csv"
        else encodable.XLSX
    )


def table(records: Sequence[Mapping[str, Json]], shape: Shape) -> bytes:
    """A file of these records under a header of all their fields."""
    header = list(dict.fromkeys(name for record in records for name in record))
    lines = [[record.get(name) for name in header] for record in records]
    if shape.format == "csv":
        text = StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows([header, *lines])
        return text.getvalue().encode(shape.encoding)
    return workbook.written(header, lines, shape.sheet)
