"""Every run opens, ends and reports the same way, whatever happens in between."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

import psycopg

from hub.errors import FlowError, HeldError, HubError
from hub.flow import boundary, facts
from hub.model import Json
from hub.rules.storable import kept
from hub.store import reports, runs
from hub.store.database import Database
from hub.store.runs import Run

Adding: TypeAlias = Callable[[HubError], Mapping[str, str]]

log = logging.getLogger(__name__)


@contextmanager
def running(
    database: Database, flow: str, kind: str, *, airflow: Json = None, adding: Adding | None = None
) -> Iterator[Run]:
    """Open a run; at the end close it with its report row: complete, or held or failed with the cause,
    which goes on up. adding: what a failure says besides, such as the places in our files.

    A process that dies leaves the run open; the next run of the flow closes it as aborted.
    """
    with database.session() as alive:
        run = runs.start(alive, flow, kind, airflow)
        alive.commit()
        try:
            yield run
        except HeldError as error:
            _end(database, run, "held", {"code": error.code, "facts": {**kept(error.facts)}})
            raise
        except HubError as error:
            error.facts.update(adding(error) if adding else {})
            _end(database, run, "failed", {"code": error.code, "facts": {**kept(error.facts)}})
            raise
        except Exception as error:  # noqa: BLE001 -- it goes on up, without its words
            failure = _failure(error)
            _end(database, run, "failed", {"code": failure.code, "facts": {**kept(failure.facts)}})
            # Libraries quote values in what they raise, and whoever runs this logs it with all that led to it.
            raise failure from None
        except BaseException as error:
            _end(database, run, "failed", {"code": "hub.failed", "facts": {"reason": type(error).__name__}})
            raise
        _end(database, run, "complete", None)


def _failure(error: Exception) -> FlowError:
    """What is said of an error that nobody foresaw: its class, and where in our own code it came up."""
    return FlowError("hub.failed", reason=type(error).__name__, at=boundary.place(error))


def _end(database: Database, run: Run, state: str, cause: Json) -> None:
    with database.transaction() as tx:
        runs.end(tx, run, state, cause)
        reports.write(tx, run.id)
    # What the run has committed stands, whatever becomes of this: projects stay noted until their facts are computed.
    try:
        facts.refresh(database)
    except (HubError, psycopg.Error) as error:
        # No traceback: PostgreSQL quotes rows in what it says of them.
        log.error("facts not computed anew", extra={"run": run.id, "error": type(error).__name__})  # noqa: TRY400
