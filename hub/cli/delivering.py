"""The command for delivery states: where records go, how that stands, and why."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.reading import Limit
from hub.cli.restoring import uncertain_table
from hub.cli.running import FlowOption
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.services import deliveries as standing
from hub.services import restorations
from hub.services.deliveries import DeliveryReason, DeliveryStanding, FlowDeliveries


def add_to(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(deliveries)


def deliveries(
    *,
    flow: FlowOption = None,
    record: Annotated[
        str | None,
        typer.Option("--record", help="记录编号或 实体:主键"),
    ] = None,
    uncertain: Annotated[
        bool,
        typer.Option(
            "--uncertain",
            help="恢复后待人工确认的",
        ),
    ] = False,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """How deliveries stand and why: by flow and reason, or of one record."""
    shown = screen()
    if uncertain:
        with asking("deliveries") as context:
            waiting = restorations.waiting(context, flow=flow, most=limit)
        (shown.data if as_json else partial(uncertain_table, shown))(waiting)
        return
    if record is not None:
        with asking("deliveries") as context:
            found = standing.record(context, record)
        (shown.data if as_json else partial(standing_table, shown))(found)
        return
    with asking("deliveries") as context:
        flows = standing.listed(context, flow)
    if as_json:
        shown.data(flows)
        return
    for one in flows:
        _flow(shown, one)


def standing_table(shown: Screen, rows: Sequence[DeliveryStanding]) -> None:
    """Records' deliveries as a table; each reason with its cure below."""
    columns = (
        "目标",
        "记录",
        "状态",
        "版本",
        "确认于",
        "下次处理",
    )
    shown.table(
        (*columns, "原因与处理"),
        [
            (
                row.flow or row.system,
                row.record_id,
                shown.word(row.state),
                row.golden_version,
                row.confirmed_at,
                row.due,
                _why(shown, row.why),
            )
            for row in rows
        ],
        title=shown.t("推送|several"),
    )


def _flow(shown: Screen, one: FlowDeliveries) -> None:
    columns = (
        "条数",
        "状态",
        "原因与处理",
        "例",
    )
    counts = {"records": one.records, **one.states}
    shown.table(
        columns,
        [
            (
                group.records,
                shown.word(group.state),
                _why(shown, group.why),
                f"--record {group.example}",
            )
            for group in one.groups
        ],
        title=f"{one.flow}: {shown.sums(counts)}",
    )


def _why(shown: Screen, why: DeliveryReason) -> str:
    return Lines.of([shown.pick(why.zh, why.en), f"→ {shown.pick(why.cure_zh, why.cure_en)}"])
