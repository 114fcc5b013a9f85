"""Disputes: those to answer and those opened, each with clock and recall."""

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE
from hub.console import access_terms, components, formatting
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.pages import recalls as recalls_page
from hub.console.words import lapse, moment, t
from hub.domain.contracts import Contracts
from hub.services import disputes
from hub.services.disputes import Complaint, DisputeView, DisputeWhole

STATES = {
    "open": "待答复",
    "accepted": "已认可，待更正",
    "refused": "不认可|state",
    "corrected": "已更正",
    "withdrawn": "已撤回",
}


@page("/disputes", title="数据校核", roles=PEOPLE, menu=MenuEntry("use", 40, "rule"))
async def listed(page: ConsolePage, *, closed: bool = False) -> None:
    """Disputes to be answered first, then those awaiting others."""
    ui.add_css(formatting.STYLE)
    found = await page.look(lambda visit: disputes.listed(visit, closed=closed))
    mine = [one for one in found if one.may_answer]
    others = [one for one in found if not one.may_answer]
    contracts = page.hub.contracts
    if mine:
        with components.card(t("待本单位答复")):
            _table(contracts, mine)
    with components.card(t("其他") if mine else ""):
        with ui.element("div").classes("row no-print"):
            components.show(
                components.link("/disputes", t("只看未结束的"))
                if closed
                else components.link(address("/disputes", closed="true"), t("连同已结束的"))
            )
        _table(
            contracts,
            others,
            nothing=t("没有校核。发现某个值有误时，在项目页该值旁点“此值有误”。"),
        )


@page("/disputes/new", title="此值有误", roles=PEOPLE)
async def new(page: ConsolePage, record: int, field: str) -> None:
    """The form: what is wrong with a value, and what it should be."""
    found = await page.look(lambda visit: disputes.disputable(visit, record, field))
    entity = page.hub.contracts.entities[found.entity]
    about = entity.fields[field]
    with components.card():
        components.facts(
            [
                (formatting.entity(entity), found.name),
                (formatting.field(about), formatting.value(page.hub.contracts, about, found.value)),
                (t("将转给"), _answering(page.hub.contracts, about.authority)),
            ]
        )
        reason = ui.textarea(t("哪里有误，依据是什么")).props(
            "autogrow outlined maxlength=1000 autofocus"
        )
        reason.classes("wide")
        proposed = ui.input(t("应为（知道时填写）")).props("outlined maxlength=4000")
        proposed.classes("wide")

        async def send() -> None:
            said = Complaint(str(record), field, str(reason.value or ""), str(proposed.value or ""))
            made = await page.act("open", lambda visit: disputes.open_dispute(visit, said))
            ui.navigate.to(f"/disputes/{made.id}")

        with ui.element("div").classes("row"):
            components.button(t("提交校核"), send)
        components.text(
            t(
                "提交后由来源系统的单位限时答复；认可的由来源更正，中枢通知每个收到过错误值的单位和系统。"
            ),
            kind="soft",
        )


@page("/disputes/{dispute_id}", title="数据校核|one", roles=PEOPLE)
async def one(page: ConsolePage, dispute_id: int) -> None:
    """One dispute: values, reason, clock, answer, and its recall."""
    ui.add_css(formatting.STYLE)
    held, contracts = (
        await page.look(lambda visit: disputes.one(visit, dispute_id)),
        page.hub.contracts,
    )
    entity = contracts.entities[held.entity]
    about = entity.fields.get(held.field)
    shown, today = (
        formatting.value(contracts, about, value) if about else value
        for value in (held.value, held.value_now)
    )
    with components.card(
        f"#{held.id} {formatting.entity(entity)} · "
        f"{formatting.field(about) if about else held.field}"
    ):
        components.show(_badge(held))
        components.facts(
            [
                (t("记录"), _record(held, page.reader.account.role)),
                (t("有异议的值"), shown),
                (t("应为"), held.proposed or None),
                (t("现在的值"), today),
                (t("理由"), held.reason),
                (
                    t("提出"),
                    f"{moment(held.opened_at)[:16]}　{held.department} {held.opened_by}",
                ),
                (t("来源系统"), formatting.system(contracts, held.system)),
                (t("答复单位"), formatting.unit(contracts, held.system)),
                (t("期限"), _clock(held)),
                (t("时限依据"), access_terms.term(held.term)),
            ]
        )
    if held.may_answer:
        _answer_form(page, held)
    if held.may_withdraw:
        _withdrawing(page, held)
    if held.answered_at is not None:
        with components.card(t("答复")):
            components.facts(
                [
                    (t("结果"), _badge(held)),
                    (t("说明|remark"), held.answer),
                    (t("答复|state"), f"{moment(held.answered_at)[:16]}　{held.answered_by}"),
                ]
            )
    _countdown(contracts, held)


def _answer_form(page: ConsolePage, held: DisputeView) -> None:
    with components.card(t("答复")):
        said = ui.textarea(t("说明（不认可时必填）")).props("autogrow outlined maxlength=4000")
        said.classes("wide")

        async def answer(*, accepted: bool) -> None:
            text = str(said.value or "")
            await page.act(
                "answer",
                lambda visit: disputes.answer(visit, held.id, accepted=accepted, text=text),
            )
            ui.navigate.to(f"/disputes/{held.id}")

        with ui.element("div").classes("row"):
            components.button(
                t("认可，由来源更正"),
                lambda: answer(accepted=True),
            )
            components.button(t("不认可"), lambda: answer(accepted=False), kind="bad")
        components.text(
            t("认可后立即更正错误的值，通知收到过的单位和系统。"),
            kind="soft",
        )


def _withdrawing(page: ConsolePage, held: DisputeView) -> None:
    async def withdraw() -> None:
        await page.act("withdraw", lambda visit: disputes.withdraw(visit, held.id))
        ui.navigate.to(f"/disputes/{held.id}")

    with ui.element("div").classes("row no-print"):
        components.button(t("撤回校核"), withdraw, kind="plain")


def _countdown(contracts: Contracts, held: DisputeWhole) -> None:
    """Receivers of the wrong value, and those not corrected yet."""
    if held.recall_id is None:
        return
    with components.card(t("更正通知")):
        components.show(Markup("<p>{}</p>").format(recalls_page.progress(held)))
        recalls_page.receivers(contracts, held.received)
        components.show(components.link(f"/recalls/{held.recall_id}", t("更正通知|one")))


def _table(contracts: Contracts, found: Sequence[DisputeView], *, nothing: str = "") -> None:
    rows = []
    for held in found:
        entity = contracts.entities[held.entity]
        about = entity.fields.get(held.field)
        rows.append(
            (
                components.link(f"/disputes/{held.id}", f"#{held.id}"),
                f"{formatting.entity(entity)} · {formatting.field(about) if about else held.field}",
                formatting.value(contracts, about, held.value) if about else held.value,
                formatting.unit(contracts, held.system),
                _badge(held),
                _clock(held),
                f"{held.department} {held.opened_by}".strip(),
                t("还剩 {owed} / {receivers}", owed=held.owed, receivers=held.receivers)
                if held.recall_id
                else "—",
            )
        )
    components.table(
        [
            t("编号"),
            t("字段"),
            t("有异议的值"),
            t("答复单位"),
            t("状态"),
            t("期限"),
            t("提出"),
            t("更正通知"),
        ],
        rows,
        nothing=nothing,
    )


def _badge(held: DisputeView) -> Markup:
    if held.state in {"corrected", "accepted"}:
        return components.badge(t(STATES[held.state]), tone="good")
    return components.badge(t(STATES[held.state]), tone="warn" if held.state == "open" else "plain")


def _clock(held: DisputeView) -> Markup | str:
    """Time left for the next step, or how late it is."""
    if held.clock is None:
        return "—"
    left = (held.clock - datetime.now(UTC)).total_seconds()
    if left < 0:
        return components.light("red", t("逾期 {lapse}", lapse=lapse(-left)))
    return components.light("green", t("{clock} 前", clock=moment(held.clock)[:16]))


def _record(held: DisputeWhole, role: str) -> Markup:
    links = [
        Markup("{}").format(formatting.record(role, held.record_id, f"{held.entity}:{held.key}"))
    ]
    if held.project_code:
        links.append(components.link(f"/projects/{held.project_code}", t("项目页")))
    return Markup("　").join(links)


def _answering(contracts: Contracts, authority: Sequence[str]) -> str:
    return t("、").join(formatting.unit(contracts, name) for name in authority[:1])
