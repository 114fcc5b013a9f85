"""Declarations in schemas besides fields (`x-show`, `x-case`, `x-clock`, `x-papers`), compiled."""

from collections.abc import Collection, Iterable, Mapping

from hub.domain.contracts import Entity, Field
from hub.domain.declared import CaseRule, ClockRole, Papers, Parent, Show, Timing, Way
from hub.domain.documents import Step, mapping, optional, texts
from hub.domain.library import ContractFile, Library
from hub.model import Json
from hub.texts import reason

LAST = 1_000_000
"""Sort order of entities that declare none."""
STATUSES = "item_status"
"""The code list whose final and failing codes are named in mappings/limits."""
MOMENTS = ("began", "ended", "status_at", "at", "on", "entered")
COUNTS = ("limit", "promised", "statutory", "round")
TELLS = (
    *("number", "stage", "kind", "name", "limit_kind", "status", "code", "flow", "flow_version"),
    *(
        "handling",
        "channel",
        "commitment",
        "outcome",
        "certificate",
        "issuer",
        "issuer_code",
        "lead",
    ),
    *COUNTS,
    *MOMENTS,
)
"""What a field may tell a clock."""
KINDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(COUNTS, ("integer",)),
    **dict.fromkeys(MOMENTS, ("date", "datetime")),
    "commitment": ("boolean",),
    "stage": ("string", "integer"),
}
"""Kinds of fields that may tell it; everything else is told by a text."""
OF_CASE: Mapping[ClockRole, tuple[str, ...]] = {
    "step": ("status",),
    "pause": ("ended",),
    "result": ("status",),
    "flow": (),
}
"""What records of these roles take from `x-case`; all others take both."""
OF_ITEMS: Collection[ClockRole] = ("step", "pause")
"""Records of these roles say of which item's clock they are."""
ROLES: Mapping[str, ClockRole] = {
    "stage": "stage",
    "item": "item",
    "connection": "connection",
    "case": "case",
    "step": "step",
    "pause": "pause",
    "result": "result",
    "flow": "flow",
}


def check_declared(library: Library, entities: Mapping[str, Entity]) -> None:
    """Note what no schema declares and earlier releases knew by entity names."""
    first = next((one for one in library.filed["schema"] if one.name in entities), None)
    if first is None:
        return
    if not any(entity.case for entity in entities.values()):
        words = reason("限于在办事项的授权不显示任何内容")
        library.warn(first.document, (), "contract.undeclared", word="x-case", **words)
    if library.filed["clock"] and not any(entity.clock for entity in entities.values()):
        words = reason("项目没有任何计时")
        library.warn(first.document, (), "contract.undeclared", word="x-clock", **words)
    asking = any("materials" in form.says for form in library.filed["form"])
    if asking and not any(entity.papers for entity in entities.values()):
        words = reason("表单找不到已提交的材料")
        library.warn(first.document, (), "contract.undeclared", word="x-papers", **words)


def show(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> Show | None:
    """Where records appear on the project page; default: all public fields, at its end."""
    said = filed.says.get("x-show")
    alone = "x-project" in filed.says and "x-belongs" not in filed.says
    if said == "elsewhere" or filed.says.get("x-derived") or alone:
        return None
    if said is None:
        public = [
            one.name
            for one in fields.values()
            if one.classed == "public" and one.name != "project_code"
        ]
        return Show(str(filed.says["x-title-zh"]), str(filed.says["title"]), tuple(public), LAST)
    says, part = mapping(said), mapping(mapping(said)["part"])
    columns, order = texts(says["columns"]), says.get("order")
    named = [*_at("columns", columns), *((("date",), name) for name in texts(says.get("date")))]
    named += [(("paper",), name) for name in texts(says.get("paper"))]
    _known_fields(library, filed, fields, "x-show", named)
    date = optional(says.get("date"))
    if date is not None and date in fields and fields[date].kind not in {"date", "datetime"}:
        library.note(filed.document, ("x-show", "date"), "contract.show_no_date", name=date)
    return Show(
        str(part["zh"]),
        str(part["en"]),
        columns,
        order=order if isinstance(order, int) else LAST,
        date=date,
        paper=optional(says.get("paper")),
    )


def case(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> CaseRule | None:
    """Whose cases the records are, and which status codes end them."""
    if "x-case" not in filed.says:
        return None
    said = mapping(filed.says["x-case"])
    unit, status, ended = (
        texts(said["unit"]),
        optional(said.get("status")),
        optional(said.get("ended")),
    )
    named = [*_at("unit", unit), *((("of", own), own) for own in mapping(said.get("of")))]
    named += [
        ((place,), name)
        for place, name in (("status", status), ("ended", ended))
        if name is not None
    ]
    _known_fields(library, filed, fields, "x-case", named)
    parent = _parent(library, filed, "x-case", said)
    known = fields.get(status or "")
    listed, final = _final(library, known)
    for where, name in named:
        if name != ended and name in fields and fields[name].kind != "string":
            _unfit(library, filed, ("x-case", *where), fields[name])
    if known is not None and not final and (listed or not known.code):
        library.note(filed.document, ("x-case", "status"), "contract.case_no_end", name=known.name)
    return CaseRule(unit, status, final, ended, parent)


def clock(
    library: Library, filed: ContractFile, fields: Mapping[str, Field], whose: CaseRule | None
) -> Timing | None:
    """The records' role in clocks; unit, status and end come from `x-case`."""
    if "x-clock" not in filed.says:
        return None
    said = mapping(filed.says["x-clock"])
    tells = {word: str(said[word]) for word in TELLS if word in said}
    named: list[tuple[tuple[Step, ...], str]] = [((word,), name) for word, name in tells.items()]
    named += [(("of", own), own) for own in mapping(said.get("of"))]
    _known_fields(library, filed, fields, "x-clock", named)
    for where, name in named:
        if name in fields:
            _check_kind(library, filed, ("x-clock", str(where[0])), fields[name])
    role = ROLES[str(said["as"])]
    parent = _parent(library, filed, "x-clock", said)
    if role in OF_ITEMS and parent is not None:
        _check_item(library, filed, parent)
    for word, name in _of_case(whose, role).items():
        if word not in tells:
            tells[word] = name
            if name in fields:
                _check_kind(library, filed, ("x-case", word), fields[name])
    status = fields.get(tells.get("status", ""))
    ours = status is None or status.code == STATUSES
    _, final = _final(library, status)
    return Timing(
        filed.name,
        role=role,
        fields=tells,
        dates=tuple(word for word, name in tells.items() if _is_date(fields, name)),
        unit=whose.unit if whose is not None else (),
        parent=parent,
        result=optional(said.get("is")),
        finished=None if ours else final,
        failed=None if ours else texts(said.get("failed")),
    )


def _of_case(whose: CaseRule | None, role: ClockRole) -> dict[str, str]:
    """Clock meaning -> field, as far as `x-case` gives it for this role."""
    said = {"status": whose.status, "ended": whose.ended} if whose is not None else {}
    read = OF_CASE.get(role, tuple(said))
    return {word: name for word, name in said.items() if name is not None and word in read}


def _check_item(library: Library, filed: ContractFile, parent: Parent) -> None:
    """Steps and pauses are found by the number of an item's clock, and by nothing else."""
    schemas = library.filed["schema"]
    above = next((one for one in schemas if one.name == parent.entity), None)
    if above is None or parent.field not in mapping(above.says.get("properties")):  # told already
        return
    clock = mapping(above.says.get("x-clock"))
    if clock.get("as") != "item" or clock.get("number") != parent.field:
        facts = {"entity": parent.entity, "field": parent.field}
        library.note(
            filed.document, ("x-clock", "of", parent.own), "contract.clock_parent", **facts
        )


def _is_date(fields: Mapping[str, Field], name: str) -> bool:
    return name in fields and fields[name].kind == "date"


def _check_kind(
    library: Library, filed: ContractFile, where: tuple[str, str], field: Field
) -> None:
    """A moment is a date or a time, a limit a whole number, most else a text."""
    word = where[1]
    if field.kind not in KINDS.get(word, ("string",)):
        facts = {"name": field.name, "word": word}
        library.note(filed.document, where, "contract.clock_unfit", **facts)


def _final(library: Library, status: Field | None) -> tuple[ContractFile | None, tuple[str, ...]]:
    """The list of the codes of a state, and those with which a record is over."""
    codes = library.filed["codes"]
    listed = next((one for one in codes if status and one.name == status.code), None)
    return listed, texts(listed.says.get("final")) if listed else ()


def _parent(
    library: Library, filed: ContractFile, word: str, said: Mapping[str, Json]
) -> Parent | None:
    """The record that one belongs to; its entity and field must be known."""
    for own, above in mapping(said.get("of")).items():
        entity, _, field = str(above).partition(".")
        _known_parent(library, filed, (word, "of", own), entity, field)
        return Parent(entity, field, own)
    return None


def _unfit(library: Library, filed: ContractFile, where: tuple[Step, ...], field: Field) -> None:
    words = reason("“{field}”不是文本字段", field=field.name)
    library.note(filed.document, where, "contract.value", place=".".join(map(str, where)), **words)


def _known_parent(
    library: Library, filed: ContractFile, where: tuple[Step, ...], name: str, field: str
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


def ways(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> tuple[Way, ...]:
    """How records without a project belong to projects; never by a personal or a secret value."""
    found, through = [], ("x-belongs", "through")  # the place in the file
    said = mapping(filed.says.get("x-belongs")).get("through")
    for at, one in enumerate(map(mapping, said if isinstance(said, list) else [])):
        where: tuple[Step, ...] = (*through, at, "other")
        place = str(one.get("place", ""))
        way = Way(str(one["as"]), str(one["field"]), str(one["entity"]), str(one["other"]), place)
        _known_fields(library, filed, fields, "x-belongs", [(("through", at, "field"), way.own)])
        _known_parent(library, filed, where, way.entity, way.other)
        above = next((one for one in library.filed["schema"] if one.name == way.entity), None)
        says = above.says if above else {}
        other = mapping(mapping(says.get("properties")).get(way.other))
        own = mapping(mapping(filed.says["properties"]).get(way.own))
        if {"personal", "secret"} & {other.get("x-class"), own.get("x-class")}:
            facts = {"field": f"{way.entity}.{way.other}"}
            library.note(filed.document, where, "contract.way_personal", **facts)
        if place and own.get("format") != "geojson":
            where = (*through, at, "place")
            library.note(filed.document, where, "contract.way_shapeless", field=way.own)
        if "x-project" in says:
            library.note(
                filed.document, (*through, at, "entity"), "contract.way_without", entity=way.entity
            )
        found.append(way)
    return tuple(found)


def papers(library: Library, filed: ContractFile, fields: Mapping[str, Field]) -> Papers | None:
    """By which fields forms find records that are papers handed in."""
    if "x-papers" not in filed.says:
        return None
    said = mapping(filed.says["x-papers"])
    names, holder, same = texts(said["names"]), texts(said.get("holder")), texts(said.get("same"))
    named = [*_at("names", names), *_at("holder", holder), *((("same",), one) for one in same)]
    _known_fields(library, filed, fields, "x-papers", named)
    return Papers(names, holder, next(iter(same), None))


def _at(place: str, names: tuple[str, ...]) -> list[tuple[tuple[Step, ...], str]]:
    return [((place, at), name) for at, name in enumerate(names)]


def _known_fields(
    library: Library,
    filed: ContractFile,
    fields: Mapping[str, Field],
    word: str,
    named: Iterable[tuple[tuple[Step, ...], str]],
) -> None:
    """Note names without a field, each with its place in a declaration."""
    for where, name in named:
        if name not in fields:
            facts = {"name": name, "entity": filed.name}
            library.miss(filed.document, (word, *where), "contract.field_unknown", fields, **facts)
