"""Stages, items and all that happens while they are handled."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sandbox.world import units
from sandbox.world.names import OPINIONS
from sandbox.world.plan import CLOSED, STAGE_LIMITS, STAGE_NAMES, Desk, PlannedItem
from sandbox.world.records import Consultation, Item, Material, SpecialProcedure, Stage, Step
from sandbox.world.scene import Scene, years_later

ACCEPTED, IN_REVIEW, PAUSED, RESUMED = 3, 8, 9, 10
EXPERT_REVIEW = 8
CONSULTED = (
    Desk("生态环境局", "环评股"),
    Desk("水务局", "水土保持股"),
    Desk("林业局", "资源股"),
    Desk("交通运输局", "规划股"),
)
PAPERS = ("申请表", "授权委托书", "总平面图", "设计文件", "营业执照")
FOLLOWS = {
    "land_use_permit": "project_approval", "design_opinion": "land_use_permit",
    "planning_permit": "design_opinion", "drawing_review": "planning_permit",
    "fire_review": "planning_permit", "construction_permit": "drawing_review",
    "fire_acceptance": "fire_review", "fire_filing": "construction_permit",
    "completion_filing": "construction_permit",
}  # fmt: skip


def stages(scene: Scene) -> Iterator[Stage]:
    """Give the stages that have begun."""
    for ordinal, name in STAGE_NAMES.items():
        members = [planned for planned in scene.plan.items if planned.kind.stage == ordinal]
        first = scene.timeline.at(members[0].start)
        if first is None:
            return
        ends = [scene.timeline.at(planned.after - 1) for planned in members]
        times = [end for end in ends if end]
        finished = max(times) if len(times) == len(ends) else None
        yield Stage(
            number=f"{scene.project.engineering_code}-S{ordinal}",
            ordinal=ordinal,
            name=name,
            flow_code=f"{scene.project.region_code}SPLC{scene.project.flow_kind:02d}",
            flow_version="1.0" if scene.project.index % 2 else "1",
            limit_days=STAGE_LIMITS[ordinal],
            lead=scene.authority(members[0].kind.desk),
            applied_at=first,
            finished_at=finished,
            updated_at=finished or first,
        )


def begun(scene: Scene) -> Iterator[tuple[PlannedItem, list[datetime]]]:
    """Give the items that have begun, each with the times of the steps taken so far."""
    for planned in scene.plan.items:
        times = [
            when
            for slot in range(planned.start, planned.after)
            if (when := scene.timeline.at(slot))
        ]
        if times:
            yield planned, times


def item(scene: Scene, planned: PlannedItem, times: list[datetime]) -> Item:
    kind, status = planned.kind, planned.statuses[len(times) - 1]
    authority = scene.authority(kind.desk)
    return Item(
        number=scene.item_number(planned),
        stage_number=f"{scene.project.engineering_code}-S{kind.stage}",
        stage_ordinal=kind.stage,
        standard_code=kind.standard_code,
        local_code=f"{authority.uscc}301140{kind.ordinal:05d}",
        name=kind.name,
        authority=authority,
        channel=4 if scene.project.index % 3 else 1,
        limit_days=kind.limit_days,
        commitment=planned.commitment,
        status=status,
        applied_at=times[0],
        finished_at=times[-1] if status in CLOSED else None,
        updated_at=times[-1],
    )


def steps(scene: Scene, planned: PlannedItem, times: list[datetime]) -> Iterator[Step]:
    officer = units.person(scene.chance(100 + planned.kind.ordinal))
    for ordinal, (status, at) in enumerate(zip(planned.statuses, times, strict=False), start=1):
        yield Step(
            item_number=scene.item_number(planned),
            ordinal=ordinal,
            status=status,
            at=at,
            authority=scene.authority(planned.kind.desk),
            officer=officer,
            opinion=OPINIONS[status],
        )


def consultations(
    scene: Scene, planned: PlannedItem, times: list[datetime]
) -> Iterator[Consultation]:
    """Give the opinions of other departments on a design or a planning permit: asked when the item
    is handled, answered once it goes on.
    """
    if (
        planned.kind.key not in {"design_opinion", "planning_permit"}
        or IN_REVIEW not in planned.statuses
    ):
        return
    position = planned.statuses.index(IN_REVIEW)
    chance = scene.chance(200 + planned.kind.ordinal)
    if position >= len(times) or not chance.one_in(2):
        return
    answered = times[position + 1] if position + 1 < len(times) else None
    for desk in CONSULTED[: chance.number(1, 3)]:
        officer = units.person(chance)
        opinion = "原则同意" if chance.one_in(2) else "同意，请按规范完善相关专项设计"
        authority = scene.authority(desk)
        yield Consultation(
            item_number=scene.item_number(planned),
            authority=authority,
            officer=officer if answered else None,
            asked_at=times[position],
            answered_at=answered,
            opinion=opinion if answered else None,
            attachment=f"{authority.name}征求意见反馈表.pdf" if answered else None,
            updated_at=answered or times[position],
        )


def special_procedures(
    scene: Scene, planned: PlannedItem, times: list[datetime]
) -> Iterator[SpecialProcedure]:
    taken = planned.statuses[: len(times)]
    if PAUSED in taken:
        yield SpecialProcedure(
            item_number=scene.item_number(planned),
            kind=EXPERT_REVIEW,
            name="专家评审",
            started_at=times[taken.index(PAUSED)],
            limit_days=20,
            ended_at=times[taken.index(RESUMED)] if RESUMED in taken else None,
        )


def materials(scene: Scene, planned: PlannedItem, times: list[datetime]) -> Iterator[Material]:
    """Give the papers of an accepted item: two of its own and the result of the item before it."""
    if ACCEPTED not in planned.statuses[: len(times)]:
        return
    accepted = times[planned.statuses.index(ACCEPTED)]
    number, chance = scene.item_number(planned), scene.chance(300 + planned.kind.ordinal)
    earlier = scene.issued(FOLLOWS.get(planned.kind.key, ""))
    papers: list[tuple[str, PlannedItem | None]] = [
        (PAPERS[0], None),
        (chance.pick(PAPERS[1:]), None),
    ]
    if earlier:
        papers.append((earlier[0].kind.title, earlier[0]))
    for ordinal, (name, result) in enumerate(papers, start=1):
        yield Material(
            item_number=number,
            number=f"{number}M{ordinal:02d}",
            catalogue_number=f"CL{planned.kind.ordinal:02d}{ordinal:03d}",
            name=name,
            sha256=hashlib.sha256(f"{scene.seed}/{number}/{ordinal}".encode()).hexdigest(),
            issued_by_item=scene.item_number(result) if result else None,
            certificate_name=name if result else None,
            certificate_number=scene.number_of(result.kind.key) if result else None,
            # the second paper
            valid_until=years_later(accepted.date(), 1) if ordinal == 2 else None,  # noqa: PLR2004
            signed=ordinal == 1 or not chance.one_in(3),
            updated_at=accepted,
        )
