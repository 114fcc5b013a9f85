"""Reasons why a push withholds a record, in words: field, value, what the mapping wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.domain import paths
from hub.domain.contracts import Contracts, Entity, Field, PushFlow
from hub.domain.documents import mapping, mapping_of, texts
from hub.domain.rights import Rights
from hub.domain.value_text import NOTHING, joined, value_words
from hub.errors import Fault
from hub.model import Json, Record
from hub.texts import Words, both

PROJECT, FORM = "project", "form"
NOT_YOURS = "（无权查看）"


@dataclass(frozen=True, slots=True)
class PathTarget:
    """What a push mapping's path names: a field of the record or project, or a form's answer."""

    path: str
    titles: Words
    entity: Entity | None = None
    field: Field | None = None
    of_project: bool = False


@dataclass(frozen=True, slots=True)
class ShownValues:
    """Today's values of a record and its project, with what the reader may see of them."""

    values: Record
    project: Record | None
    rights: Rights


@dataclass(frozen=True, slots=True)
class Among:
    """A value shared by some records of a group, in words, and their number."""

    zh: str
    en: str
    records: int


def path_target(contracts: Contracts, flow: PushFlow, path: str) -> PathTarget:
    """The field that a path names, with titles; otherwise the path itself."""
    head, *rest = map(str, paths.steps(path))
    of_project = head == PROJECT and bool(rest) and PROJECT in contracts.entities
    entity = contracts.entities[PROJECT] if of_project else flow.entity
    field = entity.fields.get(rest[0] if of_project else head)
    if head == FORM and rest:
        return PathTarget(path, _form_titles(contracts, flow, rest[0]))
    if field is None:
        return PathTarget(path, (path, path))
    zh, en = field.title_zh, field.title_en
    if of_project and flow.entity.name != PROJECT:
        zh, en = both(
            "{entity_zh}的{title_zh}",
            entity_zh=entity.title_zh,
            entity_en=entity.title_en.lower(),
            title_zh=zh,
            title_en=en,
        )
    return PathTarget(path, (zh, en), entity, field, of_project)


def wanted(contracts: Contracts, flow: PushFlow, at: PathTarget) -> Words:
    """What `when` requires of a field, in words."""
    said = flow.when.get(at.path)
    if isinstance(said, dict):
        return both("有值|wanted") if said.get("present") else both("没有值|wanted")
    zh, en = both(" 或 ")
    return joined(
        (
            _quoted(_value(contracts, at.field, one))
            for one in (said if isinstance(said, list) else [said])
        ),
        zh=zh,
        en=en,
    )


def withheld(contracts: Contracts, flow: PushFlow, fault: Fault, seen: ShownValues) -> Fault:
    """The stored reason with today's value, as far as the reader may see it."""
    name = fault.facts.get("field", "")
    at = path_target(contracts, flow, name)
    if fault.code == "delivery.withheld_unshapeable":
        sources = [path_target(contracts, flow, path) for path in _made_of(flow, name)]
        zh, en = joined((one.titles for one in sources), zh="、", en=", ")
        said = joined((value_of(contracts, one, seen) for one in sources), zh="、", en=", ")
        facts = {"target": name, "field_zh": zh or name, "field_en": en or name}
        return Fault(fault.pointer, fault.code, facts | _both("value", said))
    facts = {"field": name} | _both("field", at.titles)
    if fault.code == "delivery.withheld_condition":
        facts |= _both("wanted", wanted(contracts, flow, at)) | _both(
            "value", value_of(contracts, at, seen)
        )
    else:
        facts |= _both("sources", _sources(contracts, at))
    return Fault(fault.pointer, fault.code, facts)


def value_of(contracts: Contracts, at: PathTarget, seen: ShownValues) -> Words:
    """Today's value in words; for readers who may not see it only whether there is one."""
    if at.entity is None or at.field is None:
        return both(NOT_YOURS)
    values = seen.project if at.of_project else seen.values
    sight = seen.rights.sight(at.entity.name, at.field)
    if sight == "hidden" or values is None:
        return both(NOT_YOURS)
    value = values.get(at.field.name)
    if sight == "masked" and value is not None:
        return both("（有值，无权查看）")
    return (
        value_words(contracts, at.field, value)
        if value is None
        else _quoted(value_words(contracts, at.field, value))
    )


def withheld_group(
    contracts: Contracts, flow: PushFlow, code: str, name: str, values: Sequence[Among]
) -> Fault:
    """The reason shared by a group; values: those found there, as far as visible."""
    none = ShownValues({}, {}, Rights())
    told = withheld(contracts, flow, Fault("", code, {"field": name}), none)
    said = joined(
        ((f"“{one.zh}”×{one.records}", f"“{one.en}” ×{one.records}") for one in values),
        zh="、",
        en=", ",
    )
    return Fault(
        "", code, told.facts | (_both("value", said) if values and "value_zh" in told.facts else {})
    )


def blocked(contracts: Contracts, flow: PushFlow, *, code: str, stands: Words) -> Fault:
    """The reason of a record that waits for its project at the target.

    stands: state of the project's own delivery.
    """
    facts = _parent(contracts, flow) | {"code": code}
    return Fault("", "delivery.blocked_by_parent", facts | _both("stands", stands))


def blocked_somewhere(contracts: Contracts, flow: PushFlow, *, codeless: bool) -> Fault:
    """The reason of records that wait for their projects, or have no project code."""
    code = "delivery.blocked_no_code" if codeless else "delivery.blocked_by_parents"
    return Fault("", code, _parent(contracts, flow))


def disabled(contracts: Contracts, flow: str) -> Fault | None:
    """Why nothing goes to a target whose contract files are wrong; None if they are right."""
    problems = contracts.disabled.get(flow)
    return (
        Fault("", "delivery.blocked_by_contract", {"flow": flow} | problems[0].explained)
        if problems
        else None
    )


def echo(flow: PushFlow) -> Fault:
    """The reason of an echo: the target asserts these values itself."""
    fields = (flow.entity.fields[name] for name in flow.pushed)
    titles = joined(((one.title_zh, one.title_en) for one in fields), zh="、", en=", ")
    return Fault("", "delivery.echo", _both("system", _title(flow)) | _both("fields", titles))


def parent_flow(flow: PushFlow) -> str:
    """The flow that must deliver a record's project first."""
    return f"push.{flow.system.name}.{flow.after}"


def _parent(contracts: Contracts, flow: PushFlow) -> dict[str, str]:
    above = contracts.pushes.get(parent_flow(flow))
    entity = above.entity if above else None
    titles = (entity.title_zh, entity.title_en) if entity else (str(flow.after), str(flow.after))
    return _both("parent", titles) | _both("system", _title(flow))


def _title(flow: PushFlow) -> Words:
    return flow.system.title_zh, flow.system.title_en


def _made_of(flow: PushFlow, target_field: str) -> tuple[str, ...]:
    rules = mapping(mapping_of(flow.text)["fields"])
    return texts(mapping(rules.get(target_field)).get("from"))


def _sources(contracts: Contracts, at: PathTarget) -> Words:
    """The systems that may fill a field, the best first."""
    names = at.field.authority if at.field else ()
    systems = [contracts.systems[name] for name in names if name in contracts.systems]
    if not systems:
        return both("有权威的来源")
    return joined(((one.title_zh, one.title_en) for one in systems), zh="、", en=", ")


def _form_titles(contracts: Contracts, flow: PushFlow, name: str) -> Words:
    form = contracts.forms.get(flow.form or "")
    asked = next((one for one in form.fields if one.name == name), None) if form else None
    if asked is None:
        return name, name
    return both("表单栏“{title_zh}”", title_zh=asked.title_zh, title_en=asked.title_en)


def _value(contracts: Contracts, field: Field | None, said: Json) -> Words:
    plain = paths.plain(said)
    if plain is None:
        return value_words(contracts, field, None) if field else both(NOTHING)
    if field is None:
        return plain, plain
    if field.kind == "boolean":
        return value_words(contracts, field, plain == "true")
    return value_words(contracts, field, plain)


def _quoted(words: Words) -> Words:
    return f"“{words[0]}”", f"“{words[1]}”"


def _both(name: str, words: Words) -> dict[str, str]:
    return {f"{name}_zh": words[0], f"{name}_en": words[1]}


def facts_of(pairs: Mapping[str, Words]) -> dict[str, str]:
    """Name -> words as the facts name_zh and name_en."""
    return {key: fact for name, words in pairs.items() for key, fact in _both(name, words).items()}
