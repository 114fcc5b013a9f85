"""Routes of operations: health, metrics, overview, runs, alerts, verifications, conservation."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import After, Day, Moment, Most, Number, Touched
from hub.services import alerts, conservation, metrics, overview, runs, verification
from hub.services.alerts import AlertView
from hub.services.conservation import Conserved
from hub.services.health import Health, Readiness
from hub.services.overview import Overview
from hub.services.runs import RunDetail, RunRecords, RunView
from hub.services.verification import Proven

routes = APIRouter(responses=PROBLEMS)


@routes.get("/healthz", responses={})
async def healthz() -> dict[Literal["status"], Literal["ok"]]:
    """进程在运行 · the process is alive, whatever becomes of the database; wants no token."""
    return {"status": "ok"}


@routes.get("/readyz", responses={503: {"model": Readiness}})
def readyz(request: Request, response: Response) -> Readiness:
    """能否工作 · whether the hub can do its work now: 503 where it cannot; wants no token, and says
    little.
    """
    found: Health = request.app.state.lookout.health()
    if found.status == "not_ready":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found.readiness


@routes.get("/v1/health")
def health(request: Request, _visit: Visiting) -> Health:
    """能否工作，逐项说明原因和处理 · the same with every check, its cause and its cure."""
    found: Health = request.app.state.lookout.health()
    return found


@routes.get("/v1/metrics", response_class=Response)
def measured(visit: Visiting) -> Response:
    """运行指标，Prometheus 格式 · how flows, records, deliveries and seals stand, as Prometheus
    reads it.
    """
    return Response(metrics.text(visit), media_type=metrics.CONTENT_TYPE)


@routes.get("/v1/overview")
def overview_now(visit: Visiting) -> Overview:
    """总览：各系统各实体的状态灯与最紧急事项 · lights by system and entity, and the most urgent things."""
    return overview.look(visit)


@routes.get("/v1/runs")
def runs_made(
    visit: Visiting,
    flow: str | None = None,
    state: str | None = None,
    since: Moment | None = None,
    before: Number | None = None,
    limit: Most = 50,
) -> list[RunView]:
    """运行及全部结果，新的在前 · runs with every outcome, newest first; `before`: those before this number."""
    return runs.listed(visit, flow=flow, state=state, since=since, before=before, most=limit)


@routes.get("/v1/runs/{run_id}")
def run(visit: Visiting, run_id: Number) -> RunDetail:
    """一次运行及其批次 · one run with its batches."""
    return runs.one(visit, run_id)


@routes.get("/v1/runs/{run_id}/records")
def run_records(
    visit: Visiting, run_id: Number, outcome: str | None = None, after: After = 0, limit: Most = 50
) -> RunRecords:
    """一次运行的记录 · payloads that landed in a run, and what it handed over."""
    return runs.records(visit, run_id, outcome=outcome, after=after, most=limit)


@routes.get("/v1/alerts")
def alerts_kept(visit: Visiting, *, closed: bool = False) -> list[AlertView]:
    """告警 · causes of which people are told."""
    return alerts.listed(visit, closed=closed)


@routes.post("/v1/alerts/test")
def alert_test(visit: Visiting) -> Touched:
    """发送测试告警 · send a test message to every address."""
    return Touched(alerts.test(visit))


@routes.get("/v1/verifications")
def verifications(visit: Visiting, limit: Most = 10) -> Proven:
    """核验什么、如何核验，及历次结果 · what is covered, table by table, and what the last verifications found."""
    return verification.proven(visit, most=limit)


@routes.get("/v1/conservation")
def conserved(
    visit: Visiting,
    since: Annotated[Day | None, Query(description="起始日 · first day")] = None,
    flow: str | None = None,
) -> Conserved:
    """收发核对，按日 · the balance by day, with its exceptions."""
    return conservation.conserved(visit, since, flow=flow)
