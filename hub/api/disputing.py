"""The routes about values that people do not agree with: disputes, recalls opened by hand, decisions."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from hub.api import answers
from hub.api.access import Visiting
from hub.api.asked import Asked, Number
from hub.auth.context import RequestContext
from hub.db.disputes import Dispute
from hub.errors import FlowError
from hub.model import Value
from hub.pipeline import decide
from hub.pipeline.decide import Word
from hub.services import decisions, dispute, recall
from hub.services.dispute import Complaint

routes = APIRouter()

Said = Annotated[str, Field(min_length=1, max_length=1000, pattern="^[^\\x00]*$")]
Text = Annotated[str, Field(max_length=4000, pattern="^[^\\x00]*$")]


class About(Asked):
    """Which field of which record."""

    record: Said = Field(
        description="number of the record, or entity:key", examples=["project:2019-140108-70-03-013941"]
    )
    field: Said = Field(examples=["name"])


class Disputing(About):
    """That a value of today is wrong, and why."""

    reason: Said = Field(examples=["与批文不符"])
    proposed: Text = Field(default="", description="what it should be", examples=["某某大道工程（一期）"])


class Answering(Asked):
    """Accepted: the source is going to correct it. Refused: the value is right, and why."""

    accepted: bool
    answer: Text = Field(default="", examples=["经核对批文，予以更正"])


class Recalling(About):
    """A wrong value (that of today unless given) that everybody who got it is to be told about."""

    value: Text | None = None
    reason: Said


class Deciding(About):
    """What a field is, whatever the systems say."""

    value: Value
    reason: Said


class Undeciding(About):
    """Which decision is taken back, and why."""

    reason: Said


class Disputed(answers.Answer):
    """One dispute. `clock`: until when the next step is due; `owed`: who got the value and is not put right yet."""

    id: int
    record_id: int
    entity: str = Field(examples=["project"])
    key: str
    field: str = Field(examples=["name"])
    value: Value
    proposed: str
    reason: str
    opened_by: str
    department: str
    system: str = Field(examples=["investment"])
    system_title: answers.Words
    answering_unit: answers.Words
    state: Literal["open", "accepted", "refused", "corrected", "withdrawn"]
    opened_at: datetime
    due_at: datetime | None
    correct_by: datetime | None
    clock: datetime | None
    term: answers.Term | None = Field(description="the term of the law behind `due_at`")
    late: bool
    answered_at: datetime | None
    answered_by: str | None
    answer: str
    closed_at: datetime | None
    recall_id: int | None
    receivers: int
    owed: int
    may_answer: bool


class Decided(answers.Answer):
    """A decision that stands, and what the systems say today."""

    record_id: int
    entity: str
    key: str
    field: str
    value: Value
    by: str
    reason: str
    at: datetime
    systems: dict[str, Value]
    still: bool = Field(description="whether some system says something else to this day")


class Done(answers.Answer):
    """The run that carried it out."""

    run_id: int


class Opened(answers.Answer):
    """The number of the recall."""

    id: int


@routes.get("/v1/disputes")
def disputes_seen(visit: Visiting, *, closed: bool = False) -> list[Disputed]:
    """数据校核：本单位提出的和待本单位答复的 · disputes of this unit, opened or to be answered by it."""
    account, rights = visit.reader.account, visit.reader.rights
    with visit.hub.database.transaction() as tx:
        found = dispute.seen(tx, visit.hub.contracts, account, rights, closed=closed)
    return [_disputed(visit, one) for one in found]


@routes.post("/v1/disputes", status_code=201)
def dispute_opened(visit: Visiting, said: Disputing) -> Disputed:
    """此值有误：转来源系统的单位限时答复 · a value is wrong; the unit whose system says it is to answer."""
    visit.may_see(visit.hub.contracts.entities)
    reader, complaint = visit.reader, Complaint(said.record, said.field, said.reason, said.proposed)
    with visit.hub.database.transaction() as tx:
        rights, now = visit.rights_to(tx, said.record), datetime.now(UTC)
        made = dispute.open_dispute(tx, visit.hub.contracts, complaint, by=reader.account, rights=rights, now=now)
        held = dispute.case_of(tx, made)
    return _disputed(visit, held)


@routes.get("/v1/disputes/{dispute_id}")
def dispute_case(visit: Visiting, dispute_id: Number) -> Disputed:
    """一项数据校核 · one dispute."""
    with visit.hub.database.transaction() as tx:
        held = dispute.case_of(tx, dispute_id)
    return _disputed(visit, _concerning(visit, held))


@routes.post("/v1/disputes/{dispute_id}/answer")
def dispute_answered(visit: Visiting, dispute_id: Number, said: Answering) -> Disputed:
    """答复：认可（由来源更正并追回）或不认可 · accept, so that it is corrected and recalled, or refuse."""
    account, contracts, now = visit.reader.account, visit.hub.contracts, datetime.now(UTC)
    with visit.hub.database.transaction() as tx:
        _concerning(visit, dispute.case_of(tx, dispute_id))
        dispute.answer(tx, contracts, dispute_id, accepted=said.accepted, text=said.answer, by=account, now=now)
        held = dispute.case_of(tx, dispute_id)
    return _disputed(visit, held)


@routes.post("/v1/disputes/{dispute_id}/withdrawn")
def dispute_withdrawn(visit: Visiting, dispute_id: Number) -> Disputed:
    """撤回校核 · this unit takes its dispute back."""
    with visit.hub.database.transaction() as tx:
        _concerning(visit, dispute.case_of(tx, dispute_id))
        dispute.withdraw(tx, dispute_id, by=visit.reader.account, now=datetime.now(UTC))
        held = dispute.case_of(tx, dispute_id)
    return _disputed(visit, held)


@routes.post("/v1/recalls/opened", status_code=201)
def recall_opened(visit: Visiting, said: Recalling) -> Opened:
    """开启追回 · open a recall; it closes when everyone who got the value has been put right."""
    with visit.hub.database.transaction() as tx:
        rights = visit.reader.rights
        found = recall.find(tx, visit.hub.contracts, said.field, record=said.record, value=said.value, rights=rights)
        by = visit.reader.account.name
        made = recall.open_case(tx, found, landing_id=None, reason=said.reason, by=by)
        recall.follow(tx, visit.hub.contracts)
    visit.saw([found.record_id])
    return Opened(id=made)


@routes.get("/v1/decisions")
def decisions_standing(visit: Visiting) -> list[Decided]:
    """有效的人工裁定 · decisions of people that stand, with what the systems say today."""
    contracts, rights = visit.hub.contracts, visit.reader.rights
    with visit.hub.database.transaction() as tx:
        found = decide.standing(tx, contracts)
    visit.saw([one.record_id for one in found])
    shown = []
    for one in found:
        entity = contracts.entities[one.entity]

        def sight(value: Value, name: str = one.field) -> Value:
            return rights.seen(entity, {name: value}).get(name)  # noqa: B023 -- called before the next one comes

        systems = {system: sight(value) for system, value in one.systems.items()}
        plain = {name: getattr(one, name) for name in type(one).__dataclass_fields__} | {"still": one.still}
        shown.append(Decided.model_validate(plain | {"value": sight(one.value), "systems": systems}))
    return shown


@routes.post("/v1/decisions")
def decided(visit: Visiting, said: Deciding) -> Done:
    """人工裁定一个字段 · settle a field by hand, above every source, until taken back."""
    word = Word(said.value, visit.reader.account.name, said.reason)
    return Done(run_id=decisions.decide(visit, said.record, said.field, word=word))


@routes.post("/v1/decisions/undone")
def undecided(visit: Visiting, said: Undeciding) -> Done:
    """撤销裁定 · take a decision back; the sources speak again."""
    return Done(run_id=decisions.undecide(visit, said.record, said.field, reason=said.reason))


def _concerning(visit: RequestContext, held: Dispute) -> Dispute:
    """The dispute, if the reader may know of it."""
    if not dispute.concerns(visit.hub.contracts, held, visit.reader.account, visit.reader.rights):
        raise FlowError("ask.dispute_unknown", id=held.id)
    return held


def _disputed(visit: RequestContext, held: Dispute) -> Disputed:
    contracts, account = visit.hub.contracts, visit.reader.account
    system = contracts.systems.get(held.system)
    visit.saw([held.record_id])
    mine = dispute.answers_for(contracts, account, held)
    value = dispute.value_shown(contracts, held, account, visit.reader.rights)
    plain = {name: getattr(held, name) for name in type(held).__dataclass_fields__}
    return Disputed.model_validate(
        plain
        | {
            "value": value,
            "proposed": held.proposed if value == held.value else "",
            "clock": held.clock,
            "term": dispute.term(contracts, held),
            "late": held.clock is not None and held.clock < datetime.now(UTC),
            "system_title": _words(system.title_zh, system.title_en) if system else _words(held.system, held.system),
            "answering_unit": _words(system.department_zh, system.department_en) if system else _words("", ""),
            "may_answer": mine and held.state == "open",
        }
    )


def _words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}
