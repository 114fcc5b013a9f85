"""The route that shows the life of a project in order: its stages with clocks and lights, its disputes."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from hub.api import answers
from hub.api.access import Visiting
from hub.services import facts
from hub.services import timeline as timelines
from hub.services.sections import Section, sections
from hub.services.timeline import timeline

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
    """One clock as it stands now, lengths in working days; the same for every reader.

    days: the limit that binds; shared: the source itself gave it; due: None while it stands. end_basis: by what it is
    over; idle is not: it waits for the applicant.
    """

    scope: Literal["project", "stage", "item", "connection"]
    record_id: int
    began: datetime | None
    ended: datetime | None
    end_basis: Literal["source", "milestone", "idle", "ended_without", "void"] | None
    used: float = Field(description="against the limit: suspended time and the first day left out", examples=[12.5])
    exact: float = Field(description="from moment to moment, suspended time left out")
    span: float = Field(description="from beginning to end, whoever's turn it was")
    applicant: float = Field(description="the applicant's part of the span")
    days: float | None
    light: Literal["green", "yellow", "red", "none"]
    stands: bool
    due: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    grave_at: datetime | None
    turn: Literal["unit", "applicant", "procedure"] | None = Field(description="null where it is not shown")
    limit: Limit | None
    shared: bool
    others: list[Limit]


class Clocks(answers.Answer):
    """The clocks of a project. denied: kinds of which this reader is shown those of his own unit only."""

    project_code: str
    until: datetime | None = Field(description="the moment up to which they stand")
    pending: bool = Field(description="records or limits have changed since, and it is being computed anew")
    denied: list[Literal["project", "stage", "item", "connection"]]
    clocks: list[Clock]


class Suspended(answers.Answer):
    """A time in which a clock stood."""

    since: datetime
    until: datetime | None


class Item(answers.Answer):
    """One approval item, or one connection to a utility. denied: its clock is not for this reader."""

    record_id: int
    clock: Clock | None
    denied: bool
    suspended: list[Suspended]


class Stage(answers.Answer):
    """One stage with its items; the last may be of items that name no stage. denied: as of an item."""

    record_id: int | None
    ordinal: str | None = Field(examples=["1"])
    name: str | None = Field(examples=["立项用地规划许可"])
    clock: Clock | None
    denied: bool
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
    denied: bool = Field(description="the project's clock is not for this reader")
    until: datetime | None = Field(description="the moment up to which clocks stand")
    pending: bool
    stages: list[Stage]
    connections: list[Item]
    records: dict[str, list[int]] = Field(description="record numbers by entity")
    sections: tuple[Section, ...] = Field(description="the parts of the project's page, as schemas declare them")
    disputes: list[Doubt]


Code = Annotated[str, Path(max_length=100)]


@routes.get("/v1/projects/{code}/clocks")
def project_clocks(visit: Visiting, code: Code) -> Clocks:
    """审批计时：项目、阶段、事项、报装，对每个人都一样 · the clocks of a project, the same for every reader."""
    return Clocks.model_validate(facts.clocks(visit, code))


@routes.get("/v1/projects/{code}/life")
def project_life(visit: Visiting, code: Code) -> Life:
    """项目全生命周期：各阶段用时与亮灯 · the life of a project: its stages with clocks and lights."""
    found = timeline(visit, code)
    return Life(
        project_code=found.code,
        name=str(found.project.values.get("name") or "") if found.project else None,
        clock=_clock(found.seen),
        denied=found.seen.denied,
        until=found.clocks.until,
        pending=found.clocks.pending,
        stages=[_stage(stage) for stage in found.stages],
        connections=[_item(one) for one in found.connections],
        sections=sections(visit.hub.contracts, found.records),
        records={name: [row.record_id for row in rows] for name, rows in found.records.items()},
        disputes=[
            Doubt(dispute_id=one.id, record_id=record, field=field) for (record, field), one in found.doubts.items()
        ],
    )


def _stage(stage: timelines.Stage) -> Stage:
    values = stage.known.values if stage.known else {}
    return Stage(
        record_id=stage.known.record_id if stage.known else None,
        ordinal=str(values["ordinal"]) if "ordinal" in values else None,
        name=str(values["name"]) if "name" in values else None,
        clock=_clock(stage.seen),
        denied=stage.seen.denied,
        items=[_item(one) for one in stage.items],
    )


def _item(item: timelines.Item) -> Item:
    pauses = item.seen.clock.pauses if item.seen.clock else ()
    return Item(
        record_id=item.known.record_id,
        clock=_clock(item.seen),
        denied=item.seen.denied,
        suspended=[Suspended(since=since, until=until) for since, until in pauses],
    )


def _clock(seen: facts.Seen) -> Clock | None:
    return Clock.model_validate(seen.clock) if seen.clock else None
