"""Which project a record without a code belongs to, as far as a person has to say it."""

from hub.auth.context import RequestContext
from hub.pipeline import linking
from hub.pipeline.linking import Question


def questions(
    context: RequestContext, *, flow: str | None = None, key: str | None = None, most: int = 20
) -> list[Question]:
    """The records whose project a person is to decide, beside the projects that they resemble."""
    return linking.questions(context.hub.database, context.hub.contracts, flow=flow, key=key, most=most)


def link(context: RequestContext, key: str, *, flow: str | None, to: str, reason: str) -> None:
    """A person says whose record it is; everything that follows from it is done."""
    hub = context.hub
    linking.decide(hub.database, hub.contracts, key, flow=flow, to=to, by=context.by, reason=reason)
    linking.release(hub.database, hub.contracts, hub.settings)


def unlink(context: RequestContext, key: str, *, flow: str | None, reason: str) -> str:
    """A person takes a link back, whoever made it; what follows from it is done; give the project."""
    hub = context.hub
    project = linking.undo(hub.database, hub.contracts, key, flow=flow, by=context.by, reason=reason)
    linking.release(hub.database, hub.contracts, hub.settings)
    return project


def refuse(context: RequestContext, key: str, *, flow: str | None, reason: str) -> list[str]:
    """A person says that a record is of none of the projects that were offered; give those."""
    hub = context.hub
    return linking.refuse(hub.database, hub.contracts, key, flow=flow, by=context.by, reason=reason)
