"""Routes for departments: finding a project, and what becomes of a form that was prefilled."""

from typing import Annotated

from fastapi import APIRouter, Query

from hub.api import answers
from hub.api.access import Visiting
from hub.prefill.finding import suggestions

routes = APIRouter()

Typed = Annotated[str, Query(min_length=1, max_length=100, examples=["三给村"])]
Few = Annotated[int, Query(ge=1, le=100)]
PROJECT = "project"


@routes.get("/v1/projects")
def projects_found(visit: Visiting, q: Typed, limit: Few = 10) -> list[answers.Suggestion]:
    """边输入边查找项目：代码开头或名称片段 · projects by the beginning of a code or any part of a name."""
    entity = visit.hub.contracts.entities[PROJECT]
    visit.may_see([PROJECT])
    with visit.hub.database.reading() as tx:
        found = suggestions(tx, entity, q, rights=visit.reader.rights, most=limit)
    visit.saw([one.record_id for one in found])
    return [answers.Suggestion.model_validate(one) for one in found]
