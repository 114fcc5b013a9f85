"""Pictures of figures: one line chart an axis, as SVG, written by hand since a chart is a few lines
and some text.

    python -m bench.plots growth

draws bench/results/growth.json again, into docs/pictures.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from bench.kept import RESULTS
from hub.settings import HOME

PICTURES = HOME / "docs/pictures"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 320, 64, 44, 40, 150
COLOURS = ("#1f6feb", "#2da44e", "#bf3989", "#9a6700")
TITLES = {
    "records": "记录数 records",
    "projects": "项目数 projects",
    "fields": "字段数 fields",
    "receivers": "接收方 receivers",
}
CASES = {"first": "初次装载 first load", "again": "重读无变化 read again"}
UNITS = ((1_000_000, " M"), (1_000, " k"))
Point = tuple[float, float]


def nice(most: float) -> float:
    """The next round number that is no smaller: 1, 2 or 5 times a power of ten."""
    power = 1.0
    while power * 10 <= most:
        power *= 10
    return next(power * step for step in (1, 2, 5, 10) if power * step >= most)


def chart(title: str, lines: Mapping[str, Sequence[Point]], *, across: str, up: str) -> str:
    """A line chart as SVG."""
    points = [point for line in lines.values() for point in line]
    far, high = max(x for x, _ in points) or 1, nice(max(y for _, y in points))
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x: float, y: float) -> Point:
        return LEFT + x / far * wide, TOP + tall - y / high * tall

    parts = [
        _text(LEFT, 20, title, size=15),
        _text(LEFT + wide / 2, HEIGHT - 8, across, anchor="middle"),
    ]
    parts.append(_text(8, TOP - 8, up))
    for step in range(6):
        y = high * step / 5
        parts.append(_line([at(0, y), at(far, y)], "#d0d7de", 1))
        parts.append(_text(LEFT - 6, at(0, y)[1] + 4, f"{y:g}", anchor="end"))
    marks = [x for x in sorted({x for x, _ in points}) if far / 20 <= x or x == 0]
    parts += [_text(at(x, 0)[0], TOP + tall + 16, _short(x), anchor="middle") for x in marks]
    for place, (name, line) in enumerate(lines.items()):
        parts.append(_line([at(*point) for point in line], COLOURS[place], 2))
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[place]}"/>'
            for x, y in (at(*p) for p in line)
        ]
        parts.append(
            _text(LEFT + wide + 10, at(*line[-1])[1] + 4 + place, name, colour=COLOURS[place])
        )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif">'
    )
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', *parts, "</svg>\n"]
    )


def _short(number: float) -> str:
    power, unit = next(((power, unit) for power, unit in UNITS if number >= power), (1, ""))
    return f"{number / power:g}{unit}"


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 11, colour: str = "#24292f"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{text}</text>'
    )


def _line(points: Sequence[Point], colour: str, width: int) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def lines_of(
    sizes: Sequence[dict[str, object]], contender: str, value: str
) -> dict[str, list[Point]]:
    """The curve of each case of one contender."""
    found: dict[str, list[Point]] = {}
    for size in sizes:
        for row in size["rows"]:  # type: ignore[attr-defined] # our own file
            if row["contender"] == contender and row["case"] in CASES:
                found.setdefault(CASES[row["case"]], []).append(
                    (float(str(size["size"])), row[value])
                )
    return found


def charts(name: str) -> None:
    """Draw what is kept under a name."""
    kept = orjson.loads((RESULTS / f"{name}.json").read_bytes())
    pictures: dict[str, str] = {}
    for axis, title in TITLES.items():
        sizes = kept["axes"].get(axis)
        if sizes:
            lines = lines_of(sizes, "hub-rest", "cpu_us_a_record")
            lines["COPY"] = [(size["size"], size["rows"][0]["cpu_us_a_record"]) for size in sizes]
            pictures[axis] = chart(
                f"每条记录的 CPU 耗时 CPU of a record: {title}", lines, across=title, up="µs"
            )
    if kept["axes"].get("records"):
        sizes = kept["axes"]["records"]
        peak = {"hub": lines_of(sizes, "hub-rest", "peak_mib")[CASES["again"]]}
        pictures["memory"] = chart("内存峰值 peak memory", peak, across=TITLES["records"], up="MiB")
    for axis, picture in pictures.items():
        Path(PICTURES / f"{name}-{axis}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    charts(sys.argv[1])
