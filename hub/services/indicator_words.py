"""An indicator in one sentence, in Chinese and English."""

from collections.abc import Mapping, Sequence

from hub.domain.fact_names import DICTIONARY, FactName
from hub.domain.indicators import Bound, Indicator, Tree, branch
from hub.texts import Language, tell

OF = {
    "item": "事项",
    "stage": "阶段",
    "project": "项目",
    "consultation": "征询",
    "acceptance": "联合验收",
    "connection": "报装",
    "document": "批文",
}
WORDS = {
    "is": "{fact}为 {value}",
    "in": "{fact}为 {value} 之一",
    "not_in": "{fact}不是 {value}",
    "at_least": "{fact}不小于 {value}",
    "at_most": "{fact}不大于 {value}",
    "above": "{fact}大于 {value}",
    "below": "{fact}小于 {value}",
    "known": "{fact}已知",
    "unknown": "{fact}未知",
    "same_as": "{fact}与 {value} 相同",
}
MEASURES = {
    "fact": "{fact}",
    "excess": "{fact}与{other}之比",
    "count": "同组次数",
    "distinct": "{fact}数（不重复）",
    "share": "{condition}的占比",
    "average": "{fact}的平均值",
    "median": "{fact}的中位数",
    "sum": "{fact}之和",
}
LEVELS = {
    "notice": "预警",
    "yellow": "黄牌",
    "red": "红牌",
    "grave": "严重违规",
}


def sentence(one: Indicator, lang: Language) -> str:
    """What is judged, what is measured, and from when on it is beyond which level."""
    known = DICTIONARY[one.of]
    where = _joined(one.where, known, lang, "all")
    begins = tell("对{of}", lang, of=tell(OF[one.of], lang))
    if where:
        begins = tell("对{of}（{where}）", lang, of=tell(OF[one.of], lang), where=where)
    levels = [_bound(each, known, lang) for each in one.bounds]
    if one.target is not None:
        word, than = one.target
        levels.append(tell(WORDS[word], lang, fact=tell("目标：", lang), value=f"{than:g}"))
    head = tell("{begins}计{measure}", lang, begins=begins, measure=measured(one, known, lang))
    return "；".join((head, *levels)) if lang == "zh" else "; ".join((head, *levels))


def _bound(each: Bound, known: Mapping[str, FactName], lang: Language) -> str:
    told = tell(WORDS[each.word], lang, fact=_level(each.level, lang), value=f"{each.than:g}")
    if not each.where:
        return told
    condition = _joined(each.where, known, lang, "all")
    return tell("{bound}（仅当{condition}）", lang, bound=told, condition=condition)


def _level(level: str, lang: Language) -> str:
    told = tell(LEVELS[level], lang)
    return f"{told}：" if lang == "zh" else f"{told}:"


def measured(one: Indicator, known: Mapping[str, FactName], lang: Language) -> str:
    """What an indicator measures."""
    names = [_title(known, name, lang) for name in (*one.facts, "", "")]
    condition = _joined(one.counted, known, lang, "all")
    return tell(MEASURES[one.measure], lang, fact=names[0], other=names[1], condition=condition)


def _joined(
    several: Sequence[Tree], known: Mapping[str, FactName], lang: Language, word: str
) -> str:
    between = {"all": tell("，且", lang), "any": tell("，或", lang)}[word]
    return between.join(_condition(one, known, lang) for one in several)


def _condition(one: Tree, known: Mapping[str, FactName], lang: Language) -> str:
    for word in ("all", "any"):
        inner = one.get(word)
        if isinstance(inner, list):
            told = _joined([branch(each) for each in inner], known, lang, word)
            return f"（{told}）" if lang == "zh" else f"({told})"
    if "not" in one:
        return tell("并非{condition}", lang, condition=_condition(branch(one["not"]), known, lang))
    word = next(word for word in one if word != "fact")
    return tell(
        WORDS[word], lang, fact=_title(known, str(one["fact"]), lang), value=_value(one[word], lang)
    )


def _title(known: Mapping[str, FactName], name: str, lang: Language) -> str:
    fact = known.get(name)
    if fact is None:
        return name
    return f"“{tell(fact.title, lang)}”"


def _value(value: object, lang: Language) -> str:
    if isinstance(value, bool):
        return tell("是" if value else "否", lang)
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
