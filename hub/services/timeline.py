"""A project in order: its stages with their items, its connections, the clocks of all of them, and what is in doubt."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from hub.auth.context import RequestContext
from hub.db import disputes, projects
from hub.db.disputes import Dispute
from hub.db.projects import Known
from hub.domain import keys
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.services import facts
from hub.services.facts import Clocks, Seen


@dataclass(frozen=True, slots=True)
class Item:
    """An approval item or a connection to a utility, with its clock."""

    known: Known
    seen: Seen


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage with its clock and its items; known is None for the items that name no stage."""

    known: Known | None
    seen: Seen
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The records of a project that its reader is shown, by entity and in order, and their clocks.

    known: the records again, deleted ones included. rights: what he may see of it. doubts: the dispute that is open
    about a field of a record.
    """

    code: str
    project: Known | None
    seen: Seen
    clocks: Clocks
    stages: tuple[Stage, ...]
    connections: tuple[Item, ...]
    records: Mapping[str, tuple[Known, ...]]
    known: tuple[Known, ...]
    rights: Rights
    doubts: Mapping[tuple[int, str], Dispute]


def timeline(visit: RequestContext, code: str) -> Timeline:
    """A project as far as its reader may see it; FlowError where that is nothing."""
    contracts, wanted = visit.hub.contracts, keys.project_code(code)
    visit.may_see(contracts.entities)
    with visit.reading() as tx:
        rights = visit.rights_on(tx, wanted, contracts.entities)
        entities = [entity for name, entity in contracts.entities.items() if rights.sees(name)]
        known = projects.shown_of_project(tx, entities, wanted)
    ids = [row.record_id for row in known]
    visit.saw(ids, project_code=wanted)
    if not known:
        raise FlowError("ask.project_unknown", project_code=wanted)
    clocks = facts.seen(visit, wanted, rights)
    with visit.hub.database.reading() as tx:
        doubts = disputes.disputes(tx, record_ids=ids)
    shown = {(row.record_id, name) for row in known for name in row.values}
    by_entity: dict[str, list[Known]] = defaultdict(list)
    for row in known:
        if not row.deleted:
            by_entity[row.entity].append(row)
    project = next(iter(by_entity["project"]), None)
    return Timeline(
        code=wanted,
        project=project,
        seen=clocks.whole,
        clocks=clocks,
        stages=_stages(by_entity, clocks),
        connections=tuple(Item(row, clocks.of("connection", row.record_id)) for row in by_entity["utility_connection"]),
        records={name: tuple(rows) for name, rows in by_entity.items() if rows},
        known=tuple(known),
        rights=rights,
        doubts={(one.record_id, one.field): one for one in doubts if (one.record_id, one.field) in shown},
    )


def _stages(by_entity: Mapping[str, list[Known]], clocks: Clocks) -> tuple[Stage, ...]:
    """The stages in their order with the items that name them; the other items last."""
    stages = sorted(by_entity["stage"], key=lambda row: (str(row.values.get("ordinal", "")), row.record_id))
    items: dict[object, list[Item]] = defaultdict(list)
    numbers = {row.values.get("number") for row in stages} - {None}
    for row in sorted(by_entity["approval_item"], key=lambda row: (str(row.values.get("number", "")), row.record_id)):
        named = row.values.get("stage_number")
        items[named if named in numbers else None].append(Item(row, clocks.of("item", row.record_id)))
    made = [
        Stage(
            row, clocks.of("stage", row.record_id), tuple(items[number]) if (number := row.values.get("number")) else ()
        )
        for row in stages
    ]
    loose = items.get(None, [])
    return (*made, *([Stage(None, Seen(None, denied=False), tuple(loose))] if loose else []))
