"""The auditor's start page: ledger, conservation, anomalies, recalls and disputes."""

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO
from hub.console import components, formatting, graph
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.pages.access import unusual_table
from hub.console.pages.conservation import exceptions
from hub.console.words import lapse, moment, pick, t, word
from hub.services import audit as audits
from hub.services.audit import AuditOverview, Erasure
from hub.services.disputes import DisputeView
from hub.services.recalls import RecallView

LISTED = 10


@page("/audit", title="审计", roles=LOOKING_INTO, menu=MenuEntry("trace", 10, "fact_check"))
async def audit(page: ConsolePage) -> None:
    """An overview; each part links to its page."""
    ui.add_css(graph.STYLE)
    found = await page.look(audits.morning)
    wrong = found.checked.wrong
    components.show(
        Markup('<div class="tiles">{}</div>').format(Markup("").join(_tiles(found)))
    ).classes("wide")
    if wrong:
        with components.card(t("账本不符之处")):
            for seal in wrong:
                components.text(f"#{seal.id}: " + "；".join(word(one) for one in seal.codes))
    with components.card(t("不寻常的查阅（最近七天）")):
        unusual_table(found.unusual[:LISTED])
    with components.card(t("运行例外（最近七天）")):
        exceptions(page, found.exceptions[:LISTED])
    with components.card(t("正在更正通知的错误值")):
        _recalls(page, found.recalls[:LISTED])
    with components.card(t("正在校核的值")):
        _disputes(page, found.disputes[:LISTED])
    with components.card(t("依申请删除（最近三十天）")):
        _erasures(found.erasures[:LISTED])


def _tiles(found: AuditOverview) -> list[Markup]:
    wrong, checked = found.checked.wrong, found.checked.checked
    sealed = moment(found.newest.sealed_at) if found.newest else t("尚未存证")
    whole = t("完好") if found.newest and not wrong else t("不符") if wrong else "—"
    owed = sum(case.owed for case in found.recalls)
    waits = t("；待封 {lag}", lag=lapse(found.lag)) if found.lag else ""
    last = t(
        "最近 {checked} 个存证已核验 · {sealed}{waits}", checked=checked, sealed=sealed, waits=waits
    )
    return [
        _tile(
            "/ledger",
            t("账本"),
            whole,
            last,
            "bad" if wrong else "" if found.newest else "warn",
        ),
        _tile(
            "/conservation",
            t("收发核对例外"),
            len(found.exceptions),
            t("七天内失败、中断、不平衡的运行"),
            "warn" if found.exceptions else "",
        ),
        _tile(
            "/access",
            t("不寻常的查阅"),
            len(found.unusual),
            t("七天内"),
            "warn" if found.unusual else "",
        ),
        _tile(
            "/recalls",
            t("更正通知中"),
            len(found.recalls),
            t("还有 {owed} 个接收方未更正", owed=owed),
            "warn" if owed else "",
        ),
        _tile(
            "/disputes",
            t("校核中"),
            len(found.disputes),
            t("未办结"),
            "",
        ),
        _tile(
            "#erased",
            t("依申请删除"),
            len(found.erasures),
            t("三十天内"),
            "",
        ),
    ]


def _tile(href: str, name: str, value: object, more: str, tone: str) -> Markup:
    return Markup(
        '<a class="tile {}" href="{}"><span>{}</span><b>{}</b><span>{}</span></a>'
    ).format(tone, href, name, value, more)


def _recalls(page: ConsolePage, rows: list[RecallView]) -> None:
    components.table(
        [
            t("更正通知"),
            t("记录"),
            t("字段"),
            t("理由"),
            t("产生时间"),
            t("未更正"),
        ],
        [
            (
                components.link(f"/recalls/{row.id}", f"#{row.id}"),
                components.link(f"/records/{row.record_id}", components.code(row.key)),
                _field(page, row.entity, row.field, row.record_id),
                components.content(row.reason),
                moment(row.opened_at),
                f"{row.owed} / {row.receivers}",
            )
            for row in rows
        ],
        nothing=t("没有正在更正通知的值。"),
    )


def _disputes(page: ConsolePage, rows: list[DisputeView]) -> None:
    components.table(
        [
            t("校核"),
            t("记录"),
            t("字段"),
            t("提出单位"),
            t("答复方"),
            t("期限"),
        ],
        [
            (
                components.link(f"/disputes/{row.id}", f"#{row.id}"),
                components.link(f"/records/{row.record_id}", components.code(row.key)),
                _field(page, row.entity, row.field, row.record_id),
                components.content(row.department),
                formatting.system(page.hub.contracts, row.system),
                moment(row.clock),
            )
            for row in rows
        ],
        nothing=t("没有正在校核的值。"),
    )


def _erasures(rows: list[Erasure]) -> None:
    ui.element("div").props("id=erased")
    components.table(
        [
            t("时间"),
            t("记录"),
            t("报文|several"),
            t("决定人"),
            t("理由"),
            t("运行"),
        ],
        [
            (
                moment(row.erased_at),
                components.link(f"/records/{row.record_id}", f"#{row.record_id}")
                if row.record_id
                else None,
                row.payloads,
                components.content(row.erased_by),
                components.content(row.reason),
                components.link(f"/runs/{row.run_id}", f"#{row.run_id}"),
            )
            for row in rows
        ],
        nothing=t("没有清除。"),
    )


def _field(page: ConsolePage, entity: str, name: str, record_id: int) -> Markup:
    fields = page.hub.contracts.entities[entity].fields
    title = pick(fields[name].title_zh, fields[name].title_en) if name in fields else name
    return components.link(f"/records/{record_id}/fields/{name}", title)
