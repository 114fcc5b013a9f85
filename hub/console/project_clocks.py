"""Clocks on the project page: stages with items, connections, and the timeline."""

from collections.abc import Mapping
from datetime import datetime

from markupsafe import Markup

from hub.console import components, formatting, timeline
from hub.console.page import address
from hub.console.project_records import ProjectRecords
from hub.console.timeline import Bar, Lane, Tone
from hub.console.words import moment, pick, t
from hub.domain.contracts import Entity
from hub.domain.declared import ClockRole, Timing
from hub.domain.limits import codes_of
from hub.domain.times import HUB_ZONE
from hub.services.facts import Clock, Timed
from hub.services.project_timeline import Stage, TimelineItem
from hub.services.projects import ProjectRecord


class ProjectClocks(ProjectRecords):
    """The clocks of one project in front of one reader."""

    def passage(self) -> None:
        """The timeline, as bars over months."""
        lanes = [lane for stage in self.life.stages for lane in self._lanes(stage)]
        lanes += [self._connection(one) for one in self.life.connections]
        points = tuple(
            point for rows in self.records.values() for row in rows for point in self._point(row)
        )
        if points:
            lanes.append(Lane(t("证照与文件"), points=tuple(sorted(points))))
        made = timeline.drawn(lanes, now=self.now)
        with components.card(t("时间轴")) as card:
            card.props("id=timeline")
            if made is None:
                components.empty(t("还没有可以画出的过程。"))
            else:
                components.show(made).classes("wide")

    def stages(self) -> None:
        """Stages and items with clock, light, limit and its source."""
        rows = self._passed()
        with components.card(t("阶段与事项")) as card:
            card.props("id=stages")
            components.table(
                [
                    t("阶段、事项"),
                    t("部门"),
                    t("办理状态"),
                    t("亮灯"),
                    t("用时 / 时限"),
                    t("截止或办结"),
                    t("时限依据"),
                ],
                rows,
                nothing=t("审批系统尚未共享本项目的阶段和事项。")
                if not self._of("stage", "item") & {*self.told.ungranted}
                else t("没有查看本项目阶段或事项的授权，见页末。"),
            ).classes("stages")
            components.text(
                t(
                    "按工作日计，受理当日不计，补正和特别程序期间暂停，同时办理的只计一次。阶段时限与项目总时限各自独立。"
                ),
                kind="soft",
            )
            self.opened(
                [
                    one
                    for stage in self.life.stages
                    for one in (stage.record_id, *(item.record_id for item in stage.items))
                ]
            )

    def connections(self) -> None:
        """Cases beside the stages with their clocks, a table for each entity."""
        if not self.life.connections:
            return
        tables = [
            (entity, timing, some)
            for entity, timing in self.contracts.timed("connection")
            if (some := [one for one in self.life.connections if self._is(one, entity)])
        ]
        with components.card(self.connections_title()) as card:
            card.props("id=connections")
            for entity, timing, some in tables:
                self._table(entity, timing, some, named=len(tables) > 1)
            self.opened([one.record_id for one in self.life.connections])

    def connections_title(self) -> str:
        """What these cases are called: the titles of their entities."""
        named = {self.rows[one.record_id].entity for one in self.life.connections}
        titles = [
            formatting.entity(entity)
            for entity, _ in self.contracts.timed("connection")
            if entity.name in named
        ]
        return pick("、", ", ").join(titles)

    def _is(self, one: TimelineItem, entity: Entity) -> bool:
        return self.rows[one.record_id].entity == entity.name

    def _table(
        self, entity: Entity, timing: Timing, some: list[TimelineItem], *, named: bool
    ) -> None:
        """Connections of one entity."""
        tells = timing.fields
        names = [
            name
            for name in (
                tells.get("kind"),
                tells.get("number"),
                *timing.unit[:1],
                tells.get("status"),
            )
            if name is not None
        ]
        components.table(
            [
                *(formatting.field(entity.fields[name]) for name in names),
                t("亮灯"),
                t("用时 / 时限"),
                t("办结"),
                t("操作"),
            ],
            [
                (
                    *(self.cell(row, name) for name in names),
                    formatting.light(one),
                    formatting.meter(one),
                    formatting.due(one),
                    self.open(row),
                )
                for one in some
                for row in [self.rows[one.record_id]]
            ],
            caption=formatting.entity(entity) if named else "",
        )

    def _of(self, *roles: ClockRole) -> set[str]:
        """Entities with this role for clocks."""
        return {entity.name for role in roles for entity, _ in self.contracts.timed(role)}

    def _says(self, row: ProjectRecord, what: str) -> str:
        """A record's field with this meaning for clocks, "" for none."""
        timing = self.contracts.entities[row.entity].clock
        return timing.says(row.values, what) if timing else ""

    def _passed(self) -> list[tuple[object, ...]]:
        """A row a stage, followed by rows of its items."""
        rows: list[tuple[object, ...]] = []
        for stage in self.life.stages:
            if stage.record_id is not None:
                row, number, name = (
                    self.rows[stage.record_id],
                    stage.ordinal or "",
                    stage.name or "",
                )
                codes = codes_of(self.contracts.entities, self.contracts.code_lists, "stage")
                named = name or (
                    pick(*codes.values[number]) if codes and number in codes.values else number
                )
                rows.append(self._line(Markup("<b>{}</b>").format(named), stage, row, inner=False))
            rows += [
                self._line(self._says(row, "name") or row.key, one, row, inner=True)
                for one in stage.items
                for row in [self.rows[one.record_id]]
            ]
        return rows

    def _lanes(self, stage: Stage) -> list[Lane]:
        lanes = []
        if stage.record_id is not None and stage.clock is not None:
            lanes.append(Lane(stage.name or t("阶段"), bars=_bars(stage.clock)))
        lanes += [
            Lane(self._says(row, "name") or row.key, inner=True, bars=_bars(one.clock))
            for one in stage.items
            for row in [self.rows[one.record_id]]
            if one.clock is not None
        ]
        return lanes

    def _connection(self, one: TimelineItem) -> Lane:
        row = self.rows[one.record_id]
        entity = self.contracts.entities[row.entity]
        kind = entity.clock.fields.get("kind") if entity.clock else None
        name = self.cell(row, kind) if kind else formatting.entity(entity)
        bars = _bars(one.clock) if one.clock else ()
        return Lane(t("{name}报装", name=name), bars=bars)

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
        self, name: object, seen: Timed, row: ProjectRecord, *, inner: bool
    ) -> tuple[object, ...]:
        timing = self.contracts.entities[row.entity].clock
        status = timing.fields.get("status", "") if timing else ""
        told = self.cell(row, status) if status in row.values else ""
        whose = timing.whose(row.values) if timing and inner else ""
        where = address(f"/projects/{self.life.project_code}", record=row.record_id)
        linked = Markup('<a class="{}" href="{}#r{}">{}</a>').format(
            "inner" if inner else "", where, row.record_id, name
        )
        return (
            linked,
            whose,
            told,
            formatting.light(seen),
            formatting.meter(seen),
            formatting.due(seen),
            formatting.basis(seen),
        )


def _bars(clock: Clock) -> tuple[Bar, ...]:
    if clock.began is None:
        return ()
    end = moment(clock.ended)[:10] if clock.ended else t("今")
    says = f"{moment(clock.began)[:10]} – {end}, {t('用时|clock')} {formatting.days(clock.used)}"
    tone, stood = _TONES.get(clock.light, "plain"), t("暂停计时")
    return (
        Bar(clock.began, clock.ended, tone, says),
        *(
            Bar(since, until or clock.ended, "plain", stood, stood=True)
            for since, until in clock.pauses
        ),
    )


_TONES: Mapping[str, Tone] = {"green": "green", "yellow": "yellow", "red": "red"}
