"""Instants that drivers give as the wall clock of a session: the session is put into UTC and the zone said."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

IN_UTC = {
    "postgresql": "set time zone 'UTC'",
    "mysql": "set time_zone = '+00:00'",
    "mariadb": "set time_zone = '+00:00'",
}
"""By the database's name. Other databases keep the zone in the value, or keep none."""

ZONED = {
    "postgresql": {"timestamptz", "timestamp with time zone"},
    "mysql": {"timestamp"},
    "mariadb": {"timestamp"},
}
"""Types of columns whose values are instants, though the driver says a wall clock of the session's."""


def placed(cells: Sequence[Sequence[object]], zoned: Collection[int]) -> Sequence[Sequence[object]]:
    """Rows with the zone said in these columns."""
    if not zoned:
        return cells
    return [
        [
            cell.replace(tzinfo=UTC) if place in zoned and isinstance(cell, datetime) and cell.tzinfo is None else cell
            for place, cell in enumerate(row)
        ]
        for row in cells
    ]
