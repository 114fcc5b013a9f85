"""The catalogue of shared data: what there is, who shares and who may see it, and how fresh it is. No values."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub.auth import Reader
from hub.db import accounts, alerts, sharing
from hub.db.accounts import Grant
from hub.db.database import Transaction
from hub.domain.contracts import Contracts, Entity, Field, PrefillForm, PullFlow, System
from hub.domain.rights import Sight
from hub.errors import FlowError


@dataclass(frozen=True, slots=True)
class Sharing:
    """A system that shares an entity; silent: seconds since all its flows of it were last read completely.

    ever: whether they have been at all. target: seconds within which they should be.
    """

    system: System
    silent: float
    ever: bool
    target: int

    @property
    def fresh(self) -> bool:
        """Whether that is within the target."""
        return self.ever and self.silent <= self.target


@dataclass(frozen=True, slots=True)
class Offer:
    """An entity as the catalogue lists it. records: about how many stand in the hub, where that is known."""

    entity: Entity
    records: int | None
    shared: tuple[Sharing, ...]
    receivers: tuple[System, ...]
    forms: tuple[PrefillForm, ...]
    sees: bool
    readers: int


@dataclass(frozen=True, slots=True)
class FieldOffer:
    """A field: the systems that share it (those with authority first are in `field`), who receives it, the forms."""

    field: Field
    shared: tuple[System, ...]
    receivers: tuple[System, ...]
    forms: tuple[PrefillForm, ...]
    sight: Sight


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the catalogue says of one entity. grants: in force, those that the reader may know of."""

    offer: Offer
    fields: tuple[FieldOffer, ...]
    grants: tuple[Grant, ...]


def offers(tx: Transaction, contracts: Contracts, reader: Reader) -> list[Offer]:
    """Every entity, in the order of their names."""
    return list(_offers(tx, contracts, contracts.granted, reader))


def sheet(tx: Transaction, contracts: Contracts, reader: Reader, entity: str) -> Sheet:
    """One entity with its fields."""
    found = contracts.granted.get(entity)
    if found is None:
        raise FlowError("ask.entity_unknown", entity=entity, known=", ".join(contracts.granted))
    (offer,) = _offers(tx, contracts, {entity: found}, reader)
    fields = tuple(_field(contracts, found, field, reader) for field in found.fields.values())
    mine = None if reader.rights.whole else reader.account.name
    grants = tuple(one for one in accounts.grants(tx, mine) if one.entity == entity and one.in_force)
    return Sheet(offer, fields, grants)


def _offers(tx: Transaction, contracts: Contracts, wanted: Mapping[str, Entity], reader: Reader) -> list[Offer]:
    records, readers = sharing.estimates(tx), sharing.readers(tx)
    flows = [flow.name for entity in wanted for flow in contracts.fed_by(entity)]
    silence, ever = alerts.silence(tx, flows), sharing.complete(tx, flows)
    return [
        Offer(
            entity,
            records.get(name),
            tuple(_sharing(contracts.fed_by(name), silence, ever)),
            _systems(flow.system for flow in contracts.pushes_of(name)),
            tuple(form for form in contracts.forms.values() if name in form.entities),
            reader.rights.may_see(name),
            readers.get(name, 0),
        )
        for name, entity in wanted.items()
    ]


def _sharing(flows: Sequence[PullFlow], silence: Mapping[str, float], ever: Container[str]) -> Iterator[Sharing]:
    for system in _systems(flow.system for flow in flows):
        mine = [flow for flow in flows if flow.system.name == system.name]
        yield Sharing(
            system,
            max(silence[flow.name] for flow in mine),
            all(flow.name in ever for flow in mine),
            max(flow.freshness_seconds for flow in mine),
        )


def _field(contracts: Contracts, entity: Entity, field: Field, reader: Reader) -> FieldOffer:
    return FieldOffer(
        field,
        _systems(flow.system for flow in contracts.fed_by(entity.name) if field.name in flow.mapper.traces),
        _systems(flow.system for flow in contracts.pushes_of(entity.name) if field.name in flow.pushed),
        tuple(form for form in contracts.forms.values() if (entity.name, field.name) in _asked(form)),
        reader.rights.sight(entity.name, field),
    )


def _asked(form: PrefillForm) -> set[tuple[str, str]]:
    papers = [one.held_as for one in form.materials if one.held_as]
    return {(one.entity, one.field) for one in (*form.fields, *papers)}


def _systems(some: Iterable[System]) -> tuple[System, ...]:
    return tuple({one.name: one for one in some}.values())
