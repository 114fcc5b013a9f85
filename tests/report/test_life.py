"""The life of a project in order, with the clocks of its stages, as far as its records tell."""

from dataclasses import replace
from datetime import datetime

import pytest

from hub.model import Record
from hub.report.life import Life, life
from hub.rules.clock import Limit
from hub.rules.contracts import Contracts
from hub.store.projects import Known
from tests.filled import CODE, CONTRACTS

NOW = datetime.fromisoformat("2026-11-20T17:30+08:00")
TEXTS = dict.fromkeys(("title_zh", "title_en", "source", "phrase", "lead"), "")


def known(entity: str, record_id: int, /, **values: object) -> Known:
    said: Record = {"project_code": CODE, **values}  # type: ignore[dict-item]
    about = {"key": str(record_id), "version": 1, "batch_id": 1, "deleted": False, "incomplete": (), "hidden": ()}
    return Known(entity, record_id, **about, provenance={}, values=said, disagreements={})  # type: ignore[arg-type]


def at(text: str) -> str:
    return f"2026-{text}:00+08:00"


def step(number: int, item: str, status: str, moment: str) -> Known:
    return known("approval_step", number, item_number=item, status=status, at=at(moment))


PROJECT = known("project", 1, name="城南小学", region_code="620702", flow_kind="3")
STAGE = known(
    "stage", 2, number="S1", ordinal="1", name="立项用地规划许可", limit_days=20, applied_at=at("11-02T09:00")
)
ITEM = known("approval_item", 3, number="A", name="立项", stage_number="S1", limit_days=5)
STEPS = (
    step(10, "A", "1", "11-02T09:00"),
    step(11, "A", "3", "11-03T09:00"),
    step(12, "A", "9", "11-05T09:00"),
    step(13, "A", "10", "11-10T09:00"),
    step(14, "A", "11", "11-12T17:30"),
)


def told(*rows: Known, contracts: Contracts = CONTRACTS) -> Life:
    return life(contracts, CODE, rows, now=NOW)


def test_a_stage_takes_the_time_of_its_items_without_what_was_suspended():
    (stage,) = told(PROJECT, STAGE, ITEM, *STEPS).stages
    (item,) = stage.items
    assert item.clock
    assert (item.clock.reading.used, item.clock.reading.days, item.clock.reading.light) == (4, 5, "yellow")
    assert item.clock.reading.ended == datetime.fromisoformat(at("11-12T17:30"))
    assert stage.clock
    assert (stage.clock.reading.used, stage.clock.reading.days, stage.clock.shared) == (4, 20, True)


def test_items_that_run_at_once_count_once_for_their_stage_and_their_project():
    other = known("approval_item", 4, number="B", stage_number="S1")
    steps = (*STEPS, step(15, "B", "3", "11-04T09:00"), step(16, "B", "11", "11-06T17:30"))
    found = told(PROJECT, STAGE, ITEM, other, *steps)
    (stage,) = found.stages
    assert [one.clock.reading.used for one in stage.items if one.clock] == [4, 2]
    assert stage.clock
    assert found.clock
    # from the 4th to the 6th, the second half of it the other item alone, then from the 10th to the 12th
    assert stage.clock.reading.used == found.clock.reading.used == 3 + 3


def test_the_cap_of_the_place_binds_a_project_and_not_its_stages():
    found = told(PROJECT, STAGE, ITEM, *STEPS)
    assert found.clock
    assert (found.clock.reading.days, found.clock.shared) == (65, False)
    assert found.clock.reading.limit
    assert found.clock.reading.limit.document == "zhangye_2021"
    assert [one.days for one in found.clock.others] == [90]


def test_a_draft_is_shown_beside_the_limit_that_the_source_shared():
    about = {"status": "draft", "since": None, "until": None, "regions": (), "scope": "stage", "of": "1", "when": {}}
    draft = Limit("d", **TEXTS, **about, days=1)  # type: ignore[arg-type]
    (stage,) = told(PROJECT, STAGE, ITEM, *STEPS, contracts=replace(CONTRACTS, limits=(draft,))).stages
    assert stage.clock
    assert (stage.clock.reading.days, stage.clock.shared, stage.clock.others) == (20, True, (draft,))


def test_a_suspended_item_stands_and_so_does_its_stage():
    (stage,) = told(PROJECT, STAGE, ITEM, *STEPS[:3]).stages
    assert stage.clock
    assert (stage.clock.reading.stands, stage.clock.reading.due, stage.clock.reading.used) == (True, None, 1)


@pytest.mark.parametrize(
    ("limit", "used"),
    [
        ({"limit_kind": "1", "limit_days": 3}, 1 + 8),  # it stands until the evening of Tuesday, the 10th
        ({"limit_kind": "2", "limit_days": 3}, 1 + 10),  # until Sunday night
        ({}, 1),
    ],
)
def test_a_special_procedure_without_an_end_lasts_as_long_as_its_limit(limit: dict[str, object], used: int):
    row = known("special_procedure", 20, item_number="A", kind="7", started_at=at("11-05T09:00"), **limit)
    (stage,) = told(PROJECT, STAGE, ITEM, *STEPS[:2], row).stages
    (item,) = stage.items
    assert item.clock
    assert item.clock.reading.used == used


def test_a_stage_without_items_runs_from_application_to_end_and_a_parallel_one_counts_to_no_project():
    done = known("stage", 5, number="S5", ordinal="5", applied_at=at("11-02T09:00"), finished_at=at("11-06T17:30"))
    found = told(PROJECT, done)
    (stage,) = found.stages
    assert stage.clock
    assert (stage.clock.reading.used, stage.clock.reading.light) == (4, "none")
    assert found.clock is None


def test_items_without_a_stage_come_last_and_deleted_records_not_at_all():
    loose = known("approval_item", 6, number="C")
    gone = replace(known("approval_item", 7, number="D"), deleted=True)
    stages = told(PROJECT, STAGE, ITEM, loose, gone).stages
    assert [(stage.known is None, [one.known.record_id for one in stage.items]) for stage in stages] == [
        (False, [3]),
        (True, [6]),
    ]


def test_a_connection_runs_from_application_to_connection_against_the_limit_of_the_place():
    water = known("utility_connection", 8, utility="water", number="W1", applied_on="2026-11-02", outside_line=False)
    (one,) = told(PROJECT, replace(water, values=water.values | {"connected_on": "2026-11-06"})).connections
    assert one.clock
    assert (one.clock.reading.used, one.clock.reading.days, one.clock.reading.light) == (3, 2, "red")
    (without,) = told(replace(PROJECT, values={}), water).connections
    assert without.clock
    assert without.clock.reading.light == "none"


def test_without_clock_rules_the_records_are_there_and_no_clock_runs():
    found = told(PROJECT, STAGE, ITEM, *STEPS, contracts=replace(CONTRACTS, clock=None))
    assert (found.clock, found.stages[0].clock) == (None, None)
    assert found.project == PROJECT
