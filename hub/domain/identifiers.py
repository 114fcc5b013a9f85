"""Named rules of schemas (`x-rule`, `x-warn`): checks of identifiers beyond patterns."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

from stdnum import numdb
from stdnum.cn import uscc

Check: TypeAlias = Callable[[str, int], tuple[str, ...]]
"""(value, current year) -> codes of all that is wrong."""

NOTES = frozenset({"record.region_unknown", "record.uscc_invalid"})
"""Codes that are notes only: real data has zones outside GB/T 2260, units without code."""

_PROJECT_CODE = re.compile(r"(\d{4})-(\d{6})-\d{2}-\d{2}-\d{6}", re.ASCII)
_OLD_YEARS = range(2014, 2021)
_FIRST_SHORT_YEAR = 15
_ESTATE_UNIT = re.compile(r"\d{12}[A-Z]{2}\d{5}[A-Z]\d{8}", re.ASCII)


def _project_code(value: str, year: int) -> tuple[str, ...]:
    """Old form YYYY (2014..2020), else YYMM from 2015 to next year; the second part is a region."""
    match = _PROJECT_CODE.fullmatch(value)
    if match is None:
        return ("record.project_code_shape",)
    head = int(match[1])
    short_year, month = divmod(head, 100)
    dated = head in _OLD_YEARS or (
        # a month
        _FIRST_SHORT_YEAR <= short_year <= year % 100 + 1 and 1 <= month <= 12  # noqa: PLR2004
    )
    return (() if dated else ("record.project_code_month",)) + _region(match[2], year)


@lru_cache(maxsize=8192)
def _known_region(code: str) -> bool:
    """Whether GB/T 2260 lists the code, today or formerly."""
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(code))


def _region(value: str, _year: int) -> tuple[str, ...]:
    """Regions are written with 6, 9 or 12 digits; the first six decide."""
    return () if _known_region(value[:6]) else ("record.region_unknown",)


@lru_cache(maxsize=65536)
def _valid_uscc(value: str) -> bool:
    return uscc.is_valid(value)


def _uscc(value: str, _year: int) -> tuple[str, ...]:
    return () if _valid_uscc(value) else ("record.uscc_invalid",)


def credit_code(value: object) -> str | None:
    """A valid unified social credit code as written; None for others, masked ones included."""
    said = unicodedata.normalize("NFKC", str(value or "")).replace(" ", "").upper()
    return said if _valid_uscc(said) else None


def _estate_unit(value: str, _year: int) -> tuple[str, ...]:
    return () if _ESTATE_UNIT.fullmatch(value) else ("record.estate_unit_invalid",)


CHECKS: Mapping[str, Check] = {
    "project-code": _project_code,
    "region": _region,
    "uscc": _uscc,
    "estate-unit": _estate_unit,
}
