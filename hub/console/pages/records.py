"""Lineage of a record and its fields: graph, tables, exports."""

from collections.abc import Callable, Sequence

import orjson
from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components, formatting, graph, lineage_graph
from hub.console.page import ConsolePage, address, page
from hub.console.record_tables import (
    arrival_table,
    claim_table,
    field_table,
    former_values,
    origin_facts,
    reason_chosen,
    record_head,
    sent_table,
    version_table,
)
from hub.console.words import moment, pick, t
from hub.domain.contracts import Contracts
from hub.services import deliveries, lineage
from hub.services.lineage import (
    DeliveryEventRow,
    FieldLineage,
    ReaderRow,
)

SHOWN = 20


@page("/records/{record_id}", title="记录溯源", roles=LOOKING_INTO)
async def record(page: ConsolePage, record_id: int, folded: str = "") -> None:
    """One record: values, sources, deliveries."""
    found, stand = await page.look(
        lambda visit: (
            lineage.record_lineage(visit, str(record_id)),
            deliveries.record(visit, str(record_id)),
        )
    )
    contracts, path = page.hub.contracts, f"/records/{record_id}"
    ui.add_css(graph.STYLE)
    with components.card():
        record_head(contracts, found.head)
        with ui.element("div").classes("row no-print"):
            components.button(
                "W3C PROV",
                lambda: _download(
                    page,
                    "prov",
                    lambda visit: lineage.record_prov(visit, str(record_id)),
                    f"{record_id}.prov",
                ),
                kind="plain",
            )
            components.show(components.link(address("/asof", record=record_id), t("查看历史时点")))
            components.show(
                components.link(address("/access", record=record_id), t("全部查阅记录"))
            )
    with components.card(t("来龙去脉")):
        graph.show(lineage_graph.of_record(contracts, found), path=path, folded=folded)
    with components.card(t("字段|several")):
        field_table(contracts, found)
    with components.card(t("原始报文")):
        arrival_table(contracts, found.arrivals)
    if found.history:
        with components.card(t("历次版本")):
            version_table(contracts, found)
    with components.card(t("各目标的推送现状与原因")) as card:
        card.props("id=deliveries")
        lineage_graph.standing_table(contracts, stand)
    _out(contracts, record_id, found.handed, found.readers)


@page("/records/{record_id}/fields/{field}", title="字段溯源", roles=LOOKING_INTO)
async def field(page: ConsolePage, record_id: int, field: str, folded: str = "") -> None:
    """One field, from the run that brought its payload to its readers."""
    found = await page.look(lambda visit: lineage.field_lineage(visit, str(record_id), field))
    contracts, path = page.hub.contracts, f"/records/{record_id}/fields/{field}"
    about = contracts.entities[found.head.entity].fields[found.field]
    with components.card():
        components.facts(
            [
                (
                    t("字段"),
                    Markup("{} {}").format(
                        pick(about.title_zh, about.title_en), components.code(about.name)
                    ),
                ),
                (t("值"), components.content(formatting.value(contracts, about, found.value))),
                (t("采用理由"), reason_chosen(contracts, found)),
                (t("国家标准字段"), ", ".join(about.standard)),
            ]
        )
        record_head(contracts, found.head)
        _take_away(page, record_id, found)
    with components.card(t("来龙去脉")):
        graph.show(lineage_graph.of_field(contracts, found), path=path, folded=folded)
    with components.card(t("来源记录与取值")):
        claim_table(contracts, found)
    if found.origin is not None:
        with components.card(t("映射规则与原始报文（当时的原文）")):
            origin_facts(found)
    if found.history:
        with components.card(t("历次取值")):
            former_values(contracts, found)
    with components.card(t("推送了什么")):
        sent_table(contracts, found)
    _out(contracts, record_id, [], found.readers)


def _take_away(page: ConsolePage, record_id: int, found: FieldLineage) -> None:
    """Downloads: PROV, and the proof."""
    record, name, run = (
        str(record_id),
        found.field,
        found.origin.arrival.run_id if found.origin else None,
    )
    file = f"{record_id}-{name}"
    with ui.element("div").classes("row no-print"):
        components.button(
            t("证明文件"),
            lambda: _download(
                page,
                "proof",
                lambda visit: lineage.field_proof(visit, record, name),
                f"{file}.proof",
            ),
        )
        components.button(
            "W3C PROV",
            lambda: _download(
                page, "prov", lambda visit: lineage.field_prov(visit, record, name), f"{file}.prov"
            ),
            kind="plain",
        )
        if run is not None:
            components.button(
                "OpenLineage",
                lambda: _download(
                    page,
                    "openlineage",
                    lambda visit: lineage.run_openlineage(visit, run),
                    f"run-{run}.openlineage",
                ),
                kind="plain",
            )


async def _download(
    page: ConsolePage, what: str, work: Callable[[RequestContext], object], name: str
) -> None:
    made = await page.act(what, work)
    ui.download.content(
        orjson.dumps(made, option=orjson.OPT_INDENT_2), f"{name}.json", "application/json"
    )


def _out(
    contracts: Contracts,
    record_id: int,
    handed: Sequence[DeliveryEventRow],
    readers: Sequence[ReaderRow],
) -> None:
    if handed:
        with components.card(t("推送与回执")):
            components.table(
                [
                    t("目标"),
                    t("结果"),
                    t("版本"),
                    t("时间"),
                    t("运行"),
                    t("对方答复"),
                    t("回执"),
                ],
                [
                    (
                        lineage_graph.flow(contracts, row.flow),
                        lineage_graph.state(row.state),
                        f"v{row.golden_version}",
                        moment(row.at),
                        components.link(f"/runs/{row.run_id}", f"#{row.run_id}"),
                        components.content(f"{row.code} {row.text} {row.reference}".strip()),
                        lineage_graph.state(row.receipt) if row.receipt else None,
                    )
                    for row in reversed(handed)
                ],
            )
    with components.card(t("查阅记录|record")):
        components.table(
            [
                t("账号"),
                t("途径"),
                t("用途"),
                t("时间"),
                t("被拒"),
            ],
            [
                (
                    components.link(address("/access", account=row.account), row.account)
                    if row.account
                    else t("未登录"),
                    components.code(row.route),
                    components.content(row.purpose),
                    moment(row.at),
                    components.badge(t("被拒"), tone="bad") if row.refused else "",
                )
                for row in readers[:SHOWN]
            ],
            nothing=t("还没有人查阅。"),
        )
        if len(readers) > SHOWN:
            components.show(
                components.link(address("/access", record=record_id), t("全部查阅记录"))
            )
