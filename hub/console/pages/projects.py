"""Projects: found as one types, and the whole life of one code on one page."""

from collections.abc import Sequence
from datetime import UTC, datetime

from nicegui import ui

from hub.console import parts, showing
from hub.console.frame import Entry
from hub.console.living import Shown, Told
from hub.console.page import Page, address, page
from hub.console.sections import PARTS
from hub.console.words import t
from hub.errors import FlowError
from hub.prefill.finding import PROJECT, Suggestion
from hub.report import life
from hub.rules import keys
from hub.rules.contracts import Contracts
from hub.services import deliveries
from hub.store import disputes, projects
from hub.visiting import PEOPLE, Visit

FOUND = 20


@page("/projects", zh="项目", en="Projects", roles=PEOPLE, menu=Entry("use", 20, "domain"))
async def found(page: Page, q: str = "") -> None:
    """Projects by the beginning of a code or any part of a name, as one types."""
    with parts.card():
        asked = (
            ui.input(
                t("项目代码或名称", "Project code or name"),
                value=q,
                placeholder=t("至少两个字，或代码的前几位", "two signs of a name, or the beginning of a code"),
            )
            .props("autofocus clearable debounce=250 outlined")
            .classes("wide")
        )
        place = ui.element("div").classes("wide").props("aria-live=polite")

    async def search() -> None:
        text = str(asked.value or "").strip()
        rows = await page.look(lambda visit: visit.found(text, most=FOUND)) if text else []
        place.clear()
        with place:
            _results(page.hub.contracts, rows, text)
        where = address("/projects", q=text)
        ui.run_javascript(f"history.replaceState(null, '', {where!r})")

    asked.on_value_change(search)
    rows = await page.look(lambda visit: visit.found(q.strip(), most=FOUND)) if q.strip() else []
    code = keys.project_code(q)
    if len(rows) == 1 and rows[0].project_code == code:
        ui.navigate.to(f"/projects/{code}")
    with place:
        _results(page.hub.contracts, rows, q.strip())


@page("/projects/{code}", zh="项目全生命周期", en="The life of a project", roles=PEOPLE)
async def one(page: Page, code: str, record: int | None = None) -> None:
    """Everything known of one code that the reader may see. record: the one that is shown with all its fields."""
    ui.add_css(showing.STYLE)
    told = await page.look(lambda visit: _told(visit, keys.project_code(code)))
    shown = Shown(page, told, record)
    shown.head()
    shown.passage()
    shown.stages()
    shown.disagreements()
    shown.basics()
    shown.connections()
    for name, title, entities in PARTS:
        shown.part(name, t(*title), entities)
    shown.deliveries()
    shown.ungranted()


def _told(visit: Visit, code: str) -> Told:
    contracts = visit.hub.contracts
    visit.may_see(contracts.entities)
    with visit.reading() as tx:
        rights = visit.rights_on(tx, code, contracts.entities)
        entities = [entity for name, entity in contracts.entities.items() if rights.sees(name)]
        known = projects.shown_of_project(tx, entities, code)
        arrived = projects.shown_arrivals(tx, (landing for row in known for landing in row.provenance.values()))
    visit.saw([row.record_id for row in known], project_code=code)
    if not known:
        raise FlowError("ask.project_unknown", project_code=code)
    with visit.hub.database.reading() as tx:
        ids = [row.record_id for row in known]
        sent = deliveries.of_records(tx, contracts, known, rights=rights)
        doubts = disputes.disputes(tx, record_ids=ids)
    seen = {(row.record_id, name) for row in known for name in row.values}
    held = {(one.record_id, one.field): one for one in doubts if (one.record_id, one.field) in seen}
    return Told(life.life(contracts, code, known, now=datetime.now(UTC)), rights, arrived, sent, held)


def _results(contracts: Contracts, rows: Sequence[Suggestion], text: str) -> None:
    if not text:
        parts.empty(t("输入项目代码或名称开始查找。", "Type a project code or a part of a name."))
        return
    project, names = contracts.entities[PROJECT], ("name", "owner_name", "status")
    parts.table(
        [
            t("项目代码", "Project code"),
            *(showing.field(project.fields[name]) for name in names),
        ],
        [
            (
                parts.link(f"/projects/{row.project_code}", row.project_code) if row.project_code else "—",
                *(showing.value(contracts, project.fields[name], row.values.get(name)) for name in names),
            )
            for row in rows
        ],
        nothing=t(
            f"没有找到“{text}”。核对代码，或换名称中的另一段。",
            f"Nothing found for “{text}”: check the code, or try another part of the name.",
        ),
    )
