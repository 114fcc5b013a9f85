"""Source paths that a mapping reads, compiled for drift detection."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, cast

from hub.domain import lists, paths
from hub.domain.contracts import Entity
from hub.domain.documents import mapping
from hub.domain.pull_mapping import PullRules
from hub.domain.pull_values import FieldRule, sources
from hub.domain.schema_drift import DEFAULTS, KINDS, Coded, MappedPaths, Policy, general
from hub.domain.verbs import Scope, WrongValueError, chain
from hub.errors import RecordError
from hub.model import Json


def watched(
    says: Mapping[str, Json],
    rules: PullRules,
    *,
    entity: Entity,
    scope: Scope,
    known: Callable[[str], frozenset[str]],
) -> MappedPaths:
    """All paths that the mapping reads. known: name of a shared list -> its codes."""
    policy = mapping(says.get("shape"))
    personal = {
        _general(path, rules)
        for rule in rules.fields
        if entity.fields[rule.name].classed in {"personal", "secret"}
        for path in rule.paths
    }
    return MappedPaths(
        fields=dict(_fields(rules)),
        keys=tuple(general(one[0]) for one in rules.key if not rules.of_part(one[0])),
        codes=dict(_codes(rules, entity, scope, known)),
        personal=frozenset(personal),
        policy={kind: cast("Policy", policy.get(kind, DEFAULTS[kind])) for kind in KINDS},
        xml=says.get("format") == "xml",
    )


def _fields(rules: PullRules) -> Iterator[tuple[str, tuple[str, ...]]]:
    for rule in rules.fields:
        if rule.paths:
            yield rule.name, tuple(_general(path, rules) for path in rule.paths)
        for path in sources(rule)[len(rule.paths) :]:
            yield f"{rule.name} by {path}", (_general(path, rules),)
    for one in rules.key:
        if rules.of_part(one[0]):
            yield f"key {one[0]}", tuple(_general(path, rules) for path in one)
    conditions = [*rules.skip_when.values(), rules.deleted_when or {}]
    single = [path for wanted in conditions for path in wanted]
    for path in [*single, *([rules.version] if rules.version else [])]:
        yield f"when {path}", (_general(path, rules),)


def _general(path: str, rules: PullRules) -> str:
    """A path from the whole record on, without indexes; an element's is below its list."""
    if rules.each is not None and rules.of_part(path):
        at = general(rules.each.at)
        return ".".join([at, *general(path).split(".")[1:]])
    return general(path)


def _codes(
    rules: PullRules, entity: Entity, scope: Scope, known: Callable[[str], frozenset[str]]
) -> Iterator[tuple[str, Coded]]:
    """Source fields read through a code list, or mapped to a field with one."""
    for rule in rules.fields:
        before, codes = _coding(rule, scope)
        shared = entity.fields[rule.name].code
        if codes is None and shared is not None:
            codes = known(shared)
        if codes is not None:
            for path in rule.paths:
                yield _general(path, rules), Coded(_reader(_raw(path, rules), before, scope), codes)


def _coding(rule: FieldRule, scope: Scope) -> tuple[tuple[Json, ...], frozenset[str] | None]:
    """Verbs up to the one that reads a code, and the codes that it knows; None without one."""
    for at, use in enumerate(rule.use):
        verb, argument = next(iter(mapping(use).items()), ("", None))
        if verb == "code":
            return rule.use[:at], frozenset(scope.codes[str(argument)].values)
        if verb == "choose":
            return rule.use[:at], frozenset(mapping(argument))
    return rule.use, None


Raw: TypeAlias = Callable[[Mapping[str, Json]], Iterable[tuple[Json, Mapping[str, Json]]]]
"""A record -> (value, what is beside it) at a path."""


def _raw(path: str, rules: PullRules) -> Raw:
    """Reads a path once, or in each element where a list is taken apart."""
    read, each = paths.reader(path), rules.each
    if each is None or not rules.of_part(path):
        return lambda source: [(read(source), source)]

    def of_parts(source: Mapping[str, Json]) -> Iterator[tuple[Json, Mapping[str, Json]]]:
        try:
            elements = lists.elements(source, each)
        except RecordError:
            return
        for _, element in elements:
            view = {**source, each.name: element}
            yield read(view), view

    return of_parts


def _reader(
    raw: Raw, before: tuple[Json, ...], scope: Scope
) -> Callable[[Mapping[str, Json]], Iterable[str]]:
    """What reads the codes out of a record, as they come to the code list."""
    verbs = chain(before, scope)

    def coded(value: Json, source: Mapping[str, Json]) -> Iterator[str]:
        try:
            for verb in verbs:
                if value is None:
                    return
                value = cast("Json", verb(value, source))
        except WrongValueError:
            return
        plain = (paths.plain(one) for one in (value if isinstance(value, list) else [value]))
        yield from (one for one in plain if one is not None)

    return lambda source: [code for value, beside in raw(source) for code in coded(value, beside)]
