"""The administrators' start page: lights by system and entity, urgent problems."""

from collections.abc import Mapping
from typing import TypeAlias

from markupsafe import Markup

from hub.auth.context import ADMINISTERING, RequestContext
from hub.console import components
from hub.console.components import Light
from hub.console.flows import (
    entity_title,
    flow_title,
    spark,
    styled,
    system_title,
    variant_title,
)
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import lapse, moment, number, pick, remedy, sentence, t
from hub.domain.contracts import Contracts
from hub.services import failure_groups, overview
from hub.services.overview import Cell, FlowNow, Overview, Urgent
from hub.texts import Words

LIGHTS: tuple[Light, ...] = ("red", "yellow", "green", "grey")

Titles: TypeAlias = Mapping[tuple[str, str], Words]


@page("/", title="总览", roles=ADMINISTERING, menu=MenuEntry("watch", 1, "dashboard"))
async def morning(page: ConsolePage) -> None:
    """Lights, urgent problems, the matrix."""
    found, titles = await page.look(_look)
    styled()
    contracts = page.hub.contracts
    components.show(_tiles(found)).classes("wide")
    with components.card(t("最紧急的事项")):
        if found.urgent:
            components.show(
                Markup('<ol class="urgent">{}</ol>').format(_list(contracts, found, titles))
            )
            if found.more:
                components.text(
                    Markup("{} {}").format(
                        t("另有 {more} 项。", more=found.more),
                        components.link("/alerts", t("查看全部告警")),
                    ),
                    kind="soft",
                )
        else:
            components.empty(t("没有需要处理的事项，全部正常。"))
    with components.card(t("各系统与数据")):
        components.show(_matrix(contracts, found)).classes("wide")
        components.show(_legend(found)).classes("wide")


def _look(visit: RequestContext) -> tuple[Overview, Titles]:
    found = overview.look(visit)
    return found, failure_groups.titles(
        visit, [(one.flow, one.cause) for one in found.urgent if one.cause]
    )


def _tiles(found: Overview) -> Markup:
    tiles = Markup("").join(
        Markup('<div class="tile {}"><b>{}</b>{}</div>').format(
            light, found.lights[light], components.light(light)
        )
        for light in LIGHTS
    )
    entries = sum(flow.entries for cell in found.cells for flow in cell.flows)
    waiting = sum(flow.waiting for cell in found.cells for flow in cell.flows)
    due = sum(flow.deliveries for cell in found.cells for flow in cell.flows)
    moved = sum(sum(flow.hours) for cell in found.cells for flow in cell.flows)
    counts = Markup("").join(
        Markup('<a class="tile" href="{}"><b>{}</b>{}</a>').format(place, number(count), name)
        for count, name, place in (
            (entries, t("未处理问题"), "/failures"),
            (waiting, t("等待关联"), "/links"),
            (due, t("在途推送"), "/runs"),
            (moved, t("24 小时流量"), "/runs"),
        )
    )
    seen = Markup('<span class="tile grow"><span>{} {}</span><a href="/">{}</a></span>').format(
        t("查询于"), moment(found.at)[-8:], t("刷新")
    )
    return Markup('<div class="tiles">{}{}{}</div>').format(tiles, counts, seen)


def _list(contracts: Contracts, found: Overview, titles: Titles) -> Markup:
    return Markup("").join(
        Markup(
            '<li>{}<div><div class="what">{}{}{}</div><div class="cure">{}</div></div><div '
            'class="go">{}</div></li>'
        ).format(
            components.light(one.light, ""),
            _where(contracts, one),
            _sentence(one, titles),
            _times(one),
            _hint(one),
            components.link(_link_to_urgent(one), t("去处理 →")),
        )
        for one in found.urgent
    )


def _where(contracts: Contracts, one: Urgent) -> Markup:
    """The system and entity concerned."""
    return (
        Markup('{} <span aria-hidden="true">|</span> ').format(flow_title(contracts, one.flow))
        if one.flow
        else Markup("")
    )


def _sentence(one: Urgent, titles: Titles) -> str:
    facts = one.told.facts
    if one.told.code == "alert.quarantine":
        return f"{t('{times} 条问题数据：', times=one.times)}{pick(*titles[one.flow, one.cause])}"
    if one.told.code == "alert.stale":
        late, target = (lapse(60 * int(facts[name])) for name in ("minutes", "target"))
        return t("已 {late}没有完整读取，目标 {target}", late=late, target=target)
    return sentence(one.told)


def _hint(one: Urgent) -> str | Markup:
    facts = one.told.facts
    if one.told.code == "alert.quarantine":
        return Markup("{}{}").format(t("责任人："), components.content(facts["owner"]))
    return remedy(one.told)


def _times(one: Urgent) -> Markup:
    """How many flows are concerned, where the sentence names only one."""
    if one.subject not in {"run", "stale"} or one.times == 1:
        return Markup("")
    return Markup(" ") + components.badge(t("共 {times} 个流程", times=one.times), tone="warn")


def _link_to_urgent(one: Urgent) -> str:
    """The page on which a problem is handled."""
    places = {
        "obstacle": "/runs",
        "run": f"/runs/{one.number}",
        "held": address("/held", flow=one.flow),
        "quarantine": address("/failures/cause", flow=one.flow, cause=one.cause),
        "difference": address("/differences", flow=one.flow, kind=one.cause),
        "waiting": address("/links", flow=one.flow),
        "recall": f"/recalls/{one.number}",
        "dispute": f"/disputes/{one.number}",
        "stale": address("/runs", flow=one.flow),
        "finding": address("/failures", flow=one.flow),
    }
    return places.get(one.subject, "/alerts")


def _matrix(contracts: Contracts, found: Overview) -> Markup:
    """A row a system, since there may be dozens: its pulls and its pushes."""
    cells: dict[str, list[Cell]] = {}
    for cell in sorted(found.cells, key=lambda cell: _standing(found, cell.entity)):
        cells.setdefault(cell.system, []).append(cell)
    known = [name for name in contracts.systems if name in cells]
    rows = Markup("").join(
        Markup('<tr><th scope="row">{} <small>{}</small></th><td>{}</td><td>{}</td></tr>').format(
            system_title(contracts, name),
            _aim(contracts, name),
            _ways(contracts, found, [flow for cell in cells[name] for flow in cell.pulls]),
            _ways(contracts, found, [flow for cell in cells[name] for flow in cell.pushes]),
        )
        for name in (*known, *sorted(cells.keys() - set(known)))
    )
    return Markup(
        '<div class="scroll" tabindex="0"><table class="matrix"><thead><tr><th scope="col">{}</th>'
        '<th scope="col">{}</th><th scope="col">{}</th></tr></thead><tbody>{}</tbody></table></div>'
    ).format(t("系统"), t("↓ 拉取"), t("↑ 推送"), rows)


def _aim(contracts: Contracts, system: str) -> str:
    known = contracts.systems.get(system)
    return t("目标 ") + lapse(known.freshness_seconds) if known else ""


def _standing(found: Overview, entity: str) -> tuple[bool, int, str]:
    """Sort key: projects first, then what most systems share."""
    return entity != "project", -sum(cell.entity == entity for cell in found.cells), entity


def _ways(contracts: Contracts, found: Overview, flows: list[FlowNow]) -> Markup:
    return Markup('<div class="ways">{}</div>').format(
        Markup("").join(_way(contracts, found, flow) for flow in flows)
    )


def _way(contracts: Contracts, found: Overview, flow: FlowNow) -> Markup:
    counts = Markup("").join(
        Markup('<span class="{}">{}</span>').format(tone, _count(found, count, name))
        for count, name, tone in (
            (flow.entries, t("问题 "), "bad"),
            (flow.waiting, t("等待 "), "warn"),
            (flow.deliveries, t("在途 "), "move"),
        )
        if count
    )
    lag = t("尚未运行") if flow.light == "grey" or flow.seconds is None else lapse(flow.seconds)
    why = (
        sentence(flow.disabled).striptags()
        if flow.disabled
        else t(components.LIGHT_NAMES[flow.light])
    )
    moved = sum(flow.hours)
    return Markup(
        '<a class="way {}" href="{}" title="{}">{}<span class="name">{}</span>'
        '<span class="lag">{}</span>{}{}</a>'
    ).format(
        flow.light,
        address("/runs", flow=flow.flow),
        f"{flow.flow}: {why}",
        components.light(flow.light, ""),
        _name(contracts, flow.flow),
        t("停用|flow") if flow.disabled else lag,
        spark(flow.hours, title=t("24 小时 {moved} 条", moved=number(moved)))
        if moved
        else Markup(""),
        Markup('<span class="counts">{}</span>').format(counts) if counts else Markup(""),
    )


def _name(contracts: Contracts, flow: str) -> str:
    """The entity of a flow, with the flow's own name where there are several of it."""
    _, system, entity, *variant = flow.split(".", 3)
    named = [variant_title(contracts, system, one) for one in variant]
    return " · ".join([entity_title(contracts, entity), *named])


def _count(found: Overview, count: int, name: str) -> str:
    return f"{name}{number(count)}{'+' if count >= found.most else ''}"


def _legend(found: Overview) -> Markup:
    lights = Markup("").join(
        components.light(light) for light in ("green", "yellow", "red", "grey")
    )
    words = t("时间为距上次完整读取（推送）　柱形为近 24 小时每小时条数")
    sealed = t("存证落后 {sealing_seconds}", sealing_seconds=lapse(found.sealing_seconds))
    return Markup('<div class="legend">{}<span>{}</span><span>{}</span></div>').format(
        lights, words, sealed
    )
