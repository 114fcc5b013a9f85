"""Replay jobs: a replay started by a person in the background, with its progress.

A job has a row from the start and a lease renewed after each batch; a process that dies leaves a
row that is read as aborted, and entries that can be replayed again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from hub.auth.context import RequestContext
from hub.db import quarantine
from hub.db.database import Database
from hub.db.quarantine import Selection, jobs
from hub.db.quarantine.jobs import Job, State
from hub.db.runs import Lease
from hub.errors import Fault, FlowError, HubError
from hub.pipeline import replay
from hub.pipeline.replay import Replayed
from hub.services import failures
from hub.services.failures import FaultText
from hub.services.view import extended

__all__ = ["JobView", "carry_out", "listed", "one"]

log = logging.getLogger(__name__)

Work = Callable[[replay.Progress], Replayed]


@dataclass(frozen=True, slots=True)
class JobView:
    """A replay and its progress.

    total: entries selected at the start; marked: deliveries to be sent with the next push; why:
    what stopped it.
    """

    id: int
    asked: dict[str, JsonValue]
    asked_by: str
    state: State
    total: int
    done: int
    marked: int
    runs: list[int]
    why: FaultText | None
    started_at: datetime
    ended_at: datetime | None


def listed(context: RequestContext, *, most: int = 20) -> list[JobView]:
    """Replay jobs, newest first."""
    with context.hub.database.write() as tx:
        return [_view(row) for row in jobs.jobs(tx, most=most)]


def one(context: RequestContext, number: int) -> JobView:
    """One job; FlowError (ask.job_unknown) where there is none."""
    with context.hub.database.write() as tx:
        found = jobs.jobs(tx, job=number)
    if not found:
        raise FlowError("ask.job_unknown", id=number)
    return _view(found[0])


def _view(row: Job) -> JobView:
    return extended(row, JobView, why=failures.fault_text(row.fault) if row.fault else None)


def carry_out(
    database: Database,
    selection: Selection,
    work: Work,
    *,
    by: str,
    begun: Callable[[int], None],
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Run a replay as a job. begun: gets its number first. stopping: True ends it after a batch."""
    lease = Lease(
        database.process, database.waits.transaction + database.waits.lease
    )  # a batch is a transaction
    with database.write() as tx:
        job = jobs.add(tx, selection, by=by, total=quarantine.count(tx, selection), lease=lease)
    begun(job)

    def reached(count: int) -> None:
        with database.write() as tx:
            jobs.reached(tx, job, count, lease=lease)
        if stopping():
            raise FlowError("flow.replay_stopped")

    try:
        done = work(reached)
    except HubError as error:
        _failed(database, job, Fault("", error.code, error.facts))
    except Exception as error:
        log.exception("replay failed", extra={"job": job})
        _failed(database, job, Fault("", "hub.failed", {"reason": type(error).__name__}))
    else:
        with database.write() as tx:
            jobs.end(
                tx,
                job,
                "complete",
                done=done.applied + done.marked,
                marked=done.marked,
                runs=done.runs,
            )


def _failed(database: Database, job: int, fault: Fault) -> None:
    with database.write() as tx:
        jobs.end(tx, job, "failed", fault=fault)
