"""Read-only commands: runs, failures, waiting records, findings, the balance."""

from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.running import CauseOption, FlowOption, run_table
from hub.cli.screen import ZONE, JsonFlag, Lines, Screen, one_of, screen
from hub.services import balance as balances
from hub.services import failure_groups, obstacles, quarantine
from hub.services import findings as remarkable
from hub.services import runs as runs_of
from hub.services import waiting as waits
from hub.services.balance import BalanceLine
from hub.services.failure_groups import Cause
from hub.services.failures import EntryView, FailureView
from hub.services.naming import RUN_STATES

Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="最多几条")]
Moment = Annotated[
    datetime | None,
    typer.Option("--since", help="从此刻起（北京时间）"),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (runs, failures, waiting, findings, balance):
        app.command()(command)


def runs(
    *,
    flow: FlowOption = None,
    state: Annotated[
        str | None,
        typer.Option("--state", help=" | ".join(RUN_STATES), callback=one_of("state", RUN_STATES)),
    ] = None,
    since: Moment = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """List runs with every outcome, newest first."""
    with asking("runs") as context:
        rows = runs_of.listed(context, flow=flow, state=state, since=_moment(since), most=limit)
        stopped = obstacles.listed(context)
    shown = screen()
    for one in stopped:
        shown.problem(one.fault.code, one.fault.facts)
    if as_json:
        shown.data(rows)
        return
    run_table(shown, rows)
    for row in rows:
        if row.why:
            shown.say(f"{row.id}: {shown.pick(row.why.zh, row.why.en)}", "red")
            shown.say(f"    {shown.pick(row.why.cure_zh, row.why.cure_en)}")


def failures(
    *,
    entry_id: Annotated[int | None, typer.Option("--id", help="一条问题的编号")] = None,
    flow: FlowOption = None,
    cause: CauseOption = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """Quarantine by cause; with --cause its entries, with --id one entry and its payload."""
    with asking("failures") as context:
        one = quarantine.entry(context, entry_id) if entry_id is not None else None
        groups = [] if one else failure_groups.listed(context, flow=flow, cause=cause)
        listed = (
            quarantine.entries(context, flow=flow, cause=cause, most=limit)
            if cause and not one
            else []
        )
    shown = screen()
    if one is not None:
        (shown.data if as_json else partial(_one, shown))(one)
        return
    if as_json:
        shown.data({"causes": groups, "entries": listed})
        return
    _groups(shown, groups)
    if listed:
        _entries(shown, listed)


def waiting(*, flow: FlowOption = None, limit: Limit = 20, as_json: JsonFlag = False) -> None:
    """Records that wait for their project or link, the longest first."""
    with asking("waiting") as context:
        found = waits.listed(context, flow=flow, most=limit)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    shown.table(["流程", "等待"], sorted(found.waiting.items()))
    columns = "流程", "来源主键", "产生时间", "原因|reason"
    shown.table(
        columns,
        [
            (row.flow, row.key, row.since, shown.pick(row.why.zh, row.why.en))
            for row in found.records
        ],
    )


def findings(*, flow: FlowOption = None, as_json: JsonFlag = False) -> None:
    """What is remarkable and no fault, an unknown region for one."""
    with asking("findings") as context:
        rows = remarkable.listed(context, flow=flow)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "流程",
        "次数",
        "位置",
        "含义",
        "例",
    )
    shown.table(
        columns,
        [
            (row.flow, row.times, row.pointer, shown.pick(row.zh, row.en), row.example)
            for row in rows
        ],
    )


def balance(
    *,
    since_run: Annotated[int | None, typer.Option("--since-run", help="从此运行起")] = None,
    since: Moment = None,
    by_system: Annotated[bool, typer.Option("--by-system", help="每个系统合为一行")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Per system and entity: every outcome, what stands where, and whether it balances."""
    with asking("balance") as context:
        found = balances.balance(
            context, since_run=since_run, since=_moment(since), by_system=by_system
        )
    shown = screen()
    if as_json:
        shown.data(found)
        return
    whose = ("系统",) if by_system else ("系统", "实体")
    shown.table(
        (*whose, "接收", "推送", "收回|receipts", "未处理问题", "等待", "平衡"),
        [
            (
                *((line.system,) if by_system else (line.system, line.entity)),
                _intake(shown, line),
                shown.sums(line.delivery) if any(line.delivery.values()) else "",
                line.received_back["confirmed"]
                if any((*line.delivery.values(), *line.receipts.values()))
                else "",
                line.open_entries,
                line.waiting,
                shown.balance(balanced=line.balanced, unfinished=line.unfinished),
            )
            for line in found.rows
            if line.runs or line.deliveries_now or line.open_entries or line.waiting
        ],
    )


def _intake(shown: Screen, line: BalanceLine) -> str:
    """Counts of intake, with those of parts on the next line."""
    told = [shown.sums(line.intake)] if any(line.intake.values()) else []
    told += [shown.sums(line.parts)] if line.parts["parts"] else []
    return Lines.of(told)


def _groups(shown: Screen, groups: list[Cause]) -> None:
    columns = (
        "条数|entries",
        "流程",
        "环节",
        "原因",
        "说明",
    )
    last = "责任人", "最近", "例"
    shown.table(
        (*columns, *last),
        [
            (
                group.entries,
                group.flow,
                shown.word(group.stage),
                group.cause,
                shown.pick(group.zh, group.en),
                group.owner,
                group.last_at,
                f"--id {group.example}",
            )
            for group in groups
        ],
    )


def _entries(shown: Screen, entries: list[EntryView]) -> None:
    columns = (
        "编号",
        "来源主键",
        "产生时间",
        "错误数",
        "责任人",
    )
    shown.table(
        columns,
        [
            (entry.id, entry.key, entry.opened_at, len(entry.faults), entry.owner)
            for entry in entries
        ],
    )


def _one(shown: Screen, entry: FailureView) -> None:
    shown.table(
        ["项", ""],
        [
            (shown.t("编号"), entry.id),
            (shown.t("流程"), f"{entry.flow} ({shown.word(entry.stage)})"),
            (shown.t("来源主键"), entry.key),
            (shown.t("状态"), shown.word(entry.state)),
            (shown.t("责任人"), entry.owner),
            (
                shown.t("发现"),
                f"{shown.cell(entry.opened_at)} ({shown.t('运行 {run}', run=entry.opened_run)})",
            ),
            (shown.t("原始位置"), entry.position or entry.delivery_key),
        ],
    )
    for number, fault in enumerate(entry.faults, 1):
        shown.say(f"[{number}] {fault.pointer} {shown.pick(fault.zh, fault.en)}", "red")
        shown.say(f"    {shown.t('规则：')}{fault.code}")
        shown.say(f"    {shown.t('处理：')}{shown.pick(fault.cure_zh, fault.cure_en)}")
    for line in entry.lines or ():
        marks = "".join(f"[{number + 1}]" for number in line.faults)
        shown.say(f"{marks:>8} {line.text}", "red" if marks else "")


def _moment(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=ZONE) if given is not None and given.tzinfo is None else given
