"""Routes for departments: finding a project, and what becomes of a form that was prefilled."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from hub.api import forms
from hub.api.access import Visiting
from hub.api.asked import Day
from hub.domain import keys
from hub.domain.times import HUB_ZONE
from hub.services import meter
from hub.services.prefill import prefilled
from hub.services.prefill.sheet import workbook
from hub.services.prefill.submitting import Judged, Paper, Sent, check, keep

routes = APIRouter()

Code = Annotated[str, Query(min_length=1, max_length=100, examples=["2019-140108-70-03-013941"])]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
YEAR = timedelta(days=365)


@routes.post("/v1/prefill/{form}/submissions")
def submitted(visit: Visiting, form: str, said: forms.FormSent) -> forms.FormChecked:
    """提交前核对：哪些值已变化，哪些与中枢不一致；不改动填报内容 · what has changed since, and what differs."""
    sent = Sent(
        keys.project_code(said.project_code),
        fields=said.fields,
        shown=said.prefilled,
        handed_in=frozenset(said.handed_in),
        confirmed=said.confirmed,
    )
    filled, rights = prefilled(visit, form, sent.project_code)
    checked = check(visit.hub.contracts, filled, sent, rights=rights)
    with visit.hub.database.transaction() as tx:
        number = keep(tx, checked, sent, account=visit.reader.account)
    return forms.FormChecked.model_validate(
        {
            "submission": number,
            "project_code": sent.project_code,
            "fields": [_judged(one) for one in checked.fields],
            "materials": [_paper(one) for one in checked.papers],
        }
    )


@routes.get("/v1/prefill/{form}/xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def exported(visit: Visiting, form: str, project_code: Code, lang: Literal["zh", "en"] = "zh") -> Response:
    """导出表格（XLSX） · the prefilled form as a workbook, with source and as-of of every line."""
    filled, _ = prefilled(visit, form, keys.project_code(project_code))
    made = workbook(filled, lang=lang, at=datetime.now(HUB_ZONE), by=visit.reader.account.name)
    name = quote(f"{form}-{filled.project_code}.xlsx")
    return Response(made, media_type=XLSX, headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"})


@routes.get("/v1/meter")
def metered(
    visit: Visiting,
    since: Day | None = None,
    until: Day | None = None,
    form: str | None = None,
    department: str | None = None,
) -> list[forms.Metered]:
    """一次填报：由中枢提供而不再填报、提交的栏目和材料 · what came from the hub instead of being asked again."""
    last = until or datetime.now(HUB_ZONE).date()
    with visit.hub.database.reading() as tx:
        rows = meter.meter(
            *(tx, visit.reader.account), since=since or last - YEAR, until=last, department=department, form=form
        )
    return [forms.Metered.model_validate(asdict(row) | {"share": meter.spared([row]).share}) for row in rows]


def _judged(one: Judged) -> dict[str, object]:
    answer = one.answer
    return {
        "name": answer.question.name,
        "given": one.given,
        "origin": one.origin,
        "changed": one.changed,
        "value": answer.value,
        "items": answer.items,
    }


def _paper(one: Paper) -> dict[str, object]:
    asked = one.wanted.asked
    return {"name": asked.name, "title": {"zh": asked.title_zh, "en": asked.title_en}, "from_hub": one.from_hub}
