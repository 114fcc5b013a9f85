"""Commands of supervision's cases (督办件)."""

from typing import Annotated, get_args

import typer

from hub.cli.context import asking
from hub.cli.screen import JsonFlag, one_of, screen
from hub.errors import FlowError
from hub.services import naming, supervision_cases
from hub.services.case_words import CASE_ACTS, CASE_STATES, STEPS
from hub.services.lights import LightScope
from hub.services.supervision_cases import CaseOpening, CaseSheet, CaseView, ClockRef, Step

Number = Annotated[int, typer.Argument(help="督办件编号（id）")]
Words = Annotated[str, typer.Option("--text", help="说明")]
By = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")]
SCOPES: tuple[LightScope, ...] = get_args(LightScope)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    group = typer.Typer(help="督办件", no_args_is_help=True)
    group.command("list")(listed)
    group.command("show")(one)
    group.command("open")(open_case)
    group.command("answer")(answer)
    group.command("accept")(accept)
    group.command("return")(send_back)
    group.command("extend")(extend)
    group.command("raise")(raise_step)
    app.add_typer(group, name="cases")


def listed(*, closed: bool = False, as_json: JsonFlag = False) -> None:
    """List cases of supervision, newest first."""
    with asking("cases list") as context:
        found = supervision_cases.listed(context, closed=closed)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    columns = ("编号", "文号", "办理单位", "项目代码", "环节|case", "状态", "答复期限")
    shown.table(columns, [_line(one) for one in found])


def one(number: Number, *, as_json: JsonFlag = False) -> None:
    """Show a case with everything done in it."""
    with asking("cases show") as context:
        found = supervision_cases.one(context, number)
    _show(found, as_json=as_json)


def open_case(
    *,
    clock: Annotated[
        list[str] | None,
        typer.Option(help="计时对象及记录编号，中间用冒号，可多个"),
    ] = None,
    hit: Annotated[list[int] | None, typer.Option(help="命中编号（id），可多个")] = None,
    department: Annotated[str, typer.Option(help="办理单位")] = "",
    text: Words,
    step: Annotated[
        Step, typer.Option(help="reminder | supervision", callback=one_of("step", tuple(STEPS)))
    ] = "reminder",
    days: Annotated[int, typer.Option(min=0, max=60, help="答复期限（工作日），0 为通常的")] = 0,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask a unit about what is late or was found."""
    clocks = tuple(_clock(each) for each in clock or ())
    with asking("cases open", by) as context:
        asked = CaseOpening(text, department, clocks, tuple(hit or ()), step, days)
        made = supervision_cases.open_case(context, asked)
    _show(made, as_json=as_json)


def _clock(text: str) -> ClockRef:
    scope, _, record = text.partition(":")
    naming.one_of("scope", scope, SCOPES)
    if not record.isascii() or not record.isdecimal():
        raise FlowError("ask.record_unknown", record=record)
    return ClockRef(next(one for one in SCOPES if one == scope), int(record))


def answer(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Answer a case in the unit's name."""
    with asking("cases answer", by) as context:
        made = supervision_cases.answer(context, number, text)
    _show(made, as_json=as_json)


def accept(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """End a case."""
    with asking("cases accept", by) as context:
        made = supervision_cases.accept(context, number, text)
    _show(made, as_json=as_json)


def send_back(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Send an answer back with a reason."""
    with asking("cases return", by) as context:
        made = supervision_cases.send_back(context, number, text)
    _show(made, as_json=as_json)


def extend(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Give a unit the term once more, once."""
    with asking("cases extend", by) as context:
        made = supervision_cases.extend(context, number, text)
    _show(made, as_json=as_json)


def raise_step(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Make a reminder a case of supervision."""
    with asking("cases raise", by) as context:
        made = supervision_cases.raise_step(context, number, text)
    _show(made, as_json=as_json)


def _show(found: CaseSheet, *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(found)
        return
    columns = ("编号", "文号", "办理单位", "项目代码", "环节|case", "状态", "答复期限")
    shown.table(columns, [_line(found)])
    shown.say(found.ask)
    rows = [(one.at, shown.t(CASE_ACTS[one.kind]), one.by_account, one.text) for one in found.acts]
    shown.table(("时间|act", "动作|case", "账号", "说明"), rows)


def _line(one: CaseView) -> tuple[object, ...]:
    t = screen().t
    state = t(CASE_STATES[one.state])
    late = t("（已逾期）") if one.late else ""
    step, codes = t(STEPS[one.step]), ", ".join(one.project_codes)
    return one.id, one.number, one.department, codes, step, state + late, one.due_at
