"""Commands for the scenarios that reform promises."""

from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.services import scenarios
from hub.services.scenarios import STATE_WORDS, ProjectScenario, ScenarioView
from hub.services.view import Title


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("scenarios")(listed)
    app.command("scenario")(one)


def listed(
    *,
    project: Annotated[str, typer.Option("--project", help="只看该项目")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Scenarios that reform promises, with numbers of projects, or those of one project."""
    with asking("scenarios") as context:
        if project:
            found = scenarios.of_project(context, project)
        else:
            every = scenarios.listed(context)
    shown = screen()
    if as_json:
        shown.data(found if project else every)
    elif project:
        _show_projects(shown, found.scenarios)
    else:
        _show(shown, every)


def one(
    scenario: Annotated[str, typer.Argument(help="情形名")],
    *,
    county: Annotated[str, typer.Option("--county", help="行政区划代码开头")] = "",
    state: Annotated[str, typer.Option("--state", help=" | ".join(STATE_WORDS))] = "",
    after: Annotated[str, typer.Option("--after", help="从此项目代码之后")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="最多几条")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """One scenario: its numbers by county, and its projects with what is missing."""
    with asking("scenario") as context:
        found = scenarios.one(
            context, scenario, county=county, state=state, after=after, most=limit
        )
    shown = screen()
    if as_json:
        shown.data(found)
        return
    _show(shown, [found.scenario])
    if found.counties:
        shown.table(
            ["县", *STATE_WORDS.values()],
            [(one.county or "—", *one.counts.values()) for one in found.counties],
        )
    _show_projects(shown, found.projects)


def _show(shown: Screen, some: list[ScenarioView]) -> None:
    shown.table(
        ["情形", "名称|scenario", "期限（工作日）", *STATE_WORDS.values()],
        [
            (
                one.name,
                _words(shown, one.title),
                "—" if one.days is None else one.days,
                *(_numbers(shown, one)),
            )
            for one in some
        ],
    )


def _numbers(shown: Screen, one: ScenarioView) -> tuple[object, ...]:
    if one.counts is not None:
        return tuple(one.counts.values())
    waits = _words(shown, one.waits_for) if one.waits_for else ""
    return (shown.t("数据未接入：{what}", what=waits), "", "", "")


def _show_projects(shown: Screen, some: tuple[ProjectScenario, ...]) -> None:
    shown.table(
        ["项目", "名称|scenario", "起始", "最后一天", "状态", "步骤", "轮到谁"],
        [
            (
                one.project_code,
                _words(shown, one.title),
                one.began,
                one.due_on or "—",
                shown.t(STATE_WORDS[one.state]),
                Lines.of(_step(shown, step.title, done=step.at is not None) for step in one.steps),
                _words(shown, one.missing.turn) if one.missing else "—",
            )
            for one in some
        ],
    )


def _step(shown: Screen, title: Title, *, done: bool) -> str:
    return f"{'✓' if done else '—'} {_words(shown, title)}"


def _words(shown: Screen, title: Title) -> str:
    return shown.pick(title.zh, title.en)
