"""The ways in which partners turn pages, each tried with every connector that reads pages over HTTP."""

from collections.abc import Iterator

import pytest

from hub.testing.conformance import Habit, HabitConformance
from tests.connectors.habits import HABITS


@pytest.fixture(scope="module", params=HABITS)
def habit(request: pytest.FixtureRequest) -> Iterator[Habit]:
    made, name = HABITS[request.param]
    with made(name) as found:
        yield found


class TestHabits(HabitConformance):
    """Every habit."""
