"""Compiles a pull mapping: a source record -> its values in shared terms, with every fault it has."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Literal, cast

import orjson

from hub import exact
from hub.domain import lists, paths, times
from hub.domain.contracts import Each, Entity, Field, Mapped, Mapper, RecordPart
from hub.domain.keys import join_key
from hub.domain.lists import Tree
from hub.domain.paths import Reader, Source
from hub.domain.storable import strange
from hub.domain.validation import LONGEST_KEY, Validator, is_decimal, shown
from hub.domain.verbs import Cell, Scope, WrongValueError, chain, exact_text, number
from hub.errors import Fault, RecordError
from hub.model import Json, Number, Record, Value


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is made: from the first path that is not empty, through verbs; or a constant."""

    name: str
    paths: tuple[str, ...] = ()
    use: tuple[Json, ...] = ()
    const: Json = None


@dataclass(frozen=True, slots=True)
class PullRules:
    """What a *.pull.yaml says about one record, read but not yet compiled.

    key: of each part of it the paths of which the first that is not empty counts. read_beside: the
    places that the mappings of the same resource read, this one among them.
    """

    fields: tuple[FieldRule, ...]
    key: tuple[tuple[str, ...], ...]
    version: str | None
    version_as: Literal["text", "datetime", "integer"]
    time: str | None
    ignore: tuple[str, ...]
    required: tuple[str, ...]
    deleted_when: Mapping[str, Json] | None
    skip_when: Mapping[str, Mapping[str, Json]]
    each: Each | None = None
    read_beside: "Tree | None" = None

    def of_part(self, path: str) -> bool:
        """Whether a path reads an element of the list, and not the whole record."""
        return self.each is not None and paths.steps(path)[0] == self.each.name


def sources(rule: FieldRule) -> tuple[str, ...]:
    """The paths that a field is read from, those of units among them."""
    units = [use.get("unit") for use in rule.use if isinstance(use, dict)]
    return (*rule.paths, *(str(unit["by"]) for unit in units if isinstance(unit, dict)))


def compile_mapper(
    rules: PullRules, *, entity: Entity, scope: Scope, validator: Validator
) -> Mapper:
    """Everything that can be decided before a record comes is decided here."""
    compiled = _Compiled(rules, entity=entity, scope=scope, validator=validator)
    return Mapper(
        map=compiled.safely_mapped,
        audited=compiled.audited,
        source_key=compiled.source_key,
        digest_view=compiled.digest_view,
        traces={rule.name: sources(rule) for rule in rules.fields},
    )


_UNKNOWN: Value = "\x00"  # no value of ours: NUL is refused before anything is mapped
_PLACES = 20
_COUNT = re.compile(
    rf"0*\d{{1,{_PLACES}}}", re.ASCII
)  # more digits would not sort as text, nor would a minus
_SCALARS = {int, float, bool, Number}


class Memory:
    """What the raw values of one field became where nothing was wrong with them: most values of most fields repeat.

    texts: by raw text. Numbers stand with their type, for 1, 1.0 and true are equal and not the same. Where MOST values
    fill it within WORTH times as many records it is given up: asking would cost more than it saves.
    """

    __slots__ = ("_began", "_numbers", "given_up", "texts")

    MOST, LONGEST, WORTH = 4_096, 64, 2

    def __init__(self, *, given_up: bool) -> None:
        self.texts: dict[str, Value] = {}
        self._numbers: dict[object, Value] = {}
        self.given_up = given_up
        self._began = 0

    def number(self, raw: Json) -> Value:
        """What became of a raw value that is no text, or _UNKNOWN."""
        kind = raw.__class__
        return self._numbers.get((kind, raw), _UNKNOWN) if kind in _SCALARS else _UNKNOWN

    def keep(self, raw: Json, value: Value, *, record: int) -> None:
        """Remember one value more, met in the record of this number. Longer text is not worth keeping."""
        if len(self.texts) + len(self._numbers) >= self.MOST:
            self.given_up = record - self._began < self.WORTH * self.MOST
            self.texts.clear()
            self._numbers.clear()
            self._began = record
        elif raw.__class__ in _SCALARS:
            self._numbers[raw.__class__, raw] = value
        elif isinstance(raw, str) and len(raw) <= self.LONGEST:
            self.texts[raw] = value


class _Field:
    """One field's way: where to read, through what, and what is remembered of it."""

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
        """The raw value through the verbs, in the shape of the field's kind; raises WrongValueError."""
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
    """Whether a number of twelve digits or more was written in powers of ten, as spreadsheets do: its last are lost."""
    return "+" in text and bool(_ROUNDED_AWAY.fullmatch(text))


_BY_KIND: Mapping[str, Callable[[Json], Json]] = {"integer": _whole, "geojson": _geojson}


class _Compiled:
    def __init__(
        self, rules: PullRules, *, entity: Entity, scope: Scope, validator: Validator
    ) -> None:
        self._rules = rules
        self._validator = validator
        self._zone = scope.zone
        fields = [_Field(rule, entity, scope) for rule in rules.fields]
        self._plans = [(field.name, field.key, field.memory.texts.get, field) for field in fields]
        self._records = 0
        self._paths = {rule.name: rule.paths for rule in rules.fields}
        self._key = _Key(tuple(one for one in rules.key if not rules.of_part(one[0])))
        self._part_key = _Key(rules.key)
        self._version = paths.reader(rules.version) if rules.version else None
        tested = [
            *(rules.deleted_when or {}),
            *(path for wanted in rules.skip_when.values() for path in wanted),
        ]
        self._deciding = [
            (path, paths.reader(path)) for path in dict.fromkeys([*self._key.paths, *tested])
        ]
        timed = rules.time or (rules.version if rules.version_as == "datetime" else None)
        self._time = paths.reader(timed) if timed else None
        self._deleted = paths.condition(rules.deleted_when) if rules.deleted_when else None
        self._skip = [(name, paths.condition(wanted)) for name, wanted in rules.skip_when.items()]
        self._ignore = [paths.steps(self._in_whole(path)) for path in rules.ignore]
        self.source_key = self._key.text

    def digest_view(self, source: dict[str, Json]) -> bytes:
        try:
            copy = exact.read(exact.write(source)) if self._ignore else source
            return exact.write(self._without_volatile(copy), option=orjson.OPT_SORT_KEYS)
        except (TypeError, exact.UnreadableJsonError):  # nested deeper than these go: XML may be
            copy = json.loads(json.dumps(exact.plain(source)))
            return json.dumps(self._without_volatile(copy), sort_keys=True).encode()

    def _without_volatile(self, copy: Json) -> Json:
        for steps in self._ignore:
            _remove(copy, steps)
        return copy

    def safely_mapped(self, source: dict[str, Json]) -> Mapped:
        """What a record says. Whatever error it causes is its own fault, and ends nothing else."""
        try:
            mapped = self.map(source)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 -- as said above
            return Mapped.without_values(
                Fault("", "record.failed", {"stage": "map", "error": type(error).__name__})
            )
        if not (mapped.key.isprintable() and mapped.version.isprintable()):
            for path, text in zip(
                (*self._key.paths[:1], self._rules.version),
                (mapped.key, mapped.version),
                strict=False,
            ):
                if path and (character := strange(text)):
                    facts = {"field": path, "character": character}
                    return Mapped.without_values(
                        Fault(paths.pointer(path), "record.character", facts)
                    )
        return mapped

    def audited(self, source: dict[str, Json], mapped: Mapped) -> Mapped:
        """What a record was mapped to, judged by the reference as well, every value made anew."""
        try:
            each = self._rules.each
            if each is None:
                return replace(mapped, faults=mapped.faults + tuple(self._differing(source)))
            if mapped.parts is None:
                return mapped
            elements = lists.elements(source, each)
            parts = [
                replace(
                    part.mapped,
                    faults=part.mapped.faults
                    + tuple(self._differing(source | {each.name: one}, at)),
                )
                for part, (at, one) in zip(mapped.parts, elements, strict=True)
            ]
        except Exception as error:  # noqa: BLE001 -- as for mapping: an error is the record's own fault
            return Mapped.without_values(
                Fault("", "record.failed", {"stage": "audit", "error": type(error).__name__})
            )
        told = zip(mapped.parts, parts, strict=True)
        return replace(mapped, parts=tuple(replace(part, mapped=said) for part, said in told))

    def _differing(self, source: Source, at: str = "") -> Iterator[Fault]:
        made: dict[str, Json] = {}
        for _, _, _, field in self._plans:
            raw = field.read(source)
            with suppress(WrongValueError):  # a fault already
                value = None if raw is None else field.value(raw, source)
                made |= {} if value is None else {field.name: value}
        for name, fault in self._validator.differing(made):
            yield replace(fault, pointer=self._pointer(name, source, at))

    def map(self, source: dict[str, Json]) -> Mapped:
        faults: list[Fault] = []
        warnings: list[Fault] = []
        values: Record = {}
        parts: tuple[RecordPart, ...] | None = None
        key = self._key.read(source, faults)
        faults.extend(self._unusable(source))
        version = self._version_of(source, faults)
        skipped = next((name for name, holds in self._skip if holds(source)), None)
        deleted = self._deleted is not None and self._deleted(source)
        if skipped is None and not deleted:
            if self._rules.each is None:
                values, warnings = self._values(source, faults)
            elif not faults:
                parts = self._parts(
                    source, self._rules.each, key=key, version=version, faults=faults
                )
            if self._rules.read_beside is not None:
                warnings += lists.unread(source, self._rules.read_beside)
        told = tuple(faults), tuple(warnings)
        return Mapped(key, version, deleted, skipped, values, *told, parts, self._time_of(source))

    def _parts(
        self, source: Source, each: Each, *, key: str, version: str, faults: list[Fault]
    ) -> tuple[RecordPart, ...] | None:
        """What each element says. One without a key of its own goes under its place in the whole."""
        try:
            elements = lists.elements(source, each)
        except RecordError as error:
            faults.extend(error.faults)
            return None
        views = [(at, {**source, each.name: element}) for at, element in elements]
        times = Counter(self._part_key.text(view) for _, view in views)
        taken: set[str] = set()
        parts = []
        for at, view in views:
            wrong: list[Fault] = []
            own = self._part_key.read(view, wrong, place=partial(self._place, at=at))
            if own and times[own] > 1:
                wrong.append(Fault(at, "record.part_twice", {"key": own}))
            values, warnings = self._values(view, wrong, at=at)
            under = own if own and own not in taken else f"#{key}{at}"
            taken.add(under)
            told = tuple(wrong), tuple(warnings)
            said = Mapped(under, version, False, None, values, *told, None, self._time_of(view))  # noqa: FBT003
            parts.append(RecordPart(at, said))
        return tuple(parts)

    def _in_whole(self, path: str) -> str:
        """A path of an element as a path through its list."""
        each = self._rules.each
        if each is None or not self._rules.of_part(path):
            return path
        return f"{each.at}{path.removeprefix(each.name)}"

    def _place(self, path: str, at: str) -> str:
        """The pointer of a path; at: of the element that is read, "" for the whole record."""
        if not at or not self._rules.of_part(path):
            return paths.pointer(path)
        return f"{at}{paths.pointer(path).removeprefix(paths.pointer(str(paths.steps(path)[0])))}"

    def _unusable(self, source: Source) -> Iterator[Fault]:
        """What decides about the whole record (its key, version and filters) and stands in a cell without a value."""
        for path, read in self._deciding:
            if (why := paths.unusable(read(source))) is not None:
                yield Fault(
                    paths.pointer(path),
                    "record.cell_unusable",
                    {"field": path, "value": why, "why": why},
                )

    def _version_of(self, source: Source, faults: list[Fault]) -> str:
        path = self._rules.version
        if path is None or self._version is None:
            return ""
        text = paths.plain(self._version(source)) or ""
        try:
            version = self._order(text)
        except (ValueError, OverflowError):
            version = ""
        if not version:
            facts = {"field": path, "value": shown(text)}
            faults.append(Fault(paths.pointer(path), "record.version_invalid", facts))
        return version

    def _time_of(self, source: Source) -> datetime | None:
        """The source's own time of the record; one that cannot be read is none, never the time of loading."""
        if self._time is None:
            return None
        try:
            return times.instant(paths.plain(self._time(source)) or "", self._zone)
        except (ValueError, OverflowError):
            return None

    def _order(self, text: str) -> str:
        """The version as text that sorts like the version itself."""
        if self._rules.version_as == "datetime":
            return times.sortable(text, self._zone)
        if self._rules.version_as == "text":
            return text
        return f"{text.lstrip('0'):0>{_PLACES}}" if _COUNT.fullmatch(text) else ""

    def _values(
        self, source: Source, faults: list[Fault], *, at: str = ""
    ) -> tuple[Record, list[Fault]]:
        """Fields whose raw value is remembered are done; the others go through their verbs and the schema.

        at: the pointer of the element that is read, "" for a whole record.
        """
        self._records += 1
        values: Record = {}
        new: list[tuple[_Field, Json]] = []
        get = source.get
        for name, key, remembered, field in self._plans:
            raw = field.read(source) if key is None else get(key)
            if raw is None:
                continue
            known = remembered(raw, _UNKNOWN) if isinstance(raw, str) else field.memory.number(raw)
            if known is _UNKNOWN:
                new.append((field, raw))
            elif known is not None:
                values[name] = known
        failed: set[str] = set()
        warnings = (
            self._judged(values, new, source, at=at, faults=faults, failed=failed) if new else []
        )
        missing = [
            name for name in self._rules.required if name not in values and name not in failed
        ]
        faults.extend(
            Fault(self._pointer(name, source, at), "record.missing", {"field": name})
            for name in missing
        )
        return values, warnings

    def _judged(
        self,
        values: Record,
        new: list[tuple[_Field, Json]],
        source: Source,
        *,
        at: str,
        faults: list[Fault],
        failed: set[str],
    ) -> list[Fault]:
        """Map what is new, hear schema and named rules, and remember what nothing is wrong with; give the warnings.

        Only what the schema passes becomes a value. It speaks of each field alone, so a part of a record can be asked.
        """
        mapped: dict[str, Json] = {}
        for field, raw in new:
            try:
                value = field.value(raw, source)
            except WrongValueError as wrong:
                facts = {"field": field.name, "value": shown(raw)} | wrong.facts
                faults.append(Fault(self._pointer(field.name, source, at), wrong.code, facts))
                failed.add(field.name)
            else:
                if value is not None:
                    mapped[field.name] = value
        for name, fault in self._validator.faults(mapped):
            faults.append(Fault(self._pointer(name, source, at), fault.code, fault.facts))
            failed.add(name)
        for name in failed:
            mapped.pop(name, None)
        passed = cast("Record", mapped)
        warnings: list[Fault] = []
        noted = set(failed)
        for name, fault, note in self._validator.findings(passed):
            noted.add(name)
            (warnings if note else faults).append(
                Fault(self._pointer(name, source, at), fault.code, fault.facts)
            )
        values.update(passed)
        for field, raw in new:
            if not field.memory.given_up and field.name not in noted:
                field.memory.keep(raw, passed.get(field.name), record=self._records)
        return warnings

    def _pointer(self, name: str, source: Source, at: str) -> str:
        """Where the field's value was found in the source, or should have been."""
        candidates = self._paths.get(name, ())
        found = (path for path in candidates if paths.reader(path)(source) is not None)
        return self._place(next(found, candidates[0]), at) if candidates else at


class _Key:
    """The source key: its paths, joined.

    No key where one of them is empty, where all are too long, or where one has lost digits that would tell it from
    others.
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
        """The key; "" and a fault, told where `place` says, when it cannot be used."""
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


def _remove(holder: Json, steps: tuple[str | int, ...]) -> None:
    """Take out what stands at a path, in each element of the lists on the way."""
    first, *rest = steps
    if isinstance(holder, list) and isinstance(first, str):
        for item in holder:
            _remove(item, steps)
    elif rest:
        _remove(paths.inside(holder, first), tuple(rest))
    elif isinstance(holder, dict):
        holder.pop(str(first), None)
