"""Flows whose source states a complete list each time: how often one is due."""

from collections.abc import Mapping

from hub.model import Json

DAY = 86_400
PERIODS: Mapping[str, int] = {"daily": DAY, "weekly": 7 * DAY, "monthly": 31 * DAY}
"""Seconds between two complete lists, by what a mapping says under `snapshot`."""
LATE = 1.5
"""A list is late when so many times its period has passed: they come at no fixed hour."""


def period(read: Mapping[str, Json]) -> int:
    """Seconds between two complete lists that a flow reads; 0 of one that reads none."""
    return PERIODS.get(str(read.get("snapshot")), 0)


def freshness(read: Mapping[str, Json], target: int) -> int:
    """Seconds within which a flow should have been read completely, where its system's target is so
    many.
    """
    return max(target, int(period(read) * LATE))
