"""How a field of a partner's record is made: where it comes from, how it is written, and the habits
of spelling.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, pairwise
from zlib import crc32

from sandbox.declared.nouns import fits, follow, parts
from sandbox.declared.papers import paper
from sandbox.declared.words import Field
from sandbox.shelf import Given
from sandbox.spelling import mixed_date
from sandbox.state import Record
from sandbox.world.chance import Chance
from sandbox.world.clock import BEIJING

HABIT = re.compile(r"(?P<name>[a-z_]+?)(_1_in_(?P<often>\d+))?$", re.ASCII)
WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
PATH = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Telling:
    """One record being told: what paths begin with, what the hub gave, and whose chance decides."""

    roots: Mapping[str, object]
    given: Given
    code: str
    stream: tuple[int, int, str]  # seed, project, and a text that no other record has

    def chance(self, field: str) -> Chance:
        """A stream for one field, so that no other field moves it."""
        seed, index, text = self.stream
        return Chance(seed, index, crc32(f"{text}/{field}".encode()))

    def of_record(self, name: str) -> "Telling":
        seed, index, _ = self.stream
        return replace(self, stream=(seed, index, name))

    def with_part(self, name: str, part: object, ordinal: int) -> "Telling":
        seed, index, text = self.stream
        return replace(
            self,
            roots={**self.roots, name: part, "ordinal": ordinal},
            stream=(seed, index, f"{text}/{ordinal}"),
        )


def record(fields: Mapping[str, Field], telling: Telling, *, empty: object) -> Record:
    """Tell a whole record; what only the time of reading knows (`at`, `ordinal`) comes later."""
    return {
        name: _unit(fields[rule.unit_of], rule.unit_of, telling)
        if rule.unit_of
        else made(rule, name, telling, empty=empty)
        for name, rule in fields.items()
        if not rule.late
    }


def made(rule: Field, name: str, telling: Telling, *, empty: object = None) -> object:
    """Tell one field."""
    known = all(follow(path, telling.roots) == wanted for path, wanted in rule.when.items())
    value = _raw(rule, name, telling, empty) if known else None
    if value is not None and rule.times is not None:
        value = Decimal(str(value)) * rule.times
    if value is not None and rule.units:
        value = Decimal(str(value)) * rule.units[_unit(rule, name, telling)]
    if rule.codes:
        value = rule.codes.get(str(value).lower(), rule.codes.get("else"))
    if value is not None and rule.write:
        value = written(value, rule.write)
    value = plain(value)
    for habit in rule.habit:
        kind, often = habit_of(habit)
        if value is not None and telling.chance(f"{name}/{habit}").one_in(often):
            value = HABITS[kind](value)
    if value is None:
        return rule.empty if rule.says_empty else empty
    return value


def _raw(rule: Field, name: str, telling: Telling, empty: object) -> object:
    if rule.record or rule.list or rule.each:
        return _nested(rule, telling, empty)
    if rule.sum:
        return sum(Decimal(str(made(one, name, telling))) for one in rule.sum)
    if rule.turns:
        index = telling.stream[1]
        return made(rule.turns[index % len(rule.turns)], name, telling, empty=empty)
    return ORIGINS[rule.kind](rule, name, telling)


def _nested(rule: Field, telling: Telling, empty: object) -> object:
    if rule.record:
        return record(rule.record, telling, empty=empty)
    if rule.each:
        each = rule.each
        same = {name: follow(path, telling.roots) for name, path in each.same.items()}
        fitting = [
            telling.with_part(each.as_, part, at)
            for at, part in enumerate(parts(each.of, telling.roots), start=1)
            if fits({"one": part}, "one", {**each.where, **same})
        ]
        if each.value:
            return [follow(each.value, one.roots) for one in fitting] or None
        return [record(each.fields, one, empty=empty) for one in fitting] or None
    return [record(one, telling, empty=empty) for one in rule.list or ()]


def around(project: object, half: float) -> object:
    """A square around a project's place as a GeoJSON polygon, the latitude first."""
    x, y = (float(str(getattr(project, name))) for name in ("longitude", "latitude"))
    turns = ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
    ring = [[round(y + half * b, 6), round(x + half * a, 6)] for a, b in turns]
    return {"type": "Polygon", "coordinates": [ring]}


def braced(text: str, roots: Mapping[str, object]) -> str:
    """Give a text with what the paths in its braces lead to."""
    return PATH.sub(lambda one: str(follow(one[1], roots)), text)


def _given(rule: Field, _: str, telling: Telling) -> object:
    resource, _, field = str(rule.given).partition(".")
    return telling.given[resource].get(telling.code, {}).get(field)


def _known(rule: Field, _: str, telling: Telling) -> object:
    """The field of the first of some numbers under which the hub has given something."""
    if rule.known:
        for path in rule.known.by:
            number = str(follow(path, telling.roots))
            for resource, field in rule.known.of.items():
                if found := telling.given[f"={resource}"].get(number):
                    return found.get(field)
    return None


def habit_of(text: str) -> tuple[str, int]:
    """Read a habit such as full_width_1_in_40: its name, and one record in how many has it."""
    found = HABIT.fullmatch(text)
    return (found["name"], int(found["often"] or 1)) if found else (text, 1)


def _unit(rule: Field, name: str, telling: Telling) -> str:
    """The unit in which the field of this name is written; its own field says the same."""
    return telling.chance(f"{name}/unit").pick(list(rule.units or {}))


def written(value: object, how: str) -> object:
    """Write a value in a named way, by a pattern of dates (%), or by a pattern of text ({})."""
    if "%" in how and isinstance(value, date):
        return value.strftime(how)
    if "{" in how:
        return how.format(value)
    if how[0].isdigit():  # groups of so many signs
        ends = list(accumulate(map(int, how.split())))
        return " ".join(str(value)[begin:end] for begin, end in pairwise([0, *ends]))
    return WAYS[how](value)


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, date):
        raise TypeError(value)
    return datetime(value.year, value.month, value.day, tzinfo=BEIJING)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _parts(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _mixed(value: object) -> str:
    day = _instant(value).date()
    return mixed_date(day, day.toordinal())


ORIGINS: Mapping[str, Callable[[Field, str, Telling], object]] = {
    "from_": lambda rule, _, telling: follow(str(rule.from_), telling.roots),
    "text": lambda rule, _, telling: braced(str(rule.text), telling.roots),
    "const": lambda rule, *_: rule.const,
    "pick": lambda rule, name, telling: telling.chance(name).pick(rule.pick or [None]),
    "number": lambda rule, name, telling: telling.chance(name).number(*(rule.number or (0, 0))),
    "given": _given,
    "known": _known,
    "around": lambda rule, _, telling: around(telling.roots["project"], float(rule.around or 0)),
    "paper": lambda rule, _, telling: paper(str(rule.paper), telling.stream[2]),
}
WAYS: Mapping[str, Callable[[object], object]] = {
    "text": str,
    "number": lambda value: float(str(value)),
    "integer": lambda value: int(Decimal(str(value))),
    "milliseconds": lambda value: int(_instant(value).timestamp() * 1000),
    "seconds": lambda value: int(_instant(value).timestamp()),
    "iso": lambda value: value.isoformat() if isinstance(value, date) else str(value),
    "day": lambda value: _instant(value).date().isoformat(),
    "mixed_date": _mixed,
    "masked": lambda value: f"{str(value)[:4]}{'*' * (len(str(value)) - 8)}{str(value)[-4:]}",
    "upper": lambda value: str(value).upper(),
    "lower": lambda value: str(value).lower(),
    "json": lambda value: json.dumps(plain(value), ensure_ascii=False),
    "listed": lambda value: ",".join(map(str, _parts(value))),
    "count": lambda value: len(value) if isinstance(value, tuple | list) else 0,
    "base64": lambda value: base64.b64encode(_bytes(value)).decode(),
    "sha256": lambda value: hashlib.sha256(_bytes(value)).hexdigest(),
}


def plain(value: object) -> object:
    """Give a value as JSON can hold it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return list(value) if isinstance(value, tuple) else value


HABITS: Mapping[str, Callable[[object], object]] = {
    "blank_behind": lambda value: f"{value} ",
    "blank_between": lambda value: f"{str(value)[:4]} {str(value)[4:]}",
    "full_width": lambda value: str(value).translate(WIDE),
    "half_brackets": lambda value: str(value).translate(str.maketrans("〔〕（）", "[]()")),
    "lower_case": lambda value: str(value).lower(),
    "missing": lambda _: None,
    "dash": lambda _: "-",
    "emptied": lambda _: "",
    "point_zero": lambda value: f"{value}.0",
    "control_character": lambda value: f"{value}\x0b",
    "formula": lambda value: f"={value}",
    "as_number": lambda value: float(str(value)),
    "line_break": lambda value: f"{str(value)[:3]}\n{str(value)[3:]}",
}
