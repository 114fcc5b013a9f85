"""A flow whose contract files are wrong -> a run that says so, and the reason beside all that is due to its target."""

from hub.errors import Fault, FlowError
from hub.model import Json
from hub.rules.contracts import Contracts
from hub.store import outbox, reports, runs
from hub.store.database import Database, Transaction
from hub.store.outbox import Tally


def refuse(database: Database, contracts: Contracts, flow: str, kind: str, *, airflow: Json = None) -> None:
    """Raise FlowError for a flow that is disabled, once it is noted; do nothing for any other."""
    reason = reason_of(contracts, flow)
    if reason is None:
        return
    with database.transaction() as tx:
        run = runs.refused(tx, flow, kind, {"code": reason.code, "facts": dict(reason.facts)}, airflow)
        if kind == "push":
            blocked = _block(tx, contracts, flow, reason)
            if blocked:
                outbox.add_batch(tx, run, flow, Tally(due=blocked, blocked=blocked))
        reports.write(tx, run)
    raise reason


def reason_of(contracts: Contracts, flow: str) -> FlowError | None:
    """Why a flow may not run, in words; None where it may."""
    problems = contracts.disabled.get(flow)
    return FlowError("flow.disabled", flow=flow, **problems[0].explained) if problems else None


def follow(tx: Transaction, contracts: Contracts) -> None:
    """Put the reason beside everything that is due to targets whose flows are disabled."""
    for flow in contracts.disabled:
        reason = reason_of(contracts, flow)
        if reason is not None and flow.startswith("push."):
            _block(tx, contracts, flow, reason)


def _block(tx: Transaction, contracts: Contracts, flow: str, reason: FlowError) -> int:
    if flow not in contracts.pushes:
        runs.forget_contract(tx, flow)
    return outbox.block(tx, flow, Fault("", "delivery.blocked_by_contract", reason.facts))
