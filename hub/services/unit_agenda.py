"""A unit's agenda: its last submissions, grants that end soon, open disputes."""

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
    """A unit's agenda of today."""

    handed_in: list[Submission]
    ending: list[Ending]
    disputes: list[DisputeDue]


def concerns(context: RequestContext) -> Concerns:
    """The agenda of the reader's unit."""
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
