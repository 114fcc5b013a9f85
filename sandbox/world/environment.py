"""What the environment authority decides about a project."""

from collections.abc import Iterator

from sandbox.world.market_records import Eia
from sandbox.world.plan import Desk
from sandbox.world.scene import Scene

DESK = Desk("生态环境局", "环评股")
TOPIC = 61
KINDS = ("report", "table", "table", "registration", "registration")
CATEGORIES = {
    "report": "编制环境影响报告书",
    "table": "编制环境影响报告表",
    "registration": "填报环境影响登记表",
}
FORMS = {
    "report": "{place}环审〔{day.year}〕{serial}号",
    "table": "{place}环表〔{day.year}〕{serial}号",
    "registration": "{day.year}{region}0000{serial:04d}",
}
APPLIED, ACCEPTED, DECIDED = 1, 3, 11


def eias(scene: Scene) -> Iterator[Eia]:
    """Give the assessment, applied for with the design; a registration is filed at once."""
    design, chance = scene.planned("design_opinion"), scene.chance(TOPIC)
    kind = chance.pick(KINDS)
    start = design.start if design else 0
    slots = (start, start) if kind == "registration" else (start, start + 1, start + 3)
    times = [when for slot in slots if (when := scene.timeline.at(slot))]
    if not times:
        return
    decided = times[-1] if len(times) == len(slots) else None
    project = scene.project
    place = project.region_name.removeprefix("贵州省")
    yield Eia(
        number=f"HP{project.index:08d}",
        kind=kind,
        category=CATEGORIES[kind],
        issuer=scene.authority(DESK),
        applied_at=times[0],
        accepted_at=times[1] if len(times) > 1 else None,
        status=DECIDED if decided else ACCEPTED if len(times) > 1 else APPLIED,
        decision_number=FORMS[kind].format(
            place=place, day=decided, serial=project.index + 1, region=project.region_code
        )
        if decided
        else None,
        issued_on=decided.date() if decided else None,
        project_approval=scene.number_of("project_approval"),
        void=project.void,
        updated_at=scene.touched(times[-1]),
    )
