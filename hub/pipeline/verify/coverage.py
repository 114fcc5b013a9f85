"""Coverage of a verification, by table and column: from the checks and the reasons for gaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hub.domain.contracts import Entity
from hub.pipeline.verify.found import VerifyCheck, Way
from hub.pipeline.verify.uncovered import OPEN, PARTLY


@dataclass(frozen=True, slots=True)
class CoveredColumn:
    """One column: how it is covered, by which checks; why not (catalogue id, sense `uncovered`)."""

    name: str
    ways: tuple[Way, ...] = ()
    checks: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class CoveredTable:
    """One table with its columns."""

    name: str
    columns: tuple[CoveredColumn, ...]

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways in which any column is covered."""
        return tuple(
            way for way in ("derived", "sealed") if any(way in one.ways for one in self.columns)
        )

    @property
    def open(self) -> tuple[CoveredColumn, ...]:
        """Columns that are not covered, or not wholly."""
        return tuple(one for one in self.columns if one.why)


def coverage(checks: Sequence[VerifyCheck], entities: Iterable[Entity]) -> list[CoveredTable]:
    """Every table that a check or a reason names, by name."""
    known = {entity.name: entity for entity in entities}
    found: dict[str, dict[str, CoveredColumn]] = {}
    for check in checks:
        for name, columns in _spread(check.covers, known):
            of = found.setdefault(name, {})
            for one in columns:
                was = of.get(one, CoveredColumn(one))
                ways = was.ways if check.way in was.ways else (*was.ways, check.way)
                of[one] = CoveredColumn(one, ways, (*was.checks, check.name))
    for why, tables in OPEN.items():
        for name, columns in _spread(tables, known):
            of = found.setdefault(name, {})
            for one in columns:
                of.setdefault(one, CoveredColumn(one, why=why))
    for why, tables in PARTLY.items():
        for name, columns in _spread(tables, known):
            found[name] |= {one: replace(found[name][one], why=why) for one in columns}
    return [CoveredTable(name, tuple(found[name].values())) for name in sorted(found)]


def _spread(
    tables: Mapping[str, str], entities: Mapping[str, Entity]
) -> Iterable[tuple[str, list[str]]]:
    """Table -> names of its columns; `*` stands for every entity, and every field of it."""
    for name, columns in tables.items():
        schema, _, table = name.partition(".")
        for entity in entities.values() if table == "*" else (None,):
            fields = list(entity.fields) if entity else []
            names = [part for one in columns.split() for part in (fields if one == "*" else [one])]
            yield (f"{schema}.{entity.name}" if entity else name), names
