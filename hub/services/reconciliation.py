"""What people decide about differences that a comparison has met."""

from collections.abc import Sequence

from hub.auth.context import RequestContext
from hub.pipeline import reconcile


def leave(context: RequestContext, ids: Sequence[int], *, reason: str) -> int:
    """Let differences stay as they are; give how many."""
    return reconcile.leave(context.hub.database, ids, by=context.by, reason=reason)


def send_again(context: RequestContext, ids: Sequence[int], *, reason: str) -> int:
    """Send what targets lack or hold otherwise once more; give how many."""
    return reconcile.send_again(context.hub.database, ids, by=context.by, reason=reason)
