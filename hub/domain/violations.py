"""JSON Schema violations -> problems in words: place, what is allowed, the nearest name."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jsonschema_rs import ValidationError

from hub.domain.documents import Step, both, mapping
from hub.domain.nearest_names import hint
from hub.model import Json

TYPES: Mapping[str, tuple[str, str]] = {
    "string": ("文本", "text"),
    "integer": ("整数", "whole number"),
    "number": ("数字", "number"),
    "boolean": ("true 或 false", "true or false"),
    "null": ("空", "null"),
    "array": ("列表", "list"),
    "object": ("一组“键: 值”", "mapping"),
}
"""What the types of JSON are called."""

BOUNDS: Mapping[str, tuple[str, str]] = {
    "minimum": ("至少为 {limit}", "at least {limit}"),
    "exclusiveMinimum": ("应大于 {limit}", "more than {limit}"),
    "maximum": ("至多为 {limit}", "at most {limit}"),
    "exclusiveMaximum": ("应小于 {limit}", "less than {limit}"),
    "multipleOf": ("应为 {multiple_of} 的倍数", "a multiple of {multiple_of}"),
    "minLength": ("至少 {limit} 个字符", "at least {limit} characters"),
    "maxLength": ("至多 {limit} 个字符", "at most {limit} characters"),
    "minItems": ("至少 {limit} 项", "at least {limit} of them"),
    "maxItems": ("至多 {limit} 项", "at most {limit} of them"),
    "minProperties": ("至少 {limit} 项", "at least {limit} of them"),
    "maxProperties": ("至多 {limit} 项", "at most {limit} of them"),
}
"""Words for bounds; `{limit}` is the number."""

_LISTED = re.compile(r"\^\(((?:[^()\[\]\\]|\\\.|\\w\+)*)\)\$")
_SHOWN = 60
_GONE = {"refuse_when": "contract.secrecy_unsaid"}
"""Removed words of contract files -> error that names their replacement."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation: place, code, facts."""

    place: tuple[Step, ...]
    code: str
    facts: Mapping[str, str] = field(hash=False)


def described(
    error: ValidationError, schema: Mapping[str, Json], *, where: tuple[Step, ...] = ()
) -> list[Violation]:
    """A schema violation as problems. where: place of the checked value.

    Of alternatives (anyOf) the intended one is described: by its constant (`kind: token`), its
    type, else the one with fewest violations.
    """
    return list(_Teller(schema, where).told(error))


def listed(pattern: str) -> list[str]:
    """The texts that a pattern merely lists; NAME stands for any name."""
    found = _LISTED.fullmatch(pattern)
    return (
        [text.replace("\\.", ".").replace("\\w+", "NAME") for text in found[1].split("|")]
        if found
        else []
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    schema: Mapping[str, Json]
    where: tuple[Step, ...]

    def told(self, error: ValidationError) -> Iterator[Violation]:
        kind, said = error.kind.name, error.kind.as_dict()
        place = (*self.where, *error.instance_path)
        if kind == "additionalProperties":
            known = list(mapping(self._around(error).get("properties")))
            for key in said["unexpected"]:
                code = _GONE.get(key, "contract.key_unknown")
                yield Violation(
                    (*place, key), code, {"key": key} | hint(key, known) if key not in _GONE else {}
                )
        elif kind == "required":
            yield self._missing(error, str(said["property"]))
        elif kind == "propertyNames":
            name = said["error"]
            yield self._unfit(
                (*place, str(name.instance)),
                *_why(name.kind.name, name.kind.as_dict(), name.instance),
            )
        elif kind in {"anyOf", "oneOf"} and said.get("context"):
            yield from self._alternatives(error, said["context"])
        elif kind == "not":
            yield self._unfit(place, *_described(self._around(error)))
        else:
            yield self._unfit(place, *_why(kind, said, error.instance))

    def _around(self, error: ValidationError) -> Mapping[str, Json]:
        """The schema that contains the violated word."""
        node: Json = dict(self.schema)
        for step in list(error.schema_path)[:-1]:
            node = node[int(step)] if isinstance(node, list) else mapping(node).get(str(step))
        return mapping(node)

    def _missing(self, error: ValidationError, name: str) -> Violation:
        """A missing word, with its possible values."""
        asked = mapping(mapping(self._around(error).get("properties")).get(name))
        values = asked.get("enum") or ([asked["const"]] if "const" in asked else [])
        place = (*self.where, *error.instance_path)
        return _without(place, name, values if isinstance(values, list) else [])

    def _alternatives(
        self, error: ValidationError, branches: list[list[ValidationError]]
    ) -> Iterator[Violation]:
        around, own = self._around(error), list(error.instance_path)
        place = (*self.where, *own)
        kinds = mapping(mapping(around.get("discriminator")).get("mapping"))
        possible = [
            branch for branch in branches if not any(_is_of_type(one, own) for one in branch)
        ]
        if not possible:
            types = [
                kind
                for branch in branches
                for one in branch
                for kind in one.kind.as_dict().get("types", ())
            ]
            yield self._unfit(place, *_of_types(types, error.instance))
        elif kinds and isinstance(error.instance, dict):
            name = str(mapping(around.get("discriminator")).get("propertyName"))
            said = error.instance.get(name)
            if said is None:
                yield _without(place, name, list(kinds))
            elif str(said) not in kinds:
                yield self._unfit((*place, name), *_choice(list(kinds), said))
            else:
                refs = [
                    mapping(one).get("$ref")
                    for one in _list(around.get("oneOf") or around.get("anyOf"))
                ]
                for one in branches[refs.index(kinds[str(said)])]:
                    yield from self.told(one)
        else:
            for one in min(possible, key=len):
                yield from self.told(one)

    def _unfit(self, place: tuple[Step, ...], zh: str, en: str) -> Violation:
        said = {"place": ".".join(map(str, place)) or "file", "why_zh": zh, "why_en": en}
        return Violation(place, "contract.value", said)


def _without(place: tuple[Step, ...], name: str, values: list[Json]) -> Violation:
    """A missing word, with its possible values."""
    facts = {"key": ".".join(map(str, (*place, name)))}
    return Violation(place, "contract.key_missing", facts | hint("", map(_shown, values)))


def _why(kind: str, said: Mapping[str, Json], instance: object) -> tuple[str, str]:
    """What a value must be, and what it is."""
    if kind == "enum":
        return _choice(_list(said["options"]), instance)
    if kind == "const":
        return _choice([said["expected_value"]], instance)
    if kind == "type":
        return _of_types(_list(said["types"]), instance)
    if kind == "pattern":
        pattern = str(said["pattern"])
        if names := listed(pattern):
            return _choice(list(names), instance)
        return (
            f"“{_shown(instance)}”不符合 {pattern}",
            f"“{_shown(instance)}” is not like {pattern}",
        )
    zh, en = BOUNDS.get(kind, ("不符合 " + kind, kind))
    facts = {name: _shown(value) for name, value in said.items()}
    return (
        f"{zh.format(**facts)}，现为 {_shown(instance)}",
        f"{en.format(**facts)} is needed, not {_shown(instance)}",
    )


def _choice(allowed: list[Json], instance: object) -> tuple[str, str]:
    """One of a few values is needed; which, and which comes nearest."""
    known = hint(_shown(instance), map(_shown, allowed))
    zh, en = known.get("hint_zh", ""), known.get("hint_en", "")
    return f"没有“{_shown(instance)}”。{zh}".rstrip(
        "。"
    ), f"there is no “{_shown(instance)}”.{en}".rstrip(".")


def _of_types(kinds: list[Json], instance: object) -> tuple[str, str]:
    wanted = [TYPES[str(kind)] for kind in dict.fromkeys(map(str, kinds)) if str(kind) in TYPES]
    zh, en = "或".join(one[0] for one in wanted), " or ".join(one[1] for one in wanted)
    found = TYPES[_type_of(instance)]
    shown = "" if isinstance(instance, dict | list) else f" {_shown(instance)}"
    return f"应为{zh}，现为{found[0]}{shown}", f"{en} is needed, not {found[1]}{shown}"


def _described(around: Mapping[str, Json]) -> tuple[str, str]:
    said = both(str(around.get("description", "")))
    return said["why_zh"], said["why_en"]


def _is_of_type(error: ValidationError, own: list[Step]) -> bool:
    """Whether an alternative is out of the question: the value is of another type than it wants."""
    return error.kind.name == "type" and list(error.instance_path) == own


def _type_of(value: object) -> str:
    kinds = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
    )
    return next(
        (name for kind, name in kinds if isinstance(value, kind)),
        "null" if value is None else "object",
    )


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
