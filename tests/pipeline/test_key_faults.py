"""Faults of deliveries that a mutation of the code once survived: each of these fails when its
fault is planted.
"""

from collections.abc import Mapping, Sequence

import pytest

from hub.db.deliveries import outbox
from hub.db.deliveries.outbox import DeliveryResult
from hub.errors import FlowError
from hub.model import Json, Outcome, Outgoing
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Desk, Source
from tests.pipeline.test_delivery import PLAN, PROJECTS, load


def gone(small: Small, at: str) -> None:
    small.pull(
        PLAN,
        Source(
            [{"id": "p1", "code": "2405-520502-04-01-100001", "name": "甲", "gone": "1", "at": at}]
        ),
    )


def test_what_was_delivered_twice_is_withdrawn_and_goes_out_again_when_it_comes_back_as_it_was(
    small: Small,
):
    desk = Desk()
    load(small, "甲")
    small.push(PROJECTS, desk)
    load(small, "乙", at="2")
    small.push(PROJECTS, desk)
    gone(small, "3")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    (row,) = small.rows("select confirmed_key, confirmed_body, held_body from hub.delivery")
    assert row == {"confirmed_key": None, "confirmed_body": None, "held_body": None}
    load(small, "乙", at="4")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    said = [(action, body["mc"]) for action, body in desk.applied.values()]
    assert said == [("upsert", "甲"), ("upsert", "乙"), ("withdraw", "乙"), ("upsert", "乙")]


@pytest.mark.parametrize("state", ["confirmed", "rejected"])
def test_a_verdict_on_an_earlier_key_settles_nothing(small: Small, state: outbox.DeliveryState):
    load(small, "甲")
    desk = Desk()
    small.push(PROJECTS, desk)
    (earlier,) = desk.applied
    load(small, "乙", at="2")
    desk.loses = 1
    small.push(PROJECTS, desk)
    before = small.rows("select record_id, key, state, attempt, confirmed_key from hub.delivery")
    (row,) = before
    assert row["state"] == "retrying"
    late = DeliveryResult(int(str(row["record_id"])), earlier, state, int(str(row["attempt"])))
    with small.database.write() as tx:
        assert outbox.settle(tx, PROJECTS, [late], owner="keeper", run_id=1) == {}
    assert (
        small.rows("select record_id, key, state, attempt, confirmed_key from hub.delivery")
        == before
    )


class Nonsense(Desk):
    """Answers what nobody can read, for some or for all."""

    def __init__(self, code: str, *, whole: bool) -> None:
        super().__init__()
        self.code, self.whole = code, whole

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        if self.whole or any(item.body["mc"] == "甲" for item in items):
            raise FlowError(self.code, system="desk", detail="?")
        return super().send(write, items)


@pytest.mark.parametrize("whole", [True, False], ids=["for all", "for one of them"])
@pytest.mark.parametrize(
    "code", ["system.answer_unreadable", "system.protocol", "system.connector_failed"]
)
def test_an_answer_that_makes_no_sense_confirms_and_refuses_nothing(
    small: Small, code: str, *, whole: bool
):
    load(small, "甲", "乙")
    if whole:
        with pytest.raises(FlowError):
            small.push(PROJECTS, Nonsense(code, whole=whole))
    else:
        small.push(PROJECTS, Nonsense(code, whole=whole))
    states = {
        row["mc"]: row["state"]
        for row in small.rows("select body->>'mc' as mc, state from hub.delivery")
    }
    assert states == {"甲": "retrying", "乙": "retrying" if whole else "confirmed"}
    assert small.rows("select from hub.quarantine") == []
    desk = Desk()
    small.push(PROJECTS, desk)
    assert sorted(str(body["mc"]) for body in desk.bodies()) == sorted(
        ["甲", "乙"] if whole else ["甲"]
    )
