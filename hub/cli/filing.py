"""The command for files that records name: what is held, and what could not be fetched."""

from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.services import files as held
from hub.services.files import FilesStanding, RecordFiles


def add_to(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(files)


def files(
    *,
    project: Annotated[str | None, typer.Option("--project", help="项目代码")] = None,
    as_json: JsonFlag = False,
) -> None:
    """How fetching of files stands, or the files of a project's records."""
    shown = screen()
    with asking("files") as context:
        if project is not None:
            found = held.of_project(context, project)
            shown.data(found) if as_json else _of_project(shown, found)
            return
        stands = held.standing(context)
    shown.data(stands) if as_json else _standing(shown, stands)


def _standing(shown: Screen, stands: FilesStanding) -> None:
    shown.table(
        ("流程", "结果|several", "平衡", "原因与处理"),
        [
            (
                one.flow,
                shown.sums(one.counts),
                shown.balance(balanced=one.balanced),
                Lines.of(
                    [
                        f"{failed.files} × {shown.pick(failed.why.zh, failed.why.en)}"
                        f" → {shown.pick(failed.why.cure_zh, failed.why.cure_en)}"
                        for failed in one.failed
                    ]
                ),
            )
            for one in stands.flows
        ],
        title=shown.t("已存附件 {files} 个，{bytes} 字节", files=stands.files, bytes=stands.bytes),
    )


def _of_project(shown: Screen, found: list[RecordFiles]) -> None:
    shown.table(
        ("记录", "字段", "状态", "摘要", "类型"),
        [
            (one.record_id, file.field, shown.word(file.state), file.sha256 or "", file.type or "")
            for one in found
            for file in one.files
        ],
    )
