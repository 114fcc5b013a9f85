"""A project's records side by side, as mappings/comparisons/ declares: values, or steps by date."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db.records import projects as records
from hub.db.records.projects import Known, LandedRecord
from hub.domain import keys
from hub.domain.declared import ColumnRule, Compares, ComparisonRule, SourceRule
from hub.domain.rights import Rights
from hub.domain.times import HUB_ZONE
from hub.domain.value_text import text
from hub.model import Record, Value
from hub.services.prefill.suiting import fits
from hub.services.projects import ReadRecords, records_of
from hub.services.view import Title


@dataclass(frozen=True, slots=True)
class ComparisonCell:
    """What stands in one place.

    value: None where nothing is known, where several records differ (`several`), or, of values,
    where a column speaks of the whole project (its value stands in the total). difference: of
    values, from the first column. days: of dates, since the nearest step before it.
    """

    value: Value
    system: Annotated[str, Field(examples=["registry"])]
    records: tuple[int, ...]
    several: bool
    difference: Annotated[str | None, Field(examples=["-12.5"])]
    days: Annotated[int | None, Field(examples=[30])]


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A row. days: of dates, from the first step to the last, where both are known."""

    key: str
    name: str
    cells: tuple[ComparisonCell, ...]
    days: int | None


@dataclass(frozen=True, slots=True)
class ComparisonColumn:
    """A column. granted: whether this reader may see what it is made of."""

    name: str
    title: Title
    entity: str
    field: str
    granted: bool


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """Records side by side. total: of values, the sums; a sum is there where no row lacks one."""

    name: str
    title: Title
    compares: Compares
    rows_title: Title
    columns: tuple[ComparisonColumn, ...]
    rows: tuple[ComparisonRow, ...]
    total: ComparisonRow | None


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The comparisons of a project that have rows. denied: those whose rows need a grant."""

    project_code: Annotated[str, Field(examples=["2019-140108-70-03-013941"])]
    comparisons: tuple[ComparisonTable, ...]
    denied: tuple[str, ...]


Shown = tuple[Known, Record]
"""A record and what its reader sees of it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader sees of a project, by entity, with the landings of the values."""

    rights: Rights
    records: Mapping[str, Sequence[Shown]]
    arrived: Mapping[int, LandedRecord]

    def of(self, source: SourceRule) -> Iterator[Shown]:
        """The records that a rule speaks of, as far as they say something."""
        for row, values in self.records.get(source.entity, ()):
            if fits(values, source.where) and values.get(source.field) is not None:
                yield row, values

    def system(self, row: Known, field: str) -> str:
        """Which system's value it is."""
        origin = self.arrived.get(row.provenance.get(field, 0))
        return origin.system if origin else ""


def comparisons(context: RequestContext, code: str, read: ReadRecords | None = None) -> Comparisons:
    """A project's records side by side, as far as the reader may see them.

    read: as for `projects.project`. Raises FlowError: access.no_grant, ask.project_unknown.
    """
    contracts = context.hub.contracts
    rights, known = read or records_of(context, code)
    live = [row for row in known if not row.deleted]
    with context.read() as tx:
        landings = {landing for row in live for landing in row.provenance.values()}
        arrived = records.arrivals(tx, landings)
    seen: dict[str, list[Shown]] = defaultdict(list)
    for row in live:
        seen[row.entity].append((row, rights.seen(contracts.entities[row.entity], row.values)))
    sight = Sight(rights, seen, arrived)
    rules = contracts.comparisons.values()
    made = (_comparison(rule, sight) for rule in rules if rights.sees(rule.rows.entity))
    return Comparisons(
        keys.project_code(code),
        tuple(one for one in made if one.rows),
        denied=tuple(rule.name for rule in rules if not rights.sees(rule.rows.entity)),
    )


def _comparison(rule: ComparisonRule, sight: Sight) -> ComparisonTable:
    columns = tuple(_column(one, sight.rights) for one in rule.columns)
    rows = tuple(_row(rule, sight, key, name) for key, name in _keys(rule, sight))
    return ComparisonTable(
        rule.name,
        Title(rule.title_zh, rule.title_en),
        rule.compares,
        Title(rule.rows_zh, rule.rows_en),
        columns,
        rows,
        total=_total(rule, sight, rows) if rule.compares == "values" and rows else None,
    )


def _column(rule: ColumnRule, rights: Rights) -> ComparisonColumn:
    title = Title(rule.title_zh, rule.title_en)
    entity, field = rule.source.entity, rule.source.field
    return ComparisonColumn(rule.name, title, entity, field, granted=rights.sees(entity))


def _keys(rule: ComparisonRule, sight: Sight) -> list[tuple[str, str]]:
    """The values that have a row, each with its name, in order."""
    found: dict[str, str] = {}
    for _, values in sight.of(rule.rows):
        key = text(values[rule.rows.field])
        found[key] = found.get(key) or str(values.get(rule.named) or "")
    return sorted(found.items())


def _row(rule: ComparisonRule, sight: Sight, key: str, name: str) -> ComparisonRow:
    cells = []
    for column in rule.columns:
        told = [
            one
            for one in sight.of(column.source)
            if not column.on or text(one[1].get(column.on)) == key
        ]
        whole = rule.compares == "values" and not column.on
        cells.append(_cell(column, sight, [] if whole else told, rule.compares))
    return _row_of(rule.compares, key, name, cells)


def _row_of(
    compares: Compares, key: str, name: str, cells: Sequence[ComparisonCell]
) -> ComparisonRow:
    made = _differing(cells) if compares == "values" else _following(cells)
    first, last = made[0].value, made[-1].value
    whole = compares == "dates" and first is not None and last is not None
    return ComparisonRow(key, name, made, (_day(last) - _day(first)).days if whole else None)


def _cell(
    column: ColumnRule, sight: Sight, told: Sequence[Shown], compares: Compares
) -> ComparisonCell:
    """The one value of these records; of dates the first, for then it had happened."""
    field = column.source.field
    values = {text(said[field]): (row, said[field]) for row, said in told}
    several = compares == "values" and len(values) > 1
    chosen = min(values) if values and not several else None
    row, value = values[chosen] if chosen is not None else (None, None)
    return ComparisonCell(
        value,
        system=sight.system(row, field) if row else "",
        records=tuple(one.record_id for one, _ in told),
        several=several,
        difference=None,
        days=None,
    )


def _differing(cells: Sequence[ComparisonCell]) -> tuple[ComparisonCell, ...]:
    """Values with what each is more or less than the first column's."""
    first = cells[0].value
    return (
        cells[0],
        *(
            one
            if first is None or one.value is None
            else _with(one, difference=str(Decimal(str(one.value)) - Decimal(str(first))))
            for one in cells[1:]
        ),
    )


def _following(cells: Sequence[ComparisonCell]) -> tuple[ComparisonCell, ...]:
    """Dates with the days since the nearest step before that has one."""
    made, before = [], None
    for one in cells:
        if one.value is None:
            made.append(one)
            continue
        day = _day(one.value)
        made.append(_with(one, days=None if before is None else (day - before).days))
        before = day
    return tuple(made)


def _with(
    cell: ComparisonCell, *, difference: str | None = None, days: int | None = None
) -> ComparisonCell:
    return ComparisonCell(
        cell.value, cell.system, cell.records, cell.several, difference=difference, days=days
    )


def _day(value: Value) -> date:
    said = str(value)
    if len(said) == len("2026-01-01"):
        return date.fromisoformat(said)
    return datetime.fromisoformat(said).astimezone(HUB_ZONE).date()


def _total(rule: ComparisonRule, sight: Sight, rows: Sequence[ComparisonRow]) -> ComparisonRow:
    """Sums: of a column by rows that of all rows, of others that of all records."""
    cells = []
    for at, column in enumerate(rule.columns):
        told = list(sight.of(column.source))
        some: list[Value] = (
            [row.cells[at].value for row in rows]
            if column.on
            else [values[column.source.field] for _, values in told]
        )
        complete = bool(some) and None not in some
        total = sum((Decimal(str(one)) for one in some), Decimal()) if complete else None
        records_told = () if column.on else tuple(row.record_id for row, _ in told)
        systems = {sight.system(row, column.source.field) for row, _ in told}
        cells.append(
            ComparisonCell(
                None if total is None else str(total),
                system=systems.pop() if total is not None and len(systems) == 1 else "",
                records=records_told,
                several=False,
                difference=None,
                days=None,
            )
        )
    return _row_of("values", "", "", cells)
