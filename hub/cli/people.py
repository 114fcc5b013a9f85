"""Commands for accounts, grants and alerts."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from hub.cli.context import asking, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.domain.rights import CLASSES, ROLES
from hub.services import accounts, alerts, grants
from hub.services.accounts import Secrets
from hub.services.grants import Grant

Name = Annotated[str, typer.Argument(help="账号名")]
OF_SUPERVISOR = "工改办可见的行政区划代码前几位，可多个"
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]

account_commands = typer.Typer(help="账号", no_args_is_help=True)
grant_commands = typer.Typer(help="授权", no_args_is_help=True)
alert_commands = typer.Typer(help="告警", invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(account_commands, name="accounts")
    app.add_typer(grant_commands, name="grants")
    app.add_typer(alert_commands, name="alerts")


@account_commands.command("add")
def add_account(
    name: Name,
    *,
    role: Annotated[str, typer.Option(help=" | ".join(ROLES))],
    department: Annotated[str, typer.Option(help="所属单位")] = "",
    region: Annotated[list[str] | None, typer.Option(help=OF_SUPERVISOR)] = None,
    password: Annotated[bool, typer.Option("--password", help="连同登录密码")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Open an account; its token (and password) are shown this once."""
    with asking("accounts add") as context:
        made = accounts.open_account(
            context, name, role, department=department, regions=region or (), password=password
        )
    _show_token(made, as_json=as_json)


@account_commands.command("regions")
def change_regions(
    name: Name, region: Annotated[list[str], typer.Argument(help=OF_SUPERVISOR)]
) -> None:
    """Set the regions that a supervisor sees."""
    with asking("accounts regions") as context:
        accounts.change_regions(context, name, region)
    shown = screen()
    shown.say(shown.t("{name} 今后可见：{regions}", name=name, regions="、".join(region)))


@account_commands.command("renew")
def renew_account(name: Name, *, as_json: JsonFlag = False) -> None:
    """Give a new token; the old one ends at once."""
    with asking("accounts renew") as context:
        made = accounts.new_token(context, name)
    _show_token(made, as_json=as_json)


@account_commands.command("revoke")
def revoke_token(name: Name) -> None:
    """Let the token of an account in no more."""
    with asking("accounts revoke") as context:
        accounts.revoke_token(context, name)
    shown = screen()
    shown.say(shown.t("账号 {name} 的令牌已吊销", name=name))


@account_commands.command("password")
def give_password(name: Name, *, as_json: JsonFlag = False) -> None:
    """Give an account a new password for the console; it is shown this once."""
    with asking("accounts password") as context:
        password = accounts.new_password(context, name).password
    shown = screen()
    if as_json:
        shown.data({"account": name, "password": password})
    else:
        shown.say(shown.t("{name} 的密码：{password}", name=name, password=password))
        shown.say(shown.t("首次登录时须修改。"))


@account_commands.command("expect")
def expect_account(name: Name) -> None:
    """Sign in at the identity provider from now on, by password no more."""
    with asking("accounts expect") as context:
        accounts.expect(context, name)
    shown = screen()
    shown.say(shown.t("{name} 今后由统一身份认证登录", name=name))


@account_commands.command("list")
def list_accounts(*, as_json: JsonFlag = False) -> None:
    """List accounts."""
    with asking("accounts list") as context:
        rows = accounts.listed(context)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "账号",
        "角色",
        "单位",
        "开设|state",
        "停用|state",
        "令牌至",
    )
    shown.table(
        columns,
        [
            (row.name, row.role, row.department, row.created_at, row.ended_at, row.token_until)
            for row in rows
        ],
    )


@account_commands.command("end")
def end_account(name: Name) -> None:
    """Close an account for good."""
    with asking("accounts end") as context:
        accounts.end(context, name)
    shown = screen()
    shown.say(shown.t("账号 {name} 已停用", name=name))


@grant_commands.command("add")
def add_grant(  # noqa: PLR0913 -- a grant has so many terms
    name: Name,
    entities: Annotated[list[str], typer.Argument(help="实体，可多个")],
    *,
    purpose: Annotated[str, typer.Option(help="用途")],
    classes: Annotated[
        list[str] | None, typer.Option("--class", help=f"{' | '.join(CLASSES)}; public")
    ] = None,
    region: Annotated[list[str] | None, typer.Option(help="行政区划代码前几位，可多个")] = None,
    open_case: Annotated[bool, typer.Option("--open-case", help="仅限本单位在办项目")] = False,
    start: Day = None,
    until: Day = None,
    as_json: JsonFlag = False,
) -> None:
    """Let an account read entities: public fields for HUB_GRANT_DAYS by default."""
    with asking("grants add") as context:
        usual = grants.usual_terms(context, *entities, first=start.date() if start else None)
        wanted = replace(
            usual,
            classes=tuple(classes or usual.classes),
            regions=tuple(region or ()),
            open_case_only=open_case,
            valid_until=until.date() if until else usual.valid_until,
        )
        numbers = grants.give(context, name, wanted, purpose=purpose)
    shown = screen()
    if as_json:
        shown.data(numbers)
    else:
        told = ", ".join(f"{entity} #{number}" for entity, number in numbers.items())
        last = wanted.valid_until
        shown.say(shown.t("已授权 {name}：{told}，至 {last}", name=name, told=told, last=last))


@grant_commands.command("list")
def list_grants(
    name: Annotated[str | None, typer.Argument(help="账号名")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """List grants."""
    with asking("grants list") as context:
        rows = grants.listed(context, name)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "编号",
        "账号",
        "实体",
        "分类",
        "用途",
    )
    last = "范围", "产生时间", "至", "有效"
    shown.table(
        (*columns, *last),
        [
            (
                row.id,
                row.account,
                row.entity,
                row.classes,
                row.purpose,
                _limits(shown, row),
                row.valid_from,
                row.valid_until,
                row.in_force,
            )
            for row in rows
        ],
    )


@grant_commands.command("end")
def end_grant(
    number: Annotated[int, typer.Argument(help="授权编号")],
) -> None:
    """End a grant at once."""
    with asking("grants end") as context:
        grants.end(context, number)
    shown = screen()
    shown.say(shown.t("授权 {number} 已收回", number=number))


@alert_commands.callback()
def list_alerts(
    context: typer.Context,
    *,
    closed: Annotated[bool, typer.Option("--closed", help="连同已消除的")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List alerts, a line a cause."""
    if context.invoked_subcommand:
        return
    with asking("alerts") as asked:
        rows = alerts.listed(asked, closed=closed)
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "产生时间",
        "次数",
        "告知于",
        "消除",
        "告警",
        "处理",
    )
    shown.table(
        columns,
        [
            (
                row.first_at,
                row.times,
                row.told_at,
                row.closed_at,
                shown.pick(row.told.zh, row.told.en),
                shown.pick(row.told.cure_zh, row.told.cure_en),
            )
            for row in rows
        ],
    )


@alert_commands.command("test")
def test_alert() -> None:
    """Send a test alert to every address in HUB_ALERT_URLS."""
    with asking("alerts test") as context:
        alerts.test(context)
    shown = screen()
    shown.say(shown.t("测试告警已送达"))


@alert_commands.command("watch")
def watch(*, as_json: JsonFlag = False) -> None:
    """Look for causes now and tell the new ones, as the upkeep DAG does."""
    with opened() as hub:
        watched = hub.watch()
    shown = screen()
    if as_json:
        shown.data(watched)
    else:
        shown.say(
            shown.t(
                "未消除 {open} 项，告知 {told} 项，未送达 {failed} 项",
                open=watched.open,
                told=watched.told,
                failed=watched.failed,
            )
        )


def _limits(shown: Screen, row: Grant) -> list[str]:
    """To which records a grant is limited, in words."""
    return [*row.regions, *([shown.t("在办项目")] if row.open_case_only else [])]


def _show_token(made: Secrets, *, as_json: bool) -> None:
    shown, name = screen(), made.account
    if as_json:
        shown.data({"account": name} | made.given)
        return
    shown.say(shown.t("账号 {name} 的令牌（只显示这一次）：", name=name))
    shown.say(made.token)
    if made.password:
        shown.say(shown.t("{name} 的密码：{password}", name=name, password=made.password))
