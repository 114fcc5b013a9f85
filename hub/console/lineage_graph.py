"""Lineage of a record or field as a graph: from runs and payloads to deliveries and readers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import orjson
from markupsafe import Markup

from hub.console import components, formatting
from hub.console.graph import Box, GraphEdge, Picture
from hub.console.page import address
from hub.console.words import moment, pick, t, word
from hub.domain.contracts import Contracts, Field
from hub.services.deliveries import DeliveryStanding
from hub.services.lineage import (
    Claimed,
    DeliveryEventRow,
    FieldLineage,
    LandedRecord,
    ReaderRow,
    RecordLineage,
)

GOOD, BAD = ("confirmed", "unchanged", "accepted"), ("rejected", "dead")
SHOWN_READERS = 8
SHOWN_PATHS = 2

Tone = Literal["", "strong", "good", "bad"]


@dataclass(slots=True)
class Sketch:
    """A graph under construction."""

    contracts: Contracts
    boxes: dict[str, Box] = field(default_factory=dict)
    lines: list[GraphEdge] = field(default_factory=list)

    def box(
        self, key: str, column: str, *lines: str, href: str = "", tone: Tone = "", tip: str = ""
    ) -> str:
        """Add a box unless it is there; a strong one replaces it. Gives its key."""
        if key not in self.boxes or tone == "strong":
            self.boxes[key] = Box(
                key, column, tuple(line for line in lines if line), href, tone, tip
            )
        return key

    def way(self, *keys: str, strong: bool = False) -> None:
        """Lines along these boxes."""
        self.lines += [GraphEdge(one, two, strong) for one, two in pairwise(keys)]

    def picture(self, says: str, **names: str) -> Picture:
        """The finished graph."""
        return Picture(columns() | names, list(self.boxes.values()), self.lines, says)


def columns() -> dict[str, str]:
    """Titles of the columns by key, from left to right."""
    return {
        "run": t("运行"),
        "payload": t("原始报文"),
        "rule": t("映射规则"),
        "claim": t("来源记录"),
        "value": t("值"),
        "sent": t("推送与回执"),
        "read": t("查阅"),
    }


def of_field(contracts: Contracts, found: FieldLineage) -> Picture:
    """Run, payload, rule, claim, value, then deliveries and readers."""
    sketch = Sketch(contracts)
    title, about = (
        pick(found.title.zh, found.title.en),
        contracts.entities[found.head.entity].fields[found.field],
    )
    for claim in found.claims:
        _claim(sketch, found, about, claim)
    sketch.box(
        "value",
        "value",
        title,
        formatting.value(contracts, about, found.value),
        f"v{found.head.version} · {moment(found.head.since)}",
        href=f"/records/{found.head.record_id}",
        tone="strong",
    )
    _forward(sketch, [told.handed for told in found.told], found.readers)
    return sketch.picture(t("“{title}”的来龙去脉", title=title))


def of_record(contracts: Contracts, found: RecordLineage) -> Picture:
    """Payloads of its fields, the record, then deliveries and readers."""
    sketch, head = Sketch(contracts), found.head
    fields = contracts.entities[head.entity].fields
    for arrival in found.arrivals:
        names = [name for name, said in found.fields.items() if said.landing_id == arrival.id]
        titles = [pick(fields[name].title_zh, fields[name].title_en) for name in names]
        payload = sketch.box(
            f"payload{arrival.id}",
            "payload",
            formatting.system(contracts, arrival.system),
            arrival.key,
            t("提供 {names} 个字段", names=len(names)),
            tip=", ".join(titles),
        )
        sketch.way(_run(sketch, arrival, won=False), payload)
        sketch.way(payload, "value", strong=True)
    entity = contracts.entities[head.entity]
    sketch.box(
        "value",
        "value",
        pick(entity.title_zh, entity.title_en),
        head.key,
        f"v{head.version} · {moment(head.since)}",
        tone="strong",
    )
    _forward(sketch, found.handed, found.readers)
    return sketch.picture(t("记录的来龙去脉"), value=t("记录"))


def flow(contracts: Contracts, name: str) -> str:
    """A flow's partner and entity."""
    _, system, what = name.split(".", 2)
    entity = contracts.entities.get(what.split(".", maxsplit=1)[0])
    return (
        f"{formatting.system(contracts, system)} · "
        f"{pick(entity.title_zh, entity.title_en) if entity else what}"
    )


def _claim(sketch: Sketch, found: FieldLineage, about: Field, claim: Claimed) -> None:
    """A claim with its payload and run; for the winner also the rule that made the value."""
    tone: Tone = "strong" if claim.won else ""
    origin = found.origin if claim.won else None
    arrival = origin.arrival if origin else claim.arrival
    said = formatting.value(sketch.contracts, about, claim.value)
    key = sketch.box(
        f"claim{claim.landing_id}",
        "claim",
        formatting.system(sketch.contracts, claim.system),
        said,
        _rank(claim.rank),
        href="#claims",
        tone=tone,
    )
    sketch.way(key, "value", strong=claim.won)
    rule = orjson.dumps(origin.rule).decode() if origin else ""
    made = sketch.box(
        f"rule{claim.landing_id}",
        "rule",
        t("映射规则"),
        (origin.contract if origin else claim.contract)[:12],
        rule,
        href="#rule" if origin else "",
        tone=tone,
    )
    sketch.way(made, key, strong=claim.won)
    read = (
        [f"{path} = {value}" for path, value in origin.source.items()][:SHOWN_PATHS]
        if origin
        else []
    )
    payload = sketch.box(
        f"payload{arrival.id}",
        "payload",
        arrival.key,
        arrival.place,
        *read,
        tone=tone,
        href="#rule" if origin else "",
    )
    sketch.way(_run(sketch, arrival, won=claim.won), payload, made, strong=claim.won)


def _run(sketch: Sketch, arrival: LandedRecord, *, won: bool) -> str:
    return sketch.box(
        f"run{arrival.run_id}",
        "run",
        t("运行 #{run_id}", run_id=arrival.run_id),
        moment(arrival.committed_at),
        href=f"/runs/{arrival.run_id}",
        tone="strong" if won else "",
    )


def _rank(rank: int | None) -> str:
    if rank is None:
        return t("无发言权")
    return t("人工裁定|origin") if rank < 0 else t("第 {rank} 权威", rank=rank + 1)


def _forward(
    sketch: Sketch, handed: Sequence[DeliveryEventRow], readers: Sequence[ReaderRow]
) -> None:
    """The last delivery to each target, and each account that read it, with counts."""
    for name, row in {row.flow: row for row in handed}.items():
        state = row.receipt or row.state
        words = word(row.state)
        times = sum(1 for one in handed if one.flow == name)
        sent = sketch.box(
            f"sent{name}",
            "sent",
            flow(sketch.contracts, name),
            f"{words} · {times}×",
            moment(row.at),
            href=f"/runs/{row.run_id}",
            tone="good" if state in GOOD else "bad" if state in BAD else "",
        )
        sketch.way("value", sent)
    by_account: dict[str, list[ReaderRow]] = {}
    for reader in readers:
        by_account.setdefault(reader.account, []).append(reader)
    for account, rows in list(by_account.items())[:SHOWN_READERS]:
        read = sketch.box(
            f"read{account}",
            "read",
            account or t("未登录"),
            f"{len(rows)}× · {moment(rows[0].at)}",
            next((row.purpose for row in rows if row.purpose), ""),
            href=address("/access", account=account),
            tone="bad" if all(row.refused for row in rows) else "",
        )
        sketch.way("value", read)


def state(name: str) -> Markup:
    """State of a delivery or receipt as a badge."""
    tone: components.Tone = "good" if name in GOOD else "bad" if name in BAD else "plain"
    return components.badge(t("已接收") if name == "accepted" else word(name), tone=tone)


def standing_table(contracts: Contracts, rows: Sequence[DeliveryStanding]) -> None:
    """Deliveries of a record to each target, with reason and cure."""
    components.table(
        [
            t("目标"),
            t("状态"),
            t("原因与处理"),
            t("版本"),
            t("确认于"),
            t("下次处理"),
        ],
        [
            (
                flow(contracts, row.flow) if row.flow else formatting.system(contracts, row.system),
                state(row.state),
                formatting.why(
                    pick(row.why.zh, row.why.en), pick(row.why.cure_zh, row.why.cure_en)
                ),
                f"v{row.golden_version}" if row.golden_version else None,
                moment(row.confirmed_at),
                moment(row.due),
            )
            for row in rows
        ],
        nothing=t("没有目标系统订阅这类记录。"),
    )
