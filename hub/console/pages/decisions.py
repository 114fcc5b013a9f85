"""Decisions of people: which stand, and the form that settles a field by hand."""

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING, RequestContext
from hub.console import parts, showing
from hub.console.frame import Entry
from hub.console.page import Page, address, page
from hub.console.words import t
from hub.db import projects, records
from hub.db.projects import Known
from hub.domain.contracts import Entity
from hub.errors import FlowError
from hub.model import STEWARD, Value
from hub.pipeline import decide
from hub.pipeline.decide import Decision, Word, refuse_masked
from hub.services import decisions
from hub.services.recall import as_text


@page("/decisions", zh="人工裁定", en="Decisions", roles=ADMINISTERING, menu=Entry("manage", 40, "gavel"))
async def listed(page: Page) -> None:
    """Decisions that stand, with what the systems say today."""
    ui.add_css(showing.STYLE)
    found = await page.look(_standing)
    contracts = page.hub.contracts
    with parts.card():
        parts.table(
            [
                *(
                    t("记录", "Record"),
                    t("字段", "Field"),
                    t("裁定", "Decided"),
                    t("各来源现在的值", "What the sources say"),
                ),
                *(t("仍需要", "Still needed"), t("经办", "By"), t("理由", "Reason"), t("操作", "Do")),
            ],
            [
                (
                    parts.link(f"/records/{one.record_id}", f"{showing.entity(entity)} {one.key}"),
                    showing.field(about),
                    showing.value(contracts, about, one.value),
                    "；".join(
                        f"{showing.system(contracts, name)}：{showing.value(contracts, about, said)}"
                        for name, said in one.systems.items()
                    ),
                    parts.badge(t("是", "yes"))
                    if one.still
                    else parts.badge(t("来源已一致", "sources agree"), tone="good"),
                    f"{one.by} {one.at[:10]}",
                    one.reason,
                    parts.link(
                        address("/decisions/new", record=one.record_id, field=one.field),
                        t("改动或撤销", "Change or undo"),
                    ),
                )
                for one in found
                for entity in [contracts.entities[one.entity]]
                for about in [entity.fields[one.field]]
            ],
            nothing=t(
                "没有裁定。来源不一致而双方都不更正时，在项目页“数据不一致”处裁定。",
                "No decisions. Where sources differ and none gives way, settle it on the project's page.",
            ),
        )


@page("/decisions/new", zh="裁定", en="Settle a field", roles=ADMINISTERING)
async def new(page: Page, record: int, field: str) -> None:
    """What the sources say, and what it is to be from now on."""
    ui.add_css(showing.STYLE)
    known, entity, said = await page.look(lambda visit: _said(visit, record, field))
    contracts, about = page.hub.contracts, entity.fields[field]
    named = parts.content(known.values.get("name") or known.key)
    with parts.card(Markup("{} {} · {}").format(showing.entity(entity), named, showing.field(about))):
        parts.table(
            [t("来源", "Source"), t("值", "Value")],
            [(showing.system(contracts, name), showing.value(contracts, about, value)) for name, value in said],
        )
        offered = {as_text(value): showing.value(contracts, about, value) for _, value in said if value is not None}
        codes = contracts.code_lists.get(about.code or "")
        if codes is not None:
            offered |= {code: f"{code} {t(*words)}" for code, words in codes.values.items() if code not in offered}
            value = ui.select(offered, label=t("裁定为", "It is"), with_input=True).props("outlined")
        else:
            value = ui.select(
                offered,
                label=t("裁定为（可选，也可另填后回车）", "It is (choose, or type another and press Enter)"),
                with_input=True,
                new_value_mode="add-unique",
            ).props("outlined")
        value.classes("wide")
        reason = ui.textarea(t("理由", "Why")).props("autogrow outlined maxlength=1000").classes("wide")

        async def settle() -> None:
            word = Word(str(value.value or ""), page.reader.account.name, str(reason.value or ""))
            await page.act("decide", lambda visit: _settle(visit, record, field, word))
            ui.navigate.to(_back(known))

        async def undo() -> None:
            why = str(reason.value or "")
            await page.act("undecide", lambda visit: decisions.undecide(visit, str(record), field, reason=why))
            ui.navigate.to(_back(known))

        with ui.element("div").classes("row"):
            parts.button(t("裁定", "Settle"), settle)
            if any(name == STEWARD for name, _ in said):
                parts.button(t("撤销裁定", "Take the decision back"), undo, kind="plain")
        parts.text(
            t(
                "裁定优先于所有来源，直到撤销；与其他数据一样存证、可溯源，并推送给各单位。",
                "It outranks every source until it is taken back, and is sealed, traced and delivered like any value.",
            ),
            kind="soft",
        )


def _settle(visit: RequestContext, record: int, field: str, word: Word) -> None:
    decisions.decide(visit, str(record), field, word=word)


def _back(known: Known) -> str:
    code = known.values.get("project_code")
    return f"/projects/{code}" if code else "/decisions"


def _standing(visit: RequestContext) -> list[Decision]:
    with visit.hub.database.transaction() as tx:
        found = decide.standing(tx, visit.hub.contracts)
    visit.saw([one.record_id for one in found])
    entities, rights = visit.hub.contracts.entities, visit.reader.rights
    return [one for one in found if rights.sight(one.entity, entities[one.entity].fields[one.field]) == "shown"]


def _said(visit: RequestContext, record: int, field: str) -> tuple[Known, Entity, list[tuple[str, Value]]]:
    """The record, and what every source says of the field, as the reader may see it."""
    contracts = visit.hub.contracts
    with visit.hub.database.transaction() as tx:
        found = projects.find(tx, str(record))
        entity = contracts.entities.get(found[1]) if found else None
        if entity is None:
            raise FlowError("ask.record_unknown", record=record)
        claims = records.claims(tx, entity, [record]).get(record, [])
    with visit.reading() as tx:
        known = projects.known(tx, entity, record)
    visit.saw([record])
    if known is None:
        raise FlowError("ask.record_unknown", record=record)
    if field not in entity.fields:
        raise FlowError("ask.field_unknown", entity=entity.name, field=field)
    rights = visit.reader.rights
    refuse_masked(entity, field, rights)
    newest = {
        claim.system: rights.seen(entity, {field: claim.values[field]}).get(field)
        for claim in sorted(claims, key=lambda claim: claim.version)
        if claim.values.get(field) is not None
    }
    return known, entity, list(newest.items())
