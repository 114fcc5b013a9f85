"""The workbook, or form, by which a unit without a system hands in records: made of a mapping.

A pull flow of the connector `inbox` with `read: {template: ...}` has one. Its columns are the
paths that the mapping reads, in the mapping's order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from hub.domain.contracts import Field, PullFlow
from hub.domain.documents import mapping, texts
from hub.model import Json

TEMPLATE = "template"
PROJECT_CODE = "project_code"
EXAMPLE_CODE = "2502-522730-04-01-587294"
EXAMPLES: Mapping[str, str] = {
    "integer": "1",
    "decimal": "120.5",
    "date": "2026-03-02",
    "month": "2026-03",
    "datetime": "2026-03-02 09:30",
}
EXAMPLE_KEY = "示例-0001"
LISTS = "选项"
"""The hidden sheet of the choices."""
REASON = "撤回原因"
"""The cell of a withdrawal that says why; no field is read from it."""
CODED = ("code", "words")


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column. header: its title, which is the path that the mapping reads.

    field: the shared field that it is read for. choices: the words that may stand in it, none
    where any may. example: what the example row says.
    """

    header: str
    field: Field
    required: bool
    key: bool
    choices: tuple[str, ...]
    example: str

    @property
    def names_project(self) -> bool:
        """Whether the project's code stands in it."""
        return self.field.name == PROJECT_CODE


@dataclass(frozen=True, slots=True)
class UploadTemplate:
    """The sheet of one flow. header_rows: rows down to the titles.

    withdrawal: the cells by which a record says that it is withdrawn, empty where the mapping has
    no such words. reason: the column of the reason, which no field is read from.
    """

    sheet: str
    header_rows: int
    columns: tuple[TemplateColumn, ...]
    withdrawal: Mapping[str, Json]

    @property
    def headers(self) -> tuple[str, ...]:
        """The titles of all columns."""
        return tuple(column.header for column in self.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """The titles of the columns that name a record."""
        return tuple(column.header for column in self.columns if column.key)

    @property
    def example(self) -> dict[str, str]:
        """The example row."""
        return {column.header: column.example for column in self.columns}

    def column(self, header: str) -> TemplateColumn | None:
        """The column of this title."""
        return next((one for one in self.columns if one.header == header), None)


def template_of(flow: PullFlow) -> UploadTemplate | None:
    """The template of a flow; None where its records come another way."""
    said = mapping(flow.read.get(TEMPLATE))
    if not said:
        return None
    decided = mapping(orjson.loads(flow.text))
    rows = said.get("header_rows")
    return UploadTemplate(
        str(said.get("sheet", "")),
        rows if isinstance(rows, int) else 1,
        tuple(_columns(flow, decided)),
        mapping(mapping(decided["mapping"]).get("deleted_when")),
    )


def _columns(flow: PullFlow, decided: Mapping[str, Json]) -> Iterator[TemplateColumn]:
    says = mapping(decided["mapping"])
    required, rules, seen = set(texts(says.get("required"))), mapping(says["fields"]), set[str]()
    for name, some in flow.mapper.traces.items():
        for path in some:
            if path in seen:
                continue
            seen.add(path)
            field, is_key = flow.entity.fields[name], path in flow.key
            choices = _choices(field, mapping(rules.get(name)), decided)
            example = choices[0] if choices else EXAMPLE_KEY if is_key else _example(field)
            yield TemplateColumn(path, field, is_key or name in required, is_key, choices, example)


def _choices(
    field: Field, rule: Mapping[str, Json], decided: Mapping[str, Json]
) -> tuple[str, ...]:
    """The words that a rule's code list, choice or shared list knows."""
    uses = rule.get("use")
    for use in uses if isinstance(uses, list) else []:
        for verb, argument in mapping(use).items():
            if verb in CODED:
                table = mapping(decided["codes"]).get(str(argument))
                values = mapping(table[0]) if isinstance(table, list) else {}
                return tuple(sorted(values, key=lambda word: (_order(values[word]), word)))
            if verb == "choose":
                return tuple(mapping(argument))
    shared = mapping(decided["shared"]).get(field.code or "")
    return tuple(map(str, shared)) if isinstance(shared, list) else ()


def _order(code: Json) -> tuple[int, str]:
    text = str(code)
    return (int(text), "") if text.isdecimal() else (1_000_000, text)


def _example(field: Field) -> str:
    if field.name == PROJECT_CODE:
        return EXAMPLE_CODE
    if field.kind != "string":
        return EXAMPLES.get(field.kind, "")
    return "" if field.rule or field.warn else f"示例{field.title_zh}"
