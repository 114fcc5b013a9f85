"""Survivorship, per field: manual decision, else best system, its newest claim, first source key.

A system that a field's `authority` does not name has no say in it. A missing value never beats a
value, unless the schema says that an empty one asserts. A masked value (`138****1234`) wins only
where nobody asserts the value itself, and leaves a required field incomplete. The result depends on
the set of claims, never on their order.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.contracts import Entity, Field
from hub.domain.partner_masks import is_mask, says
from hub.model import STEWARD, Record, Value


@dataclass(frozen=True, slots=True)
class Claim:
    """One source record's values. version: sorts as text (the mapper makes it so)."""

    system: str
    flow: str
    source_key: str
    version: str
    landing_id: int
    values: Record


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled record: values, landing id by field, disagreements, missing required fields."""

    values: Record
    provenance: dict[str, int]
    disagreements: dict[str, tuple[tuple[str, Value], ...]]
    incomplete: tuple[str, ...]


def rules_of(entity: Entity) -> str:
    """Text of all schema rules that settling depends on: if equal, so are the golden records."""
    fields = {name: [field.authority, field.asserted_by] for name, field in entity.fields.items()}
    return json.dumps([fields, entity.required, "masks stand back"])


def fields_of_system(entity: Entity, system: str) -> list[str]:
    """Fields in which a system has authority: what counts of a lone claim."""
    return [
        name
        for name, field in entity.fields.items()
        if system in field.authority or system == STEWARD
    ]


def settle(entity: Entity, claims: Iterable[Claim]) -> Settled:
    """Merge all current claims on one record."""
    claims = list(claims)
    if len(claims) == 1:
        return _alone(entity, claims[0])
    ordered = sorted(claims, key=lambda claim: (claim.source_key, claim.flow))
    ordered.sort(
        key=lambda claim: claim.version, reverse=True
    )  # stable: equal versions stay in source-key order
    values: Record = {}
    provenance: dict[str, int] = {}
    disagreements: dict[str, tuple[tuple[str, Value], ...]] = {}
    for name, field in entity.fields.items():
        statements = _statements(field, ordered)
        if not statements:
            continue
        winner = statements[0]
        value = winner.values.get(name)
        if value is not None:
            values[name] = value
            provenance[name] = winner.landing_id
        if len(statements) > 1 and winner.system != STEWARD:
            said = tuple((claim.system, claim.values.get(name)) for claim in statements)
            if any(other != value for _, other in said):
                disagreements[name] = said
    return Settled(values, provenance, disagreements, _lacking(entity, values))


def _alone(entity: Entity, claim: Claim) -> Settled:
    """The common case: one claim, so no disagreement."""
    said = claim.values
    values: Record = {
        name: value
        for name in fields_of_system(entity, claim.system)
        if (value := said.get(name)) is not None
    }
    return Settled(values, dict.fromkeys(values, claim.landing_id), {}, _lacking(entity, values))


def _lacking(entity: Entity, values: Record) -> tuple[str, ...]:
    """Required fields that are missing or masked."""
    return tuple(name for name in entity.required if not says(values.get(name)))


def _statements(field: Field, ordered: list[Claim]) -> list[Claim]:
    """The newest claim of each system with authority over this field, best system first."""
    name = field.name
    if field.kind in {"string", "strings"}:
        masks = {id(claim) for claim in ordered if is_mask(claim.values.get(name))}
        if masks and len(masks) < len(ordered):
            unmasked = _said_by(field, [claim for claim in ordered if id(claim) not in masks])
            if unmasked:
                return unmasked
    return _said_by(field, ordered)


def _said_by(field: Field, ordered: list[Claim]) -> list[Claim]:
    name, best = field.name, {}
    for claim in ordered:
        if (
            claim.values.get(name) is not None or claim.flow in field.asserted_by
        ) and claim.system not in best:
            best[claim.system] = claim
    if len(best) > 1:
        return [best[system] for system in (STEWARD, *field.authority) if system in best]
    return [
        claim for system, claim in best.items() if system in field.authority or system == STEWARD
    ]
