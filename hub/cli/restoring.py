"""Commands after a restoration of the database: declare it, decide uncertain deliveries."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.linking import By, Reason
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import naming, restorations
from hub.services.restorations import RestorationView, UncertainView

NOTHING_NAMED = "--id | --all"


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (restored, settle_delivery, settle_surplus):
        app.command()(command)


def restored(
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="理由；不写则只列出")] = None,
    nothing_lost: Annotated[
        bool,
        typer.Option("--nothing-lost", help="只是迁移，数据没有丢失"),
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="机外留存的检查点"),
    ] = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that the database came back from a backup, or list when it did."""
    with asking("restored", by) as context:
        if reason is None:
            rows = restorations.listed(context)
        else:
            kept = checkpoint.read_text(encoding="utf-8") if checkpoint else ""
            rows = [
                restorations.declare(
                    context, reason=reason, nothing_lost=nothing_lost, checkpoints=kept
                )
            ]
    shown = screen()
    if as_json:
        shown.data(rows)
    else:
        _restorations(shown, rows)


def settle_delivery(
    *,
    flow: Annotated[str, typer.Option("--flow", help="推送流程名")],
    reason: Reason,
    send: Annotated[bool, typer.Option("--send/--sent", help="推送，或视为已送达")],
    records: Annotated[
        list[int] | None,
        typer.Option("--id", help="记录编号，可多次"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="该流程全部待确认的")] = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide deliveries that are uncertain since the database was restored."""
    if bool(records) == everything:
        raise typer.BadParameter(NOTHING_NAMED)
    with asking("settle-delivery", by) as context:
        naming.refuse_unknown(context, "record", records)
        count = restorations.settle(context, flow, records or None, send=send, reason=reason)
    shown = screen()
    if as_json:
        shown.data({"settled": count})
    else:
        shown.say(shown.t("已决定 {count} 条推送，下一次推送时执行", count=count))


def settle_surplus(
    *,
    ids: Annotated[
        list[int],
        typer.Option("--id", help="差异编号，可多次"),
    ],
    reason: Reason,
    withdraw: Annotated[
        bool,
        typer.Option(
            "--withdraw/--adopt",
            help="在对方撤回，或重新认领",
        ),
    ],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide what a target holds of ours and the hub knows nothing of."""
    with asking("settle-surplus", by) as context:
        naming.refuse_unknown(context, "difference", ids)
        count = restorations.settle_surplus(context, ids, withdraw=withdraw, reason=reason)
    shown = screen()
    if as_json:
        shown.data({"settled": count})
    else:
        shown.say(shown.t("已决定 {count} 条，下一次推送时执行", count=count))


def uncertain_table(shown: Screen, rows: list[UncertainView]) -> None:
    """Uncertain deliveries as a table."""
    columns = (
        "流程",
        "记录",
        "主键",
        "状态",
        "上次确认",
    )
    shown.table(
        columns,
        [(row.flow, row.record, row.key, shown.word(row.state), row.confirmed_at) for row in rows],
    )


def _restorations(shown: Screen, rows: list[RestorationView]) -> None:
    columns = "编号", "时间", "经办", "理由", "封存至"
    last = "数据", "仍在核对"
    shown.table(
        (*columns, *last),
        [
            (
                row.id,
                row.at,
                row.by,
                row.reason,
                row.seal,
                shown.t("未丢失") if row.nothing_lost else shown.t("较旧"),
                ", ".join(row.recovering),
            )
            for row in rows
        ],
    )
