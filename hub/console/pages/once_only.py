"""The once-only meter: what came from the hub, by month, unit and form."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE
from hub.console import components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.search import STYLE
from hub.console.words import number, pick, t
from hub.domain.times import HUB_ZONE
from hub.services import once_only as meters
from hub.services.once_only import Metered, OnceOnlyMetrics, spared

PERIODS = {
    3: "近 3 个月",
    12: "近 12 个月",
    36: "近 3 年",
}
MONTH = timedelta(days=30.44)


@page(
    "/meter",
    title="一次填报统计",
    roles=PEOPLE,
    menu=MenuEntry("manage", 60, "speed"),
)
async def meter(page: ConsolePage, months: int = 12, form: str = "") -> None:
    """The total, a chart by month, tables by unit and form."""
    ui.add_css(STYLE)
    months = months if months in PERIODS else 12
    first = datetime.now(HUB_ZONE).date() - months * MONTH
    rows = await page.look(lambda visit: meters.meter(visit, since=first, form=form or None))
    forms = page.hub.contracts.forms

    def named(name: str) -> str:
        return pick(forms[name].title_zh, forms[name].title_en) if name in forms else name

    _choices(months, form, named(form) if form else "")
    if not rows:
        components.empty(
            t("这段时间没有登记过预填的表单。"),
            next_step=components.link("/prefill", t("去预填")),
        )
        return
    if page.reader.account.role not in meters.WHOLE:
        components.text(
            t("以下只统计本单位登记的表单。"),
            kind="soft",
        )
    _figures(spared(rows))
    with components.card(t("按月")):
        _chart(rows)
    with components.card(t("按表单")):
        _table(
            t("表单"),
            rows,
            lambda row: row.form,
            lambda name: _form_link(months, name, named(name)),
        )
    with components.card(t("按单位")):
        _table(t("单位"), rows, lambda row: row.department, lambda name: name)
    components.text(
        t("占比 =（由中枢提供的栏目 + 免提交材料）÷（全部栏目，含留空的 + 全部所需材料）。"),
        kind="soft",
    )


def _choices(months: int, form: str, named: str) -> None:
    links = [
        Markup('<a class="badge" href="{}"{}>{}</a>').format(
            address("/meter", months=count, form=form),
            Markup(' aria-current="true"') if count == months else "",
            t(words),
        )
        for count, words in PERIODS.items()
    ]
    if form:
        links.append(components.badge(named))
        links.append(components.link(address("/meter", months=months), t("全部表单")))
    components.show(Markup('<p class="legend no-print">{}</p>').format(Markup(" ").join(links)))


def _figures(whole: OnceOnlyMetrics) -> None:
    share = f"{whole.share:.0%}" if whole.share is not None else "—"
    figures = [
        (share, t("由中枢提供")),
        (number(whole.fields_spared), t("少填的栏目")),
        (number(whole.materials_spared), t("免提交的材料")),
        (number(whole.submissions), t("登记的表单")),
    ]
    components.show(
        Markup('<div class="card"><div class="figures">{}</div></div>').format(
            Markup("").join(
                Markup('<div><b class="figure">{}</b><span>{}</span></div>').format(*figure)
                for figure in figures
            )
        )
    ).classes("wide")


def _chart(rows: Sequence[Metered]) -> None:
    by_month: dict[date, list[Metered]] = defaultdict(list)
    for row in rows:
        by_month[row.month].append(row)
    sums = {f"{month:%Y-%m}": spared(some) for month, some in sorted(by_month.items())}
    series = {
        t("由中枢提供"): [one.fields_spared + one.materials_spared for one in sums.values()],
        t("仍需填报"): [one.fields_asked + one.materials_asked for one in sums.values()],
        t("留空的栏目"): [one.fields_empty for one in sums.values()],
    }
    ui.echart(
        {
            "color": ["#1b7f4d", "#c48a1a", "#8a94a3"],
            "tooltip": {"trigger": "axis"},
            "legend": {"bottom": 0},
            "grid": {"left": 50, "right": 20, "top": 20, "bottom": 50},
            "xAxis": {"type": "category", "data": list(sums)},
            "yAxis": {"type": "value"},
            "aria": {"enabled": True},
            "series": [
                {"name": name, "type": "bar", "stack": "all", "barMaxWidth": 46, "data": data}
                for name, data in series.items()
            ],
        }
    ).classes("wide").style("height: 240px").props(f'role=img aria-label="{t("按月统计图")}"')


def _table(
    head: str,
    rows: Iterable[Metered],
    of: Callable[[Metered], str],
    shown: Callable[[str], Markup | str],
) -> None:
    groups: dict[str, list[Metered]] = defaultdict(list)
    for row in rows:
        groups[of(row)].append(row)
    sums = sorted(
        ((name, spared(some)) for name, some in groups.items()),
        key=lambda one: -(one[1].share or 0),
    )
    components.table(
        [
            head,
            t("占比"),
            t("少填栏目"),
            t("人工填写"),
            t("留空"),
            t("免提交材料"),
            t("需提交材料"),
            t("表单数"),
        ],
        [
            (
                shown(name),
                Markup('{:.0%}<span class="bar-of"><i style="width:{:.0%}"></i></span>').format(
                    one.share or 0, one.share or 0
                ),
                number(one.fields_spared),
                number(one.fields_asked),
                number(one.fields_empty),
                number(one.materials_spared),
                number(one.materials_asked),
                number(one.submissions),
            )
            for name, one in sums
        ],
        numeric=(1, 2, 3, 4, 5, 6, 7),
    )


def _form_link(months: int, form: str, named: str) -> Markup:
    return components.link(address("/meter", months=months, form=form), named)
