"""Pull and push flows from their mapping files: first every problem is noted, then, if there is none, all are made."""

import codecs
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, cast
from zoneinfo import ZoneInfo

import orjson

from hub.domain import explode, paths, static_checks
from hub.domain.contracts import CodeList, Entity, PullFlow, PushFlow, System
from hub.domain.documents import Step, mapping, texts
from hub.domain.entities import seconds
from hub.domain.library import ContractFile, Library
from hub.domain.mapped_paths import watched
from hub.domain.payload import PayloadFormat
from hub.domain.pull_mapping import FieldRule, PullRules, compile_mapper, sources
from hub.domain.push_mapping import PushMapping, compile_shaper
from hub.domain.secrecy import secrecy_of
from hub.domain.static_checks import Foresight
from hub.domain.times import HUB_ZONE
from hub.domain.validation import Validator
from hub.domain.verbs import Scope, Translation, given
from hub.model import Json

PROJECT = "project"
FORM = "form"
DECLARED = frozenset({"x-show", "x-case", "x-papers", "x-clock"})
"""Where records are shown and whose cases they are decides no value: a change makes nothing due again."""

BATCH = 100
PLACES = re.compile(r"\{([^{}]+)\}")
_OF_THE_HUB = ("batch", "receipts")


@dataclass(frozen=True, slots=True)
class FlowCompiler:
    """What flows are made from, beside their own files."""

    library: Library
    entities: Mapping[str, Entity]
    systems: Mapping[str, System]
    lists: Mapping[str, CodeList]
    translations: Mapping[str, Mapping[str, Translation]]
    year: int
    derived: Mapping[str, Entity]
    secret: bytes = field(default=b"", repr=False)

    @property
    def foresight(self) -> Foresight:
        """What judges values before any record comes."""
        return Foresight(self.lists, self.year)


def name_of(kind: str, system: str, name: str) -> str:
    """What the flow of a mapping file is called."""
    return f"{kind}.{system}.{name}"


def uses_of(shop: FlowCompiler, filed: ContractFile) -> set[str]:
    """The shared code lists that a mapping translates to or from."""
    seen = shop.translations.get(filed.system, {})
    return {
        seen[name].to for rule in _rules(filed) for _, (_, name) in _coded(rule) if name in seen
    }


def check(shop: FlowCompiler) -> None:
    """Note every problem of the mapping files."""
    for kind, checked in (("pull", _check_pull), ("push", _check_push)):
        for filed in shop.library.filed[kind]:
            with shop.library.guarding(filed):
                checked(shop, filed)


def _check_pull(shop: FlowCompiler, filed: ContractFile) -> None:
    says = filed.says
    _check_connector(shop, filed, "read")
    _check_encoding(shop, filed)
    if says.get("parent", "none") != "none":
        shop.library.known(filed.document, ("parent",), kind="schema", name=str(says["parent"]))
    fields = mapping(says["fields"])
    for at, name in enumerate(texts(says.get("required"))):
        if name not in fields:
            _unknown_field(shop, filed, ("required", at), name)
    explode.check(shop.library, filed)
    _check_secrecy(shop.library, filed)
    entity = _entity(shop, filed)
    if entity is not None:
        _check_fields(shop, filed, entity)


def _check_secrecy(library: Library, filed: ContractFile) -> None:
    """Every pull says how its source flags what is secret, or who says that it holds nothing of the kind."""
    if "secret" not in filed.says:
        library.note(filed.document, (), "contract.secrecy_unsaid")
    secrecy = secrecy_of(filed.says.get("secret"))
    for value in sorted(secrecy.open & secrecy.closed):
        library.note(filed.document, ("secret", "open"), "contract.secrecy_both", value=value)
    if "secret" in filed.says and not secrecy.none and not secrecy.asks:
        library.note(
            filed.document, ("secret", "field"), "contract.secrecy_nameless", field=secrecy.field
        )


def _check_fields(shop: FlowCompiler, filed: ContractFile, entity: Entity) -> None:
    """Only shared fields are mapped, the key among them, and the system has a say in at least one."""
    fields = mapping(filed.says["fields"])
    for name in fields:
        if name not in entity.fields:
            _unknown_field(shop, filed, ("fields", name), name)
    for name in entity.key:
        if name not in fields and not (name == "project_code" and _links(filed.says, entity)):
            shop.library.note(
                filed.document, ("fields",), "contract.key_unmapped", name=name, entity=entity.name
            )
    known = [entity.fields[name] for name in fields if name in entity.fields]
    if not any(filed.system in field.authority for field in known):
        shop.library.note(
            filed.document, ("entity",), "contract.no_say", system=filed.system, entity=entity.name
        )
    _check_codes(shop, filed, {field.name: field.code for field in known})
    static_checks.check_written(shop.library, filed, _rules(filed))
    static_checks.check_pulled(
        shop.library, filed, _rules(filed), entity, shop.foresight, _known_scope(shop, filed)
    )


def _check_encoding(shop: FlowCompiler, filed: ContractFile) -> None:
    """A table is cut by the connector and read by the mapping: both must know its encoding."""
    name = _connector(shop, filed)
    if str(filed.says.get("format", "json")) != "csv" or name not in shop.library.connectors:
        return
    option = mapping(mapping(shop.library.connectors[name].read.get("properties")).get("encoding"))
    cut = str(mapping(filed.says["read"]).get("encoding", option.get("default", "")))
    said = str(filed.says.get("encoding", "utf-8"))
    with suppress(LookupError, ValueError):  # one that there is not is told elsewhere
        if option and codecs.lookup(cut) != codecs.lookup(said):
            shop.library.note(
                filed.document, ("read",), "contract.encodings_differ", cut=cut, said=said
            )


def _check_push(shop: FlowCompiler, filed: ContractFile) -> None:
    says = filed.says
    _check_connector(shop, filed, "write")
    if "after" in says:
        shop.library.known(filed.document, ("after",), kind="schema", name=str(says["after"]))
    entity = _entity(shop, filed)
    if entity is None:
        return
    places: list[tuple[tuple[Step, ...], str]] = [
        (("when", name), name) for name in mapping(says.get("when"))
    ]
    places += [(("required", at), name) for at, name in enumerate(texts(says.get("required")))]
    places += [(("key", at), name) for at, name in enumerate(texts(says["key"]))]
    places += [
        (("fields", rule.name, "from"), path) for rule in _rules(filed) for path in sources(rule)
    ]
    asked = _form_questions(shop, filed)
    for where, path in places:
        name, *rest = paths.steps(path)
        if name == FORM and rest and FORM in filed.says:
            if (asked is not None and str(rest[0]) not in asked) or where[0] == "when":
                _unknown_field(shop, filed, where, path)
            continue
        _check_path(shop, filed, entity, where=where, path=path)
    _check_addresses(shop, filed)
    _check_codes(shop, filed, {})
    static_checks.check_written(shop.library, filed, _rules(filed))
    static_checks.check_pushed(
        shop.library, filed, _rules(filed), shop.entities, shop.foresight, _known_scope(shop, filed)
    )


def _check_addresses(shop: FlowCompiler, filed: ContractFile) -> None:
    """The delivery's key has a field of its own, and an address is made of fields that are sent."""
    write, fields = mapping(filed.says["write"]), mapping(filed.says["fields"])
    key = write.get("key")
    if isinstance(key, str) and key in fields:
        shop.library.note(filed.document, ("write", "key"), "contract.key_mapped", name=key)
    known = {*fields, "key", "reference", "sid", str(write.get("key", ""))}
    inner = [
        ((name,), mapping(write.get(name)).get("resource"))
        for name in ("update", "remove", "lookup")
    ]
    for where, address in [((), write.get("resource")), *inner]:
        for name in PLACES.findall(address) if isinstance(address, str) else ():
            if name not in known:
                place = ("write", *where, "resource")
                shop.library.miss(
                    filed.document, place, "contract.address_unknown", fields, name=name
                )


def _check_path(
    shop: FlowCompiler, filed: ContractFile, entity: Entity, *, where: tuple[Step, ...], path: str
) -> None:
    """A path of a push names a field of the record or of its project, and looks for nothing inside a single value."""
    name, *rest = paths.steps(path)
    owner = shop.entities.get(PROJECT) if name == PROJECT and rest else entity
    if owner is None:
        return
    if owner is not entity:
        name, *rest = rest
    if str(name) not in owner.fields:
        facts = {"name": str(name), "entity": owner.name}
        shop.library.miss(filed.document, where, "contract.field_unknown", owner.fields, **facts)
    elif any(
        not isinstance(step, int) or (step and owner.fields[str(name)].kind != "strings")
        for step in rest
    ):
        shop.library.note(
            filed.document, where, "contract.path_leads_nowhere", name=str(name), path=path
        )


def _form_questions(shop: FlowCompiler, filed: ContractFile) -> set[str] | None:
    """The questions of the form that a push hands over; None where it hands over none, or nobody knows them."""
    if FORM not in filed.says:
        return None
    name = str(filed.says[FORM])
    shop.library.known(filed.document, (FORM,), kind="form", name=name)
    form = next((form for form in shop.library.filed["form"] if form.name == name), None)
    if form is None:
        return None
    return {str(mapping(question)["name"]) for question in cast("list[Json]", form.says["fields"])}


def _entity(shop: FlowCompiler, filed: ContractFile) -> Entity | None:
    name = str(filed.says["entity"])
    shop.library.known(filed.document, ("entity",), kind="schema", name=name)
    return shop.entities.get(name)


def _unknown_field(
    shop: FlowCompiler, filed: ContractFile, where: tuple[Step, ...], name: str
) -> None:
    entity = str(filed.says["entity"])
    known = shop.entities[entity].fields if entity in shop.entities else ()
    shop.library.miss(
        filed.document, where, "contract.field_unknown", known, name=name, entity=entity
    )


def _connector(shop: FlowCompiler, filed: ContractFile) -> str:
    system = shop.systems.get(filed.system)
    return str(filed.says.get("via", system.connector if system else ""))


def _check_connector(
    shop: FlowCompiler, filed: ContractFile, place: Literal["read", "write"]
) -> None:
    """The connector exists and takes these options; `batch` and `receipts` are the hub's unless it names them too."""
    library = shop.library
    library.known(filed.document, (), kind="system", name=filed.system)
    name = _connector(shop, filed)
    if name not in library.connectors:
        if "via" in filed.says:
            library.miss(
                filed.document,
                ("via",),
                "flow.connector_unknown",
                library.connectors,
                connector=name,
            )
        return
    schema = library.connectors[name].read if place == "read" else library.connectors[name].write
    named = mapping(schema.get("properties"))
    options = {
        option: value
        for option, value in mapping(filed.says[place]).items()
        if place == "read" or option in named or option not in _OF_THE_HUB
    }
    system = shop.systems.get(filed.system)
    connect = system.connect.get(name, {}) if system else {}
    library.check(filed.document, schema, where=(place,), value=options, connect=connect)


def _check_codes(shop: FlowCompiler, filed: ContractFile, wanted: Mapping[str, str | None]) -> None:
    """Every code list that a verb names exists, leads to the list of the field, and can be reversed for `uncode`."""
    known = shop.translations.get(filed.system, {})
    for rule in _rules(filed):
        for at, (verb, name) in _coded(rule):
            where = ("fields", rule.name, "use", at)
            if name not in known and _is_unsound(shop, filed, name):
                continue  # told at its own file
            if name not in known:
                shop.library.miss(filed.document, where, "contract.codes_unknown", known, name=name)
            elif verb == "uncode" and known[name].unclear:
                unclear = ", ".join(known[name].unclear)
                shop.library.note(
                    filed.document,
                    where,
                    "contract.not_reversible",
                    list=known[name].name,
                    codes=unclear,
                )
            elif verb in {"code", "words"} and wanted.get(rule.name) not in {None, known[name].to}:
                list_ = str(wanted[rule.name])
                shop.library.note(
                    filed.document,
                    where,
                    "contract.code_list_differs",
                    name=known[name].to,
                    list=list_,
                )


def _is_unsound(shop: FlowCompiler, filed: ContractFile, name: str) -> bool:
    """Whether there is such a code list, shared or of this system, though nothing can be made of it."""
    names = shop.library.names
    return name in names["codes"] or f"{filed.system}/{name}" in names["translation"]


def _coded(rule: FieldRule) -> Iterator[tuple[int, tuple[str, str]]]:
    for at, use in enumerate(rule.use):
        for verb, argument in mapping(use).items():
            if verb in {"code", "uncode", "words"}:
                yield at, (verb, str(argument))


def _rules(filed: ContractFile) -> tuple[FieldRule, ...]:
    return tuple(
        FieldRule(
            name,
            paths=texts(mapping(rule).get("from")),
            use=tuple(cast("list[Json]", mapping(rule).get("use", []))),
            const=mapping(rule).get("const"),
        )
        for name, rule in mapping(filed.says["fields"]).items()
    )


def _known_scope(shop: FlowCompiler, filed: ContractFile) -> Scope:
    """What verbs may know as far as it is known while files are checked."""
    return Scope(HUB_ZONE, shop.translations.get(filed.system, {}), secret=shop.secret)


def _scope(shop: FlowCompiler, system: System) -> Scope:
    return Scope(ZoneInfo(system.timezone), shop.translations[system.name], secret=shop.secret)


def _contract(shop: FlowCompiler, filed: ContractFile, entity: Entity) -> tuple[str, str]:
    """The hash and the text of all that decides a value."""
    system = shop.systems[filed.system]
    seen = shop.translations[filed.system]
    used = {name for rule in _rules(filed) for _, (_, name) in _coded(rule)}
    codes = {name: [seen[name].values, seen[name].otherwise, seen[name].back] for name in used}
    shared = {
        field.code: list(shop.lists[field.code].values)
        for field in entity.fields.values()
        if field.code
    }
    apart = explode.taken_apart_beside(shop.library, filed) if "read" in filed.says else []
    forms = [form.says for form in shop.library.filed["form"] if form.name == filed.says.get(FORM)]
    text = orjson.dumps(
        {
            "mapping": {name: rule for name, rule in filed.says.items() if _decides(name, rule)},
            "schema": {word: said for word, said in entity.schema.items() if word not in DECLARED},
            "codes": codes,
            "shared": shared,
            "timezone": system.timezone,
            **({FORM: forms} if forms else {}),
            **(
                {"digests": _named_secret(shop.secret)}
                if any("digest" in rule.use for rule in _rules(filed))
                else {}
            ),
            **({"taken_apart_beside": apart} if apart else {}),
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(text).hexdigest(), text.decode()


def _decides(name: str, rule: Json) -> bool:
    """Whether a part of a mapping decides a value: what is done about a change of shape does not, nor who says that
    a source holds no secrets.
    """
    return name != "shape" and not (name == "secret" and "none" in mapping(rule))


def pulls(shop: FlowCompiler) -> dict[str, PullFlow]:
    """All pull flows; the files have been checked."""
    found = {}
    for filed in shop.library.filed["pull"]:
        with shop.library.guarding(filed):
            flow = _pull(shop, filed)
            found[flow.name] = flow
    return found


def _pull(shop: FlowCompiler, filed: ContractFile) -> PullFlow:
    says, system, entity = (
        filed.says,
        shop.systems[filed.system],
        shop.entities[str(filed.says["entity"])],
    )
    connector = _connector(shop, filed)
    codes = {
        field.code: tuple(shop.lists[field.code].values)
        for field in entity.fields.values()
        if field.code
    }
    known = {rule.name: given(rule.use) for rule in _rules(filed)}
    validator = Validator(entity, codes=codes, year=shop.year, given=known)
    version = texts(says.get("version"))
    version_as = cast("Literal['text', 'datetime', 'integer']", says.get("version_as", "text"))
    rules = PullRules(
        fields=_rules(filed),
        key=explode.key_of(filed),
        version=version[0] if version else None,
        version_as=version_as,
        time=next(iter(texts(says.get("time"))), None),
        ignore=texts(says.get("ignore")),
        required=texts(says.get("required")),
        deleted_when=mapping(says.get("deleted_when")),
        skip_when={
            name: mapping(wanted) for name, wanted in mapping(says.get("skip_when")).items()
        },
        each=explode.each_of(filed),
        read_beside=explode.read_beside(shop.library, filed),
    )
    contract, text = _contract(shop, filed, entity)
    return PullFlow(
        f"pull.{filed.system}.{filed.name}",
        system=system,
        entity=entity,
        connector=connector,
        connect=system.connect[connector],
        read=mapping(says["read"]),
        form=_form(says),
        overlap=_overlap(says.get("overlap", 0)),
        version=rules.version,
        version_as=version_as,
        key=tuple(one[0] for one in rules.key if not rules.of_part(one[0])),
        ignore=rules.ignore,
        codeless=_codeless(says),
        links=_links(says, entity),
        parent=_parent(says, entity),
        contract=contract,
        text=text,
        mapper=compile_mapper(
            rules, entity=entity, scope=_scope(shop, system), validator=validator
        ),
        watched=watched(
            says,
            rules,
            entity=entity,
            scope=_scope(shop, system),
            known=lambda name: frozenset(shop.lists[name].values),
        ),
        secrecy=secrecy_of(says.get("secret")),
        each=rules.each,
    )


def _named_secret(secret: bytes) -> str:
    """What tells one secret from another, and nothing of it."""
    return (
        hmac.new(secret, b"digests of the hub", hashlib.sha256).hexdigest()[:16] if secret else ""
    )


def _form(says: Mapping[str, Json]) -> PayloadFormat:
    return PayloadFormat(
        cast("Literal['json', 'xml', 'csv']", says.get("format", "json")),
        encoding=str(says.get("encoding", "utf-8")),
        embedded_json=texts(says.get("embedded_json")),
    )


def _overlap(said: Json) -> int:
    return said if isinstance(said, int) else seconds(str(said))


def _codeless(says: Mapping[str, Json]) -> bool:
    return "project_code" not in texts(says.get("required"))


def _links(says: Mapping[str, Json], entity: Entity) -> dict[str, str]:
    """The mapped fields that can lead to a project, with the kind of their number."""
    if not _codeless(says):
        return {}
    known = [entity.fields[name] for name in mapping(says["fields"]) if name in entity.fields]
    return {field.name: field.identifies for field in known if field.identifies is not None}


def _parent(says: Mapping[str, Json], entity: Entity) -> str | None:
    parent = str(says.get("parent", "none" if entity.name == PROJECT else PROJECT))
    return None if parent == "none" else parent


def pushes(shop: FlowCompiler) -> dict[str, PushFlow]:
    """All push flows; the files have been checked."""
    found = {}
    for filed in shop.library.filed["push"]:
        with shop.library.guarding(filed):
            flow = _push(shop, filed)
            found[flow.name] = flow
    return found


def _push(shop: FlowCompiler, filed: ContractFile) -> PushFlow:
    says, system, entity = (
        filed.says,
        shop.systems[filed.system],
        shop.entities[str(filed.says["entity"])],
    )
    connector = _connector(shop, filed)
    rules = PushMapping(
        fields=_rules(filed), when=mapping(says.get("when")), required=texts(says.get("required"))
    )
    write = mapping(says["write"])
    batch = write.get("batch")
    used = dict.fromkeys(
        str(paths.steps(path)[0]) for rule in rules.fields for path in sources(rule)
    )
    contract, text = _contract(shop, filed, entity)
    return PushFlow(
        f"push.{filed.system}.{filed.name}",
        system=system,
        entity=entity,
        connector=connector,
        connect=system.connect[connector],
        write=write,
        batch=batch if isinstance(batch, int) else BATCH,
        receipts=bool(write.get("receipts")),
        when=rules.when,
        after=next(iter(texts(says.get("after"))), None),
        required=rules.required,
        key=texts(says["key"]),
        pushed=tuple(name for name in used if name in entity.fields),
        quotes="project" in used or "form" in says,
        contract=contract,
        text=text,
        shaper=compile_shaper(rules, scope=_scope(shop, system)),
        form=next(iter(texts(says.get("form"))), None),
        reader=str(says.get("reader", "")),
    )
