"""Sections of a project's page, as schemas declare them (`x-show`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hub.db.records.projects import Known
from hub.domain.contracts import Contracts, Entity


@dataclass(frozen=True, slots=True)
class SectionTable:
    """Records of one entity. columns: declared fields with a value, else the first declared one."""

    entity: str
    columns: tuple[str, ...]
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page; `name` is its anchor."""

    name: str
    zh: str
    en: str
    tables: tuple[SectionTable, ...]


def sections(contracts: Contracts, records: Mapping[str, Sequence[Known]]) -> tuple[Section, ...]:
    """The sections that are not empty, in order; records: by entity, as the reader may see them."""
    shown = [
        (one.show.order, one.show.part_zh, name, one)
        for name, one in contracts.entities.items()
        if one.show is not None and records.get(name)
    ]
    shown.sort(key=lambda one: one[:3])
    made = []
    for (_, zh), some in groupby(_in_parts(shown), key=lambda one: one[0]):
        entities = [entity for _, entity in some]
        show = entities[0].show
        tables = tuple(_table(entity, records[entity.name]) for entity in entities)
        made.append(Section(entities[0].name, zh, show.part_en if show else zh, tables))
    return tuple(made)


def _in_parts(
    shown: Sequence[tuple[int, str, str, Entity]],
) -> list[tuple[tuple[int, str], Entity]]:
    """Entities by section, in the order of each section's first entity."""
    first: dict[str, int] = {}
    for order, part, _, _ in shown:
        first.setdefault(part, order)
    placed = [((first[part], part), order, name, entity) for order, part, name, entity in shown]
    return [(part, entity) for part, _, _, entity in sorted(placed, key=lambda one: one[:3])]


def _table(entity: Entity, rows: Sequence[Known]) -> SectionTable:
    columns = entity.show.columns if entity.show else ()
    used = tuple(name for name in columns if any(row.values.get(name) is not None for row in rows))
    return SectionTable(entity.name, used or columns[:1], tuple(row.record_id for row in rows))
