"""Marks and disagreements of many records in one statement, beside the statements that say in the
plainest way what must come of them.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from hub.db.database import Transaction
from hub.db.deliveries import outbox
from hub.db.records.disagreements import put_disagreements
from hub.model import Value
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE

PLAN, PERMIT = "pull.plan.project", "pull.build.permit"
PROJECTS, PERMITS = "push.desk.project", "push.desk.permit"
DELIVERIES = "select * from hub.delivery order by flow, record_id"
DISAGREEMENTS = "select * from hub.disagreement order by record_id, field"
PLAINLY = """
    insert into hub.delivery (flow, record_id, uncertain)
    select f, r, hub.recovers(f) from unnest(%s::text[]) f, unnest(%s::bigint[]) r
    on conflict (flow, record_id) do update set dirty = true
"""


def filled(small: Small) -> list[int]:
    """Five projects: delivered, delivered and due again, due, never marked, refused."""
    codes = [CODE[:-1] + str(n) for n in range(1, 6)]
    rows = [{"id": code, "code": code, "name": "甲", "at": "1"} for code in codes]
    small.pull(PLAN, Source(rows))
    small.pull(PERMIT, Source([{"code": codes[0], "number": "A1"}]))
    small.push(PROJECTS, Desk())
    found = small.rows("select record_id from golden.project order by record_id")
    ids = [int(row["record_id"]) for row in found]
    with small.database.write() as tx:
        tx.execute("update hub.delivery set dirty = true where record_id = %s", (ids[1],))
        tx.execute(
            "update hub.delivery set dirty = true, state = 'due' where record_id = %s", (ids[2],)
        )
        tx.execute("delete from hub.delivery where record_id = %s", (ids[3],))
        tx.execute("update hub.delivery set state = 'rejected' where record_id = %s", (ids[4],))
    return ids


def contents(tx: Transaction, query: str) -> list[tuple[object, ...]]:
    return tx.execute(query.encode()).fetchall()


def after(
    small: Small, query: str, act: Callable[[Transaction], object]
) -> list[tuple[object, ...]]:
    """What a table holds after an act that is taken back."""
    with small.database.write() as tx, tx.transaction(force_rollback=True):
        act(tx)
        return contents(tx, query)


def without_times(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [tuple(cell for cell in row if not hasattr(cell, "tzinfo")) for row in rows]


def test_marks_are_those_of_one_plain_upsert(small: Small):
    ids, flows = filled(small), [PROJECTS, PERMITS]
    plain = after(small, DELIVERIES, lambda tx: tx.execute(PLAINLY, (flows, ids)))
    marked = after(small, DELIVERIES, lambda tx: outbox.mark(tx, flows, reversed(ids)))
    assert without_times(marked) == without_times(plain)
    assert len(marked) > len(small.rows(DELIVERIES))


def test_marks_of_new_records_are_those_of_one_plain_upsert(small: Small):
    filled(small)
    flows, new = [PROJECTS, PERMITS], [10**9 + n for n in range(3)]
    plain = after(small, DELIVERIES, lambda tx: tx.execute(PLAINLY, (flows, new)))
    marked = after(small, DELIVERIES, lambda tx: outbox.mark_new(tx, flows, new))
    assert without_times(marked) == without_times(plain)


def test_records_that_quote_a_project_are_marked_with_it(small: Small):
    filled(small)
    with small.database.write() as tx:
        tx.execute("update hub.delivery set dirty = false")
        outbox.mark_of_projects(tx, {"permit": [PERMITS], "project": [PROJECTS]}, [CODE])
    with small.database.read() as tx:
        found = tx.execute(
            "select d.flow, r.key from hub.delivery d join hub.record r on r.id = d.record_id "
            "where d.dirty order by 1"
        ).fetchall()
    assert found == [(PERMITS, "A1"), (PROJECTS, CODE)]


@pytest.mark.parametrize("standing", [True, False], ids=["known", "unknown"])
def test_a_mark_waits_for_whoever_freezes_and_is_not_lost(small: Small, *, standing: bool):
    """A push has read the golden record before it changed, and says `not dirty` at its end."""
    ids = filled(small)
    record = ids[1] if standing else ids[3]
    freeze = (
        "insert into hub.delivery (flow, record_id, dirty) values (%s, %s, false) "
        "on conflict (flow, record_id) do update set dirty = false"
    )
    with ThreadPoolExecutor(1) as other, psycopg.connect(small.url) as freezing:

        def mark() -> None:
            with small.database.write() as tx:
                outbox.mark(tx, [PROJECTS], ids)

        freezing.execute(freeze, [PROJECTS, record])
        marking = other.submit(mark)
        small.wait_while("select where not exists (select from pg_locks where not granted)")
        freezing.commit()
        marking.result(30)
    dirty = f"select dirty from hub.delivery where flow = '{PROJECTS}' and record_id = {record}"  # noqa: S608
    assert small.rows(dirty) == [{"dirty": True}]


def test_disagreements_open_change_close_and_open_again(small: Small):
    """Each in one call, beside one that stays as it is and one of another record."""
    ids = filled(small)

    def said(one: Value, other: Value) -> tuple[tuple[str, Value], ...]:
        return (("plan", one), ("build", other))

    def put(tx: Transaction, found: dict[int, dict[str, tuple[tuple[str, Value], ...]]]) -> None:
        put_disagreements(tx, ids[:2], found)

    with small.database.write() as tx:
        put_disagreements(tx, ids[2:3], {ids[2]: {"name": said("x", "y")}})
        put(tx, {ids[0]: {"name": said("a", "b"), "area": said("1", "2"), "start": said("3", "4")}})
        before = {row[:2]: row for row in contents(tx, DISAGREEMENTS)}
    with small.database.write() as tx:
        put(tx, {ids[0]: {"name": said("a", "b"), "area": said("1", "3")}, ids[1]: {}})
        found = {row[:2]: row for row in contents(tx, DISAGREEMENTS)}
    assert found[ids[2], "name"] == before[ids[2], "name"]
    assert found[ids[0], "name"] == before[ids[0], "name"]
    assert found[ids[0], "area"][2][1]["value"] == "3"
    assert found[ids[0], "area"][3:] == before[ids[0], "area"][3:]
    assert found[ids[0], "start"][4] is not None
    with small.database.write() as tx:
        put(tx, {ids[0]: {"start": said("3", "4")}})
        again = {row[:2]: row for row in contents(tx, DISAGREEMENTS)}
    assert again[ids[0], "start"][4] is None
    assert again[ids[0], "start"][3] > before[ids[0], "start"][3]
    assert (again[ids[0], "name"][4], again[ids[0], "area"][4]) != (None, None)
    with small.database.write() as tx:
        put(tx, {})
        assert [row[:2] for row in contents(tx, DISAGREEMENTS) if row[4] is None] == [
            (ids[2], "name")
        ]
