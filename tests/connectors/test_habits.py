"""The ways in which partners turn pages, each tried with every connector that reads pages over
HTTP.
"""

from collections.abc import Iterator

import pytest

from hub.testing.conformance import Habit, HabitConformance
from tests.connectors.habits import HABITS, soap


@pytest.fixture(scope="module", params=HABITS)
def habit(request: pytest.FixtureRequest) -> Iterator[Habit]:
    made, name = HABITS[request.param]
    with made(name) as found:
        yield found


class TestHabits(HabitConformance):
    """Every habit."""


def test_a_web_service_with_an_address_of_ipv6_is_read() -> None:
    with soap("a total", host="::1") as habit:
        habit.holds(7)
        pages = list(habit.connector.pages(habit.read, since=None, resume=None))
        assert [habit.key(raw.payload) for page in pages for raw in page.records] == [
            str(at) for at in range(7)
        ]
