"""Lineage of a record: its fields with their landings, versions, deliveries and readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.records import lineage, projects
from hub.db.records.lineage import Confirmation, DeliveryEventRow, ReaderRow, VersionRow
from hub.db.records.projects import Delivery, Known, LandedRecord
from hub.domain.contracts import Contracts, Entity
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Record, Value
from hub.services.view import ARRIVED, SOURCE_TIME, SourceValue, source_values


@dataclass(frozen=True, slots=True)
class RecordHead:
    """Which record this is, and its current version."""

    record_id: int
    entity: str
    key: str
    project_code: str | None
    version: int
    batch_id: int
    run_id: int | None
    since: datetime | None
    deleted: bool
    incomplete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One field and the landing it came from; confirmed_at: when its source key last repeated it.

    pointer: the part of that payload about the record, "" for all of it.
    """

    value: Annotated[Value, Field(examples=["某某大道工程"])]
    system: Annotated[str, Field(examples=["partner"])]
    landing_id: int
    as_of: Annotated[datetime | None, Field(description=ARRIVED)]
    confirmed_at: datetime | None
    pointer: str
    source_time: Annotated[datetime | None, Field(description=SOURCE_TIME)]


@dataclass(frozen=True, slots=True)
class FormerRecord:
    """A former version, from one batch to another."""

    version: int
    values: Record
    deleted: bool
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class RecordLineage:
    """All that leads to a record and away from it, as far as the reader may see it.

    hidden: fields with a value that the reader may not see. handed: all attempts and verdicts.
    """

    head: RecordHead
    fields: Mapping[str, FieldSource]
    hidden: tuple[str, ...]
    arrivals: tuple[LandedRecord, ...]
    disagreements: Mapping[str, tuple[SourceValue, ...]]
    history: tuple[FormerRecord, ...]
    deliveries: tuple[Delivery, ...]
    handed: tuple[DeliveryEventRow, ...]
    readers: tuple[ReaderRow, ...]


def record_lineage(context: RequestContext, name: str) -> RecordLineage:
    """Lineage of a record (its id, or entity:key) as far as the reader may see it."""
    with context.read() as tx:
        found = of_record(tx, context.hub.contracts, name, rights=context.rights)
    context.saw([found.head.record_id], project_code=found.head.project_code)
    return found


def of_record(tx: Transaction, contracts: Contracts, name: str, *, rights: Rights) -> RecordLineage:
    """As `record_lineage`; FlowError where the reader may see no such record."""
    known = find(tx, contracts, name, rights=rights)
    entity = contracts.entities[known.entity]
    arrived = projects.arrivals(tx, known.provenance.values(), of=known.record_id)
    confirmed = lineage.confirmations(
        tx, known.record_id, known.provenance.values(), after=known.batch_id
    )
    shown = rights.seen(entity, known.values)
    return RecordLineage(
        head(tx, known),
        fields={
            field: field_source(value, known.provenance.get(field, 0), arrived, confirmed)
            for field, value in shown.items()
        },
        hidden=tuple(field for field in known.values if field not in shown),
        arrivals=tuple(arrived[landing] for landing in sorted(arrived)),
        disagreements=seen_disagreements(rights, entity, known),
        history=tuple(
            _former(rights, entity, row) for row in lineage.versions(tx, known.record_id)
        ),
        deliveries=tuple(projects.deliveries(tx, [known.record_id])),
        handed=tuple(row for row, _ in lineage.handed(tx, known.record_id)),
        readers=tuple(lineage.readers(tx, known.record_id)),
    )


def find(tx: Transaction, contracts: Contracts, name: str, *, rights: Rights) -> Known:
    """The record of that name; FlowError (ask.record_unknown) where the reader may not know it."""
    found = projects.find(tx, name)
    if found is not None and found[1] in contracts.entities and rights.sees(found[1]):
        known = projects.known(tx, contracts.entities[found[1]], found[0])
        if known is not None:
            return known
    raise FlowError("ask.record_unknown", record=name)


def head(tx: Transaction, known: Known) -> RecordHead:
    """The record's names, and since when its current version holds."""
    batch = lineage.batch(tx, known.batch_id)
    code = known.values.get("project_code")
    return RecordHead(
        known.record_id,
        known.entity,
        known.key,
        str(code) if code else None,
        known.version,
        known.batch_id,
        run_id=batch.run_id if batch else None,
        since=batch.committed_at if batch else None,
        deleted=known.deleted,
        incomplete=known.incomplete,
    )


def seen_disagreements(
    rights: Rights, entity: Entity, known: Known
) -> dict[str, tuple[SourceValue, ...]]:
    """What each system says, of the disagreements that the reader may see."""
    return {
        field: source_values(
            [(system, rights.seen(entity, {field: value})[field]) for system, value in said]
        )
        for field, said in known.disagreements.items()
        if field in entity.fields and rights.sight(entity.name, entity.fields[field]) != "hidden"
    }


def field_source(
    value: Value,
    landing_id: int,
    arrived: Mapping[int, LandedRecord],
    confirmed: Mapping[int, Confirmation],
) -> FieldSource:
    """A value with the landing it comes from, as far as that is known."""
    origin, again = arrived.get(landing_id), confirmed.get(landing_id)
    return FieldSource(
        value,
        origin.system if origin else "",
        landing_id,
        origin.committed_at if origin else None,
        again.at if again else None,
        origin.pointer if origin else "",
        origin.source_time if origin else None,
    )


def _former(rights: Rights, entity: Entity, row: VersionRow) -> FormerRecord:
    return FormerRecord(
        row.version, rights.seen(entity, row.body), "_deleted" in row.body, row.since, row.until
    )
