"""Formatting of values, systems, records and clocks, on every page about projects."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from hub.auth.context import LOOKING_INTO
from hub.console import components
from hub.console.words import marked, moment, t
from hub.domain.contracts import Contracts, Entity, Field
from hub.domain.value_text import value_words
from hub.model import STEWARD, Value
from hub.services.facts import Clock, Timed
from hub.services.prefill.told import NO_TIME

MINUTES = len("2026-11-22 09:02")
STYLE = Path(__file__).with_name("project.css").read_text(encoding="utf-8")


def value(contracts: Contracts, field: Field, said: Value) -> str:
    """A value in words: codes by their meaning, amounts with their unit; a dash where there is none."""
    return "—" if said is None else t(*value_words(contracts, field, said))


def system(contracts: Contracts, name: str) -> str:
    """Whose value it is."""
    if name == STEWARD:
        return t("人工裁定", "decided by a person")
    known = contracts.systems.get(name)
    return t(known.title_zh, known.title_en) if known else name


def source_time(at: datetime | None) -> str:
    """When a source says that its value is of, to the minute; said where it does not say."""
    return moment(at)[:MINUTES] if at else t(*NO_TIME)


def why(reason: str, cure: str) -> Markup:
    """A reason, and under it what would change it."""
    return Markup('<span class="told">{}<small>{}</small></span>').format(
        marked(reason), marked(cure)
    )


def record(role: str, record_id: int, text: str) -> Markup | str:
    """A record's name, which leads to its lineage whoever may look into it."""
    return components.link(f"/records/{record_id}", text) if role in LOOKING_INTO else text


def unit(contracts: Contracts, name: str) -> str:
    """The unit that answers for a system."""
    known = contracts.systems.get(name)
    return t(known.department_zh, known.department_en) if known else name


def entity(found: Entity) -> str:
    """What a kind of record is called."""
    return t(found.title_zh, found.title_en)


def field(found: Field) -> str:
    """What a field is called."""
    return t(found.title_zh, found.title_en)


def days(count: float) -> str:
    """Working days, to a tenth."""
    return f"{round(count, 1):g}"


def meter(seen: Timed) -> Markup:
    """How much of a limit is used: a bar, the numbers, nothing where no clock runs or is shown."""
    clock = seen.clock
    if clock is None or clock.began is None:
        return Markup("—")
    if clock.days is None:
        return Markup("{}").format(
            t(f"{days(clock.used)} 个工作日", f"{days(clock.used)} working days")
        )
    share = 100.0 if clock.days == 0 else min(100.0, 100 * clock.used / clock.days)
    return Markup(
        '<span class="meter" aria-hidden="true"><i class="{}" style="width:{}%"></i></span>{}'
    ).format(
        clock.light,
        round(share, 1),
        t(
            f"{days(clock.used)} / {days(clock.days)} 个工作日",
            f"{days(clock.used)} of {days(clock.days)} days",
        ),
    )


OVER = {
    "idle": ("待申报", "waits for the applicant"),
    "ended_without": ("终止（未通过）", "ended without a result"),
    "void": ("作废", "void"),
}
LIGHTS: Mapping[str, tuple[Literal["green", "yellow", "red"], tuple[str, str]]] = {
    "green": ("green", ("正常", "in time")),
    "yellow": ("yellow", ("临近时限", "near the limit")),
    "red": ("red", ("超时", "overdue")),
}


def light(seen: Timed) -> Markup:
    """The light of a clock, in words too; or that this reader may not see it, with the way to ask."""
    if seen.denied:
        asking = components.link("/applications/new?entity=clock", t("申请", "ask"))
        return Markup("{} {}").format(
            components.light("grey", t("无权查看计时", "clock not granted")), asking
        )
    unlit = _unlit(seen.clock)
    if seen.clock is None or unlit is not None:
        return components.light("grey", t(*(unlit or NO_LIGHT)))
    tone, words = LIGHTS[seen.clock.light]
    return components.light(tone, t(*words))


NO_LIGHT = ("无时限", "no limit")


def _unlit(clock: Clock | None) -> tuple[str, str] | None:
    """Why a clock has no light; None where it has one."""
    if clock is None:
        return "正在计算", "being computed"
    if clock.end_basis in OVER:
        return OVER[clock.end_basis]
    if clock.began is None:
        return "未计时", "no clock"
    if clock.stands:
        return "暂停计时", "suspended"
    return None if clock.light in LIGHTS else NO_LIGHT


ENDED = {
    "source": ("{} 办结（来源）", "finished {} (by its source)"),
    "milestone": ("{} 办结（标志性结果）", "finished {} (by its closing result)"),
    "ended_without": ("{} 终止", "ended {}"),
}


def due(seen: Timed) -> str:
    """When the limit is reached, or when it was over and by what."""
    clock = seen.clock
    if clock is None or clock.began is None:
        return "—"
    if clock.ended is not None and clock.end_basis in ENDED:
        return t(*(said.format(moment(clock.ended)[:10]) for said in ENDED[clock.end_basis]))
    if clock.end_basis is not None:
        return "—"
    if clock.stands:
        return t("恢复后顺延", "moves with the suspension")
    return moment(clock.due)[:16] if clock.due else "—"


def basis(seen: Timed) -> Markup | str:
    """Who says the limit: the document, or the source itself; drafts after it."""
    clock = seen.clock
    if clock is None:
        return "—"
    told: list[str] = []
    if clock.limit is not None:
        told.append(t(clock.limit.title_zh, clock.limit.title_en))
    elif clock.shared:
        told.append(t("来源系统给定", "given by the source"))
    for draft in clock.others:
        if draft.status == "draft":
            text = t(
                f"{draft.title_zh}：{days(draft.days)} 个工作日",
                f"{draft.title_en}: {days(draft.days)} days",
            )
            told.append(text + t("（征求意见，不亮灯）", " (draft, no light)"))
    return "；".join(told) or "—"
