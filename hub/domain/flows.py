"""Compiles pull and push flows from mapping files that passed `flow_checks.py`."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from zoneinfo import ZoneInfo

import orjson

from hub.domain import attachments, explode, paths
from hub.domain.asking import ask_of, read_of
from hub.domain.contracts import CodeList, Entity, PullFlow, PushFlow, System
from hub.domain.documents import mapping, texts
from hub.domain.entities import seconds
from hub.domain.library import ContractFile, Library
from hub.domain.mapped_paths import watched
from hub.domain.payload import PayloadFormat
from hub.domain.pull_mapping import PullRules, compile_mapper
from hub.domain.pull_values import FieldRule, sources
from hub.domain.push_mapping import PushMapping, compile_shaper
from hub.domain.secrecy import secrecy_of
from hub.domain.static_checks import Foresight
from hub.domain.validation import Validator
from hub.domain.verbs import Scope, Translation, given
from hub.domain.write_back import back_of
from hub.model import Json

PROJECT = "project"
FORM = "form"
DECLARED = frozenset({"x-show", "x-case", "x-papers", "x-clock"})
"""Schema words that decide no value: changing them makes no delivery due."""

BATCH = 100


@dataclass(frozen=True, slots=True)
class FlowCompiler:
    """What flows are compiled from, besides their own files."""

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
        """Checks values of mappings before any record comes."""
        return Foresight(self.lists, self.year)


def name_of(kind: str, system: str, name: str) -> str:
    """What the flow of a mapping file is called."""
    return f"{kind}.{system}.{name}"


def uses_of(shop: FlowCompiler, filed: ContractFile) -> set[str]:
    """The shared code lists that a mapping translates to or from."""
    seen = shop.translations.get(filed.system, {})
    return {
        seen[name].to for rule in rules_of(filed) for _, (_, name) in coded(rule) if name in seen
    }


def connector_of(shop: FlowCompiler, filed: ContractFile) -> str:
    """The name of a flow's connector."""
    system = shop.systems.get(filed.system)
    return str(filed.says.get("via", system.connector if system else ""))


def coded(rule: FieldRule) -> Iterator[tuple[int, tuple[str, str]]]:
    """The verbs of a rule that translate codes: their place, and which list."""
    for at, use in enumerate(rule.use):
        for verb, argument in mapping(use).items():
            if verb in {"code", "uncode", "words"}:
                yield at, (verb, str(argument))


def rules_of(filed: ContractFile) -> tuple[FieldRule, ...]:
    """The rules of its fields."""
    return tuple(
        FieldRule(
            name,
            paths=texts(mapping(rule).get("from")),
            use=tuple(cast("list[Json]", mapping(rule).get("use", []))),
            const=mapping(rule).get("const"),
        )
        for name, rule in mapping(filed.says["fields"]).items()
    )


def _scope(shop: FlowCompiler, system: System) -> Scope:
    return Scope(ZoneInfo(system.timezone), shop.translations[system.name], secret=shop.secret)


def _contract(shop: FlowCompiler, filed: ContractFile, entity: Entity) -> tuple[str, str]:
    """The hash and the text of all that decides a value."""
    system = shop.systems[filed.system]
    seen = shop.translations[filed.system]
    used = {name for rule in rules_of(filed) for _, (_, name) in coded(rule)}
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
                if any("digest" in rule.use for rule in rules_of(filed))
                else {}
            ),
            **({"taken_apart_beside": apart} if apart else {}),
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(text).hexdigest(), text.decode()


def _decides(name: str, rule: Json) -> bool:
    """Whether a part of a mapping decides a value.

    Drift policy does not, nor what is written back, nor where files lie, nor who declares that a
    source holds no secrets.
    """
    return (
        name not in {"shape", "back"}
        and not (name == "files" and _lies(rule))
        and not (name == "secret" and "none" in mapping(rule) and "persons" not in mapping(rule))
    )


def _lies(files: Json) -> bool:
    """Whether `files:` says where files lie, and not which go with a delivery."""
    return any("source" in mapping(said) for said in mapping(files).values())


def pulls(shop: FlowCompiler) -> dict[str, PullFlow]:
    """All pull flows, from checked files."""
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
    connector = connector_of(shop, filed)
    codes = {
        field.code: tuple(shop.lists[field.code].values)
        for field in entity.fields.values()
        if field.code
    }
    known = {rule.name: given(rule.use) for rule in rules_of(filed)}
    validator = Validator(entity, codes=codes, year=shop.year, given=known)
    version = texts(says.get("version"))
    back = back_of(says, system=system, connector=connector)
    version_as = cast("Literal['text', 'datetime', 'integer']", says.get("version_as", "text"))
    rules = PullRules(
        fields=rules_of(filed),
        key=explode.key_of(filed),
        version=version[0] if version else None,
        version_as=version_as,
        time=next(iter(texts(says.get("time"))), None),
        ignore=(*texts(says.get("ignore")), *(back.columns if back else ())),
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
        read=read_of(says),
        form=_form(says),
        overlap=_overlap(says.get("overlap", 0)),
        version=rules.version,
        version_as=version_as,
        key=tuple(one[0] for one in rules.key if not rules.of_part(one[0])),
        ignore=rules.ignore,
        codeless=entity.of_project and _codeless(says),
        links=links_of(says, entity),
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
        files=attachments.rules(shop.library, filed, system.connect),
        back=back,
        ask=ask_of(says),
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


def links_of(says: Mapping[str, Json], entity: Entity) -> dict[str, str]:
    """The mapped fields that can lead to a project, with the kind of their number."""
    if not entity.of_project or not _codeless(says):
        return {}
    known = [entity.fields[name] for name in mapping(says["fields"]) if name in entity.fields]
    return {field.name: field.identifies for field in known if field.identifies is not None}


def _parent(says: Mapping[str, Json], entity: Entity) -> str | None:
    alone = entity.name == PROJECT or not entity.of_project
    parent = str(says.get("parent", "none" if alone else PROJECT))
    return None if parent == "none" else parent


def pushes(shop: FlowCompiler) -> dict[str, PushFlow]:
    """All push flows, from checked files."""
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
    connector = connector_of(shop, filed)
    rules = PushMapping(
        fields=rules_of(filed), when=mapping(says.get("when")), required=texts(says.get("required"))
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
        files=attachments.sent(filed),
    )
