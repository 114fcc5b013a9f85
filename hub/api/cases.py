"""Routes of supervision's cases (督办件)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.request_bodies import LARGEST, Before, Few, Number, RequestBody, Words
from hub.services import supervision_cases
from hub.services.lights import LightScope
from hub.services.supervision_cases import CaseOpening, CaseSheet, CaseView, ClockRef, Step

routes = APIRouter()


class ClockOfCase(RequestBody):
    """A clock that a case is about: of a project, stage, item or connection."""

    scope: LightScope
    record: Number = Field(examples=[12])


class OpeningOfCase(RequestBody):
    """What is asked of a unit about clocks or hits. department: empty for the unit of the hits."""

    text: Words = Field(examples=["请说明超时原因，并于期限内办结"])
    department: Annotated[str, Field(max_length=200, pattern="^[^\\x00]*$")] = ""
    clocks: tuple[ClockOfCase, ...] = Field(default=(), max_length=50)
    hits: tuple[Number, ...] = Field(default=(), max_length=50)
    step: Step = "reminder"
    days: Annotated[int, Field(ge=0, le=60)] = 0


class CaseWords(RequestBody):
    """What is said with an act."""

    text: Words = Field(examples=["已于今日办结"])


@routes.get("/v1/cases")
def cases_listed(
    visit: Visiting, *, closed: bool = False, before: Before = LARGEST, limit: Few = 50
) -> list[CaseView]:
    """督办件 · cases of one's regions or of one's unit, newest first."""
    return supervision_cases.listed(visit, closed=closed, before=before, most=limit)


@routes.get("/v1/cases/{case_id}")
def case_shown(visit: Visiting, case_id: Number) -> CaseSheet:
    """一件督办：要求、期限、办理经过 · a case: what is asked, by when, and what was done."""
    return supervision_cases.one(visit, case_id)


@routes.post("/v1/cases")
def case_opened(visit: Visiting, said: OpeningOfCase) -> CaseSheet:
    """发出提醒或督办 · ask a unit about what is late or was found."""
    clocks = tuple(ClockRef(each.scope, each.record) for each in said.clocks)
    asked = CaseOpening(said.text, said.department, clocks, said.hits, said.step, said.days)
    return supervision_cases.open_case(visit, asked)


@routes.post("/v1/cases/{case_id}/answer")
def case_answered(visit: Visiting, case_id: Number, said: CaseWords) -> CaseSheet:
    """答复 · the unit's answer."""
    return supervision_cases.answer(visit, case_id, said.text)


@routes.post("/v1/cases/{case_id}/acceptance")
def case_accepted(visit: Visiting, case_id: Number, said: CaseWords) -> CaseSheet:
    """办结 · end the case."""
    return supervision_cases.accept(visit, case_id, said.text)


@routes.post("/v1/cases/{case_id}/returned")
def case_sent_back(visit: Visiting, case_id: Number, said: CaseWords) -> CaseSheet:
    """退回答复 · send the answer back with a reason."""
    return supervision_cases.send_back(visit, case_id, said.text)


@routes.post("/v1/cases/{case_id}/extension")
def case_extended(visit: Visiting, case_id: Number, said: CaseWords) -> CaseSheet:
    """延期一次 · give the term once more."""
    return supervision_cases.extend(visit, case_id, said.text)


@routes.post("/v1/cases/{case_id}/raised")
def case_raised(visit: Visiting, case_id: Number, said: CaseWords) -> CaseSheet:
    """提醒转督办 · make a reminder a case of supervision."""
    return supervision_cases.raise_step(visit, case_id, said.text)
