"""A project's timeline: stages with items, connections, all their clocks, and open disputes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db import disputes
from hub.db.records.projects import Known
from hub.domain import keys
from hub.domain.contracts import Contracts
from hub.domain.declared import ClockRole, Timing
from hub.services import facts, projects, scenarios
from hub.services.facts import Clock, Clocks, Scope
from hub.services.projects import ReadRecords
from hub.services.scenarios import ProjectScenarios
from hub.services.sections import Section, sections


@dataclass(frozen=True, slots=True)
class SuspendedTime:
    """A time in which a clock was suspended; until None: it still is."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One approval item or utility connection. denied: the reader may not see its clock."""

    record_id: int
    clock: Clock | None
    denied: bool
    suspended: tuple[SuspendedTime, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage with its items; the last may hold items that name none. denied: as of an item."""

    record_id: int | None
    ordinal: Annotated[str | None, Field(examples=["1"])]
    name: Annotated[str | None, Field(examples=["立项用地规划许可"])]
    clock: Clock | None
    denied: bool
    items: tuple[TimelineItem, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field with an open dispute."""

    dispute_id: int
    record_id: int
    field: str


@dataclass(frozen=True, slots=True)
class ProjectTimeline:
    """The timeline; the records themselves are in /v1/projects/{code}."""

    project_code: str
    name: str | None
    clock: Clock | None
    denied: Annotated[bool, Field(description="the project's clock is not for this reader")]
    until: Annotated[datetime | None, Field(description="the moment up to which clocks stand")]
    pending: bool
    stages: tuple[Stage, ...]
    connections: tuple[TimelineItem, ...]
    records: Annotated[Mapping[str, tuple[int, ...]], Field(description="record numbers by entity")]
    sections: Annotated[
        tuple[Section, ...],
        Field(description="the parts of the project's page, as schemas declare them"),
    ]
    disputes: tuple[Doubt, ...]
    scenarios: Annotated[
        ProjectScenarios, Field(description="what reform promises of it, and what is missing")
    ]


def life(context: RequestContext, code: str, read: ReadRecords | None = None) -> ProjectTimeline:
    """A project's timeline as far as the reader may see it. read: as for `projects.project`.

    Raises FlowError: access.no_grant, ask.project_unknown.
    """
    wanted = keys.project_code(code)
    rights, known = read or projects.records_of(context, code)
    clocks = facts.seen(context, wanted, rights)
    with context.hub.database.read() as tx:
        doubts = disputes.disputes(tx, record_ids=[row.record_id for row in known])
    shown = {(row.record_id, name) for row in known for name in row.values}
    by_entity: dict[str, list[Known]] = defaultdict(list)
    for row in known:
        if not row.deleted:
            by_entity[row.entity].append(row)
    project = next(iter(by_entity["project"]), None)
    return ProjectTimeline(
        project_code=wanted,
        name=str(project.values.get("name") or "") if project else None,
        clock=clocks.whole.clock,
        denied=clocks.whole.denied,
        until=clocks.until,
        pending=clocks.pending,
        stages=_stages(context.hub.contracts, by_entity, clocks),
        connections=tuple(
            _item(clocks, "connection", row)
            for entity, _ in context.hub.contracts.timed("connection")
            for row in by_entity[entity.name]
        ),
        records={
            name: tuple(row.record_id for row in rows) for name, rows in by_entity.items() if rows
        },
        sections=sections(context.hub.contracts, by_entity),
        disputes=tuple(
            Doubt(one.id, one.record_id, one.field)
            for one in doubts
            if (one.record_id, one.field) in shown
        ),
        scenarios=scenarios.seen(context, wanted, rights),
    )


def _stages(
    contracts: Contracts, by_entity: Mapping[str, list[Known]], clocks: Clocks
) -> tuple[Stage, ...]:
    """Stages in order with the items that name them; other items last."""
    stages = _timed(contracts, by_entity, "stage", by="kind")
    items: dict[str, list[TimelineItem]] = defaultdict(list)
    numbers = {timing.says(row.values, "number") for timing, row in stages} - {""}
    for timing, row in _timed(contracts, by_entity, "item", by="number"):
        named = timing.says(row.values, "stage")
        items[named if named in numbers else ""].append(_item(clocks, "item", row))
    made = [_stage(clocks, timing, row, items) for timing, row in stages]
    loose = items.get("", [])
    return (*made, *([Stage(None, None, None, None, False, tuple(loose))] if loose else []))  # noqa: FBT003


def _timed(
    contracts: Contracts, by_entity: Mapping[str, list[Known]], role: ClockRole, *, by: str
) -> list[tuple[Timing, Known]]:
    """Records with this role for clocks, ordered by a field of their timing."""
    some = [
        (timing, row)
        for entity, timing in contracts.timed(role)
        for row in by_entity.get(entity.name, ())
    ]
    return sorted(some, key=lambda one: (one[0].says(one[1].values, by), one[1].record_id))


def _stage(
    clocks: Clocks, timing: Timing, row: Known, items: Mapping[str, list[TimelineItem]]
) -> Stage:
    seen, number = clocks.of("stage", row.record_id), timing.says(row.values, "number")
    return Stage(
        row.record_id,
        ordinal=timing.says(row.values, "kind") or None,
        name=timing.says(row.values, "name") or None,
        clock=seen.clock,
        denied=seen.denied,
        items=tuple(items[number]) if number and number in items else (),
    )


def _item(clocks: Clocks, scope: Scope, row: Known) -> TimelineItem:
    seen = clocks.of(scope, row.record_id)
    pauses = seen.clock.pauses if seen.clock else ()
    return TimelineItem(
        row.record_id,
        seen.clock,
        seen.denied,
        tuple(SuspendedTime(since, until) for since, until in pauses),
    )
