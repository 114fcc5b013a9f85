"""新到: deliveries that lie ready for the reader's unit, to print, take along and acknowledge."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from hub.auth.context import HANDING_IN
from hub.console import components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.pages.supply import STYLE
from hub.console.words import lang, moment, number, pick, t
from hub.services import new_deliveries
from hub.services.new_deliveries import DeliveryTable, DeliveryVerdict, NewDelivery


@page("/news", title="新到", roles=HANDING_IN, menu=MenuEntry("use", 15, "inbox"))
async def listed(page: ConsolePage) -> None:
    """What lies ready, a table a flow; what was not shown before stands first."""
    ui.add_css(STYLE)
    found = await page.look(new_deliveries.listed)
    if not found:
        components.empty(t("没有推送给本单位的数据：须由本单位的账号登录，并持有该数据的授权。"))
        return
    with ui.element("div").classes("row no-print"):
        print_ = t("打印 / PDF")
        components.button(print_, lambda: ui.run_javascript("window.print()"), kind="plain")
    with ui.element("div").classes("page supply"):
        for table in found:
            _table(page, table)


def _table(page: ConsolePage, table: DeliveryTable) -> None:
    fresh = [one for one in table.deliveries if one.fresh]
    shown = [*fresh, *(one for one in table.deliveries if not one.fresh)]
    with components.card(pick(table.title.zh, table.title.en)):
        _told(table, fresh)
        components.table(
            ["", t("到达时间"), t("动作|delivery"), *table.columns],
            [
                (
                    components.badge(t("新|badge"), tone="good") if one.fresh else "",
                    moment(one.ready_at),
                    t(new_deliveries.ACTIONS[one.action]),
                    *new_deliveries.cells(table, one),
                )
                for one in shown
            ],
            nothing=t("没有新到的数据。"),
        )
        if shown:
            _acts(page, table, shown)


def _told(table: DeliveryTable, fresh: Sequence[NewDelivery]) -> None:
    said = t(
        "{fresh} 条新到，{others} 条已看过、待确认。",
        fresh=number(len(fresh)),
        others=number(len(table.deliveries) - len(fresh)),
    )
    components.text(said, kind="soft")
    if table.hidden:
        hidden = t("另有 {count} 条超出您的授权，未显示。", count=number(table.hidden))
        components.text(hidden, kind="soft")
    if table.more:
        components.text(t("还有更多，确认这些之后显示。"), kind="soft")


def _acts(page: ConsolePage, table: DeliveryTable, shown: Sequence[NewDelivery]) -> None:
    every = {one.key: _name(table, one) for one in shown}

    async def say(*, accepted: bool) -> None:
        keys = [str(key) for key in chosen.value or []]
        if not keys:
            components.notify(t("请先选择。"), bad=True)
            return
        words = str(why.value or "")
        verdicts = [DeliveryVerdict(key, accepted=accepted, text=words) for key in keys]
        await page.act(
            "acknowledge",
            lambda visit: new_deliveries.acknowledge(visit, table.flow, verdicts),
        )
        ui.navigate.reload()

    async def export() -> None:
        spoken = lang()
        made = await page.act(
            "export", lambda visit: new_deliveries.exported(visit, table.flow, lang=spoken)
        )
        ui.download.content(made, f"{table.flow}.xlsx")

    with ui.element("div").classes("acts no-print"):
        chosen = (
            ui.select(every, value=list(every), multiple=True, label=t("选中的"))
            .props("dense outlined use-chips")
            .classes("wide")
        )
        why = ui.input(t("说明（退回时必填）")).props("dense outlined maxlength=1000")
        why.style("min-width: 320px")
        components.button(t("已阅"), partial(say, accepted=True))
        components.button(t("退回"), partial(say, accepted=False), kind="bad")
        components.button("XLSX", export, kind="plain")


def _name(table: DeliveryTable, one: NewDelivery) -> str:
    """A delivery by its first two values."""
    return " ".join(filter(None, new_deliveries.cells(table, one)[:2]))[:80]
