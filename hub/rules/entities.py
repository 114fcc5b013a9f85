"""Entities from their schema files, and systems from their system.yaml."""

from collections import defaultdict
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.model import Json
from hub.rules.contracts import Entity, Field, Kind, Reconciling, System
from hub.rules.documents import mapping, texts
from hub.rules.library import Filed, Library

_SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORMATS: Mapping[str, Kind] = {
    "date": "date",
    "date-time": "datetime",
    "year-month": "month",
    "decimal": "decimal",
    "geojson": "geojson",
}
_TYPES: Mapping[str, Kind] = {"string": "string", "integer": "integer", "boolean": "boolean", "array": "strings"}


def seconds(duration: str) -> int:
    """Seconds of `30s`, `10m`, `2h`, `1d`."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def entities(library: Library) -> dict[str, Entity]:
    """All entities whose files keep to the grammar."""
    flows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pull in library.filed["pull"]:
        for name in mapping(pull.says["fields"]):
            flows[str(pull.says["entity"]), name].append(f"pull.{pull.system}.{pull.name}")
    return {filed.name: _entity(library, filed, flows) for filed in library.filed["schema"]}


def _entity(library: Library, filed: Filed, flows: Mapping[tuple[str, str], list[str]]) -> Entity:
    says = filed.says
    properties = mapping(says["properties"])
    for place in ("x-key", "required"):
        for at, name in enumerate(texts(says.get(place))):
            if name not in properties:
                library.note(filed.document, (place, at), "contract.field_unknown", name=name, entity=filed.name)
    if says["$id"] != f"urn:onecode:{filed.name}":
        library.note(filed.document, ("$id",), "contract.id_differs", expected=f"urn:onecode:{filed.name}")
    authority = _systems(library, filed, ("x-authority",), says["x-authority"])
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
    )


def _systems(library: Library, filed: Filed, where: tuple[str, ...], names: Json) -> tuple[str, ...]:
    for at, name in enumerate(texts(names)):
        library.known(filed.document, (*where, at), kind="system", name=name)
    return texts(names)


def _field(
    library: Library, filed: Filed, *, name: str, authority: tuple[str, ...], asserted_by: tuple[str, ...]
) -> Field:
    rule = mapping(mapping(filed.says["properties"])[name])
    if "x-authority" in rule:
        authority = _systems(library, filed, ("properties", name, "x-authority"), rule["x-authority"])
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


def _optional(value: Json) -> str | None:
    return None if value is None else str(value)


def systems(library: Library) -> dict[str, System]:
    """All systems whose files keep to the grammar."""
    found = {}
    for filed in library.filed["system"]:
        says = filed.says
        title, department, pool = mapping(says["title"]), mapping(says["department"]), mapping(says["pool"])
        slots = pool["slots"]
        found[filed.name] = System(
            filed.name,
            title_zh=str(title["zh"]),
            title_en=str(title["en"]),
            department_zh=str(department["zh"]),
            department_en=str(department["en"]),
            connector=str(says["connector"]),
            connect=_connect(library, filed),
            pool_slots=slots if isinstance(slots, int) else 1,
            freshness_seconds=seconds(str(says["freshness"])),
            every_seconds=seconds(str(says["every"])),
            timezone=_timezone(library, filed),
            owner=str(says["owner"]),
            reconcile=Reconciling(**mapping(says.get("reconcile"))),  # type: ignore[arg-type] # the grammar's own words
        )
    return found


def _timezone(library: Library, filed: Filed) -> str:
    name = str(filed.says.get("timezone", "Asia/Shanghai"))
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        library.note(filed.document, ("timezone",), "contract.timezone_unknown", name=name)
        return "Asia/Shanghai"
    return name


def _connect(library: Library, filed: Filed) -> dict[str, dict[str, Json]]:
    """The options of each connector that the system's files name, checked against the connector's own schema."""
    own = str(filed.says["connector"])
    said = mapping(filed.says.get("connect"))
    several = bool(said) and set(said) <= set(library.connectors)
    vias = [
        flow
        for kind in ("pull", "push")
        for flow in library.filed[kind]
        if flow.system == filed.name and "via" in flow.says
    ]
    if own not in library.connectors:
        library.note(filed.document, ("connector",), "flow.connector_unknown", connector=own)
    options: dict[str, dict[str, Json]] = {}
    for name in {own: None} | {str(flow.says["via"]): None for flow in vias}:
        options[name] = mapping(said.get(name)) if several else said if name == own else {}
        if name in library.connectors:
            where = ("connect", name) if several else ("connect",)
            library.check(filed.document, library.connectors[name].system, where=where, value=options[name])
    return options
