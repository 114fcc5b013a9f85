"""Formatting of flows, runs and outcomes on administrators' pages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from nicegui import ui

from hub.console import components
from hub.console.page import address
from hub.console.words import lapse, moment, number, outcome, pick, sentence, t, word
from hub.domain.contracts import Contracts
from hub.services import failure_groups
from hub.services.failures import FaultText
from hub.services.findings import Noted
from hub.services.runs import RunView

STYLE = Path(__file__).with_name("flows.css").read_text(encoding="utf-8")
RECORD_OUTCOMES = (
    "",
    "applied",
    "exploded",
    "empty",
    "deleted",
    "superseded",
    "stale",
    "ignored",
    "quarantined",
    "waiting",
)
"""Outcomes by which the records of a run may be chosen; empty: all."""
TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("exploded", "created", "confirmed", "same", "applied", "complete", "resolved", "repaired"),
        "good",
    ),
    **dict.fromkeys(("changed", "awaiting_receipt", "sending", "lag", "running"), "move"),
    **dict.fromkeys(
        ("empty", "unchanged", "ignored", "stale", "superseded", "overtaken", "gone", "left"),
        "calm",
    ),
    **dict.fromkeys(
        ("waiting", "retrying", "withheld", "blocked", "deleted", "queued", "aborted"), "warn"
    ),
    **dict.fromkeys(
        (
            "quarantined",
            "held",
            "rejected",
            "dead",
            "failed",
            "lost_push",
            "foreign_edit",
            "discarded",
        ),
        "bad",
    ),
    **dict.fromkeys(
        ("mapping_fault", "missing_here", "missing_there", "surplus_there", "open"), "bad"
    ),
}
"""The tone of each outcome and state; the words beside it say which it is."""


def styled() -> None:
    """Add these pages' stylesheet."""
    ui.add_css(STYLE)


def system_title(contracts: Contracts, name: str) -> str:
    """The title of a partner system."""
    system = contracts.systems.get(name)
    return pick(system.title_zh, system.title_en) if system else name


def entity_title(contracts: Contracts, name: str) -> str:
    """The title of an entity."""
    entity = contracts.entities.get(name)
    return pick(entity.title_zh, entity.title_en) if entity else name


def variant_title(contracts: Contracts, system: str, name: str) -> str:
    """The title of what stands behind the entity in a flow's name; the name where it has none."""
    known = contracts.systems.get(system)
    words = known.variants.get(name) if known else None
    return pick(*words) if words else name


def flow_title(contracts: Contracts, flow: str) -> Markup:
    """A flow's direction, system and entity, with its name."""
    way, system, entity, *variant = [*flow.split(".", 3), "", ""][:4]
    more = f" · {variant_title(contracts, system, variant[0])}" if variant and variant[0] else ""
    arrow = "↑" if way == "push" else "↓"
    return Markup(
        '<span class="flow" title="{}"><b aria-hidden="true">{}</b> {} · {}{}</span>'
    ).format(flow, arrow, system_title(contracts, system), entity_title(contracts, entity), more)


def state(name: str) -> Markup:
    """A state as a badge."""
    return Markup('<span class="state {}">{}</span>').format(TONES.get(name, "calm"), word(name))


def equation(counts: Mapping[str, int], *, balanced: bool | None) -> Markup:
    """Counts as an equation; parts of 0 are left out.

    balanced: as hub/domain/conservation says; None shows no mark, since nothing can be said yet.
    """
    whole, *others = counts.items()
    shown = [(name, count) for name, count in others if count]
    right = Markup(" + ").join(
        Markup('<span class="part {}">{} {}</span>').format(
            "good" if (whole[0], name) == ("wanted", "held") else _tone(name),  # files, no batches
            outcome(name, counts),
            number(count),
        )
        for name, count in shown
    )
    said = outcome(whole[0], counts), number(whole[1])
    if balanced is None:
        return Markup('<span class="sum">{} <b>{}</b>{}{}</span>').format(
            *said, " = " if right else "", right
        )
    mark = ("holds", t("✓ 平衡"))
    if not balanced:
        mark = ("broken", t("✗ 不平衡"))
    return Markup('<span class="sum">{} <b>{}</b> = {} <span class="{}">{}</span></span>').format(
        *said, right or "0", *mark
    )


def _tone(name: str) -> str:
    """The tone of an outcome; parts have that of their wholes."""
    return TONES.get(name.removeprefix("parts_"), "calm")


def taken_apart(row: RunView) -> Markup:
    """Outcomes of parts and findings of a run; nothing where there are none."""
    told = [equation(row.parts, balanced=row.balanced)] if row.parts else []
    told += [
        Markup('<div class="why">{} <code>{}</code> ×{}</div>').format(
            t("提示"), cause, number(times)
        )
        for cause, times in row.notes.items()
    ]
    return Markup("").join(told)


def shares(counts: Mapping[str, int]) -> Markup:
    """Parts of a sum as a bar."""
    whole, *others = counts.items()
    if not whole[1]:
        return Markup('<span class="shares none"></span>')
    pieces = Markup("").join(
        Markup('<i class="{}" style="flex-grow:{}" title="{} {}"></i>').format(
            TONES.get(name, "calm"), count, outcome(name, counts), number(count)
        )
        for name, count in others
        if count
    )
    return Markup('<span class="shares" aria-hidden="true">{}</span>').format(pieces)


def spark(values: Sequence[int], *, title: str = "") -> Markup:
    """A sparkline of bars, the newest last."""
    most = max(values, default=0)
    if not most:
        return Markup(
            '<svg class="spark" viewBox="0 0 72 16" aria-hidden="true"><path d="M0 15.5h72"/></svg>'
        )
    width = 72 / len(values)
    # By square roots, so that a large delivery does not hide the small ones.
    bars = Markup("").join(
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            place * width, 16 - tall, width - 0.8, tall
        )
        for place, value in enumerate(values)
        for tall in [15 * (value / most) ** 0.5 if value else 0]
        if tall
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 72 16" role="img" '
        'aria-label="{}"><title>{}</title>{}</svg>'
    ).format(title, title, bars)


def runs_table(contracts: Contracts, rows: Iterable[RunView]) -> None:
    """Runs with their outcomes as equations."""
    components.table(
        [
            t("运行"),
            t("状态"),
            t("流程"),
            t("种类"),
            t("开始"),
            t("用时"),
            t("结果|several"),
        ],
        [
            (
                components.link(f"/runs/{row.id}", f"#{row.id}"),
                state(row.state),
                flow_title(contracts, row.flow),
                word(row.kind),
                when(row.started_at),
                took(row),
                Markup("{}{}{}{}").format(
                    shares(row.counts),
                    equation(row.counts, balanced=row.balanced),
                    taken_apart(row),
                    why(row.why) if row.why else Markup(""),
                ),
            )
            for row in rows
        ],
        numeric=(5,),
        nothing=t("没有符合条件的运行。"),
    )


def when(at: datetime | None) -> Markup:
    """An instant without line breaks."""
    return Markup('<span class="when">{}</span>').format(moment(at))


def took(row: RunView) -> str:
    """A run's duration."""
    return lapse((row.ended_at - row.started_at).total_seconds()) if row.ended_at else "…"


def why(said: FaultText) -> Markup:
    """A fault in words."""
    return Markup('<div class="why">{}</div>').format(sentence(said))


def cause_words(cause: str) -> str:
    """A cause in words, without a record's values."""
    return pick(*failure_groups.meaning(cause))


def noted_table(contracts: Contracts, rows: list[Noted]) -> None:
    """Findings of runs."""
    components.table(
        [
            t("次数"),
            t("说明"),
            t("位置"),
            t("流程"),
            t("最近"),
        ],
        [
            (
                number(row.times),
                cause_words(f"{row.code} {row.place}"),
                components.code(row.place),
                flow_title(contracts, row.flow),
                components.link(f"/runs/{row.run_id}", moment(row.last_at)),
            )
            for row in rows
        ],
        numeric=(0,),
    )


def values_seen(group: failure_groups.Cause) -> Markup | str:
    """The values behind a cause as far as they may be seen, with counts."""
    told = Markup("、").join(
        Markup("{} ×{}").format(components.code(one.value), one.entries)
        for one in group.values[:10]
    )
    more = (
        t("，共 {distinct} 种", distinct=group.distinct)
        if group.distinct > len(group.values[:10])
        else ""
    )
    return Markup("{}{}").format(told, more)


def asking(
    path: str, fields: Iterable[tuple[str, str, object, Sequence[tuple[str, str]]]], submit: str
) -> None:
    """A GET form of fields (name, label, value, choices; no choices: free text)."""
    shown = Markup("").join(_field(*one) for one in fields)
    components.show(
        Markup(
            '<form class="asking no-print" method="get" action="{}">{}<button '
            'type="submit">{}</button></form>'
        ).format(path, shown, submit)
    )


def more(path: str, wanted: int, rows: Sequence[object], **asked: object) -> None:
    """A link to the next rows, where there may be some."""
    if len(rows) == wanted:
        components.show(
            Markup('<p class="no-print">{}</p>').format(
                components.link(address(path, **asked), t("之后的 →"))
            )
        )


def flow_choices(contracts: Contracts) -> list[tuple[str, str]]:
    """All flows for a selection."""
    return [
        ("", t("全部流程")),
        *((name, name) for name in [*contracts.pulls, *contracts.pushes]),
    ]


def _field(name: str, label: str, value: object, choices: Sequence[tuple[str, str]]) -> Markup:
    if not choices:
        return Markup('<label>{} <input name="{}" value="{}"></label>').format(
            label, name, value or ""
        )
    options = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            key, Markup(" selected") if key == (value or "") else "", words
        )
        for key, words in choices
    )
    return Markup('<label>{} <select name="{}">{}</select></label>').format(label, name, options)
