"""Grants: who may read what, for what purpose and term; given and ended."""

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING, LOOKING_INTO, RequestContext
from hub.console import access_terms, components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import day, t
from hub.domain.access_terms import Terms
from hub.services import accounts, grants
from hub.services.accounts import Person
from hub.services.grants import Grant


@page("/grants", title="授权管理", roles=LOOKING_INTO, menu=MenuEntry("manage", 20, "key"))
async def listed(page: ConsolePage, account: str = "", *, lapsed: bool = False) -> None:
    """Grants in force by account; lapsed: past ones as well."""
    ui.add_css(access_terms.STYLE)
    found, units = await page.look(lambda visit: _listed(visit, account))
    rows = [one for one in found if one.in_force or lapsed]
    contracts = page.hub.contracts
    with components.card():
        with ui.element("div").classes("row"):
            other = address("/grants", account=account, lapsed=None if lapsed else "true")
            components.show(
                components.link(
                    other,
                    t("只看有效的") if lapsed else t("连同已失效的"),
                )
            )
            if account:
                components.show(components.link("/grants", t("全部账号")))
            if page.reader.account.role == "administrator":
                components.show(
                    access_terms.action(address("/grants/new", account=account), t("直接授权"))
                )
        components.table(
            [
                t("编号"),
                t("单位"),
                t("账号"),
                t("数据"),
                t("分类"),
                t("范围"),
                t("用途"),
                t("期限|grant"),
                t("申请"),
                t("有效"),
            ],
            [
                (
                    components.link(f"/grants/{one.id}", f"#{one.id}"),
                    units.get(one.account),
                    components.link(address("/grants", account=one.account), one.account),
                    access_terms.entity_title(contracts, one.entity),
                    access_terms.classes_title(one.classes),
                    access_terms.limits(one.regions, open_case_only=one.open_case_only),
                    one.purpose,
                    f"{day(one.valid_from)} … {day(one.valid_until)}",
                    components.link(f"/applications/{one.application_id}", f"#{one.application_id}")
                    if one.application_id
                    else None,
                    _force(one),
                )
                for one in rows
            ],
            nothing=t("没有授权。"),
        )


@page("/grants/new", title="直接授权", roles=ADMINISTERING)
async def new(page: ConsolePage, account: str = "") -> None:
    """The form of a grant without an application."""
    every, start = await page.look(_start)
    contracts = page.hub.contracts
    with components.card():
        offered = {one.name: f"{one.name} {one.department}".strip() for one in every}
        named = ui.select(offered, label=t("账号"), value=account if account in offered else None)
        named.classes("wide")
        asked = access_terms.asking(contracts, start, entities=contracts.granted)
        why = ui.textarea(t("用途")).props("autogrow maxlength=1000").classes("wide")

        async def give() -> None:
            wanted, to, purpose = asked.terms(), str(named.value or ""), str(why.value)

            await page.act("give", lambda visit: grants.give(visit, to, wanted, purpose=purpose))
            ui.navigate.to(address("/grants", account=to))

        with ui.element("div").classes("row"):
            components.button(t("授权|verb"), give)


@page("/grants/{grant_id}", title="授权详情", roles=LOOKING_INTO)
async def one(page: ConsolePage, grant_id: int) -> None:
    """One grant, which an administrator may end."""
    held = await page.look(lambda visit: grants.one(visit, grant_id))
    with components.card(f"#{held.id}"):
        components.facts(
            [
                (t("账号"), held.account),
                (t("数据"), access_terms.entity_title(page.hub.contracts, held.entity)),
                (t("分类"), access_terms.classes_title(held.classes)),
                (
                    t("范围"),
                    access_terms.limits(held.regions, open_case_only=held.open_case_only),
                ),
                (t("用途"), held.purpose),
                (t("期限|grant"), f"{day(held.valid_from)} … {day(held.valid_until)}"),
                (
                    t("申请"),
                    components.link(
                        f"/applications/{held.application_id}", f"#{held.application_id}"
                    )
                    if held.application_id
                    else None,
                ),
                (t("有效"), _force(held)),
            ]
        )
        if held.in_force and page.reader.account.role == "administrator":
            with ui.element("div").classes("row"):
                components.button(t("立即收回"), lambda: _asking(page, held), kind="bad")


def _asking(page: ConsolePage, held: Grant) -> None:
    """Confirm before a grant is ended."""

    async def ended() -> None:
        await page.act("end", lambda visit: grants.end(visit, held.id))
        ui.navigate.reload()

    with ui.dialog(value=True) as dialog, ui.card():
        components.text(
            t("收回后账号 {account} 立即看不到这些数据，须重新申请。", account=held.account)
        )
        with ui.element("div").classes("row"):
            components.button(t("收回"), ended, kind="bad")
            components.button(t("取消"), dialog.close, kind="plain")


def _listed(visit: RequestContext, account: str) -> tuple[list[Grant], dict[str, str]]:
    return grants.listed(visit, account or None), {
        one.name: one.department for one in accounts.listed(visit)
    }


def _start(visit: RequestContext) -> tuple[list[Person], Terms]:
    return [one for one in accounts.listed(visit) if one.ended_at is None], grants.usual_terms(
        visit
    )


def _force(held: Grant) -> Markup:
    return components.badge(t("是"), tone="good") if held.in_force else components.badge(t("否"))
