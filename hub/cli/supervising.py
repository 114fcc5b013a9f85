"""Commands of supervision: clocks by their lights."""

from collections.abc import Sequence
from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import RequestContext, on_behalf, operating
from hub.cli.context import note_reads, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import lights
from hub.services.lights import (
    LIGHT_NAMES,
    SCOPE_NAMES,
    LightCounts,
    LightsAsked,
    LightScope,
    LightState,
    LitClock,
)
from hub.wiring import Hub

As = Annotated[str, typer.Option("--as", help="按该账号的权限")]
Scope = Annotated[LightScope, typer.Option(help="project | stage | item | connection")]
Region = Annotated[str, typer.Option(help="行政区划代码前几位")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    group = typer.Typer(help="时限督办", no_args_is_help=True)
    group.command("list")(listed)
    group.command("regions")(by_region)
    group.command("units")(by_unit)
    app.add_typer(group, name="lights")


def listed(  # noqa: PLR0913 -- a list has so many filters
    *,
    scope: Scope = "stage",
    light: Annotated[
        LightState, typer.Option(help="all | running | red | yellow | soon")
    ] = "running",
    region: Region = "",
    stage: Annotated[str, typer.Option(help="阶段序号")] = "",
    flow_kind: Annotated[str, typer.Option(help="审批流程类型")] = "",
    department: Annotated[str, typer.Option(help="办理单位")] = "",
    after: Annotated[str, typer.Option(help="从上一页末尾之后")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    account: As = "",
    as_json: JsonFlag = False,
) -> None:
    """List clocks by their lights, a page at a time."""
    asked = LightsAsked(scope, light, region, stage, flow_kind, department, after)
    with opened() as hub:
        context = _who(hub, account)
        page = lights.listed(context, asked, most=limit)
        note_reads("lights list", context)
    shown = screen()
    if as_json:
        shown.data(page)
        return
    columns = (
        "项目代码",
        "项目名称",
        "区划",
        "计时对象",
        "编号",
        "亮灯",
        "用时|clock",
        "时限",
        "超时时刻",
    )
    shown.table(columns, [_line(shown, one) for one in page.clocks])
    if page.next:
        shown.say(shown.t("下一页：--after '{after}'", after=page.next))


def by_region(*, scope: Scope = "stage", account: As = "", as_json: JsonFlag = False) -> None:
    """Count running clocks and their lights by county."""
    with opened() as hub:
        context = _who(hub, account)
        found = lights.by_region(context, scope)
        note_reads("lights regions", context)
    _counted("区划", found, as_json=as_json)


def by_unit(
    *, scope: Scope = "item", region: Region = "", account: As = "", as_json: JsonFlag = False
) -> None:
    """Count running clocks and their lights by unit."""
    with opened() as hub:
        context = _who(hub, account)
        found = lights.by_unit(context, scope, region=region)
        note_reads("lights units", context)
    _counted("办理单位", found, as_json=as_json)


def _who(hub: Hub, account: str) -> RequestContext:
    return on_behalf(hub, account) if account else operating(hub, getuser())


def _counted(part: str, found: Sequence[LightCounts], *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(found)
        return
    shown.table(
        (part, "在办", "超时", "临近时限", "3 个工作日内超时"),
        [(one.part, one.running, one.red, one.yellow, one.soon) for one in found],
    )


def _line(shown: Screen, one: LitClock) -> tuple[object, ...]:
    return (
        one.project_code,
        one.project_name,
        one.region,
        shown.t(SCOPE_NAMES[one.scope]),
        one.number,
        shown.t(LIGHT_NAMES[one.light]),
        round(one.used, 1),
        one.days,
        one.red_at,
    )
