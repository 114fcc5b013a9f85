"""The administrators' routes: the overview, the records of a run, and what is done about failures and differences."""

from fastapi import APIRouter

from hub.api import watched
from hub.api.access import Visiting
from hub.api.asked import After, Number
from hub.api.routes import PROBLEMS, Most
from hub.db import alerts, jobs, outcomes, remarks
from hub.db.jobs import Job
from hub.db.quarantine import Selection
from hub.errors import Fault, FlowError
from hub.pipeline.word import Word
from hub.services import (
    alarms,
    deliveries,
    failures,
    held,
    naming,
    overview,
    quarantine,
    reconciliation,
    restorations,
    shapes,
)
from hub.services.deliveries import FlowDeliveries, Standing
from hub.services.held import HeldView
from hub.services.restorations import RestorationView, UncertainView
from hub.services.shapes import SourceShape

watching = APIRouter(responses=PROBLEMS)


@watching.get("/v1/overview")
def overview_now(visit: Visiting) -> watched.Overview:
    """总览：各系统各实体的状态灯与最紧急事项 · lights by system and entity, and the most urgent things."""
    with visit.hub.database.reading() as tx:
        found = overview.look(tx, visit.hub.contracts, visit.hub.settings)
    cells = [
        {"system": cell.system, "entity": cell.entity, "light": cell.light}
        | {way: [_flow(one) for one in getattr(cell, way)] for way in ("pulls", "pushes")}
        for cell in found.cells
    ]
    urgent = [_fields(one) | {"told": failures.said(one.fault)} for one in found.urgent]
    more = {"cells": cells, "urgent": urgent, "lights": found.lights}
    return watched.Overview.model_validate(_fields(found) | more)


@watching.get("/v1/runs/{run_id}/records")
def run_records(
    visit: Visiting, run_id: Number, outcome: str | None = None, after: After = 0, limit: Most = 50
) -> watched.RunRecords:
    """一次运行的记录 · payloads that landed in a run, and what it handed over."""
    naming.one_of("outcome", outcome, outcomes.OUTCOMES)
    with visit.hub.database.reading() as tx:
        naming.numbered(tx, "run", [run_id])
        landed = outcomes.landed(tx, run_id, outcome=outcome, after=after, most=limit)
        handed = outcomes.handed(tx, run_id, outcome=outcome, after=after, most=limit)
    visit.saw([row.record_id for row in handed])
    return watched.RunRecords.model_validate({"landed": landed, "handed": handed})


@watching.get("/v1/held")
def held_now(visit: Visiting, *, flow: str | None = None, decided: bool = False, limit: Most = 50) -> list[HeldView]:
    """整批未采用、等待处理的数据，含原因、数值和条数 · batches that are held, and why."""
    with visit.hub.database.reading() as tx:
        return held.held_batches(tx, flow=flow, decided=decided, most=limit)


@watching.post("/v1/held/decisions")
def decide_held(visit: Visiting, asked: watched.Deciding) -> watched.Touched:
    """采用或放弃整批未采用的数据 · apply held batches, or leave them unapplied for good."""
    hub, word = visit.hub, Word(visit.reader.account.name, asked.reason)
    if asked.accept:
        done = held.accept(hub.database, hub.contracts_now(), hub.settings, asked.batches, word=word)
    else:
        done = held.drop(hub.database, hub.settings, asked.batches, word=word)
    return watched.Touched(count=len(done))


@watching.get("/v1/shapes/{flow}")
def shape_of_source(visit: Visiting, flow: str) -> SourceShape:
    """来源的结构 · what was seen of a flow's source fields, and the changes that were met."""
    with visit.hub.database.reading() as tx:
        return shapes.shape_of(tx, visit.hub.contracts, flow)


@watching.get("/v1/deliveries")
def deliveries_now(visit: Visiting, flow: str | None = None) -> list[FlowDeliveries]:
    """各推送流程的现状与原因 · how every delivery stands and why, counted by reason."""
    hub, rights = visit.hub, visit.reader.rights
    with hub.database.reading() as tx:
        if flow is not None:
            return [deliveries.of_flow(tx, hub.contracts, flow, rights=rights)]
        return deliveries.of_flows(tx, hub.contracts, rights=rights)


@watching.get("/v1/deliveries/uncertain")
def uncertain_now(visit: Visiting, flow: str | None = None, after: int = 0, limit: Most = 50) -> list[UncertainView]:
    """恢复后待人工确认的推送 · deliveries that wait for a person since the database was restored."""
    with visit.hub.database.reading() as tx:
        found = restorations.waiting(tx, flow=flow, after=after, most=limit)
    visit.saw([row.record for row in found])
    return found


@watching.post("/v1/deliveries/decisions")
def settle_deliveries(visit: Visiting, asked: watched.SettlingDeliveries) -> watched.Touched:
    """推送，或视为已送达 · send uncertain deliveries, or take them as sent; the next push does it."""
    hub, word = visit.hub, Word(visit.reader.account.name, asked.reason)
    count = restorations.settle(hub.database, hub.settings, asked.flow, asked.records, send=asked.send, word=word)
    return watched.Touched(count=count)


@watching.post("/v1/differences/surplus")
def settle_surplus(visit: Visiting, asked: watched.SettlingSurplus) -> watched.Touched:
    """在对方撤回多出的记录，或重新认领 · take back what a target holds beyond ours, or let it be ours again."""
    hub, word = visit.hub, Word(visit.reader.account.name, asked.reason)
    count = restorations.settle_surplus(hub.database, hub.settings, asked.ids, withdraw=asked.withdraw, word=word)
    return watched.Touched(count=count)


@watching.get("/v1/restorations")
def restorations_made(visit: Visiting, limit: Most = 50) -> list[RestorationView]:
    """历次恢复 · when the database came back older than its partners."""
    with visit.hub.database.reading() as tx:
        return restorations.listed(tx, visit.hub.contracts, most=limit)


@watching.post("/v1/restorations")
def declare_restored(visit: Visiting, asked: watched.Restoring) -> RestorationView:
    """声明数据库已恢复 · say that the database was restored: every delivery is uncertain from then on."""
    hub, word = visit.hub, Word(visit.reader.account.name, asked.reason)
    return restorations.declare(
        hub.database,
        hub.contracts,
        hub.settings,
        word=word,
        nothing_lost=asked.nothing_lost,
        checkpoints=asked.checkpoints,
    )


@watching.get("/v1/records/{record_id}/deliveries")
def deliveries_of_record(visit: Visiting, record_id: Number) -> list[Standing]:
    """一条记录对各目标的推送现状、原因与解决办法 · where a record goes, how that stands, and why."""
    with visit.hub.database.reading() as tx:
        rights = visit.reader.rights
        known, found = deliveries.of_record(tx, visit.hub.contracts, str(record_id), rights=rights)
    visit.saw([record_id], project_code=str(known.values.get("project_code") or "") or None)
    return found


@watching.post("/v1/failures/assignments")
def assign(visit: Visiting, asked: watched.Assignment) -> watched.Touched:
    """指派处理人 · say who sees to entries."""
    return watched.Touched(count=quarantine.assign(visit, _selection(asked), to=asked.to))


@watching.post("/v1/failures/discarded")
def discard(visit: Visiting, asked: watched.Discarding) -> watched.Touched:
    """弃用并说明理由 · close entries for good."""
    return watched.Touched(count=quarantine.discard(visit, _selection(asked), reason=asked.reason))


@watching.get("/v1/remarks")
def remarks_made(visit: Visiting, flow: str, cause: str, entry_id: Number | None = None) -> list[watched.Remark]:
    """关于某原因或某条问题的备注 · what was said of a cause, or of one entry."""
    with visit.hub.database.reading() as tx:
        said = remarks.remarks(tx, flow=flow, cause=cause, entry=entry_id)
    return [watched.Remark.model_validate(one) for one in said]


@watching.post("/v1/remarks")
def remark(visit: Visiting, saying: watched.Saying) -> watched.Touched:
    """添加备注 · say something of a cause, or of one entry."""
    quarantine.remark(visit, saying.said, flow=saying.flow, cause=saying.cause, entry=saying.entry_id)
    return watched.Touched(count=1)


@watching.get("/v1/replays")
def replays(visit: Visiting, limit: Most = 20) -> list[watched.Job]:
    """重新处理任务，新的在前 · replays, newest first."""
    with visit.hub.database.transaction() as tx:
        return [_job(one) for one in jobs.jobs(tx, most=limit)]


@watching.post("/v1/replays", status_code=202)
def replay(visit: Visiting, asked: watched.Chosen) -> watched.Job:
    """开始重新处理 · begin a replay; it goes on while others ask how far it is."""
    number = quarantine.replay_soon(visit, _selection(asked))
    return replay_now(visit, number)


@watching.get("/v1/replays/{job_id}")
def replay_now(visit: Visiting, job_id: Number) -> watched.Job:
    """一次重新处理的进度 · how far one replay is."""
    with visit.hub.database.transaction() as tx:
        found = jobs.jobs(tx, job=job_id)
    if not found:
        raise FlowError("ask.job_unknown", id=job_id)
    return _job(found[0])


@watching.post("/v1/differences/decisions")
def settle(visit: Visiting, asked: watched.Settling) -> watched.Touched:
    """决定对账差异：重新推送或保持原样 · send what differs again, or leave it as it is."""
    decide = reconciliation.send_again if asked.resend else reconciliation.leave
    return watched.Touched(count=decide(visit, asked.ids, reason=asked.reason))


@watching.get("/v1/alerts")
def alerts_kept(visit: Visiting, *, closed: bool = False) -> list[watched.Alert]:
    """告警 · causes of which people are told."""
    with visit.hub.database.reading() as tx:
        kept = alerts.alerts(tx, closed=closed)
    return [
        watched.Alert.model_validate(_fields(one) | {"told": failures.said(Fault("", one.code, one.facts))})
        for one in kept
    ]


@watching.post("/v1/alerts/test")
def alert_test(visit: Visiting) -> watched.Touched:
    """发送测试告警 · send a test message to every address."""
    alarms.test(visit.hub.settings)
    return watched.Touched(count=len(visit.hub.settings.alert_urls))


def _selection(asked: watched.Chosen) -> Selection:
    """What was named; nothing named needs `everything`, so that a slip does not take up everything."""
    if not (asked.ids or asked.flow or asked.cause or asked.everything):
        raise FlowError("ask.nothing_selected")
    return Selection(ids=asked.ids or None, flow=asked.flow, cause=asked.cause)


def _job(job: Job) -> watched.Job:
    return watched.Job.model_validate(_fields(job) | {"why": failures.said(job.fault) if job.fault else None})


def _fields(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]


def _flow(one: overview.FlowNow) -> dict[str, object]:
    disabled = failures.said(one.disabled) if one.disabled else None
    told = {"light": one.light, "target": one.target, "hours": one.hours, "disabled": disabled}
    return _fields(one.standing) | told
