"""A hit in one sentence, in Chinese and English: whose, what was seen, by which bound."""

from datetime import datetime

from pydantic import JsonValue

from hub.db.facts.hit_acts import StatedHit
from hub.domain.fact_names import DICTIONARY
from hub.domain.indicators import Indicator
from hub.domain.times import HUB_ZONE
from hub.services.indicator_words import LEVELS, OF, WORDS, measured
from hub.services.view import Title
from hub.texts import Language, tell

UNITS = {
    "working_day": "{value} 个工作日",
    "working_minute": "{value} 个工作分钟",
    "natural_day": "{value} 天",
    "count": "{value} 次",
}

VALUES = {
    "passed": "通过",
    "passed_with_gaps": "容缺通过",
    "refused": "不予许可",
    "not_taken": "不予受理",
    "withdrawn": "撤回",
    "revoked": "撤销|end",
    "immediate": "即办件",
    "promised": "承诺件",
    "unit": "办理单位",
    "applicant": "申请人",
    "procedure": "特殊环节",
    "source": "来源所载",
    "required": "必办事项齐全",
    "milestone": "里程碑",
    "idle": "无动态",
    "ended_without": "未办结而终",
    "void": "作废",
}
"""Values of facts that are words of ours; others are codes of partners, and shown as they are."""


def fact_value(name: str, value: JsonValue, of: str, lang: Language) -> str:
    """A fact that a hit rests on, as people read it; a dash for what is not known."""
    known = DICTIONARY.get(of, {}).get(name)
    if value is None:
        return "—"
    if isinstance(value, bool):
        return tell("是" if value else "否", lang)
    if isinstance(value, int | float):
        return _number(float(value), known.unit if known else "", lang)
    if known and known.kind == "moment":
        moment = datetime.fromisoformat(str(value)).astimezone(HUB_ZONE)
        return moment.strftime("%Y-%m-%d %H:%M")
    return tell(VALUES[str(value)], lang) if str(value) in VALUES else str(value)


def sentence(
    indicator: Indicator | None, found: StatedHit, unit: Title | None, lang: Language
) -> str:
    """What is seen, and nothing that is not: facts with their numbers, the measure, the bound."""
    whose = (unit.zh if lang == "zh" else unit.en) if unit else tell("单位未能确定", lang)
    level = tell(LEVELS[found.level], lang)
    if indicator is None:
        return tell(
            "{unit}：“{title}”，{value}，{level}（指标文件已无此项）",
            lang,
            unit=whose,
            title=found.indicator,
            value=_number(found.value, "", lang),
            level=level,
        )
    known = DICTIONARY[indicator.of]
    bound = next((one for one in indicator.bounds if one.level == found.level), None)
    said = tell(
        "{unit}：{of}“{title}”，{measure} {value}，{bound}，{level}",
        lang,
        unit=whose,
        of=tell(OF[indicator.of], lang),
        title=indicator.title_zh if lang == "zh" else indicator.title_en,
        measure=measured(indicator, known, lang),
        value=_number(found.value, indicator.unit, lang),
        bound=tell(
            WORDS[bound.word if bound else "above"], lang, fact="", value=f"{found.bound:g}"
        ),
        level=level,
    )
    parts = [
        tell("{fact} {value}", lang, fact=tell(known[name].title, lang), value=value)
        for name in indicator.facts
        if indicator.measure != "fact" and name in known
        for value in [_fact(found.evidence.get(name), known[name].unit, lang)]
        if value
    ]
    return (
        tell("{said}（{facts}）", lang, said=said, facts=tell("、", lang).join(parts))
        if parts
        else said
    )


def _fact(value: JsonValue, unit: str, lang: Language) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _number(float(value), unit, lang) if is_number else ""  # type: ignore[arg-type]


def _number(value: float | None, unit: str, lang: Language) -> str:
    if value is None:
        return "—"
    told = f"{round(value, 2):g}"
    return tell(UNITS[unit], lang, value=told) if unit in UNITS else told
