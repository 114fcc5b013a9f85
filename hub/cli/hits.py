"""Commands of hits: what supervision suspects, told to units, answered, decided."""

from datetime import datetime
from typing import Annotated, get_args

import typer

from hub.cli.context import asking
from hub.cli.people import Day
from hub.cli.screen import JsonFlag, Screen, one_of, screen
from hub.services import hits
from hub.services.hit_state_words import ACTS, GUARDS, REASONS, STATES
from hub.services.hits import (
    FIRST,
    FOREVER,
    HitBy,
    HitsAsked,
    HitSheet,
    HitState,
    Reason,
    WrongValue,
)
from hub.services.indicator_words import LEVELS

Number = Annotated[int, typer.Argument(help="命中编号（id）")]
Words = Annotated[str, typer.Option("--text", help="说明")]
By = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")]
Indicator = Annotated[str, typer.Option(help="指标名")]
County = Annotated[str, typer.Option(help="区划代码开头")]
Unit = Annotated[str, typer.Option(help="单位编号")]
States = Annotated[
    HitState | None, typer.Option(help=" | ".join(STATES), callback=one_of("state", tuple(STATES)))
]
BY: tuple[HitBy, ...] = get_args(HitBy)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    group = typer.Typer(help="疑似与认定", no_args_is_help=True)
    group.command("list")(listed)
    group.command("counts")(counted)
    group.command("show")(one)
    group.command("tell")(tell_unit)
    group.command("explain")(explain)
    group.command("dispute")(dispute)
    group.command("confirm")(confirm)
    group.command("accept")(accept)
    group.command("revoke")(revoke)
    app.add_typer(group, name="hits")


def listed(
    *,
    indicator: Indicator = "",
    county: County = "",
    unit: Unit = "",
    state: States = None,
    since: Day = None,
    until: Day = None,
    as_json: JsonFlag = False,
) -> None:
    """List hits, newest first."""
    asked = _asked(since, until, indicator=indicator, county=county, unit=unit, state=state)
    with asking("hits list") as context:
        found = hits.listed(context, asked)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    columns = ("编号", "区划", "项目代码", "状态", "级别", "一句话")
    shown.table(
        columns,
        [
            (
                one.id,
                one.county,
                one.project_code,
                shown.t(STATES[one.state]),
                shown.t(LEVELS[one.level]),
                one.sentence.zh if shown.lang == "zh" else one.sentence.en,
            )
            for one in found
        ],
    )


def counted(
    *,
    indicator: Indicator = "",
    county: County = "",
    by: Annotated[HitBy, typer.Option(help=" | ".join(BY), callback=one_of("by", BY))] = "unit",
    since: Day = None,
    until: Day = None,
    as_json: JsonFlag = False,
) -> None:
    """Count hits by their states; only confirmed ones count as figures."""
    asked = _asked(since, until, indicator=indicator, county=county)
    with asking("hits counts") as context:
        found = hits.counts(context, asked, by=by)
    shown = screen()
    if as_json:
        shown.data(found)
        return
    shown.table(
        ("范围", "疑似", "已告知", "已答复", "已认定", "不计入", "已撤销", "已更正"),
        [
            (
                one.part or "—",
                *(one.suspected, one.told, one.answered, one.confirmed, one.accepted),
                *(one.revoked, one.corrected),
            )
            for one in found
        ],
    )


def one(number: Number, *, as_json: JsonFlag = False) -> None:
    """Show a hit in one sentence, with everything said and decided."""
    with asking("hits show") as context:
        found = hits.one(context, number)
    _show(found, as_json=as_json)


def tell_unit(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Tell the unit of a hit."""
    with asking("hits tell", by) as context:
        found = hits.tell_unit(context, number, text)
    _show(found, as_json=as_json)


def explain(
    number: Number,
    *,
    reason: Annotated[
        Reason, typer.Option(help=" | ".join(REASONS), callback=one_of("reason", tuple(REASONS)))
    ],
    text: Words,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Explain in the unit's name why it is not its fault."""
    with asking("hits explain", by) as context:
        found = hits.explain(context, number, reason, text)
    _show(found, as_json=as_json)


def dispute(
    number: Number,
    *,
    field: Annotated[str, typer.Option(help="有误的字段")],
    text: Words,
    proposed: Annotated[str, typer.Option(help="应为（知道时填写）")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Dispute in the unit's name a value that a hit rests on."""
    with asking("hits dispute", by) as context:
        found = hits.dispute(context, number, WrongValue(field, text, proposed))
    _show(found, as_json=as_json)


def confirm(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Confirm a hit: it counts."""
    with asking("hits confirm", by) as context:
        found = hits.confirm(context, number, text)
    _show(found, as_json=as_json)


def accept(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Accept an explanation: the hit does not count."""
    with asking("hits accept", by) as context:
        found = hits.accept(context, number, text)
    _show(found, as_json=as_json)


def revoke(number: Number, *, text: Words, by: By = None, as_json: JsonFlag = False) -> None:
    """Take a hit back: it does not count."""
    with asking("hits revoke", by) as context:
        found = hits.revoke(context, number, text)
    _show(found, as_json=as_json)


def _asked(
    since: datetime | None,
    until: datetime | None,
    *,
    indicator: str,
    county: str,
    unit: str = "",
    state: HitState | None = None,
) -> HitsAsked:
    first, last = since.date() if since else FIRST, until.date() if until else FOREVER
    return HitsAsked(first, last, indicator, county, unit, state or "")


def _show(found: HitSheet, *, as_json: bool) -> None:
    shown: Screen = screen()
    if as_json:
        shown.data(found)
        return
    shown.say(found.sentence.zh if shown.lang == "zh" else found.sentence.en)
    shown.say(shown.t(STATES[found.state]))
    for guard in found.held:
        shown.say(shown.t(GUARDS[guard]))
    shown.table(
        ("时间|act", "动作|case", "账号", "说明"),
        [(act.at, shown.t(ACTS[act.kind]), act.by_account, act.text) for act in found.acts],
    )
