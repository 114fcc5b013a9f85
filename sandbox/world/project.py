"""The basics of a project: what it is, where, how big, and who builds it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from sandbox.world import names, units
from sandbox.world.chance import Chance
from sandbox.world.codes import Registered
from sandbox.world.records import Party, Project

GOVERNMENT_FLOWS = (1, 2)
SPECIAL_AREA = 40_000
APPROVAL, VERIFICATION, FILING = 1, 2, 3


class Fate(Enum):
    """What the first change of a project's basics brings besides new figures: for most, nothing."""

    ALIVE = 0
    VOID = 1
    WITHDRAWN = 2


@dataclass(frozen=True, slots=True)
class Times:
    """When the basics were registered and last changed, and to what."""

    registered_on: date
    version: int
    updated_at: datetime
    fate: Fate


@dataclass(frozen=True, slots=True)
class _Theme:
    what: str
    industry: str
    flow_kind: int
    linear: bool
    use: str


def _theme(registered: Registered, chance: Chance) -> _Theme:
    drawn = chance.pick(names.THEMES)
    hint = next((number for word, number in names.HINTS if word in registered.name), None)
    return _Theme(*(drawn if hint is None else names.THEMES[hint]))


def _owner(registered: Registered, theme: _Theme, chance: Chance, *, seed: int) -> Party:
    if theme.flow_kind in GOVERNMENT_FLOWS:
        return units.public_owner(
            registered.region_code, registered.region_name, chance.number(0, 6), seed
        )
    return units.party("owner", chance, seed)


def _co_owner(owner: Party, *, seed: int, index: int, version: int) -> Party | None:
    """Every sixth project or so is built by two units together; at every third change the second
    one is out of it.
    """
    chance = Chance(seed, index, 41)
    if not chance.one_in(6) or version % 3 == 2:  # noqa: PLR2004  any residue serves
        return None
    other = units.party("owner", chance, seed)
    return other if other.uscc != owner.uscc else None


def _scale(theme: _Theme, floor_area: Decimal, land_area: Decimal, length: Decimal | None) -> str:
    if length is not None:
        return f"新建线路总长{length}公里，配套建设附属设施及绿化、照明工程"
    areas = f"总用地面积{land_area}平方米，总建筑面积{floor_area}平方米"
    return f"{areas}，建设{theme.use}及配套道路、管网等设施，按'海绵城市'要求实施"


def use_of(registered: Registered, *, seed: int, index: int) -> str:
    """Say what the buildings of a project are for."""
    return _theme(registered, Chance(seed, index, 2)).use


def _approval_kind(theme: _Theme, chance: Chance) -> int:
    if theme.flow_kind in GOVERNMENT_FLOWS:
        return APPROVAL
    return VERIFICATION if chance.one_in(8) else FILING


def project(registered: Registered, times: Times, *, seed: int, index: int) -> Project:
    """Build the basics as they stand after `times.version` changes."""
    chance = Chance(seed, index, 2)
    theme = _theme(registered, chance)
    length = chance.amount(1, 38, places=3) if theme.linear else None
    floor_area = Decimal(0) if theme.linear else chance.amount(1_200, 86_000)
    land_area = chance.amount(3_000, 90_000)
    cost = (
        floor_area * chance.number(2_600, 5_200)
        if floor_area
        else (length or Decimal(1)) * chance.number(9_000_000, 21_000_000)
    )
    started = times.registered_on + timedelta(days=chance.number(90, 400))
    planned_end = started + timedelta(days=chance.number(240, 1_100) + 30 * times.version)
    place = chance.pick(names.PLACES)
    return Project(
        index=index,
        code=registered.code,
        malformed=registered.malformed,
        engineering_code=f"{registered.code}-001",
        name=registered.name or registered.region_name.removeprefix("贵州省") + place + theme.what,
        region_code=registered.region_code,
        region_name=registered.region_name,
        industry=theme.industry,
        approval_kind=_approval_kind(theme, chance),
        flow_kind=theme.flow_kind,
        funding=1 if theme.flow_kind in GOVERNMENT_FLOWS else 2,
        nature=chance.pick((0, 0, 0, 0, 1, 3)),
        land_acquired_by=2 if theme.flow_kind in GOVERNMENT_FLOWS else 1,
        total_investment=cost * (100 + 2 * times.version) // 1_000_000 * 10_000
        + chance.number(0, 99) * 100,
        planned_start=started,
        planned_end=planned_end,
        address=(
            f"{registered.region_name}{place}{chance.pick(names.ROADS)}{chance.number(1, 320)}号"
        ),
        scale=_scale(theme, floor_area, land_area, length),
        land_area=land_area,
        floor_area=floor_area,
        longitude=chance.amount(104, 109, places=6),
        latitude=chance.amount(25, 28, places=6),
        linear=theme.linear,
        length=length,
        owner=(owner := _owner(registered, theme, chance, seed=seed)),
        co_owner=_co_owner(owner, seed=seed, index=index, version=times.version),
        registered_on=times.registered_on,
        void=times.fate == Fate.VOID,
        withdrawn=times.fate == Fate.WITHDRAWN,
        version=times.version,
        updated_at=times.updated_at,
    )
