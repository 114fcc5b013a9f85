"""The water company: GBK text files with commas, over SFTP."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sandbox.folders import FilePartner, UnreadableFileError, Verdict
from sandbox.forms import Form
from sandbox.shelf import Given, Offer, Offered, Traps
from sandbox.state import Record
from sandbox.world.records import Connection, Life

STATES = {
    1: "已接件", 2: "已撤件", 3: "已受理", 5: "不予受理", 6: "待补正", 7: "已补正", 8: "踏勘", 9: "施工", 11: "已通水",
}  # fmt: skip
COLUMNS = (
    "报装编号", "项目代码", "工程名称", "用水单位", "统一社会信用代码", "用水地址", "日用水量(吨)", "外线工程",
    "申请日期", "报装状态", "踏勘日期", "通水日期", "户号", "联系人", "联系电话", "施工许可证号", "统一受理号",
    "有效标志", "更新时间",
)  # fmt: skip
ANSWER = ("流水号", "结果代码", "结果说明")
TAKEN, REFUSED = "1", "0"
DAY = ("%Y/%m/%d",)
WORDS = {
    "missing": "{}不能为空",
    "date": "{}格式不对，应为年/月/日",
    "code": "{}不是规范的项目代码",
    "credit_code": "{}校验不通过",
    "operation": "{}只能填1或0",
    "unknown": "查无此{}，不能撤回",
    "unwilling": "水司退回，请核对{}",
    "unreadable": "文件名或内容不规范，无法读取",
}
NEED = Form(
    resource="needs",
    key="流水号",
    code="项目代码",
    business="项目代码",
    required=("项目代码", "工程名称", "建设单位"),
    dates={"需用日期": DAY},
    credit_code="统一社会信用代码",
    operation="操作",
    valid="1",
    withdrawn="0",
)
PERMIT = Form(
    resource="permits",
    key="流水号",
    code="项目代码",
    business="证件编号",
    required=("项目代码", "证件编号", "发证日期"),
    dates={"发证日期": DAY},
    credit_code=None,
    operation="操作",
    valid="1",
    withdrawn="0",
)


PREFILLED = Form(
    resource="prefills",
    key="流水号",
    code="项目代码",
    business="施工许可证号",
    required=("项目代码", "工程名称", "施工许可证号"),
    dates={"需用日期": DAY},
    credit_code="统一社会信用代码",
    operation="操作",
    valid="1",
    withdrawn="0",
)


class Water(FilePartner):
    """Applications for water, in files that hold what has changed."""

    name = "water"
    suffix = ".csv"
    resource = "applications"
    resources = ("applications",)
    forms = (NEED, PERMIT, PREFILLED)
    traps = Traps(
        spoilt={"日用水量(吨)": "约三百", "申请日期": "2024/13/45"},
        twin={"用水单位": "（重复录入）"},
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
        rows = ({**record.body, "更新时间": f"{record.at:%Y/%m/%d %H:%M:%S}"} for record in records)
        return _written(COLUMNS, ([row.get(column, "") for column in COLUMNS] for row in rows))

    def rows(self, content: bytes) -> list[Record]:
        try:
            text = content.decode("gbk")
            return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]
        except (UnicodeDecodeError, csv.Error) as error:
            raise UnreadableFileError from error

    def answers(self, verdicts: Sequence[Verdict]) -> bytes:
        return _written(ANSWER, (_answer(verdict) for verdict in verdicts))


def _written(header: Sequence[str], rows: Iterator[list[object]]) -> bytes:
    """Write lines in GBK; a character that GBK lacks becomes a question mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("gbk", "replace")


def _answer(verdict: Verdict) -> list[object]:
    refusal = verdict.refusal
    if refusal is None:
        return [verdict.key, TAKEN, "接收成功"]
    return [verdict.key, REFUSED, WORDS[refusal.kind].format(refusal.field)]


def _body(life: Life, connection: Connection, given: Given) -> Record:
    project = life.project
    return {
        "报装编号": connection.number,
        "项目代码": project.code,
        "工程名称": project.name,
        "用水单位": project.owner.name,
        "统一社会信用代码": project.owner.uscc,
        "用水地址": project.address,
        "日用水量(吨)": str(connection.need),
        "外线工程": "有" if connection.outside_line else "无",
        "申请日期": _day(connection.steps[0][1]),
        "报装状态": STATES[connection.status],
        "踏勘日期": _day(connection.surveyed_on),
        "通水日期": _day(connection.connected_on),
        "户号": connection.account or "",
        "联系人": connection.contact,
        "联系电话": connection.phone,
        "施工许可证号": given["permits"].get(project.code, {}).get("证件编号", ""),
        "统一受理号": given["needs"].get(project.code, {}).get("流水号", ""),
        "有效标志": "0" if project.withdrawn else "1",
    }


def _day(when: date | datetime | None) -> str:
    return f"{when.year}/{when.month}/{when.day}" if when else ""


PARTNER = Water
