"""JSON pages cut into their records' own bytes, so that unchanged records need not be parsed.

An answer that is no strict JSON but readable (NaN, half a character) is not cut. One that is broken
by a record (a raw line break in a text) is split by brackets, so that only this record is lost.
"""

from collections.abc import Callable
from typing import cast

import msgspec

from connectors import json_split
from connectors.canonical import canonical
from hub import exact
from hub.model import Json, Number

_PART = msgspec.json.Decoder(float_hook=Number)


def cut(content: bytes, path: str) -> tuple[Json, list[bytes]] | None:
    """(the answer without the list at `path`, its items as sent); None where there is no list."""
    steps = path.split(".") if path else []
    try:
        rest, items = _cut(content, steps)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None if _is_readable(content) else json_split.cut(content, steps)
    return rest, [bytes(item) for item in items]


def salvaged(content: bytes, path: str) -> tuple[Json, list[bytes]] | None:
    """As `cut`, for an answer broken by one of its records; sound items are canonical.

    The broken record is given as sent: parsing it fails, for it alone.
    """
    found = cut(content, path)
    return None if found is None else (found[0], [_canonical(item) for item in found[1]])


def _canonical(item: bytes) -> bytes:
    try:
        return canonical(exact.read_loosely(item))
    except (ValueError, TypeError):
        return item


def _is_readable(content: bytes) -> bool:
    try:
        exact.read_loosely(content)
    except ValueError:
        return False
    return True


def _cut(content: bytes | msgspec.Raw, steps: list[str]) -> tuple[Json, list[msgspec.Raw]]:
    if not steps:
        return [], msgspec.json.decode(content, type=list[msgspec.Raw])
    parts = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    inner, items = _cut(parts.pop(steps[0], msgspec.Raw(b"null")), steps[1:])
    rest: dict[str, Json] = {name: _PART.decode(part) for name, part in parts.items()}
    return rest | {steps[0]: inner}, items


def reader(path: str) -> Callable[[bytes], Json]:
    """A function that parses one value out of a record's bytes; gives None where it is missing."""
    if not path:
        return lambda _record: None
    *above, name = path.split(".")
    kind = msgspec.defstruct("Last", [("value", object, None)], rename={"value": name})
    for step in reversed(above):
        kind = msgspec.defstruct("Above", [("value", kind | None, None)], rename={"value": step})
    decoder = msgspec.json.Decoder(kind, float_hook=Number)

    def read(record: bytes) -> Json:
        try:
            found: object = decoder.decode(record)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        for _ in (*above, name):
            found = getattr(found, "value", None)
        return cast("Json", found)

    return read
