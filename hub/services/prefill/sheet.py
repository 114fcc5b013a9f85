"""A prefilled form as a workbook: a line a field and a line a paper, each with its source and as-of time."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from hub import exact
from hub.auth.context import RequestContext
from hub.domain.times import HUB_ZONE
from hub.services.prefill.filling import FilledValue
from hub.services.prefill.told import (
    NO_TIME,
    VERIFICATIONS,
    Prefill,
    PrefilledField,
    Reason,
    WantedPaper,
    prefilled_form,
)
from hub.services.view import Title

Lang = Literal["zh", "en"]

FIELDS = (
    ("栏目", "Field"),
    ("内容", "Value"),
    ("单位", "Unit"),
    ("来源系统", "Source"),
    ("来源时间", "Source's time"),
    ("到达时间", "Arrived"),
    ("核验", "Verification"),
    ("为空原因", "Why empty"),
)
PAPERS = (
    ("材料", "Paper"),
    ("编号或名称", "Number or name"),
    ("", ""),
    *FIELDS[3:7],
    ("需提交原因", "Why wanted"),
)
WIDTHS = (34, 44, 10, 26, 20, 20, 16, 48)
HEAD = PatternFill("solid", fgColor="DDE7F3")


def exported(context: RequestContext, form: str, project_code: str, *, lang: Lang) -> bytes:
    """A form for one project as a workbook, with source and times of every line, as far as this reader may see it."""
    filled = prefilled_form(context, form, project_code)
    return workbook(filled, lang=lang, at=datetime.now(HUB_ZONE), by=context.by)


def workbook(filled: Prefill, *, lang: Lang, at: datetime, by: str) -> bytes:
    """The form in one language; `at` and `by` say when and for whom it was made."""
    place = 0 if lang == "zh" else 1
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = filled.form[:31]
    _line(sheet, [_in(filled.title, place)], bold=True, size=14)
    _line(sheet, [("项目代码", "Project code")[place], filled.project_code])
    made = at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    _line(sheet, [("导出时间", "Exported at")[place], made])
    _line(sheet, [("导出账号", "Exported for")[place], by])
    _line(sheet, [])
    _line(sheet, [words[place] for words in FIELDS], bold=True, fill=HEAD)
    sheet.freeze_panes = f"A{sheet.max_row + 1}"
    for answer in filled.fields:
        _line(sheet, _field(answer, place))
    _line(sheet, [])
    _line(sheet, [words[place] for words in PAPERS], bold=True, fill=HEAD)
    for wanted in filled.wanted:
        _line(sheet, _paper(wanted, place))
    _printed(sheet)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _field(answer: PrefilledField, place: int) -> list[str]:
    said = "\n".join(_shown(item, place) for item in answer.items)
    return [
        _in(answer.title, place),
        said,
        _in(answer.unit_words, place),
        *_origin(answer.items, place),
        _in(answer.reason, place),
    ]


def _paper(wanted: WantedPaper, place: int) -> list[str]:
    held = [wanted.held] if wanted.held else []
    return [
        _in(wanted.title, place),
        "\n".join(_shown(item, place) for item in held),
        "",
        *_origin(held, place),
        _in(wanted.reason, place),
    ]


def _origin(items: Sequence[FilledValue], place: int) -> tuple[str, str, str, str]:
    """Systems, the latest time that they say, the latest arrival, and how sure we are: each said once."""
    systems = dict.fromkeys((item.system_zh, item.system_en)[place] for item in items)
    told = _latest([item.source_time for item in items]) or (NO_TIME[place] if items else "")
    sure = dict.fromkeys(VERIFICATIONS[item.verification][place] for item in items)
    return "\n".join(systems), told, _latest([item.as_of for item in items]), "\n".join(sure)


def _latest(moments: Sequence[datetime | None]) -> str:
    known = [moment for moment in moments if moment]
    return max(known).astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S") if known else ""


def _shown(item: FilledValue, place: int) -> str:
    return str((item.zh, item.en)[place] or item.value)


def _in(words: Title | Reason | None, place: int) -> str:
    return (words.zh, words.en)[place] if words else ""


def _line(
    sheet: Worksheet,
    cells: Sequence[str],
    *,
    bold: bool = False,
    size: int = 11,
    fill: PatternFill | None = None,
) -> None:
    row = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for column, text in enumerate(cells or [" "], start=1):
        cell = sheet.cell(row, column)
        exact.put_text(cell, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=bold, size=size)
        if fill:
            cell.fill = fill


def _printed(sheet: Worksheet) -> None:
    """On paper: A4 across, as wide as the page."""
    for column, width in zip("ABCDEFGH", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
