"""Scenarios (情形) that reform promises: how many projects complete them, what each still lacks and
whose turn it is; computed once from everything, the same for every reader.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from hub.auth.context import LOOKING_INTO, SUPERVISING, RequestContext
from hub.db.facts import scenarios as stored
from hub.db.facts.scenarios import ScenarioCount, ScenarioRow
from hub.domain import keys
from hub.domain.rights import Rights
from hub.domain.scenarios import Scenario
from hub.domain.times import HUB_ZONE
from hub.services import facts, naming
from hub.services.facts import CLOCK
from hub.services.view import Title

State = Literal["running", "overdue", "complete", "late"]
STATE_WORDS: dict[State, str] = {
    "running": "进行中|scenario",
    "overdue": "未完成且已超期",
    "complete": "按期完成",
    "late": "超期完成",
}
"""Each state by the id of its words, in the order in which faces show them."""
STATES = tuple(STATE_WORDS)
COUNTING = LOOKING_INTO | SUPERVISING
"""Roles for which numbers are shown, of all projects or of those of their regions: who sees single
projects would see part of a number.
"""


@dataclass(frozen=True, slots=True)
class ScenarioStepView:
    """A step of a scenario: what has to be there, and who has to act while it is not."""

    title: Title
    turn: Title


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario. days: working days within which it is to be complete; source, days_source: who
    says so. waits_for: what it cannot be computed without and no system shares yet.

    counts: projects by state, of all counties; null where it waits.
    """

    name: str
    title: Title
    source: str
    days: int | None
    days_source: str
    steps: tuple[ScenarioStepView, ...]
    waits_for: Title | None
    counts: dict[State, int] | None


@dataclass(frozen=True, slots=True)
class CountyCounts:
    """Projects of a scenario in one county, by state. county: six digits, "" where unknown."""

    county: str
    counts: dict[State, int]


@dataclass(frozen=True, slots=True)
class StepReached:
    """A step of a project's scenario; at: null while it is missing."""

    title: Title
    turn: Title
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ProjectScenario:
    """A scenario of one project.

    due_on: the last day on which it is complete in time; null where no term is set. state: running,
    overdue (not complete, too late already), complete, late (complete, but too late). missing: the
    first step that is missing, and whose turn it is.
    """

    name: str
    title: Title
    project_code: str
    county: str
    began: datetime
    due_on: Annotated[date | None, Field(examples=["2025-06-30"])]
    ended: datetime | None
    state: State
    steps: tuple[StepReached, ...]
    missing: StepReached | None


@dataclass(frozen=True, slots=True)
class ScenarioPage:
    """A scenario, its numbers by county, and a page of its projects by code.

    next: `after` of the next page, null at the end.
    """

    scenario: ScenarioView
    counties: tuple[CountyCounts, ...]
    projects: tuple[ProjectScenario, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ProjectScenarios:
    """The scenarios that a project has begun. denied: the reader has no right to its clock."""

    project_code: str
    denied: bool
    scenarios: tuple[ProjectScenario, ...] = field(default=())


def listed(context: RequestContext) -> list[ScenarioView]:
    """Every scenario with its numbers."""
    context.require(COUNTING)
    with context.read() as tx:
        numbers = _numbers(stored.counts(tx))
    return [
        _view(one, numbers.get(name, {}))
        for name, one in sorted(context.hub.contracts.scenarios.items())
    ]


def one(
    context: RequestContext,
    name: str,
    *,
    county: str = "",
    state: str = "",
    after: str = "",
    most: int = 50,
) -> ScenarioPage:
    """A scenario with its projects. county: leading digits of a region code; state: "" for all.

    Raises UnknownNameError: scenario, state.
    """
    context.require(COUNTING)
    known = context.hub.contracts.scenarios
    naming.one_of("scenario", name, list(known))
    scenario = known[name]
    naming.one_of("state", state or None, STATES)
    with context.read() as tx:
        counted = stored.counts(tx, name)
        rows = stored.listed(tx, name, county=county, state=state, after=after, most=most + 1)
    numbers = _numbers(counted).get(name, {})
    shown = rows[:most]
    return ScenarioPage(
        _view(scenario, numbers),
        tuple(CountyCounts(one, counts) for one, counts in sorted(numbers.items())),
        tuple(_of_project(scenario, row) for row in shown),
        shown[-1].project_code if len(rows) > most else None,
    )


def of_project(context: RequestContext, code: str) -> ProjectScenarios:
    """The scenarios of a project.

    Raises FlowError: access.no_grant, ask.project_unknown.
    """
    wanted, contracts = keys.project_code(code), context.hub.contracts
    context.may_see(contracts.granted)
    with context.read() as tx:
        rights = context.rights_on(tx, wanted, contracts.granted)
    found = seen(context, wanted, rights)
    context.saw([], project_code=wanted)
    if not found.scenarios:
        facts.must_be_known(context, wanted, rights)
    return found


def seen(context: RequestContext, project_code: str, rights: Rights) -> ProjectScenarios:
    """As `of_project`, by rights already looked up."""
    if not (rights.whole or rights.classes.get(CLOCK, frozenset()) & {"public", "internal"}):
        return ProjectScenarios(project_code, denied=True)
    known = context.hub.contracts.scenarios
    with context.read() as tx:
        rows = [row for row in stored.read(tx, project_code) if row.scenario in known]
    made = tuple(_of_project(known[row.scenario], row) for row in rows)
    return ProjectScenarios(project_code, denied=False, scenarios=made)


def _numbers(counted: Sequence[ScenarioCount]) -> dict[str, dict[str, dict[State, int]]]:
    """Scenario -> county -> state -> number."""
    found: dict[str, dict[str, dict[State, int]]] = {}
    for row in counted:
        counties = found.setdefault(row.scenario, {})
        numbers = counties.setdefault(row.county, dict.fromkeys(STATES, 0))
        numbers[_state(row.state)] = row.number
    return found


def _view(scenario: Scenario, counties: Mapping[str, Mapping[State, int]]) -> ScenarioView:
    waits = scenario.starts is None
    total: Counter[State] = Counter(dict.fromkeys(STATES, 0))
    for numbers in counties.values():
        total.update(numbers)
    return ScenarioView(
        name=scenario.name,
        title=Title(scenario.title_zh, scenario.title_en),
        source=scenario.source,
        days=scenario.days,
        days_source=scenario.days_source,
        steps=tuple(
            ScenarioStepView(Title(step.title_zh, step.title_en), Title(step.turn_zh, step.turn_en))
            for step in scenario.steps
        ),
        waits_for=Title(scenario.waits_zh, scenario.waits_en) if waits else None,
        counts=None if waits else dict(total),
    )


def _of_project(scenario: Scenario, row: ScenarioRow) -> ProjectScenario:
    steps = tuple(
        StepReached(Title(step.title_zh, step.title_en), Title(step.turn_zh, step.turn_en), at)
        for step, at in zip(scenario.steps, row.reached, strict=False)
    )
    # the term is kept as the moment from which it is late: the midnight after its last day
    due = (row.due - timedelta(seconds=1)).astimezone(HUB_ZONE).date() if row.due else None
    return ProjectScenario(
        name=scenario.name,
        title=Title(scenario.title_zh, scenario.title_en),
        project_code=row.project_code,
        county=row.region,
        began=row.began,
        due_on=due,
        ended=row.ended,
        state=_state(row.state),
        steps=steps,
        missing=next((step for step in steps if step.at is None), None),
    )


def _state(said: str) -> State:
    return next(state for state in STATES if state == said)
