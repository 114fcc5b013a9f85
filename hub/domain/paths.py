"""Paths in a decoded record: dotted names, `[n]` for list items."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

from hub.model import UNUSABLE, Json, Number

Source: TypeAlias = Mapping[str, Json]
Reader: TypeAlias = Callable[[Source], Json]

PATTERN = r"^[^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*$"
_WHOLE = re.compile(r"(-?\d+)\.0+", re.ASCII)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str | int, ...]:
    """The names and indexes that a path is made of."""
    return tuple(int(index) if index else name for index, name in _STEP.findall(path))


def pointer(path: str) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps(path))


def reader(path: str) -> Reader:
    """A function that reads a path; it gives None for nothing and for blank text."""
    first, *rest = steps(path)
    name = str(first)

    def read_field(source: Source) -> Json:
        value = source.get(name)
        return None if isinstance(value, str) and (not value or value.isspace()) else value

    def read_nested(source: Source) -> Json:
        value: Json = source.get(name)
        for step in rest:
            value = inside(value, step)
        return None if isinstance(value, str) and (not value or value.isspace()) else value

    return read_nested if rest else read_field


def inside(value: Json, step: str | int) -> Json:
    """One step into a value, None where there is nothing."""
    if isinstance(step, int):
        if isinstance(value, list):
            return value[step] if step < len(value) else None
        return value if step == 0 else None  # XML does not tell a list of one from a single child
    return value.get(step) if isinstance(value, dict) else None


def at(source: Json, where: str) -> Json:
    """The value at a JSON pointer; None without."""
    for step in where.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        by_place = step.isdigit() and not (isinstance(source, dict) and name in source)
        source = inside(source, int(step) if by_place else name)
    return source


def plain(value: Json) -> str | None:
    """A scalar as trimmed text, None where there is none.

    A number is its own text, so that 1.10 and 1.1 stay two; only a fraction of zeros goes: 1.0 is
    1.
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Number):
        return value.text if (whole := _WHOLE.fullmatch(value.text)) is None else whole[1]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value) if isinstance(value, int) else None


def unusable(value: Json) -> str | None:
    """The reason why a cell has no usable value (a formula without result, say); None if it has."""
    return str(value[UNUSABLE]) if isinstance(value, dict) and UNUSABLE in value else None


Condition: TypeAlias = Callable[[Source], bool]


def condition(wanted: Mapping[str, Json]) -> Condition:
    """A function: whether a record has, at every path, one of its wanted values."""
    tests = [(reader(path), _texts(values)) for path, values in wanted.items()]
    if len(tests) == 1:
        read_one, allowed = tests[0]
        return lambda source: plain(read_one(source)) in allowed
    return lambda source: all(plain(read(source)) in values for read, values in tests)


def _texts(values: Json) -> frozenset[str | None]:
    return frozenset(plain(value) for value in (values if isinstance(values, list) else [values]))
