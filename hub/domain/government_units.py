"""Units that records name: offices, counties, utilities, and all their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

UnitLevel = Literal["province", "city", "county"]
UnitKind = Literal["department", "county", "zone", "utility", "window"]


@dataclass(frozen=True, slots=True)
class GovernmentUnit:
    """One unit. names: every name and code under which records speak of it, its own among them.

    county: the beginning of its region code, "" where it has none. member: of the leading group.
    """

    id: str
    title_zh: str
    title_en: str
    names: tuple[str, ...]
    county: str
    level: UnitLevel
    kind: UnitKind
    member: bool


def aliases(units: Mapping[str, GovernmentUnit]) -> dict[str, str]:
    """Name or code -> id."""
    return {name: one.id for one in units.values() for name in one.names}
