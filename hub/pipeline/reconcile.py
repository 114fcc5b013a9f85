"""Reconciliation: what partners hold <-> what the hub holds; classes differences, repairs by rule.

A comparison is a run of its own with balanced outcomes; repairs go through intake and delivery.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from hub.contract import Connector, Receiving
from hub.db.database import Database
from hub.db.deliveries import confirmed
from hub.db.reconciliation import differences
from hub.domain import blame
from hub.domain.contracts import Contracts, PullFlow, PushFlow
from hub.model import Json
from hub.pipeline.comparing.comparison import Comparison
from hub.pipeline.comparing.source import SourceComparison
from hub.pipeline.comparing.target import TargetComparison
from hub.pipeline.run_lifecycle import running
from hub.settings import Settings


def reconcile(
    database: Database,
    contracts: Contracts,
    flow: PullFlow | PushFlow,
    *,
    connector: Connector,
    settings: Settings,
    repairing: bool = True,
    airflow: Json = None,
) -> int:
    """Compare one flow's partner with the hub, within the night's budget; gives the run's id.

    Raises FlowError and repairs nothing when too much differs. repairing: False reports only.
    """
    adding = partial(blame.hint, flow=flow, files=contracts.sound)
    with running(database, flow.name, "reconcile", airflow=airflow, adding=adding) as (run, fenced):
        counts = Counter[str]()
        try:
            if isinstance(flow, PullFlow) and flow.reads_snapshots:
                pass  # each whole that comes is compared with what stands when it comes
            elif isinstance(flow, PullFlow) and flow.ask is not None:
                pass  # each question is a disclosure and counts against the quota
            elif isinstance(connector, Receiving):
                pass  # it holds what has yet to be taken: what it lacks was handed over long ago
            elif isinstance(flow, PullFlow):
                SourceComparison(
                    Comparison(
                        fenced,
                        contracts,
                        flow,
                        connector,
                        settings,
                        run,
                        repairing=repairing,
                        counts=counts,
                    )
                ).run()
            else:
                TargetComparison(
                    Comparison(
                        fenced,
                        contracts,
                        flow,
                        connector,
                        settings,
                        run,
                        repairing=repairing,
                        counts=counts,
                    )
                ).run()
        finally:
            with fenced.write() as tx:
                differences.add_comparison(tx, run.id, flow.name, counts)
    return run.id


def leave(database: Database, ids: Sequence[int], *, by: str, reason: str) -> int:
    """Accept differences as they are until something else is found; gives how many."""
    with database.write() as tx:
        return differences.leave(tx, ids, by=by, reason=reason)


def send_again(database: Database, ids: Sequence[int], *, by: str, reason: str) -> int:
    """Resend deliveries that targets hold otherwise or lack; gives how many."""
    with database.write() as tx:
        chosen = differences.resend(tx, ids, by=by, reason=reason)
        for flow, key, kind in chosen:
            again = (
                confirmed.send_lost_again if kind == "lost_push" else confirmed.send_edited_again
            )
            again(tx, flow, [key])
    return len(chosen)
