"""Dry run: a changed mapping or schema run over what has landed, and what would differ."""

from collections import Counter

from markupsafe import Markup
from nicegui import events, ui

from hub.auth.context import ADMINISTERING
from hub.config import contract_files, mapping_file
from hub.console import components
from hub.console.flows import asking, cause_words, entity_title, flow_title, styled
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import cure, number, pick, say, t, word
from hub.domain.contracts import Contracts
from hub.domain.documents import Unread
from hub.domain.load import ContractsInvalidError
from hub.errors import FlowError
from hub.services.dry_run import Changes, Rehearsed, dry_run

SAMPLE, MOST = 1000, 20_000


@page(
    "/rehearse",
    title="预演",
    roles=ADMINISTERING,
    menu=MenuEntry("watch", 6, "science"),
)
async def rehearsing(page: ConsolePage, flow: str = "", file: str = "") -> None:
    """Choose a flow, change its mapping or schema, see the result."""
    styled()
    contracts = page.hub.contracts
    flows = [(name, name) for name in [*contracts.pulls, *contracts.pushes]]
    chosen = flow or flows[0][0]
    if chosen not in contracts.pulls and chosen not in contracts.pushes:
        raise FlowError("flow.unknown", flow=chosen)
    entity = chosen.split(".")[2]
    files = [
        (mapping_file(chosen), t("映射")),
        (f"schemas/{entity}.json", t("数据标准")),
    ]
    path = next((name for name, _ in files if name == file), files[0][0])
    asking(
        "/rehearse",
        [("flow", t("流程"), chosen, flows), ("file", t("文件"), path, files)],
        t("打开"),
    )
    text = await page.look(lambda visit: contract_files(visit.hub.settings.home).get(path, ""))
    with components.card(f"{path}"):
        components.text(
            t("修改后预演，不写入任何内容。"),
            kind="soft",
        )
        editor = _editor(text)
        with ui.element("div").classes("acts"):
            _upload(editor)
            sample = ui.number(t("抽样条数"), value=SAMPLE, min=1, max=MOST, precision=0).props(
                "dense outlined"
            )
            waiting = ui.spinner(size="24px")
            waiting.set_visibility(False)

            async def rehearse() -> None:
                waiting.set_visibility(True)
                shown.clear()
                try:
                    files, most = (
                        {path: str(editor.value)},
                        max(1, min(int(sample.value or SAMPLE), MOST)),
                    )
                    found = await page.act(
                        "rehearse", lambda visit: dry_run(visit, chosen, files, sample=most)
                    )
                    with shown:
                        _show(contracts, found)
                except ContractsInvalidError as error:
                    with shown:
                        _problems(error)
                finally:
                    waiting.set_visibility(False)

            components.button(t("预演|verb"), rehearse)
    shown = ui.element("div").classes("page")


# Quasar's own button has no name, and its field for the file no label.
PICKING = Markup(
    '<q-btn flat no-caps icon="upload_file" class="full-width" label="{}" '
    '@click="props.pickFiles"></q-btn>'
    '<div style="display: none"><q-uploader-add-trigger></q-uploader-add-trigger></div>'
)


def _editor(text: str | Unread) -> ui.textarea:
    made = ui.textarea(value="" if isinstance(text, Unread) else text).props(
        f'outlined rows=22 aria-label="{t("内容")}"'
    )
    return made.classes("wide editor")


def _upload(editor: ui.textarea) -> None:
    async def take(event: events.UploadEventArguments) -> None:
        editor.value = (await event.file.read()).decode("utf-8", "replace")

    label = t("上传改后的文件")
    upload = ui.upload(on_upload=take, auto_upload=True, max_files=1)
    upload.props('accept=".yaml,.yml,.json" flat').classes("upload").add_slot(
        "header", PICKING.format(label)
    )


def _show(contracts: Contracts, found: Rehearsed) -> None:
    with components.card(t("预演结果")):
        _tiles(found)
        components.text(
            t(
                "看了 {read} / {total} 条已接收的报文；未写入任何内容。",
                read=number(found.read),
                total=number(found.total),
            ),
            kind="soft",
        )
    with components.card(t("会改变的字段")):
        _fields(contracts, found)
    for causes, title in (
        (found.set_aside, t("会成为问题数据")),
        (found.accepted, t("不再是问题数据")),
    ):
        if causes:
            with components.card(title):
                _causes(causes)
    with components.card(t("会收到推送的系统")):
        components.table(
            [t("推送流程"), t("结果|several")],
            [
                (
                    flow_title(contracts, push),
                    "，".join(f"{word(name)} {number(count)}" for name, count in sums.items()),
                )
                for push, sums in found.deliveries.items()
            ],
            nothing=t("没有推送会因此发生。"),
        )


def _tiles(found: Rehearsed) -> None:
    tiles = (
        (found.projects, t("涉及项目")),
        (found.created, t("新增记录")),
        (found.changed, t("变更记录")),
        (found.withdrawn, t("撤回记录")),
        (found.set_aside.total(), t("新增问题")),
        (found.accepted.total(), t("消除问题")),
        (
            sum(
                sums.get("upsert", 0) + sums.get("withdraw", 0)
                for sums in found.deliveries.values()
            ),
            t("会推送"),
        ),
    )
    shown = Markup("").join(
        Markup('<div class="tile"><b>{}</b>{}</div>').format(number(count), name)
        for count, name in tiles
    )
    components.show(Markup('<div class="tiles">{}</div>').format(shown)).classes("wide")


def _fields(contracts: Contracts, found: Rehearsed) -> None:
    entity = found.flow.split(".")[2]
    known = contracts.entities[entity].fields if entity in contracts.entities else {}
    components.table(
        [t("字段"), t("记录数"), t("例：现在 → 改后")],
        [
            (
                Markup("{}<br>{}").format(
                    pick(known[name].title_zh, known[name].title_en) if name in known else name,
                    components.code(name),
                ),
                number(changes.times),
                _examples(changes),
            )
            for name, changes in sorted(found.fields.items(), key=lambda pair: -pair[1].times)
        ],
        numeric=(1,),
        nothing=t(
            "{entity_title}的任何字段都不会改变。", entity_title=entity_title(contracts, entity)
        ),
    )


def _examples(changes: Changes) -> Markup:
    return Markup("<br>").join(
        Markup('{} <span class="was">{}</span> → <span class="then">{}</span>').format(
            components.link(f"/records/{one.record_id}", one.record)
            if one.record_id > 0
            else one.record,
            _plain(one.was),
            _plain(one.would_be),
        )
        for one in changes.examples
    )


def _plain(value: object) -> str:
    return t("（空）") if value is None else str(value)


def _causes(causes: Counter[str]) -> None:
    components.table(
        [t("原因"), t("说明"), t("条数")],
        [
            (components.code(cause), cause_words(cause), number(count))
            for cause, count in causes.most_common()
        ],
        numeric=(2,),
    )


def _problems(error: ContractsInvalidError) -> None:
    """Problems of the changed files: place, reason, cure."""
    components.problem(error)
    components.table(
        [t("位置"), t("问题"), t("处理")],
        [
            (
                components.code(f"{one.file}:{one.line}"),
                say(one.code, one.facts),
                cure(one.code, one.facts),
            )
            for one in error.problems
        ],
    )
