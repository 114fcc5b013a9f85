"""The routes. Each reads in one transaction, notes what it read, and answers; `access` does the rest."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from hub.api import answers, disputing, lineage, linked, using
from hub.api import projects as of_projects
from hub.api.access import Visiting
from hub.api.asked import Most
from hub.api.problems import PROBLEMS
from hub.config import contract_files
from hub.domain import keys
from hub.model import Json
from hub.services import (
    linking,
    prefill,
)
from hub.services.prefill import told
from hub.services.rehearse import dry_run

routes = APIRouter(responses=PROBLEMS)
routes.include_router(using.routes)
routes.include_router(disputing.routes)
routes.include_router(of_projects.routes)
routes.include_router(lineage.routes)

Code = Annotated[str, Query(min_length=1, max_length=100, examples=["2019-140108-70-03-013941"])]
"""Project codes are taken in any width and case."""


@routes.get("/v1/openapi.json", response_model=None)
def openapi(request: Request, _visit: Visiting) -> dict[str, Json]:
    """接口说明 · this description."""
    described: dict[str, Json] = request.app.openapi()
    return described


@routes.get("/v1/forms")
def forms(visit: Visiting) -> list[answers.Form]:
    """可预填的表单 · the forms that can be asked for."""
    return [
        answers.Form.model_validate(
            told.titles(form)
            | {"department": form.department, "fields": [field.name for field in form.fields]}
            | {"materials": [one.name for one in form.materials]}
        )
        for form in visit.hub.contracts.forms.values()
    ]


@routes.get("/v1/prefill/{form}", response_model=answers.Prefill)
def prefilled(visit: Visiting, form: str, project_code: Code) -> Response:
    """表单预填：值、来源、截至时间，或为空的原因 · value, source and as-of of each field, or why there is none."""
    filled, _ = prefill.prefilled(visit, form, keys.project_code(project_code))
    # Written out as it is: to check and copy an answer of ours against its description took as long as to make it.
    return Response(orjson.dumps(told.form(filled)), media_type="application/json")


@routes.post("/v1/rehearsals")
def rehearsal(visit: Visiting, asked: answers.RehearsalAsked) -> answers.Rehearsal:
    """预演：契约改变后会怎样，不写入任何内容 · what would come of changed contracts, from a sample; writes nothing."""
    files = {**contract_files(visit.hub.settings.home), **asked.files}
    found = dry_run(visit, asked.flow, files, sample=asked.sample, held_batches=asked.held)
    visit.saw(found.record_ids)
    return answers.Rehearsal.model_validate(found)


@routes.get("/v1/links")
def link_questions(visit: Visiting, flow: str | None = None, limit: Most = 50) -> list[linked.LinkQuestion]:
    """待判定归属的记录与相似项目 · records whose project a person is to decide, beside the likely projects."""
    rights, project = visit.reader.rights, visit.hub.contracts.entities["project"]
    asked = linking.questions(visit, flow=flow, most=limit)
    found = []
    for question in asked:
        values = {name: question.values.get(name) for name in question.entity.traits}
        offered = [
            {**_attributes(offer.word), "project": rights.seen(project, offer.values)} for offer in question.offered
        ]
        said = {"record": rights.seen(question.entity, values), "offered": offered, "entity": question.entity.name}
        found.append(linked.LinkQuestion.model_validate(_attributes(question) | said))
    return found


@routes.post("/v1/links/decisions")
def decide_link(visit: Visiting, decision: linked.LinkDecision) -> linked.LinkDecided:
    """判定记录属于哪个项目；to 为空表示都不是 · say whose record it is; without `to`: of none that was offered."""
    flow, reason = decision.flow, decision.reason
    if decision.to is None:
        refused = linking.refuse(visit, decision.key, flow=flow, reason=reason)
        return linked.LinkDecided(key=decision.key, linked=None, refused=refused)
    to = keys.project_code(decision.to)
    linking.link(visit, decision.key, flow=flow, to=to, reason=reason)
    visit.saw([], project_code=to)
    return linked.LinkDecided(key=decision.key, linked=to, refused=[])


@routes.post("/v1/links/undone")
def undo_link(visit: Visiting, undoing: linked.LinkUndoing) -> linked.LinkDecided:
    """撤销关联 · take a link back, whoever made it."""
    project = linking.unlink(visit, undoing.key, flow=undoing.flow, reason=undoing.reason)
    visit.saw([], project_code=project)
    return linked.LinkDecided(key=undoing.key, linked=None, refused=[project])


def _attributes(row: object) -> dict[str, object]:
    """The fields of one of our dataclasses, not of those inside it."""
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]
