"""The reader's own account: who one is, what one may see and until when, where one is signed in, the password."""

from nicegui import ui

from hub.auth.context import PEOPLE
from hub.console import access_terms, components
from hub.console.layout import ROLE_NAMES
from hub.console.page import ConsolePage, page
from hub.console.words import day, moment, t
from hub.errors import FlowError
from hub.services import accounts, grants


@page("/account", zh="我的账号", en="My account", roles=PEOPLE)
async def account(page: ConsolePage) -> None:
    """Name, role and grants."""
    if page.must_change:
        components.problem(FlowError("access.password_change"))
    mine = page.reader.account
    held = await page.look(lambda visit: grants.listed(visit, visit.by))
    with components.card():
        components.facts(
            [
                (t("账号", "Account"), mine.name),
                (t("角色", "Role"), t(*ROLE_NAMES[mine.role])),
                (t("单位", "Department"), mine.department),
            ]
        )
    contracts = page.hub.contracts
    with components.card(t("授权", "Grants")):
        components.table(
            [
                t("数据", "Data"),
                t("分类", "Classes"),
                t("范围", "Limits"),
                t("用途", "Purpose"),
                t("起", "From"),
                t("止", "Until"),
                t("有效", "In force"),
            ],
            [
                (
                    access_terms.entity_title(contracts, one.entity),
                    access_terms.classes_title(one.classes),
                    access_terms.limits(one.regions, open_case_only=one.open_case_only),
                    one.purpose,
                    day(one.valid_from),
                    day(one.valid_until),
                    components.badge(t("是", "yes"), tone="good")
                    if one.in_force
                    else components.badge(t("否", "no")),
                )
                for one in held
            ],
            nothing=t(
                "没有授权：没有授权就看不到任何内容。", "No grants: without one nothing is shown."
            ),
        )

    await _signing_in(page)


async def _signing_in(page: ConsolePage) -> None:
    """Where the account is signed in, how to end that, and how to take another password."""
    own = await page.sign_ins()
    with components.card(t("登录情况", "Sign-ins")):
        components.table(
            [t("登录于", "Since"), t("最近使用", "Last used"), t("本次", "This one")],
            [
                (moment(one.opened_at), moment(one.seen_at), t("是", "yes") if one.this else "")
                for one in own.open
            ],
        )
        components.button(
            t("注销全部登录", "Sign out everywhere"), lambda: _leave(page), kind="plain"
        ).classes("self-start")
    if own.elsewhere:  # their password is none of ours
        return
    with components.card(t("修改密码", "Change the password")):
        old, new, again = (
            ui.input(label)
            .props("type=password outlined dense")
            .classes("secret")
            .style("width: 22rem")
            for label in (
                t("当前密码", "Current password"),
                t("新密码", "New password"),
                t("再输一次新密码", "New password again"),
            )
        )
        change = components.button(
            t("修改密码", "Change the password"), lambda: _change(page, old, new, again)
        )
        change.classes("self-start")


async def _leave(page: ConsolePage) -> None:
    await page.act(
        "sign out everywhere", lambda visit: accounts.sign_out_everywhere(visit, visit.by)
    )
    ui.navigate.to("/login")


async def _change(page: ConsolePage, old: ui.input, new: ui.input, again: ui.input) -> None:
    if new.value != again.value:
        components.notify(
            t("两次输入的新密码不同。", "The new password was not the same twice."), bad=True
        )
        return
    await page.change_password(old.value, new.value)
    if page.must_change:
        ui.navigate.to("/")
        return
    for field in (old, new, again):
        field.value = ""
    components.notify(
        t("密码已修改，其他登录已注销。", "The password is changed; other sign-ins have ended.")
    )
