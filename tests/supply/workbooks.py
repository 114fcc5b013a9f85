"""Workbooks as a clerk makes them: of the template, or of last year's."""

from collections.abc import Callable, Sequence
from io import BytesIO

from openpyxl import Workbook, load_workbook

FLOW = "pull.broadcast.utility_connection"
SHEET = "报装"
CODE = "2019-140108-70-03-013941"
ROW = {
    "项目代码": CODE,
    "报装编号": "GD-2026-0001",
    "申请单位": "某置业有限公司",
    "接入地址": "城南路1号",
    "终端数": "320",
    "外线工程": "无",
    "报装状态": "已受理",
    "申请日期": "2026/3/2",
    "联系人": "张三",
    "联系电话": "0351-2345678",
}


def row(number: int, **changed: str) -> dict[str, str]:
    """A right row of the template under a number of its own."""
    return {**ROW, "报装编号": f"GD-2026-{number:04}", **changed}


def filled(
    template: bytes,
    rows: Sequence[dict[str, str]],
    *,
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    """The template with these rows below its titles, in place of the example."""
    book = load_workbook(BytesIO(template))
    sheet = book[SHEET]
    titles = {str(cell.value): cell.column for cell in sheet[1]}
    for column in titles.values():
        sheet.cell(2, column).value = None
    for number, one in enumerate(rows, 2):
        for title, value in one.items():
            sheet.cell(number, titles[title]).value = value
    if change is not None:
        change(book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()
