"""Routes of record linkage: candidates for a person, and the decision."""

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.request_bodies import Most, RequestBody
from hub.services import linking
from hub.services.linking import LinkDecided, LinkQuestion

routes = APIRouter()


class LinkUndoing(RequestBody):
    """The record, and why; `flow` where several flows have that key."""

    key: str = Field(min_length=1, max_length=1000)
    flow: str | None = None
    reason: str = Field(min_length=1, max_length=1000)


class LinkDecision(LinkUndoing):
    """The record's project; without `to`: none of the candidates."""

    to: str | None = Field(default=None, max_length=100)


@routes.get("/v1/links")
def link_questions(
    visit: Visiting, flow: str | None = None, limit: Most = 50
) -> list[LinkQuestion]:
    """待判定归属的记录与相似项目 · records whose project a person is to decide, beside the likely projects."""
    return linking.questions(visit, flow=flow, most=limit)


@routes.post("/v1/links/decisions")
def decide_link(visit: Visiting, decision: LinkDecision) -> LinkDecided:
    """判定记录属于哪个项目；to 为空表示都不是 · say whose record it is; without `to`: of none that was offered."""
    key, flow, reason = decision.key, decision.flow, decision.reason
    if decision.to is None:
        return linking.refuse(visit, key, flow=flow, reason=reason)
    return linking.link(visit, key, flow=flow, to=decision.to, reason=reason)


@routes.post("/v1/links/undone")
def undo_link(visit: Visiting, undoing: LinkUndoing) -> LinkDecided:
    """撤销关联 · take a link back, whoever made it."""
    return linking.unlink(visit, undoing.key, flow=undoing.flow, reason=undoing.reason)
