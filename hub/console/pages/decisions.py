"""Decisions in force, and the form to settle a field by hand."""

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import ADMINISTERING
from hub.console import components, formatting
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import pick, t
from hub.services import decisions
from hub.services.decisions import FieldSources, as_text


@page(
    "/decisions",
    title="人工裁定",
    roles=ADMINISTERING,
    menu=MenuEntry("manage", 40, "gavel"),
)
async def listed(page: ConsolePage) -> None:
    """Decisions in force beside the systems' values of today."""
    ui.add_css(formatting.STYLE)
    contracts, rights = page.hub.contracts, page.reader.rights
    found = [
        one
        for one in await page.look(decisions.listed)
        if rights.sight(one.entity, contracts.entities[one.entity].fields[one.field]) == "shown"
    ]
    with components.card():
        components.table(
            [
                t("记录"),
                t("字段"),
                t("裁定|state"),
                t("各来源现在的值"),
                t("仍需要"),
                t("经办"),
                t("理由"),
                t("操作"),
            ],
            [
                (
                    components.link(
                        f"/records/{one.record_id}", f"{formatting.entity(entity)} {one.key}"
                    ),
                    formatting.field(about),
                    formatting.value(contracts, about, one.value),
                    "；".join(
                        (
                            f"{formatting.system(contracts, name)}："
                            f"{formatting.value(contracts, about, said)}"
                        )
                        for name, said in one.systems.items()
                    ),
                    components.badge(t("是"))
                    if one.still
                    else components.badge(t("来源已一致"), tone="good"),
                    f"{one.by} {one.at[:10]}",
                    one.reason,
                    components.link(
                        address("/decisions/new", record=one.record_id, field=one.field),
                        t("改动或撤销"),
                    ),
                )
                for one in found
                for entity in [contracts.entities[one.entity]]
                for about in [entity.fields[one.field]]
            ],
            nothing=t("没有裁定。来源不一致而双方都不更正时，在项目页“数据不一致”处裁定。"),
        )


@page("/decisions/new", title="裁定", roles=ADMINISTERING)
async def new(page: ConsolePage, record: int, field: str) -> None:
    """What each source says, and the value that is to hold."""
    ui.add_css(formatting.STYLE)
    found = await page.look(lambda visit: decisions.sources(visit, record, field))
    contracts, entity, said = (
        page.hub.contracts,
        page.hub.contracts.entities[found.entity],
        found.said,
    )
    about, named = entity.fields[field], components.content(found.name)
    with components.card(
        Markup("{} {} · {}").format(formatting.entity(entity), named, formatting.field(about))
    ):
        components.table(
            [t("来源"), t("值")],
            [
                (formatting.system(contracts, name), formatting.value(contracts, about, value))
                for name, value in said.items()
            ],
        )
        offered = {
            as_text(value): formatting.value(contracts, about, value)
            for value in said.values()
            if value is not None
        }
        codes = contracts.code_lists.get(about.code or "")
        if codes is not None:
            offered |= {
                code: f"{code} {pick(*words)}"
                for code, words in codes.values.items()
                if code not in offered
            }
            value = ui.select(offered, label=t("裁定为"), with_input=True).props("outlined")
        else:
            value = ui.select(
                offered,
                label=t("裁定为（可选，也可另填后回车）"),
                with_input=True,
                new_value_mode="add-unique",
            ).props("outlined")
        value.classes("wide")
        reason = ui.textarea(t("理由")).props("autogrow outlined maxlength=1000").classes("wide")

        async def settle() -> None:
            is_now, why = str(value.value or ""), str(reason.value or "")
            await page.act(
                "decide",
                lambda visit: decisions.decide(visit, str(record), field, value=is_now, reason=why),
            )
            ui.navigate.to(_back(found))

        async def undo() -> None:
            why = str(reason.value or "")
            await page.act(
                "undecide", lambda visit: decisions.undecide(visit, str(record), field, reason=why)
            )
            ui.navigate.to(_back(found))

        with ui.element("div").classes("row"):
            components.button(t("裁定"), settle)
            if found.decided:
                components.button(t("撤销裁定"), undo, kind="plain")
        components.text(
            t("裁定优先于所有来源，直到撤销；与其他数据一样存证、可溯源，并推送给各单位。"),
            kind="soft",
        )


def _back(found: FieldSources) -> str:
    return f"/projects/{found.project_code}" if found.project_code else "/decisions"
