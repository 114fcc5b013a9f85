"""Scenario templates compiled from mappings/scenarios/, and what is wrong with a file."""

from collections.abc import Container, Iterator, Mapping

from hub.domain.contracts import Entity
from hub.domain.documents import Step, texts
from hub.domain.files import RecordsSaid, ScenarioFile
from hub.domain.library import ContractFile, Library
from hub.domain.scenarios import Scenario, ScenarioMilestone, ScenarioRecords, Wanted
from hub.domain.static_checks import Foresight
from hub.model import Json

PROJECT = "project"
MOMENTS = frozenset({"date", "datetime"})
"""Kinds of fields that say when something was."""


def check(
    library: Library, entities: Mapping[str, Entity], derived: Container[str], by: Foresight
) -> None:
    """Entities, fields and values in scenarios exist; moments are dates or times.

    derived: entities that the hub computes, of which no scenario is made.
    """
    for filed in library.filed["scenario"]:
        with library.guarding(filed):
            said = filed.read(ScenarioFile)
            _check_values(library, filed, entities.get(PROJECT), ("applies",), said.applies, by)
            for where, records in _records(said):
                entity = entities.get(records.record)
                if records.record in derived or (entity is not None and not entity.of_project):
                    place, facts = (*where, "record"), {"name": records.record}
                    library.note(filed.document, place, "contract.scenario_project", **facts)
                elif entity is not None:
                    _check_records(library, filed, entity, where, records, by)
                else:  # one that is unsound is told at its own file
                    library.known(
                        filed.document, (*where, "record"), kind="schema", name=records.record
                    )
            for at, step in enumerate(said.steps):
                entity = entities.get(step.record)
                _check_values(library, filed, entity, ("steps", at, "all"), step.all, by)


def scenarios(library: Library, entities: Mapping[str, Entity]) -> dict[str, Scenario]:
    """All scenarios by name, but those of entities whose own files are unsound."""
    read = {filed.name: filed.read(ScenarioFile) for filed in library.filed["scenario"]}
    return {
        name: _scenario(name, said, entities)
        for name, said in read.items()
        if all(_stands(records, entities) for _, records in _records(said))
    }


def _records(said: ScenarioFile) -> Iterator[tuple[tuple[Step, ...], RecordsSaid]]:
    if said.starts is not None:
        yield ("starts",), said.starts
    for at, step in enumerate(said.steps):
        yield ("steps", at), step


def _check_records(
    library: Library,
    filed: ContractFile,
    entity: Entity,
    where: tuple[Step, ...],
    said: RecordsSaid,
    by: Foresight,
) -> None:
    facts = {"name": said.at, "entity": said.record}
    if said.at not in entity.fields:
        library.miss(
            filed.document, (*where, "at"), "contract.field_unknown", entity.fields, **facts
        )
    elif entity.fields[said.at].kind not in MOMENTS:
        library.note(filed.document, (*where, "at"), "contract.scenario_moment", **facts)
    _check_values(library, filed, entity, (*where, "where"), said.where, by)


def _check_values(
    library: Library,
    filed: ContractFile,
    entity: Entity | None,
    where: tuple[Step, ...],
    wanted: Mapping[str, Json],
    by: Foresight,
) -> None:
    """Note fields that the entity lacks, and values that they can never have."""
    if entity is None:
        return
    for name, values in wanted.items():
        if name not in entity.fields:
            facts = {"name": name, "entity": entity.name}
            library.miss(filed.document, where, "contract.field_unknown", entity.fields, **facts)
            continue
        for place, unfit in by.unmet(entity, name, values):
            library.note(filed.document, (*where, name, *place), unfit.code, **unfit.facts)


def _stands(said: RecordsSaid, entities: Mapping[str, Entity]) -> bool:
    return said.record in entities and said.at in entities[said.record].fields


def _scenario(name: str, said: ScenarioFile, entities: Mapping[str, Entity]) -> Scenario:
    waits = said.waits_for
    return Scenario(
        name=name,
        title_zh=said.title.zh,
        title_en=said.title.en,
        source=said.source,
        applies=_wanted(said.applies),
        starts=_compiled(said.starts, entities) if said.starts else None,
        steps=tuple(
            ScenarioMilestone(
                title_zh=step.title.zh,
                title_en=step.title.en,
                turn_zh=step.turn.zh,
                turn_en=step.turn.en,
                records=_compiled(step, entities),
                all=_wanted(step.all),
            )
            for step in said.steps
        ),
        days=said.within.days if said.within else None,
        days_source=said.within.source if said.within else "",
        waits_zh=waits.zh if waits else "",
        waits_en=waits.en if waits else "",
    )


def _compiled(said: RecordsSaid, entities: Mapping[str, Entity]) -> ScenarioRecords:
    day = entities[said.record].fields[said.at].kind == "date"
    return ScenarioRecords(said.record, _wanted(said.where), said.at, day)


def _wanted(said: Mapping[str, Json]) -> Wanted:
    return {name: tuple(texts(values)) for name, values in said.items()}
