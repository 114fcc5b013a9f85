"""The catalogue: entities and fields, who shares them, freshness, the reader's access."""

from collections.abc import Iterable

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE, SEEING_PROJECTS
from hub.console import access_terms, components
from hub.console.components import Tone
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import day, lapse, number, pick, t
from hub.domain.contracts import Contracts, Entity, Field
from hub.domain.value_text import unit_words
from hub.services import catalogue
from hub.services.catalogue import CatalogueEntry, CatalogueField, CatalogueSheet, Sharing
from hub.services.view import Title

SIGHTS = {"shown": "原值", "masked": "掩码", "hidden": "不可见"}
SIGHT_TONES: dict[str, Tone] = {"shown": "good", "masked": "warn", "hidden": "plain"}
CLASS_TONES: dict[str, Tone] = {
    "public": "plain",
    "internal": "plain",
    "personal": "warn",
    "secret": "bad",
}
WAY_NAMES = {
    "entry": "在线录入",
    "workbook": "批量导入",
    "interface": "接口|way",
    "exchange": "交换|way",
}
KINDS = {
    "string": "文本",
    "integer": "整数",
    "boolean": "是否",
    "date": "日期",
    "month": "月份",
    "datetime": "时间",
    "decimal": "小数",
    "strings": "文本列表",
    "geojson": "图形",
}


@page(
    "/catalogue",
    title="数据目录",
    roles=SEEING_PROJECTS,
    menu=MenuEntry("use", 30, "menu_book"),
)
async def listed(page: ConsolePage, q: str = "") -> None:
    """Every entity; q: filter by title of entity or field."""
    ui.add_css(access_terms.STYLE)
    offers = await page.look(catalogue.listed)
    wanted = q.strip().lower()
    contracts = page.hub.contracts
    every = [(offer, contracts.granted[offer.entity]) for offer in offers]
    found = [(offer, entity, _matching(entity, wanted)) for offer, entity in every]
    rows = [
        _row(offer, some)
        for offer, entity, some in found
        if not wanted or some or _called(entity, wanted)
    ]
    with components.card():
        components.show(
            Markup(
                '<form class="row no-print" role="search" action="/catalogue"><label>{} '
                '<input class="box" name="q" type="search" value="{}"></label>'
                '<button class="action" type="submit">{}</button></form>'
            ).format(t("数据或字段"), q, t("查找"))
        )
        components.table(
            [
                t("数据"),
                t("字段|several"),
                t("约计条数"),
                t("共享系统与时效"),
                t("用于表单"),
                t("有授权账号"),
                t("我可查看"),
            ],
            rows,
            numeric=(1, 2, 4, 5),
            caption=t("共享的数据，不含任何取值"),
            nothing=t("没有这样的数据或字段。"),
        )


@page("/catalogue/{entity}", title="目录详情", roles=SEEING_PROJECTS)
async def entry(page: ConsolePage, entity: str) -> None:
    """One entity with its fields."""
    ui.add_css(access_terms.STYLE)
    sheet = await page.look(lambda visit: catalogue.sheet(visit, entity))
    contracts = page.hub.contracts
    about = contracts.granted[entity]
    with components.card(pick(about.title_zh, about.title_en)):
        components.facts(
            [
                (t("代号"), components.code(about.name)),
                (
                    t("主键"),
                    t("、").join(_field_title(about.fields[name]) for name in about.key),
                ),
                (t("约计条数"), _about(sheet.records)),
                (t("共享系统与时效"), _shared(sheet.shared_by)),
                (
                    t("推送给"),
                    t("、").join(_systems(contracts, sheet.received_by)),
                ),
                (t("用于表单"), t("、").join(_forms(contracts, sheet.forms))),
                (t("有授权账号"), number(sheet.readers)),
                (t("我可查看"), _sees(sheet)),
            ]
        )
        if page.reader.account.role in PEOPLE:
            with ui.element("div").classes("row"):
                components.show(
                    access_terms.action(address("/applications/new", entity=entity), t("申请使用"))
                )
    _ways(sheet)
    with components.card(t("字段|several")):
        components.table(
            [
                t("字段"),
                t("分类"),
                t("类型"),
                t("标准"),
                t("来源（权威在先）"),
                t("推送给"),
                t("用于表单"),
                t("我看到的"),
            ],
            [_field(contracts, one) for one in sheet.every_field],
        )
    _grants(sheet)


def _ways(sheet: CatalogueSheet) -> None:
    """In which of the four ways each system supplies it, side by side."""
    if not sheet.shared_by:
        return
    with components.card(t("供数方式")):
        components.table(
            [t("系统"), *(t(WAY_NAMES[way]) for way in catalogue.WAYS)],
            [
                (
                    _title(one.title),
                    *(
                        components.badge(t("是"), tone="good") if way in one.ways else ""
                        for way in catalogue.WAYS
                    ),
                )
                for one in sheet.shared_by
            ],
        )


def _grants(sheet: CatalogueSheet) -> None:
    with components.card(t("有效授权")):
        components.table(
            [
                t("账号"),
                t("分类"),
                t("范围"),
                t("用途"),
                t("止"),
                t("申请"),
            ],
            [
                (
                    one.account,
                    access_terms.classes_title(one.classes),
                    access_terms.limits(one.regions, open_case_only=one.open_case_only),
                    one.purpose,
                    day(one.valid_until),
                    components.link(f"/applications/{one.application_id}", f"#{one.application_id}")
                    if one.application_id
                    else None,
                )
                for one in sheet.grants
            ],
            nothing=t("没有您可知悉的授权。"),
        )


def _row(offer: CatalogueEntry, some: list[Field]) -> list[object]:
    title = components.link(f"/catalogue/{offer.entity}", _title(offer.title))
    named = Markup('{} <span class="soft">{}</span>').format(title, offer.entity)
    if some:
        titles = t("、").join(_field_title(field) for field in some)
        named = Markup('{}<br><span class="soft">{}</span>').format(named, titles)
    return [
        named,
        number(offer.fields),
        _about(offer.records),
        _shared(offer.shared_by),
        number(len(offer.forms)),
        number(offer.readers),
        _sees(offer),
    ]


def _field(contracts: Contracts, field: CatalogueField) -> list[object]:
    return [
        Markup('{}<br><span class="soft nowrap">{}</span>').format(_title(field.title), field.name),
        components.badge(
            access_terms.class_title(field.classed), tone=CLASS_TONES.get(field.classed, "plain")
        ),
        _kind(contracts, field),
        Markup("<br>").join(
            Markup('<span class="nowrap">{}</span>').format(one) for one in field.standard
        ),
        _sources(contracts, field),
        _folded(_systems(contracts, field.received_by)),
        _folded(_forms(contracts, field.forms)),
        components.badge(t(SIGHTS[field.sight]), tone=SIGHT_TONES[field.sight]),
    ]


def _sources(contracts: Contracts, field: CatalogueField) -> Markup:
    best = [name for name in field.authority if name in contracts.systems]
    others = [name for name in field.shared_by if name not in best]
    named = [
        Markup("{} {}").format(f"{place}.", one)
        for place, one in enumerate(_systems(contracts, best), 1)
    ]
    named += [
        Markup('<span class="soft">{}</span>').format(one) for one in _systems(contracts, others)
    ]
    return Markup("<br>").join(named)


def _folded(names: Iterable[str]) -> Markup | None:
    """A count that unfolds to names."""
    every = list(names)
    if not every:
        return None
    return Markup("<details><summary>{}</summary>{}</details>").format(
        len(every), Markup("<br>").join(every)
    )


def _kind(contracts: Contracts, field: CatalogueField) -> str:
    more = [pick(*unit_words(contracts, field.unit))] if field.unit else []
    if field.code and field.code in contracts.code_lists:
        codes = contracts.code_lists[field.code]
        more.append(pick(codes.title_zh, codes.title_en))
    kind = t(KINDS[field.kind])
    return f"{kind} ({', '.join(more)})" if more else kind


def _shared(shared: Iterable[Sharing]) -> Markup:
    lights = (
        components.light(
            "green" if one.fresh else "grey" if one.seconds is None else "yellow",
            f"{_title(one.title)} "
            + (t("尚未共享") if one.seconds is None else lapse(one.seconds)),
        )
        for one in shared
    )
    return Markup("<br>").join(lights)


def _systems(contracts: Contracts, names: Iterable[str]) -> list[str]:
    return [pick(one.title_zh, one.title_en) for one in map(contracts.systems.__getitem__, names)]


def _forms(contracts: Contracts, names: Iterable[str]) -> list[str]:
    return [pick(one.title_zh, one.title_en) for one in map(contracts.forms.__getitem__, names)]


def _title(both: Title) -> str:
    return pick(both.zh, both.en)


def _sees(offer: CatalogueEntry) -> Markup:
    return components.badge(t("是"), tone="good") if offer.visible else components.badge(t("否"))


def _about(records: int | None) -> str | None:
    return None if records is None else number(records)


def _field_title(field: Field) -> str:
    return pick(field.title_zh, field.title_en)


def _called(entity: Entity, wanted: str) -> bool:
    return any(wanted in text.lower() for text in (entity.name, entity.title_zh, entity.title_en))


def _matching(entity: Entity, wanted: str) -> list[Field]:
    if not wanted:
        return []
    return [
        field
        for field in entity.fields.values()
        if any(wanted in text.lower() for text in (field.name, field.title_zh, field.title_en))
    ]
