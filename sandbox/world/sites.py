"""What happens on the site: who is in charge there, what inspectors find, and when it is put
right.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.world import units
from sandbox.world.market_records import Inspection, Rectification, SitePerson
from sandbox.world.plan import CONSTRUCTION_SLOTS, QUALITY_DESK
from sandbox.world.scene import Scene, document_number

TOPIC, PEOPLE = 65, 66
KINDS = ("quality", "safety")
FINDINGS = {
    "quality": ("混凝土试块留置不足", "钢筋保护层厚度偏差", "砌体砂浆不饱满", "防水基层处理不到位"),
    "safety": (
        "临边防护缺失",
        "配电箱未上锁",
        "脚手架连墙件不足",
        "塔吊限位失灵",
        "动火作业无监护",
    ),
}
ROLES = {"manager": ("construction", "建筑工程一级"), "safety": ("construction", "安全C证"),
    "supervisor": ("supervision", "国家注册监理工程师")}  # fmt: skip
DAYS_TO_RECTIFY = 10


def _permit(scene: Scene) -> tuple[str, int] | None:
    """The construction permit's number, and the slot after which there is a site."""
    found = scene.issued("construction_permit")
    if not found:
        return None
    item, when = found
    return document_number(scene.project, item.kind, when.date()), item.after


def inspections(scene: Scene) -> Iterator[Inspection]:
    """Give a visit each second slot of construction; what it finds is put right in the slot after
    the next.
    """
    permit = _permit(scene)
    if not permit:
        return
    for ordinal, slot in enumerate(range(permit[1], permit[1] + CONSTRUCTION_SLOTS, 2), start=1):
        when = scene.timeline.at(slot)
        if when:
            yield _inspection(scene, permit[0], ordinal, (when, scene.timeline.at(slot + 2)))


def _inspection(
    scene: Scene, permit: str, ordinal: int, times: tuple[datetime, datetime | None]
) -> Inspection:
    (at, closed), chance = times, scene.chance(TOPIC * 10 + ordinal)
    kind = KINDS[ordinal % 2]
    number = f"{'ZL' if kind == 'quality' else 'AQ'}{scene.project.index:07d}{ordinal:02d}"
    count = chance.pick((0, 0, 1, 2, 3))
    due = at.date() + timedelta(days=DAYS_TO_RECTIFY)
    closed_on = closed.date() if closed and count else None
    found = tuple(
        Rectification(
            number=f"{number}-{at_}",
            text=chance.pick(FINDINGS[kind]),
            due_on=due,
            closed_on=closed_on,
        )
        for at_ in range(1, count + 1)
    )
    return Inspection(
        number=number,
        kind=kind,
        permit_number=permit,
        authority=scene.authority(QUALITY_DESK),
        inspector=units.person(chance),
        at=at,
        passed=not found,
        finding="；".join(one.text for one in found) or "未发现问题",
        due_on=due if found else None,
        closed_on=closed_on,
        rectifications=found,
        photos=tuple(f"{number}-{at_}" for at_ in range(1, chance.number(1, 3) + 1)),
        updated_at=closed if closed and count else at,
    )


def site_persons(scene: Scene) -> Iterator[SitePerson]:
    """Give who is in charge, from the construction permit on."""
    permit, issued = _permit(scene), scene.issued("construction_permit")
    if not permit or not issued:
        return
    for ordinal, (role, (unit, certificate)) in enumerate(ROLES.items(), start=1):
        chance = scene.chance(PEOPLE * 10 + ordinal)
        yield SitePerson(
            number=f"RY{scene.project.index:07d}{ordinal:02d}",
            role=role,
            name=units.person(chance),
            certificate=certificate,
            phone=units.phone(chance),
            unit=scene.party(unit),
            permit_number=permit[0],
            updated_at=issued[1],
        )
