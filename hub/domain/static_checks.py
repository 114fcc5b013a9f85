"""Static checks of mappings: constants, choices, codes and conditions against their fields."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from jsonschema_rs import Draft202012Validator

from hub.domain import paths, times
from hub.domain.contracts import CodeList, Entity, Field
from hub.domain.documents import Step, mapping
from hub.domain.identifiers import CHECKS, NOTES
from hub.domain.library import ContractFile, Library
from hub.domain.pull_values import FieldRule, settled
from hub.domain.schemas import compiled
from hub.domain.validation import FORMATS, fault_of, shown, value_schema
from hub.domain.verbs import Cell, Scope, Verb, WrongValueError, chain, decimal_text
from hub.model import Json
from hub.texts import say

_TELLING: Mapping[str, Cell] = {
    "integer": 1,
    "decimal": Decimal(1),
    "round": Decimal(1),
    "scale": Decimal(1),
    "unit": Decimal(1),
    "number": 1,
    "date": "2026-01-02",
    "datetime": "2026-01-02T03:04:05+08:00",
    "year_month": "2026-01",
    "split": ["1"],
    "numbers": ["1"],
    "words": ["1"],
    "digest": "0" * 64,
}
"""Verbs that fix the type of their result, with an example result."""

_SPEECHLESS = frozenset(
    {"trim", "halfwidth", "squeeze", "upper", "brackets", "uscc", "text", "blank"}
)
"""Verbs that keep a text a text whatever it is; so do `first` and `digits`."""

_OF_TYPE = frozenset(
    {"record.type", "record.date_invalid", "record.decimal_invalid", "record.geojson_invalid"}
)
_TEXT_ONLY: Mapping[str, frozenset[str]] = {
    "csv": frozenset({"integer", "boolean", "strings"}),
    "xml": frozenset({"integer", "boolean"}),
}
"""Formats in which every value is a text, and the kinds of fields that no text can be."""

_ANY_MOMENT = datetime(2026, 11, 23, 14, 35, 56, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a value can never be in a field: code and facts."""

    code: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Foresight:
    """What judging a value needs besides its field: shared code lists, the current year."""

    lists: Mapping[str, CodeList]
    year: int

    def unfit(self, entity: Entity, name: str, value: Json) -> Unfit | None:
        """Why this value would quarantine every record; None if it would not, or is unknown."""
        field = entity.fields[name]
        if field.code is not None and field.code not in self.lists:
            return None
        codes = {field.code: tuple(self.lists[field.code].values)} if field.code else {}
        schema = _schema_of(entity, name, codes)
        for error in schema.iter_errors({name: value}):
            _, fault = fault_of(entity, error)
            return _unfit(fault.code, fault.facts, field, value)
        for text in value if isinstance(value, list) else [value]:
            for code in (
                CHECKS[field.rule](text, self.year) if field.rule and isinstance(text, str) else ()
            ):
                if code not in NOTES:
                    return _unfit(code, {"field": name, "value": shown(text)}, field, text)
        return None

    def never(self, entity: Entity, name: str, wanted: Json) -> Unfit | None:
        """Why no record can have this value, so that a condition never holds; None if one can."""
        field = entity.fields[name]
        text = paths.plain(wanted)
        if wanted is None:
            return None
        never = Unfit("contract.never", {"value": shown(wanted), "field": name})
        if text is None or field.kind == "strings":
            return never
        if field.kind == "boolean":
            return None if text in {"true", "false"} else never
        value: Json = text
        if field.kind in {"integer", "decimal"}:
            try:
                value = settled(field, chain([field.kind], _NO_SCOPE)[0](text, {}))
            except WrongValueError:
                return never
            if str(value) != text:
                return never
        return self.unfit(entity, name, value)

    def unmet(
        self, entity: Entity, name: str, wanted: Json
    ) -> Iterator[tuple[tuple[Step, ...], Unfit]]:
        """(place, reason) of a condition's values that no record can have."""
        several = isinstance(wanted, list)
        for at, value in enumerate(cast("list[Json]", wanted) if several else [wanted]):
            unfit = self.never(entity, name, value)
            if unfit is not None:
                yield (at,) if several else (), unfit


def _schema_of(
    entity: Entity, name: str, codes: Mapping[str, tuple[str, ...]]
) -> Draft202012Validator:
    """The schema of one field alone."""
    return compiled(value_schema(entity, codes, given={}, only=name), formats=FORMATS)


_NO_SCOPE = Scope(times.HUB_ZONE, {})


def _unfit(code: str, facts: Mapping[str, str], field: Field, value: Json) -> Unfit:
    if code == "record.code_unknown" and field.code:
        return Unfit("contract.code_target", {"value": shown(value), "list": field.code})
    why = {f"why_{lang}": say(code, facts, lang) for lang in ("zh", "en")}
    return Unfit("contract.value_unfit", {"value": shown(value), "field": field.name, **why})


def check_pulled(
    library: Library,
    filed: ContractFile,
    rules: Sequence[FieldRule],
    entity: Entity,
    by: Foresight,
    scope: Scope,
) -> None:
    """Note every constant, choice and verb of a pull whose result its field can never take."""
    text_only = _TEXT_ONLY.get(str(filed.says.get("format", "json")), frozenset())
    for rule in rules:
        if rule.name not in entity.fields:
            continue
        field, told = entity.fields[rule.name], False
        for place, value in outcomes(rule, scope):
            if value is None:
                continue  # a code that `blank` drops
            settled_value = value if isinstance(value, Unfit) else _settled(field, value)
            found = (
                settled_value
                if isinstance(settled_value, Unfit)
                else by.unfit(entity, rule.name, settled_value)
            )
            if found is not None:
                told = True
                library.note(
                    filed.document, ("fields", rule.name, *place), found.code, **found.facts
                )
        if not told:
            _check_type(library, filed, rule, entity, scope, text_only)


def _check_type(
    library: Library,
    filed: ContractFile,
    rule: FieldRule,
    entity: Entity,
    scope: Scope,
    text_only: frozenset[str],
) -> None:
    """Whether what the last telling verb gives is of the field's type."""
    names = [_verb(use)[0] for use in rule.use]
    telling = [at for at, name in enumerate(names) if name in _TELLING]
    where: tuple[Step, ...] = ("fields", rule.name, "use")
    if telling and not {"choose", "code", "uncode", "unit", "words"} & set(
        names[telling[-1] + 1 :]
    ):
        at = telling[-1]
        try:
            value = settled(
                entity.fields[rule.name],
                _through(chain(rule.use[at + 1 :], scope), _TELLING[names[at]]),
            )
        except WrongValueError:
            return
        found = None if value is None else _of_type(entity, rule.name, value)
        if found is not None:
            library.note(filed.document, (*where, at), found.code, **found.facts)
    elif (
        entity.fields[rule.name].kind in text_only
        and rule.paths
        and set(names) <= _SPEECHLESS | {"first", "digits"}
    ):
        found = _of_type(entity, rule.name, "1")
        if found is not None:
            library.note(filed.document, ("fields", rule.name), found.code, **found.facts)


def _of_type(entity: Entity, name: str, value: Json) -> Unfit | None:
    """Whether a value has the type and the format of a field, whatever else the field asks for."""
    said = value_schema(entity, {}, given={}, only=name, words=frozenset({"type", "format"}))
    for error in compiled(said, formats=FORMATS).iter_errors({name: value}):
        _, fault = fault_of(entity, error)
        if fault.code in _OF_TYPE:
            return _unfit(fault.code, fault.facts, entity.fields[name], value)
    return None


def outcomes(rule: FieldRule, scope: Scope) -> Iterator[tuple[tuple[Step, ...], Cell | Unfit]]:
    """(place, value or reason) of all results of a rule, where these are a closed list."""
    if not rule.paths:
        yield ("const",), _missing(rule) if rule.const is None else rule.const
    for at, use in enumerate(rule.use):
        verb, argument = _verb(use)
        rest = rule.use[at + 1 :]
        if verb not in {"choose", "code"} or any(_verb(later)[0] == "unit" for later in rest):
            continue
        if any(name not in scope.codes for name in _lists(rule.use[at:])):
            continue  # reported already
        for place, value in _choices(verb, argument, scope):
            yield ("use", at, *place), _followed(rest, value, rule, scope)


def _choices(verb: str, argument: Json, scope: Scope) -> Iterator[tuple[tuple[Step, ...], Json]]:
    if verb == "choose":
        yield from (((verb, key), value) for key, value in mapping(argument).items())
    else:
        codes = scope.codes[str(argument)]
        yield from (
            ((), value)
            for value in dict.fromkeys(
                [*codes.values.values(), *([codes.otherwise] if codes.otherwise else [])]
            )
        )


def _followed(uses: Sequence[Json], value: Json, rule: FieldRule, scope: Scope) -> Cell | Unfit:
    """What the verbs that follow make of a chosen value."""
    if value is None:
        return _missing(rule)
    try:
        return _through(chain(uses, scope), value)
    except WrongValueError as wrong:
        facts = {"field": rule.name, "value": shown(value)} | wrong.facts
        why = {f"why_{lang}": say(wrong.code, facts, lang) for lang in ("zh", "en")}
        return Unfit("contract.value_unfit", {"value": shown(value), "field": rule.name, **why})


def _settled(field: Field, value: Cell) -> Json | Unfit:
    """What a field makes of a value, or why it can never take it."""
    try:
        return settled(field, value)
    except WrongValueError as wrong:
        said = decimal_text(value, None) if isinstance(value, Decimal) else value
        return _unfit(
            wrong.code, {"field": field.name, "value": shown(said)} | wrong.facts, field, said
        )


def _missing(rule: FieldRule) -> Unfit:
    return Unfit("contract.value_missing", {"field": rule.name})


def _through(verbs: Sequence[Verb], value: Cell) -> Cell:
    for verb in verbs:
        if value is None:
            return None
        value = verb(value, {})
    return value


def check_conditions(
    library: Library,
    filed: ContractFile,
    conditions: Mapping[str, Json],
    where: tuple[Step, ...],
    entity: Entity,
    *,
    by: Foresight,
) -> None:
    """Note every condition on a field that does not exist or that no record can meet."""
    for name, wanted in conditions.items():
        if name not in entity.fields:
            facts = {"name": name, "entity": entity.name}
            library.miss(
                filed.document, (*where, name), "contract.field_unknown", entity.fields, **facts
            )
            continue
        for at, unfit in by.unmet(entity, name, wanted):
            library.note(filed.document, (*where, name, *at), unfit.code, **unfit.facts)


def check_pushed(
    library: Library,
    filed: ContractFile,
    rules: Sequence[FieldRule],
    entities: Mapping[str, Entity],
    by: Foresight,
    scope: Scope,
) -> None:
    """Note conditions that never hold, and choices among codes unknown to the field's list."""
    own = entities[str(filed.says["entity"])]
    for path, wanted in mapping(filed.says.get("when")).items():
        found = _owner(path, own, entities)
        if found is None or isinstance(wanted, dict):
            continue
        entity, name = found
        for at, unfit in by.unmet(entity, name, wanted):
            library.note(filed.document, ("when", path, *at), unfit.code, **unfit.facts)
    for rule in rules:
        fields = [_owner(path, own, entities) for path in rule.paths]
        if fields and None not in fields:
            _check_choice(library, filed, rule, [one for one in fields if one], by, scope)


def _check_choice(
    library: Library,
    filed: ContractFile,
    rule: FieldRule,
    fields: Sequence[tuple[Entity, str]],
    by: Foresight,
    scope: Scope,
) -> None:
    """The first verb that looks up codes: its keys can occur, its list is the field's."""
    for at, use in enumerate(rule.use):
        verb, argument = _verb(use)
        where: tuple[Step, ...] = ("fields", rule.name, "use", at)
        if verb == "choose":
            for key in mapping(argument):
                told = [by.never(*one, key) for one in fields]
                unfit = told[0]
                if unfit is not None and None not in told:
                    library.note(filed.document, (*where, verb, key), unfit.code, **unfit.facts)
        elif verb == "uncode" and str(argument) in scope.codes:
            lists = [entity.fields[name].code for entity, name in fields]
            to = scope.codes[str(argument)].to
            if None not in lists and to not in lists:
                library.note(
                    filed.document, where, "contract.code_list_differs", name=to, list=str(lists[0])
                )
        if verb not in _SPEECHLESS:
            return


def _owner(path: str, own: Entity, entities: Mapping[str, Entity]) -> tuple[Entity, str] | None:
    """The entity and the field that a path of a push leads to; None where it leads elsewhere."""
    first, *rest = (str(step) for step in paths.steps(path))
    project = entities.get("project")
    if first == "project" and rest and project is not None:
        return (project, rest[0]) if rest[0] in project.fields and len(rest) == 1 else None
    return (own, first) if first in own.fields and not rest else None


def check_written(library: Library, filed: ContractFile, rules: Sequence[FieldRule]) -> None:
    """Note encodings that do not exist and patterns of dates that nothing can be read by."""
    places: list[tuple[tuple[Step, ...], Json]] = [(("encoding",), filed.says.get("encoding"))]
    places += [
        ((part, "encoding"), mapping(filed.says.get(part)).get("encoding"))
        for part in ("read", "write")
    ]
    for where, name in places:
        if isinstance(name, str) and not _is_encoding(name):
            library.note(filed.document, where, "contract.encoding_unknown", name=name)
    for rule in rules:
        for at, use in enumerate(rule.use):
            verb, argument = _verb(use)
            if (
                verb in {"date", "datetime", "year_month"}
                and isinstance(argument, str)
                and not _reads(argument)
            ):
                place: tuple[Step, ...] = ("fields", rule.name, "use", at)
                library.note(filed.document, place, "contract.pattern_unreadable", pattern=argument)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # noqa: SLF001 -- the only word for it
    except (LookupError, ValueError):
        return False


def _reads(pattern: str) -> bool:
    try:
        # only whether it can be read
        datetime.strptime(_ANY_MOMENT.strftime(pattern), pattern)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _verb(use: Json) -> tuple[str, Json]:
    return next(iter(use.items())) if isinstance(use, dict) else (str(use), None)


def _lists(uses: Sequence[Json]) -> list[str]:
    return [
        str(argument) for verb, argument in map(_verb, uses) if verb in {"code", "uncode", "words"}
    ]
