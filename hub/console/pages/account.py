"""The reader's own account: role, grants, sessions, password."""

from nicegui import ui

from hub.auth.context import SEEING_PROJECTS
from hub.console import access_terms, components
from hub.console.layout import ROLE_NAMES
from hub.console.page import ConsolePage, page
from hub.console.words import day, moment, t
from hub.domain.rights import SUPERVISOR
from hub.errors import FlowError
from hub.services import accounts, grants
from hub.services.grants import Grant


@page("/account", title="我的账号", roles=SEEING_PROJECTS)
async def account(page: ConsolePage) -> None:
    """Name, role and grants."""
    if page.must_change:
        components.problem(FlowError("access.password_change"))
    mine = page.reader.account
    held = await page.look(lambda visit: grants.listed(visit, visit.by))
    with components.card():
        components.facts(
            [
                (t("账号"), mine.name),
                (t("角色"), t(ROLE_NAMES[mine.role])),
                (t("单位"), mine.department),
                *([(t("可见区划"), "、".join(mine.regions))] if mine.role == SUPERVISOR else []),
            ]
        )
    if mine.role != SUPERVISOR:
        _grants(page, held)
    await _signing_in(page)


def _grants(page: ConsolePage, held: list[Grant]) -> None:
    contracts = page.hub.contracts
    with components.card(t("授权")):
        components.table(
            [
                t("数据"),
                t("分类"),
                t("范围"),
                t("用途"),
                t("起"),
                t("止"),
                t("有效"),
            ],
            [
                (
                    access_terms.entity_title(contracts, one.entity),
                    access_terms.classes_title(one.classes),
                    access_terms.limits(one.regions, open_case_only=one.open_case_only),
                    one.purpose,
                    day(one.valid_from),
                    day(one.valid_until),
                    components.badge(t("是"), tone="good")
                    if one.in_force
                    else components.badge(t("否")),
                )
                for one in held
            ],
            nothing=t("没有授权：没有授权就看不到任何内容。"),
        )


async def _signing_in(page: ConsolePage) -> None:
    """Open sessions with a button to end them, and the form to change the password."""
    own = await page.sign_ins()
    with components.card(t("登录情况")):
        components.table(
            [t("登录于"), t("最近使用"), t("本次")],
            [
                (moment(one.opened_at), moment(one.seen_at), t("是") if one.this else "")
                for one in own.open
            ],
        )
        components.button(t("注销全部登录"), lambda: _leave(page), kind="plain").classes(
            "self-start"
        )
    if own.elsewhere:  # their password is none of ours
        return
    with components.card(t("修改密码")):
        old, new, again = (
            ui.input(label)
            .props("type=password outlined dense")
            .classes("secret")
            .style("width: 22rem")
            for label in (
                t("当前密码"),
                t("新密码"),
                t("再输一次新密码"),
            )
        )
        change = components.button(t("修改密码"), lambda: _change(page, old, new, again))
        change.classes("self-start")


async def _leave(page: ConsolePage) -> None:
    await page.act(
        "sign out everywhere", lambda visit: accounts.sign_out_everywhere(visit, visit.by)
    )
    ui.navigate.to("/login")


async def _change(page: ConsolePage, old: ui.input, new: ui.input, again: ui.input) -> None:
    if new.value != again.value:
        components.notify(t("两次输入的新密码不同。"), bad=True)
        return
    await page.change_password(old.value, new.value)
    if page.must_change:
        ui.navigate.to("/")
        return
    for field in (old, new, again):
        field.value = ""
    components.notify(t("密码已修改，其他登录已注销。"))
