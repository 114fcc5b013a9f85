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
    """One fact: its kind, its unit (numbers alone), and what it is called (a text)."""

    kind: FactKind
    title: str
    unit: FactUnit = ""


def _text(title: str) -> FactName:
    return FactName("text", title)


def _days(title: str) -> FactName:
    return FactName("number", title, "working_day")


def _count(title: str) -> FactName:
    return FactName("number", title, "count")


def _flag(title: str) -> FactName:
    return FactName("boolean", title)


def _moment(title: str) -> FactName:
    return FactName("moment", title)


_OF_ALL: Mapping[str, FactName] = {
    "project_code": _text("项目代码"),
    "unit": _text("单位"),
    "county": _text("区县"),
    "flow_kind": _text("流程类别"),
    "void": _flag("作废"),
    "industry": _text("行业"),
    "project_name": _text("项目名称"),
    "landed_at": _moment("最近落地"),
    "complete": _flag("数据齐备"),
    "sound": _flag("记录前后一致"),
    "partner_late": _flag("来源数据未及时到达"),
    "today": _moment("判定之时"),
}
_CLOCKED: Mapping[str, FactName] = {
    "accepted_at": _moment("受理时间"),
    "finished_at": _moment("办结时间"),
    "turned_at": _moment("亮灯时间"),
    "ended": _flag("已结束"),
    "end_basis": _text("办结依据"),
    "used_days": _days("已用时"),
    "exact_days": _days("审批用时"),
    "span_days": _days("跨度用时"),
    "limit_days": _days("时限"),
    "limit_share": FactName("number", "用时与时限之比", "share"),
    "turn": _text("轮到谁"),
    "stands": _flag("暂停中"),
}
DICTIONARY: Mapping[str, Mapping[str, FactName]] = {
    "item": {
        **_OF_ALL,
        **_CLOCKED,
        "standard_code": _text("标准事项"),
        "item_code": _text("事项编码"),
        "stage": _text("所属阶段"),
        "channel": _text("受理方式"),
        "handling_kind": _text("办件类型"),
        "commitment": _flag("告知承诺"),
        "end_kind": _text("办理结果"),
        "received_at": _moment("接件时间"),
        "answered_at": _moment("首次答复"),
        "answer_days": _days("接件至首次答复"),
        "preparation_days": _days("受理前用时"),
        "work_minutes": FactName("number", "审批工作分钟", "working_minute"),
        "supplements": _count("补正次数"),
        "supplement_at": _moment("最近补正"),
        "pauses": _count("受理后暂停次数"),
        "pause_at": _moment("最近暂停"),
        "paused_days": _days("暂停时间"),
        "procedure_days": _days("特别程序用时"),
        "procedure_limit_days": _days("特别程序时限"),
        "promised_days": _days("承诺时限"),
        "statutory_days": _days("法定时限"),
        "law_days": _days("法定计时"),
        "certificate_days": _days("办结至出证"),
        "entered_at": _moment("录入时间"),
        "entry_lag_days": _days("录入滞后"),
        "event_at": _moment("最近动态"),
        "idle_days": _days("无动态时间"),
    },
    "stage": {
        **_OF_ALL,
        **_CLOCKED,
        "stage": _text("阶段"),
        "items": _count("事项数"),
        "overlapping": _count("同时办理的事项数"),
        "event_at": _moment("最近动态"),
        "idle_days": _days("无动态时间"),
    },
    "project": {
        **_OF_ALL,
        **_CLOCKED,
        "registered_on": _moment("赋码日期"),
        "area_assessed": _flag("区域评估"),
        "event_at": _moment("最近动态"),
        "still_days": FactName("number", "无动态天数", "natural_day"),
    },
    "consultation": {**_OF_ALL, **_CLOCKED, "item_number": _text("事项")},
    "acceptance": {
        **_OF_ALL,
        **_CLOCKED,
        "round": _count("轮次"),
        "outcome": _text("结论"),
    },
    "connection": {**_OF_ALL, **_CLOCKED, "utility": _text("市政公用服务")},
    "document": {
        **_OF_ALL,
        "kind": _text("文件类型"),
        "issued_on": _moment("发文日期"),
        "certificate": _flag("有电子证照"),
        "item_known": _flag("事项已共享"),
        "accepted_at": _moment("事项受理时间"),
        "before_days": _days("早于受理"),
        "certified_days": _days("办结至签发"),
    },
}
"""What is judged -> name -> fact."""
