"""Routes that partners call: what they push to the hub, and what they fetch from it."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from hub.api.access import Visiting
from hub.api.batch_loader import BatchLoader
from hub.api.calls import CallInHand, IntakeDesk, Outlet
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import After, Most, RequestBody
from hub.errors import FlowError, HubError
from hub.services import handovers, inbound
from hub.services.handovers import AcknowledgeResult, DeliveryVerdict, FetchedPage
from hub.services.inbound import BodyReceipt, HandedIn, RecordVerdict
from hub.texts import both

routes = APIRouter(responses=PROBLEMS)

SystemName = Annotated[str, Path(description="系统名 · the partner", examples=["caller"])]
ResourceName = Annotated[str, Path(description="资源名 · as its contract calls it")]

ANY_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}
}


@dataclass(frozen=True, slots=True)
class IntakeAnswer(BodyReceipt):
    """The receipt of a body. verdicts: of each record, where the contract says so, else null."""

    verdicts: tuple[RecordVerdict, ...] | None = None


class DeliveryVerdicts(RequestBody):
    """DeliveryVerdicts on deliveries that were handed over."""

    verdicts: list[DeliveryVerdict] = Field(min_length=1, max_length=1000)


def _call(request: Request) -> CallInHand:
    call: CallInHand = request.state.call
    return call


InHand = Annotated[CallInHand, Depends(_call)]


@routes.post("/v1/intake/{system}/{resource}", response_model=IntakeAnswer, openapi_extra=ANY_BODY)
async def hand_in(
    request: Request, visit: Visiting, call: InHand, system: SystemName, resource: ResourceName
) -> JSONResponse:
    """推送记录：正文写入后才答复回执号，同一正文答复同一回执 · hand records in: the receipt is given once the body is
    written; the same body gets the same receipt. The partner's own signature instead of a token.
    """
    desk = call.desk
    if not isinstance(desk, IntakeDesk):
        raise FlowError("call.nowhere", system=system)
    first, connector = desk.flows[0], desk.connector
    try:
        payloads = connector.cut(first.read, call.content, content_type=call.content_type)
        inbound.refuse_secret(desk.flows, payloads)
        kept = await _loader(request).ask(
            HandedIn(
                system,
                resource,
                visit.by,
                content=call.content,
                charset=str(first.connect.get("charset", "utf-8")),
                records=len(payloads),
                repeats_seconds=connector.limits().repeats_seconds,
                admitted=call.admitted,
            )
        )
    except HubError as error:
        return request.state.calls.refused(request.url.path, error)  # type: ignore[no-any-return]
    answer = IntakeAnswer(**asdict(kept))
    if first.read.get("answer") == "verdicts":
        hub = request.app.state.hub
        told = await run_in_threadpool(inbound.taken_in, visit.hub, first, kept, hub.pull)
        answer = IntakeAnswer(**asdict(kept), verdicts=told)
    text, _ = both(
        "已收到 {records} 条，回执 {receipt}", records=kept.records, receipt=kept.receipt
    )
    return JSONResponse(connector.answered("", text, **jsonable_encoder(answer)))


@routes.get("/v1/deliveries/{system}/{resource}")
def fetch_deliveries(
    visit: Visiting,
    call: InHand,
    system: SystemName,
    resource: ResourceName,
    after: After = 0,
    size: Most = 100,
) -> FetchedPage:
    """取走推送：冻结的记录，逐条带 key；确认前每次取到的相同 · fetch deliveries: frozen records with their keys, the
    same each time until they are acknowledged.
    """
    desk = _outlet(call, system, resource)
    return handovers.fetched(
        visit, desk.flow, desk.connector, after=after, size=size, admitted=call.admitted
    )


@routes.post("/v1/deliveries/{system}/{resource}/acknowledged")
def acknowledge_deliveries(
    visit: Visiting,
    call: InHand,
    said: DeliveryVerdicts,
    system: SystemName,
    resource: ResourceName,
) -> AcknowledgeResult:
    """确认推送：逐条接受或退回，写明理由；取走过的才能确认 · acknowledge what was handed over: accepted, or
    rejected with a reason; all of the call, or none.
    """
    desk = _outlet(call, system, resource)
    return handovers.acknowledged(visit, desk.flow, said.verdicts, admitted=call.admitted)


def _outlet(call: CallInHand, system: str, resource: str) -> Outlet:
    if not isinstance(call.desk, Outlet):
        raise FlowError("call.nowhere", system=system, resource=resource)
    return call.desk


def _loader(request: Request) -> BatchLoader[HandedIn, BodyReceipt]:
    """Bodies that come at the same time are kept in one transaction."""
    state = request.app.state
    if not hasattr(state, "inbound"):
        state.inbound = BatchLoader(
            lambda bodies: inbound.keep(state.hub.database, state.hub.settings, bodies)
        )
    found: BatchLoader[HandedIn, BodyReceipt] = state.inbound
    return found
