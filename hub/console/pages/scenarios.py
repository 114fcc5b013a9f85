"""Scenarios that reform promises: how many projects complete them, and what each still lacks."""

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from hub.console import components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.scenario_tables import LIGHTS, projects, state, titled
from hub.console.words import number, t
from hub.services import scenarios
from hub.services.scenarios import (
    COUNTING,
    STATE_WORDS,
    CountyCounts,
    ScenarioPage,
    ScenarioView,
    State,
)

COLOURS = {"green": "#2e7d32", "yellow": "#f9a825", "red": "#c62828", "grey": "#90a4ae"}


@page(
    "/scenarios",
    title="改革情形",
    roles=COUNTING,
    menu=MenuEntry("use", 55, "route"),
)
async def listed(page: ConsolePage) -> None:
    """Every scenario with its numbers."""
    found = await page.look(scenarios.listed)
    with components.card():
        components.text(
            t("每种情形由一个映射文件说明：从哪条记录起算，须有哪些记录，几日内完成。"),
            kind="soft",
        )
        components.table(
            [t("情形"), t("期限（工作日）"), *map(t, STATE_WORDS.values()), t("依据")],
            [_row(one) for one in found],
            numeric=(1, 2, 3, 4, 5),
            nothing=t("没有定义情形。"),
        )


@page("/scenarios/{scenario}", title="改革情形", roles=COUNTING)
async def one(
    page: ConsolePage, scenario: str, county: str = "", state: str = "", after: str = ""
) -> None:
    """One scenario: its steps, numbers by county, and projects."""
    found = await page.look(
        lambda visit: scenarios.one(visit, scenario, county=county, state=state, after=after)
    )
    with components.card(titled(found.scenario.title)):
        _about(found.scenario)
    if found.scenario.counts is None:
        return
    with components.card(t("按县")):
        if found.counties:
            _chart(found.counties)
        components.table(
            [t("县"), *map(t, STATE_WORDS.values())],
            [_county(scenario, one) for one in found.counties],
            numeric=(1, 2, 3, 4),
            nothing=t("还没有项目进入这种情形。"),
        )
    with components.card(t("项目|several")):
        _chosen(found, county, state)
        projects(found.projects)
        if found.next is not None:
            more = address(f"/scenarios/{scenario}", county=county, state=state, after=found.next)
            components.show(components.link(more, t("下一页")))


def _row(one: ScenarioView) -> tuple[object, ...]:
    here = components.link(address(f"/scenarios/{one.name}"), titled(one.title))
    days, source = "—" if one.days is None else number(one.days), components.content(one.source)
    if one.counts is None:
        waits = t("数据未接入：{what}", what=titled(one.waits_for) if one.waits_for else "")
        return (Markup("{}<br><small>{}</small>").format(here, waits), days, *"————", source)
    return (here, days, *_links(one.name, one.counts), source)


def _links(name: str, counts: dict[State, int], *, county: str = "") -> list[object]:
    """Each number leads to the projects that it counts."""
    return [
        components.link(
            address(f"/scenarios/{name}", county=county, state=state), number(counts[state])
        )
        if counts[state]
        else number(0)
        for state in STATE_WORDS
    ]


def _county(name: str, one: CountyCounts) -> tuple[object, ...]:
    return (one.county or "—", *_links(name, one.counts, county=one.county))


def _about(one: ScenarioView) -> None:
    pairs: list[tuple[str, object]] = [(t("依据"), components.content(one.source))]
    if one.waits_for is not None:
        pairs.append((t("数据未接入"), titled(one.waits_for)))
    if one.days is not None:
        said = Markup("{} · {}").format(number(one.days), components.content(one.days_source))
        pairs.append((t("期限（工作日）"), said))
    if one.steps:
        steps = (
            Markup("{}. {} · {}").format(place, titled(step.title), titled(step.turn))
            for place, step in enumerate(one.steps, 1)
        )
        pairs.append((t("步骤与责任方"), Markup("<br>").join(steps)))
    components.facts(pairs)


def _chart(counties: Sequence[CountyCounts]) -> None:
    """Projects by county and state; the table below says the same."""
    ui.echart(
        {
            "aria": {"enabled": True},
            "tooltip": {"trigger": "axis"},
            "legend": {"bottom": 0},
            "grid": {"left": 50, "right": 20, "top": 20, "bottom": 50},
            "xAxis": {"type": "category", "data": [one.county or "—" for one in counties]},
            "yAxis": {"type": "value", "minInterval": 1},
            "series": [
                {
                    "name": t(words),
                    "type": "bar",
                    "stack": "all",
                    "barMaxWidth": 46,
                    "color": COLOURS[LIGHTS[state]],
                    "data": [one.counts[state] for one in counties],
                }
                for state, words in STATE_WORDS.items()
            ],
        }
    ).classes("wide").style("height: 240px").props(f'role=img aria-label="{t("按县")}"')


def _chosen(found: ScenarioPage, county: str, chosen: str) -> None:
    """What the list is narrowed to, and the way back to all."""
    named = [components.badge(county)] if county else []
    named += [state(one) for one in STATE_WORDS if one == chosen]
    if named:
        whole = address(f"/scenarios/{found.scenario.name}")
        components.show(
            Markup('<p class="legend no-print">{} {}</p>').format(
                Markup(" ").join(named), components.link(whole, t("全部项目"))
            )
        )
