"""open entries -> (replay): the same as `replay`, begun by a person and told step by step, so that others see how far.

A job has a row from its first moment and says after each batch that it lives; a process that dies or stops in the
middle leaves a row that is read as aborted, and entries that can be replayed again.
"""

import logging
from collections.abc import Callable

from hub.db import jobs, quarantine
from hub.db.database import Database
from hub.db.quarantine import Selection
from hub.db.runs import Lease
from hub.errors import Fault, FlowError, HubError
from hub.pipeline import replay
from hub.pipeline.replay import Replayed

log = logging.getLogger(__name__)

Work = Callable[[replay.Progress], Replayed]


def carry_out(
    database: Database,
    selection: Selection,
    work: Work,
    *,
    by: str,
    begun: Callable[[int], None],
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Do a replay as a job; `begun` gets its number before the work. `stopping` is asked after each batch."""
    lease = Lease(database.process, database.waits.transaction + database.waits.lease)  # a batch is a transaction
    with database.transaction() as tx:
        job = jobs.add(tx, selection, by=by, total=quarantine.count(tx, selection), lease=lease)
    begun(job)

    def reached(count: int) -> None:
        with database.transaction() as tx:
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
        with database.transaction() as tx:
            jobs.end(tx, job, "complete", done=done.applied + done.marked, marked=done.marked, runs=done.runs)


def _failed(database: Database, job: int, fault: Fault) -> None:
    with database.transaction() as tx:
        jobs.end(tx, job, "failed", fault=fault)
