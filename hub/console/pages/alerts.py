"""Alerts, their channels with a test button, and the settings of this hub."""

from collections.abc import Sequence
from dataclasses import fields

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING
from hub.console import components
from hub.console.components import Light
from hub.console.flows import styled, when
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import moment, number, pick, remedy, sentence, t
from hub.services import alerts, channels
from hub.services.alerts import AlertView
from hub.settings import Settings

RED = ("run ", "sealing")


@page(
    "/alerts",
    title="告警",
    roles=ADMINISTERING,
    menu=MenuEntry("manage", 60, "notifications"),
)
async def alerts_page(page: ConsolePage, closed: str = "") -> None:
    """Open alerts, channels, settings."""
    kept = await page.look(lambda visit: alerts.listed(visit, closed=bool(closed)))
    styled()
    with components.card(t("告警")):
        _alerts(kept)
        words = t("只看未关闭") if closed else t("含已关闭")
        other = address("/alerts", closed="" if closed else 1)
        components.show(Markup('<p class="no-print">{}</p>').format(components.link(other, words)))
    with components.card(t("告警渠道")):
        _channels(page)
    with components.card(t("设置")):
        _settings(page.hub.settings)


def _alerts(kept: Sequence[AlertView]) -> None:
    components.table(
        [
            t("灯"),
            t("事项与处理"),
            t("次数"),
            t("首次"),
            t("最近"),
            t("已告知"),
            t("关闭|state"),
            t("去处"),
        ],
        [
            (
                components.light(_light(one), ""),
                Markup('<b>{}</b><br><span class="soft">{}</span>').format(
                    sentence(one.told), remedy(one.told)
                ),
                number(one.times),
                when(one.first_at),
                when(one.last_at),
                when(one.told_at),
                moment(one.closed_at) if one.closed_at else "",
                _go(one),
            )
            for one in kept
        ],
        numeric=(2,),
        nothing=t("没有告警。"),
    )


def _link_to_cause(one: AlertView) -> str | None:
    """The page on which the cause is handled."""
    flow, facts = one.told.facts.get("flow"), one.told.facts
    places = {
        "alert.quarantine": address("/failures/cause", flow=flow, cause=facts.get("cause")),
        "alert.difference": address("/differences", flow=flow, kind=facts.get("class")),
        "alert.waiting": address("/links", flow=flow),
        "alert.stale": address("/runs", flow=flow),
        "alert.recall_open": f"/recalls/{facts.get('recall')}",
    }
    failed = address("/runs", flow=flow, state="failed") if one.cause.startswith("run ") else None
    return places.get(one.told.code, failed)


def _go(one: AlertView) -> Markup:
    place = _link_to_cause(one)
    if place is None:
        return Markup("—")
    return Markup('<span class="when">{}</span>').format(components.link(place, t("去处理 →")))


def _light(one: AlertView) -> Light:
    if one.closed_at is not None:
        return "grey"
    return "red" if one.cause.startswith(RED) else "yellow"


def _channels(page: ConsolePage) -> None:
    async def test() -> None:
        await page.act("test", alerts.test)
        components.notify(t("测试告警已送达。"))

    known = channels.channels(page.hub.settings)
    components.table(
        [t("渠道"), t("地址（已遮蔽）")],
        [(pick(*one.title), components.code(one.masked)) for one in known],
        nothing=t("没有设置渠道：告警只在此处列出。在 HUB_ALERT_URLS 中设置。"),
    )
    if known:
        with ui.element("div").classes("acts"):
            components.button(t("发送测试告警"), test)


def _settings(settings: Settings) -> None:
    components.table(
        [t("设置|one"), t("值")],
        [
            (components.code(f"HUB_{one.name.upper()}"), _value(settings, one.name, shown=one.repr))
            for one in fields(settings)
        ],
        caption=t("启动时读取；含义见 docs/settings.md。密钥与口令不显示。"),
    )


def _value(settings: Settings, name: str, *, shown: bool) -> str:
    value = getattr(settings, name)
    if not shown:
        return t("已设置（不显示）") if value else t("未设置")
    return str(value) if value not in {None, ""} else ""
