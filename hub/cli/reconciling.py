"""Commands for reconciliation: compare with targets, list and decide differences."""

from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import operating
from hub.cli.context import asking, opened
from hub.cli.reading import Limit
from hub.cli.running import FlowOption, show_runs
from hub.cli.screen import JsonFlag, one_of, screen
from hub.errors import HubError
from hub.services import naming, reconciliation
from hub.services.reconciliation import KINDS
from hub.texts import tell


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (reconcile, differences, settle):
        app.command()(command)


def reconcile(
    flows: Annotated[
        list[str] | None,
        typer.Argument(help="流程名，默认全部"),
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只比对，不修复")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Compare what partners hold with what stands here; repair by rule."""
    shown = screen()
    ids: list[int] = []
    failed: dict[str, HubError] = {}
    with opened() as hub:
        asked = flows or [
            *dict.fromkeys([*hub.contracts.pulls, *hub.contracts.pushes, *hub.contracts.disabled])
        ]
        for name in asked:
            try:
                ids.append(hub.reconcile(name, repairing=not dry_run))
            except HubError as error:
                failed[name] = error
        sight = reconciliation.sight(operating(hub, getuser()))
        unseen = {flow: seen for flow, seen in sight.items() if seen != "all" and flow in asked}
        show_runs(hub, shown, ids, as_json=as_json, more={"unseen": unseen})
    if not as_json:
        for flow, seen in unseen.items():
            shown.say(f"{flow}: {tell(f'{seen}|unseen', shown.lang)}")
    for name, met in failed.items():
        shown.problem(met.code, met.facts, place=f"{name}: ")
    if failed:
        raise typer.Exit(1)


def differences(
    *,
    flow: FlowOption = None,
    kind: Annotated[
        str | None, typer.Option("--class", help=" | ".join(KINDS), callback=one_of("class", KINDS))
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="包括已了结的")] = False,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """What the last comparisons found different."""
    with asking("differences") as context:
        rows = reconciliation.listed(context, flow=flow, kind=kind, closed=closed, most=limit)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "编号",
        "流程",
        "主键",
        "种类",
        "状态",
        "次数",
    )
    shown.table(
        (*columns, "产生时间", "详情"),
        [
            (
                row.id,
                row.flow,
                row.key,
                shown.word(row.kind),
                shown.word(row.state),
                row.times,
                row.first_at,
                " ".join(f"{name}={value}" for name, value in row.found.items() if name != "held"),
            )
            for row in rows
        ],
    )


def settle(
    *,
    ids: Annotated[
        list[int],
        typer.Option("--id", help="差异编号，可多次"),
    ],
    reason: Annotated[str, typer.Option("--reason", help="理由")],
    resend: Annotated[
        bool,
        typer.Option("--resend/--leave", help="重新推送，或保持原样"),
    ],
    by: Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide differences that wait for a person."""
    decide = reconciliation.send_again if resend else reconciliation.leave
    with asking("settle", by) as context:
        naming.refuse_unknown(context, "difference", ids)
        count = decide(context, ids, reason=reason)
    shown = screen()
    if as_json:
        shown.data({"settled": count})
    else:
        shown.say(shown.t("已决定 {count} 处差异", count=count))
