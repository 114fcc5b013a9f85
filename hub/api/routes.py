"""The routes. Each reads in one transaction, notes what it read, and answers; `access` does the rest."""

from fastapi import APIRouter, Request

from hub.api import answers, disputing, lineage, links, prefill
from hub.api import projects as of_projects
from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.config import contract_files
from hub.model import Json
from hub.services.rehearse import dry_run

routes = APIRouter(responses=PROBLEMS)
routes.include_router(prefill.routes)
routes.include_router(disputing.routes)
routes.include_router(of_projects.routes)
routes.include_router(lineage.routes)
routes.include_router(links.routes)


@routes.get("/v1/openapi.json", response_model=None)
def openapi(request: Request, _visit: Visiting) -> dict[str, Json]:
    """接口说明 · this description."""
    described: dict[str, Json] = request.app.openapi()
    return described


@routes.post("/v1/rehearsals")
def rehearsal(visit: Visiting, asked: answers.RehearsalAsked) -> answers.Rehearsal:
    """预演：契约改变后会怎样，不写入任何内容 · what would come of changed contracts, from a sample; writes nothing."""
    files = {**contract_files(visit.hub.settings.home), **asked.files}
    found = dry_run(visit, asked.flow, files, sample=asked.sample, held_batches=asked.held)
    visit.saw(found.record_ids)
    return answers.Rehearsal.model_validate(found)
