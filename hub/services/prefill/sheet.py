"""A prefilled form as an XLSX workbook: a row for each field and paper, with source and times."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

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
from hub.texts import Language, tell

FIELDS = (
    "栏目",
    "内容",
    "单位",
    "来源系统",
    "来源时间",
    "到达时间",
    "核验",
    "为空原因",
)
PAPERS = (
    "材料",
    "编号或名称",
    "",
    *FIELDS[3:7],
    "需提交原因",
)
WIDTHS = (34, 44, 10, 26, 20, 20, 16, 48)
HEAD = PatternFill("solid", fgColor="DDE7F3")


def exported(context: RequestContext, form: str, project_code: str, *, lang: Language) -> bytes:
    """The workbook of a form for one project, as far as the reader may see it."""
    filled = prefilled_form(context, form, project_code)
    return workbook(filled, lang=lang, at=datetime.now(HUB_ZONE), by=context.by)


def workbook(filled: Prefill, *, lang: Language, at: datetime, by: str) -> bytes:
    """The form in one language; `at` and `by`: when and for whom it was made."""
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = filled.form[:31]
    _line(sheet, [_in(filled.title, lang)], bold=True, size=14)
    _line(sheet, [tell("项目代码", lang), filled.project_code])
    made = at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    _line(sheet, [tell("导出时间", lang), made])
    _line(sheet, [tell("导出账号", lang), by])
    for check in filled.checks:
        _line(sheet, [_in(check.says, lang)], bold=True)
    _line(sheet, [])
    _line(sheet, [tell(name, lang) for name in FIELDS], bold=True, fill=HEAD)
    sheet.freeze_panes = f"A{sheet.max_row + 1}"
    for answer in filled.fields:
        _line(sheet, _field(answer, lang))
    _line(sheet, [])
    _line(sheet, [tell(name, lang) if name else "" for name in PAPERS], bold=True, fill=HEAD)
    for wanted in filled.wanted:
        _line(sheet, _paper(wanted, lang))
    _printed(sheet)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _field(answer: PrefilledField, lang: Language) -> list[str]:
    said = "\n".join(_shown(item, lang) for item in answer.items)
    return [
        _in(answer.title, lang),
        said,
        _in(answer.unit_words, lang),
        *_origin(answer.items, lang),
        _in(answer.reason, lang),
    ]


def _paper(wanted: WantedPaper, lang: Language) -> list[str]:
    held = [wanted.held] if wanted.held else []
    return [
        _in(wanted.title, lang),
        "\n".join(_shown(item, lang) for item in held),
        "",
        *_origin(held, lang),
        _in(wanted.reason, lang),
    ]


def _origin(items: Sequence[FilledValue], lang: Language) -> tuple[str, str, str, str]:
    """Systems, the latest source time, the latest arrival, verifications; each once."""
    systems = dict.fromkeys(item.system_zh if lang == "zh" else item.system_en for item in items)
    told = _latest([item.source_time for item in items]) or (tell(NO_TIME, lang) if items else "")
    sure = dict.fromkeys(tell(VERIFICATIONS[item.verification], lang) for item in items)
    return "\n".join(systems), told, _latest([item.as_of for item in items]), "\n".join(sure)


def _latest(moments: Sequence[datetime | None]) -> str:
    known = [moment for moment in moments if moment]
    return max(known).astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S") if known else ""


def _shown(item: FilledValue, lang: Language) -> str:
    return str((item.zh if lang == "zh" else item.en) or item.value)


def _in(words: Title | Reason | None, lang: Language) -> str:
    return "" if words is None else words.zh if lang == "zh" else words.en


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
    """Page setup: A4 landscape, fitted to the page's width."""
    for column, width in zip("ABCDEFGH", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
