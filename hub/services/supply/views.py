"""What the use cases of supply answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.db.inbound import number_of
from hub.db.supply import LandedCells, OwnRecord, SupplyAct
from hub.domain.contracts import PullFlow
from hub.domain.templates import TemplateColumn
from hub.services.inbound import BodyReceipt
from hub.services.supply.reading import FaultyCell, ReadWorkbook
from hub.services.view import Title
from hub.texts import cure, say


@dataclass(frozen=True, slots=True)
class SupplyColumn:
    """A column of the template. header: its title in the workbook; title: of the shared field.

    choices: the words that may stand in it, none where any may.
    """

    header: str
    title: Title
    kind: str
    required: bool
    key: bool
    names_project: bool
    choices: list[str]
    example: str


@dataclass(frozen=True, slots=True)
class SupplyOffer:
    """A flow by which the reader's unit may hand in records."""

    flow: str
    entity: str
    title: Title
    system: Title
    department: Title


@dataclass(frozen=True, slots=True)
class OwnSupply:
    """A record that came by this flow and that the reader may see. key: its source key.

    file, cells: the workbook and its cells (A2:L2) that it says today, "" for the form. account:
    who handed it in; receipt: under which number.
    """

    key: str
    record_id: int
    project_code: str | None
    file: str
    cells: str
    account: str
    receipt: int | None


@dataclass(frozen=True, slots=True)
class SupplySheet(SupplyOffer):
    """One flow: its template, what was handed in last, and what stands today.

    regions: leading digits of the region codes that the reader may supply for, none for all.
    """

    sheet: str
    columns: list[SupplyColumn]
    may_withdraw: bool
    regions: list[str]
    acts: list[SupplyAct]
    records: list[OwnSupply]


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be taken (B7; A3:B4 where cells are merged; a row where there is none)."""

    cell: str
    header: str
    code: str
    zh: str
    en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class SupplyAnswer:
    """What became of a workbook, a record, or a withdrawal.

    taken: all of it, or nothing. rows: records in it. receipt: the number under which it was kept;
    outcomes: how many records became what (`pending`: the next run takes them in). examples: rows
    left out because they are the template's example.
    """

    taken: bool
    rows: int
    receipt: int | None
    outcomes: dict[str, int]
    examples: int
    faults: list[CellFault]


def offer(flow: PullFlow) -> tuple[str, str, Title, Title, Title]:
    entity, system = flow.entity, flow.system
    return (
        flow.name,
        entity.name,
        Title(entity.title_zh, entity.title_en),
        Title(system.title_zh, system.title_en),
        Title(system.department_zh, system.department_en),
    )


def own_supply(
    record: OwnRecord, landed: LandedCells | None, acts: Mapping[int, SupplyAct]
) -> OwnSupply:
    """A record with where it came from."""
    position = landed.position if landed else ""
    receipt = receipt_of(position)
    act = acts.get(receipt or 0)
    place = _CELLS.search(position)
    return OwnSupply(
        record.key,
        record.record_id,
        record.project_code,
        act.file if act else "",
        place[1] if place and act and act.file else "",
        act.account if act else "",
        receipt,
    )


def receipt_of(position: str) -> int | None:
    """The receipt number in the position of a landing."""
    name = position.split(" row ", 1)[0]
    return number_of(name) if " row " in position else None


def column_view(column: TemplateColumn) -> SupplyColumn:
    field = column.field
    return SupplyColumn(
        column.header,
        Title(field.title_zh, field.title_en),
        field.kind,
        column.required,
        column.key,
        column.names_project,
        list(column.choices),
        column.example,
    )


def taken(receipt: BodyReceipt, outcomes: dict[str, int], *, examples: int = 0) -> SupplyAnswer:
    """The answer that all of it was taken."""
    return SupplyAnswer(
        taken=True,
        rows=receipt.records,
        receipt=receipt.receipt,
        outcomes=outcomes,
        examples=examples,
        faults=[],
    )


def refused(read: ReadWorkbook) -> SupplyAnswer:
    """The answer that takes nothing, with every bad cell from the top left."""
    faults = sorted(
        dict.fromkeys(_told(one) for one in read.faults), key=lambda one: _order(one.cell)
    )
    return SupplyAnswer(
        taken=False,
        rows=len(read.rows),
        receipt=None,
        outcomes={},
        examples=read.examples,
        faults=faults,
    )


def _told(one: FaultyCell) -> CellFault:
    code, facts = one.fault.code, one.fault.facts
    by = code if code.startswith("supply.") else "supply.cell_wrong"
    return CellFault(
        one.cell,
        one.header,
        code,
        say(code, facts, "zh"),
        say(code, facts, "en"),
        cure(by, facts, "zh"),
        cure(by, facts, "en"),
    )


_CELLS = re.compile(r" · ([A-Z]+\d+:[A-Z]+\d+) · ")
_PLACE = re.compile(r"([A-Z]*)(\d*)")


def _order(cell: str) -> tuple[int, int, str]:
    found = _PLACE.match(cell)
    column, row = found.groups() if found else ("", "")
    return int(row or 0), len(column), column
