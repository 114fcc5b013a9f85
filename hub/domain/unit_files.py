"""mappings/units.yaml -> units that records name; checks that no name means two of them."""

from collections.abc import Iterator

from hub.domain.documents import Step
from hub.domain.files import CountySaid, OfficeSaid, UnitSaid, UnitsFile
from hub.domain.government_units import GovernmentUnit
from hub.domain.library import ContractFile, Library

CITY = 4
"""Digits of a region code that names a city; a county has more."""


def check(library: Library) -> None:
    """No id twice, and no name that means two units: nothing is attributed by half a guess."""
    for filed in library.filed["units"]:
        with library.guarding(filed):
            _check(library, filed)


def units(library: Library) -> dict[str, GovernmentUnit]:
    """All units by id; none without a file."""
    return {
        one.id: one for filed in library.filed["units"] for _, one in _units(filed.read(UnitsFile))
    }


def counties(library: Library) -> dict[str, tuple[str, str]]:
    """Region code -> names (zh, en) of the counties of the file."""
    return {
        one.code: (one.name.zh, one.name.en)
        for filed in library.filed["units"]
        for one in filed.read(UnitsFile).counties
    }


def _check(library: Library, filed: ContractFile) -> None:
    seen: dict[str, str] = {}
    ids: set[str] = set()
    for where, one in _units(filed.read(UnitsFile)):
        if one.id in ids:
            library.note(filed.document, where, "contract.duplicate_key", key=one.id)
        ids.add(one.id)
        for name in one.names:
            if seen.setdefault(name, one.id) != one.id:
                facts = {"name": name, "first": seen[name], "second": one.id}
                library.note(filed.document, where, "contract.unit_ambiguous", **facts)


def _units(said: UnitsFile) -> Iterator[tuple[tuple[Step, ...], GovernmentUnit]]:
    """(place in the file, unit)."""
    for at, one in enumerate(said.units):
        yield ("units", at), _unit(one)
    for at, county in enumerate(said.counties):
        for office in said.offices:
            yield ("counties", at), _office(county, office)


def _unit(said: UnitSaid) -> GovernmentUnit:
    own = filter(None, (said.name.zh, said.uscc))
    return GovernmentUnit(
        said.id,
        title_zh=said.name.zh,
        title_en=said.name.en,
        names=tuple(dict.fromkeys([*own, *said.aliases, *said.codes])),
        county=said.county or "",
        level=said.level,
        kind=said.kind,
        member=said.member,
    )


def _office(county: CountySaid, office: OfficeSaid) -> GovernmentUnit:
    begins = (county.name.zh, *county.aliases)
    ends = (office.name.zh, *office.aliases)
    return GovernmentUnit(
        f"{office.id}_{county.code}",
        title_zh=county.name.zh + office.name.zh,
        title_en=f"{county.name.en}: {office.name.en}",
        names=tuple(dict.fromkeys(begin + end for begin in begins for end in ends)),
        county=county.code,
        level="city" if county.code.endswith("00") or len(county.code) <= CITY else "county",
        kind="department",
        member=True,
    )
