"""What reform has added: flows, second engineerings, promises, joint acceptance, permits in phases,
letters and merged papers, homes that are sold. Each has topics of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.world import units
from sandbox.world.handling import ACCEPTED
from sandbox.world.plan import (
    APPROVED,
    CONSTRUCTION_SLOTS,
    FIRE_DESK,
    KINDS,
    PLANNING_DESK,
    QUALITY_DESK,
    STAGE_LIMITS,
    STAGE_NAMES,
    Desk,
    PlannedItem,
)
from sandbox.world.records import (
    Acceptance,
    Commitment,
    Engineering,
    Flow,
    FlowStage,
    Opinion,
    Paper,
    Sale,
)
from sandbox.world.results import CENT
from sandbox.world.scene import Scene, document_number
from sandbox.world.trading import parcel_number

ENGINEERING, PROMISES, ACCEPTANCES, PHASES, LETTERS, MERGED, SALES = range(71, 78)
PASSED_WITH_GAPS = APPROVED[1]
PROMISE = {"informed": (60, 6), "tolerated": (15, 3), "scheme_stable": (90, 4)}
"""Kind -> days of its term, slots until it is kept."""
TRADES = {
    "planning": PLANNING_DESK,
    "land": Desk("自然资源局", "用途管制股"),
    "fire": FIRE_DESK,
    "civil_defence": Desk("国动办", "工程股"),
    "archive": Desk("城建档案馆", "业务股"),
    "quality": QUALITY_DESK,
    "municipal": Desk("城市管理局", "市政股"),
}
SCHEMES = {
    "two": ("below_zero", "above_zero"),
    "three": ("excavation", "basement", "above_ground"),
}


def flow(scene: Scene) -> Flow:
    """Give the flow that the project goes through: one for all of its region and kind."""
    project = scene.project
    code = f"{project.region_code}SPLC{project.flow_kind:02d}"
    return Flow(
        code=code,
        version=1,
        name=f"{project.place}工程建设项目审批流程（{project.flow_kind}类）",
        kind=project.flow_kind,
        stages=tuple(
            FlowStage(
                ordinal=ordinal,
                code=f"{code}{ordinal:02d}",
                name=name,
                limit_days=STAGE_LIMITS[ordinal],
            )
            for ordinal, name in STAGE_NAMES.items()
        ),
        items=tuple(
            (kind.stage, f"{scene.authority(kind.desk).uscc}301140{kind.ordinal:05d}")
            for kind in KINDS.values()
        ),
    )


def engineerings(scene: Scene) -> Iterator[Engineering]:
    """Give the works of the project: one in five has a second, begun with the drawings."""
    project, chance = scene.project, scene.chance(ENGINEERING)
    found = scene.issued("planning_permit")
    yield Engineering(
        code=project.engineering_code,
        name=project.name,
        prior=None,
        floor_area=project.floor_area,
        updated_at=project.updated_at,
    )
    if found and chance.one_in(5):
        yield Engineering(
            code=f"{project.code}-002",
            name=f"{project.name}（二期）",
            prior=project.engineering_code,
            floor_area=(project.floor_area * chance.number(10, 40) / 100).quantize(CENT),
            updated_at=found[1],
        )


def commitments(scene: Scene, planned: PlannedItem, times: list[datetime]) -> Iterator[Commitment]:
    """Give what was promised for an item: told when it was signed, and kept, late or broken."""
    taken, permit = planned.statuses[: len(times)], planned.kind.key == "construction_permit"
    stable = permit and scene.chance(PROMISES * 100).one_in(4)
    signed = {
        "informed": ACCEPTED if planned.commitment else None,
        "tolerated": PASSED_WITH_GAPS,
        "scheme_stable": ACCEPTED if stable else None,
    }
    for kind, status in signed.items():
        if status in taken:
            yield _commitment(scene, planned, kind, taken.index(status), times)


def _commitment(
    scene: Scene, planned: PlannedItem, kind: str, place: int, times: list[datetime]
) -> Commitment:
    chance = scene.chance(PROMISES * 1000 + planned.kind.ordinal * 10 + len(kind))
    (days, slots), at = PROMISE[kind], times[place]
    kept = scene.timeline.at(planned.start + place + slots)
    broken, extended = chance.one_in(9), chance.one_in(6)
    due = at.date() + timedelta(days=days)
    owed = kind == "tolerated"
    return Commitment(
        item_number=scene.item_number(planned),
        kind=kind,
        ordinal=1,
        owed_material=f"CL{planned.kind.ordinal:02d}001" if owed else None,
        department=scene.authority(planned.kind.desk),
        signed_on=at.date(),
        due_on=due,
        extended_to=due + timedelta(days=days) if owed and extended else None,
        fulfilled_on=kept.date() if kept and not broken else None,
        handed_in_on=kept.date() if kept and owed and not broken else None,
        broken=bool(kept) and broken,
        listed=kind == "informed" and chance.one_in(2),
        published_until=at.date() + timedelta(days=7) if kind == "informed" else None,
        updated_at=kept or at,
    )


def acceptances(scene: Scene) -> Iterator[Acceptance]:
    """Give the joint acceptance before the filing: one or two rounds; in the second only those are
    asked again who found something to repair.
    """
    filing, project = scene.planned("completion_filing"), scene.project
    if filing is None or not project.index % 3:
        return
    slots = range(filing.start - 4, filing.start + 1)
    times = [when for slot in slots if (when := scene.timeline.at(slot))]
    chance = scene.chance(ACCEPTANCES)
    rounds = 2 if chance.one_in(3) else 1
    again = set(list(TRADES)[chance.number(0, 2) :: 3]) if rounds > 1 else set()
    if not times:
        return
    asked = {1: times[1:2], 2: times[3:4]}
    answered = {1: times[2:3], 2: times[4:5]}
    reached = 2 if rounds > 1 and asked[2] else 1
    over = answered[rounds]
    opinions = tuple(
        Opinion(
            round=of,
            trade=trade,
            department=scene.authority(desk),
            asked_at=asked[of][0],
            on_site_at=answered[of][0] if answered[of] and trade != "archive" else None,
            answered_at=answered[of][0] if answered[of] else None,
            result=("rectify" if of == 1 and trade in again else "pass") if answered[of] else None,
            officer=units.person(scene.chance(ACCEPTANCES * 100 + of * 10 + len(trade))),
            updated_at=answered[of][0] if answered[of] else asked[of][0],
        )
        for of in (1, 2)
        if asked[of] and of <= rounds
        for trade, desk in TRADES.items()
        if of == 1 or trade in again
    )
    yield Acceptance(
        number=f"YS{project.region_code}{project.index:07d}",
        lead=scene.authority(QUALITY_DESK),
        applied_at=times[0],
        accepted_at=times[1] if len(times) > 1 else None,
        round=reached,
        conclusion="passed" if over else "to_repair" if again and answered[1] else None,
        concluded_at=over[0] if over else None,
        opinions=opinions,
        updated_at=times[-1],
    )


def papers(scene: Scene) -> Iterator[Paper]:
    """Give what documents say of each other: phases, letters, replacements, merged handling."""
    if scene.project.void:
        return
    yield from _phases(scene)
    planning, chance = scene.planned("planning_permit"), scene.chance(LETTERS)
    before = scene.timeline.at(max(0, planning.start - 1)) if planning else None
    if planning is None or not before:
        return
    letter = f"{scene.project.place}规函〔{before.year}〕{scene.project.index + 1}号"
    wanted, merged = chance.one_in(5), scene.chance(MERGED).one_in(5)
    if wanted:
        yield Paper(
            number=letter,
            kind="letter",
            title=f"{scene.project.name}规划意见函",
            issuer=scene.authority(planning.kind.desk),
            issued_on=before.date(),
            stands_in_for="planning_permit",
            provisional_until=before.date() + timedelta(days=90),
            updated_at=before,
        )
    found, design = scene.issued("planning_permit"), scene.issued("design_opinion")
    if found and (wanted or merged):
        ours = [scene.item_number(one[0]) for one in (design, found) if one]
        yield replace(
            _paper(scene, found),
            replaces=letter if wanted else None,
            items=tuple(ours) if merged else (),
        )


def _paper(scene: Scene, found: tuple[PlannedItem, datetime]) -> Paper:
    planned, when = found
    return Paper(
        number=document_number(scene.project, planned.kind, when.date()),
        kind=planned.kind.key,
        title=f"{scene.project.name}{planned.kind.title}",
        issuer=scene.authority(planned.kind.desk),
        issued_on=when.date(),
        updated_at=when,
    )


def _phases(scene: Scene) -> Iterator[Paper]:
    """Give permits by phase: the first is the permit itself, one second in three is revoked and
    issued anew.
    """
    found, chance = scene.issued("construction_permit"), scene.chance(PHASES)
    if not found or scene.project.linear or not chance.one_in(4):
        return
    scheme, first = chance.pick(list(SCHEMES)), _paper(scene, found)
    revoked = chance.one_in(3)
    for ordinal, phase in enumerate(SCHEMES[scheme], start=1):
        when = scene.timeline.at(found[0].after + 2 * (ordinal - 2)) if ordinal > 1 else found[1]
        if not when:
            return
        said = replace(
            first,
            number=first.number if ordinal == 1 else f"{first.number}F{ordinal}",
            issued_on=when.date(),
            phase=phase,
            phase_scheme=scheme,
            phase_no=ordinal,
            covers=(f"{scene.project.engineering_code}-D01",),
            updated_at=when,
        )
        anew = scene.timeline.at(found[0].after + 1) if revoked and ordinal == 2 else None  # noqa: PLR2004  the second phase
        yield replace(said, void=True, updated_at=anew) if anew else said
        if anew:
            number = f"{said.number}B"
            yield replace(
                said, number=number, revokes=said.number, issued_on=anew.date(), updated_at=anew
            )


def sales(scene: Scene) -> Iterator[Sale]:
    """Give the homes sold: a notice while it is built, the transfer with or after the building's
    registration.
    """
    permit, chance, plan = scene.issued("construction_permit"), scene.chance(SALES), scene.plan
    if not permit or plan.land_registration < 0 or scene.project.linear:
        return
    for ordinal in range(1, chance.number(0, 2) + 1):
        noticed = scene.timeline.at(permit[0].after + CONSTRUCTION_SLOTS // 2)
        moved = scene.timeline.at(plan.building_registration + ordinal - 1)
        serial = scene.project.index * 2 + ordinal
        if noticed:
            yield Sale(
                contract_number=f"FC{scene.project.region_code}{serial:08d}",
                unit_number=f"{parcel_number(scene)}F0001{ordinal + 1:04d}",
                notice_business=f"{noticed:%Y%m%d}{serial:07d}Y",
                notice_number=f"黔（{noticed.year}）不动产证明第{serial:07d}号",
                noticed_on=noticed.date(),
                transfer_business=f"{moved:%Y%m%d}{serial:07d}Z" if moved else None,
                certificate_number=f"黔（{moved.year}）不动产权第Z{serial:07d}号"
                if moved
                else None,
                transferred_on=moved.date() if moved else None,
                buyer=units.person(chance),
                area=chance.amount(60, 180),
                mortgage=chance.pick(("none", "in_force", "in_force", "ended")),
                seizure="in_force" if chance.one_in(12) else "none",
                updated_at=moved or noticed,
            )
