"""Runs that cannot begin: each is stored as a failed run with its reason.

Where contract files are wrong, the reason is also put on everything due to the flow's target.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from hub import logs
from hub.db import runs
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox
from hub.db.deliveries.outbox import Tally
from hub.db.runs import reports
from hub.domain.contracts import Contracts
from hub.errors import Fault, FlowError, HubError
from hub.model import Json

UNKNOWN = "flow.unknown"

log = logging.getLogger(__name__)


@contextmanager
def noted(
    database: Database, contracts: Contracts, flow: str, kind: str, *, airflow: Json = None
) -> Iterator[None]:
    """Store an error that stops a flow before its run has opened as a failed run; it is raised on.

    An unknown flow is stored only where Airflow asks for it: a mistyped name is no flow.
    """
    try:
        yield
    except HubError as error:
        if airflow is not None or error.code != UNKNOWN:
            _note(database, contracts, flow, kind, error, airflow=airflow)
        raise
    except Exception as error:
        _note(
            database,
            contracts,
            flow,
            kind,
            FlowError("hub.failed", reason=type(error).__name__),
            airflow=airflow,
        )
        raise


def _note(
    database: Database,
    contracts: Contracts,
    flow: str,
    kind: str,
    error: HubError,
    *,
    airflow: Json = None,
) -> None:
    run = None
    try:
        with database.write() as tx:
            run = runs.refused(
                tx, flow, kind, {"code": error.code, "facts": dict(error.facts)}, airflow
            )
            reason = reason_of(contracts, flow)
            if kind == "push" and reason is not None:
                blocked = _block(tx, contracts, flow, reason)
                if blocked:
                    outbox.add_batch(tx, run, flow, Tally(due=blocked, blocked=blocked))
            reports.write(tx, run)
    finally:  # logged even if the database is away
        about = {"run": run, "flow": flow, "trace": logs.trace_of()}
        log.warning("flow does not begin", extra=about | {"kind": kind, "code": error.code})


def reason_of(contracts: Contracts, flow: str) -> FlowError | None:
    """The FlowError for a flow disabled by its contract files; None where it may run."""
    problems = contracts.disabled.get(flow)
    return FlowError("flow.disabled", flow=flow, **problems[0].explained) if problems else None


def follow(tx: Transaction, contracts: Contracts) -> None:
    """Put the reason on everything that is due to targets of disabled flows."""
    for flow in contracts.disabled:
        reason = reason_of(contracts, flow)
        if reason is not None and flow.startswith("push."):
            _block(tx, contracts, flow, reason)


def _block(tx: Transaction, contracts: Contracts, flow: str, reason: FlowError) -> int:
    if flow not in contracts.pushes:
        runs.forget_contract(tx, flow)
    return outbox.block(tx, flow, Fault("", "delivery.blocked_by_contract", reason.facts))
