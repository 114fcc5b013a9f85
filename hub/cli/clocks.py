"""The clocks of a project, as the hub has computed them for everybody."""

from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import on_behalf, operating
from hub.cli.context import note_reads, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import facts
from hub.services.facts import Clock, Clocks

SCOPES = {
    "project": ("项目", "project"),
    "stage": ("阶段", "stage"),
    "item": ("事项", "item"),
    "connection": ("报装", "connection"),
}
BASES = {
    "source": ("办结（来源）", "finished (its source)"),
    "milestone": ("办结（标志性结果）", "finished (closing result)"),
    "idle": ("待申报", "waits for the applicant"),
    "ended_without": ("终止（未通过）", "ended without a result"),
    "void": ("作废", "void"),
}
LIGHTS = {
    "none": ("—", "—"),
    "green": ("正常", "in time"),
    "yellow": ("临近时限", "near"),
    "red": ("超时", "overdue"),
}


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("clocks")(clocks)
    app.command("facts")(refresh)


def clocks(
    codes: Annotated[list[str], typer.Argument(help="项目代码，可多个 · project codes")],
    *,
    account: Annotated[
        str, typer.Option("--as", help="按该账号的权限 · as this account is shown them")
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """审批计时：项目、阶段、事项、报装，对每个人都一样 · the clocks of projects, the same for everybody."""
    with opened() as hub:
        contexts = [
            on_behalf(hub, account) if account else operating(hub, getuser()) for _ in codes
        ]
        found = [facts.clocks(context, code) for context, code in zip(contexts, codes, strict=True)]
        note_reads(f"clocks --as {account}" if account else "clocks", *contexts)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    for one in found:
        _show(shown, one)


def _show(shown: Screen, found: Clocks) -> None:
    columns = (
        ("计时对象", "of"),
        ("记录", "record"),
        ("开始", "began"),
        ("结束", "ended"),
        ("状态", "state"),
    )
    more = ("亮灯", "light"), ("用时", "used"), ("时限", "limit"), ("截止", "due")
    shown.table(
        [shown.pick(*names) for names in (*columns, *more)],
        [_line(shown, one) for one in found.clocks],
        title=_title(shown, found),
    )
    if found.denied:
        named = ", ".join(shown.pick(*SCOPES[scope]) for scope in found.denied)
        shown.say(
            shown.pick(
                f"无权查看计时：{named}（本单位办理的除外）。申请：hub grants add ACCOUNT clock",
                f"clocks not granted, but for those of its own unit: {named}; to grant: hub grants add ACCOUNT clock",
            )
        )


def refresh(*, as_json: JsonFlag = False) -> None:
    """计算有变更的项目的计时 · compute the clocks of projects that have changed; all where limits have changed."""
    with opened() as hub:
        count = hub.refresh_facts()
    shown = screen()
    if as_json:
        shown.data({"projects": count})
        return
    shown.say(shown.pick(f"已重新计算 {count} 个项目", f"computed {count} projects anew"))


def _title(shown: Screen, found: Clocks) -> str:
    until = f"{found.until:%Y-%m-%d %H:%M}" if found.until else "—"
    changed = (
        shown.pick("，其后有变更，正在重新计算", "; changed since, being computed")
        if found.pending
        else ""
    )
    return (
        shown.pick(
            f"{found.project_code} 的计时，截至 {until}",
            f"clocks of {found.project_code} up to {until}",
        )
        + changed
    )


def _line(shown: Screen, one: Clock) -> tuple[object, ...]:
    state = BASES.get(
        one.end_basis or "", ("暂停", "suspended") if one.stands else ("计时中", "runs")
    )
    return (
        *(shown.pick(*SCOPES[one.scope]), one.record_id, one.began, one.ended, shown.pick(*state)),
        *(shown.pick(*LIGHTS[one.light]), round(one.used, 1), one.days, one.due),
    )
