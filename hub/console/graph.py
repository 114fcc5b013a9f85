"""A lineage graph as SVG: boxes in columns from left to right, joined by lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal
from unicodedata import east_asian_width

from markupsafe import Markup
from nicegui import ui

from hub.console import components
from hub.console.page import address
from hub.console.words import t

STYLE = Path(__file__).with_name("graph.css").read_text(encoding="utf-8")
WIDTH, LINE, GAP, AISLE, TOP, SIDE = 176, 17, 14, 36, 34, 10
LETTERS = 24
READABLE = 1180
"""Half-width characters that fit a box."""

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Box:
    """A box; its first line is its name. href: the page it links to."""

    id: str
    column: str
    lines: tuple[str, ...]
    href: str = ""
    tone: Literal["", "strong", "good", "bad"] = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A line between boxes; strong: the path of the value itself."""

    start: str
    end: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """columns: titles from left to right, by key."""

    columns: Mapping[str, str]
    boxes: Sequence[Box]
    lines: Sequence[GraphEdge]
    says: str


def show(picture: Picture, *, path: str, folded: str) -> None:
    """The graph with zoom and foldable columns. folded: folded columns, kept in the address."""
    ui.add_css(STYLE)
    hidden = {name for name in folded.split(",") if name}
    name = f"graph-{next(_numbers)}"
    with ui.element("div").classes("zoom no-print"):
        for words, factor in (("＋", 1.25), ("－", 0.8), (t("原大"), 0.0)):
            label = {1.25: t("放大"), 0.8: t("缩小")}.get(factor, t("原大小"))
            ui.button(words, on_click=lambda f=factor: _zoom(name, f), color=None).props(
                f'outline no-caps dense aria-label="{label}"'
            ).classes("plain-button")
        for key, words in picture.columns.items():
            if any(box.column == key for box in picture.boxes):
                components.show(_fold(path, hidden, key, words))
    components.show(
        Markup('<div class="graph" id="{}" tabindex="0">{}</div>').format(
            name, drawn(picture, hidden)
        )
    )


def drawn(picture: Picture, hidden: set[str]) -> Markup:
    """The SVG."""
    shown = [box for box in picture.boxes if box.column not in hidden]
    columns = [key for key in picture.columns if any(box.column == key for box in shown)]
    places = _places(shown, columns)
    high = max((y + height for _, y, height in places.values()), default=0) + SIDE
    wide = SIDE * 2 + len(columns) * WIDTH + max(len(columns) - 1, 0) * AISLE
    heads = Markup("").join(
        Markup('<text class="head" x="{}" y="20">{}</text>').format(
            SIDE + at * (WIDTH + AISLE), picture.columns[key]
        )
        for at, key in enumerate(columns)
    )
    lines = Markup("").join(
        _line(line, places)
        for line in sorted(_bridged(picture, hidden), key=lambda one: one.strong)
    )
    boxes = Markup("").join(_box(box, *places[box.id]) for box in shown)
    return Markup(
        '<svg viewBox="0 0 {w} {h}" style="max-width:{w}px;min-width:{least}px" data-width="{w}" '
        'role="group"'
        ' aria-label="{says}">{heads}{lines}{boxes}</svg>'
    ).format(
        w=wide,
        h=high,
        least=min(wide, READABLE),
        says=picture.says,
        heads=heads,
        lines=lines,
        boxes=boxes,
    )


def fitted(text: str, most: int = LETTERS) -> str:
    """A text cut to a box."""
    width = 0
    for at, letter in enumerate(text):
        width += 2 if east_asian_width(letter) in "FW" else 1
        if width > most:
            return f"{text[: max(at - 1, 0)]}…"
    return text


def _places(boxes: Sequence[Box], columns: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    """Left, top and height of each box; columns are centred on the highest."""
    heights = {box.id: len(box.lines) * LINE + 14 for box in boxes}
    by_column = {key: [box for box in boxes if box.column == key] for key in columns}
    totals = {
        key: sum(heights[box.id] + GAP for box in some) - GAP for key, some in by_column.items()
    }
    most = max(totals.values(), default=0)
    places: dict[str, tuple[float, float, float]] = {}
    for at, key in enumerate(columns):
        y = TOP + (most - totals[key]) / 2
        for box in by_column[key]:
            places[box.id] = (SIDE + at * (WIDTH + AISLE), y, heights[box.id])
            y += heights[box.id] + GAP
    return places


def _bridged(picture: Picture, hidden: set[str]) -> list[GraphEdge]:
    """Lines; those to folded boxes go on to the next visible box."""
    gone = {box.id for box in picture.boxes if box.column in hidden}
    lines = list(picture.lines)
    for box in gone:
        into = [line for line in lines if line.end == box]
        out = [line for line in lines if line.start == box]
        lines = [line for line in lines if box not in {line.start, line.end}]
        lines += [
            GraphEdge(one.start, two.end, one.strong and two.strong) for one in into for two in out
        ]
    return list(dict.fromkeys(lines))


def _line(line: GraphEdge, places: Mapping[str, tuple[float, float, float]]) -> Markup:
    if line.start not in places or line.end not in places:
        return Markup("")
    x1, y1, h1 = places[line.start]
    x2, y2, h2 = places[line.end]
    x1, y1, y2 = x1 + WIDTH, y1 + h1 / 2, y2 + h2 / 2
    bend = max((x2 - x1) / 2, 20)
    return Markup('<path{} d="M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}"/>').format(
        Markup(' class="strong"') if line.strong else "",
        x1,
        y1,
        x1 + bend,
        y1,
        x2 - bend,
        y2,
        x2,
        y2,
    )


def _box(box: Box, x: float, y: float, height: float) -> Markup:
    lines = Markup("").join(
        Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(
            "small" if at else "name",
            x + 10,
            y + 20 + at * LINE,
            fitted(line, LETTERS if at else LETTERS - 2),
        )
        for at, line in enumerate(box.lines)
    )
    body = Markup(
        '<g class="{}" data-content><title>{}</title>'
        '<rect class="box" x="{:.1f}" y="{:.1f}" width="{}" height="{:.1f}" rx="7"/>{}</g>'
    ).format(box.tone, box.tip or " · ".join(box.lines), x, y, WIDTH, height, lines)
    return Markup('<a href="{}">{}</a>').format(box.href, body) if box.href else body


def _fold(path: str, hidden: set[str], key: str, words: str) -> Markup:
    folded = ",".join(sorted(hidden ^ {key}))
    mark = "▸" if key in hidden else "▾"
    said = t("展开") if key in hidden else t("折叠")
    return Markup('<a class="badge" href="{}" title="{}">{} {}</a>').format(
        address(path, folded=folded), said, mark, words
    )


def _zoom(name: str, factor: float) -> None:
    ui.run_javascript(
        f"const s=document.querySelector('#{name} "
        f"svg');s.style.maxWidth='none';s.style.minWidth='0';"
        f"s.style.width=({factor}?Math.min(8000,Math.max(320,s.clientWidth*{factor}))"
        ":s.dataset.width)+'px';"
    )
