"""Records side by side on the project page: values against the first, steps with days between."""

from decimal import Decimal

from markupsafe import Markup
from nicegui import ui

from hub.console import components, formatting
from hub.console.page import address
from hub.console.words import pick, t
from hub.domain.contracts import Contracts
from hub.services.comparisons import (
    ComparisonCell,
    ComparisonColumn,
    ComparisonRow,
    Comparisons,
    ComparisonTable,
)

ANCHOR = "comparisons"


def places(found: Comparisons) -> list[tuple[str, str]]:
    """Anchor and title of each comparison, for the list of what is on the page."""
    return [(_anchor(one), pick(one.title.zh, one.title.en)) for one in found.comparisons]


def show(contracts: Contracts, found: Comparisons) -> None:
    """A card a comparison."""
    for one in found.comparisons:
        with components.card(pick(one.title.zh, one.title.en)) as card:
            card.props(f"id={_anchor(one)}")
            components.text(
                t("每一列与第一列相比；来源没有说的为“—”。")
                if one.compares == "values"
                else t("括号内为距上一步的天数（自然日）；还没有发生或来源没有说的为“—”。"),
                kind="soft",
            )
            rows = [*one.rows, *([one.total] if one.total is not None else [])]
            components.table(
                [
                    pick(one.rows_title.zh, one.rows_title.en),
                    *(pick(column.title.zh, column.title.en) for column in one.columns),
                    *([t("首尾相隔")] if one.compares == "dates" else []),
                ],
                [_row(contracts, found.project_code, one, row) for row in rows],
                numeric=tuple(range(1, 1 + len(one.columns)))
                if one.compares == "values"
                else (1 + len(one.columns),),
            )
            _unseen(contracts, one)


def _anchor(one: ComparisonTable) -> str:
    return f"{ANCHOR}-{one.name}"


def _row(
    contracts: Contracts, code: str, of: ComparisonTable, row: ComparisonRow
) -> tuple[object, ...]:
    name = t("合计") if row is of.total else row.name or row.key
    cells = [
        _cell(contracts, code, column, cell)
        for column, cell in zip(of.columns, row.cells, strict=True)
    ]
    if of.compares == "values":
        return name, *cells
    return name, *cells, "—" if row.days is None else t("{days} 天", days=row.days)


def _cell(
    contracts: Contracts, code: str, column: ComparisonColumn, cell: ComparisonCell
) -> Markup | str:
    if not column.granted:
        return t("无权查看")
    if cell.several:
        return components.badge(t("{count} 条记录不一致", count=len(cell.records)), tone="warn")
    if cell.value is None:
        return "—"
    field = contracts.entities[column.entity].fields[column.field]
    said: Markup | str = formatting.value(contracts, field, cell.value)
    if len(cell.records) == 1:
        record = cell.records[0]
        where = address(f"/projects/{code}", record=record)
        said = components.link(f"{where}#r{record}", str(said))
    more = [_beside(cell), formatting.system(contracts, cell.system) if cell.system else ""]
    small = Markup(" · ").join(one for one in more if one)
    return Markup('<span class="told">{}<small>{}</small></span>').format(said, small)


def _beside(cell: ComparisonCell) -> str:
    """What a value is more or less than the first, a date after the one before."""
    if cell.days is not None:
        return t("（{days} 天）", days=f"{cell.days:+}" if cell.days < 0 else cell.days)
    if cell.difference is None:
        return ""
    apart = Decimal(cell.difference)
    return t("一致") if not apart else t("相差 {difference}", difference=f"{apart:+f}")


def _unseen(contracts: Contracts, one: ComparisonTable) -> None:
    """Where to ask for what this reader may not see of it."""
    names = dict.fromkeys(column.entity for column in one.columns if not column.granted)
    if not names:
        return
    links = (
        components.link(
            address("/applications/new", entity=name), formatting.entity(contracts.entities[name])
        )
        for name in names
    )
    with ui.element("div"):
        components.text(t("以下数据须先申请授权，才能对照："), kind="soft")
        components.show(Markup('<nav class="places plain">{}</nav>').format(Markup("").join(links)))
