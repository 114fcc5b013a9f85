"""Commands for the indicators of supervision."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hub.cli.context import asking, opened
from hub.cli.people import Day
from hub.cli.screen import JsonFlag, Screen, one_of, screen
from hub.domain.fact_names import DICTIONARY
from hub.domain.load import ContractsInvalidError
from hub.domain.times import HUB_ZONE
from hub.services import indicators
from hub.services.indicators import Part, Tried

BY: tuple[indicators.By, ...] = ("unit", "county", "code", "flow_kind", "period")
Name = Annotated[str, typer.Argument(help="指标名")]
File = Annotated[Path, typer.Argument(help="指标文件", exists=True, dir_okay=False)]

commands = typer.Typer(help="考核指标", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(commands, name="indicators")


@commands.command("list")
def listed(*, as_json: JsonFlag = False) -> None:
    """Indicators of the files, and as at which moment they were judged."""
    with asking("indicators list") as context:
        found = indicators.catalogue(context)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    shown.table(
        ("指标", "名称", "状态", "对象", "计量单位", "文件"),
        [
            (
                one.id,
                one.title_zh if shown.lang == "zh" else one.title_en,
                one.status,
                one.of,
                one.unit,
                one.file,
            )
            for one in found.indicators
        ],
    )
    if found.at is None:
        shown.say(shown.t("尚未判定：hub indicators build"))
    elif found.stale:
        shown.say(shown.t("指标文件已有改动，尚未按新文件判定：hub indicators build"))


@commands.command("facts")
def dictionary(
    of: Annotated[
        str, typer.Argument(help=" | ".join(DICTIONARY), callback=one_of("of", tuple(DICTIONARY)))
    ],
    *,
    as_json: JsonFlag = False,
) -> None:
    """The facts that an indicator may name."""
    shown = screen()
    if as_json:
        shown.data(DICTIONARY[of])
        return
    shown.table(
        ("名称", "含义", "类型", "计量单位"),
        [(name, shown.t(one.title), one.kind, one.unit) for name, one in DICTIONARY[of].items()],
    )


@commands.command("check")
def check(file: File, *, as_json: JsonFlag = False) -> None:
    """Check a file of indicators that is not in force yet."""
    shown = screen()
    with asking("indicators check") as context:
        try:
            found = indicators.checked(context, file.name, file.read_text(encoding="utf-8"))
        except ContractsInvalidError as error:
            _refused(shown, error)
    if as_json:
        shown.data(found)
        return
    for one in found:
        shown.say(f"{one.id}: {one.sentence_zh if shown.lang == 'zh' else one.sentence_en}")


@commands.command("explain")
def explain(indicator: Name, *, as_json: JsonFlag = False) -> None:
    """An indicator in one sentence, its statement and its plan."""
    with asking("indicators explain") as context:
        found = indicators.explain(context, indicator)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    one = found.indicator
    shown.say(one.sentence_zh if shown.lang == "zh" else one.sentence_en)
    shown.say(one.source)
    shown.say(found.statement)
    for line in found.plan:
        shown.say(line)


@commands.command("try")
def tried(file: File, *, since: Day = None, until: Day = None, as_json: JsonFlag = False) -> None:
    """What a file would find in a month (the last one) beside what stands; nothing is kept."""
    first, last = _months(since, until)
    shown = screen()
    with asking("indicators try") as context:
        try:
            text = file.read_text(encoding="utf-8")
            found = indicators.try_file(context, file.name, text, since=first, until=last)
        except ContractsInvalidError as error:
            _refused(shown, error)
    if as_json:
        shown.data(found)
        return
    shown.table(
        ("指标", "现计", "改后", "新增命中", "不再命中", "无法判定"),
        [_tried(one) for one in found],
    )


@commands.command("build")
def build(*, as_json: JsonFlag = False) -> None:
    """Judge every project by the indicators in force, as at now."""
    with opened() as hub:
        count = hub.judge(anew=True)
    shown = screen()
    if as_json:
        shown.data({"indicators": count})
        return
    shown.say(shown.t("已按 {count} 个指标判定", count=count))


@commands.command("figure")
def figure(
    indicator: Name,
    *,
    by: Annotated[
        indicators.By | None, typer.Option(help=" | ".join(BY), callback=one_of("by", BY))
    ] = None,
    county: Annotated[str, typer.Option(help="区划代码开头")] = "",
    since: Day = None,
    until: Day = None,
    as_json: JsonFlag = False,
) -> None:
    """A figure with what was judged, what could not be, and why."""
    first, last = _months(since, until)
    with asking("indicators figure") as context:
        found = indicators.figure(
            context, indicator, since=first, until=last, by=by or "", county=county
        )
    shown = screen()
    if as_json:
        shown.data(found)
        return
    shown.table(
        ("范围", "数值", "可判定", "计入", "无法判定", "剔除"),
        [_part(shown, one) for one in (found.whole, *found.parts)],
    )


def _months(since: datetime | None, until: datetime | None) -> tuple[date, date]:
    first, last = indicators.last_month(datetime.now(HUB_ZONE).date())
    return since.date() if since else first, until.date() if until else last


def _part(shown: Screen, one: Part) -> tuple[object, ...]:
    value = None if one.value is None else round(one.value, 4)
    return (
        one.part or shown.t("全部"),
        value,
        one.n,
        one.counted,
        _reasons(one.not_judged),
        _reasons(one.excluded),
    )


def _tried(one: Tried) -> tuple[object, ...]:
    return (
        one.indicator,
        one.stands.counted,
        one.would.counted,
        len(one.new),
        len(one.gone),
        _reasons(one.would.not_judged),
    )


def _reasons(told: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in told.items())


def _refused(shown: Screen, error: ContractsInvalidError) -> NoReturn:
    for one in error.problems:
        shown.problem(one.code, one.facts, place=f"{one.file}:{one.line} [{one.code}] ")
    raise typer.Exit(1) from None
