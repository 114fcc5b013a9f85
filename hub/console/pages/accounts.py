"""Accounts: list, opening, new passwords and tokens, closing."""

import re
from collections.abc import Callable
from urllib.parse import quote

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING, LOOKING_INTO, RequestContext
from hub.console import access_terms, components
from hub.console.layout import ROLE_NAMES, MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import moment, t
from hub.domain.rights import ROLES, SUPERVISOR
from hub.errors import FlowError
from hub.services import accounts
from hub.services.accounts import Person, Secrets

Change = Callable[[RequestContext], Secrets | None]


@page(
    "/accounts",
    title="账号管理",
    roles=LOOKING_INTO,
    menu=MenuEntry("manage", 30, "group"),
)
async def listed(page: ConsolePage) -> None:
    """Every account, open ones first."""
    ui.add_css(access_terms.STYLE)
    rows = await page.look(accounts.listed)
    with components.card():
        if page.reader.account.role == "administrator":
            with ui.element("div").classes("row"):
                components.show(access_terms.action("/accounts/new", t("开设账号")))
        components.table(
            [
                t("账号"),
                t("角色"),
                t("单位"),
                t("登录方式"),
                t("最近使用"),
                t("状态"),
            ],
            [
                (
                    components.link(_at(one.name), one.name),
                    t(ROLE_NAMES[one.role]),
                    one.department,
                    _way(one),
                    moment(one.seen_at),
                    _state(one),
                )
                for one in rows
            ],
            nothing=t("没有账号。"),
        )


@page("/accounts/new", title="开设账号", roles=ADMINISTERING)
async def new(page: ConsolePage) -> None:
    """The form of a new account; its credentials are shown this once."""
    ui.add_css(access_terms.STYLE)
    with components.card():
        name = ui.input(t("账号")).props("maxlength=100").classes("wide")
        role = ui.select(
            {one: t(ROLE_NAMES[one]) for one in ROLES}, label=t("角色"), value="department"
        )
        unit = ui.input(t("单位")).props("maxlength=200").classes("wide")
        regions = (
            ui.input(t("可见区划"), placeholder=t("区划代码前几位，多个以空格分开"))
            .props("maxlength=400")
            .classes("wide")
            .bind_visibility_from(role, "value", value=SUPERVISOR)
        )
        place = ui.element("div").classes("wide").props("aria-live=polite")

        async def open_one() -> None:
            wanted, whose, what = (
                str(name.value or "").strip(),
                str(unit.value or "").strip(),
                str(role.value),
            )

            def opened(visit: RequestContext) -> Secrets:
                return accounts.open_account(
                    visit,
                    wanted,
                    what,
                    department=whose,
                    regions=_codes(regions) if what == SUPERVISOR else (),
                    password=what != "service",
                )

            if not wanted:
                raise FlowError("ask.invalid", why=t("账号"))
            _shown_once(place, await page.act("open", opened))

        with ui.element("div").classes("row"):
            components.button(t("开设"), open_one)


@page("/accounts/{name}", title="账号", roles=LOOKING_INTO)
async def one(page: ConsolePage, name: str) -> None:
    """One account with the administrator's actions."""
    ui.add_css(access_terms.STYLE)
    held = await page.look(lambda visit: accounts.one(visit, name))
    with components.card(held.name):
        components.facts(
            [
                (t("角色"), t(ROLE_NAMES[held.role])),
                (t("单位"), held.department),
                *([(t("可见区划"), "、".join(held.regions))] if held.role == SUPERVISOR else []),
                (t("登录方式"), _way(held)),
                (t("最近使用"), moment(held.seen_at)),
                (t("开设于"), moment(held.created_at)),
                (t("令牌有效至"), moment(held.token_until)),
                (t("状态"), _state(held)),
                (
                    t("授权"),
                    components.link(address("/grants", account=name), t("查看")),
                ),
            ]
        )
    if page.reader.account.role == "administrator" and held.ended_at is None:
        _actions(page, held)


def _codes(given: ui.input) -> list[str]:
    """The region codes typed, with blanks or commas between."""
    return re.split(r"[\s,，、]+", str(given.value or "").strip()) if given.value else []


def _actions(page: ConsolePage, held: Person) -> None:
    """Actions of an administrator on an open account."""
    name = held.name
    with components.card(t("处理|actions")):
        place = ui.element("div").classes("wide").props("aria-live=polite")

        def does(what: str, change: Change) -> Callable[[], object]:
            async def done() -> None:
                if made := await page.act(what, change):
                    _shown_once(place, made)
                else:
                    ui.navigate.to(_at(name))

            return done

        new_word = does("new password", lambda visit: accounts.new_password(visit, name))
        new_token = does("new token", lambda visit: accounts.new_token(visit, name))
        revoke = does("revoke token", lambda visit: accounts.revoke_token(visit, name))
        sign_out = does(
            "sign out everywhere", lambda visit: accounts.sign_out_everywhere(visit, name)
        )
        with ui.element("div").classes("row"):
            if not held.elsewhere:
                components.button(t("重设密码"), new_word, kind="plain")
            components.button(t("更换令牌"), new_token, kind="plain")
            components.button(t("吊销令牌"), revoke, kind="plain")
            components.button(t("注销全部登录"), sign_out, kind="plain")
            if page.hub.settings.oidc and not held.elsewhere:
                expect = does("expect at the provider", lambda visit: accounts.expect(visit, name))
                components.button(t("改由统一身份认证登录"), expect, kind="plain")
    if held.role == SUPERVISOR:
        _regions(page, held)
    _ending(page, held)


def _regions(page: ConsolePage, held: Person) -> None:
    """Change what regions a supervisor sees."""

    async def change() -> None:
        given = _codes(typed)
        await page.act("regions", lambda visit: accounts.change_regions(visit, held.name, given))
        ui.navigate.to(_at(held.name))

    with components.card(t("可见区划")), ui.element("div").classes("row"):
        typed = (
            ui.input(t("区划代码前几位，多个以空格分开"), value=" ".join(held.regions))
            .props("maxlength=400")
            .classes("wide")
        )
        components.button(t("保存"), change, kind="plain")


def _ending(page: ConsolePage, held: Person) -> None:
    """Close an account for good, once its name has been typed."""

    async def end() -> None:
        if typed.value != held.name:
            components.notify(
                t("输入的账号名不同，没有停用。"),
                bad=True,
            )
            return
        await page.act("end", lambda visit: accounts.end(visit, held.name))
        ui.navigate.to(_at(held.name))

    with components.card(t("停用账号")):
        components.text(t("停用后不能恢复，账号名不再使用。"))
        with ui.element("div").classes("row"):
            typed = ui.input(t("输入账号名以确认"))
            components.button(t("停用"), end, kind="bad")


def _shown_once(place: ui.element, made: Secrets) -> None:
    names = {"password": t("密码"), "token": t("令牌")}
    place.clear()
    with place:
        components.text(t("只显示这一次，请立即转交本人："))
        components.facts(
            [(names[kind], components.code(secret)) for kind, secret in made.given.items()]
        )


def _at(name: str) -> str:
    return f"/accounts/{quote(name, safe='')}"


def _way(one: Person) -> str:
    if one.elsewhere:
        by_groups = t("（角色随用户组）") if one.by_groups else ""
        return t("统一身份认证") + by_groups
    return t("密码") if one.has_password else t("仅令牌")


def _state(one: Person) -> Markup:
    if one.ended_at is not None:
        return components.badge(t("已停用"))
    if one.slowed_until is not None:
        return components.badge(t("多次登录失败，减速中"), tone="warn")
    return components.badge(t("可用"), tone="good")
