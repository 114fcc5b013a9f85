"""Routes of units without a system: template, workbook, record, withdrawal; what is new."""

import binascii
from base64 import b64decode
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import Field

from hub.api.access import Visiting
from hub.api.prefill import XLSX
from hub.api.request_bodies import RequestBody, Sentence
from hub.auth.context import RequestContext
from hub.errors import FlowError
from hub.services import new_deliveries, supply
from hub.services.new_deliveries import AcknowledgeResult, DeliveryTable, DeliveryVerdict
from hub.services.prefill.search import Suggestion
from hub.services.supply import Pull, SupplyAnswer, SupplyOffer, SupplySheet
from hub.texts import reason
from hub.wiring import Hub

routes = APIRouter()


class WorkbookSent(RequestBody):
    """A workbook. content: base64."""

    file: str = Field(min_length=1, max_length=200, examples=["报装.xlsx"])
    content: str = Field(min_length=1, description="base64")

    @property
    def bytes(self) -> bytes:
        """The workbook itself."""
        try:
            return b64decode(self.content, validate=True)
        except (binascii.Error, ValueError):
            raise FlowError("ask.unreadable", **reason("上传内容的编码不对")) from None


class RecordSent(RequestBody):
    """A record by the titles of the template's columns."""

    cells: dict[str, str] = Field(examples=[{"报装编号": "GD-2026-0001"}], max_length=300)


class SupplyWithdrawal(RequestBody):
    """A record to withdraw, by its source key, and why."""

    key: str = Field(min_length=1, max_length=400, examples=["GD-2026-0001"])
    reason: Sentence


@routes.get("/v1/supply")
def supplied(visit: Visiting) -> list[SupplyOffer]:
    """本单位可报送的数据 · what this account's unit may hand in without a system of its own."""
    return supply.listed(visit)


@routes.get("/v1/supply/{flow}")
def supply_sheet(visit: Visiting, flow: str) -> SupplySheet:
    """报送模板的列、最近的报送和现有记录 · columns, what was handed in last, what stands today."""
    return supply.one(visit, flow)


@routes.get(
    "/v1/supply/{flow}/template",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}}},
)
def supply_template(visit: Visiting, flow: str, lang: Literal["zh", "en"] = "zh") -> Response:
    """空白模板（XLSX） · the empty workbook, with code lists as drop-downs."""
    name = quote(f"{flow}.xlsx")
    return Response(
        supply.blank(visit, flow, lang=lang),
        media_type=XLSX,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@routes.get("/v1/supply/{flow}/projects")
def supply_projects(
    visit: Visiting, flow: str, q: Annotated[str, Query(min_length=1, max_length=200)]
) -> list[Suggestion]:
    """可填写的项目 · projects that a text may mean and that this account may supply for."""
    return supply.suggested(visit, flow, q)


@routes.post("/v1/supply/{flow}/workbook")
def supply_workbook(visit: Visiting, flow: str, said: WorkbookSent) -> SupplyAnswer:
    """上传工作簿：整份收下，或逐格说明且一行不收 · taken whole, or nothing and every bad cell named."""
    return supply.upload(visit, flow, said.file, said.bytes, pull=_pull(visit))


@routes.post("/v1/supply/{flow}/records")
def supply_record(visit: Visiting, flow: str, said: RecordSent) -> SupplyAnswer:
    """填报一条；已有编号即为更正 · one record; a known key is corrected."""
    return supply.enter(visit, flow, said.cells, pull=_pull(visit))


@routes.post("/v1/supply/{flow}/withdrawals")
def supply_withdrawn(visit: Visiting, flow: str, said: SupplyWithdrawal) -> SupplyAnswer:
    """撤回一条，须说明理由 · withdraw a record, with a reason."""
    return supply.withdraw(visit, flow, said.key, reason=said.reason, pull=_pull(visit))


class NewsVerdicts(RequestBody):
    """Verdicts of a clerk, by the keys of the deliveries."""

    verdicts: list[DeliveryVerdict] = Field(min_length=1, max_length=500)


@routes.get("/v1/news")
def news(visit: Visiting) -> list[DeliveryTable]:
    """新到：推送给本单位、尚未确认的数据 · what lies ready for this unit, not yet acknowledged."""
    return new_deliveries.listed(visit)


@routes.get(
    "/v1/news/{flow}/xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}}
)
def news_workbook(visit: Visiting, flow: str, lang: Literal["zh", "en"] = "zh") -> Response:
    """导出新到数据（XLSX） · the same as a workbook."""
    name = quote(f"{flow}.xlsx")
    return Response(
        new_deliveries.exported(visit, flow, lang=lang),
        media_type=XLSX,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@routes.post("/v1/news/{flow}/acknowledged")
def news_acknowledged(visit: Visiting, flow: str, said: NewsVerdicts) -> AcknowledgeResult:
    """已阅或退回，退回须写明理由 · acknowledge, or refuse with words."""
    return new_deliveries.acknowledge(visit, flow, said.verdicts)


def _pull(visit: RequestContext) -> Pull | None:
    """What takes in at once what has been handed in."""
    return visit.hub.pull if isinstance(visit.hub, Hub) else None
