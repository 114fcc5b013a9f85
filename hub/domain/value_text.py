"""Values and fields as people read them, Chinese and English: codes by their meaning, amounts with
their unit.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from hub.domain.contracts import Contracts, Field
from hub.domain.times import HUB_ZONE
from hub.domain.units import UNITS
from hub.model import Value

Words: TypeAlias = tuple[str, str]
"""The same in Chinese and in English."""

NOTHING: Words = ("空", "empty")


def unit_words(contracts: Contracts, unit: str | None) -> Words:
    """A unit's names; the unit itself where no list names it, nothing where there is none."""
    if unit is None:
        return "", ""
    known = contracts.code_lists.get(UNITS)
    return known.values.get(unit, (unit, unit)) if known else (unit, unit)


def code_words(contracts: Contracts, field: Field, value: Value) -> Words | None:
    """What a code means; None for what is no code, or one that its list does not know."""
    codes = contracts.code_lists.get(field.code or "")
    return codes.values.get(text(value)) if codes else None


def value_words(contracts: Contracts, field: Field, value: Value) -> Words:
    """A value of a field in words; "空" where there is none."""
    if value is None:
        return NOTHING
    if isinstance(value, list):
        return joined((value_words(contracts, field, one) for one in value), zh="、", en=", ")
    meant = code_words(contracts, field, value)
    if meant is not None:
        return meant
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    said = _moment(str(value)) if field.kind == "datetime" else str(value)
    zh, en = unit_words(contracts, field.unit)
    return (f"{said} {zh}".rstrip(), f"{said} {en}".rstrip())


def text(value: Value) -> str:
    """A value as conditions and code lists write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def joined(some: Iterable[Words], *, zh: str, en: str) -> Words:
    """Several in a row."""
    both = list(some)
    return zh.join(one[0] for one in both), en.join(one[1] for one in both)


def _moment(said: str) -> str:
    """An instant on the clocks here; what is none stays as it is (a mask)."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return said
    return at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S") if at.tzinfo else said
