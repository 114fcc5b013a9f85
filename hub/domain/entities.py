"""Entities from their schema files, and systems from their system.yaml."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from hub.domain.contracts import Entity, Field, Kind, System
from hub.domain.declared import CaseRule, Papers, Parent, Show
from hub.domain.documents import Step, mapping, texts
from hub.domain.files import SystemFile
from hub.domain.library import ContractFile, Library
from hub.domain.reference_validator import breaches
from hub.domain.schemas import compiled
from hub.domain.units import UNITS
from hub.model import STEWARD, Json

RESERVED = frozenset({STEWARD, "release", "default_pool", "hub"})
"""What no partner may be called: it would speak with a steward's authority, or share a pool of the hub's own."""

_SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORMATS: Mapping[str, Kind] = {
    "date": "date",
    "date-time": "datetime",
    "year-month": "month",
    "decimal": "decimal",
    "geojson": "geojson",
}
_TYPES: Mapping[str, Kind] = {
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "array": "strings",
}


LAST = 1_000_000
"""The order of entities that do not say where they stand: after all that do."""


def seconds(duration: str) -> int:
    """Seconds of `30s`, `10m`, `2h`, `1d`."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def entities(library: Library) -> dict[str, Entity]:
    """All entities whose files keep to the grammar."""
    flows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pull in library.filed["pull"]:
        for name in mapping(pull.says["fields"]):
            flows[str(pull.says["entity"]), name].append(f"pull.{pull.system}.{pull.name}")
    found = {}
    for filed in library.filed["schema"]:
        with library.guarding(filed):
            found[filed.name] = _entity(library, filed, flows)
    return found


def derived(library: Library, known: dict[str, Entity]) -> dict[str, Entity]:
    """Take out those that are computed here: no system sends them, so that no mapping and no form may name them."""
    computed = {name: known.pop(name) for name in [*known] if "x-derived" in known[name].schema}
    library.names["schema"] -= computed.keys()
    return computed


def _entity(
    library: Library, filed: ContractFile, flows: Mapping[tuple[str, str], list[str]]
) -> Entity:
    says = filed.says
    properties = mapping(says["properties"])
    for where, why in breaches(says):
        words = {"why_zh": f"不合 JSON Schema 2020-12（{why}）", "why_en": why}
        library.note(
            filed.document, where, "contract.value", place=".".join(map(str, where)), **words
        )
    for place in ("x-key", "required"):
        for at, name in enumerate(texts(says.get(place))):
            if name not in properties:
                facts = {"name": name, "entity": filed.name}
                library.miss(
                    filed.document, (place, at), "contract.field_unknown", properties, **facts
                )
    if says["$id"] != f"urn:onecode:{filed.name}":
        library.note(
            filed.document, ("$id",), "contract.id_differs", expected=f"urn:onecode:{filed.name}"
        )
    authority = _systems(library, filed, ("x-authority",), says.get("x-authority"))
    units = _units(library)
    fields: dict[str, Field] = {}
    for name, rule in properties.items():
        asserted = mapping(rule).get("x-empty") == "asserts"
        fields[name] = _field(
            library,
            filed,
            name=name,
            authority=authority,
            asserted_by=tuple(flows.get((filed.name, name), ())) if asserted else (),
        )
        code = fields[name].code
        unit = fields[name].unit
        if unit and units is not None and unit not in units:
            facts = {"name": unit, "list": UNITS}
            library.miss(
                filed.document,
                ("properties", name, "x-unit"),
                "contract.unit_unknown",
                units,
                **facts,
            )
        if code:
            library.known(filed.document, ("properties", name, "x-code"), kind="codes", name=code)
    return Entity(
        filed.name,
        title_zh=str(says["x-title-zh"]),
        title_en=str(says["title"]),
        key=texts(says["x-key"]),
        fields=fields,
        required=texts(says.get("required")),
        authority=authority,
        schema=says,
        show=_show(library, filed, fields),
        case=_case(library, filed, fields),
        papers=_papers(library, filed, fields),
    )


def check_declared(library: Library, entities: Mapping[str, Entity]) -> None:
    """Tell where no schema at all says what earlier releases knew by the names of entities."""
    first = next((one for one in library.filed["schema"] if one.name in entities), None)
    if first is None:
        return
    if not any(entity.case for entity in entities.values()):
        words = {
            "why_zh": "限于在办事项的授权不显示任何内容",
            "why_en": "grants held to open cases show nothing",
        }
        library.warn(first.document, (), "contract.undeclared", word="x-case", **words)
    asking = any("materials" in form.says for form in library.filed["form"])
    if asking and not any(entity.papers for entity in entities.values()):
        words = {
            "why_zh": "表单找不到已提交的材料",
            "why_en": "forms find no papers that were handed in",
        }
        library.warn(first.document, (), "contract.undeclared", word="x-papers", **words)


def check_columns(
    library: Library, entities: Mapping[str, Entity], columns: Mapping[str, frozenset[str]]
) -> None:
    """Note entities and fields for which the database has no room yet: `hub migrate` makes it."""
    for filed in library.filed["schema"]:
        entity = entities.get(filed.name)
        lacking = (
            [name for name in entity.fields if name not in columns.get(filed.name, ())]
            if entity
            else []
        )
        if lacking:
            facts = {"entity": filed.name, "fields": ", ".join(lacking)}
            library.note(
                filed.document, ("properties", lacking[0]), "contract.not_migrated", **facts
            )


def _show(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> Show | None:
    """Where records stand on the page of their project; all public fields at its end, where the file does not say."""
    said = filed.says.get("x-show")
    if said == "elsewhere" or filed.says.get("x-derived"):
        return None
    if said is None:
        public = [
            one.name
            for one in fields.values()
            if one.classed == "public" and one.name != "project_code"
        ]
        return Show(str(filed.says["x-title-zh"]), str(filed.says["title"]), tuple(public), LAST)
    show, part = mapping(said), mapping(mapping(said)["part"])
    columns, order = texts(show["columns"]), show.get("order")
    named = [*_at("columns", columns), *((("date",), name) for name in texts(show.get("date")))]
    named += [(("paper",), name) for name in texts(show.get("paper"))]
    _known_fields(library, filed, fields, "x-show", named)
    date = _optional(show.get("date"))
    if date is not None and date in fields and fields[date].kind not in {"date", "datetime"}:
        library.note(filed.document, ("x-show", "date"), "contract.show_no_date", name=date)
    return Show(
        *(str(part["zh"]), str(part["en"]), columns),
        order=order if isinstance(order, int) else LAST,
        date=date,
        paper=_optional(show.get("paper")),
    )


def _case(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> CaseRule | None:
    """Whose cases the records are, and when they are over: by the final codes of the list of their states."""
    if "x-case" not in filed.says:
        return None
    said = mapping(filed.says["x-case"])
    unit, status, ended = (
        texts(said["unit"]),
        _optional(said.get("status")),
        _optional(said.get("ended")),
    )
    own, _, above = next(
        ((own, "", str(at)) for own, at in mapping(said.get("of")).items()), ("", "", "")
    )
    named = [*_at("unit", unit), *((("of", own), own) for own in mapping(said.get("of")))]
    named += [
        ((place,), name)
        for place, name in (("status", status), ("ended", ended))
        if name is not None
    ]
    _known_fields(library, filed, fields, "x-case", named)
    entity, _, field = above.partition(".")
    if above:
        _known_parent(library, filed, ("x-case", "of", own), entity, field)
    known = fields.get(status or "")
    listed = next((one for one in library.filed["codes"] if known and one.name == known.code), None)
    final = texts(listed.says.get("final")) if listed else ()
    for where, name in named:
        if name != ended and name in fields and fields[name].kind != "string":
            _unfit(library, filed, ("x-case", *where), fields[name])
    if known is not None and not final and (listed or not known.code):
        library.note(filed.document, ("x-case", "status"), "contract.case_no_end", name=known.name)
    return CaseRule(unit, status, final, ended, Parent(entity, field, own) if above else None)


def _unfit(library: Library, filed: ContractFile, where: tuple[Step, ...], field: Field) -> None:
    words = {"why_zh": f"“{field.name}”不是文本字段", "why_en": f"“{field.name}” is no text"}
    library.note(filed.document, where, "contract.value", place=".".join(map(str, where)), **words)


def _known_parent(
    library: Library, filed: ContractFile, where: tuple[str, ...], name: str, field: str
) -> None:
    library.known(filed.document, where, kind="schema", name=name)
    parent = next(
        (mapping(one.says["properties"]) for one in library.filed["schema"] if one.name == name),
        None,
    )
    if parent is not None and field not in parent:
        library.miss(
            filed.document, where, "contract.field_unknown", parent, name=field, entity=name
        )


def _papers(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> Papers | None:
    if "x-papers" not in filed.says:
        return None
    said = mapping(filed.says["x-papers"])
    names, holder = texts(said["names"]), texts(said.get("holder"))
    _known_fields(
        library, filed, fields, "x-papers", [*_at("names", names), *_at("holder", holder)]
    )
    return Papers(names, holder)


def _at(place: str, names: tuple[str, ...]) -> list[tuple[tuple[Step, ...], str]]:
    return [((place, at), name) for at, name in enumerate(names)]


def _known_fields(
    library: Library,
    filed: ContractFile,
    fields: Mapping[str, Field],
    word: str,
    named: Iterable[tuple[tuple[Step, ...], str]],
) -> None:
    """Note the names, each with its place in what a word says, that no field has."""
    for where, name in named:
        if name not in fields:
            facts = {"name": name, "entity": filed.name}
            library.miss(filed.document, (word, *where), "contract.field_unknown", fields, **facts)


def _units(library: Library) -> frozenset[str] | None:
    """The units that have words; None where no list of them is kept."""
    listed = next((one for one in library.filed["codes"] if one.name == UNITS), None)
    return frozenset(mapping(listed.says["values"])) if listed else None


def _systems(
    library: Library, filed: ContractFile, where: tuple[str, ...], names: Json
) -> tuple[str, ...]:
    for at, name in enumerate(texts(names)):
        if name not in library.folders:  # a partner whose own files are unsound keeps its say
            library.known(filed.document, (*where, at), kind="system", name=name)
    return texts(names)


def _field(
    library: Library,
    filed: ContractFile,
    *,
    name: str,
    authority: tuple[str, ...],
    asserted_by: tuple[str, ...],
) -> Field:
    rule = mapping(mapping(filed.says["properties"])[name])
    if "x-authority" in rule:
        authority = _systems(
            library, filed, ("properties", name, "x-authority"), rule["x-authority"]
        )
    _check_field(library, filed, name, rule)
    scale = rule.get("x-scale")
    return Field(
        name,
        kind=_FORMATS.get(str(rule.get("format")), _TYPES[str(rule["type"])]),
        title_zh=str(rule["x-title-zh"]),
        title_en=str(rule["title"]),
        authority=authority,
        classed=str(rule["x-class"]),
        scale=scale if isinstance(scale, int) else None,
        unit=_optional(rule.get("x-unit")),
        standard=texts(rule["x-standard"]),
        code=_optional(rule.get("x-code")),
        rule=_optional(rule.get("x-rule")),
        warn=texts(rule.get("x-warn")),
        asserted_by=asserted_by,
        identifies=_optional(rule.get("x-identifies")),
        resembles=_optional(rule.get("x-resembles")),
    )


def _check_field(
    library: Library, filed: ContractFile, name: str, rule: Mapping[str, Json]
) -> None:
    """Words of JSON Schema that contradict each other or mean nothing on this type."""
    where, kind = ("properties", name), str(rule["type"])
    needs = {
        "x-scale": "decimal",
        "format": "string",
        "pattern": "string",
        "x-code": "string",
        "x-rule": "string",
    }
    for word, wanted in needs.items():
        told = (
            str(rule.get("format"))
            if word == "x-scale"
            else "string"
            if (word, kind) == ("x-code", "array")
            else kind
        )
        if word in rule and told != wanted and not (word == "x-rule" and kind == "array"):
            facts = {
                "why_zh": f"{word} 不能用于 {kind}",
                "why_en": f"{word} has no meaning for {kind}",
            }
            place = f"properties.{name}.{word}"
            library.note(filed.document, (*where, word), "contract.value", place=place, **facts)
    for least, most in (("minLength", "maxLength"), ("minimum", "maximum")):
        low, high = rule.get(least), rule.get(most)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            facts = {"first": f"{least} {low}", "last": f"{most} {high}"}
            library.note(filed.document, (*where, most), "contract.order_invalid", **facts)
    if "pattern" in rule:
        try:
            compiled({"pattern": rule["pattern"]})
        except ValueError as error:
            facts = {"pattern": str(rule["pattern"]), "why": str(error).splitlines()[0]}
            library.note(
                filed.document, (*where, "pattern"), "contract.expression_invalid", **facts
            )


def _optional(value: Json) -> str | None:
    return None if value is None else str(value)


def systems(library: Library) -> dict[str, System]:
    """All systems whose files keep to the grammar."""
    found = {}
    for filed in library.filed["system"]:
        with library.guarding(filed):
            found[filed.name] = _system(library, filed)
    return found


def _system(library: Library, filed: ContractFile) -> System:
    said = filed.read(SystemFile)
    if filed.name in RESERVED:
        library.note(filed.document, (), "contract.name_reserved", name=filed.name)
    if not is_zone(said.timezone):
        zones = available_timezones()
        library.miss(
            filed.document, ("timezone",), "contract.timezone_unknown", zones, name=said.timezone
        )
    return System(
        filed.name,
        title_zh=said.title.zh,
        title_en=said.title.en,
        department_zh=said.department.zh,
        department_en=said.department.en,
        connector=said.connector,
        connect=_connect(library, filed, said),
        pool_slots=said.pool.slots,
        freshness_seconds=seconds(said.freshness),
        every_seconds=seconds(said.every),
        timezone=said.timezone if is_zone(said.timezone) else "Asia/Shanghai",
        owner=said.owner,
        reconcile=said.reconcile,
    )


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _connect(library: Library, filed: ContractFile, said: SystemFile) -> dict[str, dict[str, Json]]:
    """The options of each connector that the system's files name, checked against the connector's own schema."""
    own, connect = said.connector, said.connect
    several = bool(connect) and set(connect) <= set(library.connectors)
    vias = [
        flow
        for kind in ("pull", "push")
        for flow in library.filed[kind]
        if flow.system == filed.name and "via" in flow.says
    ]
    if own not in library.connectors:
        library.miss(
            filed.document,
            ("connector",),
            "flow.connector_unknown",
            library.connectors,
            connector=own,
        )
    options: dict[str, dict[str, Json]] = {}
    for name in {own: None} | {str(flow.says["via"]): None for flow in vias}:
        options[name] = mapping(connect.get(name)) if several else connect if name == own else {}
        if name in library.connectors:
            where = ("connect", name) if several else ("connect",)
            library.check(
                filed.document, library.connectors[name].system, where=where, value=options[name]
            )
    return options
