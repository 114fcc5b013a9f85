"""Records on the project page: values, all fields of a record, actions."""

from collections.abc import Iterable
from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, PEOPLE
from hub.console import components, formatting
from hub.console.page import ConsolePage, address
from hub.console.words import moment, t
from hub.services.files import RecordFiles
from hub.services.project_timeline import ProjectTimeline
from hub.services.projects import Project, ProjectRecord

PROJECT = "project"


class ProjectRecords:
    """The records of one project, and the state of their fields."""

    def __init__(
        self,
        page: ConsolePage,
        told: Project,
        life: ProjectTimeline,
        record: int | None,
        papers: Iterable[RecordFiles],
    ) -> None:
        self.told, self.life = told, life
        self.papers = {one.record_id: one.files for one in papers}
        self.contracts = page.hub.contracts
        self.role = page.reader.account.role
        self.record = record
        self.now = datetime.now(UTC)
        self.rows = {row.record_id: row for row in told.records if not row.withdrawn}
        self.records = {
            name: [self.rows[one] for one in ids if one in self.rows]
            for name, ids in life.records.items()
        }
        self.project = next(iter(self.records.get(PROJECT, ())), None)
        self.doubts = {(one.record_id, one.field): one.dispute_id for one in life.disputes}
        self.sent = [one for row in told.records for one in row.deliveries]

    def opened(self, some: Iterable[int | None]) -> None:
        """The record named in the address with all its fields, if it is one of these."""
        for one in some:
            if one is not None and one == self.record and (row := self.rows.get(one)):
                with ui.element("section").classes("card wide").props(f"id=r{row.record_id}"):
                    components.heading(t("{row} 的全部字段", row=self.title(row)))
                    self.fields(row)

    def fields(self, row: ProjectRecord) -> None:
        """All fields of a record with sources."""
        entity = self.contracts.entities[row.entity]
        components.table(
            [
                t("字段"),
                t("值"),
                t("来源"),
                t("来源时间"),
                t("到达时间"),
                t("核验"),
                t("操作"),
            ],
            [
                (
                    formatting.field(field),
                    self.cell(row, name),
                    self.whose(row, name),
                    formatting.source_time(row.fields[name].source_time),
                    moment(row.fields[name].as_of)[:16] or "—",
                    self.standing(row, name),
                    self.acts(row, name),
                )
                for name, field in entity.fields.items()
                if name in row.fields
            ],
        ).classes("fields")

    def standing(self, row: ProjectRecord, name: str) -> Markup:
        """Whether a value is disputed, differs between sources, or is the authority's."""
        field = self.contracts.entities[row.entity].fields[name]
        doubt = self.doubts.get((row.record_id, name))
        if doubt is not None:
            return components.link(f"/disputes/{doubt}", t("校核中"))
        if name in row.disagreements:
            return components.badge(t("来源不一致"), tone="warn")
        if field.authority[:1] == (row.fields[name].system,):
            return components.badge(t("权威来源"), tone="good")
        return components.badge(t("其他来源"))

    def acts(self, row: ProjectRecord, name: str) -> Markup:
        """Actions of this reader on a value."""
        about = {"record": row.record_id, "field": name}
        links = []
        if self.role in LOOKING_INTO:
            links.append(components.link(f"/records/{row.record_id}/fields/{name}", t("溯源")))
        if (
            self.role in PEOPLE
            and name in row.fields
            and name not in row.masked
            and (row.record_id, name) not in self.doubts
        ):
            links.append(components.link(address("/disputes/new", **about), t("此值有误")))
        if self.role == "administrator" and name in row.disagreements:
            links.append(components.link(address("/decisions/new", **about), t("裁定")))
        return Markup('<span class="act no-print">{}</span>').format(Markup("").join(links))

    def cell(self, row: ProjectRecord, name: str) -> Markup | str:
        """A value in words."""
        return formatting.value(
            self.contracts, self.contracts.entities[row.entity].fields[name], row.values.get(name)
        )

    def open(self, row: ProjectRecord) -> Markup:
        """Links to a record's files, fields and lineage."""
        where = address(f"/projects/{self.life.project_code}", record=row.record_id)
        links = [components.link(f"{where}#r{row.record_id}", t("全部字段"))]
        if row.record_id in self.papers:
            links.insert(0, formatting.opens(row.record_id, self.papers[row.record_id]))
        if self.role in LOOKING_INTO:
            links.append(components.link(f"/records/{row.record_id}", t("溯源")))
        return Markup('<span class="act no-print">{}</span>').format(Markup("").join(links))

    def whose(self, row: ProjectRecord, name: str) -> str:
        """The system of a value."""
        said = row.fields.get(name)
        return formatting.system(self.contracts, said.system) if said and said.system else "—"

    def title(self, row: ProjectRecord) -> str:
        """A record's name."""
        name = row.values.get("name") or row.values.get("number") or row.key
        return f"{formatting.entity(self.contracts.entities[row.entity])} {name}"
