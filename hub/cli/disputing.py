"""Commands for disputes and decisions."""

from collections.abc import Sequence
from getpass import getuser
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import decisions, disputes
from hub.services.disputes import Complaint, DisputeView, DisputeWhole

Record = Annotated[str, typer.Argument(help="记录编号或 实体:主键")]
FieldName = Annotated[str, typer.Argument(help="字段名")]
Number = Annotated[int, typer.Argument(help="校核编号")]
Reason = Annotated[str, typer.Option("--reason", help="理由")]
By = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")]

ONE_OF_BOTH = "--accept | --refuse"

dispute_commands = typer.Typer(help="数据校核、争议处理", invoke_without_command=True)


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
    closed: Annotated[bool, typer.Option("--closed", help="连同已结束的")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List disputes, what is due first comes first."""
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
    proposed: Annotated[str, typer.Option("--proposed", help="应为")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that a value of today is wrong; it goes to the unit whose system says it."""
    with asking("disputes open", _named(by)) as context:
        held = disputes.open_dispute(context, Complaint(record, field, reason, proposed))
    _show(held, as_json=as_json)


@dispute_commands.command("show")
def show_dispute(number: Number, *, as_json: JsonFlag = False) -> None:
    """One dispute."""
    with asking("disputes show") as context:
        disputes.catch_up(context)
        held = disputes.one(context, number)
    _show(held, as_json=as_json)


@dispute_commands.command("answer")
def answer(
    number: Number,
    *,
    accept: Annotated[bool, typer.Option("--accept", help="认可，由来源更正")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="不认可")] = False,
    reason: Annotated[str, typer.Option("--reason", help="说明，不认可时必填")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer for the source's unit; what is accepted is recalled."""
    if accept == refuse:
        raise typer.BadParameter(ONE_OF_BOTH)
    with asking("disputes answer", _named(by)) as context:
        held = disputes.answer(context, number, accepted=accept, text=reason)
    _show(held, as_json=as_json)


def settle(
    record: Record,
    field: FieldName,
    *,
    value: Annotated[str, typer.Option("--value", help="裁定的值")],
    reason: Reason,
    by: By = None,
) -> None:
    """Settle a field by hand, above every source, until taken back."""
    with asking("decide", by) as context:
        run = decisions.decide(context, record, field, value=value, reason=reason)
    shown = screen()
    shown.say(
        shown.t(
            "{record} 的 {field} 已裁定为 {value}，见运行 {run}",
            record=record,
            field=field,
            value=value,
            run=run,
        )
    )


def unsettle(record: Record, field: FieldName, *, reason: Reason, by: By = None) -> None:
    """Take a decision back; the sources speak again."""
    with asking("undecide", by) as context:
        run = decisions.undecide(context, record, field, reason=reason)
    shown = screen()
    shown.say(
        shown.t(
            "{record} 的 {field} 的裁定已撤销，见运行 {run}", record=record, field=field, run=run
        )
    )


def list_decisions(*, as_json: JsonFlag = False) -> None:
    """Decisions that stand, with what each source says today."""
    with asking("decisions") as context:
        rows = decisions.listed(context)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "记录",
        "字段",
        "裁定|state",
        "来源的值",
    )
    shown.table(
        (
            *columns,
            "仍不一致",
            "经办人",
            "理由",
        ),
        [
            (
                f"{row.entity}:{row.key}",
                row.field,
                row.value,
                ", ".join(f"{system}={shown.cell(said)}" for system, said in row.systems.items()),
                row.still,
                row.by,
                row.reason,
            )
            for row in rows
        ],
    )


def _named(by: str | None) -> str:
    """The name under which the operator disputes and answers; no account has it."""
    return by or f"cli:{getuser()}"


def _show(held: DisputeWhole, *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(held)
        return
    shown.say(f"{held.id}: {held.entity}:{held.key} {held.field} = {held.value}", "bold")
    _table(shown, [held])
    shown.say(shown.t("时限依据") + ": " + shown.term(held.term))
    for label, text in (
        ("理由", held.reason),
        ("应为", held.proposed),
        ("答复", held.answer),
    ):
        if text:
            shown.say(f"{shown.t(label)}: {text}")


def _table(shown: Screen, rows: Sequence[DisputeView]) -> None:
    columns = (
        "编号",
        "记录",
        "字段",
        "值",
        "来源",
    )
    more = (
        "状态",
        "提出",
        "应于",
        "提出人",
        "更正通知",
        "未更正",
    )
    shown.table(
        (*columns, *more),
        [
            (
                row.id,
                f"{row.entity}:{row.key}",
                row.field,
                row.value,
                row.system,
                shown.word(row.state),
                row.opened_at,
                row.clock,
                row.opened_by,
                row.recall_id,
                row.owed if row.recall_id else None,
            )
            for row in rows
        ],
    )
