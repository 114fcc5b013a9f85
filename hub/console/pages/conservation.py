"""Conservation by day: what was read and its outcomes, both sides equal; exceptions below."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO
from hub.console import charts, components, graph, lineage_graph
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import moment, number, sentence, t, word
from hub.services.conservation import Conserved, DaySums, ExceptionView, conserved

SPANS = (7, 14, 30)
MAIN = ("intake", "delivery")
"""Sums that are shown even when empty."""


@page(
    "/conservation",
    title="收发核对",
    roles=LOOKING_INTO,
    menu=MenuEntry("trace", 60, "balance"),
)
async def conservation(page: ConsolePage, days: int = 14, flow: str = "") -> None:
    """The balance by day."""
    ui.add_css(graph.STYLE)
    span = min(max(days, 1), 90)
    since = datetime.now(UTC) - timedelta(days=span)
    seen = await page.look(lambda visit: conserved(visit, since, flow=flow or None))
    with components.card():
        _ask(page, span, flow)
        components.show(_summary(seen))
    says = {"delivery": (components.link("/deliveries", t("暂不推、受阻等的原因")),)}
    for name, (title, about) in _titles().items():
        sums: list[DaySums] = getattr(seen, name)
        if not sums and name not in MAIN:
            continue
        with components.card(title):
            if about:
                components.text(about)
            if not sums:
                components.empty(t("这段时间没有批次。"))
                continue
            drawn = t("{title}：每日总数与各种结果", title=title)
            components.show(charts.drawn(sums, says=drawn)).classes("wide")
            _table(sums)
            for more in says.get(name, ()):
                components.show(more)
    with components.card(t("例外：失败、中断或不平衡的运行")):
        exceptions(page, seen.exceptions)


def _titles() -> dict[str, tuple[str, str]]:
    """Title and explanation of each kind of sum, in order."""
    before = t("这些记录在接收时已计过一次。")
    handed = t("这些记录在推送时已计过一次。")
    return {
        "intake": (t("接收"), ""),
        "intake_parts": (t("接收：拆出的部分"), ""),
        "again": (
            t("再次处理：采用、重新处理、放行、裁定"),
            before,
        ),
        "again_parts": (t("再次处理：拆出的部分"), ""),
        "delivery": (t("推送"), ""),
        "receipts": (t("回执|several"), handed),
    }


def _summary(seen: Conserved) -> Markup:
    """Whether all these days balance."""
    days = seen.runs
    if not seen.balanced:
        return components.light("red", t("有不平衡的日子"))
    if any(day.unfinished for day in days):
        open_runs = _unfinished(reduce(add, (Counter(day.unfinished) for day in days)))
        return components.light(
            "yellow",
            t("已提交的都平衡，但有未正常结束的运行：{open_runs}", open_runs=open_runs),
        )
    return components.light(
        "green",
        t("每一天都平衡：读入等于各种结果之和"),
    )


def _unfinished(runs: Mapping[str, int]) -> str:
    """Runs that did not complete, by state."""
    return t("，").join(f"{word(state)} {number(count)}" for state, count in runs.items())


def _day(day: DaySums) -> Markup:
    """Whether a day balances: no mark while one of its runs is going on; failed runs are named."""
    if not day.balanced:
        return components.light("red", "✗")
    if not day.unfinished:
        return components.light("green", "✓")
    return components.light("yellow", _unfinished(day.unfinished))


def exceptions(page: ConsolePage, rows: list[ExceptionView]) -> None:
    """A table of runs that are exceptions."""
    components.table(
        [
            t("运行"),
            t("流程"),
            t("状态"),
            t("起止"),
            t("原因|reason"),
        ],
        [
            (
                components.link(f"/runs/{row.id}", f"#{row.id} {word(row.kind)}"),
                lineage_graph.flow(page.hub.contracts, row.flow),
                components.badge(word(row.state) if row.balanced else t("不平衡"), tone="bad"),
                f"{moment(row.started_at)} — {moment(row.ended_at)}",
                components.content(sentence(row.why)) if row.why else None,
            )
            for row in rows
        ],
        nothing=t("没有例外。"),
    )


def _ask(page: ConsolePage, days: int, flow: str) -> None:
    flows = sorted([*page.hub.contracts.pulls, *page.hub.contracts.pushes])
    options = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            name,
            Markup(" selected") if name == flow else "",
            lineage_graph.flow(page.hub.contracts, name) + f" ({name})",
        )
        for name in flows
    )
    spans = Markup("").join(
        Markup('<option value="{0}"{1}>{2}</option>').format(
            span,
            Markup(" selected") if span == days else "",
            t("最近 {span} 天", span=span),
        )
        for span in sorted({*SPANS, days})
    )
    components.show(
        Markup(
            '<form class="ask no-print" action="/conservation"><label>{}<select '
            'name="days">{}</select></label>'
            '<label>{}<select name="flow"><option '
            'value="">{}</option>{}</select></label><button>{}</button></form>'
        ).format(
            t("时间"),
            spans,
            t("流程"),
            t("全部"),
            options,
            t("查看"),
        )
    )


def _table(sums: list[DaySums]) -> None:
    names = list(sums[0].counts)
    components.table(
        [
            t("日期"),
            t("批次|several"),
            *(word(name) for name in names),
            t("平衡"),
        ],
        [
            (
                day.day.isoformat(),
                number(day.batches),
                *(number(day.counts[name]) for name in names),
                _day(day),
            )
            for day in reversed(sums)
        ],
        numeric=range(1, len(names) + 2),
    )
