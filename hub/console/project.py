"""The project page, card by card."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import PEOPLE
from hub.console import components, formatting
from hub.console.page import address
from hub.console.project_clocks import ProjectClocks
from hub.console.project_records import PROJECT
from hub.console.words import moment, pick, t, word
from hub.services.figures import total
from hub.services.projects import ProjectRecord
from hub.services.sections import Section, SectionTable
from hub.services.view import SourceValue


class ProjectView(ProjectClocks):
    """One project in front of one reader, card by card.

    beside: anchors and titles of what stands side by side on the page.
    """

    beside: Sequence[tuple[str, str]] = ()

    def head(self) -> None:
        """Name and place, the project's clock, and what needs attention."""
        values = self.project.values if self.project else {}
        project = self.contracts.entities[PROJECT]
        with components.card(components.content(values.get("name") or self.life.project_code)):
            told = [
                (project.fields[name], values[name])
                for name in ("project_code", "owner_name", "address", "flow_kind", "status")
                if name in values and name in project.fields
            ]
            pairs: list[tuple[str, object]] = [
                (formatting.field(field), formatting.value(self.contracts, field, said))
                for field, said in told
            ]
            seen, clock = self.life, self.life.clock
            if seen.denied or clock is not None:
                pairs.append(
                    (
                        t("审批总用时"),
                        _line(formatting.light(seen), formatting.meter(seen)),
                    )
                )
            if clock is not None and (clock.days is not None or clock.others):
                pairs.append((t("总时限依据"), formatting.basis(seen)))
            if self.life.until is not None:
                pairs.append((t("计时截至"), self._until()))
            components.facts(pairs)
            with ui.element("div").classes("row"):
                counted = self.told.figures
                badges = [
                    _count(
                        total(counted.disagreements),
                        t("处数据不一致"),
                        "#disagreements",
                    ),
                    _count(total(counted.disputes), t("项校核中"), "/disputes"),
                    _count(total(counted.records), t("条记录"), "", tone="plain"),
                ]
                if total(counted.records) is None:
                    badges.append(components.badge(t("含无权查看的数据，不计总数")))
                components.show(Markup(" ").join(badge for badge in badges if badge))
                prefill = address("/prefill", project_code=self.life.project_code)
                components.show(components.link(prefill, t("用于表单预填")))
            components.show(
                Markup('<nav class="places no-print" aria-label="{}">{}</nav>').format(
                    t("本页内容"), self._places()
                )
            )

    def _until(self) -> str:
        until = moment(self.life.until)[:16] if self.life.until else "—"
        if not self.life.pending:
            return until
        return until + t("，其后有变更，正在重新计算")

    def _places(self) -> Markup:
        """Links to sections that are not empty."""
        having = self.records
        places = [
            ("timeline", t("时间轴")),
            ("stages", t("阶段与事项")),
        ]
        if self.life.scenarios.scenarios:
            places.append(("scenarios", t("改革情形")))
        if any(row.disagreements for some in having.values() for row in some):
            places.append(("disagreements", t("数据不一致")))
        if self.project is not None:
            places.append(("basics", t("基本信息")))
        if self.life.connections:
            places.append(("connections", self.connections_title()))
        places += [(one.name, pick(one.zh, one.en)) for one in self.life.sections]
        places += self.beside
        if self.sent:
            places.append(("deliveries", t("推送情况")))
        return Markup("").join(components.link(f"#{name}", title) for name, title in places)

    def disagreements(self) -> None:
        """Fields on which systems differ, values side by side."""
        rows = [
            (row, name, said)
            for some in self.records.values()
            for row in some
            for name, said in row.disagreements.items()
            if name in self.contracts.entities[row.entity].fields
        ]
        if not rows:
            return
        with components.card(t("数据不一致")) as card:
            card.props("id=disagreements")
            components.table(
                [
                    t("记录"),
                    t("字段"),
                    t("各来源的值"),
                    t("操作"),
                ],
                [
                    (
                        formatting.entity(self.contracts.entities[PROJECT])
                        if row is self.project
                        else self.title(row),
                        formatting.field(self.contracts.entities[row.entity].fields[name]),
                        self._beside(row, name, said),
                        self.acts(row, name),
                    )
                    for row, name, said in rows
                ],
            ).classes("sources")

    def basics(self) -> None:
        """The project's own fields with sources."""
        if self.project is not None:
            with components.card(t("基本信息")) as card:
                card.props("id=basics")
                self.fields(self.project)

    def part(self, section: Section) -> None:
        """The records of a section, a table for each entity."""
        with components.card(pick(section.zh, section.en)) as card:
            card.props(f"id={section.name}")
            for table in section.tables:
                self._records(table, named=len(section.tables) > 1)

    def deliveries(self) -> None:
        """Deliveries of its records, and their states."""
        if not self.sent:
            return
        counts = Counter((one.flow, one.state, pick(one.why.zh, one.why.en)) for one in self.sent)
        cures = {
            pick(one.why.zh, one.why.en): pick(one.why.cure_zh, one.why.cure_en)
            for one in self.sent
        }
        with components.card(t("推送给各单位的情况")) as card:
            card.props("id=deliveries")
            components.table(
                [
                    t("目标系统"),
                    t("数据"),
                    t("状态"),
                    t("数量"),
                    t("原因与处理"),
                ],
                [
                    (*self._target(flow), _state(state), count, formatting.why(why, cures[why]))
                    for (flow, state, why), count in sorted(counts.items())
                ],
                numeric=(3,),
            )

    def ungranted(self) -> None:
        """Data without a grant, and the link to apply."""
        hidden = [self.contracts.granted[name] for name in self.told.ungranted]
        if not hidden or self.role not in PEOPLE:
            return
        with components.card(t("没有授权查看的数据")):
            links = (
                components.link(
                    address("/applications/new", entity=one.name), formatting.entity(one)
                )
                for one in hidden
            )
            components.text(
                t("本项目的以下数据须先申请授权："),
                kind="soft",
            )
            components.show(
                Markup('<nav class="places plain">{}</nav>').format(Markup("").join(links))
            )

    def _beside(self, row: ProjectRecord, name: str, said: Sequence[SourceValue]) -> Markup:
        field = self.contracts.entities[row.entity].fields[name]
        stands = row.fields[name].system if name in row.fields else ""
        return Markup('<span class="beside">{}</span>').format(
            Markup("").join(
                Markup('<span class="said{}">{}<small>{}{}</small></span>').format(
                    " stands" if one.system == stands else "",
                    formatting.value(self.contracts, field, one.value),
                    formatting.system(self.contracts, one.system),
                    t("（采用）") if one.system == stands else "",
                )
                for one in said
            )
        )

    def _records(self, table: SectionTable, *, named: bool) -> None:
        entity, rows, used = (
            self.contracts.entities[table.entity],
            self.records[table.entity],
            table.columns,
        )
        components.table(
            [
                *(formatting.field(entity.fields[name]) for name in used),
                t("来源"),
                t("操作"),
            ],
            [
                (
                    *(self.cell(row, name) for name in used),
                    self.whose(row, used[0]),
                    self.open(row),
                )
                for row in rows
            ],
            caption=formatting.entity(entity) if named else "",
        )
        self.opened(table.records)

    def _target(self, flow: str) -> tuple[str, str]:
        push = self.contracts.pushes.get(flow)
        if push is None:
            return flow, ""
        return formatting.system(self.contracts, push.system.name), formatting.entity(push.entity)


def _line(*some: Markup) -> Markup:
    return Markup(" ").join(some)


def _count(
    number: int | None, what: str, where: str, *, tone: Literal["plain", "warn"] = "warn"
) -> Markup | None:
    if not number:
        return None
    badge = components.badge(f"{number} {what}", tone=tone)
    return Markup('<a href="{}">{}</a>').format(where, badge) if where else badge


def _state(state: str) -> Markup:
    words = word(state)
    if state in {"confirmed", "unchanged"}:
        return components.badge(words, tone="good")
    return components.badge(words, tone="bad" if state in {"rejected", "dead"} else "plain")
