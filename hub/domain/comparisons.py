"""Comparisons of a project's records side by side, compiled from mappings/comparisons/."""

from collections.abc import Iterator, Mapping

from hub.domain import flow_checks
from hub.domain.contracts import Entity, Field
from hub.domain.declared import ColumnRule, Compares, ComparisonRule, SourceRule
from hub.domain.documents import Step, texts
from hub.domain.files import ComparedColumn, ComparisonFile, Source
from hub.domain.flows import FlowCompiler
from hub.domain.library import ContractFile
from hub.texts import reason

KINDS: Mapping[Compares, tuple[str, ...]] = {
    "values": ("decimal", "integer"),
    "dates": ("date", "datetime"),
}
WANTED: Mapping[Compares, str] = {
    "values": "数值对照只取数值字段",
    "dates": "日期对照只取日期或时间字段",
}


def comparisons(shop: FlowCompiler) -> dict[str, ComparisonRule]:
    """All comparisons whose files are valid."""
    return {filed.name: _rule(filed) for filed in shop.library.filed["comparison"]}


def _rule(filed: ContractFile) -> ComparisonRule:
    said = filed.read(ComparisonFile)
    return ComparisonRule(
        filed.name,
        title_zh=said.title.zh,
        title_en=said.title.en,
        compares=said.compares,
        rows=_source(said.rows),
        rows_zh=said.rows.title.zh,
        rows_en=said.rows.title.en,
        named=said.rows.named or "",
        columns=tuple(
            ColumnRule(one.name, one.title.zh, one.title.en, _source(one), one.on or "")
            for one in said.columns
        ),
    )


def _source(said: Source) -> SourceRule:
    entity, _, field = said.source.partition(".")
    return SourceRule(entity, field, {name: texts(wanted) for name, wanted in said.where.items()})


def check(shop: FlowCompiler, filed: ContractFile) -> None:
    """Note fields that do not exist, are nobody's to compare, or do not compare with each other."""
    said = filed.read(ComparisonFile)
    entity = _check_source(shop, filed, said.rows, ("rows",))
    if entity is not None:
        _check_fields(shop, filed, entity, ("rows", "named"), said.rows.named)
    names: set[str] = set()
    units: set[str | None] = set()
    for at, column in enumerate(said.columns):
        where: tuple[Step, ...] = ("columns", at)
        if column.name in names:
            shop.library.note(
                filed.document, (*where, "name"), "contract.duplicate_key", key=column.name
            )
        names.add(column.name)
        units |= {field.unit for field in _compared(shop, filed, said.compares, column, where)}
    if said.compares == "values" and len(units) > 1:
        told = ", ".join(sorted(str(unit or "-") for unit in units))
        shop.library.note(filed.document, ("columns",), "contract.comparison_units", units=told)


def _compared(
    shop: FlowCompiler,
    filed: ContractFile,
    compares: Compares,
    column: ComparedColumn,
    where: tuple[Step, ...],
) -> Iterator[Field]:
    """The field of a column, if there is one that can be compared."""
    entity = _check_source(shop, filed, column, where)
    if entity is None:
        return
    _check_fields(shop, filed, entity, (*where, "on"), column.on)
    field = entity.fields.get(column.source.partition(".")[2])
    if field is None:
        return
    if field.kind not in KINDS[compares]:
        facts = {"field": column.source, **reason(WANTED[compares])}
        shop.library.note(filed.document, (*where, "from"), "contract.comparison_unfit", **facts)
    yield field


def _check_source(
    shop: FlowCompiler, filed: ContractFile, said: Source, where: tuple[Step, ...]
) -> Entity | None:
    entity = flow_checks.check_source(shop, filed, said.source, said.where, where)
    if entity is not None:
        for name in (said.source.partition(".")[2], *said.where):
            _check_class(shop, filed, entity, (*where, "from"), name)
    return entity


def _check_fields(
    shop: FlowCompiler,
    filed: ContractFile,
    entity: Entity,
    where: tuple[Step, ...],
    name: str | None,
) -> None:
    """A named field exists and is neither of persons nor secret."""
    if name is None:
        return
    if name in entity.fields:
        _check_class(shop, filed, entity, where, name)
        return
    facts = {"name": name, "entity": entity.name}
    shop.library.miss(filed.document, where, "contract.field_unknown", entity.fields, **facts)


def _check_class(
    shop: FlowCompiler, filed: ContractFile, entity: Entity, where: tuple[Step, ...], name: str
) -> None:
    field = entity.fields.get(name)
    if field is not None and field.classed in {"personal", "secret"}:
        facts = {"field": f"{entity.name}.{name}"}
        shop.library.note(filed.document, where, "contract.comparison_personal", **facts)
