"""Units: companies and authorities with valid unified social credit codes."""

from functools import lru_cache

from stdnum.cn import uscc

from sandbox.world.chance import Chance
from sandbox.world.names import (
    FIRM_KINDS,
    FIRM_WORDS,
    GIVEN,
    PUBLIC_OWNERS,
    QUALIFICATIONS,
    SURNAMES,
)
from sandbox.world.records import Authority, Party

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
POOL = {
    "owner": 240,
    "survey": 40,
    "design": 60,
    "construction": 120,
    "supervision": 50,
    "agency": 30,
}
TOPIC = {
    "owner": 11,
    "survey": 12,
    "design": 13,
    "construction": 14,
    "supervision": 15,
    "agency": 18,
}
ENTERPRISE, INSTITUTION, GOVERNMENT = 1, 2, 3
STAND_IN_EVERY = 4  # every fourth region's planning bureau has no code and uses a TE stand-in


def credit_code(prefix: str, region: str, chance: Chance) -> str:
    """Make a unified social credit code with its check digit."""
    body = prefix + region + "".join(chance.pick(ALPHABET) for _ in range(9))
    return body + str(uscc.calc_check_digit(body))


def person(chance: Chance) -> str:
    name = chance.pick(SURNAMES) + chance.pick(GIVEN)
    return name if chance.one_in(3) else name + chance.pick(GIVEN)


def phone(chance: Chance) -> str:
    """Give a number in a range that reads as made up."""
    return f"1380000{chance.number(0, 9999):04d}"


@lru_cache(maxsize=4096)
def firm(role: str, number: int, seed: int) -> Party:
    """Give one of the firms of the pool; the same firm serves many projects."""
    chance = Chance(seed, TOPIC[role], number)
    name = (
        "贵州"
        + FIRM_WORDS[number % len(FIRM_WORDS)]
        + chance.pick(FIRM_WORDS)
        + chance.pick(FIRM_KINDS[role])
    )
    return Party(
        role=role,
        name=name,
        uscc=credit_code("91", "520100", chance),
        kind=ENTERPRISE,
        legal_person=person(chance),
        manager=person(chance),
        phone=phone(chance),
        qualification=chance.pick(QUALIFICATIONS[role]) if role in QUALIFICATIONS else None,
    )


@lru_cache(maxsize=4096)
def public_owner(region_code: str, region_name: str, number: int, seed: int) -> Party:
    """Give a public body that builds for itself."""
    chance = Chance(seed, 16, int(region_code), number)
    office = PUBLIC_OWNERS[number % len(PUBLIC_OWNERS)]
    company = office.endswith("公司")
    return Party(
        role="owner",
        name=region_name.removeprefix("贵州省") + office,
        uscc=credit_code("91" if company else "11", _real_region(region_code), chance),
        kind=ENTERPRISE if company else GOVERNMENT,
        legal_person=person(chance),
        manager=person(chance),
        phone=phone(chance),
        qualification=None,
    )


@lru_cache(maxsize=8192)
def authority(region_code: str, region_name: str, name: str, office: str) -> Authority:
    """Give a department of a region."""
    chance = Chance(17, int(region_code), sum(map(ord, name)))
    stand_in = name == "自然资源局" and int(region_code) % STAND_IN_EVERY == 0
    code = f"TE{int(region_code):06d}{chance.number(0, 9_999_999_999):010d}" if stand_in else ""
    return Authority(
        name=region_name.removeprefix("贵州省") + name,
        uscc=code or credit_code("11", _real_region(region_code), chance),
        office=office,
    )


def party(role: str, chance: Chance, seed: int) -> Party:
    """Choose a firm for a role."""
    return firm(role, chance.number(0, POOL[role] - 1), seed)


def _real_region(region_code: str) -> str:
    return region_code if region_code[:2] != "00" else "520000"
