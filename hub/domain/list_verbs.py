"""List forms of verbs: a whole column of texts at once, for columns that hardly repeat.

Each does what its verb does to one value; where it is not sure it leaves the value to the verb. A
text without content is "" here and None to the verbs.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from hub.domain import times, verbs
from hub.domain.chinese_dates import halfwidth
from hub.model import Json, Number

ListVerb: TypeAlias = Callable[[Sequence[str]], list[str]]


class Unsure:
    """A cell that the row engine must look at."""

    __slots__ = ()


UNSURE = Unsure()
Cell: TypeAlias = Json | Unsure
OneValue: TypeAlias = Callable[[Json], Cell]
ListForm: TypeAlias = Callable[[Sequence[Json], OneValue], list[Cell]]
"""(raw values, what the verbs make of one) -> values."""

_PLAIN = re.compile(r"(0|[1-9]\d{0,14})(?:\.(\d+))?", re.ASCII).fullmatch
_STEADY = range(1992, 9999)
"""Years without clock changes in the hub's zone; the last that it can keep needs care."""


def texts(uses: Iterable[Json]) -> ListVerb | None:
    """The list form of a chain of text verbs; None where one of them has none."""
    steps: list[ListVerb] = []
    for use in uses:
        name, argument = next(iter(use.items())) if isinstance(use, dict) else (str(use), None)
        if name not in _TEXTS:
            return None
        steps.append(_TEXTS[name](argument))

    def through(column: Sequence[str]) -> list[str]:
        made = list(column)
        for step in steps:
            made = step(made)
        return made

    return through if steps else None


def others(uses: Sequence[Json], *, scale: int | None, zone: ZoneInfo) -> ListForm | None:
    """The list form of a chain that makes decimals or dates; None where it has none."""
    match list(uses):
        case ["decimal"] if scale is not None:
            return _decimals(scale)
        case ["datetime"] if zone.key == times.HUB_ZONE.key:
            return _datetimes
        case ["date"]:
            return _dates
        case _:
            return None


def _decimals(scale: int) -> ListForm:
    def convert(column: Sequence[Json], one: OneValue) -> list[Cell]:
        made: list[Cell] = []
        for raw in column:
            text = (
                raw if isinstance(raw, str) else raw.text if isinstance(raw, Number) else str(raw)
            )
            found = _PLAIN(text)
            if found is None or len(places := found[2] or "") > scale:
                made.append(one(raw))
            else:
                made.append(f"{found[1]}.{places:0<{scale}}" if scale else found[1])
        return made

    return convert


def _datetimes(column: Sequence[Json], one: OneValue) -> list[Cell]:
    return [
        f"{at.isoformat()}+08:00" if (at := _moment(raw)) and at.year in _STEADY else one(raw)
        for raw in column
    ]


def _dates(column: Sequence[Json], one: OneValue) -> list[Cell]:
    return [at.date().isoformat() if (at := _moment(raw)) else one(raw) for raw in column]


def _moment(raw: Json) -> datetime | None:
    """A date or clock in a form that Python parses itself; None for what the verb must look at."""
    if not isinstance(raw, str) or not raw.isascii() or (plain := times.plain(raw)) is None:
        return None
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        return None


def _strip(_argument: Json) -> ListVerb:
    return lambda column: list(map(str.strip, column))


def _trim(_argument: Json) -> ListVerb:
    return lambda column: [
        text if text.isascii() else text.strip(verbs.INVISIBLE).strip()
        for text in map(str.strip, column)
    ]


def _blank(argument: Json) -> ListVerb:
    empty = verbs.empty_texts(argument)
    return lambda column: ["" if text.strip() in empty else text for text in column]


def _each(change: Callable[[str], str]) -> Callable[[Json], ListVerb]:
    return lambda _argument: lambda column: list(map(change, column))


def _first(argument: Json) -> ListVerb:
    count = argument if isinstance(argument, int) else 0
    return lambda column: [text[:count] for text in column]


_TEXTS: dict[str, Callable[[Json], ListVerb]] = {
    "trim": _trim,
    "text": _strip,
    "halfwidth": _each(halfwidth),
    "squeeze": _each(lambda text: "".join(text.split())),
    "upper": _each(str.upper),
    "brackets": _each(lambda text: text.translate(verbs.BRACKETS)),
    "uscc": _each(lambda text: verbs.compact_uscc(text) or ""),
    "blank": _blank,
    "first": _first,
}
