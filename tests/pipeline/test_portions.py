"""Deliveries of several portions: one is sent while the next is frozen and the last is written
down.
"""

import time
from collections.abc import Mapping, Sequence

import pytest

from hub.errors import TransientError
from hub.model import Json, Outcome, Outgoing
from hub.pipeline.delivery import TAKEN
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES

PLAN, PROJECTS, PUSH = "pull.plan.project", "push.desk.project", "mappings/desk/project.push.yaml"
COUNT = 3 * TAKEN + 500


@pytest.fixture
def many(small: Small) -> Small:
    """Projects for four portions, due to a partner that takes 500 at once."""
    small.contracts = contracts_of(FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 500")})
    rows = [
        {"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": f"项目{n}", "at": "1"}
        for n in range(COUNT)
    ]
    small.pull(PLAN, Source(rows, size=1000))
    return small


class Hook(Desk):
    """Calls back before each batch with the number of batches so far."""

    def __init__(self, hook):
        super().__init__()
        self.hook, self.batches = hook, 0

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        self.batches += 1
        self.hook(self.batches - 1)
        return super().send(write, items)


def states(small: Small) -> dict[object, object]:
    rows = small.rows(
        "select state, count(*) from hub.delivery where flow = 'push.desk.project' group by 1"
    )
    return {row["state"]: row["count"] for row in rows}


def test_every_portion_arrives_once_and_balances(many: Small):
    desk = Desk()
    assert many.push(PROJECTS, desk) == {"due": COUNT, "confirmed": COUNT}
    assert set(desk.times.values()) == {1}
    assert len(many.rows("select from hub.delivery_event")) == COUNT
    assert many.push(PROJECTS, desk) == {}


def test_the_next_portion_is_frozen_while_one_is_sent(many: Small):
    def wait(batch: int) -> None:
        for _ in range(200):
            if batch or states(many).get("sending", 0) > TAKEN:
                return
            time.sleep(0.05)
        pytest.fail("nothing was frozen ahead")

    assert many.push(PROJECTS, Hook(wait)) == {"due": COUNT, "confirmed": COUNT}


def test_a_partner_that_goes_away_between_portions_wears_out_nothing_and_gets_all_once(many: Small):
    def away(batch: int) -> None:
        if batch == 3:
            raise TransientError("system.unavailable", system="desk")

    desk = Hook(away)
    with pytest.raises(TransientError):
        many.push(PROJECTS, desk)
    assert states(many)["confirmed"] == 1500
    assert "sending" not in states(many)
    assert many.rows("select distinct attempt from hub.delivery where state = 'retrying'") == [
        {"attempt": 0}
    ]
    many.push(PROJECTS, desk)
    assert states(many) == {"confirmed": COUNT}
    assert set(desk.times.values()) == {1}


def test_a_connector_that_breaks_over_a_batch_is_asked_record_by_record_and_all_arrive_once(
    many: Small,
):
    def breaks(batch: int) -> None:
        if batch == 2:
            raise KeyError

    desk = Hook(breaks)
    many.push(PROJECTS, desk)
    assert states(many) == {"confirmed": COUNT}
    assert set(desk.times.values()) == {1}
