"""Routes of disputes, recalls and decisions."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.api.access import Visiting
from hub.api.request_bodies import Number, RequestBody
from hub.model import Value
from hub.services import decisions, disputes, recalls
from hub.services.decisions import FieldDecision
from hub.services.disputes import Complaint, DisputeView, DisputeWhole
from hub.services.recalls import CarriedView, RecallView

routes = APIRouter()

Said = Annotated[str, Field(min_length=1, max_length=1000, pattern="^[^\\x00]*$")]
Text = Annotated[str, Field(max_length=4000, pattern="^[^\\x00]*$")]


class About(RequestBody):
    """A field of a record."""

    record: Said = Field(
        description="number of the record, or entity:key",
        examples=["project:2019-140108-70-03-013941"],
    )
    field: Said = Field(examples=["name"])


class Disputing(About):
    """A value of today that is wrong, and why."""

    reason: Said = Field(examples=["与批文不符"])
    proposed: Text = Field(
        default="", description="what it should be", examples=["某某大道工程（一期）"]
    )


class Answering(RequestBody):
    """Accepted: the source will correct it. Refused: the value is right, and why."""

    accepted: bool
    answer: Text = Field(default="", examples=["经核对批文，予以更正"])


class Recalling(About):
    """A wrong value (today's unless given) of which all receivers are to be told."""

    value: Text | None = None
    reason: Said


class FieldDecisionBody(About):
    """The value of a field, whatever the systems say."""

    value: Value
    reason: Said


class Undeciding(About):
    """The decision to take back, and why."""

    reason: Said


class Acknowledgement(RequestBody):
    """What the unit has done about it."""

    note: str = Field(
        default="", max_length=1000, pattern="^[^\\x00]*$", examples=["已按更正后的名称重新核发"]
    )


class Done(BaseModel):
    """The run that did it."""

    run_id: int


@routes.get("/v1/disputes")
def disputes_seen(visit: Visiting, *, closed: bool = False) -> list[DisputeView]:
    """数据校核：本单位提出的和待本单位答复的 · disputes of this unit, opened or to be answered by it."""
    return disputes.listed(visit, closed=closed)


@routes.post("/v1/disputes", status_code=201)
def dispute_opened(visit: Visiting, said: Disputing) -> DisputeWhole:
    """此值有误：转来源系统的单位限时答复 · a value is wrong; the unit whose system says it is to answer."""
    return disputes.open_dispute(
        visit, Complaint(said.record, said.field, said.reason, said.proposed)
    )


@routes.get("/v1/disputes/{dispute_id}")
def dispute_case(visit: Visiting, dispute_id: Number) -> DisputeWhole:
    """一项数据校核 · one dispute."""
    return disputes.one(visit, dispute_id)


@routes.post("/v1/disputes/{dispute_id}/answer")
def dispute_answered(visit: Visiting, dispute_id: Number, said: Answering) -> DisputeWhole:
    """答复：认可（由来源更正并通知）或不认可 · accept, so that it is corrected and recalled, or refuse."""
    return disputes.answer(visit, dispute_id, accepted=said.accepted, text=said.answer)


@routes.post("/v1/disputes/{dispute_id}/withdrawn")
def dispute_withdrawn(visit: Visiting, dispute_id: Number) -> DisputeWhole:
    """撤回校核 · this unit takes its dispute back."""
    return disputes.withdraw(visit, dispute_id)


@routes.post("/v1/recalls/opened", status_code=201)
def recall_opened(visit: Visiting, said: Recalling) -> RecallView:
    """开启更正通知 · open a recall; it closes when everyone who got the value has been put right."""
    return recalls.open_recall(
        visit, said.field, record=said.record, value=said.value, reason=said.reason
    )


@routes.get("/v1/recalls")
def recalls_open(visit: Visiting, *, closed: bool = False) -> list[RecallView]:
    """更正通知：错误值的接收方及其确认 · wrong values and who got them; a unit sees those that it read itself."""
    return recalls.listed(visit, closed=closed)


@routes.get("/v1/recalls/{recall_id}")
def recall_case(visit: Visiting, recall_id: Number) -> RecallView:
    """一次更正通知 · one recall."""
    return recalls.one(visit, recall_id)


@routes.post("/v1/recalls/{recall_id}/acknowledge")
def recall_acknowledged(visit: Visiting, recall_id: Number, said: Acknowledgement) -> RecallView:
    """确认已知悉更正 · this account's unit knows that the value was wrong."""
    return recalls.acknowledge(visit, recall_id, note=said.note)


@routes.get("/v1/records/{record_id}/fields/{field}/carried")
def carried(
    visit: Visiting, record_id: Number, field: str, value: str | None = None
) -> CarriedView:
    """一个值的去向：推送与查阅 · every delivery and read that carried a value (today's unless given)."""
    return recalls.find(visit, field, record=str(record_id), value=value)


@routes.get("/v1/decisions")
def decisions_standing(visit: Visiting) -> list[FieldDecision]:
    """有效的人工裁定 · decisions of people that stand, with what the systems say today."""
    return decisions.listed(visit)


@routes.post("/v1/decisions")
def decided(visit: Visiting, said: FieldDecisionBody) -> Done:
    """人工裁定一个字段 · settle a field by hand, above every source, until taken back."""
    return Done(
        run_id=decisions.decide(
            visit, said.record, said.field, value=said.value, reason=said.reason
        )
    )


@routes.post("/v1/decisions/undone")
def undecided(visit: Visiting, said: Undeciding) -> Done:
    """撤销裁定 · take a decision back; the sources speak again."""
    return Done(run_id=decisions.undecide(visit, said.record, said.field, reason=said.reason))
