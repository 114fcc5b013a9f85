"""Routes of forms: the list, prefill, submission, export, and the once-only meter."""

from typing import Annotated, Literal
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import Field

from hub.api.access import Visiting
from hub.api.request_bodies import Day, RequestBody
from hub.domain import keys
from hub.model import Value
from hub.services import once_only
from hub.services.once_only import OnceOnlyRow
from hub.services.prefill import sheet, submission, told
from hub.services.prefill.submission import Checked, SubmittedForm
from hub.services.prefill.told import FormView, Prefill

routes = APIRouter()

Code = Annotated[str, Query(min_length=1, max_length=100, examples=["2019-140108-70-03-013941"])]
"""A project code; width and case do not matter."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FormSent(RequestBody):
    """A form as filled in. `prefilled`: values as they were prefilled, to tell what has changed."""

    project_code: str = Field(min_length=1, max_length=100, examples=["2019-140108-70-03-013941"])
    fields: dict[str, Value] = Field(examples=[{"project_name": "某某大道工程"}])
    prefilled: dict[str, Value] = Field(default_factory=dict)
    handed_in: list[str] = Field(
        default_factory=list, description="papers brought along although the hub holds them"
    )
    confirmed: bool = Field(
        default=False, description="values that have changed since are known to have"
    )

    @property
    def sent(self) -> SubmittedForm:
        """The form as services take it."""
        code, brought = keys.project_code(self.project_code), frozenset(self.handed_in)
        return SubmittedForm(code, self.fields, self.prefilled, brought, confirmed=self.confirmed)


@routes.get("/v1/forms")
def forms(visit: Visiting) -> list[FormView]:
    """可预填的表单 · the forms that can be asked for."""
    return told.forms(visit)


@routes.get("/v1/prefill/{form}", response_model=Prefill)
def prefilled(visit: Visiting, form: str, project_code: Code) -> Response:
    """表单预填：值、来源、截至时间，或为空的原因 · value, source and as-of of each field, or why there is none."""
    # Written out as it is: to check and copy an answer of ours against its description took as long
    # as to make it.
    return Response(
        orjson.dumps(told.prefilled_form(visit, form, project_code)), media_type="application/json"
    )


@routes.post("/v1/prefill/{form}/submissions")
def submitted(visit: Visiting, form: str, said: FormSent) -> Checked:
    """提交前核对：哪些值已变化，哪些与中枢不一致；不改动填报内容 · what has changed since, and what differs."""
    return submission.submit(visit, form, said.sent)


@routes.get(
    "/v1/prefill/{form}/xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}}
)
def exported(
    visit: Visiting, form: str, project_code: Code, lang: Literal["zh", "en"] = "zh"
) -> Response:
    """导出表格（XLSX） · the prefilled form as a workbook, with source and as-of of every line."""
    made = sheet.exported(visit, form, project_code, lang=lang)
    name = quote(f"{form}-{keys.project_code(project_code)}.xlsx")
    return Response(
        made,
        media_type=XLSX,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@routes.get("/v1/meter")
def metered(
    visit: Visiting,
    since: Day | None = None,
    until: Day | None = None,
    form: str | None = None,
    department: str | None = None,
) -> list[OnceOnlyRow]:
    """一次填报：由中枢提供而不再填报、提交的栏目和材料 · what came from the hub instead of being asked again."""
    return once_only.meter(visit, since=since, until=until, department=department, form=form)
