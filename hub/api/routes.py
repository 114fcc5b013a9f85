"""All routes of the API, each of one service; `access` does authentication and the access log."""

from fastapi import APIRouter, Request

from hub.api import (
    cases,
    disputing,
    dry_runs,
    hits,
    indicators,
    lineage,
    links,
    prefill,
    supervision,
    supply,
)
from hub.api import projects as of_projects
from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.model import Json

routes = APIRouter(responses=PROBLEMS)
routes.include_router(prefill.routes)
routes.include_router(disputing.routes)
routes.include_router(of_projects.routes)
routes.include_router(indicators.routes)
routes.include_router(hits.routes)
routes.include_router(lineage.routes)
routes.include_router(links.routes)
routes.include_router(dry_runs.routes)
routes.include_router(supply.routes)
routes.include_router(cases.routes)
routes.include_router(supervision.routes)


@routes.get("/v1/openapi.json", response_model=None)
def openapi(request: Request, _visit: Visiting) -> dict[str, Json]:
    """接口说明 · this description."""
    described: dict[str, Json] = request.app.openapi()
    return described
