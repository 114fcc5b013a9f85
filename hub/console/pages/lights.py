"""时限督办: clocks by their lights, with filters; counts by county and by unit for who supervises."""

import re
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, SEEING_PROJECTS, SUPERVISING, RequestContext
from hub.console import components, formatting
from hub.console.flows import asking, styled
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import lang, moment, number, pick, t
from hub.domain.contracts import Contracts
from hub.services import lights
from hub.services.lights import (
    LIGHT_NAMES,
    SCOPE_NAMES,
    TURNS,
    LightCounts,
    LightsAsked,
    LightScope,
    LightsPage,
    LightState,
    LitClock,
)
from hub.services.naming import one_of

PROJECT, FLOW_KIND, STAGE = "project", "flow_kind", "stage"
SHOWN = 50
CODED = re.compile(r"[0-9A-Z]{18}")
"""A unit by its unified social credit code."""
STATES: dict[LightState, str] = {
    "all": "全部（含办结）",
    "running": "在办",
    "red": "超时",
    "yellow": "临近时限",
    "soon": "3 个工作日内超时",
}
SCOPES: dict[LightScope, str] = {
    "project": "项目",
    "stage": "阶段",
    "item": "事项",
    "connection": "报装",
}
TILES: tuple[tuple[LightScope, LightState], ...] = (
    *(("stage", "red"), ("stage", "yellow")),
    *(("item", "red"), ("item", "yellow"), ("item", "soon")),
)
"""Lists that one looks into each morning."""


@page(
    "/lights", title="时限督办", roles=SEEING_PROJECTS, menu=MenuEntry("supervise", 10, "traffic")
)
async def listed(
    page: ConsolePage,
    scope: str = "",
    light: str = "running",
    region: str = "",
    stage: str = "",
    flow_kind: str = "",
    department: str = "",
    after: str = "",
) -> None:
    """The list, late ones first; who supervises sees the units' counts of the county above it."""
    watches = page.reader.account.role in SUPERVISING | LOOKING_INTO
    asked = _asked(scope or ("stage" if watches else "item"), light)
    asked = LightsAsked(asked.scope, asked.state, region, stage, flow_kind, department, after)
    found = await page.look(lambda visit: lights.listed(visit, asked, most=SHOWN))
    sums = await page.look(lambda visit: _sums(visit, region)) if watches else {}
    styled()
    ui.add_css(formatting.STYLE)
    if watches:
        _places(asked, sums)
    _filters(page.hub.contracts, asked, watches=watches)
    with components.card():
        _export(page, asked)
        _table(page.hub.contracts, found, acting=page.reader.account.role in SUPERVISING)
        _next(asked, found)


@page(
    "/counties",
    title="区县与单位",
    roles=SUPERVISING | LOOKING_INTO,
    menu=MenuEntry("supervise", 20, "map"),
)
async def counted(page: ConsolePage, region: str = "") -> None:
    """Counts by county, and of one county by unit; each number leads to its list."""
    styled()
    regions, units = await page.look(lambda visit: _counts(visit, region))
    with components.card(t("各区县在办阶段")):
        components.text(t("点数字查看清单，点区划查看该区划的单位。"), kind="soft")
        _numbers(t("区划"), regions, "stage", _region_link, lambda part: {"region": part})
    title = t("{region} 各单位在办事项", region=region) if region else t("各单位在办事项")
    with components.card(title):
        _numbers(
            t("办理单位"),
            units,
            "item",
            components.content,
            lambda part: {"region": region, "department": part},
        )


def _counts(visit: RequestContext, region: str) -> tuple[list[LightCounts], list[LightCounts]]:
    return lights.by_region(visit), lights.by_unit(visit, region=region)


def _region_link(part: str) -> Markup:
    return components.link(address("/counties", region=part), part or "—")


def _numbers(
    head: str,
    rows: Sequence[LightCounts],
    scope: str,
    named: Callable[[str], Markup],
    where: Callable[[str], dict[str, str]],
) -> None:
    def count(row: LightCounts, state: str, many: int) -> Markup:
        place = address("/lights", scope=scope, light=state, **where(row.part))
        return components.link(place, number(many))

    components.table(
        [head, t("在办"), t("超时"), t("临近时限"), t("3 个工作日内超时")],
        [
            (
                named(row.part),
                count(row, "running", row.running),
                count(row, "red", row.red),
                count(row, "yellow", row.yellow),
                count(row, "soon", row.soon),
            )
            for row in rows
        ],
        numeric=(1, 2, 3, 4),
        nothing=t("没有在办的。"),
    )


def _asked(scope: str, light: str) -> LightsAsked:
    """The scope and light of the address; UnknownNameError for others."""
    one_of("scope", scope, list(SCOPES))
    one_of("light", light, list(STATES))
    return LightsAsked(
        next(one for one in SCOPES if one == scope), next(one for one in STATES if one == light)
    )


def _sums(visit: RequestContext, region: str) -> dict[LightScope, LightCounts]:
    """Running clocks of all counties of a region together, by what they are of."""
    found: dict[LightScope, LightCounts] = {}
    for scope in ("stage", "item"):
        rows = [one for one in lights.by_region(visit, scope) if one.part.startswith(region)]
        found[scope] = LightCounts(
            region,
            sum(one.running for one in rows),
            sum(one.red for one in rows),
            sum(one.yellow for one in rows),
            sum(one.soon for one in rows),
        )
    return found


def _places(asked: LightsAsked, sums: Mapping[LightScope, LightCounts]) -> None:
    tiles = Markup("").join(
        Markup('<a class="tile" href="{}"{}><b>{}</b><span>{}</span></a>').format(
            address("/lights", scope=scope, light=state, region=asked.region),
            Markup(' aria-current="page"') if (scope, state) == (asked.scope, asked.state) else "",
            number(getattr(sums[scope], state)),
            t("{scope}：{state}", scope=t(SCOPES[scope]), state=t(STATES[state])),
        )
        for scope, state in TILES
    )
    components.show(Markup('<div class="tiles no-print">{}</div>').format(tiles)).classes("wide")


def _filters(contracts: Contracts, asked: LightsAsked, *, watches: bool) -> None:
    every = [("", t("全部"))]
    asking(
        "/lights",
        [
            ("scope", t("计时对象"), asked.scope, [(one, t(name)) for one, name in SCOPES.items()]),
            ("light", t("亮灯"), asked.state, [(one, t(name)) for one, name in STATES.items()]),
            ("region", t("区划"), asked.region, ()),
            ("stage", t("阶段"), asked.stage, every + _words(contracts, STAGE)),
            ("flow_kind", t("项目类别"), asked.flow_kind, every + _words(contracts, FLOW_KIND)),
            *([("department", t("办理单位"), asked.department, ())] if watches else []),
        ],
        t("查看"),
    )


def _words(contracts: Contracts, name: str) -> list[tuple[str, str]]:
    """Codes of a list with their words."""
    known = contracts.code_lists.get(name)
    return [(code, pick(*words)) for code, words in known.values.items()] if known else []


def _table(contracts: Contracts, found: LightsPage, *, acting: bool) -> None:
    components.table(
        [
            t("项目"),
            t("区划"),
            t("计时对象"),
            t("办理单位"),
            t("轮到谁"),
            t("亮灯"),
            t("用时|clock"),
            t("超时时刻"),
            *([""] if acting else []),
        ],
        [(*_row(contracts, one), *([_ask(one)] if acting else [])) for one in found.clocks],
        nothing=t("没有符合条件的。"),
    )


def _row(contracts: Contracts, one: LitClock) -> tuple[object, ...]:
    project = Markup("{}<br>{}").format(
        components.link(f"/projects/{one.project_code}", one.project_code),
        components.content(one.project_name or ""),
    )
    return (
        project,
        components.unbroken(one.region),
        _what(contracts, one),
        components.content(t("、").join(_names(one))) if _names(one) else "—",
        t(TURNS[one.turn]) if one.turn else "—",
        _light(one),
        _used(one),
        moment(one.red_at)[:16] if one.red_at else "—",
    )


def _ask(one: LitClock) -> Markup:
    """A link to ask a unit that handles the record; nothing where none is shown."""
    names = _names(one)
    if not names:
        return Markup("")
    about = {"scope": one.scope, "record": one.record_id, "department": names[0]}
    return components.unbroken(components.link(address("/cases/new", **about), t("督办")))


def _names(one: LitClock) -> list[str]:
    """The units by name; a record may name them by their code as well."""
    return [unit for unit in one.units or () if not CODED.fullmatch(unit)]


def _what(contracts: Contracts, one: LitClock) -> Markup:
    stage = dict(_words(contracts, STAGE)).get(one.of) if one.scope == "stage" else None
    return Markup("{}<br>{}").format(
        t(SCOPE_NAMES[one.scope]), components.content(stage or one.number or "")
    )


def _light(one: LitClock) -> Markup:
    if one.end_basis in formatting.OVER:
        return components.light("grey", t(formatting.OVER[one.end_basis]))
    if one.light not in formatting.LIGHTS:
        return components.light("grey", t(LIGHT_NAMES["none"]))
    tone, words = formatting.LIGHTS[one.light]
    shown = components.light(tone, t(words))
    if one.stands:
        return Markup("{} {}").format(shown, components.badge(t("暂停计时")))
    return Markup("{} {}").format(shown, components.badge(t("已办结"))) if one.ended else shown


def _used(one: LitClock) -> str:
    used = formatting.days(one.used)
    if one.days is None:
        return t("{used} 个工作日", used=used)
    return t("{used} / {days} 个工作日", used=used, days=formatting.days(one.days))


def _next(asked: LightsAsked, found: LightsPage) -> None:
    if found.next:
        place = address("/lights", **_query(asked), after=found.next)
        components.show(
            Markup('<p class="no-print">{}</p>').format(components.link(place, t("之后的 →")))
        )


def _query(asked: LightsAsked) -> dict[str, str]:
    return {
        "scope": asked.scope,
        "light": asked.state,
        "region": asked.region,
        "stage": asked.stage,
        "flow_kind": asked.flow_kind,
        "department": asked.department,
    }


def _export(page: ConsolePage, asked: LightsAsked) -> None:
    spoken = lang()

    async def export() -> None:
        made = await page.act(
            "export xlsx", lambda visit: lights.exported(visit, asked, lang=spoken)
        )
        ui.download.content(made, "lights.xlsx")

    with ui.element("div").classes("row no-print"):
        components.button("XLSX", export, kind="plain")
