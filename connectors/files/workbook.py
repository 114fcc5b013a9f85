"""Workbooks: what their cells hold, exactly or with the reason why not; and cells that hold text for what it is."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, cast
from xml.etree.ElementTree import Element

from hub import exact
from hub.model import UNUSABLE, Json, Number

if TYPE_CHECKING:
    from openpyxl.cell import Cell

KEPT_DIGITS, DOUBLE_DIGITS = 15, 17
"""So many digits of a number are what was typed; so many tell one double from the next."""
NO_LEAP_DAY = 60
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_STALE = re.compile(rb"fullCalcOnLoad=.(?:1|true)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
NO_RESULT = "公式没有存储计算结果 / a formula without a stored result"


class NoSuchSheetError(ValueError):
    """A workbook has not the sheet that is to be read; it has the sheets `shown`."""

    def __init__(self, shown: Sequence[str]) -> None:
        super().__init__()
        self.shown = shown


def rows(content: bytes, sheet: str) -> Iterator[tuple[int, dict[int, Json]]]:
    """Each row that has a value: its number, and its cells by column (from 1).

    A cell without a usable value is {UNUSABLE: reason}. Raises whatever zip, XML and openpyxl raise where
    this is no workbook.
    """
    # Imported here: half a second that only workbooks should cost.
    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415
    from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415

    class Reader(ExcelReader):  # type: ignore[misc] # openpyxl has no types
        def read_strings(self) -> None:
            part = self.package.find(f"application/{_SPREADSHEET}.sharedStrings+xml")
            if part is not None:
                with self.archive.open(part.PartName[1:]) as source:
                    self.shared_strings = list(strings(source.read()))

    class Parser(WorkSheetParser):  # type: ignore[misc] # likewise
        def parse_cell(self, element: Element) -> dict[str, object]:
            cell: dict[str, object] = super().parse_cell(element)
            return cell | {"value": _value(cell, element, stale=stale, epoch_1904=self.epoch.year == _LATER_EPOCH)}

    reader = Reader(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read()
    book = reader.wb
    stale = bool(_STALE.search(reader.archive.read(reader.parser.workbook_part_name)))
    if sheet and sheet not in book.sheetnames:
        raise NoSuchSheetError(book.sheetnames)
    # A hidden sheet is no data: lists for drop-downs stand there.
    shown = [page for page in book.worksheets if page.sheet_state == "visible"]
    page = book[sheet] if sheet else (shown or book.worksheets)[0]
    with page._get_source() as source:  # noqa: SLF001 - openpyxl offers cells only without what tells these cases
        parser = Parser(
            source,
            reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001 - likewise
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001 - likewise
        )
        for number, cells in parser.parse():
            row = {cell["column"]: cell["value"] for cell in cells if cell["value"] not in (None, "")}
            if row:
                yield number, row


_SPREADSHEET = "vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LATER_EPOCH = 1904


def strings(content: bytes) -> Iterator[str]:
    """The shared strings as written, escapes and all: openpyxl would take some escapes away and not others."""
    from openpyxl.cell.text import Text  # noqa: PLC0415 - as above
    from openpyxl.xml.functions import fromstring  # noqa: PLC0415 - as above

    for node in fromstring(content):
        if node.tag == f"{_MAIN}si":
            yield Text.from_tree(node).content


def _value(cell: Mapping[str, object], element: Element, *, stale: bool, epoch_1904: bool) -> Json:
    kind, value = cell["data_type"], cell["value"]
    written = element.findtext(f"{_MAIN}v") or ""
    numeric = element.get("t", "n") == "n"
    computed = numeric and element.find(f"{_MAIN}f") is not None
    # Libraries write 0 for what they have not computed, and ask whoever opens the workbook to do it.
    if computed and (not written or (stale and written == "0")):
        return {UNUSABLE: NO_RESULT}
    if kind == "e":
        return {UNUSABLE: str(value)}
    if isinstance(value, datetime | date | time | timedelta):
        serial = float(written) if numeric else 1.0
        if serial < 0 or (int(serial) == NO_LEAP_DAY and not epoch_1904):
            return {UNUSABLE: "1900-02-29" if serial > 0 else written}
        return _moment(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(written)
    return unescaped(value) if isinstance(value, str) else cast("Json", value)


def _moment(value: date | time | timedelta) -> str:
    return str(value) if isinstance(value, timedelta) else value.isoformat()


def _number(written: str) -> Json:
    """What a number cell says: a double, and thereby no more than 15 digits of what somebody entered."""
    if not _NUMBER.fullmatch(written):
        return {UNUSABLE: written[:KEPT_DIGITS]}
    number = Decimal(written)
    if number == number.to_integral_value() and number.adjusted() < KEPT_DIGITS:
        return int(number)
    if number == number.to_integral_value() or len(number.as_tuple().digits) > DOUBLE_DIGITS:
        return {
            UNUSABLE: f"超过 {KEPT_DIGITS} 位的数字，电子表格只保留 {KEPT_DIGITS} 位 / a number of more than "
            f"{KEPT_DIGITS} digits, of which a workbook keeps {KEPT_DIGITS}"
        }
    return Number(repr(float(number)))  # 1.1 is stored as 1.1000000000000001


def unescaped(text: str) -> str:
    """Text as it was entered: a workbook writes what XML has no character for as _xHHHH_."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def written(header: Sequence[str], lines: Iterable[Sequence[Json]], sheet: str) -> bytes:
    """A workbook of one sheet in which every text is a text, whatever it begins with."""
    from openpyxl import Workbook  # noqa: PLC0415 - as above

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
    """Write one value: a number as a number only where a workbook keeps all of its digits."""
    if isinstance(value, bool) or (isinstance(value, int | float) and _is_kept(value)):
        cell.value = value
        return
    exact.put_text(cell, value if isinstance(value, str) else exact.write(value).decode())


def _is_kept(number: float) -> bool:
    return abs(number) < 10**KEPT_DIGITS and float(f"{number:.{KEPT_DIGITS}g}") == number
