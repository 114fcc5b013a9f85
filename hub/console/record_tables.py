"""Tables of a record's lineage: sources, versions, deliveries."""

from collections.abc import Mapping, Sequence

import orjson
from markupsafe import Markup
from nicegui import ui

from hub.console import components, formatting, lineage_graph
from hub.console.words import lang, moment, pick, t
from hub.domain.contracts import Contracts
from hub.services.lineage import (
    FieldLineage,
    FieldOrigin,
    LandedRecord,
    RecordHead,
    RecordLineage,
)

CHOSEN = {
    "steward": "由人裁定",
    "rank": "按权威来源顺序取值",
    "only": "唯一来源",
    "": "没有值",
}


def former_values(contracts: Contracts, found: FieldLineage) -> None:
    """Former values of the field."""
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


def sent_table(contracts: Contracts, found: FieldLineage) -> None:
    """What each target was sent of a field."""
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


def record_head(contracts: Contracts, head: RecordHead) -> None:
    """Record, project and version."""
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


def reason_chosen(contracts: Contracts, found: FieldLineage) -> str:
    """Why this value was chosen, and the ranking of systems."""
    order = " > ".join(formatting.system(contracts, name) for name in found.authority)
    return (
        f"{t(CHOSEN[found.chosen_by])}（{order}）"
        if lang() == "zh"
        else f"{CHOSEN[found.chosen_by][1]} ({order})"
    )


def field_table(contracts: Contracts, found: RecordLineage) -> None:
    """Every field with value, source and time."""
    fields = contracts.entities[found.head.entity].fields
    components.table(
        [
            t("字段"),
            t("值"),
            t("来源"),
            t("来源时间"),
            t("到达时间"),
            t("来源间"),
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


def arrival_table(contracts: Contracts, rows: Sequence[LandedRecord]) -> None:
    """The payloads that a record was made of."""
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


def version_table(contracts: Contracts, found: RecordLineage) -> None:
    """What each former version had different from the next."""
    fields = contracts.entities[found.head.entity].fields
    later: Mapping[str, object] = {name: said.value for name, said in found.fields.items()}
    rows = []
    for former in reversed(found.history):
        changed = [name for name in fields if former.values.get(name) != later.get(name)]
        said = (
            t("可见的值未变")
            if not changed
            else "; ".join(
                (
                    f"{pick(about.title_zh, about.title_en)}: "
                    f"{formatting.value(contracts, about, former.values.get(about.name))}"
                )
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


def claim_table(contracts: Contracts, found: FieldLineage) -> None:
    """Each system's value of a field, and which was chosen."""
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
                formatting.source_time(claim.arrival.source_time),
                moment(claim.arrival.committed_at),
            )
            for claim in found.claims
        ],
        nothing=t("没有系统提供这个字段。"),
    )


def _confirmed(origin: FieldOrigin) -> list[tuple[str, str]]:
    """How often the source has repeated the value, and when last."""
    again = origin.confirmed
    if again is None:
        return []
    last = moment(again.at)
    told = t("同一来源此后又送来 {times} 次相同的值，最近 {last}", times=again.times, last=last)
    return [(t("此后确认"), told)]


def origin_facts(found: FieldLineage) -> None:
    """The rule and payload of a value, as of then."""
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
