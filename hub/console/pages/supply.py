"""Units without a system: template and workbook, one record by form, corrections, withdrawals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from nicegui import events, ui
from nicegui.element import Element

from hub.auth.context import HANDING_IN
from hub.console import components
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import lang, moment, number, pick, t, word
from hub.errors import HubError
from hub.services import supply
from hub.services.prefill.search import Suggestion
from hub.services.supply import SupplyAnswer, SupplyColumn, SupplySheet

# Quasar's own button has no name, and its field for the file no label.
PICKING = Markup(
    '<q-btn flat no-caps icon="upload_file" class="full-width" label="{}" '
    '@click="props.pickFiles"></q-btn>'
    '<div style="display: none"><q-uploader-add-trigger></q-uploader-add-trigger></div>'
)
STYLE = (Path(__file__).parents[1] / "handing_in.css").read_text(encoding="utf-8")
HINTED = {"date", "datetime", "month", "integer", "decimal"}
KINDS = {"workbook": "批量导入", "entry": "在线录入", "withdrawal": "撤回|noun"}
MOST_SHOWN = 200


@dataclass(slots=True)
class EntryForm:
    """A record being filled in: its inputs by column."""

    page: ConsolePage
    flow: str
    inputs: dict[str, ui.input | ui.select] = field(default_factory=dict)

    @property
    def cells(self) -> dict[str, str]:
        """What is in the inputs now."""
        return {header: str(one.value or "") for header, one in self.inputs.items()}


@page("/supply", title="数据报送", roles=HANDING_IN, menu=MenuEntry("use", 20, "upload_file"))
async def offers(page: ConsolePage) -> None:
    """The flows by which the reader's unit may hand in records."""
    found = await page.look(supply.listed)
    with components.card():
        components.table(
            [t("数据"), t("系统"), t("单位")],
            [
                (
                    components.link(f"/supply/{one.flow}", pick(one.title.zh, one.title.en)),
                    pick(one.system.zh, one.system.en),
                    pick(one.department.zh, one.department.en),
                )
                for one in found
            ],
            nothing=t("没有可报送的数据：须由本单位的账号登录，并持有该数据的授权。"),
        )


@page("/supply/{flow}", title="数据报送", roles=HANDING_IN)
async def sheet(page: ConsolePage, flow: str, key: str = "") -> None:
    """One flow. key: the record to correct."""
    ui.add_css(STYLE)
    found = await page.look(lambda visit: supply.one(visit, flow))
    if key:
        cells = await page.look(lambda visit: supply.cells_of(visit, flow, key))
        with ui.element("div").classes("page supply"), components.card(t("更正 {key}", key=key)):
            _form(page, found, cells)
        return
    with ui.element("div").classes("page supply"):
        with components.card(pick(found.title.zh, found.title.en)):
            _upload(page, found)
        with components.card(t("在线录入")):
            _form(page, found, {})
        with components.card(t("现有记录")):
            _records(page, found)
        with components.card(t("最近报送")):
            _acts(found)


def _upload(page: ConsolePage, found: SupplySheet) -> None:
    steps = t("下载模板，逐行填写后上传。整份核对无误才收下；有误时逐格说明，一行也不收。")
    components.text(steps, kind="soft")
    if found.regions:
        regions = t("、").join(found.regions)
        components.text(t("只能报送这些地区的项目：{regions}", regions=regions), kind="soft")

    async def template() -> None:
        spoken = lang()
        made = await page.act(
            "template", lambda visit: supply.blank(visit, found.flow, lang=spoken)
        )
        ui.download.content(made, f"{found.flow}.xlsx")

    async def take(event: events.UploadEventArguments) -> None:
        name, content = event.file.name, await event.file.read()
        outcome.clear()
        with outcome:
            try:
                answer = await page.act(
                    "upload",
                    lambda visit: supply.upload(
                        visit, found.flow, name, content, pull=page.hub.pull
                    ),
                )
                _answered(answer)
            except HubError as error:
                components.problem(error)
        picker.reset()

    with ui.element("div").classes("row no-print"):
        components.button(t("下载模板"), template, kind="plain")
    picker = ui.upload(on_upload=take, auto_upload=True, max_files=1)
    picker.props('accept=".xlsx" flat').classes("upload no-print")
    picker.add_slot("header", PICKING.format(t("上传填好的工作簿")))
    outcome = ui.element("div").props("aria-live=polite").classes("wide")


def _form(page: ConsolePage, found: SupplySheet, cells: Mapping[str, str]) -> None:
    form = EntryForm(page, found.flow)
    with ui.element("div").classes("entry"):
        for column in found.columns:
            with ui.element("div"):
                value = cells.get(column.header, "")
                form.inputs[column.header] = _input(form, column, value)

    async def send() -> None:
        outcome.clear()
        with outcome:
            answer = await page.act(
                "enter",
                lambda visit: supply.enter(visit, found.flow, form.cells, pull=page.hub.pull),
            )
            _answered(answer)

    with ui.element("div").classes("row no-print"):
        components.button(t("提交更正") if cells else t("提交|verb"), send)
        if cells:
            components.show(components.link(f"/supply/{found.flow}", t("返回")))
    outcome = ui.element("div").props("aria-live=polite").classes("wide")


def _input(form: EntryForm, column: SupplyColumn, value: str) -> ui.input | ui.select:
    label = pick(column.header, column.title.en) + (" *" if column.required else "")
    if column.title.zh != column.header:  # a heading of the unit's own
        label = pick(t("{title}（{unit}）", title=label, unit=column.title.zh), label)
    if column.choices:
        offered = ["", *column.choices]
        return (
            ui.select(offered, value=value if value in offered else "", label=label)
            .props("outlined dense")
            .classes("wide")
        )
    made = ui.input(label, value=value).props("outlined dense autocomplete=off").classes("wide")
    if column.kind in HINTED or column.names_project:
        made.props(f'hint="{column.example}"')
    if column.key and value:
        made.props("readonly")
    if column.names_project:
        _suggesting(form, made)
    return made


def _suggesting(form: EntryForm, made: ui.input) -> None:
    """Projects below the input of the code, to be chosen by a click."""
    made.props("debounce=200")
    below = ui.element("div").props("aria-live=polite").classes("wide")

    async def typed() -> None:
        wanted = str(made.value or "").strip()
        rows = (
            await form.page.look(lambda visit: supply.suggested(visit, form.flow, wanted))
            if wanted
            else []
        )
        if str(made.value or "").strip() != wanted:
            return  # a newer text has its own answer
        below.clear()
        with below:
            for row in rows:
                if row.project_code and row.project_code != wanted:
                    _choice(made, below, row)

    made.on_value_change(typed)


def _choice(made: ui.input, below: Element, row: Suggestion) -> None:
    def chosen() -> None:
        made.set_value(row.project_code)
        below.clear()

    name = str(row.values.get("name") or "")
    components.button(f"{row.project_code}　{name}", chosen, kind="plain")


def _answered(answer: SupplyAnswer) -> None:
    if answer.taken:
        said = t(
            "已收下 {rows} 行，回执 {receipt}", rows=number(answer.rows), receipt=answer.receipt
        )
        components.show(Markup('<p class="done" role="status">{}</p>').format(said))
        became = [f"{word(name)} {number(count)}" for name, count in answer.outcomes.items()]
        components.text(t("、").join(became), kind="soft")
        if answer.examples:
            components.text(t("示例行没有收下。"), kind="soft")
        return
    count = len(answer.faults)
    components.show(
        Markup('<div class="problem" role="alert"><b>{}</b></div>').format(
            t("一行也没有收下：{count} 处需要更正", count=number(count))
        )
    ).classes("wide")
    components.table(
        [t("单元格"), t("列"), t("问题"), t("处理")],
        [
            (
                components.code(one.cell) if one.cell else None,
                one.header,
                pick(one.zh, one.en),
                pick(one.cure_zh, one.cure_en),
            )
            for one in answer.faults[:MOST_SHOWN]
        ],
    )
    if count > MOST_SHOWN:
        components.text(t("此处列出前 {most} 处。", most=number(MOST_SHOWN)), kind="soft")


def _records(page: ConsolePage, found: SupplySheet) -> None:
    components.table(
        [t("编号"), t("项目代码"), t("文件"), t("单元格"), t("账号"), t("回执"), ""],
        [
            (
                one.key,
                one.project_code,
                one.file,
                one.cells,
                one.account,
                one.receipt,
                Markup('<span class="nowrap">{}</span>').format(
                    components.link(address(f"/supply/{found.flow}", key=one.key), t("更正|verb"))
                ),
            )
            for one in found.records
        ],
        numeric=(5,),
        nothing=t("还没有记录。上传或录入后，待中枢收取即出现在这里。"),
    )
    if found.records and found.may_withdraw:
        _withdrawing(page, found)


def _withdrawing(page: ConsolePage, found: SupplySheet) -> None:
    async def send() -> None:
        key, reason = str(chosen.value or ""), str(why.value or "")
        await page.act(
            "withdraw",
            lambda visit: supply.withdraw(
                visit, found.flow, key, reason=reason, pull=page.hub.pull
            ),
        )
        ui.navigate.reload()

    with ui.element("div").classes("acts no-print"):
        keys = [one.key for one in found.records]
        chosen = ui.select(keys, value=keys[0], label=t("编号")).props("dense outlined")
        why = ui.input(t("理由")).props("dense outlined maxlength=1000").style("min-width: 320px")
        components.button(t("撤回|verb"), send, kind="bad")


def _acts(found: SupplySheet) -> None:
    components.table(
        [t("时间"), t("方式"), t("账号"), t("文件"), t("行数"), t("说明|remark"), t("回执")],
        [
            (
                moment(one.at),
                t(KINDS[one.kind]),
                one.account,
                one.file,
                number(one.rows),
                t("、").join(filter(None, (one.key, one.reason))),
                one.inbound_id,
            )
            for one in found.acts
        ],
        numeric=(4, 6),
        nothing=t("还没有报送过。"),
    )
