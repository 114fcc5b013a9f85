"""Delivery states of each push flow, counted by reason, each with its cure."""

from collections.abc import Sequence

from nicegui import ui

from hub.auth.context import LOOKING_INTO
from hub.console import components, formatting
from hub.console.flows import asking, equation, flow_title, shares, state, styled
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import number, pick, t
from hub.domain.contracts import Contracts
from hub.services import deliveries, restorations
from hub.services.deliveries import FlowDeliveries, Group

ADMIN = "administrator"


@page(
    "/deliveries",
    title="推送现状",
    roles=LOOKING_INTO,
    menu=MenuEntry("watch", 2, "outbox"),
)
async def found(page: ConsolePage, flow: str = "") -> None:
    """Every push flow, or one; each record counts under one reason."""
    seen = await page.look(lambda visit: deliveries.listed(visit, flow or None))
    styled()
    contracts = page.hub.contracts
    choices = [("", t("全部流程")), *((name, name) for name in contracts.pushes)]
    asking("/deliveries", [("flow", t("流程"), flow, choices)], t("查看"))
    for one in seen:
        _flow(contracts, one)
        if (
            any(group.why.code == deliveries.UNCERTAIN for group in one.groups)
            and page.reader.account.role == ADMIN
        ):
            _acts(page, one.flow)


def _acts(page: ConsolePage, flow: str) -> None:
    """Send uncertain deliveries, or take them as sent."""

    async def settle(*, send: bool) -> None:
        reason = why.value.strip()
        if not reason:
            components.notify(t("请填写理由。"), bad=True)
            return
        await page.act(
            "settle", lambda visit: restorations.settle(visit, flow, None, send=send, reason=reason)
        )
        ui.navigate.reload()  # the list then shows what the next push will do

    with ui.element("div").classes("acts no-print"):
        why = ui.input(t("理由")).props("dense outlined maxlength=1000").style("min-width: 320px")
        components.button(t("待确认的全部视为已送达"), lambda: settle(send=False))
        components.button(t("待确认的全部推送"), lambda: settle(send=True), kind="plain")


def _flow(contracts: Contracts, one: FlowDeliveries) -> None:
    with components.card():
        components.show(flow_title(contracts, one.flow))
        counts = {"records": one.records, **one.states}
        components.show(shares(counts)).classes("wide")
        components.show(equation(counts, balanced=True))
        _groups(one.groups)


def _groups(groups: Sequence[Group]) -> None:
    components.table(
        [
            t("条数"),
            t("状态"),
            t("原因与处理"),
            t("例"),
        ],
        [
            (
                number(group.records),
                state(group.state),
                formatting.why(
                    pick(group.why.zh, group.why.en), pick(group.why.cure_zh, group.why.cure_en)
                ),
                components.link(f"/records/{group.example}#deliveries", f"#{group.example}"),
            )
            for group in groups
        ],
        numeric=(0,),
        nothing=t("还没有记录要推送。"),
    )
