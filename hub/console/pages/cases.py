"""督办件: what the reform office asks of units about what is late, and what they answer."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import SEEING_PROJECTS, SUPERVISING, RequestContext
from hub.console import components
from hub.console.formatting import LIGHTS
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import moment, pick, t
from hub.services import supervision_cases
from hub.services.case_words import CASE_ACTS, RUNGS, STEPS
from hub.services.hit_state_words import STATES as HIT_STATES
from hub.services.lights import LIGHT_NAMES, SCOPE_NAMES, LightScope
from hub.services.naming import one_of
from hub.services.supervision_cases import (
    TERMS,
    CaseOpening,
    CaseSheet,
    CaseSubject,
    CaseView,
    ClockRef,
)

SHOWN = 50
SCOPES: tuple[LightScope, ...] = get_args(LightScope)
Act = Callable[[RequestContext, int, str], CaseSheet]
OFFERED: dict[str, tuple[str, Act]] = {
    "answered": ("答复|case", supervision_cases.answer),
    "accepted": ("办结|case", supervision_cases.accept),
    "sent_back": ("退回|case", supervision_cases.send_back),
    "extended": ("延期", supervision_cases.extend),
    "raised": ("转督办", supervision_cases.raise_step),
}


@page(
    "/cases",
    title="督办件",
    roles=SEEING_PROJECTS,
    menu=MenuEntry("supervise", 30, "assignment_late"),
)
async def listed(page: ConsolePage, closed: str = "", before: int = 2**63 - 1) -> None:
    """Cases of one's regions or of one's unit, newest first."""
    found = await page.look(
        lambda visit: supervision_cases.listed(
            visit, closed=bool(closed), before=before, most=SHOWN
        )
    )
    with components.card():
        other = t("只看未办结") if closed else t("含已办结")
        components.show(components.link(address("/cases", closed="" if closed else "1"), other))
        components.table(
            [
                t("文号"),
                t("办理单位"),
                t("项目代码"),
                t("要求"),
                t("环节|case"),
                t("状态"),
                t("答复期限"),
            ],
            [_row(one) for one in found],
            nothing=t("没有督办件。督办件从时限督办中的一行或一条疑似发起。"),
        )
        if len(found) == SHOWN:
            place = address("/cases", closed=closed, before=found[-1].id)
            components.show(components.link(place, t("之后的 →")))


@page("/cases/new", title="发出督办", roles=SUPERVISING)
async def new(
    page: ConsolePage,
    scope: str = "",
    record: int = 0,
    department: str = "",
    step: str = "",
    hits: str = "",
) -> None:
    """Ask a unit about something late, or about hits that it was told of."""
    numbers = tuple(int(one) for one in hits.split(",") if one.isascii() and one.isdecimal())
    one_of("scope", scope or "item", SCOPES)
    about: LightScope = next((one for one in SCOPES if one == scope), "item")
    clocks = (ClockRef(about, record),) if record else ()
    with components.card():
        components.facts(_asked_about(clocks, numbers))
        unit = ui.input(t("办理单位"), value=department).props("maxlength=200").classes("wide")
        kind = ui.select({one: t(STEPS[one]) for one in TERMS}, label=t("环节|case"))
        kind.value = "supervision" if step == "supervision" else "reminder"
        ask = ui.textarea(t("要求")).props("maxlength=4000 outlined").classes("wide")
        components.text(
            t("提醒 3 个工作日、督办 5 个工作日内答复（本项目约定），发出之日不计。"), kind="soft"
        )

        async def send() -> None:
            asked = CaseOpening(
                str(ask.value or ""),
                str(unit.value or "").strip(),
                clocks,
                numbers,
                "supervision" if kind.value == "supervision" else "reminder",
            )
            made = await page.act("open", lambda visit: supervision_cases.open_case(visit, asked))
            ui.navigate.to(f"/cases/{made.id}")

        with ui.element("div").classes("row"):
            components.button(t("发出"), send)


def _asked_about(clocks: Sequence[ClockRef], numbers: Sequence[int]) -> list[tuple[str, object]]:
    said: list[tuple[str, object]] = [
        (t("计时对象"), f"{t(SCOPE_NAMES[one.scope])} #{one.record_id}") for one in clocks
    ]
    if numbers:
        links = Markup(" ").join(components.link(f"/hits/{one}", f"#{one}") for one in numbers)
        said.append((t("疑似与认定"), links))
    return said


@page("/cases/{case_id}", title="督办件|one", roles=SEEING_PROJECTS)
async def one(page: ConsolePage, case_id: int) -> None:
    """A case: what is asked, by when, what was done, and what the reader may do now."""
    found = await page.look(lambda visit: supervision_cases.one(visit, case_id))
    with components.card(found.number):
        components.facts(
            [
                (t("办理单位"), found.department),
                (t("要求"), found.ask),
                (t("环节|case"), t(STEPS[found.step])),
                (t("状态"), _state(found)),
                (t("答复期限"), moment(found.due_at)[:16]),
            ]
        )
        if found.next_step == "supervision":
            components.text(t("期限内没有答复，建议转为督办。"), kind="note")
        elif found.next_step == "interview":
            components.text(
                t("期限内没有答复，建议约谈；约谈通知暂不能由本系统生成。"), kind="note"
            )
    with components.card(t("督办事由")):
        components.table(
            [t("项目"), t("事由"), t("现状")], [_subject(one) for one in found.subjects]
        )
    with components.card(t("办理环节")):
        components.table(
            [t("环节|case"), t("答复期限（工作日）"), t("状态")],
            [
                (t(STEPS[one.step]), one.days if one.days is not None else "—", t(RUNGS[one.state]))
                for one in found.ladder
            ],
            numeric=(1,),
        )
    with components.card(t("办理经过")):
        components.table(
            [t("时间|act"), t("动作|case"), t("账号"), t("说明")],
            [
                (
                    moment(act.at),
                    t(CASE_ACTS[act.kind]),
                    act.by_account,
                    components.content(act.text),
                )
                for act in found.acts
            ],
        )
    _acts(page, found)


def _acts(page: ConsolePage, found: CaseSheet) -> None:
    """What this reader may do with the case as it stands."""
    if not found.acts_now:
        return
    with components.card(t("处理|actions")):
        text = ui.textarea(t("说明")).props("maxlength=4000 outlined").classes("wide")

        async def do(kind: str, act: Act) -> None:
            words = str(text.value or "")
            await page.act(kind, lambda visit: act(visit, found.id, words))
            ui.navigate.to(f"/cases/{found.id}")

        with ui.element("div").classes("row"):
            for place, kind in enumerate(found.acts_now):
                name, act = OFFERED[kind]
                components.button(
                    t(name), partial(do, kind, act), kind="plain" if place else "main"
                )


def _subject(one: CaseSubject) -> tuple[object, ...]:
    """A clock or a hit, and how it stands now."""
    if one.project_code is None:
        return ("—", t("不归您看"), "—")
    project = components.link(f"/projects/{one.project_code}", one.project_code)
    if one.hit_id is not None and one.sentence is not None and one.hit_state is not None:
        link = components.link(f"/hits/{one.hit_id}", pick(one.sentence.zh, one.sentence.en))
        return (project, link, components.badge(t(HIT_STATES[one.hit_state])))
    light = components.light("grey", t("已办结")) if one.gone else _light(one.light)
    return (project, f"{t(SCOPE_NAMES[one.scope])} #{one.record_id}", light)


def _light(light: str | None) -> Markup:
    if light is None or light not in LIGHTS:
        return components.light("grey", t(LIGHT_NAMES["none"]))
    tone, words = LIGHTS[light]
    return components.light(tone, t(words))


def _row(one: CaseView) -> tuple[object, ...]:
    return (
        components.link(f"/cases/{one.id}", one.number),
        components.content(one.department),
        Markup("<br>").join(
            components.link(f"/projects/{code}", code) for code in one.project_codes
        ),
        components.content(one.ask[:60]),
        t(STEPS[one.step]),
        _state(one),
        moment(one.due_at)[:16],
    )


def _state(one: CaseView) -> Markup:
    if one.state == "closed":
        return components.badge(t("已办结"), tone="good")
    if one.state == "answered":
        return components.badge(t("已答复"))
    return (
        components.badge(t("逾期未答复"), tone="bad")
        if one.late
        else components.badge(t("待答复"), tone="warn")
    )
