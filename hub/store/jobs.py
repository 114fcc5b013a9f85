"""Replays that people have started: who, what, how far, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from hub.errors import Fault
from hub.model import Json
from hub.store.database import Transaction
from hub.store.quarantine import Selection
from hub.store.reading import fault_of

ADD = "insert into hub.job (asked, asked_by, total) values (%s, %s, %s) returning id"
ALIVE = "select pg_advisory_lock(hashtextextended('job:' || %s::bigint, 0))"
REACHED = "update hub.job set done = %s where id = %s"
END = """
    update hub.job set state = %(state)s, done = coalesce(%(done)s, done), marked = %(marked)s, runs = %(runs)s,
                       cause = %(cause)s, ended_at = clock_timestamp()
     where id = %(id)s and state = 'running'
"""
# Whoever does a job holds its lock: one that is free belongs to a process that has gone.
ABORT = """
    update hub.job set state = 'aborted', ended_at = clock_timestamp()
     where state = 'running' and pg_try_advisory_xact_lock(hashtextextended('job:' || id, 0))
"""
JOBS = """
    select id, asked, asked_by, state, total, done, marked, runs, cause, started_at, ended_at from hub.job
     where %(id)s::bigint is null or id = %(id)s order by id desc limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One replay. total: entries selected when it began; marked: deliveries that go out again with the next push."""

    id: int
    asked: dict[str, Json]
    asked_by: str
    state: str
    total: int
    done: int
    marked: int
    runs: list[int]
    cause: dict[str, Json] | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def fault(self) -> Fault | None:
        """What stopped it, if anything has."""
        return fault_of(self.cause) if self.cause else None


def add(tx: Transaction, selection: Selection, *, by: str, total: int) -> int:
    """Begin a job; this connection holds its lock from here on. Give its number."""
    for (job,) in tx.execute(ADD, (Jsonb(selection.bound()), by, total)).fetchall():
        tx.execute(ALIVE, (job,))
    return int(job)


def reached(tx: Transaction, job: int, done: int) -> None:
    """Note how far a job is."""
    tx.execute(REACHED, (done, job))


def end(
    tx: Transaction,
    job: int,
    state: str,
    *,
    fault: Fault | None = None,
    done: int | None = None,
    marked: int = 0,
    runs: tuple[int, ...] = (),
) -> None:
    """Close a job with what came of it."""
    cause = Jsonb({"code": fault.code, "facts": dict(fault.facts)}) if fault else None
    asked = {"id": job, "state": state, "done": done, "marked": marked, "runs": list(runs), "cause": cause}
    tx.execute(END, asked)


def jobs(tx: Transaction, *, job: int | None = None, most: int = 20) -> list[Job]:
    """Jobs, newest first; those whose process has gone are closed as aborted before."""
    tx.execute(ABORT)
    with tx.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(JOBS, {"id": job, "most": most}).fetchall()
