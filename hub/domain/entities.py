"""Entities from their schema files, and systems from their system.yaml."""

from collections import defaultdict
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from hub.domain import attachments, declarations
from hub.domain.contracts import PROJECT_CODE, Entity, Field, Kind, System
from hub.domain.documents import mapping, optional, texts
from hub.domain.files import SystemFile
from hub.domain.library import ContractFile, Library
from hub.domain.reference_validator import breaches
from hub.domain.schemas import compiled
from hub.domain.units import UNITS
from hub.model import STEWARD, Json
from hub.texts import reason

RESERVED = frozenset({STEWARD, "release", "default_pool", "hub"})
"""Names no partner may have: a steward's authority, or a pool of the hub's own."""

OWN_COLUMNS = frozenset(
    {"flow", "source_key", "system", "record_id", "landing_id", "version", "contract_id", "lent_by"}
    | {"findings", "batch_id", "deleted_at", "incomplete", "provenance"}
)
"""Columns that tables of records have of themselves: no field may be called so."""
OF_PROJECTS = ("x-show", "x-case", "x-clock", "x-papers")
"""What is asked of the records of a project alone; the first also of those that belong to some."""
NO_PROJECT = Field(
    PROJECT_CODE,
    kind="string",
    title_zh="项目代码",
    title_en="Project code",
    authority=(),
    classed="public",
)
"""The column that every table of records has; here it stays empty."""

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


def seconds(duration: str) -> int:
    """Seconds of `30s`, `10m`, `2h`, `1d`."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def entities(library: Library) -> dict[str, Entity]:
    """All entities whose files are valid."""
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
    """Computed entities, taken out of `known`: no mapping and no form may name them."""
    computed = {name: known.pop(name) for name in [*known] if "x-derived" in known[name].schema}
    library.names["schema"] -= computed.keys()
    return computed


def _entity(
    library: Library, filed: ContractFile, flows: Mapping[tuple[str, str], list[str]]
) -> Entity:
    says = filed.says
    properties = mapping(says["properties"])
    for where, why in breaches(says):
        words = reason("不合 JSON Schema 2020-12（{why}）", why=why)
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
            rule=mapping(rule),
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
    if _without_project(library, filed):
        fields[PROJECT_CODE] = NO_PROJECT
    case = declarations.case(library, filed, fields)
    return Entity(
        filed.name,
        title_zh=str(says["x-title-zh"]),
        title_en=str(says["title"]),
        key=texts(says["x-key"]),
        fields=fields,
        required=texts(says.get("required")),
        authority=authority,
        schema=says,
        show=declarations.show(library, filed, fields),
        case=case,
        papers=declarations.papers(library, filed, fields),
        clock=declarations.clock(library, filed, fields, case),
        ways=declarations.ways(library, filed, fields),
    )


def _without_project(library: Library, filed: ContractFile) -> bool:
    """Whether the records belong to no project; notes what only records of projects can say, and
    fields that are called as columns of the tables are.
    """
    says = filed.says
    own = OWN_COLUMNS if "x-derived" not in says else frozenset[str]()
    for name in own & mapping(says["properties"]).keys():
        library.note(filed.document, ("properties", name), "contract.field_own", name=name)
    if "x-project" not in says:
        if PROJECT_CODE not in mapping(says["properties"]):
            library.note(filed.document, ("properties",), "contract.project_code_missing")
        return False
    if PROJECT_CODE in mapping(says["properties"]):
        where, facts = ("properties", PROJECT_CODE), {"word": PROJECT_CODE}
        library.note(filed.document, where, "contract.no_project", **facts)
    for word in OF_PROJECTS[1 if "x-belongs" in says else 0 :]:
        library_of_flows = mapping(says.get("x-clock")).get("as") == "flow" and word == "x-clock"
        if word in says and not library_of_flows:
            library.note(filed.document, (word,), "contract.no_project", word=word)
    return True


def check_columns(
    library: Library, entities: Mapping[str, Entity], columns: Mapping[str, frozenset[str]]
) -> None:
    """Note entities and fields without columns in the database: `hub migrate` makes them."""
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
    rule: Mapping[str, Json],
    authority: tuple[str, ...],
    asserted_by: tuple[str, ...],
) -> Field:
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
        unit=optional(rule.get("x-unit")),
        standard=texts(rule["x-standard"]),
        code=optional(rule.get("x-code")),
        rule=optional(rule.get("x-rule")),
        warn=texts(rule.get("x-warn")),
        asserted_by=asserted_by,
        identifies=optional(rule.get("x-identifies")),
        resembles=optional(rule.get("x-resembles")),
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
            facts = reason("{word} 不能用于 {kind}", word=word, kind=kind)
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


def systems(library: Library) -> dict[str, System]:
    """All systems whose files are valid."""
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
    _check_variants(library, filed, said)
    attachments.check_sources(library, filed)
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
        variants={name: (title.zh, title.en) for name, title in said.variants.items()},
    )


def _check_variants(library: Library, filed: ContractFile, said: SystemFile) -> None:
    """Every titled variant is one of a mapping of this system (its folder: also unsound ones)."""
    known = {
        variant
        for kind in ("pull", "push")
        for flow in library.filed[kind]
        if flow.system == filed.name
        for variant in flow.name.split(".")[1:]
    }
    for name in said.variants:
        if name not in known and not library.problems:
            library.miss(
                filed.document, ("variants", name), "contract.variant_unknown", known, name=name
            )


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _connect(library: Library, filed: ContractFile, said: SystemFile) -> dict[str, dict[str, Json]]:
    """Options of each connector of a system, checked against the connector's schema."""
    own, connect = said.connector, said.connect
    several = bool(connect) and set(connect) <= set(library.connectors)
    vias = [
        flow
        for kind in ("pull", "push")
        for flow in library.filed[kind]
        if flow.system == filed.name and "via" in flow.says
    ]
    back = [
        mapping(flow.says.get("back"))
        for flow in library.filed["pull"]
        if flow.system == filed.name
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
    named = [*(flow.says for flow in vias), *(one for one in back if "via" in one)]
    ways = [own, *(str(says["via"]) for says in named)]
    ways += sorted(attachments.vias(library, filed.name) & library.connectors.keys())
    for name in dict.fromkeys(ways):
        options[name] = mapping(connect.get(name)) if several else connect if name == own else {}
        if name in library.connectors:
            where = ("connect", name) if several else ("connect",)
            library.check(
                filed.document, library.connectors[name].system, where=where, value=options[name]
            )
    return options
