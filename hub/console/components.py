"""Components shared by pages. Everything given is escaped, unless it is Markup already."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from markupsafe import Markup, escape
from nicegui import ui
from nicegui.element import Element

from hub.console.error_page import unforeseen
from hub.console.words import cure, marked, say, t
from hub.errors import HubError

Light = Literal["green", "yellow", "red", "grey"]
Tone = Literal["plain", "good", "warn", "bad"]
LIGHT_NAMES = {
    "green": "正常",
    "yellow": "滞后",
    "red": "异常",
    "grey": "未运行",
}


def show(markup: Markup) -> Element:
    """Put Markup on the page, unsanitised."""
    return ui.html(markup, sanitize=False)


def link(address: str, text: object) -> Markup:
    """A link to another page, or to another place."""
    return Markup('<a href="{}">{}</a>').format(address, text)


def unbroken(text: object) -> Markup:
    """A number or a word that no line breaks."""
    return Markup('<span class="nowrap">{}</span>').format(text)


def light(state: Light, text: str | None = None) -> Markup:
    """A light with its colour in words, for those who do not see it."""
    return Markup('<span class="light {}"><i aria-hidden="true"></i>{}</span>').format(
        state, t(LIGHT_NAMES[state]) if text is None else text
    )


def badge(text: object, *, tone: Tone = "plain") -> Markup:
    """A short text in a box."""
    return Markup('<span class="badge {}">{}</span>').format(tone, text)


def content(text: object) -> Markup:
    """A text from a record or contract, in whatever language it is."""
    return Markup("<span data-content>{}</span>").format(text)


def code(text: object) -> Markup:
    """A key, code or contract name in monospace."""
    return Markup("<code data-content>{}</code>").format(text)


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    caption: str = "",
    numeric: Sequence[int] = (),
    nothing: str = "",
) -> Element:
    """A table. numeric: indexes of right-aligned columns. nothing: text shown without rows."""
    lines = [_row(cells, numeric) for cells in rows]
    if not lines:
        return empty(nothing or t("没有内容。"))
    heads = Markup("").join(
        # A column of buttons needs no name, and an empty one is no help to those who are read to.
        Markup('<th scope="col"{}>{}</th>').format(_side(place, numeric), name)
        if name
        else Markup("<td></td>")
        for place, name in enumerate(head)
    )
    named = Markup("<caption>{}</caption>").format(caption) if caption else ""
    return show(
        Markup(
            '<div class="scroll" tabindex="0"><table class="data">{}<thead><tr>{}</tr></thead>'
            "<tbody>{}</tbody></table></div>"
        ).format(named, heads, Markup("").join(lines))
    ).classes("wide")


def facts(pairs: Iterable[tuple[str, object]]) -> Element:
    """Name and value pairs in two columns."""
    lines = Markup("").join(
        Markup("<dt>{}</dt><dd data-content>{}</dd>").format(name, _shown(value))
        for name, value in pairs
    )
    return show(Markup('<dl class="facts">{}</dl>').format(lines)).classes("wide")


def empty(text: str, *, next_step: Markup | str = "") -> Element:
    """A text for where there is nothing, and a next step."""
    return show(Markup('<p class="empty">{} {}</p>').format(text, marked(next_step))).classes(
        "wide"
    )


def text(words: object, *, kind: str = "") -> Element:
    """A paragraph."""
    return show(Markup('<p class="{}">{}</p>').format(kind, words))


def heading(words: str) -> Element:
    """A section's heading."""
    return show(Markup('<h2 class="part">{}</h2>').format(words)).classes("wide")


def problem(error: HubError) -> Element:
    """An error with its cure and code."""
    return show(
        Markup(
            '<div class="problem" role="alert"><b>{}</b><p>{}</p><p><code>{}</code></p></div>'
        ).format(say(error.code, error.facts), cure(error.code, error.facts), error.code)
    ).classes("wide")


def notify(words: str, *, bad: bool = False) -> None:
    """A passing notification of success or failure."""
    ui.notify(
        words,
        type="negative" if bad else "positive",
        position="top",
        timeout=6000,
        close_button=t("关闭"),
    )


def failed(error: HubError) -> None:
    """A passing notification of an error with its cure."""
    notify(
        f"{say(error.code, error.facts).striptags()} {cure(error.code, error.facts).striptags()}",
        bad=True,
    )


def button(
    words: str, click: Callable[[], object], *, kind: Literal["main", "plain", "bad"] = "main"
) -> ui.button:
    """A button; `click` may be asynchronous. It is disabled meanwhile, and errors are shown."""

    async def pressed() -> None:
        made.disable()
        try:
            done = click()
            if hasattr(done, "__await__"):
                await done
        except HubError as error:
            failed(error)
        # logged, and shown to whoever pressed the button
        except Exception as error:  # noqa: BLE001
            failed(unforeseen(error))
        finally:
            if not made.is_deleted:
                made.enable()

    colour = {"main": "primary", "plain": None, "bad": "negative"}[
        kind
    ]  # plain: look.css, which knows the shades
    made = ui.button(words, on_click=pressed, color=colour).props(
        "no-caps unelevated" if kind != "plain" else "no-caps outline"
    )
    if kind == "plain":
        made.classes("plain-button")
    return made


@contextmanager
def card(title: str = "") -> Iterator[Element]:
    """A box for a section of a page."""
    with ui.element("section").classes("card wide") as made:
        if title:
            heading(title)
        yield made


def _row(cells: Sequence[object], numeric: Sequence[int]) -> Markup:
    return Markup("<tr>{}</tr>").format(
        Markup("").join(
            Markup("<td data-content{}>{}</td>").format(_side(place, numeric), _shown(cell))
            for place, cell in enumerate(cells)
        )
    )


def _side(place: int, numeric: Sequence[int]) -> Markup:
    return Markup(' class="numeric"') if place in numeric else Markup("")


def _shown(value: object) -> Markup:
    return Markup("—") if value is None or value == "" else escape(value)
