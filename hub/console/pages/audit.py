"""The auditor's morning page: is the ledger whole, does all balance, whose reading stands out, what is put right."""

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO
from hub.console import components, formatting, graph
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.pages.access import unusual_table
from hub.console.pages.conservation import exceptions
from hub.console.words import lapse, moment, t, word
from hub.services import audit as audits
from hub.services.audit import AuditOverview, Erasure
from hub.services.disputes import DisputeView
from hub.services.recalls import RecallView

LISTED = 10


@page(
    "/audit", zh="审计", en="Audit", roles=LOOKING_INTO, menu=MenuEntry("trace", 10, "fact_check")
)
async def audit(page: ConsolePage) -> None:
    """One look at everything, each part leading to its page."""
    ui.add_css(graph.STYLE)
    found = await page.look(audits.morning)
    wrong = found.checked.wrong
    components.show(
        Markup('<div class="tiles">{}</div>').format(Markup("").join(_tiles(found)))
    ).classes("wide")
    if wrong:
        with components.card(t("账本不符之处", "What is wrong with the ledger")):
            for seal in wrong:
                components.text(f"#{seal.id}: " + "；".join(word(one) for one in seal.codes))
    with components.card(
        t("不寻常的查阅（最近七天）", "Reading that stands out (last seven days)")
    ):
        unusual_table(found.unusual[:LISTED])
    with components.card(t("运行例外（最近七天）", "Exceptions of runs (last seven days)")):
        exceptions(page, found.exceptions[:LISTED])
    with components.card(t("正在追回的错误值", "Wrong values being recalled")):
        _recalls(page, found.recalls[:LISTED])
    with components.card(t("正在校核的值", "Values in dispute")):
        _disputes(page, found.disputes[:LISTED])
    with components.card(t("依决定清除（最近三十天）", "Erased on a decision (last thirty days)")):
        _erasures(found.erasures[:LISTED])


def _tiles(found: AuditOverview) -> list[Markup]:
    wrong, checked = found.checked.wrong, found.checked.checked
    sealed = moment(found.newest.sealed_at) if found.newest else t("尚未封签", "nothing sealed yet")
    whole = (
        t("完好", "whole") if found.newest and not wrong else t("不符", "wrong") if wrong else "—"
    )
    owed = sum(case.owed for case in found.recalls)
    waits = (
        t(f"；待封 {lapse(found.lag)}", f"; unsealed for {lapse(found.lag)}") if found.lag else ""
    )
    last = t(
        f"最近 {checked} 个封签已核验 · {sealed}{waits}",
        f"last {checked} seals checked · {sealed}{waits}",
    )
    return [
        _tile(
            "/ledger",
            t("账本", "Ledger"),
            whole,
            last,
            "bad" if wrong else "" if found.newest else "warn",
        ),
        _tile(
            "/conservation",
            t("收支例外", "Exceptions of the balance"),
            len(found.exceptions),
            t("七天内失败、中断、不平衡的运行", "runs that failed or do not balance, seven days"),
            "warn" if found.exceptions else "",
        ),
        _tile(
            "/access",
            t("不寻常的查阅", "Unusual reading"),
            len(found.unusual),
            t("七天内", "seven days"),
            "warn" if found.unusual else "",
        ),
        _tile(
            "/recalls",
            t("追回中", "Recalls open"),
            len(found.recalls),
            t(f"还有 {owed} 个接收方未更正", f"{owed} receivers not put right yet"),
            "warn" if owed else "",
        ),
        _tile(
            "/disputes",
            t("校核中", "In dispute"),
            len(found.disputes),
            t("未办结", "not settled"),
            "",
        ),
        _tile(
            "#erased",
            t("依决定清除", "Erased"),
            len(found.erasures),
            t("三十天内", "thirty days"),
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
            t("追回", "Recall"),
            t("记录", "Record"),
            t("字段", "Field"),
            t("理由", "Why"),
            t("自", "Since"),
            t("未更正", "Owed"),
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
        nothing=t("没有正在追回的值。", "No value is being recalled."),
    )


def _disputes(page: ConsolePage, rows: list[DisputeView]) -> None:
    components.table(
        [
            t("校核", "Dispute"),
            t("记录", "Record"),
            t("字段", "Field"),
            t("提出单位", "Raised by"),
            t("答复方", "To answer"),
            t("期限", "Due"),
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
        nothing=t("没有正在校核的值。", "No value is in dispute."),
    )


def _erasures(rows: list[Erasure]) -> None:
    ui.element("div").props("id=erased")
    components.table(
        [
            t("时间", "At"),
            t("记录", "Record"),
            t("报文", "Payloads"),
            t("决定人", "By"),
            t("理由", "Why"),
            t("运行", "Run"),
        ],
        [
            (
                moment(row.erased_at),
                components.link(f"/records/{row.record_id}", f"#{row.record_id}")
                if row.record_id
                else None,
                *(row.payloads, components.content(row.erased_by), components.content(row.reason)),
                components.link(f"/runs/{row.run_id}", f"#{row.run_id}"),
            )
            for row in rows
        ],
        nothing=t("没有清除。", "Nothing was erased."),
    )


def _field(page: ConsolePage, entity: str, name: str, record_id: int) -> Markup:
    fields = page.hub.contracts.entities[entity].fields
    title = t(fields[name].title_zh, fields[name].title_en) if name in fields else name
    return components.link(f"/records/{record_id}/fields/{name}", title)
