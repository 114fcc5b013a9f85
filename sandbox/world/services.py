"""What fire review and the utilities do for a project."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.world import units
from sandbox.world.chance import Chance
from sandbox.world.plan import APPROVED, CLOSED, PlannedItem
from sandbox.world.records import Connection, FireCase, Need, Project
from sandbox.world.scene import Scene, document_number

FIRE_KINDS = {"fire_review": "review", "fire_acceptance": "acceptance", "fire_filing": "filing"}
IN_REVIEW, UNDER_REVIEW, DRAWN, NOT_DRAWN = 8, 101, 21, 22
SURVEYED, CONNECTED = 8, 11
COMPANIES = {
    "water": "供水有限公司",
    "power": "供电局",
    "gas": "燃气有限公司",
    "heat": "热力有限公司",
}
NEEDS = {"water": (20, 800), "power": (100, 8_000), "gas": (10, 400), "heat": (100, 5_000)}
SPARED_ONE_IN = {"water": 20, "gas": 4, "heat": 2}
TOPICS = {"water": 41, "power": 42, "gas": 43, "heat": 44}


def situations(chance: Chance, floor_area: Decimal) -> tuple[int, ...]:
    """Say which special situations apply (TSJSGCQX): none for most projects."""
    large = floor_area > 40_000  # noqa: PLR2004  the threshold of the situation itself
    if not large and not chance.one_in(3):
        return ()
    drawn = {chance.number(1, 11) for _ in range(chance.number(1, 2))}
    return tuple(sorted(drawn | ({12} if large else set())))


def fire_case(scene: Scene, planned: PlannedItem, times: list[datetime]) -> FireCase:
    """Tell an item of the fire service as that service sees it."""
    kind = FIRE_KINDS[planned.kind.key]
    drawn = scene.chance(51).one_in(4) if kind == "filing" else None
    review = UNDER_REVIEW if drawn is None else DRAWN if drawn else NOT_DRAWN
    taken = planned.statuses[: len(times)]
    closed = taken[-1] in CLOSED
    passed = taken[-1] in APPROVED if closed else None
    return FireCase(
        item_number=scene.item_number(planned),
        kind=kind,
        number=document_number(scene.project, planned.kind, times[-1].date()) if passed else None,
        applied_on=times[0].date(),
        situations=scene.situations if kind != "filing" else (),
        steps=tuple(
            (review if status == IN_REVIEW else status, at)
            for status, at in zip(taken, times, strict=True)
        ),
        drawn=drawn if IN_REVIEW in taken else None,
        passed=passed,
        decided_on=times[-1].date() if closed else None,
        opinion=None if passed is None else "合格" if passed else "不合格",
        problems="疏散楼梯间净宽不足；消火栓间距不符合规范" if taken[-1] == 13 else None,  # noqa: PLR2004  failed
        updated_at=times[-1],
    )


def needs(project: Project, *, seed: int) -> Iterator[Need]:
    """Say what a project will want of the utilities, known from its start."""
    for utility, topic in TOPICS.items():
        chance = Chance(seed, project.index, topic)
        amount, outside_line = chance.number(*NEEDS[utility]), bool(chance.number(0, 1))
        if utility != "power" and (project.linear or chance.one_in(SPARED_ONE_IN[utility])):
            continue
        yield Need(
            utility=utility,
            amount=Decimal(amount),
            wanted_on=project.planned_start + timedelta(days=60),
            outside_line=outside_line,
        )


def connections(scene: Scene) -> Iterator[Connection]:
    """Give the connections that have been applied for."""
    for planned, need in zip(scene.plan.connections, scene.needs, strict=True):
        times = [
            when
            for slot in range(planned.start, planned.start + len(planned.statuses))
            if (when := scene.timeline.at(slot))
        ]
        if not times:
            continue
        chance = scene.chance(TOPICS[planned.utility] + 10)
        reached = dict(zip(planned.statuses, times, strict=False))
        yield Connection(
            utility=planned.utility,
            number=f"{planned.utility[0].upper()}{times[0]:%Y%m%d}{scene.project.index:07d}",
            company=scene.project.region_name.removeprefix("贵州省") + COMPANIES[planned.utility],
            need=need.amount,
            wanted_on=need.wanted_on,
            contact=units.person(chance),
            phone=units.phone(chance),
            outside_line=need.outside_line,
            steps=tuple(zip(planned.statuses, times, strict=False)),
            status=planned.statuses[len(times) - 1],
            surveyed_on=reached[SURVEYED].date() if SURVEYED in reached else None,
            connected_on=reached[CONNECTED].date() if CONNECTED in reached else None,
            account=f"{chance.number(10**9, 10**10 - 1)}" if CONNECTED in reached else None,
            updated_at=times[-1],
        )
