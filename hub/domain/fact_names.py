"""The dictionary of facts: what indicators may name, by what is judged. Nothing else can be named.

Their columns stand in `hub/db/facts/subjects.py`, under the same names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FactKind = Literal["text", "number", "boolean", "moment"]
FactUnit = Literal["", "working_day", "working_minute", "natural_day", "count", "share", "score"]


@dataclass(frozen=True, slots=True)
class FactName:
    """One fact: its kind, its unit (numbers alone), and what it is called."""

    kind: FactKind
    title_zh: str
    title_en: str
    unit: FactUnit = ""


def _text(zh: str, en: str) -> FactName:
    return FactName("text", zh, en)


def _days(zh: str, en: str) -> FactName:
    return FactName("number", zh, en, "working_day")


def _count(zh: str, en: str) -> FactName:
    return FactName("number", zh, en, "count")


def _flag(zh: str, en: str) -> FactName:
    return FactName("boolean", zh, en)


def _moment(zh: str, en: str) -> FactName:
    return FactName("moment", zh, en)


_OF_ALL: Mapping[str, FactName] = {
    "project_code": _text("项目代码", "project code"),
    "unit": _text("单位", "unit"),
    "county": _text("区县", "county"),
    "flow_kind": _text("流程类别", "kind of flow"),
    "void": _flag("作废", "void"),
    "industry": _text("行业", "industry"),
    "today": _moment("判定之时", "moment of the judgement"),
}
_CLOCKED: Mapping[str, FactName] = {
    "accepted_at": _moment("受理时间", "accepted at"),
    "finished_at": _moment("办结时间", "finished at"),
    "turned_at": _moment("亮灯时间", "when its light turned"),
    "ended": _flag("已结束", "ended"),
    "end_basis": _text("办结依据", "by what it ended"),
    "used_days": _days("已用时", "used"),
    "exact_days": _days("审批用时", "time of approval"),
    "span_days": _days("跨度用时", "from beginning to end"),
    "limit_days": _days("时限", "limit"),
    "limit_share": FactName("number", "用时与时限之比", "share of the limit", "share"),
    "turn": _text("轮到谁", "whose turn"),
    "stands": _flag("暂停中", "suspended"),
}
DICTIONARY: Mapping[str, Mapping[str, FactName]] = {
    "item": {
        **_OF_ALL,
        **_CLOCKED,
        "standard_code": _text("标准事项", "standard item"),
        "item_code": _text("事项编码", "local item code"),
        "stage": _text("所属阶段", "stage"),
        "channel": _text("受理方式", "channel"),
        "handling_kind": _text("办件类型", "kind of handling"),
        "commitment": _flag("告知承诺", "by commitment"),
        "end_kind": _text("办理结果", "result"),
        "received_at": _moment("接件时间", "received at"),
        "answered_at": _moment("首次答复", "first answer"),
        "answer_days": _days("接件至首次答复", "from receipt to the first answer"),
        "preparation_days": _days("受理前用时", "before acceptance"),
        "work_minutes": FactName("number", "审批工作分钟", "worked minutes", "working_minute"),
        "supplements": _count("补正次数", "supplements asked for"),
        "supplement_at": _moment("最近补正", "last supplement"),
        "pauses": _count("受理后暂停次数", "pauses after acceptance"),
        "pause_at": _moment("最近暂停", "last pause"),
        "paused_days": _days("暂停时间", "time suspended"),
        "procedure_days": _days("特别程序用时", "longest special procedure"),
        "procedure_limit_days": _days("特别程序时限", "limit of that procedure"),
        "promised_days": _days("承诺时限", "promised limit"),
        "statutory_days": _days("法定时限", "statutory limit"),
        "law_days": _days("法定计时", "time by law"),
        "certificate_days": _days("办结至出证", "from end to document"),
        "entered_at": _moment("录入时间", "entered at"),
        "entry_lag_days": _days("录入滞后", "lag of entry"),
        "event_at": _moment("最近动态", "last event"),
        "idle_days": _days("无动态时间", "time without event"),
    },
    "stage": {
        **_OF_ALL,
        **_CLOCKED,
        "stage": _text("阶段", "stage"),
        "items": _count("事项数", "items"),
        "overlapping": _count("同时办理的事项数", "items handled at one time"),
        "event_at": _moment("最近动态", "last event"),
        "idle_days": _days("无动态时间", "time without event"),
    },
    "project": {
        **_OF_ALL,
        **_CLOCKED,
        "registered_on": _moment("赋码日期", "registered on"),
        "area_assessed": _flag("区域评估", "area assessed"),
        "event_at": _moment("最近动态", "last event"),
        "still_days": FactName("number", "无动态天数", "days without event", "natural_day"),
    },
    "consultation": {**_OF_ALL, **_CLOCKED, "item_number": _text("事项", "item")},
    "acceptance": {
        **_OF_ALL,
        **_CLOCKED,
        "round": _count("轮次", "round"),
        "outcome": _text("结论", "conclusion"),
    },
    "connection": {**_OF_ALL, **_CLOCKED, "utility": _text("市政公用服务", "utility")},
    "document": {
        **_OF_ALL,
        "kind": _text("文件类型", "kind of document"),
        "issued_on": _moment("发文日期", "issued on"),
        "certificate": _flag("有电子证照", "has an electronic certificate"),
        "item_known": _flag("事项已共享", "its item is known"),
        "accepted_at": _moment("事项受理时间", "its item accepted at"),
        "before_days": _days("早于受理", "issued before acceptance by"),
        "certified_days": _days("办结至签发", "from end to issue"),
    },
}
"""What is judged -> name -> fact."""
