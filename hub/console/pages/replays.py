"""Replay jobs: progress and result."""

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING, RequestContext
from hub.console import components
from hub.console.flows import (
    equation,
    flow_title,
    state,
    styled,
    when,
    why,
)
from hub.console.page import ConsolePage, page
from hub.console.words import moment, number, t
from hub.domain.contracts import Contracts
from hub.errors import HubError
from hub.services import replay_jobs, runs
from hub.services.replay_jobs import JobView
from hub.services.runs import RunView

SECONDS = 1.0
"""Interval of refreshing a running job's page."""


@page("/failures/replays/{job_id}", title="重新处理", roles=ADMINISTERING)
async def replaying(page: ConsolePage, job_id: int) -> None:
    """A job's progress and result."""
    styled()
    shown = ui.element("div").classes("page")

    async def renew() -> bool:
        job, runs = await page.look(lambda visit: _job(visit, job_id))
        shown.clear()
        with shown:
            _progress(page.hub.contracts, job, runs)
        return job.state == "running"

    async def again() -> None:
        try:
            going_on = await renew()
        except HubError as error:  # signed out meanwhile, or the database is away
            going_on = False
            components.failed(error)
        if not going_on:
            timer.deactivate()

    if await renew():
        timer = ui.timer(SECONDS, again)


def _job(visit: RequestContext, job_id: int) -> tuple[JobView, list[RunView]]:
    found = replay_jobs.one(visit, job_id)
    return found, runs.by_numbers(visit, found.runs)


def jobs(latest: Sequence[JobView]) -> None:
    """The latest replay jobs."""
    components.table(
        [
            t("任务"),
            t("状态"),
            t("发起"),
            t("开始"),
            t("进度"),
            t("范围"),
        ],
        [
            (
                components.link(f"/failures/replays/{job.id}", f"#{job.id}"),
                state(job.state),
                job.asked_by,
                when(job.started_at),
                f"{number(job.done)} / {number(job.total)}",
                _job_title(job),
            )
            for job in latest
        ],
    )


def _job_title(job: JobView) -> str:
    ids, flow, cause = (job.asked.get(name) for name in ("ids", "flow", "cause"))
    if isinstance(ids, list):
        return t("{ids} 条", ids=len(ids))
    return " · ".join(str(part) for part in (flow, cause) if part) or t("全部")


def _progress(contracts: Contracts, job: JobView, runs: Sequence[RunView]) -> None:
    share = 1.0 if job.state == "complete" else job.done / job.total if job.total else 0.0
    with components.card():
        components.facts(
            [
                (t("状态"), state(job.state)),
                (t("范围"), _job_title(job)),
                (t("发起"), f"{job.asked_by} · {moment(job.started_at)}"),
                (t("进度"), f"{number(job.done)} / {number(job.total)}"),
            ]
        )
        ui.linear_progress(value=share, show_value=False, size="10px").props(
            f'rounded aria-label="{t("进度")}"'
        )
        if job.why:
            components.show(why(job.why))
        if job.state == "aborted":
            components.text(t("服务中断。已完成的部分有效，可再次重新处理。"))
        if job.marked:
            components.text(t("{marked} 条推送将在下次推送时重发。", marked=job.marked))
    if runs:
        with components.card(t("结果")):
            for row in runs:
                components.show(
                    Markup("<p>{} {} {}</p>").format(
                        components.link(f"/runs/{row.id}", f"#{row.id}"),
                        flow_title(contracts, row.flow),
                        equation(row.counts, balanced=row.balanced),
                    )
                )
    if job.state != "running":
        components.show(Markup("<p>{}</p>").format(components.link("/failures", t("← 其余问题"))))
