"""open entries -> (replay): the same as `replay`, begun by a person and told step by step, so that others see how far.

A job has a row from its first moment; a process that dies in the middle leaves a row that is read as aborted, and
entries that can be replayed again.
"""

import logging
from collections.abc import Callable

from hub.errors import Fault, FlowError, HubError
from hub.flow import replay
from hub.flow.replay import Replayed
from hub.store import jobs, quarantine
from hub.store.database import Database, Transaction
from hub.store.quarantine import Selection

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
    with database.session() as alive:
        job = jobs.add(alive, selection, by=by, total=quarantine.count(alive, selection))
        alive.commit()
        begun(job)
        try:
            done = work(lambda count: _reached(alive, job, count, stopping))
        except HubError as error:
            jobs.end(alive, job, "failed", fault=Fault("", error.code, error.facts))
        except Exception as error:
            log.exception("replay failed", extra={"job": job})
            jobs.end(alive, job, "failed", fault=Fault("", "hub.failed", {"reason": type(error).__name__}))
        else:
            count = done.applied + done.marked
            jobs.end(alive, job, "complete", done=count, marked=done.marked, runs=done.runs)
        alive.commit()


def _reached(alive: Transaction, job: int, count: int, stopping: Callable[[], bool]) -> None:
    jobs.reached(alive, job, count)
    alive.commit()
    if stopping():
        raise FlowError("flow.replay_stopped")
