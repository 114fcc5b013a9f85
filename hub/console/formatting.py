"""Formatting of values, systems, records and clocks on project pages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from hub.auth.context import LOOKING_INTO
from hub.console import components
from hub.console.words import marked, moment, pick, t, word
from hub.domain.contracts import Contracts, Entity, Field
from hub.domain.value_text import value_words
from hub.model import STEWARD, Value
from hub.services.facts import Clock, Timed
from hub.services.files import FileView
from hub.services.prefill.told import NO_TIME

MINUTES = len("2026-11-22 09:02")
STYLE = Path(__file__).with_name("project.css").read_text(encoding="utf-8")


def value(contracts: Contracts, field: Field, said: Value) -> str:
    """A value in words: codes by meaning, amounts with unit; a dash for none."""
    return "—" if said is None else pick(*value_words(contracts, field, said))


def system(contracts: Contracts, name: str) -> str:
    """The title of the value's system."""
    if name == STEWARD:
        return t("人工裁定|origin")
    known = contracts.systems.get(name)
    return pick(known.title_zh, known.title_en) if known else name


def source_time(at: datetime | None) -> str:
    """The time stated by the source, to the minute; says so where there is none."""
    return moment(at)[:MINUTES] if at else t(NO_TIME)


def opens(record_id: int, some: Iterable[FileView]) -> Markup:
    """Links to the files of a record; one that cannot be opened is named with its state."""
    return Markup(" ").join(
        components.link(f"/files/{record_id}/{one.sha256}", t("附件"))
        if one.sha256
        else components.badge(t("附件{state}", state=word(f"file_{one.state}")))
        for one in some
    )


def why(reason: str, cure: str) -> Markup:
    """A reason, and its cure below."""
    return Markup('<span class="told">{}<small>{}</small></span>').format(
        marked(reason), marked(cure)
    )


def record(role: str, record_id: int, text: str) -> Markup | str:
    """A record's name, linked to its lineage for roles that may see it."""
    return components.link(f"/records/{record_id}", text) if role in LOOKING_INTO else text


def unit(contracts: Contracts, name: str) -> str:
    """The unit responsible for a system."""
    known = contracts.systems.get(name)
    return pick(known.department_zh, known.department_en) if known else name


def entity(found: Entity) -> str:
    """An entity's title."""
    return pick(found.title_zh, found.title_en)


def field(found: Field) -> str:
    """A field's title."""
    return pick(found.title_zh, found.title_en)


def days(count: float) -> str:
    """Working days, to one decimal."""
    return f"{round(count, 1):g}"


def meter(seen: Timed) -> Markup:
    """How much of a limit is used, as bar and numbers; nothing without a clock."""
    clock = seen.clock
    if clock is None or clock.began is None:
        return Markup("—")
    if clock.days is None:
        return Markup("{}").format(t("{used} 个工作日", used=days(clock.used)))
    share = 100.0 if clock.days == 0 else min(100.0, 100 * clock.used / clock.days)
    return Markup(
        '<span class="meter" aria-hidden="true"><i class="{}" style="width:{}%"></i></span>{}'
    ).format(
        clock.light,
        round(share, 1),
        t("{used} / {days} 个工作日", used=days(clock.used), days=days(clock.days)),
    )


OVER = {
    "idle": "待申报",
    "ended_without": "终止（未通过）",
    "void": "作废",
}
LIGHTS: Mapping[str, tuple[Literal["green", "yellow", "red"], str]] = {
    "green": ("green", "正常"),
    "yellow": ("yellow", "临近时限"),
    "red": ("red", "超时"),
}


def light(seen: Timed) -> Markup:
    """A clock's light in words; or that the reader may not see it, with a link to apply."""
    if seen.denied:
        asking = components.link("/applications/new?entity=clock", t("申请|verb"))
        return Markup("{} {}").format(components.light("grey", t("无权查看计时")), asking)
    unlit = _unlit(seen.clock)
    if seen.clock is None or unlit is not None:
        return components.light("grey", t(unlit or NO_LIGHT))
    tone, words = LIGHTS[seen.clock.light]
    return components.light(tone, t(words))


NO_LIGHT = "无时限"


def _unlit(clock: Clock | None) -> str | None:
    """Why a clock has no light; None where it has one."""
    if clock is None:
        return "正在计算"
    if clock.end_basis in OVER:
        return OVER[clock.end_basis]
    if clock.began is None:
        return "未计时"
    if clock.stands:
        return "暂停计时"
    return None if clock.light in LIGHTS else NO_LIGHT


ENDED = {
    "source": "{day} 办结（来源）",
    "required": "{day} 办结（事项齐全）",
    "milestone": "{day} 办结（标志性结果）",
    "ended_without": "{day} 终止",
}


def due(seen: Timed) -> str:
    """When the limit is reached, or when it was exceeded."""
    clock = seen.clock
    if clock is None or clock.began is None:
        return "—"
    if clock.ended is not None and clock.end_basis in ENDED:
        return t(ENDED[clock.end_basis], day=moment(clock.ended)[:10])
    if clock.end_basis is not None:
        return "—"
    if clock.stands:
        return t("恢复后顺延")
    return moment(clock.due)[:16] if clock.due else "—"


def basis(seen: Timed) -> Markup | str:
    """Where the limit comes from: a document, or the source; drafts after it."""
    clock = seen.clock
    if clock is None:
        return "—"
    told: list[str] = []
    if clock.limit is not None:
        told.append(pick(clock.limit.title_zh, clock.limit.title_en))
    elif clock.shared:
        told.append(t("来源系统给定"))
    for draft in clock.others:
        if draft.status == "draft":
            text = t(
                "{title}：{days} 个工作日",
                title=pick(draft.title_zh, draft.title_en),
                days=days(draft.days),
            )
            told.append(text + t("（征求意见，不亮灯）"))
    return "；".join(told) or "—"
