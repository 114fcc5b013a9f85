"""Equivalence of values: whether a target holds what it was sent, in its own notation."""

import re
from collections.abc import Mapping
from decimal import Decimal

import orjson

from hub import exact
from hub.model import Json, Number

# Digits are compared exactly, however many there are; leading zeros and underscores are text.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MIDNIGHT = ("T00:00:00", " 00:00:00")


def differing(sent: Mapping[str, Json], held: Mapping[str, Json]) -> list[str]:
    """Fields sent that are held otherwise; additional fields of the target do not count."""
    return [name for name, value in sent.items() if _plain(value) != _plain(held.get(name))]


def _plain(value: Json) -> str | Decimal | None:
    """Nothing is empty text, 1.50 is 1.5, "3" is 3, a day is its midnight; 001 is no number."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, list | dict):
        return exact.write(value, option=orjson.OPT_SORT_KEYS).decode()
    text = (value.text if isinstance(value, Number) else str(value)).strip()
    for midnight in _MIDNIGHT:
        text = text.removesuffix(midnight)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return text.replace(" ", "T", 1) if text[4:5] == "-" and text[10:11] == " " else text or None
