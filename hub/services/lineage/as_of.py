"""As of a past moment: what the hub knew, from whom, and what an account could have seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from hub import auth
from hub.auth.context import RequestContext
from hub.db.access.accounts import Grant
from hub.db.database import Transaction
from hub.db.records import as_of, lineage, projects
from hub.db.records.as_of import FormerRow, Reached
from hub.db.records.projects import Known
from hub.domain import keys
from hub.domain.contracts import Contracts, Entity
from hub.domain.declared import has_open_case
from hub.domain.rights import Ground, Rights, Sight
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.model import Record
from hub.services.lineage.record import FieldSource, field_source


@dataclass(frozen=True, slots=True)
class AccountAsOf:
    """An account at that moment with its grants in force."""

    name: str
    role: str
    department: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class RecordAsOf:
    """One record at that moment.

    until: when that version was replaced, None where it is today's. fields: as far as the reader
    may see them. sights: how the account asked about could see each field, {} where none was.
    """

    record_id: int
    entity: Annotated[str, Field(examples=["project"])]
    key: str
    project_code: str | None
    version: int
    since: datetime
    until: datetime | None
    deleted: bool
    fields: Mapping[str, FieldSource]
    hidden: tuple[str, ...]
    sights: Mapping[str, Sight]


@dataclass(frozen=True, slots=True)
class ProjectAsOf:
    """A project at a moment, and what an account could have seen of it."""

    project_code: str
    moment: datetime
    account: AccountAsOf | None
    records: tuple[RecordAsOf, ...]


@dataclass(frozen=True, slots=True)
class StandingAsOf:
    """A record's version at that moment, not masked yet."""

    entity: Entity
    record_id: int
    key: str
    version: int
    values: Record
    provenance: Mapping[str, int]
    batch_id: int
    until_batch: int | None
    since: datetime
    until: datetime | None
    deleted: bool


def record_as_of(
    context: RequestContext, name: str, at: datetime | None = None, *, field: str | None = None
) -> RecordAsOf:
    """A record (its id, or entity:key) at a moment, by default now; one field of it, if named."""
    contracts = context.hub.contracts
    with context.hub.database.read() as tx:
        found = record_at(tx, contracts, name, moment_of(at), rights=context.rights)
    context.saw([found.record_id], project_code=found.project_code)
    if field is None:
        return found
    if field not in contracts.entities[found.entity].fields:
        raise FlowError("ask.field_unknown", entity=found.entity, field=field)
    return replace(
        found, fields={name: said for name, said in found.fields.items() if name == field}
    )


def project_as_of(
    context: RequestContext, code: str, at: datetime | None = None, *, account: str | None = None
) -> ProjectAsOf:
    """A project at a moment, by default now, and what an account could have seen of it."""
    wanted, when = keys.project_code(code), moment_of(at)
    with context.hub.database.read() as tx:
        found, watcher = project_at(
            tx, context.hub.contracts, wanted, when, rights=context.rights, account=account or None
        )
    context.saw([row.record_id for row in found], project_code=wanted)
    return ProjectAsOf(wanted, when, watcher, tuple(found))


def moment_of(asked: datetime | None) -> datetime:
    """A moment with a zone: without one it is Beijing time; None is now."""
    if asked is None:
        return datetime.now(UTC)
    return asked if asked.tzinfo else asked.replace(tzinfo=HUB_ZONE)


def record_at(
    tx: Transaction, contracts: Contracts, name: str, at: datetime, *, rights: Rights
) -> RecordAsOf:
    """A record at a moment; FlowError where the reader may see none, or there was none yet."""
    found = projects.find(tx, name)
    if found is None or found[1] not in contracts.entities or not rights.sees(found[1]):
        raise FlowError("ask.record_unknown", record=name)
    last = as_of.reached(tx, at)
    stood = _standing(tx, contracts, {found[0]: found[1]}, last)
    if not stood:
        raise FlowError("ask.then_unknown", what=name, moment=at.isoformat(timespec="seconds"))
    return _then(tx, stood[0], rights, at=at, last=last, watcher=None)


def project_at(
    tx: Transaction,
    contracts: Contracts,
    code: str,
    at: datetime,
    *,
    rights: Rights,
    account: str | None = None,
) -> tuple[list[RecordAsOf], AccountAsOf | None]:
    """Records of a project at a moment; with an account, how it could have seen each field."""
    entities = [entity for name, entity in contracts.entities.items() if rights.sees(name)]
    now = {row.record_id: row.entity for row in projects.known_of_project(tx, entities, code)}
    last = as_of.reached(tx, at)
    once = {
        one: name
        for one, name in as_of.former_members(tx, code).items()
        if name in contracts.entities
    }
    stood = [
        row
        for row in _standing(
            tx,
            contracts,
            now | {one: name for one, name in once.items() if rights.sees(name)},
            last,
        )
        if row.values.get("project_code") == code
    ]
    if not stood:
        raise FlowError("ask.then_unknown", what=code, moment=at.isoformat(timespec="seconds"))
    watcher, seen = _watcher(tx, account, at, code=code, stood=stood) if account else (None, None)
    return [_then(tx, row, rights, at=at, last=last, watcher=seen) for row in stood], watcher


def _watcher(
    tx: Transaction, name: str, at: datetime, *, code: str, stood: Iterable[StandingAsOf]
) -> tuple[AccountAsOf, Rights]:
    """An account and its rights on the project at that moment; FlowError if it was not in use."""
    found = as_of.account(tx, name, at)
    if found is None:
        raise FlowError("ask.then_unknown", what=name, moment=at.isoformat(timespec="seconds"))
    account, grants = found
    rights = auth.reader_of(account, grants).rights.on(
        _ground(account.department, code, list(stood))
    )
    return AccountAsOf(account.name, account.role, account.department, tuple(grants)), rights


def _ground(unit: str, code: str, stood: list[StandingAsOf]) -> Ground:
    """The project's region then, and whether the unit had an open case on it."""
    live = [row for row in stood if not row.deleted]
    region = next(
        (row.values.get("region_code") for row in live if row.entity.name == "project"), None
    )
    cases = ((row.entity.name, row.entity.case, row.values) for row in live)
    return Ground(str(region or "-".join(code.split("-")[1:2])), has_open_case(unit, cases))


def _standing(
    tx: Transaction, contracts: Contracts, wanted: Mapping[int, str], last: Reached
) -> list[StandingAsOf]:
    """These records as of a committed batch; those that did not exist yet are left out."""
    today = [
        projects.known(tx, contracts.entities[name], record_id)
        for record_id, name in wanted.items()
    ]
    current = [row for row in today if row is not None]
    since = as_of.committed(tx, [row.batch_id for row in current], last)
    found = [
        _from_golden(contracts, row, since[row.batch_id])
        for row in current
        if row.batch_id in since
    ]
    others = wanted.keys() - {row.record_id for row in found}
    former = as_of.former(tx, others, last)
    found += [_from_history(tx, contracts, row, wanted[row.record_id]) for row in former.values()]
    order = list(contracts.entities)
    return sorted(found, key=lambda row: (order.index(row.entity.name), row.record_id))


def _from_history(tx: Transaction, contracts: Contracts, row: FormerRow, name: str) -> StandingAsOf:
    entity = contracts.entities[name]
    return StandingAsOf(
        entity,
        row.record_id,
        projects.key_of(tx, row.record_id),
        row.version,
        values={
            field: row.body[field] for field in entity.fields if row.body.get(field) is not None
        },
        provenance=as_of.sources(tx, entity, row.provenance),
        batch_id=row.batch_id,
        until_batch=row.until_batch,
        since=row.since,
        until=row.until,
        deleted="_deleted" in row.body,
    )


def _from_golden(contracts: Contracts, row: Known, since: datetime) -> StandingAsOf:
    return StandingAsOf(
        contracts.entities[row.entity],
        row.record_id,
        row.key,
        row.version,
        row.values,
        row.provenance,
        batch_id=row.batch_id,
        until_batch=None,
        since=since,
        until=None,
        deleted=row.deleted,
    )


def _then(
    tx: Transaction,
    row: StandingAsOf,
    rights: Rights,
    *,
    at: datetime,
    last: Reached,
    watcher: Rights | None,
) -> RecordAsOf:
    arrived = projects.arrivals(tx, row.provenance.values(), of=row.record_id)
    confirmed = lineage.confirmations(
        tx,
        row.record_id,
        row.provenance.values(),
        after=row.batch_id,
        until=row.until_batch,
        last=last,
    )
    shown = rights.seen(row.entity, row.values)
    fields = {
        name: _by_then(field_source(value, row.provenance.get(name, 0), arrived, confirmed), at)
        for name, value in shown.items()
    }
    code = row.values.get("project_code")
    return RecordAsOf(
        row.record_id,
        row.entity.name,
        row.key,
        str(code) if code else None,
        row.version,
        since=min(row.since, at),
        until=row.until,
        deleted=row.deleted,
        fields=fields,
        hidden=tuple(name for name in row.values if name not in shown),
        sights={
            name: watcher.sight(row.entity.name, row.entity.fields[name]) for name in row.values
        }
        if watcher
        else {},
    )


def _by_then(said: FieldSource, at: datetime) -> FieldSource:
    """Cut times at the moment asked for: a later one comes from a clock that was ahead."""
    arrived, confirmed = (
        said.as_of and min(said.as_of, at),
        said.confirmed_at and min(said.confirmed_at, at),
    )
    return replace(said, as_of=arrived, confirmed_at=confirmed)
