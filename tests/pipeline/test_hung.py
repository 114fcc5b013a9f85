"""A run that hangs says no more that it lives; a release goes round what others hold; leases come
to rows of before.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from hub.db import records
from hub.db.database import Database
from hub.errors import FlowError, TransientError
from hub.pipeline import replay
from hub.settings import Timeouts
from tests.auth.test_carried_over import upgrade
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.test_intake import BUILD, PERMIT, PLAN, project
from tests.pipeline.test_stopped import dead_runs_end

CODE = "2405-520502-04-01-200001"


def test_a_run_that_gets_no_further_is_over_once_its_lease_is(small: Small):
    """Its process is alive and well, and its connector gives nothing for longer than
    HUB_STALL_SECONDS.
    """
    small.database = Database(small.url, key=b"test", waits=Timeouts(lease=1.0, stall=0.5))
    source, reached, on = Source([project(1)]), Event(), Event()

    def hang(_start: int) -> None:
        reached.set()
        on.wait(60)

    source.before = hang
    with ThreadPoolExecutor() as pool:
        hung = pool.submit(small.pull, PLAN, source)
        assert reached.wait(30)
        try:
            dead_runs_end(small)
            assert small.pull(BUILD, Source([project(2)])) == {"read": 1, "created": 1}
        finally:
            on.set()
        with pytest.raises(FlowError, match=r"^flow\.fence_lost"):
            hung.result(30)
    states = small.rows("select flow, state, cause->>'code' as code from hub.run order by id")
    assert [tuple(row.values()) for row in states] == [
        (PLAN, "aborted", "flow.process_lost"),
        (BUILD, "complete", None),
    ]
    assert small.rows("select from hub.batch where flow = 'pull.plan.project'") == []


def test_a_release_goes_round_what_others_hold_and_tells_of_it(small: Small):
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.pull(PLAN, Source([{"id": 1, "at": 1, "code": CODE, "name": "甲"}]))
    impatient = Database(small.url, key=b"test", waits=Timeouts(lock=0.2))
    with small.database.write() as tx:
        records.lock_entity(tx, "project")  # another run is at projects
        with pytest.raises(TransientError, match=r"^database\.lock_held"):
            replay.release(impatient, small.contracts)
    impatient.close()
    assert small.rows("select number from golden.permit") == [{"number": "A1"}]
    assert small.rows("select from hub.waiting") == []


def test_runs_and_jobs_of_before_leases_are_over_after_the_upgrade(empty_database_url: str):
    """Whether they live cannot be known: nobody has said so."""
    upgrade(empty_database_url, "0043")
    database = Database(empty_database_url)
    with database.write() as tx:
        tx.execute("insert into hub.flow (name) values ('pull.a.project'), ('pull.b.project')")
        tx.execute("""
            insert into hub.run (flow, kind, state, ended_at)
            values ('pull.a.project', 'pull', 'complete', now()), ('pull.b.project', 'pull',
                'running', null)
        """)
    upgrade(empty_database_url, "head")
    with database.write() as tx:
        old = tx.execute(
            "select flow, state, process, lease_until from hub.run order by id"
        ).fetchall()
    assert old == [
        ("pull.a.project", "complete", "", None),
        ("pull.b.project", "running", "", None),
    ]
    small = Small(empty_database_url, None)  # type: ignore[arg-type] -- only its rows are looked at
    dead_runs_end(small)
    states = small.rows("select state, cause->>'code' as code from hub.run order by id")
    assert [tuple(row.values()) for row in states] == [
        ("complete", None),
        ("aborted", "flow.process_lost"),
    ]
    database.close()
    small.database.close()
