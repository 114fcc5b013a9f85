"""What a mapping reads of its source, compiled from the mapping: the fields that may not go unnoticed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from hub.model import Json
from hub.rules import paths
from hub.rules.contracts import Entity
from hub.rules.documents import mapping
from hub.rules.mapper import FieldRule, PullRules, sources
from hub.rules.shape import DEFAULTS, KINDS, Coded, Policy, Watched, general
from hub.rules.verbs import Scope, WrongValueError, chain


def watched(
    says: Mapping[str, Json],
    rules: PullRules,
    *,
    entity: Entity,
    scope: Scope,
    known: Callable[[str], frozenset[str]],
) -> Watched:
    """Every path that the mapping reads. known: the codes of a shared list, by its name."""
    policy = mapping(says.get("shape"))
    personal = {
        _general(path, rules)
        for rule in rules.fields
        if entity.fields[rule.name].classed in {"personal", "secret"}
        for path in rule.paths
    }
    return Watched(
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
    conditions = [*rules.skip_when.values(), *rules.refuse_when.values(), rules.deleted_when or {}]
    single = [path for wanted in conditions for path in wanted]
    for path in [*single, *([rules.version] if rules.version else [])]:
        yield f"when {path}", (_general(path, rules),)


def _general(path: str, rules: PullRules) -> str:
    """A path from the whole record on, without indexes: an element of a list that is taken apart stands in that."""
    if rules.each is not None and rules.of_part(path):
        at = general(rules.each.at)
        return ".".join([at, *general(path).split(".")[1:]])
    return general(path)


def _codes(
    rules: PullRules, entity: Entity, scope: Scope, known: Callable[[str], frozenset[str]]
) -> Iterator[tuple[str, Coded]]:
    """The source fields that are read through a code list, or stand in a field that has one."""
    for rule in rules.fields:
        if len(rule.paths) != 1 or rules.of_part(rule.paths[0]):
            continue
        before, codes = _coding(rule, scope)
        shared = entity.fields[rule.name].code
        if codes is None and shared is not None:
            codes = known(shared)
        if codes is not None:
            yield general(rule.paths[0]), Coded(_reader(rule.paths[0], before, scope), codes)


def _coding(rule: FieldRule, scope: Scope) -> tuple[tuple[Json, ...], frozenset[str] | None]:
    """The verbs up to the one that reads a code, and the codes that this one knows; None without one."""
    for at, use in enumerate(rule.use):
        verb, argument = next(iter(mapping(use).items()), ("", None))
        if verb == "code":
            return rule.use[:at], frozenset(scope.codes[str(argument)].values)
        if verb == "choose":
            return rule.use[:at], frozenset(mapping(argument))
    return rule.use, None


def _reader(path: str, before: tuple[Json, ...], scope: Scope) -> Callable[[Mapping[str, Json]], Iterable[str]]:
    """What reads the codes out of a record, as they come to the code list."""
    read, verbs = paths.reader(path), chain(before, scope)

    def codes(source: Mapping[str, Json]) -> Iterable[str]:
        value = read(source)
        try:
            for verb in verbs:
                if value is None:
                    break
                value = cast("Json", verb(value, source))
        except WrongValueError:
            return ()
        plain = (paths.plain(one) for one in (value if isinstance(value, list) else [value]))
        return [one for one in plain if one is not None]

    return codes
