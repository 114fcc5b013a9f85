"""What a value, a system, a record and a clock look like to people, on every page about projects."""

from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from hub.console import parts
from hub.console.words import moment, t
from hub.model import STEWARD, Value
from hub.report.life import Clock
from hub.rules.contracts import Contracts, Entity, Field
from hub.texts.words import WORDS
from hub.visiting import LOOKING_INTO

STYLE = Path(__file__).with_name("project.css").read_text(encoding="utf-8")


def value(contracts: Contracts, field: Field, said: Value) -> str:
    """A value in words: codes by their meaning, amounts with their unit."""
    if isinstance(said, list):
        return "、".join(value(contracts, field, one) for one in said)
    if said is None or isinstance(said, bool):
        return "—" if said is None else t("是", "yes") if said else t("否", "no")
    codes = contracts.code_lists.get(field.code or "")
    if codes is not None and str(said) in codes.values:
        return t(*codes.values[str(said)])
    if field.kind == "datetime":
        return moment(datetime.fromisoformat(str(said))) if str(said)[:1].isdigit() else str(said)
    return f"{said} {field.unit}" if field.unit else str(said)


def system(contracts: Contracts, name: str) -> str:
    """Whose value it is."""
    if name == STEWARD:
        return t("人工裁定", "decided by a person")
    known = contracts.systems.get(name)
    return t(known.title_zh, known.title_en) if known else name


def why(reason: str, cure: str) -> Markup:
    """A reason, and under it what would change it."""
    return Markup('<span class="told">{}<small>{}</small></span>').format(reason, cure)


def record(role: str, record_id: int, text: str) -> Markup | str:
    """A record's name, which leads to its lineage whoever may look into it."""
    return parts.link(f"/records/{record_id}", text) if role in LOOKING_INTO else text


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


def word(name: str) -> str:
    """An outcome, state or kind in words; other words as they are."""
    return t(*WORDS[name]) if name in WORDS else name


def days(count: float) -> str:
    """Working days, to a tenth."""
    return f"{round(count, 1):g}"


def meter(clock: Clock | None) -> Markup:
    """How much of a limit is used: a bar, the numbers, nothing where no clock runs."""
    if clock is None:
        return Markup("—")
    read = clock.reading
    if read.days is None:
        return Markup("{}").format(t(f"{days(read.used)} 个工作日", f"{days(read.used)} working days"))
    share = 100.0 if read.days == 0 else min(100.0, 100 * read.used / read.days)
    return Markup('<span class="meter" aria-hidden="true"><i class="{}" style="width:{}%"></i></span>{}').format(
        read.light,
        round(share, 1),
        t(f"{days(read.used)} / {days(read.days)} 个工作日", f"{days(read.used)} of {days(read.days)} days"),
    )


def light(clock: Clock | None) -> Markup:
    """The light of a clock, in words too."""
    if clock is None:
        return parts.light("grey", t("未计时", "no clock"))
    read = clock.reading
    if read.stands:
        return parts.light("grey", t("暂停计时", "suspended"))
    if read.light == "none":
        return parts.light("grey", t("无时限", "no limit"))
    over = {"green": ("正常", "in time"), "yellow": ("临近时限", "near the limit"), "red": ("超时", "overdue")}
    return parts.light(read.light, t(*over[read.light]))


def due(clock: Clock | None) -> str:
    """When the limit is reached, or when it was over."""
    if clock is None:
        return "—"
    read = clock.reading
    if read.ended is not None:
        return t(f"{moment(read.ended)[:10]} 办结", f"finished {moment(read.ended)[:10]}")
    if read.stands:
        return t("恢复后顺延", "moves with the suspension")
    return moment(read.due)[:16] if read.due else "—"


def basis(clock: Clock | None) -> Markup | str:
    """Who says the limit: the document, or the source itself; drafts after it."""
    if clock is None:
        return "—"
    told: list[str] = []
    if clock.reading.limit is not None:
        told.append(t(clock.reading.limit.title_zh, clock.reading.limit.title_en))
    elif clock.shared:
        told.append(t("来源系统给定", "given by the source"))
    for draft in clock.others:
        if draft.status == "draft":
            text = t(f"{draft.title_zh}：{days(draft.days)} 个工作日", f"{draft.title_en}: {days(draft.days)} days")
            told.append(text + t("（征求意见，不亮灯）", " (draft, no light)"))
    return "；".join(told) or "—"
