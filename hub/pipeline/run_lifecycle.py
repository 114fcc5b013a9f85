"""Lifecycle of a run: opened, leased, fenced, closed with state and report, whatever happens."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import TypeAlias

import psycopg

from hub import logs
from hub.db import restorations, runs
from hub.db.database import Database, Transaction
from hub.db.runs import Lease, Run, reports
from hub.domain.storable import storable_facts
from hub.errors import FlowError, HeldError, HubError, TransientError
from hub.model import Json
from hub.pipeline import connector_boundary, facts

Adding: TypeAlias = Callable[[HubError], Mapping[str, str]]

ENDINGS = 3
"""Attempts to store a run's end before it is left to its lease."""

log = logging.getLogger(__name__)


class Fenced(Database):
    """The database for one run: every write transaction first checks that the run is still open.

    Guards against a process that slept while its run was aborted, and against another database
    (restored, or a standby) behind the same URL. moved: time.monotonic() of its last use.
    """

    def __init__(self, database: Database, run: Run, began_in: str) -> None:
        self._all, self._run, self._began_in = database, run, began_in
        self.waits = database.waits
        self.moved = time.monotonic()

    @contextmanager
    def write(self, *, long: bool = False) -> Iterator[Transaction]:
        """As `Database.write`; FlowError when the run is over or the database was replaced."""
        self.moved = time.monotonic()
        with self._all.write(long=long) as tx:
            self._refuse_another(tx)
            runs.claim(tx, self._run)
            yield tx

    @contextmanager
    def read(
        self, *, reader: str | None = None, snapshot: bool = False, scratch: bool = False
    ) -> Iterator[Transaction]:
        """As `Database.read`; only a snapshot checks that the database is the same."""
        self.moved = time.monotonic()
        with self._all.read(reader=reader, snapshot=snapshot, scratch=scratch) as tx:
            if snapshot:
                self._refuse_another(tx)
            yield tx

    def _refuse_another(self, tx: Transaction) -> None:
        if not self.is_where_it_began(tx):
            raise FlowError("database.replaced", flow=self._run.flow, run=self._run.id)

    def is_where_it_began(self, tx: Transaction) -> bool:
        """Whether a connection leads to the database in which the run was opened."""
        return restorations.leads_to(tx) == self._began_in


class Pulse:
    """Thread that renews a run's lease while the run makes progress (database use or partner data).

    A process that hangs or is stopped stops renewing, so that others can take over.
    """

    def __init__(self, database: Database, fenced: Fenced, run: Run, lease: Lease) -> None:
        self._database, self._fenced, self._run, self._lease = database, fenced, run, lease
        self._end = Event()
        self._thread = Thread(target=self._beat, name="pulse", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop renewing."""
        self._end.set()
        self._thread.join(self._database.waits.pool)

    def _beat(self) -> None:
        # A quarter of the lease: it outlasts a few renewals that fail or come late.
        while not self._end.wait(self._lease.seconds / 4):
            moved = max(self._fenced.moved, connector_boundary.last_answer())
            if time.monotonic() - moved > self._database.waits.stall:
                log.error(
                    "run gets no further", extra={"run": self._run.id, "flow": self._run.flow}
                )
                return
            try:
                with self._database.write() as tx:
                    if not self._fenced.is_where_it_began(tx) or not runs.renew(
                        tx, self._run, self._lease
                    ):
                        return
            except HubError as error:
                log.warning("lease not renewed", extra={"run": self._run.id, "code": error.code})


@contextmanager
def running(
    database: Database, flow: str, kind: str, *, airflow: Json = None, adding: Adding | None = None
) -> Iterator[tuple[Run, Database]]:
    """Open a run; yields it with its fenced database; closes it with a report at the end.

    States: complete, held (HeldError), failed (any other error); errors are raised on. adding: more
    facts for a failure, such as places in our files. If the process dies, the run ends as aborted
    once its lease has lapsed.
    """
    lease = Lease(database.process, database.waits.lease)
    run, began_in = _begun(database, flow, kind, airflow, lease)
    fenced = Fenced(database, run, began_in)
    pulse = Pulse(database, fenced, run, lease)
    try:
        with (
            logs.about(run=run.id, flow=flow, trace=logs.trace_of()),
            _ending(database, run, adding),
        ):
            log.info("run begun", extra={"kind": kind})
            yield run, fenced
    finally:
        pulse.end()


def _begun(
    database: Database, flow: str, kind: str, airflow: Json, lease: Lease
) -> tuple[Run, str]:
    run: Run | None = None
    try:
        with database.write() as tx:
            began_in = restorations.leads_to(tx)
            run = runs.start(tx, flow, kind, airflow, lease=lease)
    except TransientError as error:
        if (
            run is not None
        ):  # the commit may have succeeded: close it, or its lease would block the flow
            _end(
                database,
                run,
                "failed",
                {"code": error.code, "facts": {**storable_facts(error.facts)}},
            )
        raise
    return run, began_in


@contextmanager
def _ending(database: Database, run: Run, adding: Adding | None) -> Iterator[None]:
    """Close a run by what its block raises; unforeseen errors (they quote values) as FlowError."""
    try:
        yield
    except HeldError as error:
        _end(database, run, "held", {"code": error.code, "facts": {**storable_facts(error.facts)}})
        raise
    except HubError as error:
        error.facts.update(adding(error) if adding else {})
        _end(
            database, run, "failed", {"code": error.code, "facts": {**storable_facts(error.facts)}}
        )
        raise
    except Exception as error:  # noqa: BLE001 -- it goes on up, without its words
        failure = _failure(error)
        _end(
            database,
            run,
            "failed",
            {"code": failure.code, "facts": {**storable_facts(failure.facts)}},
        )
        # Privacy: libraries quote values in their errors, and callers log the whole chain.
        raise failure from None
    except BaseException as error:
        _end(
            database,
            run,
            "failed",
            {"code": "hub.failed", "facts": {"reason": type(error).__name__}},
        )
        raise
    _end(database, run, "complete", None)


def _failure(error: Exception) -> FlowError:
    """An unforeseen error as FlowError: its class, and file and line in our own code."""
    return FlowError(
        "hub.failed", reason=type(error).__name__, at=connector_boundary.error_location(error)
    )


def _end(database: Database, run: Run, state: str, cause: Json) -> None:
    """Close a run; FlowError where others have aborted it (then its own error is a consequence)."""
    ended, code = (
        _closed(database, run, state, cause),
        cause.get("code", "") if isinstance(cause, dict) else "",
    )
    log.log(
        logging.INFO if ended == "complete" else logging.WARNING,
        "run ended",
        extra={"state": ended, "code": code},
    )
    if ended == "aborted":
        raise FlowError("flow.fence_lost", flow=run.flow, run=run.id) from None
    # A failure here loses nothing: projects stay queued until their facts are computed.
    try:
        facts.refresh(database)
    except (HubError, psycopg.Error) as error:
        # No traceback: PostgreSQL's messages quote rows.
        log.error("facts not computed anew", extra={"run": run.id, "error": type(error).__name__})  # noqa: TRY400


def _closed(database: Database, run: Run, state: str, cause: Json) -> str:
    for left in reversed(range(ENDINGS)):
        try:
            with database.write() as tx:
                ended = runs.end(tx, run, state, cause)
                if ended == state:
                    reports.write(tx, run.id)
        except TransientError:
            if not left:
                raise
        else:
            break
    return ended
