"""A worker dies by kill -9, each time held at a statement in the middle of a transaction by a lock
of the test's.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.pipeline.conftest import Small
from tests.pipeline.killed import BATCH, COUNT
from tests.processes import Program

BRAKE = (
    "create table public.brake (id int)",
    """
    create function public.wait_at_the_third() returns trigger language plpgsql as $$
    begin
        if (select count(*) from hub.batch) = 2 then lock table brake
            in access exclusive mode; end if;
        return new;
    end $$
    """,
    (
        "create trigger wait before insert on hub.batch for each row execute function "
        "wait_at_the_third()"
    ),
)


@contextmanager
def held(url: str, table: str) -> Iterator[None]:
    """Nobody else gets past a statement on this table."""
    with psycopg.connect(url) as connection:
        connection.execute(f"lock table {table} in access exclusive mode")  # type: ignore[arg-type]
        yield


def run(url: str, *words: str) -> Program:
    return Program("tests.pipeline.killed", url, *words, environ=os.environ)


def kill_when_stuck(process: Program, url: str, table: str) -> None:
    """Wait until the process stands at the lock, then kill it as the kernel would."""
    waiting = "select 1 from pg_locks where not granted and relation = %s::regclass"
    with psycopg.connect(url, autocommit=True) as watch:
        for _ in range(600):
            assert process.poll() is None, "the worker ended before it could be killed"
            if watch.execute(waiting, (table,)).fetchone():
                break
            time.sleep(0.05)
        else:
            pytest.fail("the worker never reached the lock")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def finish(url: str, *words: str) -> None:
    assert run(url, *words).wait(timeout=60) == 0


@pytest.mark.parametrize(
    "table",
    [
        "hub.landing",
        "hub.record",
        "source.project",
        "hub.quarantine",
        "hub.head",
        "golden.project",
        "hub.delivery",
    ],
)
def test_intake_killed_in_the_middle_of_a_batch_loses_nothing_and_doubles_nothing(
    small: Small, table: str
):
    with held(small.url, table):
        worker = run(small.url, "pull")
        kill_when_stuck(worker, small.url, table)
    assert small.rows("select from hub.batch") == []
    finish(small.url, "pull")
    assert len(small.golden()) == COUNT
    assert len(small.rows("select from hub.landing")) == COUNT
    assert [row["state"] for row in small.rows("select state from hub.run order by id")] == [
        "aborted",
        "complete",
    ]
    (total,) = small.rows(
        "select sum(read)::int as read, sum(created)::int as created from hub.batch"
    )
    assert total == {"read": COUNT, "created": COUNT}


def test_intake_killed_after_some_batches_goes_on_after_them(small: Small):
    for statement in BRAKE:
        small.rows(f"{statement}; select 1")
    with held(small.url, "brake"):
        worker = run(small.url, "pull")
        kill_when_stuck(worker, small.url, "brake")
    before = len(small.golden())
    assert before == 2 * BATCH
    finish(small.url, "pull")
    assert len(small.golden()) == COUNT
    assert len(small.rows("select from hub.landing")) == COUNT


@pytest.mark.parametrize("table", ["hub.delivery_event", "hub.delivery_batch"])
def test_a_push_killed_between_send_and_mark_repeats_the_same_key(
    small: Small, tmp_path: Path, table: str
):
    finish(small.url, "pull")
    with held(small.url, table):
        worker = run(small.url, "push", str(tmp_path))
        kill_when_stuck(worker, small.url, table)
    sent_before = {file.name for file in tmp_path.glob("[!.]*")}
    assert sent_before
    small.wait_for_lapse()
    finish(small.url, "push", str(tmp_path))
    sent_after = {
        file.name: json.loads(file.read_text())["sent"] for file in tmp_path.glob("[!.]*")
    }
    assert len(sent_after) == COUNT
    assert {name for name, times in sent_after.items() if times == 2} == sent_before
    assert set(sent_after.values()) <= {1, 2}
    states = small.rows(
        "select state, count(*) from hub.delivery where flow = 'push.desk.project' group by 1"
    )
    assert states == [{"state": "confirmed", "count": COUNT}]
    (sums,) = small.rows(
        "select sum(due)::int as due, sum(confirmed)::int as confirmed from hub.delivery_batch"
    )
    assert sums == {"due": COUNT, "confirmed": COUNT}
