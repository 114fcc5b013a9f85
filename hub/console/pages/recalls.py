"""Recalls: wrong values that this unit received, to acknowledge; all of them for some roles."""

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE
from hub.console import components, formatting
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import moment, t, word
from hub.domain.contracts import Contracts
from hub.model import Value
from hub.services import recalls
from hub.services.disputes import DisputeView
from hub.services.recalls import RecallView, ReceiverView


@page(
    "/recalls",
    title="更正通知",
    roles=PEOPLE,
    menu=MenuEntry("use", 50, "published_with_changes"),
)
async def listed(page: ConsolePage, *, closed: bool = False) -> None:
    """Wrong values that were handed on."""
    ui.add_css(formatting.STYLE)
    found = await page.look(lambda visit: recalls.listed(visit, closed=closed))
    contracts = page.hub.contracts
    with components.card():
        components.show(
            components.link("/recalls", t("只看未结束的"))
            if closed
            else components.link(address("/recalls", closed="true"), t("连同已结束的"))
        )
        components.table(
            [
                t("编号"),
                t("字段"),
                t("错误的值"),
                t("现在的值"),
                t("原因|reason"),
                t("开始"),
                t("进展"),
                t("本单位"),
            ],
            [
                (
                    components.link(f"/recalls/{one.id}", f"#{one.id}"),
                    _about(contracts, one),
                    _shown(contracts, one, one.value),
                    _shown(contracts, one, one.value_now),
                    one.reason,
                    moment(one.opened_at)[:16],
                    progress(one),
                    components.badge(t("待知悉"), tone="warn") if one.owing else "—",
                )
                for one in found
            ],
            nothing=t("没有更正通知。本单位查阅过的值被认定有误时，会列在这里。"),
        )


@page("/recalls/{recall_id}", title="更正通知|one", roles=PEOPLE)
async def one(page: ConsolePage, recall_id: int) -> None:
    """One recall, and the button to acknowledge it."""
    ui.add_css(formatting.STYLE)
    case, contracts = (
        await page.look(lambda visit: recalls.one(visit, recall_id)),
        page.hub.contracts,
    )
    with components.card(f"#{case.id} {_about(contracts, case)}"):
        components.facts(
            [
                (
                    t("记录"),
                    formatting.record(
                        page.reader.account.role, case.record_id, f"{case.entity}:{case.key}"
                    ),
                ),
                (t("错误的值"), _shown(contracts, case, case.value)),
                (t("现在的值"), _shown(contracts, case, case.value_now)),
                (t("原因|reason"), case.reason),
                (t("开始"), moment(case.opened_at)[:16]),
                (t("结束"), moment(case.closed_at)[:16] if case.closed_at else None),
                (t("进展"), progress(case)),
            ]
        )
        if case.owing:
            note = ui.input(t("已做的处理（可不填）")).props("outlined maxlength=1000")
            note.classes("wide")

            async def acknowledge() -> None:
                text = str(note.value or "")
                await page.act(
                    "acknowledge", lambda visit: recalls.acknowledge(visit, recall_id, note=text)
                )
                ui.navigate.to(f"/recalls/{recall_id}")

            with ui.element("div").classes("row no-print"):
                components.button(t("本单位已知悉"), acknowledge)
    with components.card(t("收到过错误值的")):
        receivers(contracts, case.received)


def progress(case: RecallView | DisputeView) -> Markup:
    """How many receivers have been corrected."""
    done = case.receivers - case.owed
    share = 100 if not case.receivers else round(100 * done / case.receivers, 1)
    return Markup(
        '<span class="meter" aria-hidden="true"><i class="green" style="width:{}%"></i></span>{}'
    ).format(share, t("还剩 {owed} / {receivers}", owed=case.owed, receivers=case.receivers))


def receivers(contracts: Contracts, found: Sequence[ReceiverView]) -> None:
    """Receivers of a wrong value, and whether they have been corrected."""
    components.table(
        [
            t("接收方"),
            t("次数"),
            t("最后一次"),
            t("更正、知悉"),
            t("说明|remark"),
        ],
        [
            (
                _receiver(contracts, one),
                one.times,
                moment(one.last_at)[:16],
                components.badge(moment(one.acknowledged_at)[:16], tone="good")
                if one.acknowledged_at
                else components.badge(t("待更正"), tone="warn"),
                word(one.note),
            )
            for one in found
        ],
        numeric=(1,),
        nothing=t("没有需要向本单位显示的接收方。"),
    )


def _receiver(contracts: Contracts, one: ReceiverView) -> str:
    push = contracts.pushes.get(one.name)
    if push is None:
        return one.name
    return f"{formatting.system(contracts, push.system.name)} · {formatting.entity(push.entity)}"


def _about(contracts: Contracts, case: RecallView) -> str:
    entity = contracts.entities[case.entity]
    field = entity.fields.get(case.field)
    return f"{formatting.entity(entity)} · {formatting.field(field) if field else case.field}"


def _shown(contracts: Contracts, case: RecallView, value: Value) -> str:
    field = contracts.entities[case.entity].fields.get(case.field)
    return formatting.value(contracts, field, value) if field else str(value)
