"""Commands that seal batches, and verify everything that is derived or sealed."""

import time
from typing import Annotated

import typer

from hub.cli.context import asking, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services import verification
from hub.services.verification import VerificationView
from hub.texts import Language, known, tell, text


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (verify, seal):
        app.command()(command)


def verify(
    *,
    tables: Annotated[bool, typer.Option("--tables", help="逐表列出核验什么")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="只做这些核对，可多次"),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Rebuild all that can be derived, check what is sealed, list every row that differs."""
    shown = screen()
    if tables:
        with asking("verify") as context:
            proven = verification.proven(context)
        show_tables(shown, proven, as_json=as_json)
        return

    def progress(kind: str, count: int) -> None:
        if count and not as_json:
            shown.progress(f"{_checked(kind, shown.lang)}: {count}")

    with asking("verify", by) as context:
        found = verification.verify(context, progress, only=only or ())
    if as_json:
        shown.data(found)
    else:
        _show_verified(shown, found)
    if found.wrong or found.unfinished:
        raise typer.Exit(1)


def _checked(kind: str, lang: Language) -> str:
    """What was counted, in words; a flow or an entity behind it keeps its name."""
    first, _, name = kind.partition(" ")
    if known(kind, "checked") or first not in {"golden", "source"}:
        return text(kind, lang, "checked")
    return f"{text(first, lang, 'checked')} {name}"


def _show_verified(shown: Screen, found: VerificationView) -> None:
    """Show what was checked, the wrong rows listed, and what was skipped."""
    shown.table(
        ["核对内容", "数量"],
        [(_checked(kind, shown.lang), count) for kind, count in sorted(found.checked.items())],
    )
    for one in found.listed:
        said = shown.pick(one.said_zh, one.said_en)
        shown.say(f"{one.table} {one.key}: {said}", "red")
    if found.wrong > len(found.listed):
        shown.say(
            shown.t(
                "只列出前 {listed} 处（HUB_VERIFY_FINDINGS），各表共：{counts}",
                listed=len(found.listed),
                counts=shown.counts(found.by_table),
            )
        )
    for names, words in (
        (found.skipped, "未核对"),
        (found.unfinished, "超时未完"),
    ):
        if names:
            said = ", ".join(tell(f"{name}|check", shown.lang) + f" ({name})" for name in names)
            shown.say(f"{shown.t(words)}: {said}", "yellow")
    shown.say(shown.t("不一致 {wrong} 处", wrong=found.wrong))


def show_tables(shown: Screen, proven: verification.Proven, *, as_json: bool) -> None:
    """Show how every table is covered, and why some columns are not."""
    if as_json:
        shown.data(proven)
        return
    columns = (
        "表",
        "如何核验",
        "核对",
        "不核验的列及原因",
    )
    shown.table(
        columns,
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
        typer.Option("--every", help="每 N 秒存证一次", min=1),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Chain and sign what intake has committed."""
    shown = screen()
    with opened() as hub:
        while True:
            count = hub.seal()
            if as_json:
                shown.data({"sealed": count})
            elif count or every is None:
                shown.say(shown.t("存证 {count} 个批次", count=count))
            if every is None:
                return
            time.sleep(every)
