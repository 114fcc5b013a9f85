"""Files that records name: how fetching stands, and one file opened."""

from functools import partial

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, PEOPLE
from hub.console import components, formatting
from hub.console.flows import equation, flow_title, styled
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import moment, number, pick, t
from hub.services import files
from hub.services.files import FetchView


@page("/files", title="附件", roles=LOOKING_INTO, menu=MenuEntry("watch", 3, "attach_file"))
async def found(page: ConsolePage) -> None:
    """The last balance of every flow that fetches, and what failed, with its cure."""
    stands = await page.look(files.standing)
    styled()
    with components.card():
        components.text(
            t(
                "已存附件 {files} 个，{bytes} 字节",
                files=number(stands.files),
                bytes=number(stands.bytes),
            )
        )
    for one in stands.flows:
        _flow(page, one)


def _flow(page: ConsolePage, one: FetchView) -> None:
    with components.card():
        components.show(flow_title(page.hub.contracts, one.flow))
        components.show(equation(one.counts, balanced=one.balanced if one.run_id else None))
        if one.run_id:
            run = components.link(f"/runs/{one.run_id}", f"#{one.run_id}")
            components.text(Markup("{} {}").format(run, moment(one.at)))
        if one.failed:
            components.table(
                [t("个数"), t("原因与处理"), t("例"), t("再次取回")],
                [
                    (
                        number(row.files),
                        formatting.why(
                            pick(row.why.zh, row.why.en), pick(row.why.cure_zh, row.why.cure_en)
                        ),
                        components.code(row.example),
                        moment(row.next_at) if row.next_at else t("不再取回"),
                    )
                    for row in one.failed
                ],
                numeric=(0,),
            )


@page("/files/{record}/{sha256}", title="打开附件", roles=PEOPLE)
async def one(page: ConsolePage, record: int, sha256: str) -> None:
    """One file of a record, for who holds the grant on the field that names it."""
    found = await page.look(partial(files.opened, sha256=sha256, record=record))
    with components.card(t("附件")):
        components.facts(
            [
                (t("记录"), f"#{record}"),
                (t("类型"), found.media),
                (t("字节"), number(len(found.content))),
                (t("摘要"), components.code(sha256)),
            ]
        )
        components.text(
            t("附件来自外部系统，请在受信任的阅读器中打开；每次打开都有记录。"), kind="soft"
        )

        async def save() -> None:
            made = await page.act("open", partial(files.opened, sha256=sha256, record=record))
            ui.download.content(made.content, made.name, made.media)

        with ui.element("div").classes("row no-print"):
            components.button(t("打开"), save)
