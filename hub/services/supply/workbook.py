"""The empty workbook of a template: titles, code lists as drop-downs, one example row."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from hub import exact
from hub.domain.templates import LISTS, TemplateColumn, UploadTemplate
from hub.services.supply.reading import MOST_ROWS
from hub.texts import Language, tell

HEAD, MUST = PatternFill("solid", fgColor="DDE7F3"), PatternFill("solid", fgColor="FBE3D6")
TEXT_FORMAT = "@"
WIDTH = 18
LONGEST_PROMPT = 250
KINDS = {
    "date": "日期，如 2026-03-02",
    "datetime": "日期和时间，如 2026-03-02 09:30",
    "month": "月份，如 2026-03",
    "decimal": "数字",
    "integer": "整数",
}


def made(template: UploadTemplate, *, title: str, lang: Language) -> bytes:
    """The workbook. Every cell is text, so that codes and dates stay as they are typed."""
    book = Workbook()
    sheet, lists = book.active, book.create_sheet(LISTS)
    sheet.title, lists.sheet_state = template.sheet or "Sheet1", "hidden"
    if template.header_rows > 1:
        exact.put_text(sheet.cell(1, 1), title)
    for number, column in enumerate(template.columns, start=1):
        _column(sheet, lists, column, number=number, row=template.header_rows, lang=lang)
    sheet.freeze_panes = f"A{template.header_rows + 1}"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _column(
    sheet: Worksheet,
    lists: Worksheet,
    column: TemplateColumn,
    *,
    number: int,
    row: int,
    lang: Language,
) -> None:
    letter = get_column_letter(number)
    head = sheet.cell(row, number)
    exact.put_text(head, column.header)
    head.font = Font(bold=True)
    head.fill = MUST if column.required else HEAD
    head.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[letter].width = WIDTH
    sheet.column_dimensions[letter].number_format = TEXT_FORMAT
    example = sheet.cell(row + 1, number)
    exact.put_text(example, column.example)
    example.font = Font(italic=True, color="808080")
    for below in range(row + 1, row + 202):
        sheet.cell(below, number).number_format = TEXT_FORMAT
    rule = _rule(lists, column, number)
    rule.promptTitle = column.header[:32]
    rule.prompt = _prompt(column, lang)[:LONGEST_PROMPT]
    rule.add(f"{letter}{row + 1}:{letter}{row + MOST_ROWS}")
    sheet.add_data_validation(rule)


def _rule(lists: Worksheet, column: TemplateColumn, number: int) -> DataValidation:
    """The drop-down of a column with choices; any other column only says what belongs there."""
    if not column.choices:
        return DataValidation(showInputMessage=True)
    for place, word in enumerate(column.choices, start=1):
        exact.put_text(lists.cell(place, number), word)
    letter = get_column_letter(number)
    where = f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${len(column.choices)}"
    return DataValidation(
        type="list",
        formula1=where,
        allow_blank=not column.required,
        showInputMessage=True,
        showErrorMessage=True,
    )


def _prompt(column: TemplateColumn, lang: Language) -> str:
    field = column.field
    parts = [
        field.title_zh if lang == "zh" else field.title_en,
        tell("必填", lang) if column.required else tell("可不填", lang),
    ]
    if column.names_project:
        parts.append(tell("24 位项目代码", lang))
    elif column.choices:
        parts.append(tell("从下拉列表中选择", lang))
    elif field.kind in KINDS:
        parts.append(tell(KINDS[field.kind], lang))
    return tell("；|joint", lang).join(parts)
