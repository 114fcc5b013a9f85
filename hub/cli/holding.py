"""Commands for held batches and the shape of sources."""

from typing import Annotated

import typer

from hub.auth.context import RequestContext
from hub.cli.context import asking
from hub.cli.linking import By, Reason
from hub.cli.reading import Limit
from hub.cli.running import FlowOption, show_runs
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.services import held as holding
from hub.services import shapes
from hub.services.held import HeldView
from hub.services.shapes import SourceShape

NOTHING_NAMED = "--id | --flow"

Batches = Annotated[
    list[int] | None,
    typer.Option("--id", help="批次编号，可多次，见 hub held"),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (held, accept, drop, shape):
        app.command()(command)


def held(
    *,
    batch: Annotated[int | None, typer.Option("--id", help="一个批次的编号")] = None,
    flow: FlowOption = None,
    everything: Annotated[bool, typer.Option("--all", help="含已处理的")] = False,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """Batches whose source has changed its shape, with values and counts."""
    with asking("held") as context:
        rows = holding.listed(context, flow=flow, batch=batch, decided=everything, most=limit)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "批次",
        "流程",
        "运行",
        "条数",
        "产生时间",
    )
    last = "状态", "原因|reason"
    shown.table(
        (*columns, *last),
        [
            (
                row.batch,
                row.flow,
                row.run,
                row.held,
                row.held_at,
                _state(shown, row),
                _why(shown, row),
            )
            for row in rows
        ],
    )


def accept(
    *,
    reason: Reason,
    batches: Batches = None,
    flow: FlowOption = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Apply held batches under the contracts of now, in their order."""
    with asking("accept", by) as context:
        runs = holding.accept(context, _chosen(context, batches, flow), reason=reason)
        show_runs(context.hub, screen(), runs, as_json=as_json)


def drop(
    *,
    reason: Reason,
    batches: Batches = None,
    flow: FlowOption = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Leave held batches unapplied for good; their payloads stay."""
    with asking("drop", by) as context:
        runs = holding.drop(context, _chosen(context, batches, flow), reason=reason)
        show_runs(context.hub, screen(), runs, as_json=as_json)


def shape(
    flow: Annotated[str, typer.Argument(help="拉取流程名")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """What was seen of a source's fields, and its changes."""
    with asking("shape") as context:
        found = shapes.shape_of(context, flow)
    shown = screen()
    if as_json:
        shown.data(found)
    else:
        _show(shown, found)


def _chosen(context: RequestContext, batches: list[int] | None, flow: str | None) -> list[int]:
    """The batches named, or all held batches of a flow."""
    if not (batches or flow):
        raise typer.BadParameter(NOTHING_NAMED)
    return batches or holding.waiting_of(context, flow or "")


def _state(shown: Screen, row: HeldView) -> str:
    word = shown.word("undecided" if row.state == "waiting" else row.state)
    return f"{word} ({row.decided_by}: {row.reason})" if row.decided_by else word


def _why(shown: Screen, row: HeldView) -> str:
    return Lines.of(shown.pick(one.said.zh, one.said.en) for one in row.findings)


def _show(shown: Screen, found: SourceShape) -> None:
    columns = (
        "字段",
        "映射为",
        "有",
        "有值",
        "类型|several",
    )
    last = "代码", "最近"
    shown.table(
        (*columns, *last),
        [
            (
                one.path,
                one.mapped,
                f"{one.present} / {one.records}",
                one.filled,
                one.types,
                one.codes[:10],
                one.last_at,
            )
            for one in found.fields
        ],
    )
    if found.unseen:
        paths = ", ".join(found.unseen)
        shown.say(shown.t("映射读取而从未见过：{paths}", paths=paths), "yellow")
    for change in found.changes:
        shown.say(
            f"{shown.cell(change.met_at)} [{change.done}] "
            f"{shown.pick(change.said.zh, change.said.en)}"
        )
