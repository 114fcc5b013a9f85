"""What is prepared without a lock is looked at again under it."""

import json

import psycopg
import pytest

from hub.db import runs
from hub.db.database import Database, draw
from hub.model import Raw
from hub.pipeline import intake, verify
from hub.pipeline.batches import RawBatch
from hub.pipeline.prepare import Intake, PreparedBatch, prepare
from hub.pipeline.run_lifecycle import running
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.test_intake import BUILD, PLAN, project

CHANGED = "update hub.head set hash = sha224('x'), version = '00000000000000000000'"


def batch_of(rows: list[dict[str, object]]) -> RawBatch:
    records = tuple(Raw(json.dumps(row).encode(), str(index)) for index, row in enumerate(rows))
    return RawBatch(records, len(records), resume=None, high=None, last=True)


def take_in(small: Small, batch: RawBatch, *, between: str = "") -> dict[str, int]:
    """Prepare a batch, let something happen, and take it in."""
    flow = small.contracts.pulls[PLAN]
    with running(small.database, flow.name, "pull") as (run, _):
        with small.database.write() as tx:
            contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
        work = Intake(small.contracts, flow, small.settings, run, contract)
        prepared: PreparedBatch = prepare(small.database, work, batch)
        if between:
            with psycopg.connect(small.url) as connection:
                connection.execute(between)  # type: ignore[call-overload]
        with small.database.write() as tx:
            intake.take_in(tx, work, prepared, after={})
    return small.sums(run.id)


@pytest.fixture
def rows(small: Small) -> list[dict[str, object]]:
    some = [project(number) for number in range(3)]
    take_in(small, batch_of(some))
    return some


def test_a_batch_that_is_known_is_taken_in_as_known(small: Small, rows: list[dict[str, object]]):
    assert take_in(small, batch_of(rows)) == {"read": 3, "unchanged": 3}


def test_a_head_that_has_changed_since_is_noticed(small: Small, rows: list[dict[str, object]]):
    assert take_in(small, batch_of(rows), between=f"{CHANGED} where key = 'p1'") == {
        "read": 3,
        "unchanged": 2,
        "changed": 1,
    }


def test_a_record_that_another_has_taken_in_since_is_not_taken_in_twice(small: Small):
    batch = batch_of([project(1), project(2)])
    flow = small.contracts.pulls[PLAN]
    with running(small.database, flow.name, "pull") as (run, _):
        with small.database.write() as tx:
            contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
        work = Intake(small.contracts, flow, small.settings, run, contract)
        ahead = [prepare(small.database, work, batch) for _ in range(2)]
        for prepared in ahead:
            with small.database.write() as tx:
                intake.take_in(tx, work, prepared, after={})
    assert small.sums(run.id) == {"read": 4, "created": 2, "unchanged": 2}


def test_new_records_stand_as_settling_would_have_them(small: Small):
    """Made in place by SQL; what `settle` says of the same claims must be equal."""
    small.pull(
        PLAN,
        Source([project(1, start="2026-01-02", money=None), project(2, name="另一", money="3")]),
    )
    small.pull(BUILD, Source([{"id": "b", "code": project(7)["code"], "start": "2026-05-06"}]))
    twice = [project(4), project(4, id="p4b", name="同码", at="2")]
    assert small.pull(PLAN, Source(twice)) == {"read": 2, "created": 2}
    assert verify.verify(small.database, small.contracts, small.settings).wrong == 0
    assert len(small.golden()) == 4
    lacking = {key[-1]: row["incomplete"] for key, row in small.golden().items()}
    assert lacking == {"1": [], "2": [], "4": [], "7": ["name"]}


def test_numbers_are_drawn_once_however_two_draw(small: Small):
    one, other = (
        Database(small.url, key=small.settings.hash_key, most=1),
        Database(small.url, key=small.settings.hash_key, most=1),
    )
    drawn: list[int] = []
    with one.write() as tx, other.write() as ty:
        for count in (3, 1, 5, 0):
            drawn += [*draw(tx, "hub.event_seq", count), *draw(ty, "hub.event_seq", count)]
    one.close()
    other.close()
    assert len(drawn) == len(set(drawn)) == 18
