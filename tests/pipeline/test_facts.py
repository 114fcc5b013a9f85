"""Facts: computed once from everything, anew for what a run changed, and never from what somebody
may see.
"""

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from hub.db.database import Transaction
from hub.domain.clock import RequiredItems
from hub.errors import TransientError
from hub.pipeline import facts
from hub.pipeline.run_lifecycle import running
from tests.filled import CODE, CONTRACTS, Filled
from tests.services.lives import at, item, put

NOW = datetime.fromisoformat("2026-11-20T17:30+08:00")
LONG_AFTER = datetime.fromisoformat("2027-03-20T17:30+08:00")
PASSED = (("1", "11-02T09:00"), ("3", "11-03T09:00"), ("11", "11-12T17:30"))
REFUSED = (("1", "11-02T09:00"), ("3", "11-03T09:00"), ("13", "11-12T17:30"))
RUNNING = PASSED[:2]


@pytest.fixture
def told(filled: Filled) -> Filled:
    """A project that no source calls finished."""
    filled.execute(
        "update golden.project set finished = null, finished_on = null, region_code = '620702'"
    )
    return filled


def stage(told: Filled, scope: str = "stage", *, now: datetime = NOW) -> dict[str, object]:
    facts.refresh(told.hub.database, now=now)
    (row,) = told.rows(f"select * from fact.{scope}")  # noqa: S608
    return row


def test_a_run_leaves_the_clocks_of_what_it_changed(filled: Filled):
    for status, moment in (("3", "2026-11-03 09:00:00"), ("11", "2026-11-12 17:30:00")):
        row = {
            "lsh": int(status),
            "gcdm": f"{CODE}-001",
            "spsxslbm": "A",
            "blzt": status,
            "blsj": moment,
            "sjyxbs": 1,
        }
        filled.pull("pull.approval.approval_step", row)
    step = {
        "lsh": 1,
        "gcdm": f"{CODE}-001",
        "spsxslbm": "A",
        "spbmmc": "市住建局",
        "sxblsx": 5,
        "sjyxbs": 1,
    }
    filled.pull("pull.approval.approval_item", step)
    (row,) = filled.rows("select * from fact.item")
    assert (row["used_days"], row["exact_days"], row["limit_days"], row["limit_ref"]) == (
        7,
        8,
        5,
        "source",
    )
    assert (row["end_basis"], row["end_kind"], row["light"]) == ("source", "11", "red")
    assert row["red_at"] == datetime.fromisoformat(
        at("11-11T09:00")
    )  # the limit was used up on the evening before
    assert filled.rows("select * from fact.touched") == []


def test_what_a_dead_process_committed_is_computed_at_the_next_refresh(told: Filled):
    with told.hub.database.write() as tx:
        item(tx, "A", *RUNNING)
    assert told.rows("select count(*) as n from fact.item") == [{"n": 0}]
    with told.hub.database.write() as tx:
        assert facts.pending(tx) == 1
    assert told.hub.refresh_facts() == 1
    assert told.rows("select count(*) as n from fact.item") == [{"n": 1}]
    assert told.hub.refresh_facts() == 0


def test_a_change_that_commits_while_facts_are_computed_is_not_lost(told: Filled):
    with told.hub.database.write() as tx:
        record = item(tx, "A", *RUNNING, limit_days=5)
    with psycopg.connect(told.url) as other:
        other.execute(
            "update golden.approval_item set limit_days = 7 where record_id = %s", (record,)
        )
        facts.refresh(told.hub.database)
        assert told.rows("select limit_days as n from fact.item") == [{"n": 5}]
    facts.refresh(told.hub.database)
    assert told.rows("select limit_days as n from fact.item") == [{"n": 7}]


def test_a_refresh_waits_for_another_and_gives_up_in_time(
    told: Filled, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(facts, "PATIENCE", 0.05)
    with told.hub.database.write() as tx, psycopg.connect(told.url) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('facts', 0))")
        item(tx, "A", *RUNNING)
        tx.commit()
        with running(told.hub.database, "pull.approval.approval_item", "pull"):
            pass  # the run ends well although its facts are not computed
        with pytest.raises(TransientError):
            facts.refresh(told.hub.database)
    assert told.rows("select state from hub.run order by id desc limit 1") == [
        {"state": "complete"}
    ]
    assert told.rows("select count(*) > 0 as noted from fact.touched") == [{"noted": True}]


def test_a_stage_of_which_all_items_filed_so_far_have_ended_is_not_finished(told: Filled):
    with told.hub.database.write() as tx:
        put(tx, "stage", number="S1", ordinal="1", limit_days=20, applied_at=at("11-02T09:00"))
        item(tx, "A", *PASSED)
    row = stage(told)
    assert (row["end_basis"], row["ended_at"], row["stands"], row["turn"]) == (
        "idle",
        None,
        True,
        "applicant",
    )
    assert (row["used_days"], row["light"], row["red_at"]) == (7, "none", None)
    assert row["span_days"] is None  # the whole time goes on
    whole = stage(told, "project")
    assert (whole["end_basis"], whole["ended_at"], whole["turn"]) == ("idle", None, "applicant")


def _required(told: Filled, *codes: str) -> None:
    assert CONTRACTS.stages
    rule = RequiredItems("1", codes, ())
    contracts = replace(CONTRACTS, stages=replace(CONTRACTS.stages, required=(rule,)))
    facts.adopt(told.hub.database, contracts)
    with told.hub.database.write() as tx:
        for code in ("A1", "B1"):
            _flow_item(tx, code)
        about = {"flow_code": "F", "flow_version": "1"}
        put(tx, "stage", number="S1", ordinal="1", applied_at=at("11-02T09:00"), **about)
        put(
            tx,
            "approval_document",
            kind="land_use_permit",
            number="D",
            issuer="X",
            issued_on="2026-11-12",
        )
        item(tx, "A", *PASSED, item_code="A1")


def _flow_item(tx: Transaction, code: str) -> None:
    about = {"flow_code": "F", "flow_version": "1", "stage_ordinal": 1, "item_code": code}
    put(tx, "flow_item", project_code=None, **about)


def test_a_stage_ends_when_all_items_have_passed_that_its_flow_requires(told: Filled):
    _required(told)
    assert stage(told)["end_basis"] == "idle"  # a closing result does not stand for an item
    with told.hub.database.write() as tx:
        item(tx, "B", ("3", "11-03T09:00"), ("13", "11-13T17:30"), item_code="B1")
    assert stage(told)["end_basis"] == "idle"  # refused is not passed
    with told.hub.database.write() as tx:
        item(tx, "B2", ("3", "11-16T09:00"), ("12", "11-18T17:30"), item_code="B1")
    row = stage(told)
    assert (row["end_basis"], row["ended_at"]) == (
        "required",
        datetime.fromisoformat(at("11-18T17:30")),
    )


def test_items_that_no_rule_asks_for_need_not_pass(told: Filled):
    _required(told, "A1")
    assert stage(told)["end_basis"] == "required"


def test_a_change_in_the_library_of_flows_is_computed_anew(told: Filled):
    _required(told, "A1", "C1")
    assert stage(told)["end_basis"] == "required"
    with told.hub.database.write() as tx:
        _flow_item(tx, "C1")
    assert stage(told)["end_basis"] == "idle"


def test_a_stage_ends_by_its_source(told: Filled):
    with told.hub.database.write() as tx:
        put(tx, "stage", number="S1", ordinal="1", limit_days=20, finished_at=at("11-13T17:30"))
        item(tx, "A", *PASSED)
    row = stage(told)
    assert (row["end_basis"], row["ended_at"]) == (
        "source",
        datetime.fromisoformat(at("11-13T17:30")),
    )
    assert (row["used_days"], row["span_days"], row["applicant_days"], row["light"]) == (
        7,
        9,
        1,
        "green",
    )


@pytest.mark.parametrize(
    ("said", "basis"),
    [
        ({"issued_on": "2026-11-12"}, "milestone"),
        ({"issued_on": "2026-10-30"}, "idle"),  # before anything of the stage was accepted
        ({"issued_on": "2026-11-12", "status": "void"}, "idle"),
        ({"issued_on": None}, "idle"),
        ({"issued_on": "2026-11-12", "kind": "planning_permit"}, "idle"),  # of the next stage
    ],
)
def test_a_stage_ends_by_its_closing_result(told: Filled, said: dict[str, object], basis: str):
    with told.hub.database.write() as tx:
        put(tx, "stage", number="S1", ordinal="1")
        put(
            tx,
            "approval_document",
            **{"number": "D", "issuer": "X", "kind": "land_use_permit"} | said,
        )
        item(tx, "A", *PASSED)
    assert stage(told)["end_basis"] == basis


def test_a_closing_result_ends_no_stage_of_which_an_item_is_still_handled(told: Filled):
    with told.hub.database.write() as tx:
        put(tx, "stage", number="S1", ordinal="1")
        put(
            tx,
            "approval_document",
            number="D",
            issuer="X",
            kind="land_use_permit",
            issued_on="2026-11-12",
        )
        item(tx, "A", *PASSED)
        item(tx, "B", *RUNNING)
    row = stage(told)
    assert (row["end_basis"], row["stands"], row["turn"]) == (None, False, "unit")


def test_a_stage_of_refusals_ends_without_a_result_after_its_time(told: Filled):
    with told.hub.database.write() as tx:
        put(tx, "stage", number="S1", ordinal="1")
        item(tx, "A", *REFUSED)
        item(tx, "B", ("1", "11-02T09:00"), ("5", "11-04T09:00"))  # never taken up
    row = stage(told)
    assert row["end_basis"] == "idle"
    assert CONTRACTS.clock
    assert row["without_at"] == CONTRACTS.clock.calendar.after(
        datetime.fromisoformat(at("11-12T17:30")), 60
    )
    row = stage(told, now=LONG_AFTER)  # no record has changed meanwhile
    assert (row["end_basis"], row["ended_at"]) == (
        "ended_without",
        datetime.fromisoformat(at("11-12T17:30")),
    )


def test_a_void_project_has_no_light(told: Filled):
    with told.hub.database.write() as tx:
        put(tx, "stage", number="S1", ordinal="1", limit_days=1)
        item(tx, "A", *RUNNING, limit_days=1)
    assert stage(told)["red_at"] is not None
    told.execute("update golden.project set status = 'void'")
    facts.refresh(told.hub.database, now=NOW)
    rows = told.rows("select distinct end_basis, light, red_at, turn from fact.clock")
    assert rows == [{"end_basis": "void", "light": "none", "red_at": None, "turn": None}]


def test_items_are_counted_by_what_they_wait_for(told: Filled):
    with told.hub.database.write() as tx:
        item(tx, "A", *RUNNING, ("6", "11-05T09:00"), limit_days=5)
        item(tx, "B", *RUNNING, ("9", "11-05T09:00"), limit_days=5)
        item(tx, "C", *RUNNING, ("6", "11-05T09:00"), ("7", "11-09T09:00"), limit_days=5)
        item(tx, "D", ("1", "11-02T09:00"), limit_days=5)
    facts.refresh(told.hub.database, now=NOW)
    rows = told.rows(
        "select turn, stands, red_at is null as unlit, applicant_days from fact.item order "
        "by number"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("applicant", True, True, None),
        ("procedure", True, True, 0),
        ("unit", False, False, 2),
        ("unit", False, True, 0),
    ]


def test_a_connection_that_was_taken_back_no_longer_runs(told: Filled):
    with told.hub.database.write() as tx:
        put(
            tx,
            "utility_connection",
            utility="water",
            number="W1",
            applied_on="2026-11-02",
            status="2",
            status_at=at("11-04T09:00"),
        )
    row = stage(told, "connection")
    assert (row["end_basis"], row["ended_at"]) == (
        "ended_without",
        datetime.fromisoformat(at("11-04T09:00")),
    )


def test_a_connection_runs_from_its_application_on(told: Filled):
    with told.hub.database.write() as tx:
        about = {"applied_on": "2026-11-02", "outside_line": False}
        put(tx, "utility_connection", utility="water", number="W1", **about)
        put(tx, "stage", number="S1", ordinal="1")  # nothing of it has begun
    row = stage(told, "connection")
    assert (row["limit_days"], row["used_days"], row["due_at"]) == (
        2,
        None,
        datetime.fromisoformat(at("11-04T17:30")),
    )
    row = stage(told)
    assert (row["began"], row["counted_from"], row["span_days"], row["applicant_days"]) == (
        None,
        None,
        0,
        0,
    )


def test_other_limits_change_every_project_at_once(told: Filled):
    with told.hub.database.write() as tx:
        item(tx, "A", *RUNNING)
    assert stage(told, "project")["limit_ref"] == "zhangye_2021:3"
    assert not facts.adopt(told.hub.database, CONTRACTS)
    assert facts.adopt(told.hub.database, replace(CONTRACTS, limits=()))
    assert stage(told, "project")["limit_ref"] is None


def test_verify_finds_a_clock_that_golden_records_do_not_say(told: Filled):
    with told.hub.database.write() as tx:
        item(tx, "A", *PASSED)
        item(tx, "B", *RUNNING)
    facts.refresh(told.hub.database, now=NOW)
    assert told.hub.verify().checked["facts"] == 3
    wrong = {one.where for one in told.hub.verify().findings if one.kind == "fact"}
    assert wrong == set()
    told.execute("update fact.item set used_days = used_days + 1 where number = 'A'")
    told.execute("delete from fact.item where number = 'B'")
    told.execute("update fact.step set w = w + 1 where status = '11'")
    found = sorted(
        (one.where.split(" ")[0], one.detail)
        for one in told.hub.verify().findings
        if one.kind == "fact"
    )
    assert found == [
        ("clock", "is missing"),
        ("clock", "is not what golden records say"),
        ("step", "does not lie where it must on the worked axis"),
    ]


def test_facts_stand_up_to_the_moment_of_the_last_refresh(told: Filled):
    now = datetime.now(UTC)
    facts.refresh(told.hub.database, now=now)
    (row,) = told.rows("select until, batch_high from fact.state")
    assert row == {
        "until": now,
        "batch_high": told.rows("select max(id) as n from hub.batch")[0]["n"],
    }
