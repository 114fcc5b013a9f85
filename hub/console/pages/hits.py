"""Hits: what supervision suspects, what the unit says to it, and what is decided."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import SEEING_PROJECTS, SUPERVISING, RequestContext
from hub.console import components, formatting
from hub.console.flows import asking, styled
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import day, lang, moment, number, pick, t
from hub.domain.fact_names import DICTIONARY
from hub.services import hits
from hub.services.hit_state_words import ACTS, GUARDS, REASONS, STATES
from hub.services.hit_words import fact_value
from hub.services.hits import (
    DISPUTABLE,
    HitCounts,
    HitListed,
    HitsAsked,
    HitSheet,
    HitState,
    Reason,
    WrongValue,
)
from hub.services.indicator_words import LEVELS, OF
from hub.services.naming import one_of
from hub.services.supervision_cases import ASKABLE

SHOWN = 50
TONES = {"suspected": "warn", "told": "warn", "confirmed": "bad"}
LIGHTS = {"notice": "yellow", "yellow": "yellow", "red": "red", "grave": "red"}
ALL: tuple[HitState, ...] = get_args(HitState)
Act = Callable[[RequestContext, int, str], HitSheet]
DECISIONS: dict[str, tuple[str, Act]] = {
    "told": ("告知单位", hits.tell_unit),
    "accepted": ("采纳说明，不计入", hits.accept),
    "confirmed": ("认定，计入", hits.confirm),
    "revoked": ("撤销，不计入", hits.revoke),
}


@page(
    "/hits",
    title="疑似与认定",
    roles=SEEING_PROJECTS,
    menu=MenuEntry("supervise", 25, "flag"),
)
async def listed(
    page: ConsolePage,
    state: str = "",
    indicator: str = "",
    county: str = "",
    unit: str = "",
    before: int = 2**63 - 1,
) -> None:
    """Hits of one's regions, or those one's unit was told of, newest first."""
    if state:
        one_of("state", state, ALL)
    wanted: HitState | None = next((one for one in ALL if one == state), None)
    asked = HitsAsked(
        indicator=indicator, county=county, unit=unit, state=wanted or "", before=before
    )
    found = await page.look(lambda visit: hits.listed(visit, asked, most=SHOWN))
    sums = await page.look(lambda visit: _sums(visit, asked))
    styled()
    ui.add_css(formatting.STYLE)
    query = {"indicator": indicator, "county": county, "unit": unit}
    _tiles(sums, state, query)
    _filters(page, asked)
    with components.card():
        components.table(
            [t("编号"), t("状态"), t("级别"), t("一句话"), t("项目"), t("区划"), t("答复期限")],
            [_row(page, one) for one in found],
            nothing=t("没有符合条件的。"),
        )
        if len(found) == SHOWN:
            place = address("/hits", state=state, **query, before=found[-1].id)
            components.show(components.link(place, t("之后的 →")))


@page("/hits/{hit_id}", title="疑似与认定|one", roles=SEEING_PROJECTS)
async def one(page: ConsolePage, hit_id: int) -> None:
    """A hit: one sentence, what it rests on, what was said, and what the reader may do now."""
    found = await page.look(lambda visit: hits.one(visit, hit_id))
    with components.card():
        components.text(pick(found.sentence.zh, found.sentence.en), kind="lead")
        components.show(_state(found))
        _remarks(found)
        components.facts(_about(page, found))
    with components.card(t("依据的事实")):
        known = DICTIONARY.get(found.of, {})
        components.facts(
            [
                (
                    t(known[name].title) if name in known else name,
                    fact_value(name, value, found.of, lang()),
                )
                for name, value in found.evidence.items()
            ]
        )
    if found.acts:
        with components.card(t("办理经过")):
            components.table(
                [t("时间|act"), t("动作|case"), t("账号"), t("说明")],
                [(moment(act.at), _act(act), act.by_account, _text(act)) for act in found.acts],
            )
    _asking(page, found)
    _decisions(page, found)
    _answers(page, found)


def _sums(visit: RequestContext, asked: HitsAsked) -> HitCounts:
    """How many of all units together stand in which state."""
    every = hits.counts(
        visit, HitsAsked(indicator=asked.indicator, county=asked.county, unit=asked.unit)
    )
    return HitCounts(
        "",
        sum(one.suspected for one in every),
        sum(one.told for one in every),
        sum(one.answered for one in every),
        sum(one.confirmed for one in every),
        sum(one.accepted for one in every),
        sum(one.revoked for one in every),
        sum(one.corrected for one in every),
    )


def _tiles(sums: HitCounts, state: str, query: dict[str, str]) -> None:
    some = (
        ("suspected", sums.suspected),
        ("told", sums.told),
        ("confirmed", sums.confirmed),
        ("accepted", sums.accepted),
        ("corrected", sums.corrected),
    )
    tiles = Markup("").join(
        Markup('<a class="tile" href="{}"{}><b>{}</b><span>{}</span></a>').format(
            address("/hits", state=name, **query),
            Markup(' aria-current="page"') if name == state else "",
            number(many),
            t(STATES[name]),
        )
        for name, many in some
    )
    components.show(Markup('<div class="tiles no-print">{}</div>').format(tiles)).classes("wide")


def _filters(page: ConsolePage, asked: HitsAsked) -> None:
    every = [("", t("全部"))]
    named = {
        one.id: pick(one.title_zh, one.title_en)
        for one in page.hub.contracts.supervision.indicators
        if one.bounds
    }
    asking(
        "/hits",
        [
            ("state", t("状态"), asked.state, [*every, *((one, t(STATES[one])) for one in ALL)]),
            ("indicator", t("指标"), asked.indicator, [*every, *named.items()]),
            ("county", t("区划"), asked.county, ()),
        ],
        t("查看"),
    )


def _row(page: ConsolePage, one: HitListed) -> tuple[object, ...]:
    waits = one.state == "told" and one.due_at is not None
    return (
        components.unbroken(components.link(f"/hits/{one.id}", f"#{one.id}")),
        _state(one),
        components.light(LIGHTS[one.level], t(LEVELS[one.level])),  # type: ignore[arg-type]
        components.content(pick(one.sentence.zh, one.sentence.en)),
        components.link(f"/projects/{one.project_code}", one.project_code),
        components.content(_county(page, one.county)),
        moment(one.due_at)[:16] if waits else "—",
    )


def _county(page: ConsolePage, code: str) -> str:
    """A county by name, else by its code."""
    known = page.hub.contracts.counties.get(code)
    return pick(*known) if known else code


def _state(one: HitListed) -> Markup:
    tone = TONES.get(one.state, "plain")
    shown = components.badge(t(STATES[one.state]), tone=tone)  # type: ignore[arg-type]
    if one.late:
        return Markup("{} {}").format(shown, components.badge(t("逾期未答复"), tone="bad"))
    return shown


def _remarks(found: HitSheet) -> None:
    """What is to be known before anything is done."""
    if found.state == "corrected":
        when = moment(found.cleared_at)[:16]
        words = (
            t("已认定，其后数据已改变：自 {when} 起不再成立，不再计入。", when=when)
            if found.last_act == "confirmed"
            else t("告知之后数据已改变：自 {when} 起不再成立，不计入。", when=when)
        )
        components.text(words, kind="note")
    if found.graver:
        components.text(t("级别比告知时更重，应当重新告知。"), kind="note")
    if found.state == "told":
        components.text(
            t(
                "请在 {when} 前答复：数据有误的提出校核，数据无误但不是本单位责任的作出说明；期满不答复的可予认定。",
                when=moment(found.due_at)[:16],
            ),
            kind="note",
        )
    if found.state == "suspected":
        for guard in found.held:
            components.text(t("暂不告知：{why}", why=t(GUARDS[guard])), kind="note")


def _about(page: ConsolePage, found: HitSheet) -> list[tuple[str, object]]:
    role = page.reader.account.role
    about: list[tuple[str, object]] = [
        (t("项目"), components.link(f"/projects/{found.project_code}", found.project_code)),
        (t("单位"), pick(found.unit_name.zh, found.unit_name.en) if found.unit_name else "—"),
        (t("区划"), _county(page, found.county)),
        (t("级别"), t(LEVELS[found.level])),
        (t("所属月份"), day(found.period)[:7]),
        (t("发现时间"), moment(found.found_at)[:16]),
        (t("指标"), f"{found.indicator} ({found.version})"),
    ]
    if found.record_id is not None:
        text = f"{t(OF[found.of])} {found.key or found.record_id}"
        about.append((t("记录"), formatting.record(role, found.record_id, text)))
    return about


def _act(act: hits.HitActView) -> Markup:
    said = components.badge(t(ACTS[act.kind]))
    if act.dispute_id is None:
        return said
    return Markup("{} {}").format(
        said, components.link(f"/disputes/{act.dispute_id}", f"#{act.dispute_id}")
    )


def _text(act: hits.HitActView) -> Markup:
    words = components.content(act.text)
    return Markup("{}：{}").format(t(REASONS[act.reason]), words) if act.reason else words


def _asking(page: ConsolePage, found: HitSheet) -> None:
    """To the form by which a supervisor asks the unit about it."""
    if page.reader.account.role in SUPERVISING and found.state in ASKABLE and found.unit_name:
        department = found.unit_name.zh
        place = address("/cases/new", hits=found.id, department=department)
        components.show(components.link(place, t("就此发出督办"))).classes("no-print")


def _decisions(page: ConsolePage, found: HitSheet) -> None:
    """What a supervisor may do now."""
    offered = [(kind, *DECISIONS[kind]) for kind in found.acts_now if kind in DECISIONS]
    if not offered:
        return
    with components.card(t("处理|actions")):
        text = ui.textarea(t("说明")).props("autogrow outlined maxlength=4000").classes("wide")

        async def do(kind: str, act: Act) -> None:
            words = str(text.value or "")
            await page.act(kind, lambda visit: act(visit, found.id, words))
            ui.navigate.to(f"/hits/{found.id}")

        with ui.element("div").classes("row"):
            for place, (kind, name, act) in enumerate(offered):
                components.button(
                    t(name), partial(do, kind, act), kind="plain" if place else "main"
                )


def _answers(page: ConsolePage, found: HitSheet) -> None:
    """The two doors of the unit: the data are wrong; the data are right but it is not its fault."""
    if "disputed" in found.acts_now and found.record_id is not None:
        _dispute(page, found, _fields(page, found))
    if "explained" in found.acts_now:
        _explain(page, found)


def _fields(page: ConsolePage, found: HitSheet) -> dict[str, str]:
    entity = page.hub.contracts.entities.get(found.entity or "")
    if entity is None:
        return {}
    return {
        name: formatting.field(one)
        for name, one in entity.fields.items()
        if one.classed in DISPUTABLE
    }


def _dispute(page: ConsolePage, found: HitSheet, fields: dict[str, str]) -> None:
    with components.card(t("数据有误")):
        components.text(t("转给来源系统的单位限时校核；校核结束前不认定。"), kind="soft")
        field = ui.select(fields, label=t("有误的字段")).classes("wide")
        reason = ui.textarea(t("哪里有误，依据是什么")).props("autogrow outlined maxlength=1000")
        reason.classes("wide")
        proposed = ui.input(t("应为（知道时填写）")).props("outlined maxlength=1000")
        proposed.classes("wide")

        async def send() -> None:
            wrong = WrongValue(
                str(field.value or ""), str(reason.value or ""), str(proposed.value or "")
            )
            await page.act("dispute", lambda visit: hits.dispute(visit, found.id, wrong))
            ui.navigate.to(f"/hits/{found.id}")

        with ui.element("div").classes("row"):
            components.button(t("提交校核"), send)


def _explain(page: ConsolePage, found: HitSheet) -> None:
    with components.card(t("数据无误，但不是本单位的责任")):
        kinds: Sequence[Reason] = get_args(Reason)
        reason = ui.select({one: t(REASONS[one]) for one in kinds}, label=t("原因|hit"))
        reason.value = kinds[0]
        reason.classes("wide")
        text = ui.textarea(t("说明")).props("autogrow outlined maxlength=4000").classes("wide")

        async def send() -> None:
            kind = next(one for one in kinds if one == reason.value)
            words = str(text.value or "")
            await page.act("explain", lambda visit: hits.explain(visit, found.id, kind, words))
            ui.navigate.to(f"/hits/{found.id}")

        with ui.element("div").classes("row"):
            components.button(t("提交说明"), send)
