"""Reconciliation: differences with targets by cause, and decisions on them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup
from nicegui import ui

from hub import texts
from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components
from hub.console.flows import asking, flow_choices, flow_title, state, styled, when
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import lang, number, t, word
from hub.domain.contracts import Contracts
from hub.errors import FlowError
from hub.services import reconciliation, restorations, schedule
from hub.services.reconciliation import KINDS, Counted, Difference

LISTED = 100
PICKED = "[...document.querySelectorAll('input[name=pick]:checked')].map(one => Number(one.value))"
MEANING = {
    "lag": "来源已改，尚未拉取到",
    "lost_push": "对方没有我们已送达的值",
    "foreign_edit": "对方改动了我们送去的值",
    "mapping_fault": "对方有，但映射不能采用",
    "missing_here": "对方有，本方没有",
    "missing_there": "本方有，对方没有",
    "surplus_there": "对方有我们送去的记录，本方没有",
}


@page(
    "/differences",
    title="对账差异",
    roles=LOOKING_INTO,
    menu=MenuEntry("watch", 5, "compare_arrows"),
)
async def found(page: ConsolePage, flow: str = "", kind: str = "", closed: str = "") -> None:
    """Differences by cause, then one by one."""
    groups, rows, seen = await page.look(
        lambda visit: _look(visit, flow, kind, closed=bool(closed))
    )
    styled()
    contracts = page.hub.contracts
    asking(
        "/differences",
        [
            ("flow", t("流程"), flow, flow_choices(contracts)),
            (
                "kind",
                t("原因"),
                kind,
                [("", t("全部")), *((one, word(one)) for one in KINDS)],
            ),
            (
                "closed",
                t("范围"),
                closed,
                [("", t("未了结")), ("1", t("含已了结"))],
            ),
        ],
        t("查看"),
    )
    with components.card(t("按原因汇总")):
        _groups(contracts, groups, page.hub.settings.airflow_url)
        _unseen(contracts, {name: sees for name, sees in seen.items() if flow in {"", name}})
    with components.card(t("逐条")):
        acting = page.reader.account.role == "administrator" and any(
            row.closed_at is None for row in rows
        )
        if acting:
            _acts(page)
        _rows(contracts, rows, acting=acting)


def _look(
    visit: RequestContext, flow: str, kind: str, *, closed: bool
) -> tuple[list[Counted], list[Difference], Mapping[str, str]]:
    rows = reconciliation.listed(
        visit, flow=flow or None, kind=kind or None, closed=closed, most=LISTED
    )
    return reconciliation.by_cause(visit), rows, reconciliation.sight(visit)


def _unseen(contracts: Contracts, seen: Mapping[str, str]) -> None:
    """Targets of which a comparison cannot see everything."""
    for sees in ("known", "nothing"):
        if flows := [flow_title(contracts, flow) for flow in sorted(seen) if seen[flow] == sees]:
            components.show(
                Markup('<p class="note">{}：{}</p>').format(
                    texts.tell(f"{sees}|unseen", lang()), Markup("、").join(flows)
                )
            )


def _groups(contracts: Contracts, groups: Sequence[Counted], url: str) -> None:
    sums: Counter[str] = Counter()
    for _, kind, count, _ in groups:
        sums[kind] += count
    tiles = Markup("").join(
        Markup('<a class="tile" href="{}"><b>{}</b><span title="{}">{}</span></a>').format(
            address("/differences", kind=kind), number(sums[kind]), t(MEANING[kind]), word(kind)
        )
        for kind in KINDS
    )
    components.show(Markup('<div class="tiles">{}</div>').format(tiles)).classes("wide")
    components.table(
        [
            t("流程"),
            t("原因"),
            t("含义"),
            t("条数"),
            t("待人处理"),
            t("修复"),
        ],
        [
            (
                flow_title(contracts, flow),
                components.link(address("/differences", flow=flow, kind=kind), word(kind)),
                t(MEANING[kind]),
                number(count),
                number(queued),
                _again(flow, url),
            )
            for flow, kind, count, queued in groups
        ],
        numeric=(3, 4),
        nothing=t("没有未了结的差异：各方一致。"),
    )


def _again(flow: str, url: str) -> Markup:
    """A link to run the comparison again, which repairs by rule."""
    place = schedule.dag_address(url, f"reconcile_{flow.split('.')[1]}")
    if place is None:
        return components.code(f"hub reconcile {flow}")
    return Markup('<a href="{}" target="_blank" rel="noopener">{} ↗</a>').format(
        place, t("再次对账")
    )


def _rows(contracts: Contracts, rows: Sequence[Difference], *, acting: bool) -> None:
    head = [
        t("差异"),
        t("流程"),
        t("主键"),
        t("原因"),
        t("状态"),
    ]
    last = [t("连续次数"), t("首次"), t("详情")]
    components.table(
        [*([t("选")] if acting else []), *head, *last],
        [
            (
                *([_tick(row)] if acting else []),
                f"#{row.id}",
                flow_title(contracts, row.flow),
                components.link(f"/records/{row.record_id}", components.code(row.key))
                if row.record_id
                else components.code(row.key),
                word(row.kind),
                state(row.state),
                row.times,
                when(row.first_at),
                _details(row),
            )
            for row in rows
        ],
        nothing=t("没有符合条件的差异。"),
    )


def _tick(row: Difference) -> Markup:
    if row.closed_at is not None:
        return Markup("")
    return Markup('<input type="checkbox" name="pick" value="{}" aria-label="{}">').format(
        row.id, t("选择差异 {id}", id=row.id)
    )


def _details(row: Difference) -> str:
    said = [
        f"{name}: {_plain(value)}"
        for name, value in row.found.items()
        if name not in {"held", "key"}
    ]
    closed = [part for part in (row.closed_by, row.reason) if part]
    return "；".join([*said, *closed])


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _acts(page: ConsolePage) -> None:
    """Send the selected ones again, or leave them."""

    async def settle(*, resend: bool) -> None:
        act = reconciliation.send_again if resend else reconciliation.leave
        await settled(lambda visit, ids, reason: act(visit, ids, reason=reason))

    async def beyond(*, withdraw: bool) -> None:
        await settled(
            lambda visit, ids, reason: restorations.settle_surplus(
                visit, ids, withdraw=withdraw, reason=reason
            )
        )

    async def settled(act: Callable[[RequestContext, Sequence[int], str], int]) -> None:
        ids, reason = [int(one) for one in await ui.run_javascript(PICKED)], why.value.strip()
        if not ids:
            raise FlowError("ask.nothing_selected")
        if not reason:
            components.notify(t("请填写理由。"), bad=True)
            return
        count = await page.act("settle", lambda visit: act(visit, ids, reason))
        components.notify(t("已处理 {count} 条。", count=count))
        ui.navigate.reload()

    with ui.element("div").classes("acts no-print"):
        why = ui.input(t("理由")).props("dense outlined maxlength=1000").style("min-width: 320px")
        components.button(t("重新推送所选"), lambda: settle(resend=True))
        components.button(t("所选保持原样"), lambda: settle(resend=False), kind="plain")
        components.button(t("撤回对方多出的"), lambda: beyond(withdraw=True), kind="plain")
        components.button(t("重新认领对方多出的"), lambda: beyond(withdraw=False), kind="plain")
