"""Replay jobs started by people: selection, progress, outcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.db import processes
from hub.db.database import Transaction
from hub.db.quarantine import Selection
from hub.db.rows import fault_of, rows
from hub.db.runs import Lease
from hub.errors import Fault
from hub.model import Json

State: TypeAlias = Literal["running", "complete", "failed", "aborted"]

ADD = """
    insert into hub.job (asked, asked_by, total, process, lease_until)
    values (%s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s)) returning id
"""
REACHED = """
    update hub.job set done = %s, lease_until = clock_timestamp() + make_interval(secs => %s)
     where id = %s and state = 'running'
"""
END = """
    update hub.job set state = %(state)s, done = coalesce(%(done)s, done), marked = %(marked)s,
        runs = %(runs)s,
                       cause = %(cause)s, ended_at = clock_timestamp()
     where id = %(id)s and state = 'running'
"""
UNDER_WAY = "select id, process from hub.job where state = 'running'"
# Process ended, or lease lapsed.
ABORT = """
    update hub.job set state = 'aborted', ended_at = clock_timestamp()
     where state = 'running' and (id = any(%s) or coalesce(lease_until < clock_timestamp(), true))
"""
JOBS = """
    select id, asked, asked_by, state, total, done, marked, runs, cause, started_at, ended_at
        from hub.job
     where %(id)s::bigint is null or id = %(id)s order by id desc limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One replay. total: entries selected at its start; marked: deliveries marked due."""

    id: int
    asked: dict[str, JsonValue]
    asked_by: str
    state: State
    total: int
    done: int
    marked: int
    runs: list[int]
    cause: dict[str, Json] | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def fault(self) -> Fault | None:
        """The error that stopped it, if any."""
        return fault_of(self.cause) if self.cause else None


def add(tx: Transaction, selection: Selection, *, by: str, total: int, lease: Lease) -> int:
    """Create a job; gives its number."""
    asked = (Jsonb(selection.bound()), by, total, lease.process, lease.seconds)
    (job,) = tx.execute(ADD, asked).fetchone() or (0,)
    return int(job)


def reached(tx: Transaction, job: int, done: int, *, lease: Lease) -> None:
    """Store the progress of a job and renew its lease."""
    tx.execute(REACHED, (done, lease.seconds, job))


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
    """Close a job with its outcome."""
    cause = Jsonb({"code": fault.code, "facts": dict(fault.facts)}) if fault else None
    asked = {
        "id": job,
        "state": state,
        "done": done,
        "marked": marked,
        "runs": list(runs),
        "cause": cause,
    }
    tx.execute(END, asked)


def jobs(tx: Transaction, *, job: int | None = None, most: int = 20) -> list[Job]:
    """Jobs, newest first; first closes as aborted those whose process ended or lease lapsed."""
    gone = [number for number, process in tx.execute(UNDER_WAY) if processes.is_gone(process)]
    tx.execute(ABORT, (gone,))
    return rows(tx, Job, JOBS, id=job, most=most)
