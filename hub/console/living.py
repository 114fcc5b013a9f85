"""One project in front of one reader: its life on one page, card by card."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO
from hub.console import components, formatting, timeline
from hub.console.page import ConsolePage, address
from hub.console.timeline import Bar, Lane, Tone
from hub.console.words import moment, t, word
from hub.domain.times import HUB_ZONE
from hub.services.facts import Clock, Timed
from hub.services.figures import total
from hub.services.project_timeline import ProjectTimeline, Stage, TimelineItem
from hub.services.projects import Project, ProjectRecord
from hub.services.sections import Section, SectionTable
from hub.services.view import SourceValue

PROJECT = "project"


class ProjectView:
    """One project in front of one reader."""

    def __init__(
        self, page: ConsolePage, told: Project, life: ProjectTimeline, record: int | None
    ) -> None:
        self.told, self.life = told, life
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

    def head(self) -> None:
        """Who and where, the project's own clock, and what wants attention."""
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
                        t("审批总用时", "Time of approval"),
                        _line(formatting.light(seen), formatting.meter(seen)),
                    )
                )
            if clock is not None and (clock.days is not None or clock.others):
                pairs.append((t("总时限依据", "Limit of the whole"), formatting.basis(seen)))
            if self.life.until is not None:
                pairs.append((t("计时截至", "Clocks stand up to"), self._until()))
            components.facts(pairs)
            with ui.element("div").classes("row"):
                counted = self.told.figures
                badges = [
                    _count(
                        total(counted.disagreements),
                        t("处数据不一致", "disagreements"),
                        "#disagreements",
                    ),
                    _count(total(counted.disputes), t("项校核中", "values disputed"), "/disputes"),
                    _count(total(counted.records), t("条记录", "records"), "", tone="plain"),
                ]
                if total(counted.records) is None:
                    badges.append(
                        components.badge(
                            t("含无权查看的数据，不计总数", "not all may be shown: no totals")
                        )
                    )
                components.show(Markup(" ").join(badge for badge in badges if badge))
                prefill = address("/prefill", project_code=self.life.project_code)
                components.show(components.link(prefill, t("用于表单预填", "Prefill a form")))
            components.show(
                Markup('<nav class="places no-print" aria-label="{}">{}</nav>').format(
                    t("本页内容", "On this page"), self._places()
                )
            )

    def _until(self) -> str:
        until = moment(self.life.until)[:16] if self.life.until else "—"
        if not self.life.pending:
            return until
        return until + t(
            "，其后有变更，正在重新计算", "; something has changed since, and is being computed"
        )

    def _places(self) -> Markup:
        """The parts of this page that have something to show."""
        having = self.records
        places = [
            ("timeline", t("时间轴", "Timeline")),
            ("stages", t("阶段与事项", "Stages and items")),
        ]
        if any(row.disagreements for some in having.values() for row in some):
            places.append(("disagreements", t("数据不一致", "Disagreements")))
        if self.project is not None:
            places.append(("basics", t("基本信息", "The project")))
        if self.life.connections:
            places.append(("connections", t("市政公用报装", "Connections")))
        places += [(one.name, t(one.zh, one.en)) for one in self.life.sections]
        if self.sent:
            places.append(("deliveries", t("推送情况", "Deliveries")))
        return Markup("").join(components.link(f"#{name}", title) for name, title in places)

    def passage(self) -> None:
        """The life as bars over months."""
        lanes = [lane for stage in self.life.stages for lane in self._lanes(stage)]
        lanes += [self._connection(one) for one in self.life.connections]
        points = tuple(
            point for rows in self.records.values() for row in rows for point in self._point(row)
        )
        if points:
            lanes.append(
                Lane(t("证照与文件", "Papers issued"), "stage", points=tuple(sorted(points)))
            )
        made = timeline.drawn(lanes, now=self.now)
        with components.card(t("时间轴", "Timeline")) as card:
            card.props("id=timeline")
            if made is None:
                components.empty(t("还没有可以画出的过程。", "Nothing with a date yet."))
            else:
                components.show(made).classes("wide")

    def stages(self) -> None:
        """Stages and items with clock, light, limit and who says it."""
        rows = self._passed()
        with components.card(t("阶段与事项", "Stages and items")) as card:
            card.props("id=stages")
            components.table(
                [
                    *(
                        t("阶段、事项", "Stage, item"),
                        t("部门", "Department"),
                        t("办理状态", "Status"),
                        t("亮灯", "Light"),
                    ),
                    *(
                        t("用时 / 时限", "Used / limit"),
                        t("截止或办结", "Due or finished"),
                        t("时限依据", "Who says the limit"),
                    ),
                ],
                rows,
                nothing=t(
                    "审批系统尚未共享本项目的阶段和事项。",
                    "No stage or item of this project has come yet.",
                )
                if not {"stage", "approval_item"} & {*self.told.ungranted}
                else t(
                    "没有查看本项目阶段或事项的授权，见页末。",
                    "No grant covers stages or items; see below.",
                ),
            ).classes("stages")
            components.text(
                t(
                    "按工作日计，受理当日不计，补正和特别程序期间暂停，同时办理的只计一次。阶段时限与项目总时限各自独立。",
                    "In working days; the day of acceptance does not count, nor does suspended time; what runs at once "
                    "counts once. Limits of stages and of the whole project are separate.",
                ),
                kind="soft",
            )
            self._opened(
                [
                    one
                    for stage in self.life.stages
                    for one in (stage.record_id, *(item.record_id for item in stage.items))
                ]
            )

    def disagreements(self) -> None:
        """What the systems say differently, beside each other."""
        rows = [
            (row, name, said)
            for some in self.records.values()
            for row in some
            for name, said in row.disagreements.items()
            if name in self.contracts.entities[row.entity].fields
        ]
        if not rows:
            return
        with components.card(t("数据不一致", "Disagreements")) as card:
            card.props("id=disagreements")
            components.table(
                [
                    t("记录", "Record"),
                    t("字段", "Field"),
                    t("各来源的值", "What the sources say"),
                    t("操作", "Do"),
                ],
                [
                    (
                        formatting.entity(self.contracts.entities[PROJECT])
                        if row is self.project
                        else self._title(row),
                        formatting.field(self.contracts.entities[row.entity].fields[name]),
                        self._beside(row, name, said),
                        self._acts(row, name),
                    )
                    for row, name, said in rows
                ],
            ).classes("sources")

    def basics(self) -> None:
        """The project's own fields, each with its source."""
        if self.project is not None:
            with components.card(t("基本信息", "The project")) as card:
                card.props("id=basics")
                self._fields(self.project)

    def connections(self) -> None:
        """Water, power, gas and heat, with their clocks."""
        if not self.life.connections:
            return
        entity = self.contracts.entities["utility_connection"]
        with components.card(t("市政公用报装", "Connections")) as card:
            card.props("id=connections")
            components.table(
                [
                    *(
                        formatting.field(entity.fields[name])
                        for name in ("utility", "number", "company", "status")
                    ),
                    *(
                        t("亮灯", "Light"),
                        t("用时 / 时限", "Used / limit"),
                        t("接通", "Connected"),
                        t("操作", "Do"),
                    ),
                ],
                [
                    (
                        *(
                            self._cell(row, name)
                            for name in ("utility", "number", "company", "status")
                        ),
                        *(formatting.light(one), formatting.meter(one), formatting.due(one)),
                        self._open(row),
                    )
                    for one in self.life.connections
                    for row in [self.rows[one.record_id]]
                ],
            )
            self._opened([one.record_id for one in self.life.connections])

    def part(self, section: Section) -> None:
        """The records of some entities, a table each."""
        with components.card(t(section.zh, section.en)) as card:
            card.props(f"id={section.name}")
            for table in section.tables:
                self._records(table, named=len(section.tables) > 1)

    def deliveries(self) -> None:
        """Where the records went, and how that stands."""
        if not self.sent:
            return
        counts = Counter((one.flow, one.state, t(one.why.zh, one.why.en)) for one in self.sent)
        cures = {
            t(one.why.zh, one.why.en): t(one.why.cure_zh, one.why.cure_en) for one in self.sent
        }
        with components.card(t("推送给各单位的情况", "Deliveries")) as card:
            card.props("id=deliveries")
            components.table(
                [
                    *(
                        t("目标系统", "Target"),
                        t("数据", "Records"),
                        t("状态", "State"),
                        t("数量", "Number"),
                    ),
                    t("原因与处理", "Why, and what changes it"),
                ],
                [
                    (*self._target(flow), _state(state), count, formatting.why(why, cures[why]))
                    for (flow, state, why), count in sorted(counts.items())
                ],
                numeric=(3,),
            )

    def ungranted(self) -> None:
        """What this reader has no grant for, and where to ask for one."""
        hidden = [self.contracts.granted[name] for name in self.told.ungranted]
        if not hidden:
            return
        with components.card(t("没有授权查看的数据", "Not covered by a grant")):
            links = (
                components.link(
                    address("/applications/new", entity=one.name), formatting.entity(one)
                )
                for one in hidden
            )
            components.text(
                t("本项目的以下数据须先申请授权：", "Ask for a grant to see of this project:"),
                kind="soft",
            )
            components.show(
                Markup('<nav class="places plain">{}</nav>').format(Markup("").join(links))
            )

    def _passed(self) -> list[tuple[object, ...]]:
        """A line a stage, then one for each of its items."""
        rows: list[tuple[object, ...]] = []
        for stage in self.life.stages:
            if stage.record_id is not None:
                number, name = stage.ordinal or "", stage.name or ""
                codes = self.contracts.code_lists.get("stage")
                named = name or (
                    t(*codes.values[number]) if codes and number in codes.values else number
                )
                rows.append(
                    self._line(
                        Markup("<b>{}</b>").format(named), "", stage, self.rows[stage.record_id]
                    )
                )
            rows += [
                self._line(
                    str(row.values.get("name") or row.key),
                    str(row.values.get("department") or ""),
                    one,
                    row,
                )
                for one in stage.items
                for row in [self.rows[one.record_id]]
            ]
        return rows

    def _lanes(self, stage: Stage) -> list[Lane]:
        lanes = []
        if stage.record_id is not None and stage.clock is not None:
            lanes.append(Lane(stage.name or t("阶段", "Stage"), "stage", bars=_bars(stage.clock)))
        lanes += [
            Lane(str(row.values.get("name") or row.key), "inner", bars=_bars(one.clock))
            for one in stage.items
            for row in [self.rows[one.record_id]]
            if one.clock is not None
        ]
        return lanes

    def _connection(self, one: TimelineItem) -> Lane:
        entity = self.contracts.entities["utility_connection"]
        name = formatting.value(
            self.contracts, entity.fields["utility"], self.rows[one.record_id].values.get("utility")
        )
        bars = _bars(one.clock) if one.clock else ()
        return Lane(t(f"{name}报装", f"{name}: connection"), "stage", bars=bars)

    def _point(self, row: ProjectRecord) -> list[tuple[datetime, str]]:
        entity = self.contracts.entities[row.entity]
        if entity.show is None or entity.show.date is None or not row.values.get(entity.show.date):
            return []
        day, paper = (
            str(row.values[entity.show.date]),
            row.values.get(entity.show.paper or "") or "",
        )
        kind = entity.fields.get("kind")
        name = (
            formatting.value(self.contracts, kind, row.values.get("kind"))
            if kind
            else formatting.entity(entity)
        )
        at = datetime.fromisoformat(day)
        return [(at if at.tzinfo else at.replace(tzinfo=HUB_ZONE), f"{name} {paper} {day}")]

    def _line(
        self, name: object, department: str, seen: Timed, row: ProjectRecord
    ) -> tuple[object, ...]:
        status = self._cell(row, "status") if "status" in row.values else ""
        inner = "" if row.entity == "stage" else "inner"
        where = address(f"/projects/{self.life.project_code}", record=row.record_id)
        linked = Markup('<a class="{}" href="{}#r{}">{}</a>').format(
            inner, where, row.record_id, name
        )
        return (
            *(linked, department, status, formatting.light(seen)),
            *(formatting.meter(seen), formatting.due(seen), formatting.basis(seen)),
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
                    t("（采用）", " (stands)") if one.system == stands else "",
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
                t("来源", "Source"),
                t("操作", "Do"),
            ],
            [
                (
                    *(self._cell(row, name) for name in used),
                    self._whose(row, used[0]),
                    self._open(row),
                )
                for row in rows
            ],
            caption=formatting.entity(entity) if named else "",
        )
        self._opened(table.records)

    def _opened(self, some: Iterable[int | None]) -> None:
        """The record that the address names, with all its fields, where it is one of these."""
        for one in some:
            if one is not None and one == self.record and (row := self.rows.get(one)):
                with ui.element("section").classes("card wide").props(f"id=r{row.record_id}"):
                    components.heading(
                        t(f"{self._title(row)} 的全部字段", f"All fields of {self._title(row)}")
                    )
                    self._fields(row)

    def _fields(self, row: ProjectRecord) -> None:
        entity = self.contracts.entities[row.entity]
        components.table(
            [
                *(t("字段", "Field"), t("值", "Value"), t("来源", "Source")),
                *(t("来源时间", "Source's time"), t("到达时间", "Arrived")),
                *(t("核验", "Standing"), t("操作", "Do")),
            ],
            [
                (
                    formatting.field(field),
                    self._cell(row, name),
                    self._whose(row, name),
                    formatting.source_time(row.fields[name].source_time),
                    moment(row.fields[name].as_of)[:16] or "—",
                    self._standing(row, name),
                    self._acts(row, name),
                )
                for name, field in entity.fields.items()
                if name in row.fields
            ],
        ).classes("fields")

    def _standing(self, row: ProjectRecord, name: str) -> Markup:
        field = self.contracts.entities[row.entity].fields[name]
        doubt = self.doubts.get((row.record_id, name))
        if doubt is not None:
            return components.link(f"/disputes/{doubt}", t("校核中", "disputed"))
        if name in row.disagreements:
            return components.badge(t("来源不一致", "sources differ"), tone="warn")
        if field.authority[:1] == (row.fields[name].system,):
            return components.badge(t("权威来源", "authority"), tone="good")
        return components.badge(t("其他来源", "another source"))

    def _acts(self, row: ProjectRecord, name: str) -> Markup:
        about = {"record": row.record_id, "field": name}
        links = []
        if self.role in LOOKING_INTO:
            links.append(
                components.link(f"/records/{row.record_id}/fields/{name}", t("溯源", "Lineage"))
            )
        if (
            name in row.fields
            and name not in row.masked
            and (row.record_id, name) not in self.doubts
        ):
            links.append(
                components.link(address("/disputes/new", **about), t("此值有误", "This is wrong"))
            )
        if self.role == "administrator" and name in row.disagreements:
            links.append(components.link(address("/decisions/new", **about), t("裁定", "Settle")))
        return Markup('<span class="act no-print">{}</span>').format(Markup("").join(links))

    def _cell(self, row: ProjectRecord, name: str) -> Markup | str:
        return formatting.value(
            self.contracts, self.contracts.entities[row.entity].fields[name], row.values.get(name)
        )

    def _open(self, row: ProjectRecord) -> Markup:
        where = address(f"/projects/{self.life.project_code}", record=row.record_id)
        links = [components.link(f"{where}#r{row.record_id}", t("全部字段", "All fields"))]
        if self.role in LOOKING_INTO:
            links.append(components.link(f"/records/{row.record_id}", t("溯源", "Lineage")))
        return Markup('<span class="act no-print">{}</span>').format(Markup("").join(links))

    def _whose(self, row: ProjectRecord, name: str) -> str:
        said = row.fields.get(name)
        return formatting.system(self.contracts, said.system) if said and said.system else "—"

    def _title(self, row: ProjectRecord) -> str:
        name = row.values.get("name") or row.values.get("number") or row.key
        return f"{formatting.entity(self.contracts.entities[row.entity])} {name}"

    def _target(self, flow: str) -> tuple[str, str]:
        push = self.contracts.pushes.get(flow)
        if push is None:
            return flow, ""
        return formatting.system(self.contracts, push.system.name), formatting.entity(push.entity)


def _bars(clock: Clock) -> tuple[Bar, ...]:
    if clock.began is None:
        return ()
    end = moment(clock.ended)[:10] if clock.ended else t("今", "now")
    says = f"{moment(clock.began)[:10]} – {end}, {t('用时', 'used')} {formatting.days(clock.used)}"
    tone, stood = _TONES.get(clock.light, "plain"), t("暂停计时", "suspended")
    return (
        Bar(clock.began, clock.ended, tone, says),
        *(
            Bar(since, until or clock.ended, "plain", stood, stood=True)
            for since, until in clock.pauses
        ),
    )


_TONES: Mapping[str, Tone] = {"green": "green", "yellow": "yellow", "red": "red"}


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
