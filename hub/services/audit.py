"""The auditor's overview: state of the ledger, conservation, anomalies, recalls and disputes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.auth.context import RequestContext
from hub.db import erasing, runs
from hub.db.erasing import Erasure
from hub.domain.times import HUB_ZONE
from hub.services import access_log, conservation, disputes, ledger, recalls
from hub.services.access_log import UnusualView
from hub.services.conservation import ExceptionView
from hub.services.disputes import DisputeView
from hub.services.ledger import CheckedSlice, SealView
from hub.services.recalls import RecallView

__all__ = ["Erasure"]

RECENT, ERASED = timedelta(days=7), timedelta(days=30)
CHECKED = 5


@dataclass(frozen=True, slots=True)
class AuditOverview:
    """newest: the last seal; checked: the last few; lag: age of the oldest unsealed batch, in
    seconds.

    exceptions, unusual: of the last seven days; erasures: of the last thirty; recalls, disputes:
    open ones.
    """

    newest: SealView | None
    checked: CheckedSlice
    lag: float
    exceptions: list[ExceptionView]
    unusual: list[UnusualView]
    recalls: list[RecallView]
    disputes: list[DisputeView]
    erasures: list[Erasure]


def morning(context: RequestContext) -> AuditOverview:
    """The state of everything that auditors watch."""
    now, newest = datetime.now(UTC), ledger.newest(context, signed=False)
    with context.hub.database.read() as tx:
        lag, erasures = runs.sealing_lag(tx), erasing.recent(tx, now - ERASED)
    return AuditOverview(
        newest,
        checked=ledger.check(
            context, after=max(newest.id - CHECKED, 0) if newest else 0, most=CHECKED
        ),
        lag=lag,
        exceptions=conservation.exceptions(context, now - RECENT),
        unusual=access_log.unusual(context, since=(now.astimezone(HUB_ZONE) - RECENT).date()),
        recalls=recalls.listed(context),
        disputes=disputes.listed(context),
        erasures=erasures,
    )
