"""Survivorship, per field: manual decision, else best system, its newest claim, first source key.

A system that a field's `authority` does not name has no say in it. A missing value never beats a
value, unless the schema says that an empty one asserts. A masked value (`138****1234`) wins only
where nobody asserts the value itself, and leaves a required field incomplete. The result depends on
the set of claims, never on their order.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from hub.domain.contracts import Entity, Field
from hub.domain.partner_masks import is_mask, says
from hub.model import STEWARD, Record, Value

K = TypeVar("K")


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


def settle_all(entity: Entity, claims: Mapping[K, Sequence[Claim]]) -> dict[K, Settled]:
    """`settle` of many records at once, by whatever names them."""
    plans: dict[tuple[tuple[str, str], ...], _Plan | None] = {}
    settled: dict[K, Settled] = {}
    for record, said in claims.items():
        if len(said) == 1:
            settled[record] = _alone(entity, said[0])
            continue
        who = tuple((claim.system, claim.flow) for claim in said)
        if who not in plans:
            plans[who] = _plan(entity, who)
        plan = plans[who]
        settled[record] = settle(entity, said) if plan is None else _planned(entity, plan, said)
    return settled


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


_Plan: TypeAlias = list[tuple[str, bool, tuple[tuple[int, bool], ...]]]
"""What settling does for claims of these systems, whatever they say: (field, whether it may be
masked, claims with a say in it from best to worst, each with whether its empty value asserts).
"""


def _plan(entity: Entity, who: Sequence[tuple[str, str]]) -> _Plan | None:
    """The plan for claims of these systems and flows; None where it depends on what they say: on
    versions, where a system speaks twice, and on a person's decision.
    """
    place = {system: at for at, (system, _) in enumerate(who)}
    if len(place) < len(who) or STEWARD in place:
        return None
    plan: _Plan = []
    for name, field in entity.fields.items():
        best = tuple(
            (at, who[at][1] in field.asserted_by)
            for system in field.authority
            if (at := place.get(system)) is not None
        )
        if best:
            plan.append((name, field.kind in {"string", "strings"}, best))
    return plan


def _planned(entity: Entity, plan: _Plan, claims: Sequence[Claim]) -> Settled:
    """`settle` where every system speaks once: no order among claims but that of authority."""
    said = [claim.values for claim in claims]
    values: Record = {}
    provenance: dict[str, int] = {}
    disagreements: dict[str, tuple[tuple[str, Value], ...]] = {}
    for name, textual, best in plan:
        at = best[0][0]
        value = said[at].get(name)
        # the best says something, and who else does says the same: most fields of most records
        if len(best) > 1 and (value is None or not _agreed(name, said, best, value)):
            at, value, others = _best(name, said, best, textual=textual)
            if others:
                disagreements[name] = tuple(
                    (claims[one].system, said[one].get(name)) for one in others
                )
        if value is not None:
            values[name] = value
            provenance[name] = claims[at].landing_id
    return Settled(values, provenance, disagreements, _lacking(entity, values))


def _agreed(
    name: str, said: Sequence[Record], best: Sequence[tuple[int, bool]], value: Value
) -> bool:
    """Whether no claim with a say says anything but this value."""
    for at, asserts in best:
        their = said[at].get(name)
        if their != value and (their is not None or asserts):
            return False
    return True


def _best(
    name: str, said: Sequence[Record], best: Sequence[tuple[int, bool]], *, textual: bool
) -> tuple[int, Value, Sequence[int]]:
    """(claim that wins, its value, all claims that count where they differ)."""
    stating = [at for at, asserts in best if said[at].get(name) is not None or asserts]
    if not stating:
        return -1, None, ()
    value = said[stating[0]].get(name)
    if all(said[at].get(name) == value for at in stating):
        return stating[0], value, ()
    if textual:
        unmasked = [at for at in stating if not is_mask(said[at].get(name))]
        if unmasked and len(unmasked) < len(stating):
            value = said[unmasked[0]].get(name)
            differ = any(said[at].get(name) != value for at in unmasked)
            return unmasked[0], value, unmasked if differ else ()
    return stating[0], value, stating
