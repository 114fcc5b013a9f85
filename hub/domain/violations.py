"""JSON Schema violations -> problems in words: place, what is allowed, the nearest name."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jsonschema_rs import ValidationError

from hub.domain.documents import Step, mapping, reason_of
from hub.domain.nearest_names import hint
from hub.model import Json
from hub.texts import Words, both

TYPES: Mapping[str, str] = {
    "string": "文本",
    "integer": "整数|type",
    "number": "数字",
    "boolean": "true 或 false",
    "null": "空|type",
    "array": "列表",
    "object": "一组“键: 值”",
}
"""What the types of JSON are called."""

BOUNDS: Mapping[str, str] = {
    "minimum": "至少为 {limit}",
    "exclusiveMinimum": "应大于 {limit}",
    "maximum": "至多为 {limit}",
    "exclusiveMaximum": "应小于 {limit}",
    "multipleOf": "应为 {multiple_of} 的倍数",
    "minLength": "至少 {limit} 个字符",
    "maxLength": "至多 {limit} 个字符",
    "minItems": "至少 {limit} 项",
    "maxItems": "至多 {limit} 项",
    "minProperties": "至少 {limit} 项",
    "maxProperties": "至多 {limit} 项",
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


def _why(kind: str, said: Mapping[str, Json], instance: object) -> Words:
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
        return both("“{value}”不符合 {pattern}", value=_shown(instance), pattern=pattern)
    facts = {name: _shown(value) for name, value in said.items()}
    zh, en = both(BOUNDS.get(kind, "不符合 {bound}"), **facts, bound=kind)
    return both("{bound_zh}，现为 {value}", bound_zh=zh, bound_en=en, value=_shown(instance))


def _choice(allowed: list[Json], instance: object) -> Words:
    """One of a few values is needed; which, and which comes nearest."""
    known = hint(_shown(instance), map(_shown, allowed))
    zh, en = known.get("hint_zh", ""), known.get("hint_en", "")
    said_zh, said_en = both("没有“{value}”。", value=_shown(instance))
    return f"{said_zh}{zh}".rstrip("。"), f"{said_en}{en}".rstrip(".")


def _of_types(kinds: list[Json], instance: object) -> Words:
    names = [TYPES[str(kind)] for kind in dict.fromkeys(map(str, kinds)) if str(kind) in TYPES]
    wanted = [both(name) for name in names]
    zh, en = (joint.join(one[at] for one in wanted) for at, joint in enumerate(both("或")))
    found_zh, found_en = both(TYPES[_type_of(instance)])
    shown = "" if isinstance(instance, dict | list) else f" {_shown(instance)}"
    return both(
        "应为{wanted_zh}，现为{found_zh}{value}",
        wanted_zh=zh,
        wanted_en=en,
        found_zh=found_zh,
        found_en=found_en,
        value=shown,
    )


def _described(around: Mapping[str, Json]) -> Words:
    said = reason_of(str(around.get("description", "")))
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
