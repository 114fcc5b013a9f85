"""Commands for units without a system: template, workbook, record, withdrawal; what is new."""

from pathlib import Path
from typing import Annotated

import typer

from hub.auth.context import RequestContext
from hub.cli.context import asking
from hub.cli.out import write_wanted
from hub.cli.screen import JsonFlag, screen
from hub.errors import FlowError
from hub.services import new_deliveries, supply
from hub.services.new_deliveries import DeliveryVerdict
from hub.services.supply import Pull, SupplyAnswer
from hub.wiring import Hub

FlowName = Annotated[str, typer.Argument(help="流程")]
By = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")]
PAIR = "列名=内容"

supply_commands = typer.Typer(help="无系统单位的报送", invoke_without_command=True)
news_commands = typer.Typer(help="新到：待单位取阅的推送", invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(supply_commands, name="supply")
    app.add_typer(news_commands, name="news")


@supply_commands.callback()
def list_offers(context: typer.Context, *, as_json: JsonFlag = False) -> None:
    """List flows that units hand in by workbook or form."""
    if context.invoked_subcommand:
        return
    with asking("supply") as mine:
        rows = supply.listed(mine)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    shown.table(
        ["流程", "数据", "单位"],
        [
            (
                one.flow,
                shown.pick(one.title.zh, one.title.en),
                shown.pick(one.department.zh, one.department.en),
            )
            for one in rows
        ],
    )


@supply_commands.command("show")
def show(flow: FlowName, *, as_json: JsonFlag = False) -> None:
    """Columns of a template, what was handed in last, and the records of today."""
    with asking("supply show") as context:
        sheet = supply.one(context, flow)
    shown = screen()
    if as_json:
        shown.data(sheet)
        return
    shown.table(
        ["列", "必填", "可填内容"],
        [
            (one.header, shown.t("是") if one.required else "", "、".join(one.choices))
            for one in sheet.columns
        ],
    )
    shown.table(
        ["时间", "账号", "文件", "行数", "回执"],
        [(one.at, one.account, one.file, one.rows, one.inbound_id) for one in sheet.acts],
    )


@supply_commands.command("template")
def template(
    flow: FlowName,
    *,
    out: Annotated[Path, typer.Option("--out", help="写入的文件")],
) -> None:
    """Write the empty workbook of a flow."""
    shown = screen()
    with asking("supply template") as context:
        made = supply.blank(context, flow, lang="zh" if shown.lang == "zh" else "en")
    write_wanted(out, made)
    shown.say(str(out))


@supply_commands.command("upload")
def upload(
    flow: FlowName,
    file: Annotated[Path, typer.Argument(help="工作簿", exists=True, dir_okay=False)],
    *,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a workbook whole, or nothing of it and name every bad cell."""
    with asking("supply upload", by) as context:
        answer = supply.upload(context, flow, file.name, file.read_bytes(), pull=_pull(context))
    _answered(answer, as_json=as_json)


@supply_commands.command("enter")
def enter(
    flow: FlowName,
    cells: Annotated[list[str], typer.Argument(help="列名=内容，可多个")],
    *,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Take one record; under a known key it is a correction."""
    pairs = [one.partition("=") for one in cells]
    if not all(mark for _, mark, _ in pairs):
        raise typer.BadParameter(PAIR)
    with asking("supply enter", by) as context:
        answer = supply.enter(
            context, flow, {header: text for header, _, text in pairs}, pull=_pull(context)
        )
    _answered(answer, as_json=as_json)


@supply_commands.command("withdraw")
def withdraw(
    flow: FlowName,
    key: Annotated[str, typer.Argument(help="来源主键")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="理由")],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Withdraw a record that was handed in; a reason is needed."""
    with asking("supply withdraw", by) as context:
        answer = supply.withdraw(context, flow, key, reason=reason, pull=_pull(context))
    _answered(answer, as_json=as_json)


@news_commands.callback()
def list_news(context: typer.Context, *, as_json: JsonFlag = False) -> None:
    """List what lies ready for units without a system; it counts as handed over."""
    if context.invoked_subcommand:
        return
    with asking("news") as mine:
        tables = new_deliveries.listed(mine)
    shown = screen()
    if as_json:
        shown.data(tables)
        return
    for table in tables:
        shown.table(
            ["到达时间", "编号", *table.columns],
            [
                (one.ready_at, one.key, *new_deliveries.cells(table, one))
                for one in table.deliveries
            ],
            title=table.flow,
        )


@news_commands.command("acknowledge")
def acknowledge(
    flow: FlowName,
    keys: Annotated[list[str], typer.Argument(help="推送编号，可多个")],
    *,
    refuse: Annotated[bool, typer.Option("--refuse", help="退回，须写明理由")] = False,
    reason: Annotated[str, typer.Option("--reason", help="说明，退回时必填")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Acknowledge deliveries that were handed over, or refuse them."""
    verdicts = [DeliveryVerdict(key, accepted=not refuse, text=reason) for key in keys]
    with asking("news acknowledge", by) as context:
        done = new_deliveries.acknowledge(context, flow, verdicts)
    shown = screen()
    if as_json:
        shown.data(done)
    else:
        shown.say(shown.t("已确认 {count} 条", count=done.acknowledged))


@news_commands.command("export")
def export(
    flow: FlowName, *, out: Annotated[Path, typer.Option("--out", help="写入的文件")]
) -> None:
    """Write what lies ready by a flow as a workbook."""
    shown = screen()
    with asking("news export") as context:
        made = new_deliveries.exported(context, flow, lang="zh" if shown.lang == "zh" else "en")
    write_wanted(out, made)
    shown.say(str(out))


def _pull(context: RequestContext) -> Pull | None:
    """What takes in at once what has been handed in."""
    return context.hub.pull if isinstance(context.hub, Hub) else None


def _answered(answer: SupplyAnswer, *, as_json: bool) -> None:
    """Show an answer; exit status 1 where nothing was taken."""
    shown = screen()
    if as_json:
        shown.data(answer)
    elif answer.taken:
        shown.say(
            shown.t("已收下 {rows} 行，回执 {receipt}", rows=answer.rows, receipt=answer.receipt)
        )
    else:
        shown.table(
            ["单元格", "列", "问题", "处理"],
            [
                (
                    one.cell,
                    one.header,
                    shown.pick(one.zh, one.en),
                    shown.pick(one.cure_zh, one.cure_en),
                )
                for one in answer.faults
            ],
        )
    if not answer.taken:
        raise FlowError("supply.refused", count=len(answer.faults))
