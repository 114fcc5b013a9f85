"""Compiles a pull mapping: source record -> values in shared terms, with all faults."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Literal, cast

import orjson

from hub import exact
from hub.domain import lists, paths, times
from hub.domain.contracts import Each, Entity, Mapped, Mapper, RecordPart
from hub.domain.lists import Tree
from hub.domain.paths import Source
from hub.domain.pull_columns import Column, ColumnMapper, Head
from hub.domain.pull_values import UNKNOWN, FieldReader, FieldRule, SourceKey, sources
from hub.domain.storable import strange
from hub.domain.validation import Validator, shown
from hub.domain.verbs import Scope, WrongValueError
from hub.errors import Fault, RecordError
from hub.model import Json, Record


@dataclass(frozen=True, slots=True)
class PullRules:
    """A parsed *.pull.yaml, not compiled yet.

    key: per part, alternative paths of which the first non-empty counts. read_beside: paths read by
    all mappings of the same resource.
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
        """Whether a path reads an element of the exploded list, not the whole record."""
        return self.each is not None and paths.steps(path)[0] == self.each.name


def compile_mapper(
    rules: PullRules, *, entity: Entity, scope: Scope, validator: Validator
) -> Mapper:
    """Compile the mapping: everything decidable before a record comes is decided here."""
    compiled = _Compiled(rules, entity=entity, scope=scope, validator=validator)
    return Mapper(
        map=compiled.safely_mapped,
        map_all=compiled.map_all,
        audited=compiled.audited,
        source_key=compiled.source_key,
        digest_view=compiled.digest_view,
        traces={rule.name: sources(rule) for rule in rules.fields},
    )


_PLACES = 20
_COUNT = re.compile(
    rf"0*\d{{1,{_PLACES}}}", re.ASCII
)  # more digits would not sort as text, nor would a minus


class _Compiled:
    def __init__(
        self, rules: PullRules, *, entity: Entity, scope: Scope, validator: Validator
    ) -> None:
        self._rules = rules
        self._validator = validator
        self._zone = scope.zone
        fields = [FieldReader(rule, entity, scope) for rule in rules.fields]
        self._plans = [(field.name, field.key, field.memory.texts.get, field) for field in fields]
        self._records = 0
        self._paths = {rule.name: rule.paths for rule in rules.fields}
        self._key = SourceKey(tuple(one for one in rules.key if not rules.of_part(one[0])))
        self._part_key = SourceKey(rules.key)
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
        self._fields, self._scope = fields, scope

    @cached_property
    def by_columns(self) -> ColumnMapper:
        """The same mapping by columns, made when a batch first needs it; most never do."""
        return ColumnMapper(
            self._columns(self._fields, self._scope),
            required=self._rules.required,
            head=self._head,
            row=self.safely_mapped,
        )

    def map_all(self, sources: Sequence[dict[str, Json]]) -> list[Mapped]:
        """Each of a batch as `safely_mapped` maps it."""
        return self.by_columns.map(sources)

    def _columns(self, fields: Sequence[FieldReader], scope: Scope) -> list[Column] | None:
        """The fields by columns; None where the mapping explodes its records."""
        if self._rules.each is not None:
            return None
        judge, made = self._validator, []
        for rule, field in zip(self._rules.fields, fields, strict=True):
            if (valid := judge.column(field.name)) is None:
                return None
            made.append(Column(field, rule, scope, valid=valid, noted=judge.noted(field.name)))
        return made

    def _head(self, source: dict[str, Json]) -> Head | None:
        """What is told of a record beside its values; None where more than they can be wrong."""
        faults: list[Fault] = []
        key, version = self._key.read(source, faults), self._version_of(source, faults)
        if (
            faults
            or any(holds(source) for _, holds in self._skip)
            or (self._deleted is not None and self._deleted(source))
            or next(self._unusable(source), None)
            or not (key.isprintable() and version.isprintable())
        ):
            return None
        beside = self._rules.read_beside
        unread = lists.unread(source, beside) if beside is not None else ()
        return key, version, tuple(unread), self._time_of(source)

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
        """The mapped record; any error that it causes becomes its own fault."""
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
        # as for mapping: an error is the record's own fault
        except Exception as error:  # noqa: BLE001
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
        faults.extend(self._unusable(source))  # first: it says why a key is missing
        key = self._key.read(source, faults)
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
        """The mapped elements; one without a key goes under its index in the whole."""
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
        """Faults where key, version or filters are in a cell without a usable value."""
        for path, read in self._deciding:
            if (why := paths.unusable(read(source))) is not None:
                yield Fault(
                    paths.pointer(path),
                    "record.cell_unusable",
                    {"field": path, "why": why},
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
        """The source's own time of the record; None if unreadable, never the loading time."""
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
        """Fields whose raw value is remembered are done; the others go through their verbs and the
        schema.

        at: the pointer of the element that is read, "" for a whole record.
        """
        self._records += 1
        values: Record = {}
        new: list[tuple[FieldReader, Json]] = []
        get = source.get
        for name, key, remembered, field in self._plans:
            raw = field.read(source) if key is None else get(key)
            if raw is None:
                continue
            known = remembered(raw, UNKNOWN) if isinstance(raw, str) else field.memory.number(raw)
            if known is UNKNOWN:
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
        new: list[tuple[FieldReader, Json]],
        source: Source,
        *,
        at: str,
        faults: list[Fault],
        failed: set[str],
    ) -> list[Fault]:
        """Map what is new, hear schema and named rules, and remember what nothing is wrong with;
        give the warnings.

        Only what the schema passes becomes a value. It speaks of each field alone, so a part of a
        record can be asked.
        """
        mapped: dict[str, Json] = {}
        for field, raw in new:
            try:
                value = field.value(raw, source)
            except WrongValueError as wrong:
                facts = {"field": field.name, **_told(raw)} | wrong.facts
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


def _remove(holder: Json, steps: tuple[str | int, ...]) -> None:
    """Delete the value at a path, in each element of lists on the way."""
    first, *rest = steps
    if isinstance(holder, list) and isinstance(first, str):
        for item in holder:
            _remove(item, steps)
    elif rest:
        _remove(paths.inside(holder, first), tuple(rest))
    elif isinstance(holder, dict):
        holder.pop(str(first), None)


def _told(raw: Json) -> dict[str, str]:
    """A value as a fault tells it; of a cell without one there is only the reason."""
    return {} if paths.unusable(raw) is not None else {"value": shown(raw)}
