"""Scenarios as tables: of a project's page, and of the pages about scenarios."""

from collections.abc import Iterable

from markupsafe import Markup

from hub.console import components
from hub.console.components import Light
from hub.console.page import address
from hub.console.words import day, moment, pick, t
from hub.services.scenarios import (
    STATE_WORDS,
    ProjectScenario,
    ProjectScenarios,
    State,
    StepReached,
)
from hub.services.view import Title

LIGHTS: dict[State, Light] = {
    "running": "grey",
    "overdue": "red",
    "complete": "green",
    "late": "yellow",
}


def titled(title: Title) -> str:
    """A title in the reader's language."""
    return pick(title.zh, title.en)


def state(said: State) -> Markup:
    """A state with its light."""
    return components.light(LIGHTS[said], t(STATE_WORDS[said]))


def of_project(found: ProjectScenarios) -> None:
    """The card of a project's page; nothing where none has begun or the clock is not for him."""
    if not found.scenarios:
        return
    with components.card(t("改革情形")) as card:
        card.props("id=scenarios")
        components.table(
            [t("情形"), *_heads()],
            [(titled(one.title), *_cells(one)) for one in found.scenarios],
        )


def projects(some: Iterable[ProjectScenario]) -> None:
    """Projects of one scenario."""
    components.table(
        [t("项目"), t("县"), *_heads()],
        [
            (
                components.link(
                    address(f"/projects/{one.project_code}"), components.code(one.project_code)
                ),
                one.county or "—",
                *_cells(one),
            )
            for one in some
        ],
        nothing=t("没有这样的项目。"),
    )


def _heads() -> list[str]:
    return [t("状态"), t("起始"), t("最后一天"), t("步骤"), t("轮到谁")]


def _cells(one: ProjectScenario) -> tuple[object, ...]:
    return (
        state(one.state),
        moment(one.began)[:10],
        day(one.due_on) if one.due_on else "—",
        Markup("<br>").join(map(_step, one.steps)),
        titled(one.missing.turn) if one.missing else "—",
    )


def _step(step: StepReached) -> Markup:
    """A step with the day on which it was done."""
    if step.at is None:
        return components.light("grey", titled(step.title) + t("（缺）"))
    return components.light("green", f"{titled(step.title)} {moment(step.at)[:10]}")
