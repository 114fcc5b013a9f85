"""The departments' start page: choose form and project; the unit's agenda below."""

from collections.abc import Mapping

from markupsafe import Markup
from nicegui import ui
from nicegui.element import Element

from hub.auth.context import PEOPLE
from hub.console import components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.search import STYLE, finder
from hub.console.words import day, moment, pick, t
from hub.domain.contracts import Entity, PrefillForm
from hub.services.unit_agenda import Concerns, Submission, concerns


@page(
    "/prefill",
    title="表单预填",
    roles=PEOPLE,
    menu=MenuEntry("use", 10, "edit_note"),
)
async def prefill(page: ConsolePage, form: str = "", q: str = "") -> None:
    """Choose a form, find a project; below, the unit's agenda."""
    ui.add_css(STYLE)
    forms = page.hub.contracts.forms
    chosen = forms.get(form) or _own(list(forms.values()), page.reader.account.department)
    with components.card(t("1. 选择表单")):
        _choice(list(forms.values()), chosen)
    with components.card(t("2. 查找项目")):
        await finder(
            page,
            q,
            to=lambda code: address(f"/prefill/{chosen.name}", project_code=code),
            here=lambda typed: address("/prefill", form=chosen.name, q=typed),
        )
    found = await page.look(concerns)
    with ui.element("div").classes("columns"):
        _handed_in(page, found.handed_in)
        _matters(page, found)


def _own(forms: list[PrefillForm], department: str) -> PrefillForm:
    """The form of the reader's unit, else the first."""
    return next((one for one in forms if one.department and one.department in department), forms[0])


def _choice(forms: list[PrefillForm], chosen: PrefillForm) -> Element:
    links = Markup("").join(
        Markup(
            '<li><a class="choice" href="{}"{}><b>{}</b><span data-content>{}</span></a></li>'
        ).format(
            address("/prefill", form=one.name),
            Markup(' aria-current="true"') if one is chosen else "",
            pick(one.title_zh, one.title_en),
            one.department,
        )
        for one in forms
    )
    return components.show(Markup('<ul class="choices">{}</ul>').format(links)).classes("wide")


def _handed_in(page: ConsolePage, rows: list[Submission]) -> None:
    forms = page.hub.contracts.forms
    with components.card(t("本单位最近提交")):
        components.table(
            [
                t("时间"),
                t("表单"),
                t("项目"),
                t("来自中枢"),
            ],
            [
                (
                    moment(one.at),
                    pick(forms[one.form].title_zh, forms[one.form].title_en)
                    if one.form in forms
                    else one.form,
                    components.link(
                        address(f"/prefill/{one.form}", project_code=one.project_code),
                        one.project_code,
                    ),
                    _share(one),
                )
                for one in rows
            ],
            numeric=(3,),
            nothing=t("还没有提交过预填的表单。"),
        )
        components.show(components.link("/meter", t("一次填报统计")))


def _share(one: Submission) -> str:
    spared = sum(origin in {"hub", "outdated"} for origin in one.fields.values())
    asked = sum(origin != "empty" for origin in one.fields.values())
    return f"{spared} / {asked}"


def _matters(page: ConsolePage, found: Concerns) -> None:
    entities = page.hub.contracts.entities
    with components.card(t("需要关注")):
        components.table(
            [t("事项"), t("内容"), t("期限")],
            [
                *(
                    (
                        components.link("/applications", t("授权即将到期")),
                        t("、").join(_title(entities, name) for name in one.entities),
                        day(one.valid_until),
                    )
                    for one in found.ending
                ),
                *(
                    (
                        components.link(f"/disputes/{one.id}", t("数据校核|one")),
                        f"{_title(entities, one.entity)} {one.field}",
                        moment(one.clock),
                    )
                    for one in found.disputes
                ),
            ],
            nothing=t("没有即将到期的授权，也没有未办结的数据校核。"),
        )


def _title(entities: Mapping[str, Entity], name: str) -> str:
    found = entities.get(name)
    return pick(found.title_zh, found.title_en) if found else name
