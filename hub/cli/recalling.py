"""Commands for recalls and for erasure."""

from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import erasure as erasing
from hub.services import recalls
from hub.services.recalls import CarriedView, RecallView

RecordOption = Annotated[str, typer.Option("--record", help="记录编号或 实体:主键")]
FieldOption = Annotated[str, typer.Option("--field", help="字段名")]
ValueOption = Annotated[
    str | None,
    typer.Option("--value", help="错误的值，默认当前值"),
]
LandingOption = Annotated[
    int | None,
    typer.Option("--landing", help="只更正来自此报文的值"),
]
ByOption = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")]
Case_ = Annotated[int, typer.Argument(help="更正通知编号")]

ONE_NAMED = "--record | --landing, --reason"

recall_commands = typer.Typer(help="更正通知|group", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(recall_commands, name="recall")
    app.command()(erase)


@recall_commands.command("find")
def find(
    *,
    record: RecordOption = "",
    field: FieldOption,
    value: ValueOption = None,
    landing: LandingOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Every delivery and read that carried a wrong value; changes nothing."""
    with asking("recall find") as context:
        found = recalls.find(context, field, record=record, landing_id=landing, value=value)
    shown = screen()
    if as_json:
        shown.data(found)
    else:
        _carried(shown, found)


@recall_commands.command("open")
def open_recall(
    *,
    record: RecordOption = "",
    field: FieldOption,
    reason: Annotated[str, typer.Option("--reason", help="为何有误")],
    value: ValueOption = None,
    landing: LandingOption = None,
    by: ByOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Open a recall; it closes when everyone has been put right."""
    with asking("recall open", by) as context:
        made = recalls.open_recall(
            context, field, record=record, landing_id=landing, value=value, reason=reason
        )
    _case(made, as_json=as_json)


@recall_commands.command("list")
def list_recalls(
    *,
    closed: Annotated[bool, typer.Option("--closed", help="连同已结束的")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List recalls with the number of receivers that are owed a correction."""
    with asking("recall list") as context:
        recalls.catch_up(context)
        rows = recalls.listed(context, closed=closed)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "编号",
        "记录",
        "字段",
        "错误的值",
        "开启",
    )
    more = "接收方", "未更正", "结束", "原因|reason"
    shown.table(
        (*columns, *more),
        [
            (
                row.id,
                f"{row.entity}:{row.key}",
                row.field,
                row.value,
                row.opened_at,
                row.receivers,
                row.owed,
                row.closed_at,
                row.reason,
            )
            for row in rows
        ],
    )


@recall_commands.command("show")
def show_recall(number: Case_, *, as_json: JsonFlag = False) -> None:
    """One recall with everyone who got the value."""
    with asking("recall show") as context:
        recalls.catch_up(context)
        case = recalls.one(context, number)
    _case(case, as_json=as_json)


@recall_commands.command("acknowledge")
def acknowledge(
    number: Case_,
    *,
    names: Annotated[
        list[str],
        typer.Option("--name", help="账号或推送流程，可多个"),
    ],
    by: ByOption = None,
    note: Annotated[str, typer.Option("--note", help="说明|done")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Note that these receivers know, told by phone for one."""
    with asking("recall acknowledge", by) as context:
        case = recalls.acknowledge(context, number, names=names, note=note)
    _case(case, as_json=as_json)


def erase(
    *,
    record: RecordOption = "",
    landing: Annotated[int | None, typer.Option("--landing", help="只清除这份报文")] = None,
    reason: Annotated[str, typer.Option("--reason", help="依据")],
    by: ByOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Blank payloads, former versions and persons; the ledger stays provable."""
    if bool(record) == (landing is not None) or not reason.strip():
        raise typer.BadParameter(ONE_NAMED)
    with asking("erase", by) as context:
        done = erasing.erase(context, record=record, landing_id=landing, reason=reason)
    shown = screen()
    if as_json:
        shown.data(done)
    else:
        shown.say(
            shown.t(
                "清除 {erasure}：{payloads} 份报文；见运行 {run}",
                erasure=done.id,
                payloads=done.payloads,
                run=done.run_id,
            )
        )


def _carried(shown: Screen, found: CarriedView) -> None:
    shown.say(
        f"#{found.record_id} {found.entity}:{found.key} {found.field} = {found.value}", "bold"
    )
    shown.say(shown.t("当前值：{value}", value=found.value_now or shown.t("无")))
    columns = "版本", "产生时间", "至"
    shown.table(
        columns,
        [(span.version, span.since, span.until) for span in found.spans],
    )
    columns = "目标流程", "记录", "结果"
    shown.table(
        (*columns, "时间", "推送内容"),
        [
            (
                one.flow,
                one.record_id,
                shown.word(one.state),
                one.last_at,
                ", ".join(f"{name}={shown.cell(value)}" for name, value in one.sent.items()),
            )
            for one in found.deliveries
        ],
        title=shown.t("推送|several"),
    )
    columns = "账号", "单位", "途径"
    shown.table(
        (*columns, "用途", "时间"),
        [
            (read.account, read.department, read.route, read.purpose, read.at)
            for read in found.reads
        ],
        title=shown.t("查阅"),
    )


def _case(case: RecallView, *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(case)
        return
    shown.say(
        f"{case.id}: {case.entity}:{case.key} {case.field} = {case.value} ({case.reason})", "bold"
    )
    told = shown.t("接收方 {receivers}，未更正 {owed}", receivers=case.receivers, owed=case.owed)
    closed = shown.t("，已结束") if case.closed_at else ""
    shown.say(f"{told}{closed}")
    columns = (
        "种类",
        "接收方",
        "记录",
        "次数",
        "最后",
    )
    more = "确认于", "确认人", "说明|remark"
    shown.table(
        (*columns, *more),
        [
            (
                shown.word(row.kind),
                row.name,
                row.record_id,
                row.times,
                row.last_at,
                row.acknowledged_at,
                row.acknowledged_by,
                shown.word(row.note),
            )
            for row in case.received
        ],
    )
