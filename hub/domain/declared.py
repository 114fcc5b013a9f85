"""Types of declarations in schemas: they replace knowledge of entity names in code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hub.model import Value

ClockRole = Literal["stage", "item", "connection", "case", "step", "pause", "result", "flow"]
"""The role of a record in its project's clocks; stages, items, connections, cases have their own
clock. flow: says which items a stage of a flow has.
"""
Compares = Literal["values", "dates"]
"""What a comparison holds side by side."""


@dataclass(frozen=True, slots=True)
class Show:
    """Where records of an entity appear on the project page (`x-show`).

    columns: fields of the table. date: makes them points on the timeline, named by paper. order:
    smaller ones come first.
    """

    part_zh: str
    part_en: str
    columns: tuple[str, ...]
    order: int
    date: str | None = None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The record that a case belongs to: its entity, its field, and our field of equal value."""

    entity: str
    field: str
    own: str


@dataclass(frozen=True, slots=True)
class CaseRule:
    """Whose case a record is, and when it is over (`x-case`).

    unit: the fields that name the unit that has it. status: the field of its state, final: the
    codes with which it is over (none known: every case is). ended: the field that is empty until it
    is over. parent: the record that must exist, and be open itself.
    """

    unit: tuple[str, ...]
    status: str | None = None
    final: tuple[str, ...] = ()
    ended: str | None = None
    parent: Parent | None = None

    def goes_on(self, values: Mapping[str, Value]) -> bool:
        """Whether a record, by itself, is an open case."""
        over = self.status is not None and (not self.final or values.get(self.status) in self.final)
        return not over and (self.ended is None or values.get(self.ended) is None)


@dataclass(frozen=True, slots=True)
class Timing:
    """What the records of an entity are to the clocks of their project (`x-clock`).

    fields: which field tells what (`declarations.TELLS`). dates: those of them that are days and
    no moments. unit: the fields
    that name whose clock it is. parent: of a step or a pause, the record whose clock it is about.
    result: what kind of paper a record is that does not say so. finished, failed: the codes of its
    status with which it is over, and those of them that gave nothing; None: those of
    mappings/limits.
    """

    entity: str
    role: ClockRole
    fields: Mapping[str, str]
    dates: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    parent: Parent | None = None
    result: str | None = None
    finished: tuple[str, ...] | None = None
    failed: tuple[str, ...] | None = None

    def says(self, values: Mapping[str, Value], what: str) -> str:
        """A record's value for this meaning, as text; "" without."""
        value = values.get(self.fields.get(what, ""))
        return "" if value is None else str(value)

    def whose(self, values: Mapping[str, Value]) -> str:
        """The unit whose clock it is, "" if none is named."""
        return next((str(values[name]) for name in self.unit if values.get(name)), "")


@dataclass(frozen=True, slots=True)
class Way:
    """One way by which records without a project belong to projects (`x-belongs`).

    own: the field here whose value the field `other` of a record of `entity` has; that record's
    project is the one. name: by which forms speak of it. place: the field here is a shape instead
    that the place in `other` must lie in: `inside`, or so near to its border that people have to
    look (`border`); "" for equal values.
    """

    name: str
    own: str
    entity: str
    other: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A field of the records of an entity that meet these conditions."""

    entity: str
    field: str
    where: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """A column; `on`: the field with the row's value, "": the records are of the whole project."""

    name: str
    title_zh: str
    title_en: str
    source: SourceRule
    on: str


@dataclass(frozen=True, slots=True)
class ComparisonRule:
    """A comparison. named: the field that names a row, "" where its value does.

    compares: values against the first column, or dates each against the one before.
    """

    name: str
    title_zh: str
    title_en: str
    compares: Compares
    rows: SourceRule
    rows_zh: str
    rows_en: str
    named: str
    columns: tuple[ColumnRule, ...]


@dataclass(frozen=True, slots=True)
class Papers:
    """That records are papers handed in (`x-papers`).

    names: the fields by which forms find them. holder: those that may hold the credit code of whose
    paper it is. same: the field of which one value is one paper, however often it is handed in.
    """

    names: tuple[str, ...]
    holder: tuple[str, ...] = ()
    same: str | None = None


def has_open_case(
    unit: str, live: Iterable[tuple[str, CaseRule | None, Mapping[str, Value]]]
) -> bool:
    """Whether a unit has an open case among these records: (entity, its case rule, values).

    Must equal the SQL of `hub.has_open_case`, made from the same declarations
    (hub/db/row_security.py).
    """
    records = list(live)

    def goes_on(case: CaseRule, values: Mapping[str, Value]) -> bool:
        if case.parent is None:
            return case.goes_on(values)
        wanted = values.get(case.parent.own)
        return (
            case.goes_on(values)
            and wanted is not None
            and any(
                (above is None or above.goes_on(said)) and said.get(case.parent.field) == wanted
                for entity, above, said in records
                if entity == case.parent.entity
            )
        )

    return bool(unit) and any(
        case is not None
        and unit in {values.get(name) for name in case.unit}
        and goes_on(case, values)
        for _, case, values in records
    )
