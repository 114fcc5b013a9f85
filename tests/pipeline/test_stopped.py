"""A worker is stopped (SIGSTOP) in the middle: nobody else waits for long, and it writes nothing
when it wakes.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from hub.db import runs
from hub.errors import TransientError
from hub.settings import Settings
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.stopped import DESK, PLAN, ROWS, Partner, act, fill
from tests.pipeline.test_held_batches import verified
from tests.pipeline.test_killed import held
from tests.processes import Program

LIMITS = {"HUB_IDLE_SECONDS": "0.5", "HUB_LEASE_SECONDS": "1", "HUB_LOCK_WAIT_SECONDS": "20"}
WRITTEN = """
    select (select count(*) from hub.batch) as batches, (select count(*) from hub.landing)
        as landings,
           (select count(*) from hub.delivery_event) as events, (select count(*)
               from hub.delivery_batch) as sent,
           (select count(*) from hub.receipt) as receipts, (select count(*) from hub.comparison)
               as comparisons,
           (select array_agg(state order by id) from hub.run) as states
"""
STUCK = "select 1 from pg_locks where not granted and relation = %s::regclass"


@contextmanager
def stopped(small: Small, kind: str, table: str = "", **limits: str) -> Iterator[Program]:
    """A process that does this kind of work and is stopped where it is about to write to a table,
    else by itself.
    """
    environ = {**os.environ, **LIMITS, **limits}
    if not table:
        process = Program("tests.pipeline.stopped", small.url, kind, environ=environ)
        _until(lambda: _state(process.pid) == "T", process)
    else:
        with held(small.url, table), psycopg.connect(small.url, autocommit=True) as watch:
            process = Program("tests.pipeline.stopped", small.url, kind, environ=environ)
            _until(lambda: watch.execute(STUCK, (table,)).fetchone() is not None, process)
            process.send_signal(signal.SIGSTOP)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


def _until(holds, process: Program) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 60
    while not holds():
        assert process.poll() is None, "the worker ended before it was stopped"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def dead_runs_end(small: Small) -> None:
    """As upkeep does, until every run is over."""
    deadline = time.monotonic() + 30
    while small.rows("select from hub.run where state = 'running'"):
        with small.database.write() as tx:
            runs.end_dead(tx)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wakes(process: Program) -> int:
    process.send_signal(signal.SIGCONT)
    return process.wait(30)


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        *(("pull", "hub.batch"), ("pull", "hub.run"), ("copy", ""), ("push", "hub.delivery_event")),
        *(("receipts", "hub.receipt"), ("release", "hub.batch"), ("replay", "hub.batch")),
        ("reconcile", "hub.comparison"),
    ],
)
def test_nobody_waits_for_a_stopped_worker_and_it_writes_nothing_when_it_wakes(
    small: Small, kind: str, table: str
):
    settings = Settings(database_url=small.url, hash_key=b"test", hold_seconds=1)
    fill(kind, small.database, settings)
    with stopped(small, kind, table) as process:
        began = time.monotonic()
        dead_runs_end(small)
        small.pull(
            "pull.build.project",
            Source([{"id": "b", "code": "2405-520502-04-01-200001", "name": "乙"}]),
        )
        small.pull("pull.build.permit", Source([{"code": "", "number": "Z9"}]))
        small.wait_for_lapse()
        act(kind, small.database, settings)
        assert time.monotonic() - began < 20
        before = small.rows(WRITTEN)
        lost = small.rows("select cause->>'code' as code from hub.run where state = 'aborted'")
        assert [row["code"] for row in lost] == (
            [] if table == "hub.run" else ["flow.process_lost"]
        )
        assert wakes(process) != 0
        woken = small.rows(WRITTEN)
    if table == "hub.run":  # it had not begun: its start was taken back, and it says so
        assert woken[0]["batches"] == before[0]["batches"]
    else:
        assert woken == before
    assert verified(small) == []


def test_a_stopped_worker_keeps_no_other_system_from_beginning(small: Small):
    with stopped(small, "pull", "hub.batch") as process:
        began = time.monotonic()
        small.pull("pull.build.permit", Source([{"code": "", "number": "Z9"}]))
        assert time.monotonic() - began < 5
        assert _state(process.pid) == "T"


def test_what_a_sleeper_was_about_to_send_sets_no_partner_back(small: Small):
    settings = Settings(database_url=small.url, hash_key=b"test", hold_seconds=1)
    fill("sending", small.database, settings)
    desk = Partner()
    with stopped(small, "sending") as process:
        dead_runs_end(small)
        small.wait_for_lapse()
        act("sending", small.database, settings, desk)
        small.pull(
            PLAN, Source([{**ROWS[0], "code": "2405-520502-04-01-100001", "name": "丙", "at": "9"}])
        )
        act("sending", small.database, settings, desk)
        events = small.rows("select key, state from hub.delivery_event order by id")
        assert wakes(process) != 0
    assert len({key for key, _ in desk.bodies}) == len(desk.bodies) == 2
    assert small.rows("select key, state from hub.delivery_event order by id") == events
    (now,) = small.rows(
        f"select state, confirmed_body->>'mc' as name from hub.delivery where flow = '{DESK}'"  # noqa: S608
    )
    assert now == {"state": "confirmed", "name": "丙"}


def test_a_live_run_is_not_ended_by_another(small: Small):
    with stopped(small, "pull", "hub.batch", HUB_LEASE_SECONDS="60") as process:
        with small.database.write() as tx:
            ((_, alive),) = runs.end_dead(tx)
        assert alive.split()[1] == str(process.pid)
        with pytest.raises(TransientError, match=rf"flow\.already_running.*{process.pid}"):
            small.pull(PLAN, Source(ROWS))
    assert [row["state"] for row in small.rows("select state from hub.run")] == ["running"]
    small.pull(PLAN, Source(ROWS))  # its process is gone now, as can be seen from here
    assert [row["state"] for row in small.rows("select state from hub.run order by id")] == [
        "aborted",
        "complete",
    ]
