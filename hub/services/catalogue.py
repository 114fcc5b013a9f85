"""The catalogue of shared data: entities, fields, who shares and reads, freshness. No values."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hub.auth.context import RequestContext
from hub.db import alerts
from hub.db.access import accounts, sharing
from hub.db.access.accounts import Grant
from hub.db.database import Transaction
from hub.domain.contracts import Contracts, Entity, Field, PrefillForm, PullFlow, System
from hub.domain.rights import Rights, Sight
from hub.domain.templates import TEMPLATE
from hub.errors import FlowError
from hub.services.view import Title, extended

Way: TypeAlias = Literal["entry", "workbook", "interface", "exchange"]
"""How a system supplies its records: by the entry form, by workbook, by an interface (its own, or
the hub's that it calls), or by exchanging files or tables.
"""
WAYS: tuple[Way, ...] = ("entry", "workbook", "interface", "exchange")
EXCHANGING = frozenset({"files", "odbc", "sql", "sql_exchange"})
"""Connectors that exchange files or tables; every other calls, or is called."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """A system that shares an entity, and whether its last complete read is within its target.

    seconds: since all its flows of the entity were complete; None where they never were. ways: in
    which of the four ways (WAYS) it supplies it.
    """

    system: str
    title: Title
    fresh: bool
    seconds: int | None
    target_seconds: int
    ways: list[Way]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An entity in the list. records: approximate number in the hub, None where unknown.

    fields: how many. visible: whether the reader may see anything of it. readers: accounts with a
    grant in force.
    """

    entity: str
    title: Title
    key: list[str]
    fields: int
    records: int | None
    shared_by: list[Sharing]
    received_by: list[str]
    forms: list[str]
    visible: bool
    readers: int


@dataclass(frozen=True, slots=True)
class CatalogueField:
    """A field as the reader may see it. code: name of its code list.

    authority: systems with authority over it, best first. shared_by, received_by: systems; forms:
    those that ask for it.
    """

    name: str
    title: Title
    kind: str
    classed: str
    unit: str | None
    code: str | None
    standard: list[str]
    authority: list[str]
    shared_by: list[str]
    received_by: list[str]
    forms: list[str]
    sight: Sight


@dataclass(frozen=True, slots=True)
class CatalogueSheet(CatalogueEntry):
    """One entity with its fields. grants: those in force that the reader may know of."""

    every_field: list[CatalogueField]
    grants: list[Grant]


def listed(context: RequestContext) -> list[CatalogueEntry]:
    """Every entity, by name."""
    with context.hub.database.read() as tx:
        return _entries(tx, context, context.hub.contracts.granted)


def sheet(context: RequestContext, entity: str) -> CatalogueSheet:
    """One entity with its fields; FlowError (ask.entity_unknown) where there is no such one."""
    contracts, rights = context.hub.contracts, context.rights
    found = contracts.granted.get(entity)
    if found is None:
        raise FlowError("ask.entity_unknown", entity=entity, known=", ".join(contracts.granted))
    with context.hub.database.read() as tx:
        (entry,) = _entries(tx, context, {entity: found})
        known = accounts.grants(tx, None if rights.whole else context.by)
    fields = [_field(contracts, found, field, rights) for field in found.said.values()]
    grants = [one for one in known if one.entity == entity and one.in_force]
    return extended(entry, CatalogueSheet, every_field=fields, grants=grants)


def _entries(
    tx: Transaction, context: RequestContext, wanted: Mapping[str, Entity]
) -> list[CatalogueEntry]:
    contracts = context.hub.contracts
    records, readers = sharing.estimates(tx), sharing.readers(tx)
    flows = [flow.name for entity in wanted for flow in contracts.fed_by(entity)]
    silence, ever = alerts.silence(tx, flows), sharing.complete(tx, flows)
    return [
        CatalogueEntry(
            name,
            Title(entity.title_zh, entity.title_en),
            list(entity.key),
            len(entity.said),
            records.get(name),
            list(_sharing(contracts.fed_by(name), silence, ever)),
            _systems(flow.system for flow in contracts.pushes_of(name)),
            [form.name for form in contracts.forms.values() if name in form.entities],
            context.rights.may_see(name),
            readers.get(name, 0),
        )
        for name, entity in wanted.items()
    ]


def _sharing(
    flows: Sequence[PullFlow], silence: Mapping[str, float], complete: Container[str]
) -> Iterator[Sharing]:
    for system in {flow.system.name: flow.system for flow in flows}.values():
        own = [flow for flow in flows if flow.system.name == system.name]
        silent, target = (
            max(silence[flow.name] for flow in own),
            max(flow.freshness_seconds for flow in own),
        )
        ever = all(flow.name in complete for flow in own)
        title = Title(system.title_zh, system.title_en)
        ways = {way for flow in own for way in _ways(flow)}
        yield Sharing(
            system.name,
            title,
            ever and silent <= target,
            int(silent) if ever else None,
            target,
            [way for way in WAYS if way in ways],
        )


def _ways(flow: PullFlow) -> tuple[Way, ...]:
    if flow.read.get(TEMPLATE):
        return "entry", "workbook"
    return ("exchange",) if flow.connector in EXCHANGING else ("interface",)


def _field(contracts: Contracts, entity: Entity, field: Field, rights: Rights) -> CatalogueField:
    return CatalogueField(
        field.name,
        Title(field.title_zh, field.title_en),
        field.kind,
        field.classed,
        field.unit,
        field.code,
        list(field.standard),
        list(field.authority),
        _systems(
            flow.system
            for flow in contracts.fed_by(entity.name)
            if field.name in flow.mapper.traces
        ),
        _systems(
            flow.system for flow in contracts.pushes_of(entity.name) if field.name in flow.pushed
        ),
        [
            form.name
            for form in contracts.forms.values()
            if (entity.name, field.name) in _asked_fields(form)
        ],
        rights.sight(entity.name, field),
    )


def _asked_fields(form: PrefillForm) -> set[tuple[str, str]]:
    papers = [one.held_as for one in form.materials if one.held_as]
    return {(one.entity, one.field) for one in (*form.fields, *papers)}


def _systems(some: Iterable[System]) -> list[str]:
    return list(dict.fromkeys(one.name for one in some))
