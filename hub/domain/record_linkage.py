"""Record linkage: how likely a record and a project are one, by names, units, places and dates.

Each comparison gives a level, each level a weight (log odds, fitted by `bench/linking.py --fit` on
a labelled set of another seed than it reports on). The weights of a candidate are summed;
candidates then compete with each other and with "none", so that two similar ones share the
likelihood and neither is sure.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from hub.domain.weights import BIAS, WEIGHTS
from hub.model import Value

Said: TypeAlias = Mapping[str, Sequence[str]]
"""Trait -> texts of a record: name, owner, uscc, region, address, area, cost, date."""

TRAITS = ("name", "owner", "uscc", "region", "address", "area", "cost", "date")

_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九十")}
# Patterns run on partners' names, so they must be linear: possessive quantifiers (++, *+), and no
# match can begin where an earlier one would have.
_NUMBER = r"\d{1,3}|[一二三四五六七八九十]{1,3}|[IVX]{1,4}|(?<![A-Z])[A-Z](?![A-Z])|[东南西北中]"
_SIGN = r"(?:[\d一二三四五六七八九十IVX东南西北中]|(?<![A-Z])[A-Z](?![A-Z]))"
_RUN = re.compile(rf"{_SIGN}(?:号?[、,，和及至\-]?{_SIGN})*+号?[、,，和及至\-]?")
_PART_UNIT = re.compile(r"期|标段|标|批|地块|(?<=号)线|区")
_ONE = re.compile(_NUMBER)
_YEAR = re.compile(r"(20\d\d)年?(?!\d)")
_LOOSE = re.compile(r"\d+")
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
}
_BUILDINGS = re.compile(r"(?<![\dA-Z、,\-至])[\dA-Z、,\-至]++[#号]?[楼栋幢]")
_GENERIC = re.compile(r"工程项目|建设项目|建设工程|项目|工程|建设|新建")
_FORMS = ("股份", "有限责任", "有限", "集团", "总")
_PLACES = re.compile(
    r"^(.{2,3}省|.{2,4}自治区)?(.{2,3}市|.{2,6}自治州|.{2,3}地区)?(.{1,5}自治县|.{1,4}[县区])?"
)
_NOTHING = frozenset[str]()
_FIGURES = {"年", "数"}


@dataclass(frozen=True, slots=True)
class Feature:
    """One comparison: trait, level and weight."""

    trait: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Name:
    """A normalised name. parts: unit -> numbers of phases, lots, plots."""

    core: str
    parts: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its likelihood and the features behind it."""

    project_code: str
    likelihood: float
    features: tuple[Feature, ...]


def trait_texts(
    traits: Mapping[str, str], values: Mapping[str, Value], *, most: int
) -> dict[str, list[str]]:
    """Trait -> texts; traits: field -> trait. most: characters of a text that count."""
    found: dict[str, list[str]] = {}
    for field, trait in traits.items():
        if isinstance(value := values.get(field), str) and value:
            found.setdefault(trait, []).append(value[:most])
    return found


def plain(text: str) -> str:
    """Text without width, case, blanks, brackets and punctuation."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())


@lru_cache(maxsize=65536)
def named(text: str) -> Name:
    """A project's name: its parts (一期, 1期 and Ⅰ期 are the same) apart, generic words and buildings
    left out.
    """
    whole = "".join(unicodedata.normalize("NFKC", text).upper().split())
    named_parts, rest = _parts_of(whole)
    parts = {unit: frozenset(numbers) for unit, numbers in named_parts.items()}
    rest = plain(_BUILDINGS.sub("", rest))
    for unit, numbers in (("年", _YEAR.findall(rest)), ("数", _LOOSE.findall(_YEAR.sub("", rest)))):
        if numbers:
            parts[unit] = frozenset(numbers)
    rest = _YEAR.sub("", rest)
    return Name(_GENERIC.sub("", rest) or rest, parts)


@lru_cache(maxsize=65536)
def unit_name(text: str) -> str:
    """A company's name without its legal form."""
    name = plain(text)
    if not name.endswith("公司"):
        return name.removesuffix("有限合伙")
    end = len(name) - len("公司")
    while form := next((one for one in _FORMS if name.endswith(one, 0, end)), ""):
        end -= len(form)
    return name[:end]


def letters(text: str) -> str:
    """The text in letters, three for each character, so that pg_trgm can index it in any locale."""
    return "".join(_three(sign) for sign in text)


def compare(record: Said, project: Said) -> tuple[Feature, ...]:
    """Every comparison of traits that both sides have."""
    found = []
    for trait, comparison in _COMPARISONS.items():
        ours, theirs = record.get(trait), project.get(trait)
        if ours and theirs and (level := comparison(ours, theirs)):
            found.append((trait, level))
    ours, theirs = record.get("name"), project.get("name")
    if ours and theirs:
        found.append(("part", _parts(named(ours[0]).parts, named(theirs[0]).parts)))
    return tuple(Feature(trait, level, WEIGHTS[trait, level]) for trait, level in found)


def ranked(record: Said, projects: Iterable[tuple[str, Said, Sequence[str]]]) -> list[Match]:
    """Candidates (project code, its texts, shared numbers) as matches, the likeliest first."""
    weighed = []
    for code, project, numbers in projects:
        features = compare(record, project)
        if numbers:
            features += (Feature("number", "shared", WEIGHTS["number", "shared"]),)
        weighed.append((BIAS + sum(feature.weight for feature in features), code, features))
    odds = [math.exp(min(weight, 50)) for weight, _, _ in weighed]
    whole = 1 + sum(odds)
    found = [
        Match(code, odd / whole, features)
        for odd, (_, code, features) in zip(odds, weighed, strict=True)
    ]
    return sorted(found, key=lambda match: (-match.likelihood, match.project_code))


def sure(matches: Sequence[Match], threshold: float) -> Match | None:
    """The likeliest match if above the threshold, and if phases do not differ; else None."""
    if not matches or matches[0].likelihood < threshold:
        return None
    apart = any(
        feature.trait == "part" and feature.level in {"several", "other"}
        for feature in matches[0].features
    )
    return None if apart else matches[0]


def _parts_of(name: str) -> tuple[dict[str, set[str]], str]:
    """The numbers of phases, lots and plots by unit (第1、2期, Ⅱ标段), and the name without them."""
    found: dict[str, set[str]] = {}
    rest, done = [], 0
    for run in _RUN.finditer(name):
        unit = _PART_UNIT.match(name, run.end())
        if unit is None:
            continue
        found.setdefault(unit[0], set()).update(map(_number, _ONE.findall(run[0])))
        begin = run.start() - name.startswith("第", max(run.start() - 1, 0))
        rest.append(name[done : max(begin, done)])
        done = unit.end()
    return found, "".join([*rest, name[done:]])


def _number(text: str) -> str:
    if text in _ROMAN:
        return str(_ROMAN[text])
    if text[0] in _DIGITS:
        tens, ten, ones = text.rpartition("十")
        return (
            str(_DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)) if ten else str(_DIGITS[text[0]])
        )
    return text.lstrip("0") or text


@lru_cache(maxsize=65536)
def _three(sign: str) -> str:
    code = ord(sign) * 40503 % 46656
    return "".join(
        "0123456789abcdefghijklmnopqrstuvwxyz"[code // scale % 36] for scale in (1296, 36, 1)
    )


@lru_cache(maxsize=65536)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset((text,))


def _alike(one: str, other: str) -> tuple[float, float]:
    """Similarity of two texts: share of both together, and of the shorter one."""
    a, b = _pairs(one), _pairs(other)
    common = len(a & b)
    return 2 * common / (len(a) + len(b)), common / min(len(a), len(b))


def _step(share: float, *steps: tuple[float, str]) -> str:
    return next(level for least, level in steps if share >= least)


def _name(ours: Sequence[str], theirs: Sequence[str]) -> str:
    one, other = named(ours[0]).core, named(theirs[0]).core
    if one == other:
        return "same"
    both, shorter = _alike(one, other)
    if both < 0.8 and shorter >= 0.99 and min(len(one), len(other)) >= 4:  # noqa: PLR2004 - fitted
        return "within"
    return _step(both, (0.8, "close"), (0.6, "alike"), (0.4, "akin"), (0.0, "other"))


def _owner(ours: Sequence[str], theirs: Sequence[str]) -> str:
    one, other = unit_name(ours[0]), unit_name(theirs[0])
    if one == other:
        return "same"
    both, shorter = _alike(one, other)
    return _step(max(both, shorter * 0.9), (0.7, "close"), (0.4, "akin"), (0.0, "other"))


def _uscc(ours: Sequence[str], theirs: Sequence[str]) -> str:
    one, other = plain(ours[0]), plain(theirs[0])
    wrong = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    # two signs misread
    return "same" if not wrong else "close" if wrong <= 2 else "other"  # noqa: PLR2004


def _region(ours: Sequence[str], theirs: Sequence[str]) -> str:
    one, other = ours[0], theirs[0]
    return next(
        (level for digits, level in ((6, "same"), (4, "city")) if one[:digits] == other[:digits]),
        "other",
    )


@lru_cache(maxsize=65536)
def _without_districts(text: str) -> str:
    """An address without the districts that it begins with."""
    whole = plain(text)
    return _PLACES.sub("", whole) or whole


def _address(ours: Sequence[str], theirs: Sequence[str]) -> str:
    one, other = _without_districts(ours[0]), _without_districts(theirs[0])
    if one == other:
        return "same"
    both, shorter = _alike(one, other)
    return _step(max(both, shorter * 0.9), (0.75, "close"), (0.45, "akin"), (0.0, "other"))


def _amount(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """Level of the closest pair of amounts (a project has a land and a floor area)."""
    known = [[one for one in map(float, some) if 0 < one < math.inf] for some in (ours, theirs)]
    pairs = [(a, b) for a in known[0] for b in known[1]]
    if not pairs:
        return ""
    share = max(min(a, b) / max(a, b) for a, b in pairs)
    return _step(share, (0.9995, "same"), (0.99, "close"), (0.9, "akin"), (0.0, "other"))


def _date(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """Level of dates: a project is registered shortly before, not after, what is done for it."""
    days = (date.fromisoformat(ours[0][:10]) - date.fromisoformat(min(theirs)[:10])).days
    return "before" if days < -60 else "soon" if days < 1500 else "late"  # noqa: PLR2004 - fitted


def _parts(ours: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]) -> str:
    """Level of phases, lots, plots: same, one-sided, different, or one of several."""
    if not ours and not theirs:
        return "none"
    shared = ours.keys() & theirs.keys()
    if any(ours[unit].isdisjoint(theirs[unit]) for unit in shared):
        return "other"
    unlike = [unit for unit in ours if ours[unit] != theirs.get(unit, _NOTHING)]
    if any(unit not in _FIGURES and (unit in shared or len(ours[unit]) > 1) for unit in unlike):
        return "several"
    return "same" if ours == theirs else "open"


_COMPARISONS: Mapping[str, Callable[[Sequence[str], Sequence[str]], str]] = {
    "name": _name,
    "owner": _owner,
    "uscc": _uscc,
    "region": _region,
    "address": _address,
    "area": _amount,
    "cost": _amount,
    "date": _date,
}
