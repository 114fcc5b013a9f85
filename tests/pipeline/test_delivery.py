from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from hub.db import runs
from hub.errors import FlowError, TransientError
from hub.model import Json, Outcome, Outgoing, Receipt
from hub.pipeline import delivery, receipts
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"
PROJECTS, PERMITS = "push.desk.project", "push.desk.permit"


def load(small: Small, *names: str, at: str = "1") -> None:
    rows = [
        {"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": name, "at": at}
        for n, name in enumerate(names, start=1)
    ]
    small.pull(PLAN, Source(rows))


def test_what_is_due_arrives_once(small: Small):
    load(small, "甲", "乙", "丙")
    desk = Desk()
    assert small.push(PROJECTS, desk) == {"due": 3, "confirmed": 3}
    assert small.push(PROJECTS, desk) == {}
    assert sorted(body["mc"] for body in desk.bodies()) == ["丙", "乙", "甲"]


def test_a_change_of_what_the_target_does_not_take_sends_nothing(small: Small):
    load(small, "甲")
    desk = Desk()
    small.push(PROJECTS, desk)
    for at in ("2", "3"):  # what it holds is still known after the first
        row = {"id": "p1", "code": "2405-520502-04-01-100001", "name": "甲", "money": at, "at": at}
        small.pull(PLAN, Source([row]))
        assert small.push(PROJECTS, desk) == {"due": 1, "unchanged": 1}
    assert desk.sent == 1


def test_a_value_that_comes_back_is_sent_again(small: Small):
    desk = Desk()
    for at, name in enumerate(("甲", "乙", "甲"), start=1):
        load(small, name, at=str(at))
        assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert [body["mc"] for body in desk.bodies()] == ["甲", "乙", "甲"]


def test_a_lost_answer_goes_out_again_under_its_key_and_is_applied_once(small: Small):
    load(small, "甲", "乙")
    desk = Desk()
    desk.loses = 1
    assert small.push(PROJECTS, desk) == {"due": 2, "retrying": 2}
    assert small.push(PROJECTS, desk) == {"due": 2, "confirmed": 2}
    assert set(desk.times.values()) == {1}
    assert desk.sent == 4


def test_the_partners_own_number_goes_back_to_it_with_each_later_delivery(small: Small):
    seen: list[str] = []

    class Numbering(Desk):
        """Gives each record a number of its own."""

        def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
            seen.extend(item.reference for item in items)
            return [
                replace(one, reference="" if seen[-1] else "N-7")
                for one in super().send(write, items)
            ]

    desk = Numbering()
    for at, name in enumerate(("甲", "乙", "丙"), start=1):
        load(small, name, at=str(at))
        small.push(PROJECTS, desk)
    assert seen == ["", "N-7", "N-7"]


def test_a_frozen_body_is_repeated_before_the_newest_goes_out(small: Small):
    load(small, "旧")
    desk = Desk()
    desk.loses = 1
    small.push(PROJECTS, desk)
    load(small, "新", at="2")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert [body["mc"] for body in desk.bodies()] == ["旧", "新"]


def test_a_delivery_without_an_answer_dies_after_its_attempts(small: Small):
    small.with_settings(attempts=2)
    load(small, "甲")
    desk = Desk()
    desk.loses = 99
    assert small.push(PROJECTS, desk) == {"due": 1, "retrying": 1}
    assert small.push(PROJECTS, desk) == {"due": 1, "dead": 1}
    assert small.rows("select cause, stage from hub.quarantine") == [
        {"cause": "delivery.dead", "stage": "delivery"}
    ]


def test_a_partner_that_is_away_wears_out_no_delivery(small: Small):
    small.with_settings(attempts=2)
    load(small, "甲")
    desk = Desk()
    desk.away = 5
    for _ in range(5):
        with pytest.raises(TransientError):
            small.push(PROJECTS, desk)
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert [
        row["state"]
        for row in small.rows("select state from hub.run where kind = 'push' order by id")
    ] == [
        *["failed"] * 5,
        "complete",
    ]


def test_a_refusal_is_kept_in_the_partners_words_and_the_rest_goes_on(small: Small):
    load(small, "甲", "坏")
    desk = Desk()
    desk.refuses = {"坏"}
    assert small.push(PROJECTS, desk) == {"due": 2, "confirmed": 1, "rejected": 1}
    (entry,) = small.rows("select cause, faults from hub.quarantine")
    assert entry["faults"][0]["facts"] == {"code": "17", "text": "名称不对"}


def test_a_replayed_refusal_is_resolved_when_it_arrives(small: Small):
    load(small, "坏")
    desk = Desk()
    desk.refuses = {"坏"}
    small.push(PROJECTS, desk)
    desk.refuses = set()
    assert small.replay().marked == 1
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert [row["state"] for row in small.rows("select state from hub.quarantine")] in (
        ["resolved"],
        ["overtaken"],
    )


def test_a_child_is_blocked_until_its_parent_is_confirmed_there(small: Small):
    load(small, "甲")
    small.pull(PERMIT, Source([{"code": "2405-520502-04-01-100001", "number": "A1"}]))
    desk, projects = Desk(receipts=True), Desk()
    assert small.push(PERMITS, desk) == {"due": 1, "blocked": 1}
    small.push(PROJECTS, projects)
    assert small.push(PERMITS, desk) == {"due": 1, "awaiting_receipt": 1}


def _handed_over(small: Small) -> tuple[Desk, str]:
    load(small, "甲")
    small.push(PROJECTS, Desk())
    small.pull(PERMIT, Source([{"code": "2405-520502-04-01-100001", "number": "A1"}]))
    desk = Desk(receipts=True)
    small.push(PERMITS, desk)
    (key,) = desk.applied
    return desk, key


def test_a_receipt_confirms_what_awaited_it(small: Small):
    desk, key = _handed_over(small)
    assert small.receipts(PERMITS, desk) == {"due": 1, "awaiting_receipt": 1}
    desk.verdicts[key] = Receipt(key, "accepted", reference="LSH 7")
    assert small.receipts(PERMITS, desk) == {"due": 1, "confirmed": 1}
    (row,) = small.rows("select state, reference from hub.delivery where flow = 'push.desk.permit'")
    assert row == {"state": "confirmed", "reference": "LSH 7"}
    assert small.receipts(PERMITS, desk) == {}


OVER = """
    update hub.run set state = 'aborted', ended_at = now(),
        cause = '{"code": "flow.process_lost", "facts": {}}'
     where ended_at is null returning id
"""


def test_a_run_that_others_have_ended_asks_nobody_for_receipts(
    small: Small, monkeypatch: pytest.MonkeyPatch
):
    desk, _ = _handed_over(small)
    asked: list[object] = []
    monkeypatch.setattr(desk, "receipts", lambda *keys: asked.append(keys) or ())
    walked = receipts.walked

    def ended_before(*args: object, **named: object) -> object:
        small.rows(OVER)
        return walked(*args, **named)

    monkeypatch.setattr(receipts, "walked", ended_before)
    with pytest.raises(FlowError) as refused:
        small.receipts(PERMITS, desk)
    assert refused.value.code == "flow.fence_lost"
    assert asked == []


def test_a_receipt_that_refuses_puts_the_delivery_aside(small: Small):
    desk, key = _handed_over(small)
    desk.verdicts[key] = Receipt(key, "rejected", code="2", text="项目不存在")
    assert small.receipts(PERMITS, desk) == {"due": 1, "rejected": 1}
    (entry,) = small.rows("select key, faults from hub.quarantine")
    assert (entry["key"], entry["faults"][0]["facts"]["text"]) == ("A1", "项目不存在")


def test_a_deleted_record_is_withdrawn_where_it_had_arrived(small: Small):
    load(small, "甲", "乙")
    desk = Desk()
    small.push(PROJECTS, desk)
    load(small, "丙", "丁", "戊", at="2")
    gone = [
        {"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": "x", "gone": "1", "at": "3"}
        for n in (1, 3)
    ]
    small.pull(PLAN, Source(gone))
    assert small.push(PROJECTS, desk) == {"due": 3, "confirmed": 2, "superseded": 1}
    assert [action for action, _ in desk.applied.values()].count("withdraw") == 1


def test_what_the_target_itself_asserts_is_not_sent_back_to_it(small: Small):
    echo = FILES["mappings/desk/project.push.yaml"]
    small.contracts = contracts_of(FILES | {"mappings/build/project.push.yaml": echo})
    small.pull(
        PLAN,
        Source(
            [
                {"id": "1", "code": CODE, "name": "甲", "at": "1"},
                {"id": "2", "code": OTHER, "name": "乙", "at": "1"},
            ]
        ),
    )
    small.pull(
        BUILD,
        Source([{"id": "1", "code": CODE, "name": "甲"}, {"id": "2", "code": OTHER, "name": "错"}]),
    )
    desk = Desk()
    assert small.push("push.build.project", desk) == {"due": 2, "confirmed": 1, "unchanged": 1}
    assert desk.bodies() == [{"dm": OTHER, "mc": "乙"}]


def test_a_changed_project_goes_to_those_who_quote_it(small: Small):
    desk, key = _handed_over(small)
    desk.verdicts[key] = Receipt(key, "accepted")
    small.receipts(PERMITS, desk)
    load(small, "改名", at="2")
    assert small.push(PERMITS, desk) == {"due": 1, "awaiting_receipt": 1}
    assert desk.bodies()[-1] == {"bh": "A1", "mc": "改名"}


def test_a_new_target_is_given_what_was_there_before_it(small: Small):
    load(small, "甲")
    push = FILES["mappings/desk/project.push.yaml"]
    small.contracts = contracts_of(FILES | {"mappings/build/project.push.yaml": push})
    desk = Desk()
    assert small.push("push.build.project", desk) == {"due": 1, "confirmed": 1}
    assert small.push("push.build.project", desk) == {}


def test_a_changed_mapping_sends_what_looks_different_now(small: Small):
    load(small, "甲", "乙")
    desk = Desk()
    small.push(PROJECTS, desk)
    push = FILES["mappings/desk/project.push.yaml"]
    small.contracts = contracts_of(
        FILES | {"mappings/desk/project.push.yaml": push + "  kind: {const: new}\n"}
    )
    assert small.push(PROJECTS, desk) == {"due": 2, "confirmed": 2}
    small.contracts = contracts_of(
        FILES
        | {
            "mappings/desk/project.push.yaml": push.replace("batch: 2", "batch: 3")
            + "  kind: {const: new}\n"
        }
    )
    assert small.push(PROJECTS, desk) == {"due": 2, "unchanged": 2}


def test_a_run_that_is_over_keeps_what_it_has_and_sends_nothing_more(small: Small):
    class Over:
        @contextmanager
        def write(self) -> Iterator[None]:
            raise FlowError("flow.fence_lost", flow=PROJECTS, run=1)
            yield

    item = Outgoing("k1", "upsert", {})
    held_long_ago = delivery.PreparedPortion([], {"k1": (None, item)}, {}, set(), held_at=0)
    flow, settings = SimpleNamespace(batch=1), SimpleNamespace(hold_seconds=1)
    work = SimpleNamespace(flow=flow, settings=settings)
    outcomes, error = delivery.send(Over(), work, held_long_ago)
    assert outcomes == {}
    assert error.code == "flow.fence_lost"


def test_two_that_store_the_same_contract_at_once_get_the_same(small: Small):
    def stored() -> int:
        with small.database.write() as tx:
            return runs.contract_id(tx, "pull.build.project", "h", "{}")

    with ThreadPoolExecutor(1) as other:
        with small.database.write() as tx:
            first = runs.contract_id(tx, "pull.build.project", "h", "{}")
            second = other.submit(stored)
            small.wait_while("select 1 where not exists (select from pg_locks where not granted)")
        assert second.result(30) == first
