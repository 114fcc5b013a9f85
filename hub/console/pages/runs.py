"""Runs: timeline, outcomes, batches, records, log, and links to Airflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from markupsafe import Markup

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components
from hub.console.flows import (
    RECORD_OUTCOMES,
    TONES,
    asking,
    cause_words,
    equation,
    flow_choices,
    flow_title,
    more,
    runs_table,
    shares,
    state,
    styled,
    taken_apart,
    took,
    when,
    why,
)
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import moment, number, pick, remedy, t, word
from hub.domain.conservation import balanced
from hub.domain.contracts import Contracts
from hub.errors import FlowError
from hub.services import failure_groups as causes
from hub.services import obstacles, schedule
from hub.services import runs as runs_of
from hub.services.failure_groups import meaning
from hub.services.naming import RUN_STATES
from hub.services.obstacles import StandingObstacle
from hub.services.runs import (
    AttemptRow,
    BatchRow,
    LandedRow,
    RunDetail,
    RunEntries,
    RunRecords,
    RunView,
    TouchedRow,
)
from hub.texts import Words

LISTED = 50


@page("/runs", title="运行|several", roles=LOOKING_INTO, menu=MenuEntry("watch", 2, "timeline"))
async def runs(
    page: ConsolePage, flow: str = "", state: str = "", before: int | None = None
) -> None:
    """The latest runs, or those before a number."""
    rows, stopped = await page.look(
        lambda visit: _listed(visit, flow or None, state or None, before)
    )
    styled()
    for one in stopped:
        components.problem(FlowError(one.fault.code, **one.fault.facts))
    contracts = page.hub.contracts
    asking(
        "/runs",
        [
            ("flow", t("流程"), flow, flow_choices(contracts)),
            (
                "state",
                t("状态"),
                state,
                [("", t("全部")), *((one, word(one)) for one in RUN_STATES)],
            ),
        ],
        t("查看"),
    )
    if rows:
        with components.card(t("时间线")):
            components.show(_timeline(contracts, rows)).classes("wide")
    with components.card():
        runs_table(contracts, rows)
        last = rows[-1].id if rows else None
        more("/runs", LISTED, rows, flow=flow, state=state, before=last)


@page("/runs/{run_id}", title="运行详情", roles=LOOKING_INTO)
async def run(page: ConsolePage, run_id: int, outcome: str = "", after: int = 0) -> None:
    """One run, from its counts down to its records."""
    seen = await page.look(lambda visit: _one(visit, run_id, outcome or None, after))
    styled()
    row, contracts = seen.run, page.hub.contracts
    with components.card():
        components.facts(
            [
                (t("运行"), f"#{row.id} {word(row.kind)}"),
                (
                    t("流程"),
                    components.link(
                        address("/runs", flow=row.flow), flow_title(contracts, row.flow)
                    ),
                ),
                (t("状态"), state(row.state)),
                (
                    t("起止"),
                    f"{moment(row.started_at)} — {moment(row.ended_at)} ({took(row)})",
                ),
                ("Airflow", _airflow(page.hub.settings.airflow_url, row)),
            ]
        )
        if row.why:
            components.show(why(row.why))
            components.text(remedy(row.why))
    with components.card(t("结果|several")):
        components.show(shares(row.counts)).classes("wide")
        components.show(equation(row.counts, balanced=row.balanced))
        components.show(taken_apart(row))
        if row.causes:
            _causes(row, seen.causes)
        if row.kind == "push":
            where = address("/deliveries", flow=row.flow)
            components.show(components.link(where, t("各条现状与原因")))
    if row.batches:
        with components.card(t("批次|several")):
            _batches(row, row.batches)
    _records(seen, run_id, outcome)


@page(
    "/airflow/{dag_id}/{dag_run}",
    title="Airflow 运行对应的中枢运行",
    roles=LOOKING_INTO,
)
async def of_airflow(page: ConsolePage, dag_id: str, dag_run: str, task: str = "") -> None:
    """The hub's runs within a DAG run or task of Airflow."""
    rows = await page.look(lambda visit: runs_of.of_dag_run(visit, dag_id, dag_run))
    if task:
        rows = [
            row
            for row in rows
            if isinstance(row.airflow, dict) and row.airflow.get("task_id") == task
        ]
    styled()
    with components.card():
        outside = schedule.task_address(
            page.hub.settings.airflow_url, {"dag_id": dag_id, "run_id": dag_run}
        )
        components.facts([("DAG", dag_id), (t("DAG 运行"), _outside(outside, dag_run))])
        runs_table(page.hub.contracts, rows)


@dataclass(frozen=True, slots=True)
class RunOnPage:
    """One run with all its parts; standing: {source key: record id of today}."""

    run: RunDetail
    records: RunRecords
    entries: RunEntries
    standing: Mapping[str, int]
    causes: Mapping[tuple[str, str], Words]


def _listed(
    visit: RequestContext, flow: str | None, state: str | None, before: int | None
) -> tuple[list[RunView], list[StandingObstacle]]:
    """Runs, and obstacles."""
    return runs_of.listed(
        visit, flow=flow, state=state, before=before, most=LISTED
    ), obstacles.listed(visit)


def _one(visit: RequestContext, run_id: int, outcome: str | None, after: int) -> RunOnPage:
    found = runs_of.one(visit, run_id)
    records = runs_of.records(visit, run_id, outcome=outcome, after=after, most=LISTED)
    return RunOnPage(
        found,
        records,
        runs_of.entries(visit, run_id),
        runs_of.standing_under(visit, found.flow, [row.key for row in records.landed]),
        causes.titles(visit, [(found.flow, one.cause) for one in found.causes], run=run_id),
    )


def _airflow(url: str, row: RunView) -> Markup:
    if not isinstance(row.airflow, dict):
        return Markup('<span class="soft">{}</span>').format(t("不是由 Airflow 启动"))
    dag_id, dag_run, task = (
        str(row.airflow.get(name, "")) for name in ("dag_id", "run_id", "task_id")
    )
    here = components.link(
        f"/airflow/{quote(dag_id, safe='')}/{quote(dag_run, safe='')}", f"{dag_id} · {dag_run}"
    )
    outside = schedule.task_address(url, row.airflow)
    log = Markup(' · <a href="{}" target="_blank" rel="noopener">{}</a>').format(
        outside, t("任务实例与日志 ↗")
    )
    return Markup("{} · {}{}").format(here, components.code(task), log if outside else Markup(""))


def _outside(place: str | None, words: str) -> Markup:
    if place is None:
        return Markup("{}").format(words)
    return Markup('<a href="{}" target="_blank" rel="noopener">{} ↗</a>').format(place, words)


def _causes(row: RunView, titles: Mapping[tuple[str, str], Words]) -> None:
    components.table(
        [t("原因"), t("说明"), t("条数|entries"), t("例")],
        [
            (
                components.link(
                    address("/failures/cause", flow=row.flow, cause=one.cause),
                    components.code(one.cause),
                ),
                pick(*titles.get((row.flow, one.cause), meaning(one.cause))),
                one.times,
                components.link(f"/failures/entry/{one.example}", f"#{one.example}"),
            )
            for one in row.causes
        ],
        numeric=(2,),
        caption=t("未采用的原因"),
    )


def _batches(row: RunView, batches: Sequence[BatchRow]) -> None:
    """Batches of a run; balanced is shown once the run has completed."""
    components.table(
        [
            t("批次"),
            t("提交|batch"),
            t("结果|several"),
            t("映射版本"),
            t("存证"),
        ],
        [
            (
                one.id,
                when(one.committed_at),
                Markup("{}{}").format(
                    shares(one.counts),
                    equation(one.counts, balanced=balanced(row.state, one.counts)),
                ),
                components.code(one.contract[:12]) if one.contract else "",
                t("存证 {seal_id}", seal_id=one.seal_id) if one.seal_id else t("待存证"),
            )
            for one in batches
        ],
    )


def _records(seen: RunOnPage, run_id: int, outcome: str) -> None:
    landed, handed = seen.records.landed, seen.records.handed
    if seen.run.kind in {"push", "receipts"}:
        with components.card(t("推送记录")):
            _handed(handed)
            more(
                f"/runs/{run_id}",
                LISTED,
                handed,
                outcome=outcome,
                after=handed[-1].id if handed else 0,
            )
    elif landed or outcome:
        with components.card(t("收到的记录（未变的不再保存）")):
            _outcomes(run_id, outcome)
            _landed(landed, seen.standing)
            more(
                f"/runs/{run_id}",
                LISTED,
                landed,
                outcome=outcome,
                after=landed[-1].id if landed else 0,
            )
    for rows, title in (
        (seen.entries.closed, t("了结的问题")),
        (
            seen.entries.opened if seen.run.kind != "pull" else [],
            t("新增的问题"),
        ),
    ):
        if rows:
            with components.card(title):
                _touched(rows)


def _outcomes(run_id: int, chosen: str) -> None:
    """The records of one outcome only."""
    links = Markup(" · ").join(
        Markup("<b>{}</b>").format(words)
        if name == chosen
        else components.link(address(f"/runs/{run_id}", outcome=name), words)
        for name in RECORD_OUTCOMES
        for words in [word(name) if name else t("全部")]
    )
    components.show(Markup('<p class="no-print">{}</p>').format(links))


def _landed(rows: Sequence[LandedRow], records: Mapping[str, int]) -> None:
    components.table(
        [
            t("报文"),
            t("来源主键"),
            t("位置"),
            t("结果"),
            t("问题"),
        ],
        [
            (
                row.id,
                components.code(row.key),
                row.position,
                state(row.disposition),
                _became(row, records),
            )
            for row in rows
        ],
        nothing=t("没有这种结果的记录。"),
    )


def _became(row: LandedRow, records: Mapping[str, int]) -> Markup:
    """A payload's quarantine entry, or the record under its key."""
    if row.entry_id:
        words = t("问题 #{entry_id}", entry_id=row.entry_id)
        return components.link(f"/failures/entry/{row.entry_id}", words)
    if row.key in records:
        return components.link(
            f"/records/{records[row.key]}",
            t("记录 #{key}", key=records[row.key]),
        )
    return Markup("—")


def _handed(rows: Sequence[AttemptRow]) -> None:
    components.table(
        [
            t("时间"),
            t("记录"),
            t("动作"),
            t("结果"),
            t("对方答复"),
        ],
        [
            (
                when(row.at),
                components.link(f"/records/{row.record_id}", f"{row.entity} {row.record}"),
                word(row.action),
                state(row.state),
                " ".join(part for part in (row.code, row.text, row.reference) if part),
            )
            for row in rows
        ],
        nothing=t("没有推送任何记录。"),
    )


def _touched(rows: Sequence[TouchedRow]) -> None:
    components.table(
        [t("问题"), t("来源主键"), t("原因"), t("状态")],
        [
            (
                components.link(f"/failures/entry/{row.id}", f"#{row.id}"),
                components.code(row.key),
                cause_words(row.cause),
                state(row.state),
            )
            for row in rows
        ],
    )


def _timeline(contracts: Contracts, rows: Sequence[RunView]) -> Markup:
    """A lane a flow, a bar a run."""
    first = min(row.started_at for row in rows)
    last = max(row.ended_at or datetime.now(UTC) for row in rows)
    span = max((last - first).total_seconds(), 1.0)
    lanes = sorted({row.flow for row in rows})
    left, wide, tall = 250, 1000, 18

    def at(moment: datetime) -> float:
        return left + (wide - left - 10) * (moment - first).total_seconds() / span

    marks = Markup("").join(
        Markup(
            '<line x1="{0:.0f}" x2="{0:.0f}" y1="0" y2="{1}"/><text x="{0:.0f}" y="{2}" '
            'text-anchor="{3}">{4}</text>'
        ).format(
            x,
            len(lanes) * tall,
            len(lanes) * tall + 14,
            side,
            moment(first + (last - first) * part)[5:16],
        )
        for part, side in ((0, "start"), (0.5, "middle"), (1, "end"))
        for x in [at(first + (last - first) * part)]
    )
    names = Markup("").join(
        Markup('<text x="0" y="{}">{}</text>').format(place * tall + 13, _lane(contracts, flow))
        for place, flow in enumerate(lanes)
    )
    bars = Markup("").join(
        Markup(
            '<a href="/runs/{}"><rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" '
            'rx="2">'
            "<title>{}</title></rect></a>"
        ).format(
            row.id,
            TONES.get(row.state, "calm"),
            at(row.started_at),
            lanes.index(row.flow) * tall + 3,
            max(4.0, at(row.ended_at or last) - at(row.started_at)),
            tall - 6,
            _summary(row),
        )
        for row in rows
    )
    return Markup(
        '<div class="timeline" tabindex="0"><svg viewBox="0 0 {} {}" role="group" '
        'aria-label="{}">{}{}{}</svg></div>'
    ).format(
        wide,
        len(lanes) * tall + 20,
        t("各流程的运行时间"),
        marks,
        names,
        bars,
    )


def _summary(row: RunView) -> str:
    whole = number(next(iter(row.counts.values())))
    return f"#{row.id} {word(row.kind)} {word(row.state)} {moment(row.started_at)} · {whole}"


def _lane(contracts: Contracts, flow: str) -> str:
    way, system, entity, *variant = flow.split(".", 3)
    found = contracts.entities.get(entity)
    name = pick(found.title_zh, found.title_en) if found else entity
    return (
        f"{'↑' if way == 'push' else '↓'} {system} · {name}{' · ' + variant[0] if variant else ''}"
    )
