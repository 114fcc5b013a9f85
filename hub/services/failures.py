"""A quarantine entry for people: the payload line by line with its errors, in both languages."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from string import Formatter
from typing import Literal, TypeAlias, cast

from pydantic import JsonValue

from hub import exact
from hub.auth.context import RequestContext
from hub.db.runs.reading import EntryRow
from hub.domain import origins
from hub.domain.contracts import Contracts, PushFlow
from hub.domain.failure_grouping import without_values
from hub.domain.payload import decode, received
from hub.domain.rights import Rights, Sight
from hub.errors import Fault, RecordError
from hub.model import Json
from hub.services.view import extended, in_words
from hub.texts import Words, both, known, say, tell, text

Numbers: TypeAlias = tuple[int, ...]
Stage: TypeAlias = Literal["intake", "delivery"]
EntryState: TypeAlias = Literal["open", "resolved", "discarded", "overtaken"]


@dataclass(frozen=True, slots=True)
class FaultText:
    """A fault in words: what is wrong, the code of the rule, and the cure."""

    pointer: str
    code: str
    facts: Mapping[str, str]
    zh: str
    en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class PayloadLine:
    """One line of a payload; `faults` are indexes into the entry's list."""

    text: str
    faults: Numbers


@dataclass(frozen=True, slots=True)
class EntryView:
    """One quarantine entry: what is wrong with a record, since when, and who handles it.

    key, position: where it came from. owner: who answers for the data; assignee: who handles it.
    delivery_key: idempotency key of a delivery, where the entry is of one.
    """

    id: int
    flow: str
    key: str
    stage: Stage
    state: EntryState
    cause: str
    owner: str
    assignee: str | None
    opened_at: datetime
    opened_run: int
    closed_at: datetime | None
    closed_run: int | None
    closed_by: str | None
    reason: str | None
    position: str | None
    landing_id: int | None
    record_id: int | None
    delivery_key: str | None
    faults: list[FaultText]


@dataclass(frozen=True, slots=True)
class FailureView(EntryView):
    """One entry with its payload or body; None for readers who may not see payloads.

    payload: as it came, delivery_body: as it was sent; both None where part of it is masked. lines:
    the same by line, masked as needed, each with the faults that belong there.
    """

    payload: str | None
    delivery_body: dict[str, JsonValue] | None
    lines: list[PayloadLine] | None


def entry(context: RequestContext, row: EntryRow) -> EntryView:
    """An entry without payload or body."""
    return extended(row, EntryView, faults=_faults(context, row))


def failure(context: RequestContext, row: EntryRow) -> FailureView:
    """An entry with its payload (intake) or body (delivery), marked with the faults.

    Without the right to payloads only the faults are given. A payload that cannot be parsed may
    hold personal values anywhere, and is withheld from readers who may not see these.
    """
    faults, contracts, rights = _faults(context, row), context.hub.contracts, context.masking
    if not context.sees_payloads:
        return extended(
            row, FailureView, faults=faults, payload=None, delivery_body=None, lines=None
        )
    arrived = row.delivery_body if row.stage == "delivery" else _decoded(contracts, row)
    shown = origins.covered(arrived, sight_in(contracts, row.flow, rights))
    if (
        isinstance(arrived, str)
        and rights is not None
        and _has_persons(contracts, row.flow, rights)
    ):
        shown = ""
    plain = shown == arrived
    payload = (
        row.payload.decode("utf-8", "backslashreplace")
        if plain and row.payload is not None
        else None
    )
    body = row.delivery_body if plain else None
    return extended(
        row,
        FailureView,
        faults=faults,
        payload=payload,
        delivery_body=body,
        lines=_marked(shown, faults),
    )


def _faults(context: RequestContext, row: EntryRow) -> list[FaultText]:
    """The faults, without values that the reader may not see."""
    if not context.sees_payloads:
        return [fault_text(without_values(fault)) for fault in row.found]
    sight = sight_in(context.hub.contracts, row.flow, context.masking)
    return [fault_text(seen_fault(fault, sight)) for fault in row.found]


def _marked(shown: Json, faults: Sequence[FaultText]) -> list[PayloadLine]:
    """What may be shown by line; faults of an unparsable payload are put at its first line."""
    if not isinstance(shown, str):
        return list(marked(shown, [fault.pointer for fault in faults]))
    every = tuple(range(len(faults)))
    return [
        PayloadLine(text, every if at == 0 else ())
        for at, text in enumerate(shown.splitlines() or [""])
    ]


Seeing: TypeAlias = Callable[[str], Sight | None]
"""Sight of a place by its dotted path (shown, masked, hidden); None where it has no class."""


def sight_in(contracts: Contracts, flow: str, rights: Rights | None) -> Seeing:
    """How places of a flow's payloads or bodies may be seen."""
    pull, push = contracts.pulls.get(flow), contracts.pushes.get(flow)
    if rights is None or (pull is None and push is None):
        return lambda _path: "shown"
    if pull is not None:
        return cache(lambda path: origins.of_source(contracts, pull, rights, path))
    targets = origins.of_target([contracts], cast("PushFlow", push), rights)
    return targets.get


def seen_fault(fault: Fault, sight: Seeing) -> Fault:
    """A fault, without its values where they are of a place that may not be seen."""
    place = origins.path_of(fault.pointer)
    return without_values(fault) if place and (sight(place) or "shown") != "shown" else fault


def _has_persons(contracts: Contracts, flow: str, rights: Rights) -> bool:
    """Whether a flow's payloads may hold personal values that the reader may not see."""
    pull = contracts.pulls.get(flow)
    if pull is None:
        return True
    return any(
        rights.sight(entity.name, field) != "shown"
        for entity, field in origins.readers_of(contracts, pull)
    )


def fault_text(fault: Fault) -> FaultText:
    """A fault in both languages, with its cure."""
    return FaultText(
        fault.pointer,
        fault.code,
        fault.facts,
        **in_words(fault.code, fault.facts),
    )


def meaning(cause: str) -> Words:
    """A cause in words without values, for when no entry is at hand."""
    code, _, place = cause.partition(" ")
    if not known(code, "cure"):
        return cause, cause
    field = place.rpartition("/")[2] or place
    zh, en = both("某值")
    return worded(code, {"field": field, "text": place}, zh=(zh,), en=(en,), more=0)


def worded(
    code: str, facts: Mapping[str, str], *, zh: Sequence[str], en: Sequence[str], more: int
) -> Words:
    """A cause's sentence with values in place, and their number where not all are named."""
    told = []
    for lang, values, joint in (("zh", zh, "”、“"), ("en", en, "”, “")):
        places = {name for _, name, _, _ in Formatter().parse(text(code, lang)) if name}
        given = {name: fact for name, fact in facts.items() if name in places}
        if "value" in places:
            given["value"] = joint.join(values)
        sentence = say(code, given, lang)
        if "value" in places and more > len(values):
            sentence += tell("（共 {more} 种）", lang, more=more)
        told.append(sentence)
    return told[0], told[1]


def marked(value: Json, pointers: Sequence[str]) -> Iterator[PayloadLine]:
    """The lines of a decoded payload; a fault of something missing is put where it should be."""
    return _lines(value, "", list(enumerate(pointers)), indent="", head="", tail="")


def _lines(
    value: Json, at: str, faults: Sequence[tuple[int, str]], *, indent: str, head: str, tail: str
) -> Iterator[PayloadLine]:
    """The lines of one part; `faults` are those at this place or below it."""
    if isinstance(value, dict) and "0" not in value:
        faults = [(number, _alone(pointer, at)) for number, pointer in faults]
    here = tuple(number for number, pointer in faults if pointer == at)
    if not isinstance(value, dict | list) or not value:
        below = tuple(number for number, _ in faults)
        yield PayloadLine(f"{indent}{head}{exact.write(value).decode()}{tail}", below)
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield PayloadLine(f"{indent}{head}{opening}", here)
    parts = (
        list(value.items())
        if isinstance(value, dict)
        else [(str(n), item) for n, item in enumerate(value)]
    )
    covered = set(here)
    for number, (name, part) in enumerate(parts):
        place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        inside = [
            (n, pointer)
            for n, pointer in faults
            if pointer == place or pointer.startswith(f"{place}/")
        ]
        covered |= {n for n, _ in inside}
        label = f"{json.dumps(name, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        comma = "," if number < len(parts) - 1 else ""
        yield from _lines(part, place, inside, indent=indent + "  ", head=label, tail=comma)
    for number, pointer in faults:
        if number not in covered:
            yield PayloadLine(f"{indent}  {pointer.removeprefix(at)} —", (number,))
    yield PayloadLine(f"{indent}{closing}{tail}", ())


def _alone(pointer: str, at: str) -> str:
    """XML: an element without a list around it counts as the first of a list."""
    first = f"{at}/0"
    return (
        at + pointer.removeprefix(first)
        if pointer == first or pointer.startswith(f"{first}/")
        else pointer
    )


def _decoded(contracts: Contracts, entry: EntryRow) -> Json:
    """The fields of a payload, or its text where it cannot be parsed; "" where it is withheld."""
    if entry.payload is None:
        return ""
    flow = contracts.pulls.get(entry.flow)
    if flow is None:
        return received(entry.payload).decode("utf-8", "replace")
    if flow.withheld(entry.payload) is not None:
        return ""
    try:
        return decode(entry.payload, form=flow.form)
    except RecordError:
        return received(entry.payload).decode(flow.form.encoding, "replace")
