"""What a hostile review tried, and what must hold all the same."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from hub.db import runs
from hub.db.deliveries import outbox
from hub.errors import HubError
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"
PROJECTS, PERMITS = "push.desk.project", "push.desk.permit"


def test_two_releases_at_once_both_end_well(small: Small):
    """Every pull DAG ends with release(), upkeep calls it every two minutes: they meet."""
    small.pull(PERMIT, Source([{"code": CODE, "number": f"A{n}"} for n in range(20)]))
    small.pull(PLAN, Source([{"id": "1", "code": CODE, "name": "甲", "at": "1"}]))
    faults = []

    def release():
        try:
            small.release()
        except HubError as error:
            faults.append(str(error))

    with psycopg.connect(small.url) as brake:
        brake.execute("select pg_advisory_xact_lock(hashtextextended('entity:permit', 0))")
        both = [threading.Thread(target=release) for _ in range(2)]
        for number, one in enumerate(both, 1):
            one.start()
            small.wait_while(
                f"select where (select count(*) from pg_locks where not granted) < {number}"  # noqa: S608
            )
    for one in both:
        one.join(20)
    assert faults == []


def test_a_child_goes_to_no_target_from_which_its_parent_was_withdrawn(small: Small):
    desk = Desk()
    row = {"id": "1", "code": CODE, "name": "甲", "at": "1"}
    small.pull(PLAN, Source([row]))
    small.push(PROJECTS, desk)
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.pull(PLAN, Source([row | {"at": "2", "gone": "1"}]))
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}  # the withdrawal
    assert small.push(PERMITS, Desk(receipts=True)) == {"due": 1, "blocked": 1}


def test_a_deleted_count_comes_from_the_database(small: Small):
    small.pull(PLAN, Source([{"id": "p", "code": CODE, "name": "立项", "at": "1"}]))
    small.rows(
        "create function public.keep() returns trigger language plpgsql as 'begin return null; "
        "end';"
        "create trigger keep before delete on source.project for each row execute function "
        "keep(); select 1"
    )
    with pytest.raises(Exception, match="conservation"):
        small.pull(
            PLAN, Source([{"id": "p", "code": CODE, "name": "立项", "at": "2", "gone": "1"}])
        )


def test_a_confirmation_that_came_twice_is_counted_and_told_once(small: Small):
    class Slow(Desk):
        def send(self, write, items):
            small.wait_for_lapse()
            small.push(PROJECTS, Desk())
            return super().send(write, items)

    small.pull(PLAN, Source([{"id": "1", "code": CODE, "name": "甲", "at": "1"}]))
    small.push(PROJECTS, Slow())
    assert len(small.rows("select from hub.delivery_event where state = 'confirmed'")) == 1
    assert small.rows("select sum(confirmed)::int as n from hub.delivery_batch") == [{"n": 1}]


def test_two_flows_that_merge_one_record_at_once_both_count(small: Small):
    """Each reads what the other has said, or waits until it has been said."""
    row = {"id": "1", "code": CODE, "name": "甲"}
    small.pull(PLAN, Source([row | {"at": "1"}]))
    small.pull(BUILD, Source([row | {"start": "2026-05-01"}]))
    pulls = [
        threading.Thread(target=small.pull, args=(PLAN, Source([row | {"at": "2", "money": "5"}]))),
        threading.Thread(target=small.pull, args=(BUILD, Source([row | {"start": "2026-06-01"}]))),
    ]
    with psycopg.connect(small.url) as brake:
        brake.execute("select from golden.project for update")
        for number, one in enumerate(pulls, 1):
            one.start()
            small.wait_while(
                f"select where (select count(*) from pg_locks where not granted) < {number}"  # noqa: S608
            )
    for one in pulls:
        one.join(20)
    golden = small.golden()[CODE]
    assert (golden["investment"], str(golden["planned_start"])) == (50_000, "2026-06-01")


def test_a_run_that_says_again_that_it_lives_is_not_ended(small: Small):
    """Its lease was over when somebody looked, and is renewed before he ends it."""
    process = small.database.process
    with small.database.write() as tx:
        run = runs.start(tx, PROJECTS, "push", lease=runs.Lease(process, 0))
    alive = []

    def end():
        with small.database.write() as tx:
            alive.extend(runs.end_dead(tx))

    ending = threading.Thread(target=end)
    with psycopg.connect(small.url) as renewing:
        renewing.execute("update hub.run set lease_until = clock_timestamp() + interval '1 hour'")
        ending.start()
        small.wait_while("select where not exists (select from pg_locks where not granted)")
    ending.join(20)
    assert alive == [(run.id, process)]
    assert small.rows("select state from hub.run") == [{"state": "running"}]


def test_marks_of_a_whole_table_lock_in_the_order_in_which_results_are_stored(small: Small):
    """Else a push that stores its results and a changed mapping that marks all stop each other."""
    rows = [{"id": str(n), "code": CODE[:-1] + str(n), "name": "甲", "at": "1"} for n in (1, 2, 3)]
    small.pull(PLAN, Source(rows))
    small.push(PROJECTS, Desk())
    found = small.rows("select record_id from golden.project order by record_id")
    first, last = found[0]["record_id"], found[-1]["record_id"]
    # A changed row moves behind the others, so that it is read last where nobody says an order.
    small.rows(
        f"update golden.project set version = version where record_id = {first} returning 1"  # noqa: S608
    )
    lock = "select from hub.delivery where record_id = %s for update"
    with ThreadPoolExecutor(1) as other, psycopg.connect(small.url) as settling:

        def mark() -> None:
            with small.database.write() as tx:
                outbox.mark_all(tx, PROJECTS, "project")

        settling.execute(lock, [first])
        marking = other.submit(mark)
        small.wait_while("select where not exists (select from pg_locks where not granted)")
        settling.execute(lock, [last])
        settling.commit()
        marking.result(30)
    assert small.push(PROJECTS, Desk())["due"] == 3
