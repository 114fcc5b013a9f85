"""A replay that somebody has started: how far it is, what came of it, and what is left of one that
died.
"""

import pytest

from hub.auth.context import operating
from hub.db.quarantine import Selection, jobs, remarks
from hub.db.quarantine.jobs import Job
from hub.db.runs import Lease
from hub.errors import FlowError
from hub.services import quarantine
from tests.filled import Filled

BAD = Selection(cause="record.code_unknown /xmlx")


def job_of(filled: Filled, number: int) -> Job:
    with filled.hub.database.write() as tx:
        (found,) = jobs.jobs(tx, job=number)
    return found


def finished(filled: Filled, number: int) -> Job:
    """The job once its thread has ended."""
    for thread in filled.hub._jobs:
        thread.join()
    return job_of(filled, number)


def test_a_replay_that_was_started_tells_how_far_it_is_and_what_came_of_it(filled: Filled):
    number = quarantine.replay_soon(operating(filled.hub, "张三"), BAD)
    done = finished(filled, number)
    assert (done.state, done.total, done.done, done.asked_by) == ("complete", 1, 1, "张三")
    (run,) = done.runs
    assert filled.counts(run) == {"read": 1, "quarantined": 1}


def test_a_job_whose_process_died_is_read_as_aborted(filled: Filled):
    filled.execute("insert into hub.job (asked, asked_by, total) values ('{}', 'x', 7)")
    with filled.hub.database.write() as tx:
        (found,) = jobs.jobs(tx)
    assert (found.state, found.ended_at is not None) == ("aborted", True)


def test_a_job_that_is_alive_is_not_taken_for_dead(filled: Filled):
    database = filled.hub.database
    lease = Lease(database.process, 60)
    with database.write() as tx:
        number = jobs.add(tx, BAD, by="x", total=3, lease=lease)
        jobs.reached(tx, number, 2, lease=lease)
    assert (job_of(filled, number).state, job_of(filled, number).done) == ("running", 2)
    filled.execute("update hub.job set lease_until = now()")
    assert job_of(filled, number).state == "aborted"


def test_a_hub_that_closes_ends_a_replay_with_its_batch_and_says_so(filled: Filled):
    filled.hub.closing.set()
    number = quarantine.replay_soon(operating(filled.hub, "x"), BAD)
    done = finished(filled, number)
    assert (done.state, done.fault and done.fault.code) == ("failed", "flow.replay_stopped")


def test_entries_are_assigned_and_given_back(filled: Filled):
    assert quarantine.assign(operating(filled.hub, "x"), BAD, to="李四") == 1
    assert filled.rows("select assignee from hub.quarantine") == [{"assignee": "李四"}]
    assert quarantine.assign(operating(filled.hub, "x"), BAD, to=None) == 1
    assert filled.rows("select assignee from hub.quarantine") == [{"assignee": None}]


def test_an_entry_that_fails_again_stays_with_who_saw_to_it(filled: Filled):
    quarantine.assign(operating(filled.hub, "x"), BAD, to="李四")
    filled.hub.replay(BAD)
    rows = filled.rows("select id, state, assignee from hub.quarantine order by id")
    assert [(row["state"], row["assignee"]) for row in rows] == [
        ("overtaken", "李四"),
        ("open", "李四"),
    ]


def test_remarks_on_a_cause_are_shown_with_each_of_its_entries(filled: Filled):
    flow, cause = "pull.investment.project", "record.code_unknown /xmlx"
    quarantine.remark(operating(filled.hub, "张三"), "来源已联系", flow=flow, cause=cause)
    quarantine.remark(operating(filled.hub, "李四"), "此条另有原因", entry=1)
    with filled.hub.database.write() as tx:
        said = remarks(tx, flow=flow, cause=cause, entry=1)
        of_another = remarks(tx, flow=flow, cause=cause, entry=2)
    assert [(one.said_by, one.entry_id) for one in said] == [("张三", None), ("李四", 1)]
    assert [one.said_by for one in of_another] == ["张三"]
    with pytest.raises(FlowError, match=r"ask\.entry_unknown"):
        quarantine.remark(operating(filled.hub, "x"), "?", entry=999)
