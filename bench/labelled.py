"""Records whose project is known to the generator alone: for measuring how well others find it.

Projects are made of the published names: the same undertaking in several districts, several phases
of one, several of one owner. Records tell of them as registries, fire services and utilities do:
misspelt, shortened, renamed, with a phase or a credit code left out, areas in 亩, dates months
later. Some tell of a project that nobody has registered, and some of two at once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from sandbox.world import names, units
from sandbox.world.chance import Chance
from sandbox.world.codes import Registered, published

MISREAD = (
    "公工",
    "己已",
    "未末",
    "土士",
    "日曰",
    "县具",
    "区医",
    "镇慎",
    "道通",
    "路露",
    "园圆",
    "院完",
    "建健",
    "程城",
)
"""Signs that are taken for each other when typed or read by machine."""
PHASES = "一二三四五"
ROMAN = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
WIDE = str.maketrans("0123456789()", "０１２３４５６７８９（）")
MARKETED = ("锦绣", "御景", "澜山", "云鼎", "翰林", "碧水", "星河", "壹号", "九里", "观澜")
KINDS = ("府", "城", "广场", "花园", "公馆", "中心")
TOWNS = (
    "城关",
    "白云",
    "龙里",
    "青山",
    "石阡",
    "大坪",
    "新民",
    "河坝",
    "茅坪",
    "三合",
    "永兴",
    "长岭",
)
# How often each kind of trouble is met, in a thousand.
SHARES = {
    "none": 220, "spelling": 140, "short": 120, "typo": 120, "no code": 100, "rounded": 80,
    "combined": 50, "renamed": 50, "phase left out": 30, "unnamed": 20,
    "unknown project": 50, "unknown phase": 10, "two phases": 10,
}  # fmt: skip
HOMELESS = {"unknown project", "unknown phase", "two phases"}


@dataclass(frozen=True, slots=True)
class Known:
    """A registered project, as the investment platform tells it."""

    code: str
    name: str
    owner: str
    uscc: str
    region: str
    address: str
    land_area: Decimal
    floor_area: Decimal
    cost: Decimal
    registered_on: date
    phase: int = 0
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A record without a code: what it says of each trait, what is wrong with it, and whose it is
    (None: nobody's).
    """

    trouble: str
    truth: str | None
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)


@cache
def _bodies() -> tuple[str, ...]:
    """The published names without the district that they begin with."""
    told = (
        re.sub(r"^(贵州省)?(.{2,8}?[州市县])?", "", row.name) for row in published() if row.name
    )
    # less is no name
    return tuple(dict.fromkeys(body for body in told if len(body) >= 6))  # noqa: PLR2004


@cache
def _districts() -> tuple[Registered, ...]:
    found = {
        row.region_code: row
        for row in published()
        if not row.malformed and row.region_code[:2] == "52"
    }
    return tuple(found.values())


def projects(seed: int, count: int) -> Iterator[Known]:
    """So many projects; one undertaking in six has several phases, each a project of its own."""
    made = number = 0
    while made < count:
        for one in _undertaking(Chance(seed, number, 71), seed, number):
            yield one
            made += 1
        number += 1


def traits(project: Known) -> dict[str, Sequence[str]]:
    """What a project says of each trait."""
    return {
        "name": [project.name],
        "owner": [project.owner],
        "uscc": [project.uscc],
        "region": [project.region],
        "address": [project.address],
        "area": [str(project.land_area), str(project.floor_area)],
        "cost": [str(project.cost)],
        "date": [project.registered_on.isoformat()],
    }


def _undertaking(chance: Chance, seed: int, number: int) -> Iterator[Known]:
    district, body = chance.pick(_districts()), chance.pick(_bodies())
    county = district.region_name.removeprefix("贵州省")
    town = (
        chance.pick(TOWNS) + chance.pick(("镇", "街道", "乡", "片区"))
        if chance.number(0, 2)
        else ""
    )
    owner = (
        units.firm("owner", chance.number(0, units.POOL["owner"] - 1), seed)
        if chance.one_in(2)
        else units.public_owner(
            district.region_code, district.region_name, chance.number(0, 6), seed
        )
    )
    street = f"{chance.pick(names.PLACES)}{chance.pick(names.ROADS)}"
    place = f"{district.region_name}{street}{chance.number(1, 320)}号"
    first = date(2016, 1, 4) + timedelta(days=chance.number(0, 3600))
    stem = county + town + body
    phases = chance.number(2, 4) if chance.one_in(6) and not re.search("期|段", body) else 1
    for phase in range(1, phases + 1):
        on = first + timedelta(days=(phase - 1) * chance.number(200, 500))
        floor = chance.amount(1_200, 86_000)
        serial = 100_000 + (number * 7 + phase) % 900_000
        yield Known(
            code=f"{on:%y%m}-{district.region_code}-04-01-{serial}",
            name=stem if phases == 1 else _phased(stem, phase),
            owner=owner.name,
            uscc=owner.uscc,
            region=district.region_code,
            address=place,
            land_area=chance.amount(3_000, 90_000),
            floor_area=floor,
            cost=(floor * chance.number(2_600, 5_200)).quantize(Decimal(1)),
            registered_on=on,
            phase=phase if phases > 1 else 0,
            stem=stem,
        )


def _phased(stem: str, phase: int) -> str:
    return f"{stem}（{PHASES[phase - 1]}期）"


def cases(seed: int, known: Sequence[Known], count: int) -> Iterator[Case]:
    """So many records about these projects, and about some that are not among them."""
    strangers = list(projects(seed + 7_919, max(count // 10, 50)))
    by_stem: dict[str, list[Known]] = {}
    for project in known:
        by_stem.setdefault(project.stem + project.address, []).append(project)
    phased = [group for group in by_stem.values() if len(group) > 1]
    troubles = [name for name, share in SHARES.items() for _ in range(share)]
    for number in range(count):
        chance = Chance(seed, number, 72)
        trouble = chance.pick(troubles)
        group = chance.pick(phased)
        project = chance.pick(known)
        if trouble == "unknown project":
            project = chance.pick(strangers)
        elif trouble in {"unknown phase", "two phases", "phase left out"}:
            project = chance.pick(group)
        told = _TROUBLES[trouble](_told(project, chance), project, chance, len(group))
        yield Case(trouble, None if trouble in HOMELESS else project.code, _said(told, chance))


@dataclass(frozen=True, slots=True)
class Told:
    """A record before it is written down."""

    name: str
    owner: str
    uscc: str
    region: str
    address: str
    area: Decimal
    cost: Decimal | None
    on: date


def _told(project: Known, chance: Chance) -> Told:
    land = chance.one_in(2)
    area = project.land_area if land else project.floor_area
    measured = (
        area
        if chance.one_in(2)
        else (area * chance.number(970, 1_030) / 1_000).quantize(Decimal("0.01"))
    )
    cost = (
        project.cost
        if chance.one_in(2)
        else (project.cost * chance.number(85, 115) / 100).quantize(Decimal(1))
    )
    return Told(
        name=project.name,
        owner=project.owner,
        uscc=project.uscc,
        region=project.region,
        address=project.address,
        area=measured,
        cost=None if land else cost,
        on=project.registered_on + timedelta(days=chance.number(60, 900)),
    )


def _said(told: Told, chance: Chance) -> dict[str, Sequence[str]]:
    """Most registries leave one thing or another out."""
    cost = None if told.cost is None or chance.one_in(3) else str(told.cost)
    found = {
        "name": told.name,
        "owner": "" if chance.one_in(12) else told.owner,
        "uscc": "" if chance.one_in(5) else told.uscc,
        "region": told.region,
        "address": "" if chance.one_in(8) else told.address,
        "area": "" if chance.one_in(5) else str(told.area),
        "cost": cost or "",
        "date": told.on.isoformat(),
    }
    return {trait: [value] for trait, value in found.items() if value}


Trouble = Callable[[Told, Known, Chance, int], Told]


def _spelt(told: Told, project: Known, chance: Chance, _phases: int) -> Told:
    name = told.name.translate(WIDE)
    if project.phase:
        other = chance.pick(
            (
                f"{project.phase}期",
                f"{ROMAN[project.phase - 1]}期",
                f"第{PHASES[project.phase - 1]}期",
            )
        )
        name = project.stem + chance.pick(("", " ", "-", "【")) + other
    if chance.one_in(3):
        name = f"{name[:4]} {name[4:]}"
    return replace(
        told, name=f" {name}", owner=told.owner.replace("(", "（") + "　", uscc=told.uscc.lower()
    )


def _shortened(told: Told, _project: Known, chance: Chance, _phases: int) -> Told:
    county = re.match(r".{2,8}?[县区市州]", told.name)
    name = told.name[county.end() :] if county and chance.number(0, 1) else told.name
    name = re.sub(r"(建设)?(项目|工程)", "", name, count=1)
    owner = (
        re.sub(r"有限责任公司|有限公司", "公司", told.owner) if chance.number(0, 1) else told.owner
    )
    return replace(told, name=name, owner=owner, address=told.address.removeprefix("贵州省"))


def _mistyped(told: Told, _project: Known, chance: Chance, _phases: int) -> Told:
    uscc = told.uscc
    if chance.one_in(4):
        at = chance.number(8, 16)
        uscc = uscc[:at] + chance.pick("0123456789") + uscc[at + 1 :]
    owner = _misread(told.owner, chance) if chance.one_in(3) else told.owner
    return replace(told, name=_misread(told.name, chance), owner=owner, uscc=uscc)


def _misread(text: str, chance: Chance) -> str:
    """One or two signs wrong, missing or doubled."""
    for _ in range(chance.number(1, 2)):
        at = chance.number(0, len(text) - 1)
        taken = next(
            (pair[1 - pair.index(text[at])] for pair in MISREAD if text[at] in pair),
            chance.pick("的地之新大"),
        )
        text = text[:at] + chance.pick((taken, taken, "", text[at] * 2)) + text[at + 1 :]
    return text


def _rounded(told: Told, _project: Known, chance: Chance, _phases: int) -> Told:
    mu = Decimal(2000) / Decimal(3)
    area = chance.pick(
        (told.area.quantize(Decimal(1)), (told.area / mu).quantize(Decimal("0.1")) * mu)
    )
    return replace(
        told,
        area=area.quantize(Decimal("0.01")),
        on=told.on + timedelta(days=chance.number(200, 900)),
    )


def _renamed(told: Told, _project: Known, chance: Chance, _phases: int) -> Told:
    """A name for the market: only owner, place and size still tell."""
    return replace(told, name=chance.pick(MARKETED) + chance.pick(KINDS))


def _combined(told: Told, project: Known, chance: Chance, phases: int) -> Told:
    for trouble in (_mistyped, _rounded, _shortened):
        told = trouble(told, project, chance, phases)
    return replace(told, uscc="")


_TROUBLES: Mapping[str, Trouble] = {
    "none": lambda told, *_: told,
    "spelling": _spelt,
    "short": _shortened,
    "typo": _mistyped,
    "no code": lambda told, *_: replace(told, uscc=""),
    "rounded": _rounded,
    "combined": _combined,
    "renamed": _renamed,
    "phase left out": lambda told, project, *_: replace(told, name=project.stem),
    "unnamed": lambda told, *_: replace(told, name=""),
    "unknown project": lambda told, *_: told,
    "unknown phase": lambda told, project, _chance, phases: replace(
        told, name=_phased(project.stem, phases + 1), area=told.area * 2, cost=None
    ),
    "two phases": lambda told, project, *_: replace(
        told, name=f"{project.stem}一、二期", area=told.area * 2, cost=None
    ),
}
