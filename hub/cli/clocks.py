"""Commands for the clocks of projects."""

from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import on_behalf, operating
from hub.cli.context import note_reads, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import facts
from hub.services.facts import Clock, Clocks

SCOPES = {
    "project": "项目",
    "stage": "阶段",
    "item": "事项",
    "connection": "报装",
    "case": "征询或验收",
}
BASES = {
    "source": "办结（来源）",
    "required": "办结（事项齐全）",
    "milestone": "办结（标志性结果）",
    "idle": "待申报",
    "ended_without": "终止（未通过）",
    "void": "作废",
}
LIGHTS = {
    "none": "—",
    "green": "正常",
    "yellow": "临近时限",
    "red": "超时",
}


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("clocks")(clocks)
    app.command("facts")(refresh)


def clocks(
    codes: Annotated[list[str], typer.Argument(help="项目代码，可多个")],
    *,
    account: Annotated[str, typer.Option("--as", help="按该账号的权限")] = "",
    as_json: JsonFlag = False,
) -> None:
    """The clocks of projects, the same for everybody."""
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
        "计时对象",
        "记录",
        "开始",
        "结束",
        "状态",
    )
    more = "亮灯", "用时|clock", "时限", "截止"
    shown.table(
        (*columns, *more),
        [_line(shown, one) for one in found.clocks],
        title=_title(shown, found),
    )
    if found.denied:
        named = ", ".join(shown.t(SCOPES[scope]) for scope in found.denied)
        shown.say(
            shown.t(
                "无权查看计时：{named}（本单位办理的除外）。申请：hub grants add ACCOUNT clock",
                named=named,
            )
        )


def refresh(*, as_json: JsonFlag = False) -> None:
    """Compute the clocks of projects that have changed; all where limits have changed."""
    with opened() as hub:
        count = hub.refresh_facts()
        why = hub.facts_kept_from()
    shown = screen()
    if why is not None:
        shown.problem(why.code, why.facts, style="yellow")
    if as_json:
        shown.data({"projects": count})
        return
    shown.say(shown.t("已重新计算 {count} 个项目", count=count))


def _title(shown: Screen, found: Clocks) -> str:
    until = f"{found.until:%Y-%m-%d %H:%M}" if found.until else "—"
    changed = shown.t("，其后有变更，正在重新计算") if found.pending else ""
    return (
        shown.t("{project_code} 的计时，截至 {until}", project_code=found.project_code, until=until)
        + changed
    )


def _line(shown: Screen, one: Clock) -> tuple[object, ...]:
    state = BASES.get(one.end_basis or "", "暂停" if one.stands else "计时中")
    return (
        shown.t(SCOPES[one.scope]),
        one.record_id,
        one.began,
        one.ended,
        shown.t(state),
        shown.t(LIGHTS[one.light]),
        round(one.used, 1),
        one.days,
        one.due,
    )
