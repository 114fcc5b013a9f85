"""Verification: coverage by table, the last results, and wrong rows."""

from nicegui import ui

from hub import texts
from hub.auth.context import LOOKING_INTO
from hub.console import components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import lang, marked, moment, number, pick, t, word
from hub.services.verification import Proven, TableView, VerificationView, proven

LISTED = 200
STYLE = "table.data td:first-child code { white-space: nowrap; }"


@page(
    "/verification",
    title="核验",
    roles=LOOKING_INTO,
    menu=MenuEntry("trace", 35, "policy"),
)
async def verification(page: ConsolePage) -> None:
    """The last verification, and coverage."""
    ui.add_css(STYLE)
    seen = await page.look(proven)
    with components.card(t("最近的核验")):
        _last(seen)
    with components.card(t("逐表：核验什么、如何核验")):
        components.text(
            t(
                "重建：由送达的报文和规则重新得出再比较。封存：与当时由中枢密钥证明并存证的内容比较。本页取自核验程序本身。"
            ),
            kind="soft",
        )
        _tables(seen.tables)
    if len(seen.verifications) > 1:
        with components.card(t("更早的核验")):
            _runs(seen.verifications[1:])


def _last(seen: Proven) -> None:
    if not seen.verifications:
        components.empty(
            t("还没有核验过。"),
            next_step=t("由 Airflow 每天核验，或运行 hub verify。"),
        )
        return
    last = seen.verifications[0]
    _runs([last])
    for names, title in (
        (last.skipped, t("这次未核对")),
        (last.unfinished, t("超时未完")),
    ):
        if names:
            components.text(t("：").join([title, _checks(names)]))
    if last.listed:
        rows = last.listed[:LISTED]
        components.table(
            [t("表"), t("行"), t("发现")],
            [
                (
                    components.code(row.table),
                    row.key,
                    marked(row.said_zh if lang() == "zh" else row.said_en),
                )
                for row in rows
            ],
        )
        if last.wrong > len(rows):
            components.text(
                marked(
                    t(
                        "共 {wrong} 行，这里列出前 {number} 行；其余见 hub verify。",
                        wrong=number(last.wrong),
                        number=number(len(rows)),
                    )
                )
            )


def _runs(rows: list[VerificationView]) -> None:
    components.table(
        [
            t("编号"),
            t("开始"),
            t("结束"),
            t("经办"),
            t("状态"),
            t("不符"),
        ],
        [
            (
                f"#{row.id}",
                moment(row.started_at),
                moment(row.ended_at) if row.ended_at else "",
                row.by,
                word(row.state),
                components.badge(number(row.wrong), tone="bad" if row.wrong else "good"),
            )
            for row in rows
        ],
    )


def _checks(names: list[str]) -> str:
    return t("、").join(texts.tell(f"{name}|check", lang()) for name in names)


def _tables(rows: list[TableView]) -> None:
    components.table(
        [
            t("表"),
            t("如何核验"),
            t("核对"),
            t("不核验的列及原因"),
        ],
        [
            (
                components.code(row.table),
                components.badge(
                    word(f"covered.{row.way}"), tone="warn" if row.way == "open" else "good"
                ),
                _checks(row.checks),
                t("；").join(
                    t("：").join([" ".join(one.columns), pick(one.why_zh, one.why_en)])
                    for one in row.open
                ),
            )
            for row in rows
        ],
    )
