"""Everything known of one project code: records with sources, delivery states, counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db.records import projects
from hub.db.records.projects import Known, LandedRecord
from hub.domain import keys
from hub.domain.contracts import Contracts, Entity
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Record, Value
from hub.services import deliveries, figures
from hub.services.deliveries import DeliveryStanding
from hub.services.figures import Figures
from hub.services.lineage.record import seen_disagreements
from hub.services.papers import each_once
from hub.services.view import ARRIVED, SOURCE_TIME, SourceValue, Title

ReadRecords: TypeAlias = tuple[Rights, list[Known]]
"""A reader's rights on a project, and its records masked by them."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field of a record with its source; system: "" where that is not shown."""

    value: Annotated[Value, Field(examples=["某某大道工程"])]
    system: Annotated[str, Field(examples=["partner"])]
    as_of: Annotated[datetime | None, Field(description=ARRIVED)]
    source_time: Annotated[datetime | None, Field(description=SOURCE_TIME)]


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One golden record as far as the reader may see it.

    hidden: fields that have a value and are not shown; masked: fields of which only that is shown.
    """

    record_id: int
    entity: Annotated[str, Field(examples=["project"])]
    title: Title
    key: str
    version: int
    withdrawn: bool
    incomplete: tuple[str, ...]
    fields: Mapping[str, FieldValue]
    hidden: tuple[str, ...]
    masked: tuple[str, ...]
    disagreements: Mapping[str, tuple[SourceValue, ...]]
    deliveries: tuple[DeliveryStanding, ...]

    @property
    def values(self) -> Record:
        """Values by field."""
        return {name: said.value for name, said in self.fields.items()}


@dataclass(frozen=True, slots=True)
class Project:
    """Everything known of a project code that the reader may see; figures count all records.

    ungranted: kinds of data (entities, and clocks) without a grant.
    """

    project_code: Annotated[str, Field(examples=["2019-140108-70-03-013941"])]
    records: tuple[ProjectRecord, ...]
    figures: Figures
    ungranted: tuple[str, ...]


def project(context: RequestContext, code: str, read: ReadRecords | None = None) -> Project:
    """一码到底: everything known of a project code that the reader may see; FlowError where that is
    nothing.

    read: what `records_of` gives of it, where it has been asked already.
    """
    contracts, wanted = context.hub.contracts, keys.project_code(code)
    rights, known = read or records_of(context, code)
    with context.read() as tx:
        arrived = projects.arrivals(
            tx, (landing for row in known for landing in row.provenance.values())
        )
    with context.hub.database.read() as tx:  # delivery states (no content) of the records shown
        sent = deliveries.of_records(tx, contracts, known, rights=rights)
        counted = figures.of_project(tx, contracts, wanted, rights=rights)
    return Project(
        wanted,
        tuple(
            _record(contracts, rights, row, arrived, sent)
            for row in each_once(contracts, known, context.hub.of_project(wanted))
        ),
        counted,
        ungranted=tuple(name for name in contracts.granted if not rights.sees(name)),
    )


def records_of(context: RequestContext, code: str) -> ReadRecords:
    """A reader's rights on a project and its records; FlowError (ask.project_unknown) for none."""
    contracts, project_code = context.hub.contracts, keys.project_code(code)
    context.may_see(contracts.entities)
    with context.read() as tx:
        rights = context.rights_on(tx, project_code, contracts.entities)
        entities = [entity for name, entity in contracts.entities.items() if rights.sees(name)]
        known = projects.known_of_project(tx, entities, project_code)
    context.saw([row.record_id for row in known], project_code=project_code)
    if not known:
        raise FlowError("ask.project_unknown", project_code=project_code)
    return rights, known


def record_shown(context: RequestContext, record: int) -> tuple[Entity, Known]:
    """A record of today by its number as the reader may see it; FlowError where he may not."""
    with context.hub.database.read() as tx:
        found = projects.find(tx, str(record))
    entity = context.hub.contracts.entities.get(found[1]) if found else None
    if entity is None:
        raise FlowError("ask.record_unknown", record=record)
    with context.read() as tx:
        known = projects.known(tx, entity, record)
    context.saw([record])
    if known is None:
        raise FlowError("ask.record_unknown", record=record)
    return entity, known


def _record(
    contracts: Contracts,
    rights: Rights,
    row: Known,
    arrived: Mapping[int, LandedRecord],
    sent: list[DeliveryStanding],
) -> ProjectRecord:
    entity = contracts.entities[row.entity]
    shown = rights.seen(entity, row.values)
    return ProjectRecord(
        row.record_id,
        row.entity,
        Title(entity.title_zh, entity.title_en),
        row.key,
        row.version,
        withdrawn=row.deleted,
        incomplete=row.incomplete,
        fields={
            name: _field(value, arrived.get(row.provenance.get(name, 0)))
            for name, value in shown.items()
        },
        hidden=(*row.hidden, *(name for name in row.values if name not in shown)),
        masked=tuple(
            name for name in shown if rights.sight(entity.name, entity.fields[name]) != "shown"
        ),
        disagreements={
            name: said
            for name, said in seen_disagreements(rights, entity, row).items()
            if name in shown
        },
        deliveries=tuple(one for one in sent if one.record_id == row.record_id),
    )


def _field(value: Value, origin: LandedRecord | None) -> FieldValue:
    if origin is None:
        return FieldValue(value, "", None, None)
    return FieldValue(value, origin.system, origin.committed_at, origin.source_time)
