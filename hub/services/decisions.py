"""Fields that a person settles by hand."""

from datetime import UTC, datetime

from hub.auth.context import RequestContext
from hub.pipeline import decide as deciding
from hub.pipeline.decide import Word


def decide(context: RequestContext, record: str, field: str, *, word: Word) -> int:
    """A person settles a field by hand, as far as he may see it; give the run's id."""
    hub, now = context.hub, datetime.now(UTC)
    rights = None if context.operating else context.rights  # who holds the database may settle what is secret too
    asked = hub.database, hub.contracts, hub.settings, record, field
    return deciding.decide(*asked, word=word, now=now, rights=rights)


def undecide(context: RequestContext, record: str, field: str, *, reason: str) -> int:
    """A person takes a decision back; give the run's id."""
    hub = context.hub
    return deciding.undo(hub.database, hub.contracts, hub.settings, record, field, by=context.by, reason=reason)
