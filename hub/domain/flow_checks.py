"""Checks of mapping files: names, paths, codes, addresses and options; each problem at its line."""

import codecs
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal, cast

from hub.domain import asking, attachments, back_checks, explode, paths, static_checks
from hub.domain.contracts import Entity
from hub.domain.documents import Step, mapping, texts
from hub.domain.flows import FORM, PROJECT, FlowCompiler, coded, connector_of, links_of, rules_of
from hub.domain.library import ContractFile, Library
from hub.domain.pull_values import sources
from hub.domain.secrecy import secrecy_of
from hub.domain.templates import TEMPLATE
from hub.domain.times import HUB_ZONE
from hub.domain.verbs import Scope
from hub.model import Json

PLACES = re.compile(r"\{([^{}]+)\}")


_OF_THE_HUB = ("batch", "receipts")


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
    _check_template(shop.library, filed)
    back_checks.check(shop, filed)
    asking.check(shop.library, filed, shop.entities, shop.lists)
    _check_secrecy(shop.library, filed)
    entity = _entity(shop, filed)
    if entity is not None:
        _check_fields(shop, filed, entity)
        attachments.check(shop.library, filed, entity)


def _check_template(library: Library, filed: ContractFile) -> None:
    """The titles of a workbook are names of columns: no paths into a record, and no lists."""
    if not mapping(filed.says["read"]).get(TEMPLATE):
        return
    if "each" in filed.says:
        library.note(filed.document, ("each",), "contract.template_nested", path="each")
    named: list[tuple[tuple[Step, ...], str]] = [
        (("fields", rule.name), path) for rule in rules_of(filed) for path in sources(rule)
    ]
    keys = filed.says["key"]
    for at, choice in enumerate(keys if isinstance(keys, list) else []):
        named += [(("key", at), path) for path in texts(choice)]
    named += [(("deleted_when", path), path) for path in mapping(filed.says.get("deleted_when"))]
    for where, path in named:
        if set(path) & set(".["):
            library.note(filed.document, where, "contract.template_nested", path=path)


def _check_secrecy(library: Library, filed: ContractFile) -> None:
    """Every pull names its source's secrecy flag, or who declares that it holds no secrets."""
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
    """Only shared fields are mapped, all key fields are, and the system may assert one."""
    fields = mapping(filed.says["fields"])
    for name in fields:
        if name not in entity.said:
            _unknown_field(shop, filed, ("fields", name), name)
    for name in entity.key:
        if name not in fields and not (name == "project_code" and links_of(filed.says, entity)):
            shop.library.note(
                filed.document, ("fields",), "contract.key_unmapped", name=name, entity=entity.name
            )
    known = [entity.fields[name] for name in fields if name in entity.fields]
    if not any(filed.system in field.authority for field in known):
        shop.library.note(
            filed.document, ("entity",), "contract.no_say", system=filed.system, entity=entity.name
        )
    _check_codes(shop, filed, {field.name: field.code for field in known})
    static_checks.check_written(shop.library, filed, rules_of(filed))
    static_checks.check_pulled(
        shop.library, filed, rules_of(filed), entity, shop.foresight, _known_scope(shop, filed)
    )


def _check_encoding(shop: FlowCompiler, filed: ContractFile) -> None:
    """A table is cut by the connector and read by the mapping: both must know its encoding."""
    name = connector_of(shop, filed)
    if str(filed.says.get("format", "json")) != "csv" or name not in shop.library.connectors:
        return
    option = mapping(mapping(shop.library.connectors[name].read.get("properties")).get("encoding"))
    cut = str(mapping(filed.says["read"]).get("encoding", option.get("default", "")))
    said = str(filed.says.get("encoding", "utf-8"))
    with suppress(LookupError, ValueError):  # a missing one is reported elsewhere
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
        (("fields", rule.name, "from"), path) for rule in rules_of(filed) for path in sources(rule)
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
    attachments.check_sent(shop.library, filed, entity, connector_of(shop, filed))
    _check_codes(shop, filed, {})
    static_checks.check_written(shop.library, filed, rules_of(filed))
    static_checks.check_pushed(
        shop.library,
        filed,
        rules_of(filed),
        shop.entities,
        shop.foresight,
        _known_scope(shop, filed),
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
    """A push path names a field of the record or project, and no part of a single value."""
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
    """The questions of the form that a push delivers; None without a form, or an unknown one."""
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


def _check_connector(
    shop: FlowCompiler, filed: ContractFile, place: Literal["read", "write"]
) -> None:
    """The connector exists and takes these options (`batch`, `receipts`: the hub's own)."""
    library = shop.library
    library.known(filed.document, (), kind="system", name=filed.system)
    name = connector_of(shop, filed)
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
    known = library.connectors[name]
    schema = known.read if place == "read" else known.write
    if place == "read" and asking.ASK in mapping(filed.says[place]):
        if known.ask is None:
            library.note(filed.document, ("read", "ask"), "contract.ask_unable", connector=name)
            return
        schema = known.ask
    named = mapping(schema.get("properties"))
    options = {
        option: value
        for option, value in mapping(filed.says[place]).items()
        if option in named or option not in (_OF_THE_HUB if place == "write" else (asking.ASK,))
    }
    system = shop.systems.get(filed.system)
    connect = system.connect.get(name, {}) if system else {}
    library.check(filed.document, schema, where=(place,), value=options, connect=connect)


def _check_codes(shop: FlowCompiler, filed: ContractFile, wanted: Mapping[str, str | None]) -> None:
    """Code lists of verbs exist, lead to the field's list, and are reversible for `uncode`."""
    known = shop.translations.get(filed.system, {})
    for rule in rules_of(filed):
        for at, (verb, name) in coded(rule):
            where = ("fields", rule.name, "use", at)
            if name not in known and _is_unsound(shop, filed, name):
                continue  # reported at its own file
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
    """Whether this code list, shared or of the system, exists but could not be compiled."""
    names = shop.library.names
    return name in names["codes"] or f"{filed.system}/{name}" in names["translation"]


def _known_scope(shop: FlowCompiler, filed: ContractFile) -> Scope:
    """What verbs may know as far as it is known while files are checked."""
    return Scope(HUB_ZONE, shop.translations.get(filed.system, {}), secret=shop.secret)


def check_source(
    shop: FlowCompiler,
    filed: ContractFile,
    source: str,
    conditions: Mapping[str, Json],
    where: tuple[Step, ...],
) -> Entity | None:
    """The entity of a field that a file names as `entity.field`; notes what is not there."""
    name, field = source.split(".")
    shop.library.known(filed.document, (*where, "from"), kind="schema", name=name)
    entity = shop.entities.get(name)
    if entity is None:
        return None
    if field not in entity.fields:
        facts = {"name": field, "entity": name}
        shop.library.miss(
            filed.document, (*where, "from"), "contract.field_unknown", entity.fields, **facts
        )
    static_checks.check_conditions(
        shop.library, filed, conditions, (*where, "where"), entity, by=shop.foresight
    )
    return entity
