"""Commands about values that people do not agree with: disputes, and decisions by hand."""

from collections.abc import Sequence
from getpass import getuser
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import decisions, disputes
from hub.services.disputes import Complaint, DisputeView, DisputeWhole

Record = Annotated[
    str, typer.Argument(help="记录编号或 实体:主键 · number of a record, or entity:key")
]
FieldName = Annotated[str, typer.Argument(help="字段名 · name of the field")]
Number = Annotated[int, typer.Argument(help="校核编号 · number of the dispute")]
Reason = Annotated[str, typer.Option("--reason", help="理由 · why")]
By = Annotated[
    str | None, typer.Option("--by", help="经办人，默认当前用户 · who; this user unless given")
]

ONE_OF_BOTH = "--accept | --refuse"

dispute_commands = typer.Typer(
    help="数据校核、争议处理 · disputes about values", invoke_without_command=True
)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(dispute_commands, name="disputes")
    app.command("decide")(settle)
    app.command("undecide")(unsettle)
    app.command("decisions")(list_decisions)


@dispute_commands.callback()
def list_disputes(
    context: typer.Context,
    *,
    closed: Annotated[
        bool, typer.Option("--closed", help="连同已结束的 · closed ones too")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """列出数据校核，最先到期的在前 · list disputes, what is due first comes first."""
    if context.invoked_subcommand:
        return
    with asking("disputes") as mine:
        disputes.catch_up(mine)
        rows = disputes.listed(mine, closed=closed)
    shown = screen()
    if as_json:
        shown.data(rows)
    else:
        _table(shown, rows)


@dispute_commands.command("open")
def open_dispute(
    record: Record,
    field: FieldName,
    *,
    reason: Reason,
    proposed: Annotated[str, typer.Option("--proposed", help="应为 · what it should be")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """提出“此值有误” · say that a value of today is wrong; it goes to the unit whose system says it."""
    with asking("disputes open", _named(by)) as context:
        held = disputes.open_dispute(context, Complaint(record, field, reason, proposed))
    _show(held, as_json=as_json)


@dispute_commands.command("show")
def show_dispute(number: Number, *, as_json: JsonFlag = False) -> None:
    """查看一项数据校核 · one dispute."""
    with asking("disputes show") as context:
        disputes.catch_up(context)
        held = disputes.one(context, number)
    _show(held, as_json=as_json)


@dispute_commands.command("answer")
def answer(
    number: Number,
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="认可，由来源更正 · the source is going to correct it")
    ] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="不认可 · the value is right")] = False,
    reason: Annotated[str, typer.Option("--reason", help="说明，不认可时必填 · why")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """代来源单位答复：认可后追回错误的值 · answer for the source's unit; what is accepted is recalled."""
    if accept == refuse:
        raise typer.BadParameter(ONE_OF_BOTH)
    with asking("disputes answer", _named(by)) as context:
        held = disputes.answer(context, number, accepted=accept, text=reason)
    _show(held, as_json=as_json)


def settle(
    record: Record,
    field: FieldName,
    *,
    value: Annotated[str, typer.Option("--value", help="裁定的值 · what it is")],
    reason: Reason,
    by: By = None,
) -> None:
    """人工裁定一个字段，优先于所有来源 · settle a field by hand, above every source, until taken back."""
    with asking("decide", by) as context:
        run = decisions.decide(context, record, field, value=value, reason=reason)
    shown = screen()
    shown.say(
        shown.pick(
            f"{record} 的 {field} 已裁定为 {value}，见运行 {run}",
            f"{field} of {record}: {value}, run {run}",
        )
    )


def unsettle(record: Record, field: FieldName, *, reason: Reason, by: By = None) -> None:
    """撤销裁定，恢复按来源取值 · take a decision back; the sources speak again."""
    with asking("undecide", by) as context:
        run = decisions.undecide(context, record, field, reason=reason)
    shown = screen()
    shown.say(
        shown.pick(
            f"{record} 的 {field} 的裁定已撤销，见运行 {run}",
            f"{field} of {record} is open again, run {run}",
        )
    )


def list_decisions(*, as_json: JsonFlag = False) -> None:
    """列出有效的裁定及各来源当前的值 · decisions that stand, with what each source says today."""
    with asking("decisions") as context:
        rows = decisions.listed(context)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        ("记录", "record"),
        ("字段", "field"),
        ("裁定", "decided"),
        ("来源的值", "sources say"),
    )
    shown.table(
        [
            shown.pick(*names)
            for names in (
                *columns,
                ("仍不一致", "still differ"),
                ("经办人", "by"),
                ("理由", "reason"),
            )
        ],
        [
            (
                *(f"{row.entity}:{row.key}", row.field, row.value),
                ", ".join(f"{system}={shown.cell(said)}" for system, said in row.systems.items()),
                *(row.still, row.by, row.reason),
            )
            for row in rows
        ],
    )


def _named(by: str | None) -> str:
    """Who holds the database disputes and answers under a name that no account has."""
    return by or f"cli:{getuser()}"


def _show(held: DisputeWhole, *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(held)
        return
    shown.say(f"{held.id}: {held.entity}:{held.key} {held.field} = {held.value}", "bold")
    _table(shown, [held])
    shown.say(shown.pick("时限依据", "term") + ": " + shown.term(held.term))
    for label, text in (
        ("理由 why", held.reason),
        ("应为 proposed", held.proposed),
        ("答复 answer", held.answer),
    ):
        if text:
            shown.say(f"{label}: {text}")


def _table(shown: Screen, rows: Sequence[DisputeView]) -> None:
    columns = (
        ("编号", "id"),
        ("记录", "record"),
        ("字段", "field"),
        ("值", "value"),
        ("来源", "source"),
    )
    more = (
        ("状态", "state"),
        ("提出", "opened"),
        ("应于", "due"),
        ("提出人", "by"),
        ("追回", "recall"),
        ("未更正", "owed"),
    )
    shown.table(
        [shown.pick(*names) for names in (*columns, *more)],
        [
            (
                *(
                    row.id,
                    f"{row.entity}:{row.key}",
                    row.field,
                    row.value,
                    row.system,
                    shown.word(row.state),
                ),
                *(
                    row.opened_at,
                    row.clock,
                    row.opened_by,
                    row.recall_id,
                    row.owed if row.recall_id else None,
                ),
            )
            for row in rows
        ],
    )
