"""Commands that seal what was taken in, rebuild what can be derived and list every row that differs."""

import time
from typing import Annotated

import typer

from hub.cli.context import asking, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import verification
from hub.services.verification import VerificationView
from hub.texts import tell


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (verify, seal):
        app.command()(command)


def verify(
    *,
    tables: Annotated[
        bool, typer.Option("--tables", help="逐表列出核验什么 · what is covered, table by table")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="只做这些核对，可多次 · only these checks, repeatable"),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="经办人，默认当前用户 · who; this user unless given")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """由原始报文重建并核对 · rebuild all that can be derived, check what is sealed, list every row that differs."""
    shown = screen()
    if tables:
        with asking("verify") as context:
            proven = verification.proven(context)
        show_tables(shown, proven, as_json=as_json)
        return

    def progress(kind: str, count: int) -> None:
        if count and not as_json:
            shown.progress(f"{kind}: {count}")

    with asking("verify", by) as context:
        found = verification.verify(context, progress, only=only or ())
    if as_json:
        shown.data(found)
    else:
        _show_verified(shown, found)
    if found.wrong or found.unfinished:
        raise typer.Exit(1)


def _show_verified(shown: Screen, found: VerificationView) -> None:
    """What was checked, every row that is listed, and what was not looked at."""
    shown.table(
        [shown.pick("核对内容", "checked"), shown.pick("数量", "count")],
        sorted(found.checked.items()),
    )
    for one in found.listed:
        said = shown.pick(one.said_zh, one.said_en)
        shown.say(f"{one.table} {one.key}: {said}", "red")
    if found.wrong > len(found.listed):
        zh = f"只列出前 {len(found.listed)} 处（HUB_VERIFY_FINDINGS），各表共：{shown.counts(found.by_table)}"
        en = f"only the first {len(found.listed)} are listed (HUB_VERIFY_FINDINGS); {shown.counts(found.by_table)}"
        shown.say(shown.pick(zh, en))
    for names, words in (
        (found.skipped, ("未核对", "not looked at")),
        (found.unfinished, ("超时未完", "took too long")),
    ):
        if names:
            said = ", ".join(tell(f"{name}|check", shown.lang) + f" ({name})" for name in names)
            shown.say(f"{shown.pick(*words)}: {said}", "yellow")
    shown.say(shown.pick(f"不一致 {found.wrong} 处", f"{found.wrong} differences"))


def show_tables(shown: Screen, proven: verification.Proven, *, as_json: bool) -> None:
    """How every table is covered, and why what is not is not."""
    if as_json:
        shown.data(proven)
        return
    columns = (
        ("表", "table"),
        ("如何核验", "how"),
        ("核对", "checks"),
        ("不核验的列及原因", "not covered, and why"),
    )
    shown.table(
        [shown.pick(*names) for names in columns],
        [
            (
                row.table,
                shown.word(f"covered.{row.way}"),
                row.checks,
                "\n".join(
                    f"{' '.join(one.columns)}: {shown.pick(one.why_zh, one.why_en)}"
                    for one in row.open
                ),
            )
            for row in proven.tables
        ],
    )


def seal(
    *,
    every: Annotated[
        float | None,
        typer.Option("--every", help="每 N 秒封签一次 · go on, every N seconds", min=1),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """封签已提交的批次 · chain and sign what intake has committed."""
    shown = screen()
    with opened() as hub:
        while True:
            count = hub.seal()
            if as_json:
                shown.data({"sealed": count})
            elif count or every is None:
                shown.say(shown.pick(f"封签 {count} 个批次", f"{count} batches sealed"))
            if every is None:
                return
            time.sleep(every)
