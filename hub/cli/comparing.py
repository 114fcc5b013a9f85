"""Command for a project's records side by side."""

from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import on_behalf, operating
from hub.cli.context import note_reads, opened
from hub.cli.screen import JsonFlag, Screen, screen
from hub.services.comparisons import ComparisonCell, ComparisonRow, ComparisonTable
from hub.services.comparisons import comparisons as compared


def add_to(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command("comparisons")(comparisons)


def comparisons(
    code: Annotated[str, typer.Argument(help="项目代码")],
    *,
    account: Annotated[str, typer.Option("--as", help="按该账号的权限")] = "",
    as_json: JsonFlag = False,
) -> None:
    """A project's records side by side: areas by source, steps with the days between."""
    with opened() as hub:
        context = on_behalf(hub, account) if account else operating(hub, getuser())
        found = compared(context, code)
        note_reads(f"comparisons --as {account}" if account else "comparisons", context)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    for one in found.comparisons:
        _show(shown, one)
    if not found.comparisons:
        shown.say(shown.t("没有可对照的记录。"))
    if found.denied:
        shown.say(shown.t("无权查看：{names}", names=", ".join(found.denied)))


def _show(shown: Screen, one: ComparisonTable) -> None:
    titles = [one.rows_title, *(column.title for column in one.columns)]
    heads = [shown.pick(title.zh, title.en) for title in titles]
    lines = [_line(shown, one, row, row.name or row.key) for row in one.rows]
    if one.total is not None:
        lines.append(_line(shown, one, one.total, shown.t("合计")))
    more = [shown.t("首尾相隔天数")] if one.compares == "dates" else []
    shown.table((*heads, *more), lines, title=shown.pick(one.title.zh, one.title.en))


def _line(shown: Screen, of: ComparisonTable, row: ComparisonRow, name: str) -> tuple[object, ...]:
    cells = (
        _cell(shown, cell) if column.granted else shown.t("无权查看")
        for column, cell in zip(of.columns, row.cells, strict=True)
    )
    return (name, *cells, *([row.days] if of.compares == "dates" else []))


def _cell(shown: Screen, cell: ComparisonCell) -> str:
    if cell.several:
        return shown.t("{count} 条记录不一致", count=len(cell.records))
    if cell.value is None:
        return "—"
    if cell.days is not None:
        return f"{cell.value} ({cell.days:+})"
    return f"{cell.value} ({cell.difference})" if cell.difference else str(cell.value)
