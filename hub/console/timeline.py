"""A project's timeline as SVG: stages and items as bars over months, papers as points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from markupsafe import Markup

from hub.console import words
from hub.console.words import t

TICKS = 10
EDGE = 0.02
LAST_LABEL = 93
"""Percent of the width beyond which no month label fits."""

Tone = Literal["green", "yellow", "red", "plain"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A period; until None: until today. stood: the clock was suspended."""

    since: datetime
    until: datetime | None
    tone: Tone
    says: str
    stood: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One line: title, bars, and points in time with labels."""

    name: str
    bars: tuple[Bar, ...] = ()
    points: tuple[tuple[datetime, str], ...] = ()
    inner: bool = False


def drawn(lanes: Sequence[Lane], *, now: datetime) -> Markup | None:
    """The lanes over one time axis, with a legend; None without any date."""
    moments = [moment for lane in lanes for moment in _moments(lane, now)]
    if not moments:
        return None
    first, last = min(moments), max(moments)
    axis = _Axis(first, max(last - first, timedelta(days=1)))
    rows = [Markup('<div></div><div class="axis" aria-hidden="true">{}</div>').format(_ticks(axis))]
    rows += [_lane(lane, axis, now) for lane in lanes if lane.bars or lane.points]
    return Markup(
        '<div class="life" role="list">{}</div><div class="legend" aria-hidden="true">{}</div>'
    ).format(Markup("").join(rows), _legend())


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    span: timedelta

    def at(self, moment: datetime) -> float:
        """Where a moment stands, in hundredths of the width."""
        share = (moment - self.first) / self.span
        return round(100 * (EDGE + (1 - 2 * EDGE) * share), 3)


def _moments(lane: Lane, now: datetime) -> Iterable[datetime]:
    for bar in lane.bars:
        yield bar.since
        yield bar.until or now
    for moment, _ in lane.points:
        yield moment


def _ticks(axis: _Axis) -> Markup:
    """Starts of months, as many as can be read."""
    year, month = axis.first.astimezone(words.ZONE).year, axis.first.astimezone(words.ZONE).month
    months: list[datetime] = []
    while True:
        month += 1
        moment = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=words.ZONE)
        if moment > axis.first + axis.span:
            break
        months.append(moment)
    step = max(1, -(-len(months) // TICKS))
    return Markup("").join(
        Markup('<span style="left:{}%">{}</span>').format(axis.at(moment), moment.strftime("%Y-%m"))
        for moment in months[::step]
        if axis.at(moment) <= LAST_LABEL
    )


def _lane(lane: Lane, axis: _Axis, now: datetime) -> Markup:
    level = "inner" if lane.inner else "outer"
    told = "; ".join([bar.says for bar in lane.bars] + [says for _, says in lane.points])
    inside = [_bar(bar, axis, now) for bar in lane.bars]
    inside += [
        Markup('<i class="point" style="left:{}%" title="{}"></i>').format(axis.at(moment), says)
        for moment, says in lane.points
    ]
    if axis.first <= now <= axis.first + axis.span:
        inside.append(Markup('<i class="now" style="left:{}%"></i>').format(axis.at(now)))
    return Markup(
        '<div class="name {}" title="{}">{}</div><div class="lane {}" role="listitem" '
        'aria-label="{}">{}</div>'
    ).format(
        level,
        lane.name,
        lane.name,
        level,
        f"{lane.name}: {told}",
        Markup("").join(inside),
    )


def _bar(bar: Bar, axis: _Axis, now: datetime) -> Markup:
    left, right = axis.at(bar.since), axis.at(bar.until or now)
    kind = "stood" if bar.stood else f"{bar.tone}{'' if bar.until else ' open'}"
    return Markup('<i class="bar {}" style="left:{}%;width:{}%" title="{}"></i>').format(
        kind, left, round(right - left, 3), bar.says
    )


def _legend() -> Markup:
    marks = [
        ("", t("办理中或已办结，颜色为亮灯")),
        ("stood", t("暂停计时")),
        ("dot", t("证照、文件")),
        ("today", t("今天")),
    ]
    return Markup("").join(
        Markup('<span><i class="{}"></i>{}</span>').format(kind, says) for kind, says in marks
    )
