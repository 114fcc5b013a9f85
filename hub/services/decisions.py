"""Decisions: fields settled by a person, which outrank every source until taken back."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db import records
from hub.errors import FlowError
from hub.model import STEWARD, Value
from hub.pipeline import decisions as deciding
from hub.pipeline.decisions import FieldDecision, FieldStatement
from hub.pipeline.recall import as_text
from hub.services.projects import record_shown

__all__ = ["FieldDecision", "as_text"]


@dataclass(frozen=True, slots=True)
class FieldSources:
    """What every source says of a field, as far as the reader may see it; decided: a decision is
    among them.

    name: of the record; project_code: of its project, None where it has none.
    """

    record_id: int
    entity: str
    name: str
    project_code: str | None
    said: dict[str, Value]
    decided: bool


def listed(context: RequestContext) -> list[FieldDecision]:
    """Decisions in force beside what the systems say today; personal values masked as needed."""
    contracts, rights = context.hub.contracts, context.rights
    with context.hub.database.read() as tx:
        found = deciding.standing(tx, contracts)
    context.saw([one.record_id for one in found])

    def seen(one: FieldDecision, value: Value) -> Value:
        return rights.seen(contracts.entities[one.entity], {one.field: value}).get(one.field)

    return [
        replace(
            one,
            value=seen(one, one.value),
            systems={system: seen(one, value) for system, value in one.systems.items()},
        )
        for one in found
    ]


def sources(context: RequestContext, record: int, field: str) -> FieldSources:
    """The values to choose from for a field; FlowError where the reader may not see it."""
    entity, known = record_shown(context, record)
    if field not in entity.fields:
        raise FlowError("ask.field_unknown", entity=entity.name, field=field)
    deciding.refuse_masked(entity, field, context.rights)
    with context.hub.database.read() as tx:
        claims = records.claims(tx, entity, [record]).get(record, [])
    said = {
        claim.system: context.rights.seen(entity, {field: claim.values[field]}).get(field)
        for claim in sorted(claims, key=lambda claim: claim.version)
        if claim.values.get(field) is not None
    }
    code, name = known.values.get("project_code"), str(known.values.get("name") or known.key)
    return FieldSources(
        record, entity.name, name, str(code) if code else None, said, decided=STEWARD in said
    )


def decide(context: RequestContext, record: str, field: str, *, value: Value, reason: str) -> int:
    """Settle a field by hand, of those the person may see; give the run's id."""
    context.require(ADMINISTERING)
    hub, now = context.hub, datetime.now(UTC)
    asked, word = (
        (hub.database, hub.contracts, hub.settings, record, field),
        FieldStatement(value, context.by, reason),
    )
    return deciding.decide(*asked, word=word, now=now, rights=context.masking)


def undecide(context: RequestContext, record: str, field: str, *, reason: str) -> int:
    """Take a decision back; give the run's id."""
    context.require(ADMINISTERING)
    hub = context.hub
    return deciding.undo(
        hub.database, hub.contracts, hub.settings, record, field, by=context.by, reason=reason
    )
