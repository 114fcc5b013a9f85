"""Routes of quarantine entries, findings, remarks and replays."""

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import Most, Number, RequestBody, Sentence, Touched
from hub.services import failure_groups, findings, quarantine, replay_jobs
from hub.services.failure_groups import Cause
from hub.services.failures import FailureView
from hub.services.findings import PayloadFinding
from hub.services.quarantine import Remark, Selection
from hub.services.replay_jobs import JobView

routes = APIRouter(responses=PROBLEMS)


class Chosen(RequestBody):
    """Open entries: by id, flow or cause; all of them only by `everything`."""

    ids: list[Number] | None = Field(default=None, max_length=10_000)
    flow: str | None = Field(default=None, max_length=200, pattern="^[^\\x00]*$")
    cause: str | None = Field(default=None, max_length=1000, pattern="^[^\\x00]*$")
    everything: bool = False

    def selection(self) -> Selection:
        """The selection; FlowError (ask.nothing_selected) where nothing is named."""
        return quarantine.selected(self.ids, self.flow, self.cause, everything=self.everything)


class Assignment(Chosen):
    """Who handles them; null: nobody."""

    to: str | None = Field(default=None, max_length=100, pattern="^[^\\x00]*$")


class Discarding(Chosen):
    """Why they are closed for good."""

    reason: Sentence


class Saying(RequestBody):
    """A remark on an entry, or on a cause of a flow."""

    entry_id: Number | None = None
    flow: str = Field(default="", max_length=200, pattern="^[^\\x00]*$")
    cause: str = Field(default="", max_length=1000, pattern="^[^\\x00]*$")
    said: Sentence


@routes.get("/v1/failures")
def failure_causes(
    visit: Visiting, flow: str | None = None, cause: str | None = None
) -> list[Cause]:
    """问题数据，按原因汇总 · open quarantine entries by cause."""
    return failure_groups.listed(visit, flow=flow, cause=cause)


@routes.get("/v1/findings")
def remarkable(visit: Visiting, flow: str | None = None) -> list[PayloadFinding]:
    """值得注意而不算错误的情况 · what is remarkable about current records and no fault, lists that nobody reads
    too.
    """
    return findings.listed(visit, flow=flow)


@routes.get("/v1/failures/{entry_id}")
def failure(visit: Visiting, entry_id: Number) -> FailureView:
    """一条问题数据 · one entry with every fault; its payload for administrators only."""
    return quarantine.entry(visit, entry_id)


@routes.post("/v1/failures/assignments")
def assign(visit: Visiting, asked: Assignment) -> Touched:
    """指派处理人 · say who sees to entries."""
    return Touched(quarantine.assign(visit, asked.selection(), to=asked.to))


@routes.post("/v1/failures/discarded")
def discard(visit: Visiting, asked: Discarding) -> Touched:
    """弃用并说明理由 · close entries for good."""
    return Touched(quarantine.discard(visit, asked.selection(), reason=asked.reason))


@routes.get("/v1/remarks")
def remarks_made(
    visit: Visiting, flow: str, cause: str, entry_id: Number | None = None
) -> list[Remark]:
    """关于某原因或某条问题的备注 · what was said of a cause, or of one entry."""
    return quarantine.remarks(visit, flow=flow, cause=cause, entry=entry_id)


@routes.post("/v1/remarks")
def remark(visit: Visiting, saying: Saying) -> Touched:
    """添加备注 · say something of a cause, or of one entry."""
    quarantine.remark(
        visit, saying.said, flow=saying.flow, cause=saying.cause, entry=saying.entry_id
    )
    return Touched(1)


@routes.get("/v1/replays")
def replays(visit: Visiting, limit: Most = 20) -> list[JobView]:
    """重新处理任务，新的在前 · replays, newest first."""
    return replay_jobs.listed(visit, most=limit)


@routes.post("/v1/replays", status_code=202)
def replay(visit: Visiting, asked: Chosen) -> JobView:
    """开始重新处理 · begin a replay; it goes on while others ask how far it is."""
    return replay_jobs.one(visit, quarantine.replay_soon(visit, asked.selection()))


@routes.get("/v1/replays/{job_id}")
def replay_now(visit: Visiting, job_id: Number) -> JobView:
    """一次重新处理的进度 · how far one replay is."""
    return replay_jobs.one(visit, job_id)
