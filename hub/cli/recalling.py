"""Commands about values that should not be out there: recall wrong ones, erase what must be forgotten."""

from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import erasure as erasing
from hub.services import recalls
from hub.services.recalls import CarriedView, RecallView

RecordOption = Annotated[
    str, typer.Option("--record", help="记录编号或 实体:主键 · number of a record, or entity:key")
]
FieldOption = Annotated[str, typer.Option("--field", help="字段名 · name of the field")]
ValueOption = Annotated[
    str | None,
    typer.Option(
        "--value", help="错误的值，默认当前值 · the wrong value; that of today unless given"
    ),
]
LandingOption = Annotated[
    int | None,
    typer.Option(
        "--landing", help="只追回来自此报文的值 · only what came from this landed payload"
    ),
]
ByOption = Annotated[
    str | None, typer.Option("--by", help="经办人，默认当前用户 · who; this user unless given")
]
Case_ = Annotated[int, typer.Argument(help="追回编号 · number of the recall")]

ONE_NAMED = "--record | --landing, --reason"

recall_commands = typer.Typer(
    help="更正追回 · recall wrong values that were handed on", no_args_is_help=True
)


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
    """查找一个错误的值去了哪里 · every delivery and read that carried a wrong value; changes nothing."""
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
    reason: Annotated[str, typer.Option("--reason", help="为何有误 · why it is wrong")],
    value: ValueOption = None,
    landing: LandingOption = None,
    by: ByOption = None,
    as_json: JsonFlag = False,
) -> None:
    """开启追回，直到全部接收方得到更正 · open a recall; it closes when everyone has been put right."""
    with asking("recall open", by) as context:
        made = recalls.open_recall(
            context, field, record=record, landing_id=landing, value=value, reason=reason
        )
    _case(made, as_json=as_json)


@recall_commands.command("list")
def list_recalls(
    *,
    closed: Annotated[
        bool, typer.Option("--closed", help="连同已结束的 · closed ones too")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """列出追回 · list recalls with the number of receivers that are owed a correction."""
    with asking("recall list") as context:
        recalls.catch_up(context)
        rows = recalls.listed(context, closed=closed)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        ("编号", "id"),
        ("记录", "record"),
        ("字段", "field"),
        ("错误的值", "wrong value"),
        ("开启", "opened"),
    )
    more = ("接收方", "receivers"), ("未更正", "owed"), ("结束", "closed"), ("原因", "reason")
    shown.table(
        [shown.pick(*names) for names in (*columns, *more)],
        [
            (
                *(row.id, f"{row.entity}:{row.key}", row.field, row.value, row.opened_at),
                *(row.receivers, row.owed, row.closed_at, row.reason),
            )
            for row in rows
        ],
    )


@recall_commands.command("show")
def show_recall(number: Case_, *, as_json: JsonFlag = False) -> None:
    """查看一次追回的全部接收方 · one recall with everyone who got the value."""
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
        typer.Option("--name", help="账号或推送流程，可多个 · account or push flow, repeatable"),
    ],
    by: ByOption = None,
    note: Annotated[str, typer.Option("--note", help="说明 · what was done about it")] = "",
    as_json: JsonFlag = False,
) -> None:
    """代接收方确认已知悉 · note that these receivers know, told by phone for one."""
    with asking("recall acknowledge", by) as context:
        case = recalls.acknowledge(context, number, names=names, note=note)
    _case(case, as_json=as_json)


def erase(
    *,
    record: RecordOption = "",
    landing: Annotated[
        int | None, typer.Option("--landing", help="只清除这份报文 · this landed payload only")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="依据 · on what grounds")],
    by: ByOption = None,
    as_json: JsonFlag = False,
) -> None:
    """清除必须遗忘的内容，留下记录 · blank payloads, former versions and persons; the ledger stays provable."""
    if bool(record) == (landing is not None) or not reason.strip():
        raise typer.BadParameter(ONE_NAMED)
    with asking("erase", by) as context:
        done = erasing.erase(context, record=record, landing_id=landing, reason=reason)
    shown = screen()
    if as_json:
        shown.data(done)
    else:
        zh = f"清除 {done.id}：{done.payloads} 份报文；见运行 {done.run_id}"
        shown.say(shown.pick(zh, f"erasure {done.id}: {done.payloads} payloads, run {done.run_id}"))


def _carried(shown: Screen, found: CarriedView) -> None:
    shown.say(
        f"#{found.record_id} {found.entity}:{found.key} {found.field} = {found.value}", "bold"
    )
    shown.say(
        shown.pick(f"当前值：{found.value_now or '无'}", f"today: {found.value_now or 'nothing'}")
    )
    columns = ("版本", "version"), ("自", "since"), ("至", "until")
    shown.table(
        [shown.pick(*names) for names in columns],
        [(span.version, span.since, span.until) for span in found.spans],
    )
    columns = ("目标流程", "to"), ("记录", "record"), ("结果", "state")
    shown.table(
        [shown.pick(*names) for names in (*columns, ("时间", "at"), ("推送内容", "sent"))],
        [
            (
                *(one.flow, one.record_id, shown.word(one.state), one.last_at),
                ", ".join(f"{name}={shown.cell(value)}" for name, value in one.sent.items()),
            )
            for one in found.deliveries
        ],
        title=shown.pick("推送", "deliveries"),
    )
    columns = ("账号", "account"), ("单位", "unit"), ("途径", "by")
    shown.table(
        [shown.pick(*names) for names in (*columns, ("用途", "purpose"), ("时间", "at"))],
        [
            (read.account, read.department, read.route, read.purpose, read.at)
            for read in found.reads
        ],
        title=shown.pick("查阅", "reads"),
    )


def _case(case: RecallView, *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(case)
        return
    shown.say(
        f"{case.id}: {case.entity}:{case.key} {case.field} = {case.value} ({case.reason})", "bold"
    )
    told = shown.pick(
        f"接收方 {case.receivers}，未更正 {case.owed}",
        f"{case.receivers} receivers, {case.owed} owed",
    )
    closed = shown.pick("，已结束", "; closed") if case.closed_at else ""
    shown.say(f"{told}{closed}")
    columns = (
        ("种类", "kind"),
        ("接收方", "receiver"),
        ("记录", "record"),
        ("次数", "times"),
        ("最后", "last"),
    )
    more = ("确认于", "acknowledged"), ("确认人", "by"), ("说明", "note")
    shown.table(
        [shown.pick(*names) for names in (*columns, *more)],
        [
            (
                *(shown.word(row.kind), row.name, row.record_id, row.times, row.last_at),
                *(row.acknowledged_at, row.acknowledged_by, shown.word(row.note)),
            )
            for row in case.received
        ],
    )
