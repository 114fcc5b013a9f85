"""Quarantine entries: by cause, one by one; assigned, discussed, replayed, discarded."""

from collections.abc import Awaitable, Callable, Sequence

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components
from hub.console.flows import (
    asking,
    cause_words,
    entity_title,
    flow_choices,
    flow_title,
    more,
    noted_table,
    state,
    styled,
    values_seen,
    when,
)
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.pages.replays import jobs
from hub.console.words import lang, marked, moment, number, pick, t, word
from hub.domain.contracts import Contracts
from hub.errors import FlowError
from hub.services import failure_groups as causes_of
from hub.services import findings, quarantine, replay_jobs
from hub.services.failure_groups import Cause
from hub.services.failures import EntryView, FailureView, FaultText, PayloadLine
from hub.services.findings import Noted
from hub.services.quarantine import Remark, Selection
from hub.services.replay_jobs import JobView

LISTED = 50
PICKED = "[...document.querySelectorAll('input[name=pick]:checked')].map(one => Number(one.value))"


@page(
    "/failures",
    title="问题数据",
    roles=LOOKING_INTO,
    menu=MenuEntry("watch", 3, "report"),
)
async def causes(page: ConsolePage, flow: str = "") -> None:
    """Open entries by cause, and the latest replays."""
    groups, latest, noted = await page.look(lambda visit: _causes(visit, flow or None))
    styled()
    contracts = page.hub.contracts
    asking("/failures", [("flow", t("流程"), flow, flow_choices(contracts))], t("查看"))
    with components.card(t("按原因汇总")):
        components.table(
            [
                t("条数|entries"),
                t("说明"),
                t("流程"),
                t("环节"),
                t("责任人"),
                t("处理人"),
                t("最近"),
            ],
            [_group(contracts, group, page.hub.settings.overview_count) for group in groups],
            numeric=(0,),
            nothing=t("没有未处理的问题数据。"),
        )
    if noted:
        days = page.hub.settings.notes_days
        with components.card(t("近 {days} 天值得注意而不算错误的情况", days=days)):
            noted_table(contracts, noted)
    if latest:
        with components.card(t("最近的重新处理")):
            jobs(latest)


@page("/failures/cause", title="同一原因的问题", roles=LOOKING_INTO)
async def cause(page: ConsolePage, flow: str = "", cause: str = "", after: int = 0) -> None:
    """The entries of one cause, with actions on all or some of them."""
    group, rows, said = await page.look(lambda visit: _one_cause(visit, flow, cause, after))
    styled()
    with components.card(pick(group.zh, group.en) if group else cause_words(cause)):
        components.facts(
            [
                (t("原因"), components.code(cause)),
                (
                    t("流程"),
                    components.link(
                        address("/runs", flow=flow), flow_title(page.hub.contracts, flow)
                    ),
                ),
                (
                    t("未处理"),
                    _counted(group, page.hub.settings.overview_count) if group else 0,
                ),
                (t("所见的值"), values_seen(group) if group else ""),
                (t("责任人"), group.owner if group else ""),
                (t("处理人"), ", ".join(group.assignees) if group else ""),
                (
                    t("首次、最近"),
                    f"{moment(group.first_at)} — {moment(group.last_at)}" if group else "",
                ),
            ]
        )
        if group and page.reader.account.role == "administrator":
            whole = Selection(flow=flow, cause=cause)
            _acts(page, lambda: _chosen(whole), t("本原因的全部问题"))
    with components.card(t("逐条")):
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


@page("/failures/entry/{entry_id}", title="问题详情", roles=LOOKING_INTO)
async def entry(page: ConsolePage, entry_id: int) -> None:
    """One entry: payload, every error at its place, rule and cure."""
    found, said, again = await page.look(lambda visit: _entry(visit, entry_id))
    styled()
    row = found
    with components.card():
        _about(page.hub.contracts, row, again)
        if row.state == "open" and page.reader.account.role == "administrator":
            _acts(page, lambda: _chosen(Selection(ids=[row.id])), t("这一条"))
    with ui.element("div").classes("halves"):
        with components.card(t("报文") if row.stage == "intake" else t("推送内容")):
            _payload(found)
        with components.card(t("错误与处理")):
            components.show(
                Markup('<ol class="faults">{}</ol>').format(_faults(found.faults))
            ).classes("wide")
    _remarks(page, said, flow=row.flow, cause=row.cause, entry=row.id)


Choose = Callable[[], Awaitable[Selection]]


async def _chosen(selection: Selection) -> Selection:
    return selection


async def _picked() -> Selection:
    """The selected entries."""
    picked = await ui.run_javascript(PICKED)
    ids = [int(one) for one in picked]
    if not ids:
        raise FlowError("ask.nothing_selected")
    return Selection(ids=ids)


def _acts(page: ConsolePage, choose: Choose, what: str) -> None:
    """Replay, assign or discard a selection."""

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
            components.notify(t("请填写理由。"), bad=True)
            return
        await page.act("discard", lambda visit: quarantine.discard(visit, selection, reason=reason))
        ui.navigate.reload()

    with ui.dialog() as assigning, ui.card():
        components.heading(t("指派处理人"))
        who = ui.input(t("处理人（留空则取消）"), value=page.reader.account.name).classes("wide")
        components.button(t("指派"), assign)
    with ui.dialog() as discarding, ui.card():
        components.heading(t("弃用：不再处理，原始报文保留"))
        why_not = ui.textarea(t("理由")).classes("wide")
        components.button(t("弃用"), discard, kind="bad")
    with ui.element("div").classes("acts no-print"):
        components.show(Markup('<span class="soft">{}</span>').format(what))
        components.button(t("重新处理"), replay)
        components.button(t("指派…"), assigning.open, kind="plain")
        components.button(t("弃用…"), discarding.open, kind="plain")


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


def _group(contracts: Contracts, group: Cause, most: int) -> tuple[object, ...]:
    here = address("/failures/cause", flow=group.flow, cause=group.cause)
    return (
        Markup("<b>{}</b>").format(_counted(group, most)),
        Markup('<span class="wrong">{}<br>{}</span>').format(
            components.link(here, pick(group.zh, group.en)), components.code(group.cause)
        ),
        flow_title(contracts, group.flow),
        Markup('<span class="when">{}</span>').format(word(group.stage)),
        group.owner,
        ", ".join(group.assignees),
        when(group.last_at),
    )


def _counted(group: Cause, most: int) -> str:
    """Number of entries; with a plus where counting stopped."""
    return number(group.entries) + ("+" if group.entries >= most else "")


def _entries(page: ConsolePage, rows: Sequence[EntryView]) -> None:
    acting = page.reader.account.role == "administrator" and rows
    if acting:
        _acts(page, _picked, t("所选"))
    head = [
        t("问题"),
        t("来源主键"),
        t("处理人"),
        t("产生时间"),
        t("错误数"),
    ]
    components.table(
        [*([t("选")] if acting else []), *head],
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
        nothing=t("都处理完了。"),
    )


def _tick(row: EntryView) -> Markup:
    return Markup('<input type="checkbox" name="pick" value="{}" aria-label="{}">').format(
        row.id, t("选择问题 {id}", id=row.id)
    )


def _about(contracts: Contracts, row: EntryView, again: int | None) -> None:
    closed = " ".join(part for part in (moment(row.closed_at), row.closed_by, row.reason) if part)
    followed = (
        components.link(
            f"/failures/entry/{again}",
            t("重新处理后仍有问题：#{again}", again=again),
        )
        if again
        else ""
    )
    components.facts(
        [
            (t("问题"), Markup("#{} {} {}").format(row.id, state(row.state), followed)),
            (
                t("流程"),
                components.link(address("/runs", flow=row.flow), flow_title(contracts, row.flow)),
            ),
            (t("数据"), entity_title(contracts, row.flow.split(".")[2])),
            (
                t("来源主键、位置"),
                Markup("{} {}").format(components.code(row.key), row.position or ""),
            ),
            (t("同一原因"), _of_cause(row)),
            (t("责任人"), row.owner),
            (t("处理人"), row.assignee),
            (
                t("发现"),
                Markup("{} · {}").format(moment(row.opened_at), _run(row.opened_run)),
            ),
            *(
                [(t("了结"), Markup("{} {}").format(closed, _run(row.closed_run)))]
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
    return components.link(f"/runs/{run}", t("运行 #{run}", run=run)) if run else Markup("")


def _payload(found: FailureView) -> None:
    if not found.lines:
        components.empty(t("审计账号看不到报文内容，只看到错误的位置和规则。"))
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
            t("规则"),
            components.code(fault.code),
            t("位置"),
            components.code(fault.pointer or "/"),
            t("处理："),
            marked(fault.cure_zh if lang() == "zh" else fault.cure_en),
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

    with components.card(t("备注")):
        for one in said:
            about = t("问题 #{entry_id}", entry_id=one.entry_id) if one.entry_id else t("本原因")
            components.show(
                Markup('<p class="remark">{}<br><small>{} · {} · {}</small></p>').format(
                    one.said, one.said_by, moment(one.at), about
                )
            )
        with ui.element("div").classes("acts no-print"):
            saying = (
                ui.input(t("写一条备注")).props("dense outlined maxlength=1000").classes("wide")
            )
            components.button(t("添加"), say, kind="plain")
