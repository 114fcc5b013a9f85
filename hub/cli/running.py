"""Commands that run flows at once, and replay or discard quarantine entries."""

from collections.abc import Mapping, Sequence
from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import operating
from hub.cli.context import asking, opened
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.runtime import Runtime
from hub.services import naming, quarantine, runs
from hub.services.quarantine import Selection
from hub.services.runs import RunView
from hub.wiring import Hub

NOTHING_NAMED = "--id | --flow | --cause | --all"

Ids = Annotated[list[int] | None, typer.Option("--id", help="问题编号，可多次")]
FlowOption = Annotated[str | None, typer.Option("--flow", help="流程名")]
CauseOption = Annotated[
    str | None,
    typer.Option("--cause", help="原因，见 hub failures"),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (run, release, replay, discard):
        app.command()(command)


def run(
    flows: Annotated[list[str], typer.Argument(help="流程名，如 pull.partner.project")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Run pull.*, fetch.*, push.* or receipts.* flows here and now, in this order."""
    with opened() as hub:
        ids = [_run(hub, flow) for flow in flows]
        show_runs(hub, screen(), ids, as_json=as_json)


def release(*, as_json: JsonFlag = False) -> None:
    """Apply waiting records whose project or link has come."""
    with opened() as hub:
        count = hub.release()
    shown = screen()
    if as_json:
        shown.data({"looked_at": count})
    else:
        shown.say(shown.t("重新查看 {count} 条等待的记录", count=count))


def replay(
    *,
    ids: Ids = None,
    flow: FlowOption = None,
    cause: CauseOption = None,
    everything: Annotated[bool, typer.Option("--all", help="全部未处理的")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Take quarantine entries up again: one, those of a flow or cause, or all."""
    chosen = _selection(ids, flow, cause, everything=everything)
    with opened() as hub:
        naming.refuse_unknown(operating(hub, getuser()), "entry", ids)
        done = hub.replay(chosen)
        shown = screen()
        if not as_json:
            shown.say(
                shown.t(
                    "重新处理 {applied} 条接收问题；{marked} 条推送已标记重发",
                    applied=done.applied,
                    marked=done.marked,
                )
            )
        show_runs(
            hub,
            shown,
            done.runs,
            as_json=as_json,
            more={"applied": done.applied, "marked": done.marked},
        )


def discard(
    *,
    reason: Annotated[str, typer.Option("--reason", help="弃用理由")],
    by: Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")] = None,
    ids: Ids = None,
    flow: FlowOption = None,
    cause: CauseOption = None,
    everything: Annotated[bool, typer.Option("--all", help="全部未处理的")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Close quarantine entries for good; the payload stays."""
    chosen = _selection(ids, flow, cause, everything=everything)
    with asking("discard", by) as context:
        naming.refuse_unknown(context, "entry", ids)
        count = quarantine.discard(context, chosen, reason=reason)
    shown = screen()
    if as_json:
        shown.data({"discarded": count})
    else:
        shown.say(shown.t("已弃用 {count} 条", count=count))


def show_runs(
    hub: Runtime,
    shown: Screen,
    ids: Sequence[int],
    *,
    as_json: bool,
    more: Mapping[str, object] | None = None,
) -> None:
    """Show the runs just made."""
    rows = runs.by_numbers(operating(hub, getuser()), ids)
    if as_json:
        shown.data({"runs": rows, **(more or {})})
    elif rows:
        run_table(shown, rows)


def run_table(shown: Screen, rows: Sequence[RunView]) -> None:
    """Runs as a table: outcomes, balance, and why a failed one stopped."""
    columns = (
        "编号",
        "流程",
        "种类",
        "状态",
        "开始",
        "秒",
    )
    shown.table(
        (*columns, "结果|several", "平衡", "原因"),
        [
            (
                row.id,
                row.flow,
                shown.word(row.kind),
                shown.word(row.state),
                row.started_at,
                f"{max(0.0, (row.ended_at - row.started_at).total_seconds()):.1f}"
                if row.ended_at
                else "",
                _outcomes(shown, row),
                shown.balance(balanced=row.balanced),
                row.why.code if row.why else "",
            )
            for row in rows
        ],
    )


def _outcomes(shown: Screen, row: RunView) -> str:
    """Counts of a run, of parts, and of findings, a line each."""
    told = [shown.sums(row.counts)]
    told += [shown.sums(row.parts)] if row.parts else []
    told += [f"{shown.t('提示')}: {cause} ×{times}" for cause, times in row.notes.items()]
    return Lines.of(told)


def _run(hub: Hub, flow: str) -> int:
    way, _, rest = flow.partition(".")
    if way == "receipts":
        return hub.receipts(f"push.{rest}")
    if way == "fetch":
        return hub.fetch(flow)
    return hub.push(flow) if way == "push" else hub.pull(flow)


def _selection(
    ids: list[int] | None, flow: str | None, cause: str | None, *, everything: bool
) -> Selection:
    """The selection named; naming nothing needs --all, so that a slip does not select all."""
    if not (ids or flow or cause or everything):
        raise typer.BadParameter(NOTHING_NAMED)
    return quarantine.selected(ids, flow, cause, everything=everything)
