"""Where a record and each of its fields come from and went: as a picture and as tables, with files to take away."""

from collections.abc import Callable, Mapping, Sequence

import orjson
from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components, formatting, graph, lineage_graph
from hub.console.page import ConsolePage, address, page
from hub.console.words import lang, moment, pick, t
from hub.domain.contracts import Contracts
from hub.services import deliveries, lineage
from hub.services.lineage import (
    DeliveryEventRow,
    FieldLineage,
    FieldOrigin,
    LandedRecord,
    ReaderRow,
    RecordHead,
    RecordLineage,
)

SHOWN = 20
CHOSEN = {
    "steward": "由人裁定",
    "rank": "按权威来源顺序取值",
    "only": "唯一来源",
    "": "没有值",
}


@page("/records/{record_id}", title="记录溯源", roles=LOOKING_INTO)
async def record(page: ConsolePage, record_id: int, folded: str = "") -> None:
    """One record: what it says, from where, and where it went."""
    found, stand = await page.look(
        lambda visit: (
            lineage.record_lineage(visit, str(record_id)),
            deliveries.record(visit, str(record_id)),
        )
    )
    contracts, path = page.hub.contracts, f"/records/{record_id}"
    ui.add_css(graph.STYLE)
    with components.card():
        _head(contracts, found.head)
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
            components.show(components.link(address("/asof", record=record_id), t("查看当时")))
            components.show(
                components.link(address("/access", record=record_id), t("全部查阅记录"))
            )
    with components.card(t("来龙去脉")):
        graph.show(lineage_graph.of_record(contracts, found), path=path, folded=folded)
    with components.card(t("字段|several")):
        _fields(contracts, found)
    with components.card(t("原始报文")):
        _arrivals(contracts, found.arrivals)
    if found.history:
        with components.card(t("历次版本")):
            _versions(contracts, found)
    with components.card(t("各目标的推送现状与原因")) as card:
        card.props("id=deliveries")
        lineage_graph.standing_table(contracts, stand)
    _out(contracts, record_id, found.handed, found.readers)


@page("/records/{record_id}/fields/{field}", title="字段溯源", roles=LOOKING_INTO)
async def field(page: ConsolePage, record_id: int, field: str, folded: str = "") -> None:
    """One field, from the run that brought its payload to everyone who read it."""
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
                (t("采用理由"), _why(contracts, found)),
                (t("国家标准字段"), ", ".join(about.standard)),
            ]
        )
        _head(contracts, found.head)
        _take_away(page, record_id, found)
    with components.card(t("来龙去脉")):
        graph.show(lineage_graph.of_field(contracts, found), path=path, folded=folded)
    with components.card(t("来源记录与取值")):
        _claims(contracts, found)
    if found.origin is not None:
        with components.card(t("映射规则与原始报文（当时的原文）")):
            _origin(found)
    if found.history:
        with components.card(t("历次取值")):
            _former(contracts, found)
    with components.card(t("推送了什么")):
        _sent(contracts, found)
    _out(contracts, record_id, [], found.readers)


def _former(contracts: Contracts, found: FieldLineage) -> None:
    about = contracts.entities[found.head.entity].fields[found.field]
    components.table(
        [t("版本"), t("值"), t("起"), t("止")],
        [
            (
                f"v{row.version}",
                components.content(formatting.value(contracts, about, row.value)),
                moment(row.since),
                moment(row.until),
            )
            for row in reversed(found.history)
        ],
    )


def _sent(contracts: Contracts, found: FieldLineage) -> None:
    components.table(
        [
            t("目标"),
            t("对方字段与值"),
            t("结果"),
            t("时间"),
        ],
        [
            (
                lineage_graph.flow(contracts, told.handed.flow),
                components.content(
                    "; ".join(f"{name} = {value}" for name, value in told.sent.items())
                ),
                lineage_graph.state(told.handed.state),
                moment(told.handed.at),
            )
            for told in found.told
        ],
        nothing=t("没有推送过这个字段。"),
    )


def _take_away(page: ConsolePage, record_id: int, found: FieldLineage) -> None:
    """Files for other tools, and for those who do not trust us."""
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


def _head(contracts: Contracts, head: RecordHead) -> None:
    entity = contracts.entities[head.entity]
    state = components.badge(t("已撤回"), tone="warn") if head.deleted else Markup("")
    since = Markup("v{} · {} · {}").format(
        head.version,
        moment(head.since),
        components.link(f"/runs/{head.run_id}", t("运行 #{run_id}", run_id=head.run_id))
        if head.run_id
        else "",
    )
    code = head.project_code
    components.facts(
        [
            (
                t("记录"),
                Markup("{} {} {} {}").format(
                    components.link(f"/records/{head.record_id}", f"#{head.record_id}"),
                    pick(entity.title_zh, entity.title_en),
                    components.code(head.key),
                    state,
                ),
            ),
            (
                t("项目"),
                components.link(f"/projects/{code}", components.code(code)) if code else None,
            ),
            (t("现行版本"), since),
            (
                t("尚缺"),
                ", ".join(_titles(contracts, head.entity, head.incomplete)),
            ),
        ]
    )


def _titles(contracts: Contracts, entity: str, names: Sequence[str]) -> list[str]:
    fields = contracts.entities[entity].fields
    return [
        pick(fields[name].title_zh, fields[name].title_en) if name in fields else name
        for name in names
    ]


def _why(contracts: Contracts, found: FieldLineage) -> str:
    order = " > ".join(formatting.system(contracts, name) for name in found.authority)
    return (
        f"{t(CHOSEN[found.chosen_by])}（{order}）"
        if lang() == "zh"
        else f"{CHOSEN[found.chosen_by][1]} ({order})"
    )


def _fields(contracts: Contracts, found: RecordLineage) -> None:
    fields = contracts.entities[found.head.entity].fields
    components.table(
        [
            *(
                t("字段"),
                t("值"),
                t("来源"),
                t("来源时间"),
            ),
            *(t("到达时间"), t("来源间")),
        ],
        [
            (
                components.link(
                    f"/records/{found.head.record_id}/fields/{name}",
                    pick(fields[name].title_zh, fields[name].title_en),
                ),
                components.content(formatting.value(contracts, fields[name], said.value)),
                formatting.system(contracts, said.system),
                formatting.source_time(said.source_time),
                moment(said.as_of),
                components.badge(t("来源不一致"), tone="warn")
                if name in found.disagreements
                else "",
            )
            for name, said in found.fields.items()
        ],
    )
    if found.hidden:
        components.text(
            t("有值但本账号不可见：")
            + "、".join(_titles(contracts, found.head.entity, found.hidden)),
            kind="soft",
        )


def _arrivals(contracts: Contracts, rows: Sequence[LandedRecord]) -> None:
    components.table(
        [
            t("报文"),
            t("流程"),
            t("来源主键"),
            t("位置"),
            t("到达"),
            t("运行"),
        ],
        [
            (
                row.id,
                lineage_graph.flow(contracts, row.flow),
                components.code(row.key),
                components.content(row.place),
                moment(row.committed_at),
                components.link(f"/runs/{row.run_id}", f"#{row.run_id}"),
            )
            for row in rows
        ],
    )


def _versions(contracts: Contracts, found: RecordLineage) -> None:
    """What each former version said otherwise than the one after it."""
    fields = contracts.entities[found.head.entity].fields
    later: Mapping[str, object] = {name: said.value for name, said in found.fields.items()}
    rows = []
    for former in reversed(found.history):
        changed = [name for name in fields if former.values.get(name) != later.get(name)]
        said = (
            t("可见的值未变")
            if not changed
            else "; ".join(
                f"{pick(about.title_zh, about.title_en)}: {formatting.value(contracts, about, former.values.get(about.name))}"
                for about in map(fields.__getitem__, changed)
            )
        )
        rows.append(
            (
                f"v{former.version}",
                moment(former.since),
                moment(former.until),
                components.content(said),
            )
        )
        later = former.values
    components.table(
        [
            t("版本"),
            t("起"),
            t("止"),
            t("与后一版本不同之处"),
        ],
        rows,
    )


def _claims(contracts: Contracts, found: FieldLineage) -> None:
    about = contracts.entities[found.head.entity].fields[found.field]
    ui.element("div").props("id=claims")
    components.table(
        [
            t("采用|value"),
            t("系统"),
            t("值"),
            t("来源主键"),
            t("来源版本"),
            t("发言权"),
            t("来源时间"),
            t("到达时间"),
        ],
        [
            (
                components.badge(t("采用|value"), tone="good") if claim.won else "",
                formatting.system(contracts, claim.system),
                components.content(formatting.value(contracts, about, claim.value)),
                components.code(claim.source_key),
                components.content(claim.version),
                t("无") if claim.rank is None else claim.rank + 1,
                *(
                    formatting.source_time(claim.arrival.source_time),
                    moment(claim.arrival.committed_at),
                ),
            )
            for claim in found.claims
        ],
        nothing=t("没有系统提供这个字段。"),
    )


def _confirmed(origin: FieldOrigin) -> list[tuple[str, str]]:
    """How often the source has said the same since, and when last."""
    again = origin.confirmed
    if again is None:
        return []
    last = moment(again.at)
    told = t("同一来源此后又送来 {times} 次相同的值，最近 {last}", times=again.times, last=last)
    return [(t("此后确认"), told)]


def _origin(found: FieldLineage) -> None:
    origin = found.origin
    if origin is None:
        return
    ui.element("div").props("id=rule")
    components.facts(
        [
            (
                t("映射版本"),
                Markup("{} {}").format(
                    components.code(origin.contract[:16]),
                    t("首次使用 {contract_since}", contract_since=moment(origin.contract_since)),
                ),
            ),
            (t("规则"), components.code(orjson.dumps(origin.rule).decode())),
            *_confirmed(origin),
            *(
                (components.code(path), components.content(value))
                for path, value in origin.source.items()
            ),
        ]
    )
    if origin.payload is None:
        components.text(
            t("报文全文可能含个人信息，本账号不可见（或已依申请删除）。"),
            kind="soft",
        )
    else:
        components.show(
            Markup(
                '<details><summary>{}</summary><pre data-content tabindex="0">{}</pre></details>'
            ).format(t("报文全文"), origin.payload)
        ).classes("wide")


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
