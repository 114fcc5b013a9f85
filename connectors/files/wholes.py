"""Snapshots in files: what proves a list complete."""

import re

from connectors.files.shape import ReadingOptions
from connectors.files.table import TableContent, is_sum
from hub.delimited import MalformedLineError, cells, delimiter_of
from hub.workbook.troubles import UnreadableFileError

NUMBER = re.compile(rb"(?<![0-9])[0-9]{1,18}(?![0-9])")


def trailer_cut(content: bytes, shape: ReadingOptions) -> tuple[bytes, frozenset[int]]:
    """(CSV without its trailer line, the numbers in that line).

    Raises UnreadableFileError where the last line looks like a record: the file may be truncated.
    """
    body = content.rstrip(b" \t\r\n\x1a\x00")
    lines = body.splitlines(keepends=True)
    if len(lines) <= shape.header_row:
        raise UnreadableFileError("file.trailer_missing")
    header, last = (
        line.decode(shape.encoding, "replace") for line in (lines[shape.header_row - 1], lines[-1])
    )
    delimiter = delimiter_of(header)
    try:
        titles, told = cells(header, delimiter), cells(last, delimiter)
    except MalformedLineError:
        raise UnreadableFileError("file.trailer_missing") from None
    if len(told) == len(titles) and not is_sum(told[0], shape.totals):
        raise UnreadableFileError("file.trailer_missing")
    return b"".join(lines[:-1]), frozenset(map(int, NUMBER.findall(lines[-1])))


def numbers_of(name: str) -> frozenset[int]:
    """The number that ends a file's name, before its suffix."""
    found = re.search(r"([0-9]{1,18})$", name.rpartition(".")[0] or name)
    return frozenset([int(found[1])]) if found else frozenset()


def prove(table: TableContent, stated: frozenset[int]) -> None:
    """Raise UnreadableFileError unless the number of records is one of those stated."""
    if len(table.rows) not in stated:
        said = ", ".join(map(str, sorted(stated))) or "—"
        raise UnreadableFileError("file.incomplete", stated=said[:80], found=str(len(table.rows)))
