"""Limits in working days, by document, and whether they are in force."""

from datetime import date, datetime

from hub.auth.context import SEEING_PROJECTS
from hub.console import components, formatting
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import day, pick, t
from hub.domain.clock import Limit
from hub.domain.contracts import Contracts
from hub.domain.limits import codes_of, limited
from hub.domain.times import HUB_ZONE

SCOPES = {
    "project": "项目总时限",
    "stage": "阶段",
    "item": "审批事项",
    "utility": "市政公用报装|clock",
    "case": "办件",
    "dispute": "数据校核（核实、更正、反馈）",
    "answer": "数据申请答复",
    "extend": "答复延长（限一次）",
    "supply": "同意后提供数据",
    "catalogue": "目录更新",
    "catalogue_extend": "目录更新延长",
    "catalogue_review": "目录审核发布",
    "average": "平均用时目标（不亮灯）",
}
SHARING = {
    "unconditional": "无条件共享",
    "conditional": "有条件共享",
}
STATUSES = {
    "draft": "征求意见，仅供参考",
    "in_force": "有效",
    "withdrawn": "已废止",
}


@page("/limits", title="审批时限", roles=SEEING_PROJECTS, menu=MenuEntry("use", 60, "timer"))
async def limits(page: ConsolePage) -> None:
    """Every limit with its source, by document."""
    contracts = page.hub.contracts
    await page.look(lambda visit: visit.purpose)
    today = datetime.now(HUB_ZONE).date()
    for name in dict.fromkeys(limit.document for limit in contracts.limits):
        some = [limit for limit in contracts.limits if limit.document == name]
        with components.card(pick(some[0].title_zh, some[0].title_en)):
            components.facts(
                [
                    (t("状态"), _status(some[0], today)),
                    (t("期间"), f"{day(some[0].since)} – {day(some[0].until)}"),
                    (t("地区"), "、".join(some[0].regions) or t("不限")),
                    (t("出处"), some[0].source),
                ]
            )
            components.table(
                [
                    t("适用于"),
                    t("条件"),
                    t("工作日"),
                    t("条款"),
                    t("牵头"),
                    t("原文"),
                ],
                [
                    (
                        _of(contracts, limit),
                        _when(contracts, limit),
                        formatting.days(limit.days),
                        limit.article,
                        limit.lead,
                        limit.phrase,
                    )
                    for limit in some
                ],
                numeric=(2,),
            )
    if not contracts.limits:
        components.empty(t("没有时限文件：mappings/limits/。"))


def _status(limit: Limit, today: date) -> object:
    if limit.status == "in_force" and limit.until is not None and limit.until < today:
        return components.badge(t("已过期"))
    return components.badge(
        t(STATUSES[limit.status]), tone="good" if limit.status == "in_force" else "plain"
    )


def _of(contracts: Contracts, limit: Limit) -> str:
    scope = t(SCOPES[limit.scope])
    codes = codes_of(contracts.entities, contracts.code_lists, limit.scope)
    if limit.of in SHARING:
        return f"{scope}：{t(SHARING[limit.of])}"
    if not limit.of:
        return scope
    if limit.scope == "case" and limit.of in contracts.entities:
        return f"{scope}：{formatting.entity(contracts.entities[limit.of])}"
    return (
        f"{scope}：{pick(*codes.values[limit.of])}"
        if codes and limit.of in codes.values
        else f"{scope}：{limit.of}"
    )


def _when(contracts: Contracts, limit: Limit) -> str:
    """The conditions in words: field and required value."""
    told = []
    for name, values in limit.when.items():
        about, _, field = name.rpartition(".")
        known = contracts.entities.get(about)
        owners = [known] if known else limited(contracts.entities, limit.scope, limit.of)
        found = next((one.fields[field] for one in owners if field in one.fields), None)
        words = [
            formatting.value(contracts, found, _read(value)) if found else value for value in values
        ]
        told.append(f"{formatting.field(found) if found else name}：{'、'.join(words)}")
    return "；".join(told)


def _read(value: str) -> str | bool:
    return {"true": True, "false": False}.get(value, value)
