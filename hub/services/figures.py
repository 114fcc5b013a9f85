"""How much there is of a project, counted from everything: a reader is told a number as it is, or
not at all.

A number over what a reader happens to see would be another one for everybody, and true for nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.db.database import Transaction
from hub.db.records import projects
from hub.domain.contracts import Contracts, Entity
from hub.domain.rights import Rights


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of a project by entity, None where the reader may not see everything that is counted.

    records: those that stand, not withdrawn. disagreements: values on which systems differ.
    disputes: values that somebody has called wrong, not closed yet.
    """

    records: Mapping[str, int | None]
    disagreements: Mapping[str, int | None]
    disputes: Mapping[str, int | None]


def total(numbers: Mapping[str, int | None]) -> int | None:
    """The sum over all entities, None where one of them may not be seen."""
    known = [number for number in numbers.values() if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def of_project(tx: Transaction, contracts: Contracts, code: str, *, rights: Rights) -> Figures:
    """The numbers of a project for a reader with these rights in it. tx: one that sees
    everything.
    """
    entities = contracts.entities
    counted = projects.figures(tx, entities.values(), code)
    whole = {name for name, entity in entities.items() if _sees_all(rights, entity)}
    return Figures(
        records={name: counted[name].records if rights.sees(name) else None for name in entities},
        disagreements={
            name: counted[name].disagreements if name in whole else None for name in entities
        },
        disputes={name: counted[name].disputes if name in whole else None for name in entities},
    )


def _sees_all(rights: Rights, entity: Entity) -> bool:
    """Whether of every field it may be known at least that there is a value; secret ones count for
    nobody.
    """
    fields = (field for field in entity.fields.values() if field.classed != "secret")
    return rights.sees(entity.name) and all(
        rights.sight(entity.name, field) != "hidden" for field in fields
    )
