"""Counts of a project's records, taken over everything: a reader gets the true number or none.

Counting only what a reader may see would give every reader another number, all of them wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.db.database import Transaction
from hub.db.records import projects
from hub.domain.contracts import Contracts, Entity
from hub.domain.rights import Rights


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of a project by entity; None where the reader may not see all that is counted.

    records: not withdrawn. disagreements: values on which systems differ. disputes: not closed.
    """

    records: Mapping[str, int | None]
    disagreements: Mapping[str, int | None]
    disputes: Mapping[str, int | None]


def total(numbers: Mapping[str, int | None]) -> int | None:
    """The sum over all entities, None where one of them may not be seen."""
    known = [number for number in numbers.values() if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def of_project(tx: Transaction, contracts: Contracts, code: str, *, rights: Rights) -> Figures:
    """The numbers for a reader with these rights. tx: a connection without row-level security."""
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
    """Whether no field is hidden from these rights; secret fields count for nobody."""
    fields = (field for field in entity.fields.values() if field.classed != "secret")
    return rights.sees(entity.name) and all(
        rights.sight(entity.name, field) != "hidden" for field in fields
    )
