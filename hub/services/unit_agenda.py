"""What concerns a unit today: what it handed in last, grants that lapse before long, disputes that
are open.
"""

from dataclasses import dataclass

from hub.auth.context import RequestContext
from hub.db import submissions
from hub.db.submissions import Submission
from hub.services import applications, disputes
from hub.services.applications import Ending
from hub.services.disputes import DisputeDue

__all__ = ["Concerns", "Submission", "concerns"]

LAST = 8


@dataclass(frozen=True, slots=True)
class Concerns:
    """What concerns a unit today."""

    handed_in: list[Submission]
    ending: list[Ending]
    disputes: list[DisputeDue]


def concerns(context: RequestContext) -> Concerns:
    """What concerns the reader's unit today."""
    account, ending, due = (
        context.reader.account,
        applications.ending(context),
        disputes.due(context, most=LAST),
    )
    with context.hub.database.read() as tx:
        handed_in = submissions.recent(
            tx, account=account.name, department=account.department, most=LAST
        )
    return Concerns(handed_in, ending, due)
