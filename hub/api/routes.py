"""The routes. Each reads in one transaction, notes what it read, and answers; `access` does the rest."""

from dataclasses import replace
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from hub import auth
from hub.api import answers, disputing, lineage, linked, using
from hub.api import projects as of_projects
from hub.api.access import Visiting
from hub.api.asked import Most, Number
from hub.api.problems import PROBLEMS
from hub.auth.context import RequestContext
from hub.config import contract_files
from hub.db import projects, recalls
from hub.db.database import Transaction
from hub.db.recalls import Case
from hub.domain import keys
from hub.errors import FlowError
from hub.model import Json
from hub.services import (
    linking,
    prefill,
    recall,
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


@routes.get("/v1/recalls")
def recalls_open(visit: Visiting, *, closed: bool = False) -> list[answers.Recall]:
    """更正追回：错误值的接收方及其确认 · wrong values and who got them; a unit sees those that it read itself."""
    with visit.hub.database.transaction() as tx:
        known = [case for case in recalls.cases(tx, closed=closed) if case.entity in visit.hub.contracts.entities]
        seen = [_recall(tx, visit, case) for case in known]
    return [answers.Recall.model_validate(one) for one in seen if one is not None]


@routes.get("/v1/recalls/{recall_id}")
def recall_case(visit: Visiting, recall_id: Number) -> answers.Recall:
    """一次更正追回 · one recall."""
    with visit.hub.database.transaction() as tx:
        found = _recall(tx, visit, recall.case_of(tx, recall_id))
    if found is None:
        raise FlowError("ask.recall_unknown", id=recall_id)
    return answers.Recall.model_validate(found)


@routes.post("/v1/recalls/{recall_id}/acknowledge")
def recall_acknowledged(visit: Visiting, recall_id: Number, said: answers.Acknowledgement) -> answers.Recall:
    """确认已知悉更正 · this account's unit knows that the value was wrong."""
    account = visit.reader.account.name
    with visit.hub.database.transaction() as tx:
        names = recalls.colleagues(tx, account)
        recall.acknowledge(tx, visit.hub.contracts, recall_id, names=names, by=account, note=said.note)
        found = _recall(tx, visit, recall.case_of(tx, recall_id))
    return answers.Recall.model_validate(found)


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


@routes.get("/v1/records/{record_id}/fields/{field}/carried")
def carried(visit: Visiting, record_id: Number, field: str, value: str | None = None) -> answers.Carried:
    """一个值的去向：推送与查阅 · every delivery and read that carried a value (today's unless given)."""
    contracts, rights = visit.hub.contracts, visit.reader.rights
    with visit.hub.database.transaction() as tx:
        found = recall.find(tx, contracts, field, record=str(record_id), value=value, rights=rights)
    visit.saw([record_id])
    hidden = rights.sight(found.entity, contracts.entities[found.entity].fields[field]) != "shown"
    return answers.Carried.model_validate(
        _attributes(found)
        | {
            "deliveries": [replace(one, sent={} if hidden else one.sent) for one in found.deliveries],
            "reads": [read for _, read in found.reads],
            **({"value": "***", "value_now": None} if hidden else {}),
        }
    )


def _recall(tx: Transaction, visit: RequestContext, case: Case) -> dict[str, object] | None:
    """A recall as far as it concerns the reader: all of it for those who look into everything; None: not at all."""
    account, rights = visit.reader.account, visit.reader.rights
    entity = visit.hub.contracts.entities[case.entity]
    receivers = recalls.receivers(tx, case.id)
    if not rights.whole:
        mine = recalls.colleagues(tx, account.name)
        receivers = [one for one in receivers if one.kind == "reader" and one.name in mine]
    if not (rights.whole or receivers):
        return None
    with visit.reading() as confined:
        known = projects.known(confined, entity, case.record_id)
        if known:
            rights = auth.rights_on(confined, visit.reader, str(known.values.get("project_code", "")))
    now = {case.field: known.values.get(case.field)} if known and not known.deleted else {}
    visit.saw([case.record_id])
    return _attributes(case) | {
        "value": rights.seen(entity, {case.field: case.value}).get(case.field),
        "value_now": rights.seen(entity, now).get(case.field),
        "received": receivers,
    }


def _attributes(row: object) -> dict[str, object]:
    """The fields of one of our dataclasses, not of those inside it."""
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]
