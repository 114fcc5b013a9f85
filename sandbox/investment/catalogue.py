"""What the platform offers, in the order of its update times, corrections at the source laid over
it.
"""

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime

from sandbox.investment.records import project_record, result_records
from sandbox.state import Record, State
from sandbox.world import World
from sandbox.world.clock import BEIJING

INDEX_BITS = 24
MASK = (1 << INDEX_BITS) - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, where the next page begins, and how many there are in all."""

    records: list[Record]
    next: str | None
    total: int


def _stamp(when: datetime) -> int:
    return int(when.timestamp())


def parse_time(text: str) -> int:
    """Read a time of the platform; ValueError when it is none."""
    return _stamp(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING))


class Catalogue:
    """One resource at one tick: places ordered by (update time, index), records built when asked
    for.

    A place is one integer, the time's seconds above the index, so that a million of them take eight
    megabytes.
    """

    def __init__(self, world: World, state: State, *, resource: str, tick: int) -> None:
        self._world = world
        self._tick = tick
        self._resource = resource
        self._edits = {
            int(key): (at, changes) for key, (at, changes) in state.edits(resource).items()
        }
        self._results: dict[int, Record] = {} if resource == "projects" else self._all_results()
        times = self._project_times() if resource == "projects" else self._result_times()
        self._places = array(
            "q", sorted(stamp << INDEX_BITS | index for index, stamp in times.items())
        )

    def __len__(self) -> int:
        return len(self._places)

    def page(self, *, since: int, after: int, size: int) -> Page:
        """Give the records from a time on and after a place."""
        start = max(
            bisect_left(self._places, since << INDEX_BITS), bisect_right(self._places, after)
        )
        chosen = self._places[start : start + size]
        more = start + size < len(self._places)
        return Page(
            [self.record(place & MASK) for place in chosen],
            str(chosen[-1]) if more else None,
            len(self),
        )

    def indexes_around(self, place: int, *, reach: int) -> list[int]:
        """Give the records on both sides of a place, for the fault of equal update times."""
        middle = bisect_right(self._places, place)
        return [one & MASK for one in self._places[max(0, middle - reach) : middle + reach]]

    def time_of(self, index: int) -> str:
        """Give the update time of a record as it is served."""
        return str(self.record(index)["gxsj" if self._resource == "projects" else "EXCHANGE_TIME"])

    def record(self, index: int) -> Record:
        """Give one record with its corrections."""
        if self._resource == "projects":
            project = self._world.project(index, tick=self._tick)
            record = project_record(project, self._world.needs(project))
        else:
            record = dict(self._results[index])
        _, changes = self._edits.get(index, ("", {}))
        return {
            name: value
            for name, value in (record | changes).items()
            if name not in changes or value is not None
        }

    def find(self, key: str) -> int | None:
        """Find a record by its project code or its id."""
        for index, (_, changes) in self._edits.items():
            if key in (changes.get("xmdm"), changes.get("DEAL_CODE")):
                return index
        found = int(key) - 1 if key.isascii() and key.isdigit() else self._world.index_of(key)
        known = range(self._world.size) if self._resource == "projects" else self._results.keys()
        return found if found in known else None

    def _project_times(self) -> dict[int, int]:
        times = {
            index: _stamp(self._world.updated_at(index, tick=self._tick))
            for index in range(self._world.size)
        }
        return times | {index: self._edited(index, times[index]) for index in self._edits}

    def _result_times(self) -> dict[int, int]:
        return {
            index: self._edited(index, parse_time(str(record["EXCHANGE_TIME"])))
            for index, record in self._results.items()
        }

    def _edited(self, index: int, stamp: int) -> int:
        return max(stamp, parse_time(self._edits[index][0])) if index in self._edits else stamp

    def _all_results(self) -> dict[int, Record]:
        """Build every result: lives have to be lived for this, so it is done once a tick and only
        when asked for.
        """
        lives = (self._world.life(index, tick=self._tick) for index in range(self._world.size))
        return {life.project.index: record for life in lives for record in result_records(life)}
