"""A sheet, row by row: exact cell values, or why there is none."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from lxml import etree

from hub.model import UNUSABLE, Json, Number
from hub.workbook.package import Package, damage, elements, text_of
from hub.workbook.troubles import UnreadableFileError

KEPT_DIGITS, DOUBLE_DIGITS = 15, 17
"""Digits that Excel keeps of what was typed; digits that identify a double."""
NO_LEAP_DAY = 60
NO_RESULT = "公式没有存储计算结果 / a formula without a stored result"
FORMULA = "公式，不是输入的值 / a formula, no value that was entered"
# a sheet's days have no zone
_FIRST_1900, _FIRST_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001
_DAY_MILLISECONDS = 86_400_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"-?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
# Rows that hold formats and nothing else, down to the last that a sheet can have: 5 million
# elements of no use.
_EMPTY_ROW = re.compile(
    rb"<((?:[A-Za-z]\w*:)?)row\s+r=\"\d+\"[^<>]*"
    rb"(?:/>|>\s*(?:<\1c\s[^<>]*(?:/>|></\1c>)\s*)*</\1row>)"
)
_ROWS_END = re.compile(rb"</(?:[A-Za-z]\w*:)?sheetData>|<(?:[A-Za-z]\w*:)?sheetData\s*/>")
_LONGEST_TAG, _LONGEST_ROW, _LONGEST_AREA = 64, 16_000_000, 4096
_DIGITS = 9
"""Digits of a counter in a workbook at most."""
_MERGED = re.compile(
    rb'<(?:[A-Za-z]\w*:)?mergeCell\s[^<>]*?ref="'
    rb'\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"'
)


class CellOptions(Protocol):
    """How cells are read: computed ones, numbers of more digits than are kept, columns at most."""

    @property
    def formulas(self) -> Literal["value", "refuse"]: ...
    @property
    def digits(self) -> Literal["text", "rounded"]: ...
    @property
    def most_columns(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with a value: number, cells by column (from 1), whether it is hidden.

    A cell without a usable value is {UNUSABLE: reason}.
    """

    number: int
    cells: dict[int, Json]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: first and last row, first and last column."""

    top: int
    bottom: int
    left: int
    right: int


def merged(package: Package, part: str, *, most: int) -> list[Area]:
    """Merged areas of a sheet, from the top; most: so many. They come after its rows."""
    tail, behind = b"", False
    found: list[tuple[bytes, bytes, bytes, bytes]] = []
    with damage():
        for piece in package.chunks(part):
            tail += piece
            if not behind and (end := _ROWS_END.search(tail)):
                tail, behind = tail[end.end() :], True
            if not behind:
                tail = tail[-_LONGEST_TAG:]
                continue
            cut = tail.rfind(b">") + 1
            found += _MERGED.findall(tail[:cut])
            tail = tail[max(cut, len(tail) - _LONGEST_AREA) :]
            if len(found) > most:
                raise UnreadableFileError("file.too_long", most=str(most))
    areas = [
        Area(int(top), int(bottom), _column(left), _column(right))
        for left, top, right, bottom in found
    ]
    return sorted(areas, key=lambda area: (area.top, area.left))


class Sheets:
    """The rows of a workbook's sheets."""

    def __init__(self, package: Package, shape: CellOptions) -> None:
        self._package = package
        self._shape = shape
        self._styles = package.styles()
        self._strings = package.strings()

    def rows(self, part: str) -> Iterator[SheetRow]:
        """Rows with a value, from the top."""
        last = 0
        with damage():
            whole = _without_empty_rows(self._package.chunks(part))
            for row in elements(whole, "row", inside="c", most=self._shape.most_columns):
                last = _counted(row.get("r", "")) or last + 1
                if cells := self._cells(row):
                    yield SheetRow(last, cells, row.get("hidden", "") in {"1", "true"})

    def _cells(self, row: etree._Element) -> dict[int, Json]:
        found: dict[int, Json] = {}
        column = 0
        for cell in row.iterchildren("{*}c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            column = _column(place[1].encode()) if place else column + 1
            value = self._value(cell)
            if value is not None and value != "":
                found[column] = value
        return found

    def _value(self, cell: etree._Element) -> Json:
        kind, written, computed = cell.get("t", "n"), "", False
        for part in cell:
            name = etree.QName(part).localname
            if name == "v":
                written = part.text or ""
            elif name == "f":
                computed = True
            elif name == "is":
                written = text_of(part)
        if computed and self._shape.formulas == "refuse":
            return {UNUSABLE: FORMULA}
        # Libraries write 0 for what they have not computed, and ask whoever opens the workbook to
        # do it.
        if computed and kind == "n" and (not written or (self._package.stale and written == "0")):
            return {UNUSABLE: NO_RESULT}
        if kind == "n":
            return self._number(written, cell.get("s", "0")) if written else None
        return self._other(kind, written)

    def _other(self, kind: str, written: str) -> Json:
        """A cell that is no number: text, boolean, error."""
        if kind == "s":
            place = _counted(written)
            if place is not None and place < len(self._strings):
                return unescaped(self._strings[place])
            return {UNUSABLE: written[:KEPT_DIGITS]} if written else None
        if kind == "b":
            return written in {"1", "true"} if written else None
        if kind == "e":
            return {UNUSABLE: written}
        return unescaped(written)

    def _number(self, written: str, style: str) -> Json:
        place = _counted(style) or 0
        is_span = place in self._styles.spans
        if (is_span or place in self._styles.moments) and _NUMBER.fullmatch(written):
            return moment(
                float(written), from_1904=self._package.from_1904, is_span=is_span, written=written
            )
        return number(written, rounded=self._shape.digits == "rounded")


def moment(serial: float, *, from_1904: bool, is_span: bool, written: str) -> Json:
    """A serial day as an ISO moment, below one day as a time, or as a duration."""
    if not math.isfinite(serial):
        return {UNUSABLE: written[:KEPT_DIGITS]}
    if serial < 0 or (int(serial) == NO_LEAP_DAY and not from_1904):
        return {UNUSABLE: "1900-02-29" if serial > 0 else written}
    rest = timedelta(milliseconds=round(serial % 1 * _DAY_MILLISECONDS))
    try:
        if is_span:
            return str(timedelta(milliseconds=round(serial * _DAY_MILLISECONDS)))
        if serial < 1 and not rest.days:
            return (_FIRST_1904 + rest).time().isoformat()
        first = _FIRST_1904 if from_1904 else _FIRST_1900 + timedelta(days=serial < NO_LEAP_DAY)
        return (first + timedelta(days=int(serial)) + rest).isoformat()
    except OverflowError:
        return {UNUSABLE: written[:KEPT_DIGITS]}


def number(written: str, *, rounded: bool = False) -> Json:
    """A number cell: an integer, or the shortest text of a double; else {UNUSABLE: reason}.

    rounded: integers of more digits than a workbook keeps are taken as they are.
    """
    if not _NUMBER.fullmatch(written):
        return {UNUSABLE: written[:KEPT_DIGITS]}
    said = Decimal(written)
    whole = said == said.to_integral_value()
    if whole and (
        said.adjusted() < KEPT_DIGITS or (rounded and said.adjusted() < DOUBLE_DIGITS * 2)
    ):
        return int(said)
    if whole or len(said.as_tuple().digits) > DOUBLE_DIGITS:
        return {
            UNUSABLE: f"超过 {KEPT_DIGITS} 位的数字，电子表格只保留 {KEPT_DIGITS} 位 / a number of more than "
            f"{KEPT_DIGITS} digits, of which a workbook keeps {KEPT_DIGITS}"
        }
    return Number(repr(float(said)))  # 1.1 is stored as 1.1000000000000001


def unescaped(text: str) -> str:
    """A text with _xHHHH_ escapes decoded."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _without_empty_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The XML without rows that have only formats, cut out before parsing."""
    rest = b""
    for piece in chunks:
        rest += piece
        cut = rest.rfind(b"row>") + len(b"row>")
        if cut < len(b"row>"):
            cut = len(rest) if len(rest) > _LONGEST_ROW else 0
        whole, rest = rest[:cut], rest[cut:]
        yield whole if b"<!" in whole else _EMPTY_ROW.sub(b"", whole)
    yield rest


def _counted(text: str) -> int | None:
    """A non-negative integer; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def _column(letters: bytes) -> int:
    """Column number from letters, from 1: A, Z, AA."""
    count = 0
    for letter in letters:
        count = count * 26 + letter - ord("A") + 1
    return count
