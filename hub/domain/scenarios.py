"""Scenario templates (情形): what starts one, what completes it, and as data for the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from hub.model import Json

Wanted = Mapping[str, tuple[str, ...]]
"""Field -> the values that it may have, as text."""


@dataclass(frozen=True, slots=True)
class ScenarioRecords:
    """Records of an entity that meet a condition; `at`: the field with their moment.

    day: whether that is a date, which counts from its beginning.
    """

    entity: str
    where: Wanted
    at: str
    day: bool


@dataclass(frozen=True, slots=True)
class ScenarioMilestone:
    """A step of a scenario. turn: who has to act while it is missing.

    all: every one of the records must meet this, not one of them exist; empty: the first one does.
    """

    title_zh: str
    title_en: str
    turn_zh: str
    turn_en: str
    records: ScenarioRecords
    all: Wanted


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario. days: working days from its start within which all steps are to be done.

    applies: fields of projects that may count. starts: None where it waits for a system that does
    not exchange yet, which `waits` names; nothing is computed of it then.
    """

    name: str
    title_zh: str
    title_en: str
    source: str
    applies: Wanted
    starts: ScenarioRecords | None
    steps: tuple[ScenarioMilestone, ...]
    days: int | None
    days_source: str
    waits_zh: str
    waits_en: str


def watched(some: Mapping[str, Scenario]) -> frozenset[str]:
    """The entities of whose records scenarios are computed."""
    read = [(one.starts, *(step.records for step in one.steps)) for one in some.values()]
    return frozenset(records.entity for part in read for records in part if records is not None)


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step as it is computed."""

    records: ScenarioRecords
    all: Wanted


@dataclass(frozen=True, slots=True)
class ScenarioRule:
    """A scenario as it is computed."""

    name: str
    applies: Wanted
    starts: ScenarioRecords
    steps: tuple[StepRule, ...]
    days: int | None


_RULES = TypeAdapter(tuple[ScenarioRule, ...])


def parameters(some: Mapping[str, Scenario]) -> list[Json]:
    """The scenarios that are computed, as data for the database."""
    rules = tuple(
        ScenarioRule(one.name, one.applies, one.starts, tuple(map(_rule, one.steps)), one.days)
        for _, one in sorted(some.items())
        if one.starts is not None
    )
    said: list[Json] = _RULES.dump_python(rules, mode="json")
    return said


def rules(said: Mapping[str, Json]) -> tuple[ScenarioRule, ...]:
    """The scenarios in stored rules of facts."""
    return _RULES.validate_python(said.get("scenarios", ()))


def _rule(one: ScenarioMilestone) -> StepRule:
    return StepRule(one.records, one.all)
