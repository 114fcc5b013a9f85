"""Whether a target holds what it was given, in whatever way it writes it back."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import orjson

from hub.model import Json

_MIDNIGHT = ("T00:00:00", " 00:00:00")


def differing(sent: Mapping[str, Json], held: Mapping[str, Json]) -> list[str]:
    """The fields that were sent and are held otherwise; what the target keeps besides does not count."""
    return [name for name, value in sent.items() if _plain(value) != _plain(held.get(name))]


def _plain(value: Json) -> str | Decimal | None:
    """Nothing is empty text, 1.50 is 1.5, "3" is 3, a day is its midnight."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, list | dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    text = str(value).strip()
    for midnight in _MIDNIGHT:
        text = text.removesuffix(midnight)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text.replace(" ", "T", 1) if text[4:5] == "-" and text[10:11] == " " else text or None
    return number.normalize() if number.is_finite() else text
