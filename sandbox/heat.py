"""The heating company: workbooks with a title above the header, over SFTP."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook

from sandbox.folders import FilePartner, UnreadableFileError, Verdict
from sandbox.forms import Form
from sandbox.shelf import Given, Offer, Offered, Traps
from sandbox.state import Record
from sandbox.world.records import Connection, Life

STATES = {
    1: "登记", 2: "撤回", 3: "受理", 5: "不受理", 6: "退件补正", 7: "补正完成", 8: "现场勘察", 9: "管网施工",
    11: "已供热",
}  # fmt: skip
SHEET = "供热报装"
COLUMNS = (
    "序号", "申请号", "项目编码", "项目名称", "用热单位", "信用代码", "用热地址", "热负荷(兆瓦)",
    "申请时间", "进度", "勘察日期", "供热日期", "用户编号", "联系人", "电话", "施工许可证", "受理流水",
    "是否有效", "最后修改",
)  # fmt: skip
ANSWER = ("流水号", "结果", "说明")
HEADER_WITHIN = 3  # rows in which the header of a file is looked for
DAY = ("%Y年%m月%d日",)
WORDS = {
    "missing": "缺“{}”",
    "date": "“{}”不是日期",
    "code": "“{}”不符合编码规则",
    "credit_code": "“{}”有误",
    "operation": "“{}”填写不规范",
    "unknown": "没有可以撤回的记录（{}）",
    "unwilling": "热力公司不予接收，“{}”待核实",
    "unreadable": "表格打不开或没有表头",
}
NEED = Form(
    resource="needs",
    key="流水号",
    code="项目编码",
    business="项目编码",
    required=("项目编码", "项目名称", "用热单位"),
    dates={"需用日期": DAY},
    credit_code="信用代码",
    operation="操作",
    valid="申请",
    withdrawn="撤回",
)
PERMIT = Form(
    resource="permits",
    key="流水号",
    code="项目编码",
    business="证号",
    required=("项目编码", "证号", "发证日期"),
    dates={"发证日期": DAY},
    credit_code=None,
    operation="操作",
    valid="有效",
    withdrawn="撤回",
)


class Heat(FilePartner):
    """Applications for heat, in workbooks that hold what has changed."""

    name = "heat"
    suffix = ".xlsx"
    resource = "applications"
    resources = ("applications",)
    forms = (NEED, PERMIT)
    traps = Traps(
        spoilt={"热负荷(兆瓦)": "待定", "申请时间": "去年底"}, twin={"用热单位": "（重复录入）"}
    )

    def offers(self, life: Life, given: Given) -> Iterator[Offer]:
        for connection in life.connections:
            if connection.utility == self.name:
                yield Offer(
                    "applications",
                    connection.number,
                    connection.updated_at,
                    _body(life, connection, given),
                )

    def table(self, records: Sequence[Offered]) -> bytes:
        rows = (
            {**record.body, "序号": number, "最后修改": record.at.replace(tzinfo=None)}
            for number, record in enumerate(records, start=1)
        )
        return _workbook(
            "供热报装台账", COLUMNS, ([_cell(row, column) for column in COLUMNS] for row in rows)
        )

    def rows(self, content: bytes) -> list[Record]:
        try:
            sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        except (BadZipFile, KeyError, ValueError, OSError) as error:
            raise UnreadableFileError from error
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
        top = next(
            (number for number, line in enumerate(lines[:HEADER_WITHIN]) if ANSWER[0] in line), None
        )
        if top is None:
            raise UnreadableFileError
        filled = (line for line in lines[top + 1 :] if any(value is not None for value in line))
        return [
            {str(name): _text(value) for name, value in zip(lines[top], line, strict=False) if name}
            for line in filled
        ]

    def answers(self, verdicts: Sequence[Verdict]) -> bytes:
        return _workbook("接收结果", ANSWER, (_answer(verdict) for verdict in verdicts))


def _workbook(title: str, header: Sequence[str], rows: Iterator[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    sheet.append(list(header))
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(row: Record, column: str) -> object:
    value = row.get(column)
    if column == "申请时间" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:  # spoilt on purpose
            return value
    return value


def _text(value: object) -> object:
    """Read date cells as this company writes days; the rest is taken as it stands."""
    return _day(value) if isinstance(value, date) else value


def _answer(verdict: Verdict) -> list[object]:
    refusal = verdict.refusal
    if refusal is None:
        return [verdict.key, "成功", None]
    return [verdict.key, "失败", WORDS[refusal.kind].format(refusal.field)]


def _body(life: Life, connection: Connection, given: Given) -> Record:
    project = life.project
    return {
        "申请号": connection.number,
        "项目编码": project.code,
        "项目名称": project.name,
        "用热单位": project.owner.name,
        "信用代码": project.owner.uscc,
        "用热地址": project.address,
        "热负荷(兆瓦)": float(connection.need / Decimal(1000)),
        "申请时间": connection.steps[0][1].date().isoformat(),
        "进度": STATES[connection.status],
        "勘察日期": _day(connection.surveyed_on),
        "供热日期": _day(connection.connected_on),
        "用户编号": connection.account,
        "联系人": connection.contact,
        "电话": connection.phone,
        "施工许可证": given["permits"].get(project.code, {}).get("证号"),
        "受理流水": given["needs"].get(project.code, {}).get("流水号"),
        "是否有效": "否" if project.withdrawn else "是",
    }


def _day(when: date | datetime | None) -> str | None:
    return f"{when.year}年{when.month:02d}月{when.day:02d}日" if when else None


PARTNER = Heat
