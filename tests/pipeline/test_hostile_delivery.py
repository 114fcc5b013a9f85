"""What a hostile review tried, and what must hold all the same."""

import threading

import pytest

from hub.errors import FlowError
from hub.model import Outcome, Receipt
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"
PROJECTS, PERMITS = "push.desk.project", "push.desk.permit"
PUSH = "mappings/desk/project.push.yaml"


def load(small, *names, at="1", **more):
    rows = [
        {"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": name, "at": at} | more
        for n, name in enumerate(names, start=1)
    ]
    small.pull(PLAN, Source(rows))


def entries(small):
    return [
        row["state"]
        for row in small.rows(
            "select state from hub.quarantine where stage = 'delivery' order by id"
        )
    ]


def test_a_dead_delivery_that_had_arrived_is_not_applied_again_under_another_key(small: Small):
    small.with_settings(attempts=2)
    load(small, "甲")
    desk = Desk()
    desk.loses = 2
    small.push(PROJECTS, desk)
    assert small.push(PROJECTS, desk) == {"due": 1, "dead": 1}
    small.replay()
    small.push(PROJECTS, desk)
    assert len(desk.applied) == 1


def test_a_dead_delivery_of_a_record_now_deleted_is_withdrawn_if_it_had_arrived(small: Small):
    small.with_settings(attempts=1)
    load(small, "甲")
    desk = Desk()
    desk.loses = 1
    assert small.push(PROJECTS, desk) == {"due": 1, "dead": 1}
    load(small, "甲", at="2", gone="1")
    for _ in range(3):
        small.push(PROJECTS, desk)
    assert [action for action, _ in desk.applied.values()] == ["upsert", "withdraw"]


def test_a_refusal_ends_when_the_record_returns_to_what_the_target_holds(small: Small):
    desk = Desk()
    load(small, "好")
    small.push(PROJECTS, desk)
    desk.refuses = {"坏"}
    load(small, "坏", at="2")
    small.push(PROJECTS, desk)
    load(small, "好", at="3")
    assert small.push(PROJECTS, desk) == {"due": 1, "unchanged": 1}
    assert entries(small) == ["overtaken"]


def test_a_refusal_of_a_deleted_record_ends(small: Small):
    desk = Desk()
    desk.refuses = {"坏"}
    load(small, "坏")
    small.push(PROJECTS, desk)
    load(small, "坏", at="2", gone="1")
    assert small.push(PROJECTS, desk) == {"due": 1, "superseded": 1}
    small.replay()
    small.push(PROJECTS, desk)
    assert entries(small) == ["overtaken"]


class Slow(Desk):
    """Answers so late that another worker has repeated and confirmed; then says no."""

    def __init__(self, small, says):
        super().__init__()
        self.small, self.says = small, says

    def send(self, write, items):
        self.small.wait_for_lapse()
        self.small.push(PROJECTS, Desk())
        return [Outcome(item.key, self.says, code="dup") for item in items]


def test_a_late_refusal_of_what_another_worker_confirmed_opens_nothing(small: Small):
    load(small, "甲")
    small.push(PROJECTS, Slow(small, "rejected"))
    assert [
        row["state"]
        for row in small.rows("select state from hub.delivery where flow = 'push.desk.project'")
    ] == ["confirmed"]
    assert entries(small) == []


def test_a_late_lost_answer_of_what_another_worker_confirmed_opens_nothing(small: Small):
    small.with_settings(attempts=1)
    load(small, "甲")
    small.push(PROJECTS, Slow(small, "unknown"))
    assert entries(small) == []


def test_what_another_worker_has_taken_over_is_not_sent_by_the_first_as_well(small: Small):
    """Portions of two and of four; in the middle of the second the first worker is so slow that its
    hold lapses.
    """
    goes_on = threading.Event()

    class Other(Desk):
        def send(self, write, items):
            goes_on.wait(20)
            return super().send(write, items)

    class First(Desk):
        def send(self, write, items):
            if self.sent == 2:
                small.wait_for_lapse()
                taking.start()
                small.wait_while(
                    "select where (select count(*) from hub.delivery where attempt = 2) < 4"
                )
            return super().send(write, items)

    load(small, *"甲乙丙丁戊己")
    first, other = First(), Other()
    taking = threading.Thread(target=small.push, args=(PROJECTS, other))
    small.push(PROJECTS, first)
    goes_on.set()
    taking.join(20)
    assert (first.sent, other.sent) == (4, 4)
    assert small.rows("select state, count(*) as n from hub.delivery group by 1") == [
        {"state": "confirmed", "n": 6}
    ]


def test_an_old_verdict_does_not_refuse_a_new_attempt(small: Small):
    load(small, "甲")
    files = FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    away = FILES | {PUSH: files[PUSH] + "when: {investment: {present: true}}\n"}
    small.contracts = contracts_of(files)
    desk = Desk(receipts=True)
    small.push(PROJECTS, desk)
    (key,) = desk.applied
    desk.verdicts[key] = Receipt(key, "rejected", code="9", text="没有")
    small.receipts(PROJECTS, desk)
    small.contracts = contracts_of(away)
    assert small.push(PROJECTS, desk) == {"due": 1, "withheld": 1}
    small.contracts = contracts_of(files)
    assert small.push(PROJECTS, desk) == {"due": 1, "awaiting_receipt": 1}
    assert small.receipts(PROJECTS, desk) == {"due": 1, "awaiting_receipt": 1}
    _, again = desk.applied
    desk.verdicts[again] = Receipt(again, "accepted")
    assert small.receipts(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert entries(small) == ["overtaken"]


class Late(Desk):
    """Gives its first verdicts so late that `meanwhile` has come about."""

    def __init__(self, meanwhile):
        super().__init__(receipts=True)
        self.meanwhile = [meanwhile]

    def receipts(self, write, keys):
        found = super().receipts(write, keys)
        while self.meanwhile:
            self.meanwhile.pop()()
        return found


@pytest.mark.parametrize("says", ["accepted", "rejected"])
def test_a_verdict_that_comes_when_a_newer_version_is_under_way_does_not_settle_that(
    small: Small, says
):
    load(small, "甲")
    small.contracts = contracts_of(
        FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    )
    desk = Desk(receipts=True)
    small.push(PROJECTS, desk)
    (key,) = desk.applied
    desk.verdicts[key] = Receipt(key, says)

    def another_worker_is_further():
        small.receipts(PROJECTS, desk)
        load(small, "乙", at="2")
        small.push(PROJECTS, desk)

    late = Late(another_worker_is_further)
    late.verdicts = desk.verdicts
    small.receipts(PROJECTS, late)
    (row,) = small.rows("select state, body->>'mc' as mc from hub.delivery")
    assert row == {"state": "awaiting_receipt", "mc": "乙"}
    assert entries(small) == ([] if says == "accepted" else ["overtaken"])


def test_a_child_of_a_withdrawn_parent_is_blocked(small: Small):
    load(small, "甲")
    desk = Desk()
    small.push(PROJECTS, desk)
    load(small, "甲", at="2", gone="1")
    small.push(PROJECTS, desk)
    small.pull(PERMIT, Source([{"code": "2405-520502-04-01-100001", "number": "A1"}]))
    small.release()
    # tokens went with the project: let it wait for nothing here, mark by hand what had come before
    result = small.push(PERMITS, Desk(receipts=True))
    assert result in ({}, {"due": 1, "blocked": 1})


def test_a_value_that_went_by_the_targets_own_claim_and_back_is_sent(small: Small):
    echo = FILES[PUSH]
    small.contracts = contracts_of(FILES | {"mappings/build/project.push.yaml": echo})
    desk = Desk()
    row = {"id": "1", "code": CODE, "name": "甲", "at": "1"}
    small.pull(PLAN, Source([row]))
    small.push("push.build.project", desk)
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "乙"}]))
    small.pull(PLAN, Source([row | {"name": "乙", "at": "2"}]))
    assert small.push("push.build.project", desk) == {"due": 1, "unchanged": 1}
    small.pull(PLAN, Source([row | {"at": "3"}]))
    assert small.push("push.build.project", desk) == {
        "due": 1,
        "confirmed": 1,
    }  # the target says 乙, golden says 甲


def test_what_is_no_longer_to_be_had_is_taken_back(small: Small):
    files = FILES | {PUSH: FILES[PUSH] + "when: {investment: {present: true}}\n"}
    small.contracts = contracts_of(files)
    load(small, "甲", money="5")
    desk = Desk()
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    load(small, "甲", at="2")
    small.push(PROJECTS, desk)
    assert [action for action, _ in desk.applied.values()] == ["upsert", "withdraw"]


def test_a_quoted_project_name_reaches_a_target_that_has_the_record(small: Small):
    permit = FILES["mappings/desk/permit.push.yaml"].replace("after: project\n", "")
    small.contracts = contracts_of(FILES | {"mappings/build/permit.push.yaml": permit})
    load(small, "甲")
    small.pull(PERMIT, Source([{"code": "2405-520502-04-01-100001", "number": "A1"}]))
    desk = Desk(receipts=True)
    assert small.push("push.build.permit", desk) == {"due": 1, "awaiting_receipt": 1}


def test_a_lost_receipt_does_not_hold_back_newer_versions_for_ever(small: Small):
    files = FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    small.contracts = contracts_of(files)
    load(small, "甲")
    desk = Desk(receipts=True)
    small.push(PROJECTS, desk)
    load(small, "乙", at="2")
    small.rows(
        "update hub.delivery set held_until = now() - interval '1 year', due = now() - "
        "interval '1 year' returning 1"
    )
    assert small.push(PROJECTS, desk) != {}


@pytest.mark.parametrize("code", ["system.protocol", "system.http_status"])
def test_a_refused_repeat_that_had_arrived_is_withdrawn_with_its_record(small: Small, code: str):
    class Chokes(Desk):
        def send(self, write, items):
            if any(item.body["mc"] == "毒" for item in items):
                raise FlowError(code, reason="an answer that makes no sense")
            return super().send(write, items)

    load(small, "毒", "乙")
    desk = Desk()
    desk.loses = 1
    small.push(PROJECTS, desk)
    chokes = Chokes()
    chokes.applied = desk.applied
    small.push(PROJECTS, chokes)
    load(small, "毒", at="2", gone="1")
    for _ in range(2):
        small.push(PROJECTS, desk)
    assert [(action, body["mc"]) for action, body in desk.applied.values()][-1] == (
        "withdraw",
        "毒",
    )
