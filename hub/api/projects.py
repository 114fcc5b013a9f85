"""Routes of projects: search, everything of one code, timeline, clocks."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from hub.api.access import Visiting
from hub.services import comparisons, facts, project_timeline, projects, scenarios
from hub.services.comparisons import Comparisons
from hub.services.facts import Clocks
from hub.services.prefill import search
from hub.services.prefill.search import Suggestion
from hub.services.project_timeline import ProjectTimeline
from hub.services.projects import Project
from hub.services.scenarios import ProjectScenarios, ScenarioPage, ScenarioView

routes = APIRouter()

Typed = Annotated[str, Query(min_length=1, max_length=100, examples=["三给村"])]
Few = Annotated[int, Query(ge=1, le=100)]
Code = Annotated[str, Path(max_length=100)]


@routes.get("/v1/projects")
def projects_found(visit: Visiting, q: Typed, limit: Few = 10) -> list[Suggestion]:
    """边输入边查找项目：代码开头或名称片段 · projects by the beginning of a code or any part of a name."""
    return search.found(visit, q, most=limit)


@routes.get("/v1/projects/{code}")
def project(visit: Visiting, code: Code) -> Project:
    """一码到底 · everything known of a project code that the reader may see."""
    return projects.project(visit, code)


@routes.get("/v1/projects/{code}/clocks")
def project_clocks(visit: Visiting, code: Code) -> Clocks:
    """审批计时：项目、阶段、事项、报装，对每个人都一样 · the clocks of a project, the same for every reader."""
    return facts.clocks(visit, code)


@routes.get("/v1/projects/{code}/scenarios")
def project_scenarios(visit: Visiting, code: Code) -> ProjectScenarios:
    """项目的情形：做到哪一步、缺什么、轮到谁 · the scenarios of a project: what is missing, whose turn it is."""
    return scenarios.of_project(visit, code)


@routes.get("/v1/scenarios")
def scenarios_listed(visit: Visiting) -> list[ScenarioView]:
    """改革情形及项目数 · the scenarios that reform promises, with numbers of projects."""
    return scenarios.listed(visit)


@routes.get("/v1/scenarios/{scenario}")
def scenario_shown(
    visit: Visiting,
    scenario: Annotated[str, Path(max_length=100, examples=["land_then_start"])],
    county: Annotated[
        str, Query(max_length=6, description="行政区划代码开头 · leading digits")
    ] = "",
    state: Annotated[str, Query(max_length=20, examples=["overdue"])] = "",
    after: Annotated[
        str,
        Query(
            max_length=100,
            description="从此项目代码之后 · after this project code, as `next` of the page before says",
        ),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> ScenarioPage:
    """一种情形的各县项目数和项目 · a scenario with its numbers by county and its projects."""
    return scenarios.one(visit, scenario, county=county, state=state, after=after, most=limit)


@routes.get("/v1/projects/{code}/life")
def project_life(visit: Visiting, code: Code) -> ProjectTimeline:
    """项目全生命周期：各阶段用时与亮灯 · the life of a project: its stages with clocks and lights."""
    return project_timeline.life(visit, code)


@routes.get("/v1/projects/{code}/comparisons")
def project_comparisons(visit: Visiting, code: Code) -> Comparisons:
    """并排对照：许可、测绘、登记；交房即交证各步与相隔天数 · a project's records side by side."""
    return comparisons.comparisons(visit, code)
