"""Held batches: reason, values and counts, decision; below, the source's shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components
from hub.console.flows import (
    asking,
    flow_choices,
    flow_title,
    more,
    styled,
    when,
)
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import marked, number, pick, t, word
from hub.domain.contracts import Contracts
from hub.services import held, shapes
from hub.services.held import HeldView
from hub.services.shapes import SourceShape

LISTED = 50


@dataclass(frozen=True, slots=True)
class HeldOnPage:
    """Batches held, batches decided lately, and one flow's source."""

    waiting: list[HeldView]
    decided: list[HeldView]
    shape: SourceShape | None


@page(
    "/held",
    title="整批未采用",
    roles=LOOKING_INTO,
    menu=MenuEntry("watch", 3, "back_hand"),
)
async def batches(page: ConsolePage, flow: str = "") -> None:
    """Held batches of every flow, or of one with its source's shape."""
    seen = await page.look(lambda visit: _look(visit, flow))
    styled()
    contracts = page.hub.contracts
    asking("/held", [("flow", t("流程"), flow, flow_choices(contracts))], t("查看"))
    with components.card(t("待处理")):
        _table(contracts, seen.waiting)
        more("/held", LISTED, seen.waiting, flow=flow)
        if seen.waiting and page.reader.account.role == "administrator":
            _deciding(page, seen.waiting)
    if seen.decided:
        with components.card(t("已处理")):
            _table(contracts, seen.decided)
    if seen.shape is not None:
        _shape(seen.shape)


def _look(visit: RequestContext, flow: str) -> HeldOnPage:
    every = held.listed(visit, flow=flow or None, decided=True, most=LISTED)
    return HeldOnPage(
        held.listed(visit, flow=flow or None, most=LISTED),
        [one for one in every if one.state != "waiting"],
        shapes.shape_of(visit, flow) if flow in visit.hub.contracts.pulls else None,
    )


def _table(contracts: Contracts, rows: Sequence[HeldView]) -> None:
    components.table(
        [
            t("批次"),
            t("流程"),
            t("运行"),
            t("条数"),
            t("产生时间"),
            t("原因、数值与条数"),
            t("处理|decision"),
        ],
        [
            (
                row.batch,
                flow_title(contracts, row.flow),
                components.link(f"/runs/{row.run}", f"#{row.run}"),
                number(row.held),
                when(row.held_at),
                _why(row),
                _decision(row),
            )
            for row in rows
        ],
        numeric=(3,),
        nothing=t("没有等待处理的批次。"),
    )


def _why(row: HeldView) -> Markup:
    return Markup("").join(
        Markup("<div>{}</div>").format(marked(pick(one.said.zh, one.said.en)))
        for one in row.findings
    )


def _decision(row: HeldView) -> str:
    said = word("undecided" if row.state == "waiting" else row.state)
    return f"{said} · {row.decided_by}: {row.reason}" if row.decided_by else said


def _deciding(page: ConsolePage, rows: Sequence[HeldView]) -> None:
    """Decide the first held batch of a flow; later ones follow in order."""
    first: dict[str, HeldView] = {}
    for row in rows:
        first.setdefault(row.flow, row)
    choices = {row.batch: f"{row.batch} · {row.flow}" for row in first.values()}
    chosen = ui.select(choices, value=next(iter(choices)), label=t("批次"))
    reason = ui.input(t("理由"))

    async def decide(*, accepting: bool) -> None:
        act = held.accept if accepting else held.drop
        await page.act(
            "hold", lambda visit: act(visit, [int(chosen.value)], reason=str(reason.value))
        )
        ui.navigate.reload()

    components.button(t("采用|batch"), lambda: decide(accepting=True))
    components.button(t("放弃"), lambda: decide(accepting=False), kind="bad")


def _shape(shape: SourceShape) -> None:
    with components.card(t("来源的结构")):
        components.table(
            [
                t("字段"),
                t("映射为"),
                t("有"),
                t("有值"),
                t("类型|several"),
                t("代码"),
            ],
            [
                (
                    components.content(one.path),
                    ", ".join(one.mapped),
                    f"{one.present} / {one.records}",
                    number(one.filled),
                    ", ".join(one.types),
                    components.content(", ".join(one.codes)),
                )
                for one in shape.fields
            ],
            numeric=(3,),
            nothing=t("还没有读过这个来源。"),
        )
        for change in shape.changes:
            components.text(
                Markup("{} {}").format(
                    when(change.met_at), marked(pick(change.said.zh, change.said.en))
                ),
                kind="soft",
            )
