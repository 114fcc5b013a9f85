"""Projects: search, and one project with everything known of it."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from hub.auth.context import SEEING_PROJECTS, RequestContext
from hub.console import components, formatting, project_comparisons, scenario_tables
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.project import ProjectView
from hub.console.words import t
from hub.domain import keys
from hub.domain.contracts import Contracts
from hub.services.comparisons import Comparisons, comparisons
from hub.services.prefill import search as finding
from hub.services.prefill.search import PROJECT, Suggestion
from hub.services.project_timeline import ProjectTimeline, life
from hub.services.projects import Project, project, records_of

FOUND = 20


@page("/projects", title="项目|several", roles=SEEING_PROJECTS, menu=MenuEntry("use", 20, "domain"))
async def found(page: ConsolePage, q: str = "") -> None:
    """Projects by the beginning of a code or any part of a name, as one types."""
    with components.card():
        asked = (
            ui.input(
                t("项目代码或名称"),
                value=q,
                placeholder=t("至少两个字，或代码的前几位"),
            )
            .props("autofocus clearable debounce=250 outlined")
            .classes("wide")
        )
        place = ui.element("div").classes("wide").props("aria-live=polite")

    async def search() -> None:
        text = str(asked.value or "").strip()
        rows = await page.look(lambda visit: finding.found(visit, text, most=FOUND)) if text else []
        place.clear()
        with place:
            _results(page.hub.contracts, rows, text)
        where = address("/projects", q=text)
        ui.run_javascript(f"history.replaceState(null, '', {where!r})")

    asked.on_value_change(search)
    rows = (
        await page.look(lambda visit: finding.found(visit, q.strip(), most=FOUND))
        if q.strip()
        else []
    )
    code = keys.project_code(q)
    if len(rows) == 1 and rows[0].project_code == code:
        ui.navigate.to(f"/projects/{code}")
    with place:
        _results(page.hub.contracts, rows, q.strip())


@page("/projects/{code}", title="项目全生命周期", roles=SEEING_PROJECTS)
async def one(page: ConsolePage, code: str, record: int | None = None) -> None:
    """Everything known of one code. record: the one whose fields are all shown."""
    ui.add_css(formatting.STYLE)
    told, lived, beside = await page.look(partial(_project_and_timeline, code=code))
    shown = ProjectView(page, told, lived, record)
    shown.beside = project_comparisons.places(beside)
    shown.head()
    shown.passage()
    shown.stages()
    scenario_tables.of_project(lived.scenarios)
    shown.disagreements()
    shown.basics()
    shown.connections()
    for section in lived.sections:
        shown.part(section)
    project_comparisons.show(page.hub.contracts, beside)
    shown.deliveries()
    shown.ungranted()


def _project_and_timeline(
    context: RequestContext, code: str
) -> tuple[Project, ProjectTimeline, Comparisons]:
    """A project, its timeline and its comparisons, with its records read once."""
    read = records_of(context, code)
    return project(context, code, read), life(context, code, read), comparisons(context, code, read)


def _results(contracts: Contracts, rows: Sequence[Suggestion], text: str) -> None:
    if not text:
        components.empty(t("输入项目代码或名称开始查找。"))
        return
    about, names = contracts.entities[PROJECT], ("name", "owner_name", "status")
    components.table(
        [
            t("项目代码"),
            *(formatting.field(about.fields[name]) for name in names),
        ],
        [
            (
                components.link(f"/projects/{row.project_code}", row.project_code)
                if row.project_code
                else "—",
                *(
                    formatting.value(contracts, about.fields[name], row.values.get(name))
                    for name in names
                ),
            )
            for row in rows
        ],
        nothing=t("没有找到您可以查看的“{text}”。核对代码，或换名称中的另一段。", text=text),
    )
