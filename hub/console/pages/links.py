"""Record linkage: waiting records beside candidate projects; links to undo."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components
from hub.console.flows import asking, entity_title, flow_title, styled, when
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import moment, pick, sentence, t
from hub.domain.contracts import Contracts, Entity
from hub.model import Record
from hub.services import linking
from hub.services import waiting as waits
from hub.services.linking import LinkOffer, LinkQuestion, LinkWord
from hub.services.waiting import WaitingRecords, WaitingView

LISTED = 10
LEVELS = {
    "same": ("相同", "good"),
    "shared": ("共有", "good"),
    "within": ("包含", "good"),
    "close": ("很像", "good"),
    "soon": ("相符", "good"),
    "none": ("都没有", "calm"),
    "open": ("未写明", "calm"),
    "city": ("同市", "warn"),
    "alike": ("相近", "warn"),
    "akin": ("有些像", "warn"),
    "late": ("偏晚", "warn"),
    "before": ("早于项目", "bad"),
    "several": ("多个", "bad"),
    "other": ("不同", "bad"),
}
TRAITS = {
    "name": "名称",
    "part": "分期、地块",
    "owner": "单位|owner",
    "uscc": "信用代码",
    "region": "区划",
    "address": "地址",
    "area": "面积",
    "cost": "投资",
    "date": "日期",
    "number": "编号",
}


@page(
    "/links",
    title="待定关联",
    roles=LOOKING_INTO,
    menu=MenuEntry("watch", 4, "link"),
)
async def deciding(page: ConsolePage, flow: str = "") -> None:
    """A card for each record; decided with one click and a reason."""
    asked, made, waiting = await page.look(lambda visit: _look(visit, flow or None))
    styled()
    contracts = page.hub.contracts
    codeless = [("", t("全部流程"))]
    codeless += [(name, name) for name, one in contracts.pulls.items() if one.codeless]
    asking("/links", [("flow", t("流程"), flow, codeless)], t("查看"))
    if not asked:
        components.empty(t("没有需要判定的记录。"))
    for question in asked:
        _question(page, question)
    with components.card(t("最近的关联")):
        _made(page, made)
    with components.card(t("其他等待的记录")):
        _waiting(contracts, waiting.records)


def _look(
    visit: RequestContext, flow: str | None
) -> tuple[list[LinkQuestion], list[LinkWord], WaitingRecords]:
    """Questions, latest links, and other waiting records."""
    asked = linking.questions(visit, flow=flow, most=LISTED)
    return asked, linking.latest(visit, most=LISTED), waits.listed(visit, flow=flow, most=LISTED)


def _question(page: ConsolePage, question: LinkQuestion) -> None:
    contracts = page.hub.contracts
    acting = page.reader.account.role == "administrator"
    title = f"{entity_title(contracts, question.entity)} {question.key}"
    with components.card(title):
        since = t("自 {since} 起等待", since=moment(question.since))
        components.show(
            Markup('<p class="soft">{} · {}</p>').format(
                flow_title(contracts, question.flow), since
            )
        )
        if acting:
            why = ui.input(t("判定理由")).props("dense outlined maxlength=1000").classes("wide")
        with ui.element("div").classes("beside"):
            with ui.element("div").classes("offer own"):
                components.heading(t("本记录"))
                components.facts(_named(contracts.entities[question.entity], question.record))
            for offer in question.offered:
                with ui.element("div").classes("offer"):
                    _offer(contracts.entities["project"], offer)
                    if acting:
                        components.button(
                            t("就是此项目"),
                            lambda offer=offer: _decide(
                                page, question, offer.project_code, why.value
                            ),  # type: ignore[misc]
                        )
        if acting:
            with ui.element("div").classes("acts no-print"):
                components.button(
                    t("都不是"),
                    lambda: _decide(page, question, None, why.value),
                    kind="plain",
                )


async def _decide(page: ConsolePage, question: LinkQuestion, to: str | None, reason: str) -> None:
    if not reason.strip():
        components.notify(t("请填写理由。"), bad=True)
        return

    def decide(visit: RequestContext) -> None:
        if to is None:
            linking.refuse(visit, question.key, flow=question.flow, reason=reason)
        else:
            linking.link(visit, question.key, flow=question.flow, to=to, reason=reason)

    await page.act("decide", decide)
    ui.navigate.reload()


def _offer(project: Entity, offer: LinkOffer) -> None:
    score = f"{offer.score:.0%}" if offer.score is not None else "—"
    components.show(
        Markup('<h2 class="part">{} {}</h2>').format(
            components.link(f"/projects/{offer.project_code}", offer.project_code),
            components.badge(t("可能性 {score}", score=score), tone="plain"),
        )
    )
    components.facts(_named(project, {name: offer.project.get(name) for name in project.traits}))
    components.show(
        Markup("<p>{}</p>").format(Markup(" ").join(_level(one) for one in offer.evidence))
    )


def _level(one: Mapping[str, object]) -> Markup:
    trait, level = str(one["trait"]), str(one["level"])
    words, tone = LEVELS.get(level, (level, "calm"))
    name = t(TRAITS.get(trait, trait))
    return Markup('<span class="badge"><span class="{}">{} {}</span></span>').format(
        tone, name, t(words)
    )


def _named(entity: Entity, values: Record) -> list[tuple[str, object]]:
    return [
        (pick(entity.fields[name].title_zh, entity.fields[name].title_en), value)
        for name, value in values.items()
        if name in entity.fields
    ]


def _made(page: ConsolePage, made: Sequence[LinkWord]) -> None:
    acting = page.reader.account.role == "administrator"
    if not made:
        components.empty(t("还没有关联。"))
        return
    if acting:
        why = ui.input(t("撤销理由")).props("dense outlined maxlength=1000").classes("wide")
    for word in made:
        with ui.element("div").classes("acts"):
            components.show(
                Markup("<span>{} {} → {} · {} {} · {}</span>").format(
                    flow_title(page.hub.contracts, word.flow),
                    components.code(word.key),
                    components.link(f"/projects/{word.project_code}", word.project_code),
                    t("中枢") if word.by == "hub" else word.by,
                    word.reason,
                    moment(word.at),
                )
            )
            if acting:
                components.button(
                    t("撤销"),
                    lambda word=word: _undo(page, word, why.value),  # type: ignore[misc]
                    kind="plain",
                )


async def _undo(page: ConsolePage, word: LinkWord, reason: str) -> None:
    if not reason.strip():
        components.notify(t("请填写理由。"), bad=True)
        return
    await page.act(
        "undo", lambda visit: linking.unlink(visit, word.key, flow=word.flow, reason=reason)
    )
    ui.navigate.reload()


def _waiting(contracts: Contracts, rows: Sequence[WaitingView]) -> None:
    components.table(
        [
            t("流程"),
            t("来源主键"),
            t("产生时间"),
            t("等待什么"),
        ],
        [
            (
                flow_title(contracts, row.flow),
                components.code(row.key),
                when(row.since),
                sentence(row.why),
            )
            for row in rows
        ],
        nothing=t("没有等待的记录。"),
    )
