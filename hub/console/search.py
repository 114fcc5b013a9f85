"""Project search as one types."""

from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from hub.console import components
from hub.console.page import ConsolePage
from hub.console.words import t
from hub.errors import HubError
from hub.services.prefill import search as searching
from hub.services.prefill.search import Suggestion

MOST = 10
STYLE = Path(__file__).with_name("forms.css").read_text(encoding="utf-8")


async def finder(
    page: ConsolePage,
    text: str,
    *,
    to: Callable[[str], str],
    here: Callable[[str], str] | None = None,
) -> None:
    """An input with suggestions below. to: the address for a project code.

    here: this page's address for a typed text, so that it can be bookmarked.
    """
    label = t("项目代码开头，或名称中的任意两个字以上")
    typed = (
        ui.input(label, value=text)
        .props("outlined dense clearable debounce=200 autocomplete=off")
        .classes("wide")
    )
    found = ui.element("div").props("aria-live=polite").classes("wide")

    async def look(wanted: str) -> None:
        try:
            rows = (
                await page.look(lambda visit: searching.found(visit, wanted, most=MOST))
                if wanted.strip()
                else []
            )
        except HubError as error:
            found.clear()
            with found:
                components.problem(error)
            return
        if (typed.value or "") == wanted:  # a newer text has its own answer
            found.clear()
            with found:
                _suggested(wanted, rows, to)

    async def changed(event: ValueChangeEventArguments[str | None]) -> None:
        await look(str(event.value or ""))
        if here is not None:
            ui.run_javascript(f"history.replaceState(null, '', {here(str(event.value or ''))!r})")

    typed.on_value_change(changed)
    if text:
        await look(text)


def _suggested(text: str, rows: list[Suggestion], to: Callable[[str], str]) -> None:
    if not rows:
        if text.strip():
            components.empty(t("没有找到您可以查看的项目。请核对代码，或换名称中的另一部分。"))
        return
    lines = Markup("").join(
        Markup(
            '<li><a class="found" href="{}"><code>{}</code><b>{}</b><span>{}</span></a></li>'
        ).format(
            to(row.project_code),
            row.project_code,
            row.values.get("name") or "",
            row.values.get("owner_name") or "",
        )
        for row in rows
        if row.project_code
    )
    components.show(Markup('<ul class="founds">{}</ul>').format(lines)).classes("wide")
