"""What a hostile review tried, and what must hold all the same."""

from hub.model import Receipt
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES

PLAN, PROJECTS, PUSH = "pull.plan.project", "push.desk.project", "mappings/desk/project.push.yaml"
ROW = {"id": "p1", "code": "2405-520502-04-01-100001", "name": "甲", "at": "1"}


def dead(small: Small, desk: Desk) -> None:
    small.with_settings(attempts=1)
    small.pull(PLAN, Source([ROW]))
    desk.loses = 1
    assert small.push(PROJECTS, desk) == {"due": 1, "dead": 1}


def test_a_dead_body_is_not_given_a_second_key_by_a_change_of_what_is_not_sent(small: Small):
    desk = Desk()
    dead(small, desk)
    small.pull(
        PLAN, Source([ROW | {"at": "2", "money": "5"}])
    )  # the target does not take the money
    for _ in range(2):
        small.push(PROJECTS, desk)
    assert len(desk.applied) == 1


def test_the_verdict_on_a_dead_delivery_is_asked_for(small: Small):
    small.contracts = contracts_of(
        FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    )
    desk = Desk(receipts=True)
    dead(small, desk)
    (key,) = desk.applied
    desk.verdicts[key] = Receipt(key, "accepted")
    assert small.receipts(PROJECTS, desk) == {"due": 1, "confirmed": 1}
