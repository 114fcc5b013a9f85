"""Reads values and keys of a source record: paths, verbs, field kinds; caches repeated values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import orjson

from hub import exact
from hub.domain import paths
from hub.domain.contracts import Entity, Field
from hub.domain.keys import join_key
from hub.domain.paths import Reader, Source
from hub.domain.validation import LONGEST_KEY, is_decimal
from hub.domain.verbs import Cell, Scope, WrongValueError, chain, exact_text, number
from hub.errors import Fault
from hub.model import Json, Number, Value


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is made: first non-empty path through verbs, or a constant."""

    name: str
    paths: tuple[str, ...] = ()
    use: tuple[Json, ...] = ()
    const: Json = None


def sources(rule: FieldRule) -> tuple[str, ...]:
    """The paths that a field is read from, those of units among them."""
    units = [use.get("unit") for use in rule.use if isinstance(use, dict)]
    return (*rule.paths, *(str(unit["by"]) for unit in units if isinstance(unit, dict)))


UNKNOWN: Value = "\x00"  # no value of ours: NUL is refused before anything is mapped


_SCALARS = {int, float, bool, Number}


class Memory:
    """Cache of a field's results by raw value, for values without fault (most repeat).

    texts: by raw text. Numbers are keyed with their type, since 1, 1.0 and true are equal in
    Python. Given up when MOST values fill it within WORTH times as many records.
    """

    __slots__ = ("_began", "_numbers", "given_up", "texts")

    MOST, LONGEST, WORTH = 4_096, 64, 2

    def __init__(self, *, given_up: bool) -> None:
        self.texts: dict[str, Value] = {}
        self._numbers: dict[object, Value] = {}
        self.given_up = given_up
        self._began = 0

    def number(self, raw: Json) -> Value:
        """The cached result for a raw value that is no text, or UNKNOWN."""
        kind = raw.__class__
        return self._numbers.get((kind, raw), UNKNOWN) if kind in _SCALARS else UNKNOWN

    def keep(self, raw: Json, value: Value, *, record: int) -> None:
        """Cache a result, met in the record of this number; long texts are not cached."""
        if len(self.texts) + len(self._numbers) >= self.MOST:
            self.given_up = record - self._began < self.WORTH * self.MOST
            self.texts.clear()
            self._numbers.clear()
            self._began = record
        elif raw.__class__ in _SCALARS:
            self._numbers[raw.__class__, raw] = value
        elif isinstance(raw, str) and len(raw) <= self.LONGEST:
            self.texts[raw] = value


class FieldReader:
    """Reader of one field: paths, verbs, cache."""

    __slots__ = ("decimal", "field", "key", "memory", "name", "numbered", "read", "verbs")

    def __init__(self, rule: FieldRule, entity: Entity, scope: Scope) -> None:
        self.name = rule.name
        self.read = first_of(rule.paths) if rule.paths else lambda _source: rule.const
        self.key = (
            rule.paths[0]
            if len(rule.paths) == 1 and paths.steps(rule.paths[0]) == (rule.paths[0],)
            else None
        )
        self.field = field = entity.fields[rule.name]
        self.decimal = field.kind == "decimal"
        self.verbs = chain(rule.use, replace(scope, places=field.scale))
        self.numbered = field.kind == "string" and bool(
            rule.name in entity.key or field.identifies or field.rule
        )
        self.memory = Memory(
            given_up=any(isinstance(use, dict) and "unit" in use for use in rule.use)
        )

    def value(self, raw: Json, source: Source) -> Json:
        """The raw value after the verbs, in the field's kind; WrongValueError."""
        value: Cell = raw
        if isinstance(raw, str):
            if not raw or raw.isspace():
                return None
        elif (why := paths.unusable(raw)) is not None:
            raise WrongValueError("record.cell_unusable", why=why)
        for verb in self.verbs:
            if value is None:
                return None
            value = verb(value, source)
        if isinstance(value, str):
            if self.numbered and digits_lost(value):
                raise WrongValueError("record.digits_lost")
            if not self.decimal:
                return value
        return settled(self.field, value)


def settled(field: Field, value: Cell) -> Json:
    """What the verbs made of a value, in the shape of its field's kind; raises WrongValueError."""
    if isinstance(value, str):
        if field.kind != "decimal" or not is_decimal(value):
            return value
        value = number(value)
    if isinstance(value, Decimal):
        value = exact_text(value, field.scale)
    settle = _BY_KIND.get(field.kind)
    made = value if value is None or settle is None else settle(value)
    if _holds_number(made):
        raise WrongValueError("record.type", expected=_EXPECTED.get(field.kind, "string"))
    return made


def first_of(candidates: tuple[str, ...]) -> Reader:
    """Reads the first of several paths that is not empty."""
    readers = [paths.reader(path) for path in candidates]
    if len(readers) == 1:
        return readers[0]
    return lambda source: next(
        (value for read in readers if (value := read(source)) is not None), None
    )


def _whole(value: Json) -> Json:
    """5.0 is an integer to JSON Schema, so it must be one to us."""
    if isinstance(value, Number) and (whole := number(value)) == whole.to_integral_value():
        return int(whole)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _geojson(value: Json) -> Json:
    return (
        exact.write(value, option=orjson.OPT_SORT_KEYS).decode()
        if isinstance(value, dict)
        else value
    )


def _holds_number(value: Json) -> bool:
    """Whether a number that no verb has made anything of is left; no shared field takes one."""
    if isinstance(value, list | dict):
        return any(map(_holds_number, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Number)


_EXPECTED = {"integer": "integer", "boolean": "boolean", "strings": "array"}


_ROUNDED_AWAY = re.compile(r"\d(\.\d+)?[eE]\+(1[1-9]|[2-9]\d)", re.ASCII)


def digits_lost(text: str) -> bool:
    """Whether a spreadsheet wrote a number of 12+ digits as a power of ten: the last are lost."""
    return "+" in text and bool(_ROUNDED_AWAY.fullmatch(text))


_BY_KIND: Mapping[str, Callable[[Json], Json]] = {"integer": _whole, "geojson": _geojson}


class SourceKey:
    """Reader of the source key: its paths, joined.

    No key if a part is empty, all are too long, or one has lost digits.
    """

    __slots__ = ("_choices", "_readers", "paths")

    def __init__(self, key: tuple[tuple[str, ...], ...]) -> None:
        self._choices = key
        self._readers = [first_of(one) for one in key]
        self.paths = tuple(path for one in key for path in one)

    def text(self, source: Source) -> str:
        """The key, "" where a part of it is missing."""
        parts = [paths.plain(read(source)) for read in self._readers]
        return "" if None in parts else join_key(str(part) for part in parts)

    def read(
        self, source: Source, faults: list[Fault], *, place: Callable[[str], str] = paths.pointer
    ) -> str:
        """The key; "" and a fault (at `place`) when it cannot be used."""
        key = self.text(source)
        if len(key) > LONGEST_KEY:
            facts = {"field": ", ".join(self.paths), "limit": str(LONGEST_KEY)}
            faults.append(Fault(place(self.paths[0]), "record.too_long", facts))
            return ""
        if key and "+" not in key:
            return key
        read = zip(self._choices, self._readers, strict=True)
        parts = [(choice, paths.plain(reader(source))) for choice, reader in read]
        if not key:
            empty = [choice for choice, part in parts if part is None]
            facts = {"paths": ", ".join(path for choice in empty for path in choice)}
            faults.append(Fault(place(empty[0][0]), "record.key_missing", facts))
        lost = next(
            ((choice[0], part) for choice, part in parts if part is not None and digits_lost(part)),
            None,
        )
        if lost:
            path, part = lost
            faults.append(Fault(place(path), "record.digits_lost", {"field": path, "value": part}))
            return ""
        return key
