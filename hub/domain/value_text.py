"""Values for display, zh and en: codes by meaning, amounts with unit."""

from collections.abc import Iterable
from datetime import datetime

from hub.domain.contracts import Contracts, Field
from hub.domain.times import HUB_ZONE
from hub.domain.units import UNITS
from hub.model import Value
from hub.texts import Words, both

NOTHING = "空"


def unit_words(contracts: Contracts, unit: str | None) -> Words:
    """A unit's names; the unit itself if unlisted, ("", "") without one."""
    if unit is None:
        return "", ""
    known = contracts.code_lists.get(UNITS)
    return known.values.get(unit, (unit, unit)) if known else (unit, unit)


def code_words(contracts: Contracts, field: Field, value: Value) -> Words | None:
    """A code's meaning; None for what is no code, or unlisted."""
    codes = contracts.code_lists.get(field.code or "")
    return codes.values.get(text(value)) if codes else None


def value_words(contracts: Contracts, field: Field, value: Value) -> Words:
    """A value of a field in words; "空" where there is none."""
    if value is None:
        return both(NOTHING)
    if isinstance(value, list):
        return joined((value_words(contracts, field, one) for one in value), zh="、", en=", ")
    meant = code_words(contracts, field, value)
    if meant is not None:
        return meant
    if isinstance(value, bool):
        return both("是") if value else both("否")
    said = _moment(str(value)) if field.kind == "datetime" else str(value)
    zh, en = unit_words(contracts, field.unit)
    return (f"{said} {zh}".rstrip(), f"{said} {en}".rstrip())


def text(value: Value) -> str:
    """A value in the notation of conditions and code lists."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def joined(some: Iterable[Words], *, zh: str, en: str) -> Words:
    """Several words joined."""
    words = list(some)
    return zh.join(one[0] for one in words), en.join(one[1] for one in words)


def _moment(said: str) -> str:
    """An instant in the hub's zone; other text (a mask) unchanged."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return said
    return at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S") if at.tzinfo else said
