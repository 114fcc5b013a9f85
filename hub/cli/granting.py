"""Commands for applications for access."""

from dataclasses import replace
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.people import Day
from hub.cli.screen import JsonFlag, one_of, screen
from hub.domain.rights import CLASSES
from hub.services import applications
from hub.services.naming import APPLICATION_STATES

Number = Annotated[int, typer.Argument(help="申请编号")]
By = Annotated[str, typer.Option(help="审批人")]

commands = typer.Typer(help="数据使用申请", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(commands, name="applications")


@commands.command("list")
def list_applications(
    *,
    state: Annotated[
        str | None,
        typer.Option(
            help=" | ".join(APPLICATION_STATES), callback=one_of("state", APPLICATION_STATES)
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """List applications, open ones first."""
    with asking("applications list") as context:
        applications.catch_up(context)
        rows = applications.listed(context, state=state)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "编号",
        "状态",
        "账号",
        "单位",
        "数据",
    )
    more = (
        "分类",
        "用途",
        "依据",
        "产生时间",
        "至",
    )
    owed = "共享属性", "应于", "时限依据"
    shown.table(
        (*columns, *more, *owed),
        [
            (
                row.id,
                row.state,
                row.account,
                row.department,
                row.entities,
                row.classes,
                row.purpose,
                row.basis,
                row.valid_from,
                row.valid_until,
                shown.word(row.sharing_kind or ""),
                row.clock,
                shown.term(row.term),
            )
            for row in rows
        ],
    )


@commands.command("grant")
def grant(
    number: Number,
    *,
    entity: Annotated[list[str] | None, typer.Option(help="只给这些数据")] = None,
    classes: Annotated[list[str] | None, typer.Option("--class", help=" | ".join(CLASSES))] = None,
    region: Annotated[list[str] | None, typer.Option(help="只给这些地区")] = None,
    until: Day = None,
    note: Annotated[str, typer.Option(help="说明|to the unit")] = "",
    by: By = "",
) -> None:
    """Grant an application, or less of it."""
    with asking("applications grant", by) as context:
        asked = applications.one(context, number).terms
        given = replace(
            asked,
            entities=tuple(entity or asked.entities),
            classes=tuple(classes or asked.classes),
            regions=tuple(region or asked.regions),
            valid_until=until.date() if until else asked.valid_until,
        )
        made = applications.grant(context, number, given, note=note).grants
    shown, told = screen(), ", ".join(f"#{one.id}" for one in made)
    shown.say(
        shown.t(
            "申请 {number} 已同意，授权 {told}，至 {valid_until}",
            number=number,
            told=told,
            valid_until=given.valid_until,
        )
    )


@commands.command("extend")
def extend(
    number: Number, *, reason: Annotated[str, typer.Option(help="理由")], by: By = ""
) -> None:
    """Put the answer off, once; the unit is told why."""
    with asking("applications extend", by) as context:
        until = applications.extend(context, number, reason=reason).extended_to
    shown = screen()
    shown.say(shown.t("申请 {number} 延长至 {until}", number=number, until=f"{until:%Y-%m-%d}"))


@commands.command("refuse")
def refuse(
    number: Number, *, reason: Annotated[str, typer.Option(help="理由")], by: By = ""
) -> None:
    """Refuse an application; the unit is told why."""
    with asking("applications refuse", by) as context:
        applications.refuse(context, number, reason=reason)
    shown = screen()
    shown.say(shown.t("申请 {number} 未同意", number=number))
