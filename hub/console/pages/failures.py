"""Failures: by cause, one by one with every error at its place; assigned, discussed, replayed, discarded."""

from collections.abc import Awaitable, Callable, Sequence

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING, LOOKING_INTO, RequestContext
from hub.console import components
from hub.console.flows import (
    asking,
    cause_words,
    entity_title,
    equation,
    flow_choices,
    flow_title,
    more,
    noted_table,
    state,
    styled,
    values_seen,
    when,
    why,
)
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import lang, marked, moment, number, t, word
from hub.domain.contracts import Contracts
from hub.errors import FlowError, HubError
from hub.services import failure_groups as causes_of
from hub.services import findings, quarantine, replay_jobs, runs
from hub.services.failure_groups import Cause
from hub.services.failures import EntryView, FailureView, FaultText, PayloadLine
from hub.services.findings import Noted
from hub.services.quarantine import Remark, Selection
from hub.services.replay_jobs import JobView
from hub.services.runs import RunView

LISTED = 50
PICKED = "[...document.querySelectorAll('input[name=pick]:checked')].map(one => Number(one.value))"
SECONDS = 1.0
"""Between two looks at a replay under way."""


@page(
    "/failures",
    zh="问题数据",
    en="Failures",
    roles=LOOKING_INTO,
    menu=MenuEntry("watch", 3, "report"),
)
async def causes(page: ConsolePage, flow: str = "") -> None:
    """Open entries by cause, and the latest replays."""
    groups, latest, noted = await page.look(lambda visit: _causes(visit, flow or None))
    styled()
    contracts = page.hub.contracts
    asking(
        "/failures", [("flow", t("流程", "Flow"), flow, flow_choices(contracts))], t("查看", "Show")
    )
    with components.card(t("按原因汇总", "By cause")):
        components.table(
            [
                *(
                    t("条数", "Entries"),
                    t("说明", "What is wrong"),
                    t("流程", "Flow"),
                    t("环节", "Stage"),
                ),
                *(t("责任人", "Owner"), t("处理人", "Seen to by"), t("最近", "Last")),
            ],
            [_group(contracts, group, page.hub.settings.overview_count) for group in groups],
            numeric=(0,),
            nothing=t("没有未处理的问题数据。", "No failure is open."),
        )
    if noted:
        days = page.hub.settings.notes_days
        with components.card(
            t(f"近 {days} 天值得注意而不算错误的情况", f"Remarkable and no fault, of {days} days")
        ):
            noted_table(contracts, noted)
    if latest:
        with components.card(t("最近的重新处理", "Latest replays")):
            _jobs(latest)


@page("/failures/cause", zh="同一原因的问题", en="Failures of one cause", roles=LOOKING_INTO)
async def cause(page: ConsolePage, flow: str = "", cause: str = "", after: int = 0) -> None:
    """The entries of one cause; what is done about all of them, or about some."""
    group, rows, said = await page.look(lambda visit: _one_cause(visit, flow, cause, after))
    styled()
    with components.card(t(group.zh, group.en) if group else cause_words(cause)):
        components.facts(
            [
                (t("原因", "Cause"), components.code(cause)),
                (
                    t("流程", "Flow"),
                    components.link(
                        address("/runs", flow=flow), flow_title(page.hub.contracts, flow)
                    ),
                ),
                (
                    t("未处理", "Open"),
                    _counted(group, page.hub.settings.overview_count) if group else 0,
                ),
                (t("所见的值", "Values seen"), values_seen(group) if group else ""),
                (t("责任人", "Owner"), group.owner if group else ""),
                (t("处理人", "Seen to by"), ", ".join(group.assignees) if group else ""),
                (
                    t("首次、最近", "First, last"),
                    f"{moment(group.first_at)} — {moment(group.last_at)}" if group else "",
                ),
            ]
        )
        if group and page.reader.account.role == "administrator":
            whole = Selection(flow=flow, cause=cause)
            _acts(page, lambda: _chosen(whole), t("本原因的全部问题", "all of this cause"))
    with components.card(t("逐条", "One by one")):
        _entries(page, rows)
        more(
            "/failures/cause",
            LISTED,
            rows,
            flow=flow,
            cause=cause,
            after=rows[-1].id if rows else 0,
        )
    _remarks(page, said, flow=flow, cause=cause)


@page("/failures/entry/{entry_id}", zh="问题详情", en="Failure", roles=LOOKING_INTO)
async def entry(page: ConsolePage, entry_id: int) -> None:
    """One entry: what came, every error at its place, the rule and the cure."""
    found, said, again = await page.look(lambda visit: _entry(visit, entry_id))
    styled()
    row = found
    with components.card():
        _about(page.hub.contracts, row, again)
        if row.state == "open" and page.reader.account.role == "administrator":
            _acts(page, lambda: _chosen(Selection(ids=[row.id])), t("这一条", "this one"))
    with ui.element("div").classes("halves"):
        with components.card(
            t("报文", "Payload") if row.stage == "intake" else t("推送内容", "What was handed over")
        ):
            _payload(found)
        with components.card(t("错误与处理", "Errors and cures")):
            components.show(
                Markup('<ol class="faults">{}</ol>').format(_faults(found.faults))
            ).classes("wide")
    _remarks(page, said, flow=row.flow, cause=row.cause, entry=row.id)


@page("/failures/replays/{job_id}", zh="重新处理", en="Replay", roles=ADMINISTERING)
async def replaying(page: ConsolePage, job_id: int) -> None:
    """How far a replay is, and what came of it."""
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


Choose = Callable[[], Awaitable[Selection]]


async def _chosen(selection: Selection) -> Selection:
    return selection


async def _picked() -> Selection:
    """The entries that are ticked."""
    picked = await ui.run_javascript(PICKED)
    ids = [int(one) for one in picked]
    if not ids:
        raise FlowError("ask.nothing_selected")
    return Selection(ids=ids)


def _acts(page: ConsolePage, choose: Choose, what: str) -> None:
    """Replay, assign and discard a selection."""

    async def replay() -> None:
        selection = await choose()
        job = await page.act("replay", lambda visit: quarantine.replay_soon(visit, selection))
        ui.navigate.to(f"/failures/replays/{job}")

    async def assign() -> None:
        selection = await choose()
        await page.act(
            "assign", lambda visit: quarantine.assign(visit, selection, to=who.value or None)
        )
        ui.navigate.reload()

    async def discard() -> None:
        selection, reason = await choose(), why_not.value.strip()
        if not reason:
            components.notify(t("请填写理由。", "Give a reason."), bad=True)
            return
        await page.act("discard", lambda visit: quarantine.discard(visit, selection, reason=reason))
        ui.navigate.reload()

    with ui.dialog() as assigning, ui.card():
        components.heading(t("指派处理人", "Who sees to it"))
        who = ui.input(
            t("处理人（留空则取消）", "Name (empty: nobody)"), value=page.reader.account.name
        ).classes("wide")
        components.button(t("指派", "Assign"), assign)
    with ui.dialog() as discarding, ui.card():
        components.heading(
            t("弃用：不再处理，原始报文保留", "Discard: closed for good; the payload stays")
        )
        why_not = ui.textarea(t("理由", "Reason")).classes("wide")
        components.button(t("弃用", "Discard"), discard, kind="bad")
    with ui.element("div").classes("acts no-print"):
        components.show(Markup('<span class="soft">{}</span>').format(what))
        components.button(t("重新处理", "Replay"), replay)
        components.button(t("指派…", "Assign…"), assigning.open, kind="plain")
        components.button(t("弃用…", "Discard…"), discarding.open, kind="plain")


def _causes(
    visit: RequestContext, flow: str | None
) -> tuple[list[Cause], list[JobView], list[Noted]]:
    groups = causes_of.listed(visit, flow=flow, most=visit.hub.settings.overview_count)
    return groups, replay_jobs.listed(visit, most=5), findings.noted(visit, flow=flow)


def _one_cause(
    visit: RequestContext, flow: str, cause: str, after: int
) -> tuple[Cause | None, list[EntryView], list[Remark]]:
    groups = causes_of.listed(visit, flow=flow, cause=cause, most=visit.hub.settings.overview_count)
    rows = quarantine.entries(visit, flow=flow, cause=cause, after=after, most=LISTED)
    return (groups[0] if groups else None), rows, quarantine.remarks(visit, flow=flow, cause=cause)


def _entry(visit: RequestContext, entry_id: int) -> tuple[FailureView, list[Remark], int | None]:
    found = quarantine.entry(visit, entry_id)
    said = quarantine.remarks(visit, flow=found.flow, cause=found.cause, entry=entry_id)
    return found, said, quarantine.followed_by(visit, found)


def _job(visit: RequestContext, job_id: int) -> tuple[JobView, list[RunView]]:
    found = replay_jobs.one(visit, job_id)
    return found, runs.by_numbers(visit, found.runs)


def _group(contracts: Contracts, group: Cause, most: int) -> tuple[object, ...]:
    here = address("/failures/cause", flow=group.flow, cause=group.cause)
    return (
        Markup("<b>{}</b>").format(_counted(group, most)),
        Markup('<span class="wrong">{}<br>{}</span>').format(
            components.link(here, t(group.zh, group.en)), components.code(group.cause)
        ),
        flow_title(contracts, group.flow),
        Markup('<span class="when">{}</span>').format(word(group.stage)),
        group.owner,
        ", ".join(group.assignees),
        when(group.last_at),
    )


def _counted(group: Cause, most: int) -> str:
    """How many entries; a plus where counting ended."""
    return number(group.entries) + ("+" if group.entries >= most else "")


def _entries(page: ConsolePage, rows: Sequence[EntryView]) -> None:
    acting = page.reader.account.role == "administrator" and rows
    if acting:
        _acts(page, _picked, t("所选", "those ticked"))
    head = [
        t("问题", "Failure"),
        t("来源主键", "Source key"),
        t("处理人", "Seen to by"),
        t("自", "Since"),
        t("错误数", "Errors"),
    ]
    components.table(
        [*([t("选", "Pick")] if acting else []), *head],
        [
            (
                *([_tick(row)] if acting else []),
                components.link(f"/failures/entry/{row.id}", f"#{row.id}"),
                components.code(row.key),
                row.assignee,
                when(row.opened_at),
                len(row.faults),
            )
            for row in rows
        ],
        nothing=t("都处理完了。", "All of them are seen to."),
    )


def _tick(row: EntryView) -> Markup:
    return Markup('<input type="checkbox" name="pick" value="{}" aria-label="{}">').format(
        row.id, t(f"选择问题 {row.id}", f"pick failure {row.id}")
    )


def _about(contracts: Contracts, row: EntryView, again: int | None) -> None:
    closed = " ".join(part for part in (moment(row.closed_at), row.closed_by, row.reason) if part)
    followed = (
        components.link(
            f"/failures/entry/{again}",
            t(f"重新处理后仍有问题：#{again}", f"failed again as #{again}"),
        )
        if again
        else ""
    )
    components.facts(
        [
            (t("问题", "Failure"), Markup("#{} {} {}").format(row.id, state(row.state), followed)),
            (
                t("流程", "Flow"),
                components.link(address("/runs", flow=row.flow), flow_title(contracts, row.flow)),
            ),
            (t("数据", "Records"), entity_title(contracts, row.flow.split(".")[2])),
            (
                t("来源主键、位置", "Source key, position"),
                Markup("{} {}").format(components.code(row.key), row.position or ""),
            ),
            (t("同一原因", "Of this cause"), _of_cause(row)),
            (t("责任人", "Owner"), row.owner),
            (t("处理人", "Seen to by"), row.assignee),
            (
                t("发现", "Found"),
                Markup("{} · {}").format(moment(row.opened_at), _run(row.opened_run)),
            ),
            *(
                [(t("了结", "Closed"), Markup("{} {}").format(closed, _run(row.closed_run)))]
                if row.closed_at
                else []
            ),
        ]
    )


def _of_cause(row: EntryView) -> Markup:
    return components.link(
        address("/failures/cause", flow=row.flow, cause=row.cause), cause_words(row.cause)
    )


def _run(run: int | None) -> Markup:
    return components.link(f"/runs/{run}", t(f"运行 #{run}", f"run #{run}")) if run else Markup("")


def _payload(found: FailureView) -> None:
    if not found.lines:
        components.empty(
            t(
                "审计账号看不到报文内容，只看到错误的位置和规则。",
                "Auditors see where and by which rule, not the payload.",
            )
        )
        return
    lines = Markup("").join(_line(line) for line in found.lines)
    components.show(Markup('<pre class="payload" tabindex="0">{}</pre>').format(lines)).classes(
        "wide"
    )


def _line(line: PayloadLine) -> Markup:
    marks = Markup("").join(Markup("<sup> [{}]</sup>").format(place + 1) for place in line.faults)
    return Markup('<span class="line{}"><span>{}{}</span></span>').format(
        " hit" if line.faults else "", line.text, marks
    )


def _faults(faults: Sequence[FaultText]) -> Markup:
    return Markup("").join(
        Markup(
            '<li><b>[{}] <span data-content>{}</span></b><div class="rule">{} {} · {} {}</div>'
            '<div class="cure">{}<span data-content>{}</span></div></li>'
        ).format(
            place,
            marked(fault.zh if lang() == "zh" else fault.en),
            *(
                t("规则", "rule"),
                components.code(fault.code),
                t("位置", "at"),
                components.code(fault.pointer or "/"),
            ),
            *(t("处理：", "Cure: "), marked(fault.cure_zh if lang() == "zh" else fault.cure_en)),
        )
        for place, fault in enumerate(faults, 1)
    )


def _remarks(
    page: ConsolePage, said: Sequence[Remark], *, flow: str, cause: str, entry: int | None = None
) -> None:
    async def say() -> None:
        words = saying.value.strip()
        if not words:
            return
        await page.act(
            "remark",
            lambda visit: quarantine.remark(visit, words, flow=flow, cause=cause, entry=entry),
        )
        ui.navigate.reload()

    with components.card(t("备注", "Remarks")):
        for one in said:
            about = (
                t(f"问题 #{one.entry_id}", f"failure #{one.entry_id}")
                if one.entry_id
                else t("本原因", "this cause")
            )
            components.show(
                Markup('<p class="remark">{}<br><small>{} · {} · {}</small></p>').format(
                    one.said, one.said_by, moment(one.at), about
                )
            )
        with ui.element("div").classes("acts no-print"):
            saying = (
                ui.input(t("写一条备注", "Say something"))
                .props("dense outlined maxlength=1000")
                .classes("wide")
            )
            components.button(t("添加", "Add"), say, kind="plain")


def _jobs(latest: Sequence[JobView]) -> None:
    components.table(
        [
            t("任务", "Replay"),
            t("状态", "State"),
            t("发起", "By"),
            t("开始", "Began"),
            t("进度", "Done"),
            t("范围", "Of"),
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
        return t(f"{len(ids)} 条", f"{len(ids)} entries")
    return " · ".join(str(part) for part in (flow, cause) if part) or t("全部", "everything")


def _progress(contracts: Contracts, job: JobView, runs: Sequence[RunView]) -> None:
    share = 1.0 if job.state == "complete" else job.done / job.total if job.total else 0.0
    with components.card():
        components.facts(
            [
                (t("状态", "State"), state(job.state)),
                (t("范围", "Of"), _job_title(job)),
                (t("发起", "By"), f"{job.asked_by} · {moment(job.started_at)}"),
                (t("进度", "Done"), f"{number(job.done)} / {number(job.total)}"),
            ]
        )
        ui.linear_progress(value=share, show_value=False, size="10px").props(
            f'rounded aria-label="{t("进度", "Progress")}"'
        )
        if job.why:
            components.show(why(job.why))
        if job.state == "aborted":
            components.text(
                t(
                    "服务中断。已完成的部分有效，可再次重新处理。",
                    "The service went away. What was done stands; replay again.",
                )
            )
        if job.marked:
            components.text(
                t(
                    f"{job.marked} 条推送将在下次推送时重发。",
                    f"{job.marked} deliveries go out with the next push.",
                )
            )
    if runs:
        with components.card(t("结果", "What came of it")):
            for row in runs:
                components.show(
                    Markup("<p>{} {} {}</p>").format(
                        components.link(f"/runs/{row.id}", f"#{row.id}"),
                        flow_title(contracts, row.flow),
                        equation(row.counts, balanced=row.balanced),
                    )
                )
    if job.state != "running":
        components.show(
            Markup("<p>{}</p>").format(
                components.link("/failures", t("← 其余问题", "← what is left"))
            )
        )
