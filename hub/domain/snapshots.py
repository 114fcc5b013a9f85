"""Flows whose source delivers complete lists: period and freshness."""

from collections.abc import Mapping

from hub.model import Json

DAY = 86_400
PERIODS: Mapping[str, int] = {"daily": DAY, "weekly": 7 * DAY, "monthly": 31 * DAY}
"""Seconds between two complete lists, by the mapping's word under `snapshot`."""
LATE = 1.5
"""Tolerance: a list is late after so many periods, since they come at no fixed hour."""


def period(read: Mapping[str, Json]) -> int:
    """Seconds between two complete lists of a flow; 0 where it reads none."""
    return PERIODS.get(str(read.get("snapshot")), 0)


def freshness(read: Mapping[str, Json], target: int) -> int:
    """Seconds within which a flow should be read completely; target: its system's."""
    return max(target, int(period(read) * LATE))
