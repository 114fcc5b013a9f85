"""Applications for access: list, form, and one with its steps and the decision."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE, RequestContext
from hub.console import access_terms, components
from hub.console.components import Tone
from hub.console.flows import more
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import day, lapse, moment, t
from hub.domain.contracts import Contracts
from hub.services import applications
from hub.services.applications import ApplicationView, ApplicationWhole, Ending
from hub.services.grants import Grant
from hub.services.naming import APPLICATION_STATES, one_of

LISTED = 50
Numbers = Annotated[tuple[int, ...], Query()]
STATES = {
    "open": "待审批",
    "extended": "已延长答复期限",
    "granted": "已同意",
    "refused": "未同意",
    "withdrawn": "已撤回",
}
TONES: dict[str, Tone] = {"open": "warn", "granted": "good", "refused": "bad", "withdrawn": "plain"}


@page(
    "/applications",
    title="数据申请",
    roles=PEOPLE,
    menu=MenuEntry("manage", 10, "how_to_reg"),
)
async def listed(page: ConsolePage, state: str = "", before: int | None = None) -> None:
    """Applications of the reader's unit, or all: open first; and grants that end soon."""
    one_of("state", state, APPLICATION_STATES)
    ui.add_css(access_terms.STYLE)
    chosen = state if state in TONES else None
    found, ending = await page.look(lambda visit: _listed(visit, chosen, before))
    contracts = page.hub.contracts
    if ending:
        with components.card(t("即将到期的授权")):
            _endings(contracts, ending, page.reader.account.name)
    with components.card():
        with ui.element("div").classes("row"):
            links = [(one, address("/applications", state=one), t(STATES[one])) for one in TONES]
            components.show(_tabs([("", "/applications", t("全部")), *links], chosen or ""))
            if page.reader.account.role != "auditor":
                components.show(access_terms.action("/applications/new", t("新的申请")))
        components.table(
            [
                t("编号"),
                t("状态"),
                t("单位"),
                t("账号"),
                t("数据"),
                t("分类"),
                t("用途"),
                t("期限|grant"),
                t("提交"),
                t("应于"),
            ],
            [_row(contracts, one) for one in found],
            nothing=t("没有申请。需要查看没有授权的数据时，在此提出。"),
        )
        more("/applications", LISTED, found, state=state, before=found[-1].id if found else None)


@page("/applications/new", title="新的申请", roles=PEOPLE)
async def new(
    page: ConsolePage, entity: str = "", like: int | None = None, grant: Numbers = ()
) -> None:
    """The form. entity: preset; like: the one it renews; grant: grants that it continues."""
    start = await page.look(
        lambda visit: applications.draft(visit, entity=entity, like=like, grant_ids=grant)
    )
    with components.card():
        components.text(
            t(
                "按需申请：只选用得到的数据和分类。申请由其他单位的管理员审批，结果和每一步都留有记录。"
            ),
            kind="soft",
        )
        asked = access_terms.asking(
            page.hub.contracts, start.terms, entities=page.hub.contracts.granted
        )
        why = (
            ui.textarea(t("用途"), value=start.purpose)
            .props("autogrow maxlength=1000")
            .classes("wide")
        )
        law = (
            ui.textarea(t("法律依据"), value=start.basis)
            .props("autogrow maxlength=1000")
            .classes("wide")
        )

        async def apply() -> None:
            wanted = asked.terms()

            said = {"purpose": str(why.value), "basis": str(law.value)}
            made = await page.act(
                "apply", lambda visit: applications.apply(visit, wanted, **said, renews=like)
            )
            ui.navigate.to(f"/applications/{made.id}")

        with ui.element("div").classes("row"):
            components.button(t("提交申请"), apply)


@page("/applications/{application_id}", title="申请详情", roles=PEOPLE)
async def one(page: ConsolePage, application_id: int) -> None:
    """One application: terms, steps, result, and what can be done now."""
    ui.add_css(access_terms.STYLE)
    asked, contracts = (
        await page.look(lambda visit: applications.one(visit, application_id)),
        page.hub.contracts,
    )
    with components.card(f"#{asked.id}"):
        components.facts(
            [
                (t("状态"), _badge(asked.state)),
                (t("单位"), asked.department),
                (t("账号"), asked.account),
                (t("数据"), access_terms.entities_title(contracts, asked.entities)),
                (t("分类"), access_terms.classes_title(asked.classes)),
                (
                    t("范围"),
                    access_terms.limits(asked.regions, open_case_only=asked.open_case_only),
                ),
                (t("用途"), asked.purpose),
                (t("法律依据"), asked.basis),
                (t("期限|grant"), _term(asked)),
                *_due_by(asked),
                (
                    t("续期自"),
                    components.link(f"/applications/{asked.renews}", f"#{asked.renews}"),
                )
                if asked.renews
                else (t("续期自"), None),
            ]
        )
        if asked.own:
            _own(page, asked, renewing=asked.account == page.reader.account.name)
    with components.card(t("经过")):
        components.table(
            [t("时间"), t("步骤"), t("账号|by"), t("说明|remark")],
            [
                (
                    moment(step.at),
                    t("已提交") if step.state == "open" else t(STATES[step.state]),
                    step.by_account,
                    step.reason,
                )
                for step in asked.steps
            ],
        )
    if asked.grants:
        with components.card(t("由此产生的授权")):
            _made(contracts, asked.grants)
    if page.reader.account.role == "administrator" and asked.state == "open" and not asked.own:
        _deciding(page, asked)


def _deciding(page: ConsolePage, asked: ApplicationWhole) -> None:
    contracts = page.hub.contracts
    with components.card(t("审批")):
        known = [name for name in asked.entities if name in contracts.granted]
        given = access_terms.asking(contracts, asked.terms, entities=known, classes=asked.classes)
        note = ui.textarea(t("说明（不同意时必填理由）")).props("autogrow").classes("wide")

        async def granted() -> None:
            wanted, said = given.terms(), str(note.value)
            await page.act(
                "grant", lambda visit: applications.grant(visit, asked.id, wanted, note=said)
            )
            ui.navigate.reload()

        async def refused() -> None:
            reason = str(note.value)
            await page.act(
                "refuse", lambda visit: applications.refuse(visit, asked.id, reason=reason)
            )
            ui.navigate.reload()

        async def extended() -> None:
            reason = str(note.value)
            await page.act(
                "extend", lambda visit: applications.extend(visit, asked.id, reason=reason)
            )
            ui.navigate.reload()

        with ui.element("div").classes("row"):
            components.button(t("同意"), granted)
            components.button(t("不同意"), refused, kind="bad")
            if asked.extended_to is None and asked.due_at is not None:
                components.button(
                    t("延长答复期限（限一次，须写明理由）"),
                    extended,
                    kind="plain",
                )


def _own(page: ConsolePage, asked: ApplicationWhole, *, renewing: bool) -> None:
    async def withdrawn() -> None:
        await page.act("withdraw", lambda visit: applications.withdraw(visit, asked.id))
        ui.navigate.reload()

    with ui.element("div").classes("row"):
        if asked.state == "open":
            components.button(t("撤回"), withdrawn, kind="plain")
        elif renewing:
            again = t("续期") if asked.state == "granted" else t("以此重新申请")
            components.show(access_terms.action(address("/applications/new", like=asked.id), again))


def _listed(
    visit: RequestContext, state: str | None, before: int | None
) -> tuple[list[ApplicationView], list[Ending]]:
    return applications.listed(visit, state=state, before=before, most=LISTED), applications.ending(
        visit
    )


def _endings(contracts: Contracts, ending: list[Ending], mine: str) -> None:
    components.table(
        [t("账号"), t("数据"), t("止"), t("续期")],
        [
            (
                one.account,
                access_terms.entities_title(contracts, one.entities),
                components.badge(day(one.valid_until), tone="warn"),
                components.link(_renewal(one), t("续期")) if one.account == mine else None,
            )
            for one in ending
        ],
    )


def _renewal(ending: Ending) -> str:
    from_one = {"like": ending.application_id} if ending.application_id else {"grant": ending.ids}
    return f"/applications/new?{urlencode(from_one, doseq=True)}"


def _row(contracts: Contracts, one: ApplicationView) -> list[object]:
    return [
        components.link(f"/applications/{one.id}", f"#{one.id}"),
        _badge(one.state),
        one.department,
        one.account,
        access_terms.entities_title(contracts, one.entities),
        access_terms.classes_title(one.classes),
        one.purpose,
        _term(one),
        moment(one.made_at),
        _clock(one),
    ]


def _made(contracts: Contracts, made: list[Grant]) -> None:
    components.table(
        [
            t("数据"),
            t("分类"),
            t("范围"),
            t("起"),
            t("止"),
            t("有效"),
        ],
        [
            (
                access_terms.entity_title(contracts, one.entity),
                access_terms.classes_title(one.classes),
                access_terms.limits(one.regions, open_case_only=one.open_case_only),
                day(one.valid_from),
                day(one.valid_until),
                components.badge(t("是"), tone="good")
                if one.in_force
                else components.badge(t("否")),
            )
            for one in made
        ],
    )


def _badge(state: str) -> Markup:
    return components.badge(t(STATES[state]), tone=TONES[state])


def _term(one: ApplicationView) -> str:
    return f"{day(one.valid_from)} … {day(one.valid_until)}"


def _due_by(one: ApplicationView) -> list[tuple[str, Markup | str | None]]:
    """Kind of sharing, due dates of answer and supply, and their legal articles."""
    kinds = {
        "unconditional": t("无条件共享"),
        "conditional": t("有条件共享"),
    }
    put_off = (
        f"{moment(one.due_at)[:16]} → {moment(one.extended_to)[:16]}" if one.extended_to else None
    )
    return [
        (t("共享属性"), kinds.get(one.sharing_kind or "")),
        (t("答复期限"), moment(one.due_at)[:16]),
        (t("延长至"), put_off),
        (
            t("提供期限"),
            moment(one.supply_due_at)[:16] if one.supply_due_at else None,
        ),
        (
            t("首次提供"),
            moment(one.supplied_at)[:16] if one.supplied_at else None,
        ),
        (t("当前期限"), _clock(one)),
        (t("时限依据"), access_terms.term(one.term)),
    ]


def _clock(one: ApplicationView) -> Markup | str:
    """Time left for the next step, or how late it is."""
    if one.clock is None:
        return "—"
    left = (one.clock - datetime.now(UTC)).total_seconds()
    if left < 0:
        return components.light("red", t("逾期 {lapse}", lapse=lapse(-left)))
    return components.light("green", t("{clock} 前", clock=moment(one.clock)[:16]))


def _tabs(links: list[tuple[str, str, str]], here: str) -> Markup:
    made = (
        Markup('<a href="{}"{}>{}</a>').format(
            place, Markup(' aria-current="page"') if name == here else "", text
        )
        for name, place, text in links
    )
    return Markup('<nav class="tabs no-print" aria-label="{}">{}</nav>').format(
        t("状态"), Markup("").join(made)
    )
