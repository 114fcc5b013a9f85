"""The access log: who read what, when and for which purpose; anomalies with their reason."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components, graph
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import ZONE, cure, day, moment, say, t
from hub.services import access_log
from hub.services.access_log import AccessQuery, AccessRow, UnusualView

LISTED = 50
Asked = dict[str, str]
"""The query's parameters as text."""


@page(
    "/access",
    title="查阅记录",
    roles=LOOKING_INTO,
    menu=MenuEntry("trace", 40, "visibility"),
)
async def access(
    page: ConsolePage,
    account: str = "",
    project: str = "",
    record: str = "",
    since: str = "",
    until: str = "",
    refused: str = "",
    before: int = 0,
) -> None:
    """Reads, newest first, by the query's filters."""
    ui.add_css(graph.STYLE)
    asked: Asked = {
        "account": account,
        "project": project,
        "record": record,
        "since": since,
        "until": until,
    }
    asked["refused"] = "1" if refused else ""
    rows, found = await page.look(lambda visit: _seen(visit, asked, before))
    odd = {(one.account, one.day) for one in found}
    with components.card(t("不寻常的查阅（最近十四天）")):
        unusual_table(found)
    with components.card(t("查阅记录")):
        _ask(asked)
        _rows(rows, odd)
        if len(rows) == LISTED:
            components.show(
                components.link(
                    address("/access", **asked, before=rows[-1].id),
                    t("更早的查阅"),
                )
            )


def unusual_table(rows: Sequence[UnusualView]) -> None:
    """Anomalies with reason and cure."""
    components.table(
        [
            t("日期"),
            t("账号"),
            t("单位"),
            t("为何不寻常"),
            t("怎么办"),
        ],
        [
            (
                components.link(
                    address("/access", account=row.account, since=row.day, until=row.day),
                    day(row.day),
                ),
                row.account or t("未登录"),
                components.content(row.department),
                say(row.code, row.fault.facts),
                cure(row.code, row.fault.facts),
            )
            for row in rows
        ],
        nothing=t("没有不寻常的查阅。"),
    )


def _seen(
    visit: RequestContext, asked: Asked, before: int
) -> tuple[list[AccessRow], list[UnusualView]]:
    wanted = AccessQuery(
        account=asked["account"] or None,
        project=asked["project"],
        record=_number(asked["record"]),
        since=_begin(asked["since"]),
        until=_begin(asked["until"], after=timedelta(days=1)),
        refused=True if asked["refused"] else None,
        before=before or None,
    )
    return access_log.listed(visit, wanted, most=LISTED), access_log.unusual(
        visit, account=asked["account"], most=LISTED
    )


def _rows(rows: Sequence[AccessRow], odd: set[tuple[str, date]]) -> None:
    components.table(
        [
            t("时间"),
            t("账号"),
            t("单位"),
            t("来自"),
            t("途径"),
            t("用途"),
            t("项目"),
            t("记录|several"),
            t("标记"),
        ],
        [
            (
                moment(row.at),
                components.link(address("/access", account=row.account), row.account)
                if row.account
                else t("未登录"),
                components.content(row.department),
                components.code(row.address) if row.address else None,
                components.code(row.route),
                components.content(row.purpose),
                components.link(
                    address("/access", project=row.project_code), components.code(row.project_code)
                )
                if row.project_code
                else None,
                _records(row.record_ids),
                _marks(row, odd),
            )
            for row in rows
        ],
        nothing=t("没有这样的查阅。"),
    )


def _records(ids: Sequence[int]) -> Markup | int:
    if not ids:
        return Markup("—")
    first = (
        components.link(f"/records/{ids[0]}", f"#{ids[0]}")
        if ids[0] > 0
        else components.code(ids[0])
    )
    return (
        first
        if len(ids) == 1
        else Markup("{} {}").format(first, t("另有 {more} 条", more=len(ids) - 1))
    )


def _marks(row: AccessRow, odd: set[tuple[str, date]]) -> Markup:
    marks = []
    if row.refused:
        marks.append(components.badge(t("被拒"), tone="bad"))
    if row.own_work:
        marks.append(components.badge(t("中枢自动推送")))
    elif (row.account, row.at.astimezone(ZONE).date()) in odd:
        marks.append(components.badge(t("不寻常"), tone="warn"))
    return Markup(" ").join(marks)


def _ask(asked: Asked) -> None:
    fields = (
        ("account", t("账号"), "text", asked["account"]),
        ("project", t("项目代码"), "text", asked["project"]),
        ("record", t("记录编号|heading"), "number", _number(asked["record"]) or ""),
        ("since", t("产生时间"), "date", asked["since"]),
        ("until", t("至"), "date", asked["until"]),
    )
    inputs = Markup("").join(
        Markup('<label>{}<input name="{}" type="{}" value="{}"></label>').format(
            words, name, kind, value
        )
        for name, words, kind, value in fields
    )
    components.show(
        Markup(
            '<form class="ask no-print" action="/access">{}<label>{}<select '
            'name="refused"><option value="">{}</option>'
            '<option value="1"{}>{}</option></select></label><button>{}</button></form>'
        ).format(
            inputs,
            t("结果"),
            t("全部"),
            Markup(" selected") if asked["refused"] else "",
            t("仅被拒"),
            t("筛选"),
        )
    )


def _number(written: str) -> int | None:
    return int(written) or None if written.isdecimal() else None


def _begin(written: str, *, after: timedelta = timedelta()) -> datetime | None:
    """The start of a day in Beijing; None for an empty text or no date."""
    try:
        on = date.fromisoformat(written)
    except ValueError:
        return None
    return datetime(on.year, on.month, on.day, tzinfo=ZONE) + after
