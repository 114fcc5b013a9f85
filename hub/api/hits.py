"""Routes of hits: what supervision suspects, what the unit says to it, what is decided."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from hub.api.access import Visiting
from hub.api.request_bodies import LARGEST, Before, Few, Number, RequestBody, Words
from hub.services import hits
from hub.services.hits import (
    FIRST,
    FOREVER,
    HitBy,
    HitCounts,
    HitListed,
    HitsAsked,
    HitSheet,
    HitState,
    Reason,
    WrongValue,
)

routes = APIRouter()

Since = Annotated[date, Query(description="its month is the first", examples=["2026-10-01"])]
Until = Annotated[date, Query(description="its month is the last", examples=["2026-10-31"])]
Name = Annotated[str, Query(max_length=60, examples=["item_overdue"])]
County = Annotated[str, Query(max_length=6, pattern="^[0-9]*$", examples=["520502"])]
OfUnit = Annotated[str, Query(max_length=100, description="a unit of mappings/units.yaml")]
Standing = Annotated[HitState | Literal[""], Query(description="empty: all")]


class HitText(RequestBody):
    """What is said with an act."""

    text: Words = Field(examples=["请核对并说明"])


class Explanation(HitText):
    """Why it is not the unit's fault."""

    reason: Reason


class WrongField(HitText):
    """Which value is wrong, why, and what it should be. record: none for that of the hit."""

    field: Words = Field(examples=["limit_days"])
    proposed: Annotated[str, Field(max_length=1000, pattern="^[^\\x00]*$")] = ""
    record: Number | None = None


@routes.get("/v1/hits")
def hits_listed(  # noqa: PLR0913, PLR0917 -- a list has so many filters
    visit: Visiting,
    since: Since = FIRST,
    until: Until = FOREVER,
    indicator: Name = "",
    county: County = "",
    unit: OfUnit = "",
    state: Standing = "",
    before: Before = LARGEST,
    limit: Few = 50,
) -> list[HitListed]:
    """疑似与认定的命中，本地区或本单位的 · hits of one's regions, or those one's unit was told."""
    asked = HitsAsked(since, until, indicator, county, unit, state, before)
    return hits.listed(visit, asked, most=limit)


@routes.get("/v1/hits/counts")
def hits_counted(
    visit: Visiting,
    since: Since = FIRST,
    until: Until = FOREVER,
    indicator: Name = "",
    county: County = "",
    by: HitBy = "unit",
) -> list[HitCounts]:
    """各状态的数目；只有已认定的计数 · how many stand in which state; only confirmed ones count."""
    return hits.counts(visit, HitsAsked(since, until, indicator, county), by=by)


@routes.get("/v1/hits/{hit_id}")
def hit_shown(visit: Visiting, hit_id: Number) -> HitSheet:
    """一个命中：一句话、依据、经过 · a hit in one sentence, what it rests on, what was done."""
    return hits.one(visit, hit_id)


@routes.post("/v1/hits/{hit_id}/told")
def hit_told(visit: Visiting, hit_id: Number, said: HitText) -> HitSheet:
    """告知单位 · tell the unit; its term to answer begins."""
    return hits.tell_unit(visit, hit_id, said.text)


@routes.post("/v1/hits/{hit_id}/explanation")
def hit_explained(visit: Visiting, hit_id: Number, said: Explanation) -> HitSheet:
    """说明：数据无误，但不是本单位的责任 · the data are right, but it is not our fault."""
    return hits.explain(visit, hit_id, said.reason, said.text)


@routes.post("/v1/hits/{hit_id}/dispute")
def hit_disputed(visit: Visiting, hit_id: Number, said: WrongField) -> HitSheet:
    """数据有误：对该值提出校核 · the data are wrong: the value is disputed at its source."""
    wrong = WrongValue(said.field, said.text, said.proposed, said.record or 0)
    return hits.dispute(visit, hit_id, wrong)


@routes.post("/v1/hits/{hit_id}/confirmation")
def hit_confirmed(visit: Visiting, hit_id: Number, said: HitText) -> HitSheet:
    """认定，计入 · confirm: it counts."""
    return hits.confirm(visit, hit_id, said.text)


@routes.post("/v1/hits/{hit_id}/acceptance")
def hit_excused(visit: Visiting, hit_id: Number, said: HitText) -> HitSheet:
    """采纳说明，不计入 · accept the explanation: it does not count."""
    return hits.accept(visit, hit_id, said.text)


@routes.post("/v1/hits/{hit_id}/revocation")
def hit_revoked(visit: Visiting, hit_id: Number, said: HitText) -> HitSheet:
    """撤销，不计入 · take it back: it does not count."""
    return hits.revoke(visit, hit_id, said.text)
