"""Stacked bars by day: the whole beside its parts, so that both sides can be compared."""

from collections.abc import Sequence
from itertools import accumulate

from markupsafe import Markup

from hub.console.words import number, word
from hub.services.conservation import DaySums

HIGH, LEFT, TOP, WIDE = 170, 64, 12, 980
STEPS = (44, 96)


def drawn(days: Sequence[DaySums], *, says: str) -> Markup:
    """A pair of bars a day (what came in, its outcomes) and a legend, as SVG."""
    names = [
        name
        for name in (list(days[0].counts)[1:] if days else [])
        if any(day.counts[name] for day in days)
    ]
    most = max((sum(day.counts[name] for name in names) for day in days), default=0)
    most = max(most, *(next(iter(day.counts.values())) for day in days), 1) if days else 1
    step = min(max(WIDE // max(len(days), 1), STEPS[0]), STEPS[1])
    wide = LEFT + len(days) * step + 10
    pairs = Markup("").join(
        _pair(day, names, LEFT + at * step, step, most) for at, day in enumerate(days)
    )
    axis = Markup(
        '<text x="{0}" y="{1}" text-anchor="end">{2}</text><text x="{0}" y="{3}" '
        'text-anchor="end">0</text>'
    ).format(LEFT - 8, TOP + 9, number(most), TOP + HIGH)
    return Markup(
        '<div class="chart" tabindex="0"><svg width="{w}" height="{h}" role="img" '
        'aria-label="{says}">{axis}{pairs}'
        "</svg></div>{legend}"
    ).format(
        w=wide, h=HIGH + TOP + 24, says=says, axis=axis, pairs=pairs, legend=_legend(days, names)
    )


def _pair(day: DaySums, names: Sequence[str], x: int, step: int, most: int) -> Markup:
    bar = step // 3
    whole = next(iter(day.counts.values()))
    parts = [day.counts[name] for name in names]
    bars = [
        _bar(
            (x, bar),
            0,
            whole,
            most,
            "c2",
            f"{day.day} {word(next(iter(day.counts)))} {number(whole)}",
        )
    ]
    for name, below, count in zip(names, accumulate([0, *parts]), parts, strict=False):
        tip = f"{day.day} {word(name)} {number(count)}"
        bars.append(_bar((x + bar + 2, bar), below, count, most, f"c{_colour(names, name)}", tip))
    label = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
        x + bar, TOP + HIGH + 16, day.day.strftime("%m-%d")
    )
    return Markup("").join([*bars, label])


def _bar(
    place: tuple[int, int], below: int, count: int, most: int, colour: str, tip: str
) -> Markup:
    (x, width), high = place, HIGH * count / most
    return Markup(
        '<rect class="{}" x="{}" y="{:.1f}" width="{}" height="{:.1f}"><title>{}</title></rect>'
    ).format(colour, x, TOP + HIGH - HIGH * below / most - high, width, high, tip)


def _legend(days: Sequence[DaySums], names: Sequence[str]) -> Markup:
    if not days:
        return Markup("")
    whole = next(iter(days[0].counts))
    said = [(whole, "c2"), *((name, f"c{_colour(names, name)}") for name in names)]
    items = Markup("").join(
        Markup(
            '<span><svg aria-hidden="true"><rect class="{}" width="12" height="12"/></svg>{} '
            "{}</span>"
        ).format(colour, word(name), number(sum(day.counts[name] for day in days)))
        for name, colour in said
    )
    return Markup('<div class="legend chart">{}</div>').format(items)


def _colour(names: Sequence[str], name: str) -> int:
    """Index of a colour in the palette; 2 is left to the whole."""
    at = list(names).index(name)
    # the palette's places
    return at if at < 2 else at % 7 + 1 if at % 7 + 1 != 2 else 8  # noqa: PLR2004
