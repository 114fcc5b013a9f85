"""The route that shows the life of a project in order: its stages with clocks and lights, its disputes."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from hub.api import answers
from hub.api.access import Visiting
from hub.errors import FlowError
from hub.report import life
from hub.rules import clock, keys
from hub.store import disputes, projects

routes = APIRouter()


class Limit(answers.Answer):
    """One limit in working days, and who says so."""

    document: str = Field(examples=["zhangye_2021"])
    title_zh: str
    title_en: str
    source: str
    status: Literal["draft", "in_force"]
    days: float = Field(examples=[65])
    phrase: str


class Clock(answers.Answer):
    """One clock. days: the limit that binds; shared: the source itself gave it; due: None while it stands."""

    began: datetime | None
    ended: datetime | None
    used: float = Field(description="working days, suspended time left out", examples=[12.5])
    days: float | None
    light: Literal["green", "yellow", "red", "none"]
    stands: bool
    due: datetime | None
    limit: Limit | None
    shared: bool
    others: list[Limit]


class Suspended(answers.Answer):
    """A time in which a clock stood."""

    since: datetime
    until: datetime | None


class Item(answers.Answer):
    """One approval item, or one connection to a utility."""

    record_id: int
    clock: Clock | None
    suspended: list[Suspended]


class Stage(answers.Answer):
    """One stage with its items; the last may be of items that name no stage."""

    record_id: int | None
    ordinal: str | None = Field(examples=["1"])
    name: str | None = Field(examples=["立项用地规划许可"])
    clock: Clock | None
    items: list[Item]


class Doubt(answers.Answer):
    """A field about which a dispute is open."""

    dispute_id: int
    record_id: int
    field: str


class Life(answers.Answer):
    """A project's life: the records themselves are in /v1/projects/{code}."""

    project_code: str
    name: str | None
    clock: Clock | None
    stages: list[Stage]
    connections: list[Item]
    records: dict[str, list[int]] = Field(description="record numbers by entity")
    disputes: list[Doubt]


@routes.get("/v1/projects/{code}/life")
def project_life(visit: Visiting, code: Annotated[str, Path(max_length=100)]) -> Life:
    """项目全生命周期：各阶段用时与亮灯 · the life of a project: its stages with clocks and lights."""
    contracts, wanted = visit.hub.contracts, keys.project_code(code)
    visit.may_see(contracts.entities)
    with visit.reading() as tx:
        rights = visit.rights_on(tx, wanted, contracts.entities)
        entities = [entity for name, entity in contracts.entities.items() if rights.sees(name)]
        known = projects.shown_of_project(tx, entities, wanted)
    visit.saw([row.record_id for row in known], project_code=wanted)
    if not known:
        raise FlowError("ask.project_unknown", project_code=wanted)
    seen = {(row.record_id, name) for row in known for name in row.values}
    with visit.hub.database.reading() as tx:
        doubts = disputes.disputes(tx, record_ids=[row.record_id for row in known])
    found = life.life(contracts, wanted, known, now=datetime.now(UTC))
    return Life(
        project_code=wanted,
        name=str(found.project.values.get("name") or "") if found.project else None,
        clock=_clock(found.clock),
        stages=[_stage(stage) for stage in found.stages],
        connections=[_item(one) for one in found.connections],
        records={name: [row.record_id for row in rows] for name, rows in found.records.items()},
        disputes=[
            Doubt(dispute_id=one.id, record_id=one.record_id, field=one.field)
            for one in doubts
            if (one.record_id, one.field) in seen
        ],
    )


def _stage(stage: life.Stage) -> Stage:
    values = stage.known.values if stage.known else {}
    return Stage(
        record_id=stage.known.record_id if stage.known else None,
        ordinal=str(values["ordinal"]) if "ordinal" in values else None,
        name=str(values["name"]) if "name" in values else None,
        clock=_clock(stage.clock),
        items=[_item(one) for one in stage.items],
    )


def _item(item: life.Item) -> Item:
    spans = [Suspended(since=since, until=until) for since, until in item.suspended]
    return Item(record_id=item.known.record_id, clock=_clock(item.clock), suspended=spans)


def _clock(read: life.Clock | None) -> Clock | None:
    if read is None:
        return None
    shown = read.reading
    return Clock(
        **{name: getattr(shown, name) for name in ("began", "ended", "used", "days", "light", "stands", "due")},
        limit=_limit(shown.limit) if shown.limit else None,
        shared=read.shared,
        others=[_limit(limit) for limit in read.others],
    )


def _limit(limit: clock.Limit) -> Limit:
    return Limit.model_validate(limit)
