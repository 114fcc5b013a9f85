"""A failure as people read it: the payload line by line with every fault at its place, in both languages."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import TypeAlias, cast

from hub import exact
from hub.db.reading import EntryRow
from hub.domain import origins
from hub.domain.contracts import Contracts, PushFlow
from hub.domain.payload import decode, received
from hub.domain.rights import Rights, Sight
from hub.domain.wording import Words
from hub.errors import Fault, RecordError
from hub.model import Json
from hub.texts import TEXTS, cure, say

Numbers: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A fault in words: what is wrong, by which rule (the code), and what to do."""

    pointer: str
    code: str
    facts: Mapping[str, str]
    zh: str
    en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a payload as shown; `faults` are the positions, in the entry's list, of those that belong here."""

    text: str
    faults: Numbers


@dataclass(frozen=True, slots=True)
class Failure:
    """One quarantine entry, ready to be shown. covered: something of it is masked."""

    entry: EntryRow
    faults: tuple[Said, ...]
    lines: tuple[Line, ...]
    covered: bool = False


def failure(contracts: Contracts, entry: EntryRow, *, whole: bool = True, rights: Rights | None = None) -> Failure:
    """Put an entry in words and mark its payload (intake) or its body (delivery).

    whole: to somebody to whom values out of it may be shown; anybody else sees what is wrong where, and no payload.
    rights: what is masked for whoever reads, None where nothing is. Of what cannot be read, so that nobody can tell a
    person in it, nothing is shown to those who may not see persons.
    """
    if not whole:
        bare = [without_values(fault) for fault in entry.found]
        return Failure(entry, tuple(said(fault) for fault in bare), ())
    sight = sight_in(contracts, entry.flow, rights)
    faults = [seen_fault(fault, sight) for fault in entry.found]
    arrived = entry.delivery_body if entry.stage == "delivery" else _decoded(contracts, entry)
    shown = origins.covered(arrived, sight)
    if isinstance(arrived, str) and rights is not None and _has_persons(contracts, entry.flow, rights):
        shown = ""
    if isinstance(shown, str):
        every = tuple(range(len(faults)))
        lines = tuple(Line(text, every if at == 0 else ()) for at, text in enumerate(shown.splitlines() or [""]))
    else:
        lines = tuple(marked(shown, [fault.pointer for fault in faults]))
    return Failure(entry, tuple(said(fault) for fault in faults), lines, covered=shown != arrived)


Seeing: TypeAlias = Callable[[str], Sight | None]
"""How a place of a payload or body may be seen, by its dotted path; None where nobody has classed it."""


def sight_in(contracts: Contracts, flow: str, rights: Rights | None) -> Seeing:
    """How places of what a flow brings or sends may be seen."""
    pull, push = contracts.pulls.get(flow), contracts.pushes.get(flow)
    if rights is None or (pull is None and push is None):
        return lambda _path: "shown"
    if pull is not None:
        return cache(lambda path: origins.of_source(contracts, pull, rights, path))
    targets = origins.of_target([contracts], cast("PushFlow", push), rights)
    return targets.get


def seen_fault(fault: Fault, sight: Seeing) -> Fault:
    """A fault as it may be told: without values where it is about what may not be seen."""
    place = origins.path_of(fault.pointer)
    return without_values(fault) if place and (sight(place) or "shown") != "shown" else fault


def _has_persons(contracts: Contracts, flow: str, rights: Rights) -> bool:
    """Whether what a flow brings may hold persons that the reader may not see."""
    pull = contracts.pulls.get(flow)
    if pull is None:
        return True
    return any(rights.sight(entity.name, field) != "shown" for entity, field in origins.readers_of(contracts, pull))


def without_values(fault: Fault) -> Fault:
    """What is wrong where, and nothing out of the record."""
    plain = {"field", "list", "rule", "fields", "paths", "code", "parts", "read", "most"}
    return Fault(fault.pointer, fault.code, {name: fact for name, fact in fault.facts.items() if name in plain})


def said(fault: Fault) -> Said:
    """A fault in both languages, with its cure."""
    return Said(
        fault.pointer,
        fault.code,
        fault.facts,
        zh=say(fault.code, fault.facts, "zh"),
        en=say(fault.code, fault.facts, "en"),
        cure_zh=cure(fault.code, fault.facts, "zh"),
        cure_en=cure(fault.code, fault.facts, "en"),
    )


def meaning(cause: str) -> Words:
    """What a cause means where no entry is at hand: without any value."""
    code, _, place = cause.partition(" ")
    if code not in TEXTS:
        return cause, cause
    field = place.rpartition("/")[2] or place
    return worded(code, {"field": field, "text": place}, zh=("某值",), en=("some value",), more=0)


def worded(code: str, facts: Mapping[str, str], *, zh: Sequence[str], en: Sequence[str], more: int) -> Words:
    """A cause's sentence with values in place, and how many there are where not all are named."""
    told = []
    for lang, values, joint, rest in (
        ("zh", zh, "”、“", f"（共 {more} 种）"),
        ("en", en, "”, “", f" ({more} different ones)"),
    ):
        text = TEXTS[code].zh if lang == "zh" else TEXTS[code].en
        places = {name for _, name, _, _ in Formatter().parse(text) if name}
        given = {name: fact for name, fact in facts.items() if name in places}
        if "value" in places:
            given["value"] = joint.join(values)
        sentence = say(code, given, "zh" if lang == "zh" else "en")
        told.append(sentence + (rest if "value" in places and more > len(values) else ""))
    return told[0], told[1]


def marked(value: Json, pointers: Sequence[str]) -> Iterator[Line]:
    """The lines of a decoded payload; a fault about something that is not there stands where it should have been."""
    return _lines(value, "", list(enumerate(pointers)), indent="", head="", tail="")


def _lines(
    value: Json, at: str, faults: Sequence[tuple[int, str]], *, indent: str, head: str, tail: str
) -> Iterator[Line]:
    """The lines of one part; `faults` are those at this place or below it."""
    if isinstance(value, dict) and "0" not in value:
        faults = [(number, _alone(pointer, at)) for number, pointer in faults]
    here = tuple(number for number, pointer in faults if pointer == at)
    if not isinstance(value, dict | list) or not value:
        below = tuple(number for number, _ in faults)
        yield Line(f"{indent}{head}{exact.write(value).decode()}{tail}", below)
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield Line(f"{indent}{head}{opening}", here)
    parts = list(value.items()) if isinstance(value, dict) else [(str(n), item) for n, item in enumerate(value)]
    covered = set(here)
    for number, (name, part) in enumerate(parts):
        place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        inside = [(n, pointer) for n, pointer in faults if pointer == place or pointer.startswith(f"{place}/")]
        covered |= {n for n, _ in inside}
        label = f"{json.dumps(name, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        comma = "," if number < len(parts) - 1 else ""
        yield from _lines(part, place, inside, indent=indent + "  ", head=label, tail=comma)
    for number, pointer in faults:
        if number not in covered:
            yield Line(f"{indent}  {pointer.removeprefix(at)} —", (number,))
    yield Line(f"{indent}{closing}{tail}", ())


def _alone(pointer: str, at: str) -> str:
    """The place of an element that stands alone, without a list around it (XML): it is told as the first of one."""
    first = f"{at}/0"
    return at + pointer.removeprefix(first) if pointer == first or pointer.startswith(f"{first}/") else pointer


def _decoded(contracts: Contracts, entry: EntryRow) -> Json:
    """The fields of the payload, or its text where it cannot be read or its flow is gone."""
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
