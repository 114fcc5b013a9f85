"""Recalls: wrong values that this unit got, to be acknowledged; for administrators and auditors all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE, RequestContext
from hub.console import parts, showing
from hub.console.frame import Entry
from hub.console.page import Page, address, page
from hub.console.words import moment, t
from hub.db import projects, recalls
from hub.db.database import Transaction
from hub.db.recalls import Case, Receiver
from hub.domain.contracts import Contracts
from hub.errors import FlowError
from hub.model import Value
from hub.services import recall


@dataclass(frozen=True, slots=True)
class Told:
    """A recall as far as it concerns the reader: the wrong value, that of today, who got it, whether we owe a word."""

    case: Case
    value: Value
    now: Value
    received: Sequence[Receiver]
    owed: bool


@page("/recalls", zh="更正通知", en="Corrections", roles=PEOPLE, menu=Entry("use", 50, "published_with_changes"))
async def listed(page: Page, *, closed: bool = False) -> None:
    """What turned out to be wrong after it had been handed on."""
    ui.add_css(showing.STYLE)
    found = await page.look(lambda visit: _listed(visit, closed=closed))
    contracts = page.hub.contracts
    with parts.card():
        parts.show(
            parts.link("/recalls", t("只看未结束的", "Open ones only"))
            if closed
            else parts.link(address("/recalls", closed="true"), t("连同已结束的", "Closed ones too"))
        )
        parts.table(
            [
                *(t("编号", "Number"), t("字段", "Field"), t("错误的值", "Wrong value"), t("现在的值", "Value today")),
                *(t("原因", "Reason"), t("开始", "Opened"), t("进展", "Progress"), t("本单位", "Here")),
            ],
            [
                (
                    parts.link(f"/recalls/{one.case.id}", f"#{one.case.id}"),
                    _about(contracts, one.case),
                    _shown(contracts, one.case, one.value),
                    _shown(contracts, one.case, one.now),
                    *(one.case.reason, moment(one.case.opened_at)[:16], progress(one.case)),
                    parts.badge(t("待知悉", "to be acknowledged"), tone="warn") if one.owed else "—",
                )
                for one in found
            ],
            nothing=t(
                "没有更正通知。本单位查阅过的值被认定有误时，会列在这里。",
                "No corrections. A value that this unit has read and that turns out to be wrong is listed here.",
            ),
        )


@page("/recalls/{recall_id}", zh="更正通知", en="Correction", roles=PEOPLE)
async def one(page: Page, recall_id: int) -> None:
    """One recall, and the word that this unit knows."""
    ui.add_css(showing.STYLE)
    told = await page.look(lambda visit: _one(visit, recall_id))
    case, contracts = told.case, page.hub.contracts
    with parts.card(f"#{case.id} {_about(contracts, case)}"):
        parts.facts(
            [
                (
                    t("记录", "Record"),
                    showing.record(page.reader.account.role, case.record_id, f"{case.entity}:{case.key}"),
                ),
                (t("错误的值", "Wrong value"), _shown(contracts, case, told.value)),
                (t("现在的值", "Value today"), _shown(contracts, case, told.now)),
                (t("原因", "Reason"), case.reason),
                (t("开始", "Opened"), moment(case.opened_at)[:16]),
                (t("结束", "Closed"), moment(case.closed_at)[:16] if case.closed_at else None),
                (t("进展", "Progress"), progress(case)),
            ]
        )
        if told.owed:
            note = ui.input(t("已做的处理（可不填）", "What was done about it, if anything")).props(
                "outlined maxlength=1000"
            )
            note.classes("wide")

            async def acknowledge() -> None:
                text = str(note.value or "")
                await page.act("acknowledge", lambda visit: _acknowledge(visit, recall_id, text))
                ui.navigate.to(f"/recalls/{recall_id}")

            with ui.element("div").classes("row no-print"):
                parts.button(t("本单位已知悉", "We know now"), acknowledge)
    with parts.card(t("收到过错误值的", "Who got the wrong value")):
        receivers(contracts, told.received)


def progress(case: Case) -> Markup:
    """How many have been put right, counting down to none."""
    done = case.receivers - case.owed
    share = 100 if not case.receivers else round(100 * done / case.receivers, 1)
    return Markup('<span class="meter" aria-hidden="true"><i class="green" style="width:{}%"></i></span>{}').format(
        share, t(f"还剩 {case.owed} / {case.receivers}", f"{case.owed} of {case.receivers} to go")
    )


def receivers(contracts: Contracts, found: Sequence[Receiver]) -> None:
    """Who got a wrong value, and who has been put right."""
    parts.table(
        [
            *(t("接收方", "Receiver"), t("次数", "Times"), t("最后一次", "Last"), t("更正、知悉", "Put right")),
            t("说明", "Remark"),
        ],
        [
            (
                _receiver(contracts, one),
                one.times,
                moment(one.last_at)[:16],
                parts.badge(moment(one.acknowledged_at)[:16], tone="good")
                if one.acknowledged_at
                else parts.badge(t("待更正", "to be put right"), tone="warn"),
                showing.word(one.note),
            )
            for one in found
        ],
        numeric=(1,),
        nothing=t("没有需要向本单位显示的接收方。", "No receiver that concerns this unit."),
    )


def _receiver(contracts: Contracts, one: Receiver) -> str:
    push = contracts.pushes.get(one.name)
    if push is None:
        return one.name
    return f"{showing.system(contracts, push.system.name)} · {showing.entity(push.entity)}"


def _about(contracts: Contracts, case: Case) -> str:
    entity = contracts.entities[case.entity]
    field = entity.fields.get(case.field)
    return f"{showing.entity(entity)} · {showing.field(field) if field else case.field}"


def _shown(contracts: Contracts, case: Case, value: Value) -> str:
    field = contracts.entities[case.entity].fields.get(case.field)
    return showing.value(contracts, field, value) if field else str(value)


def _listed(visit: RequestContext, *, closed: bool) -> list[Told]:
    with visit.hub.database.transaction() as tx:
        known = [case for case in recalls.cases(tx, closed=closed) if case.entity in visit.hub.contracts.entities]
        found = [told for case in known if (told := _told(tx, visit, case)) is not None]
    visit.saw([one.case.record_id for one in found])
    return found


def _one(visit: RequestContext, recall_id: int) -> Told:
    with visit.hub.database.transaction() as tx:
        case = recall.case_of(tx, recall_id)
        found = _told(tx, visit, case) if case.entity in visit.hub.contracts.entities else None
    if found is None:
        raise FlowError("ask.recall_unknown", id=recall_id)
    visit.saw([found.case.record_id])
    return found


def _told(tx: Transaction, visit: RequestContext, case: Case) -> Told | None:
    """All of it for those who look into everything, to a unit what it got itself; None: it is not concerned."""
    entity, account = visit.hub.contracts.entities[case.entity], visit.reader.account
    rights = visit.rights_to(tx, str(case.record_id))
    mine = recalls.colleagues(tx, account.name)
    got = recalls.receivers(tx, case.id)
    own = [one for one in got if one.kind == "reader" and one.name in mine]
    if not (rights.whole or own):
        return None
    with visit.reading() as confined:
        known = projects.known(confined, entity, case.record_id)
    now = {case.field: known.values.get(case.field)} if known and not known.deleted else {}
    return Told(
        case,
        value=rights.seen(entity, {case.field: case.value}).get(case.field),
        now=rights.seen(entity, now).get(case.field),
        received=got if rights.whole else own,
        owed=any(one.acknowledged_at is None for one in own),
    )


def _acknowledge(visit: RequestContext, recall_id: int, note: str) -> None:
    account = visit.reader.account.name
    with visit.hub.database.transaction() as tx:
        names = recalls.colleagues(tx, account)
        recall.acknowledge(tx, visit.hub.contracts, recall_id, names=names, by=account, note=note)
