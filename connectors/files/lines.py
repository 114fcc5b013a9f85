"""CSV as people write it: a broken line is set aside alone.

Line ends and quotes are single bytes in every supported encoding; cells are split as text.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from connectors.files.encodings import decodes, is_other, refuse_other
from connectors.files.shape import Header, ReadingOptions
from connectors.files.table import Row, TableContent, is_sum, joined, placed
from hub.delimited import UNCLOSED, MalformedLineError, cells, delimiter_of
from hub.texts import bilingual
from hub.workbook.troubles import UnreadableFileError

BOM = b"\xef\xbb\xbf"
_PADDING = b"\x00\x1a"
_SURELY_RECORDS = 4
"""Columns from which on lines with equally many cells are records, not lines of one quoted text."""


def read_csv(content: bytes, shape: ReadingOptions) -> TableContent:
    """The table of a CSV file, records as received bytes; a quoted record may span lines."""
    body = content.removeprefix(BOM).rstrip(_PADDING)
    if body.count(b"\n") + body.count(b"\r") > 2 * shape.most_lines:
        raise UnreadableFileError("file.many_lines", most=str(shape.most_lines))
    lines = body.splitlines(keepends=True)
    above = (
        0 if shape.header else shape.header_row - 1
    )  # titles may be written in whatever they are
    refuse_other(
        b"".join(lines[above:]), shape.encoding, header=b"".join(lines[above : shape.header_row])
    )
    table = _TextTable(lines, shape, whole=decodes(body, shape.encoding))
    return table.read()


class _TextTable:
    """The lines of one file. delimiter, columns: by its header. whole: all of it decodes."""

    def __init__(self, lines: Sequence[bytes], shape: ReadingOptions, *, whole: bool) -> None:
        self._lines = lines
        self._shape = shape
        self._whole = whole
        self._delimiter = ","
        self._columns = 0
        self._notes: Counter[str] = Counter()

    def read(self) -> TableContent:
        """Header and records; neither for a file without a line that has content."""
        if not any(line.strip(b' \t\r\n",;|' + _PADDING) for line in self._lines):
            return TableContent([], None)
        found = self._found(self._shape.header) if self._shape.header else self._counted()
        if found is None:
            return TableContent([], None)
        header, names, start = found
        self._columns = len(names)
        if self._columns > self._shape.most_columns:
            raise UnreadableFileError("file.too_wide", most=str(self._shape.most_columns))
        return TableContent(
            list(self._rows(header, start)), tuple(name.strip() for name in names), self._notes
        )

    def _counted(self) -> tuple[bytes, list[str], int] | None:
        """The header in the declared row: its bytes, titles, and the line after it."""
        at = 0
        for _ in range(self._shape.header_row - 1):
            if at < len(self._lines):
                at = self._end(at)[0]
        while at < len(self._lines) and not self._lines[at].strip():
            at += 1
        if at >= len(self._lines):
            return None
        self._delimiter = delimiter_of(
            "".join(map(self._text, range(at, min(at + 20, len(self._lines)))))
        )
        end, _ = self._end(at)
        return b"".join(self._lines[at:end]).rstrip(b"\r\n"), self._cells(at, end), end

    def _found(self, header: Header) -> tuple[bytes, list[str], int]:
        """The header found by one of its titles; several rows of titles are joined."""
        wanted = header.find.encode(self._shape.encoding, "replace")
        likely = (at for at, line in enumerate(self._lines) if wanted in line)
        at = placed(((at + 1, self._told(at)) for at in likely), header) - 1
        self._delimiter = delimiter_of(self._text(at))
        end = min(at + header.rows, len(self._lines))
        if header.rows == 1:
            return self._lines[at].rstrip(b"\r\n"), self._cells(at, end), end
        rows = [dict(enumerate(self._cells(one, one + 1))) for one in range(at, end)]
        titles = joined([*map(_spread, rows[:-1]), rows[-1]], header.join)
        names = [titles[column] for column in sorted(titles)]
        text = StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator="").writerow(names)
        return text.getvalue().encode(self._shape.encoding), names, end

    def _told(self, at: int) -> list[str]:
        self._delimiter = delimiter_of(self._text(at))
        return self._cells(at, at + 1)

    def _rows(self, header: bytes, start: int) -> Iterator[Row]:
        at, most = start, self._shape.most_rows
        blank = b' \t\r\n"' + _PADDING + self._delimiter.encode()
        sums = tuple(
            word[0].encode(self._shape.encoding, "replace") for word in self._shape.totals if word
        )
        found = 0
        while at < len(self._lines):
            end, broken = self._end(at)
            record = b"".join(self._lines[at:end]).rstrip(b"\r\n")
            if self._is_record(record, header, blank, sums, at=at, end=end):
                found += 1
                if found > most:
                    raise UnreadableFileError("file.too_long", most=str(most))
                yield self._row(header, record, at + 1, broken)
            at = end

    def _is_record(
        self,
        record: bytes,
        header: bytes,
        blank: bytes,
        sums: tuple[bytes, ...],
        *,
        at: int,
        end: int,
    ) -> bool:
        """Whether a line is a record: not empty, no repeated header, no sum."""
        if not record.strip(blank):
            return False
        if record == header:
            self._notes["file.header_again"] += 1
            return False
        if record.lstrip(blank).startswith(sums or (b"\x00",)):
            first = next((cell for cell in self._cells(at, end) if cell.strip()), "")
            if is_sum(first, self._shape.totals):
                self._notes["file.total_line"] += 1
                return False
        return True

    def _row(self, header: bytes, record: bytes, number: int, broken: str) -> Row:
        if broken:
            return Row(record, number, "file.line_broken", {"why": broken})
        encoding = self._shape.encoding
        if is_other(record, encoding) or not (self._whole or decodes(record, encoding)):
            return Row(record, number, "file.line_encoding", {"encoding": encoding})
        return Row(record, number, head=header)

    def _end(self, at: int) -> tuple[int, str]:
        """The line after the record that starts here, and why it is broken: then only this line."""
        if b'"' not in self._lines[at]:
            return at + 1, ""
        try:
            cells(self._text(at), self._delimiter)
        except MalformedLineError as error:
            if not error.unclosed:
                return at + 1, error.why
        else:
            return at + 1, ""
        end = self._closed(at)
        return (
            (at + 1, bilingual(UNCLOSED))
            if end is None or self._are_records(at, end)
            else (end, "")
        )

    def _closed(self, start: int) -> int | None:
        """The line after the one that closes the record's quotes; None where that makes no record.

        Linear: every line either could start a record or adds a cell, and a record has as many
        cells as there are columns.
        """
        known, inside = 0, False
        for at in range(start, len(self._lines)):
            told = _cells_ended(self._text(at), self._delimiter, inside=inside)
            if told is None:
                return None
            more, inside = told
            known += more
            if self._columns and known > self._columns - inside:
                return None
            if not inside:
                return at + 1 if known == self._columns or not self._columns else None
        return None

    def _are_records(self, start: int, end: int) -> bool:
        """Whether lines joined by stray quotes are records by themselves."""
        if self._columns < _SURELY_RECORDS:
            return False
        return all(
            self._text(at).count(self._delimiter) == self._columns - 1 for at in range(start, end)
        )

    def _cells(self, start: int, end: int) -> list[str]:
        text = "".join(map(self._text, range(start, end)))
        try:
            return cells(text, self._delimiter)
        except MalformedLineError:
            return text.rstrip("\r\n").split(self._delimiter)

    def _text(self, at: int) -> str:
        return self._lines[at].decode(self._shape.encoding, "replace")


def _cells_ended(text: str, delimiter: str, *, inside: bool) -> tuple[int, bool] | None:
    """(cells that end in a line, whether a quote is open after it); None for a misplaced quote.

    inside: a quote was open before it.
    """
    bare, at, ended = text.rstrip("\r\n"), 0, 0
    while True:
        if not inside and bare.startswith('"', at):
            inside, at = True, at + 1
        if not inside:
            cut = bare.find(delimiter, at)
            ended += 1
            if cut < 0:
                return ended, False
            at = cut + 1
            continue
        while (cut := bare.find('"', at)) >= 0 and bare.startswith('"', cut + 1):
            at = cut + 2
        if cut < 0:
            return ended, True
        ended, inside, at = ended + 1, False, cut + 1
        if at == len(bare):
            return ended, False
        if not bare.startswith(delimiter, at):
            return None
        at += 1


def _spread(row: Mapping[int, str]) -> dict[int, str]:
    """Titles of merged cells, each repeated until the next."""
    spread, last = {}, ""
    for column in sorted(row):
        last = row[column].strip() or last
        spread[column] = last
    return spread
