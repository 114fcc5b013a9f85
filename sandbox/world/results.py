"""What the handling of items leads to: documents, permits, buildings, filings, registrations."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from stdnum.iso7064 import mod_37_36

from sandbox.world import names
from sandbox.world.plan import CERTIFICATE, PlannedItem
from sandbox.world.records import (
    CompletionFiling,
    ConstructionPermit,
    Document,
    Parcel,
    Registration,
    UnitWork,
)
from sandbox.world.scene import Scene, document_number, years_later
from sandbox.world.trading import award_notice, parcel_number

BURDENS = 78
PERMIT_TYPE = "11100000000013338W009"
CENT = Decimal("0.01")


def documents(scene: Scene, planned: PlannedItem, times: list[datetime]) -> Iterator[Document]:
    """Give the document of an item that has been approved."""
    if not planned.approves or len(times) < len(planned.statuses):
        return
    kind, issued_on = planned.kind, times[-1].date()
    number = document_number(scene.project, kind, issued_on)
    issuer = scene.authority(kind.desk)
    yield Document(
        item_number=scene.item_number(planned),
        kind=kind.key,
        number=number,
        title=f"{scene.project.name}{kind.title}",
        issued_on=issued_on,
        valid_until=years_later(issued_on, 2)
        if kind.key in {"land_use_permit", "planning_permit"}
        else None,
        result_kind=kind.result_kind,
        issuer=issuer,
        certificate_id=_certificate_id(issuer.uscc, number)
        if kind.key == "construction_permit"
        else None,
        certificate_number=number if kind.result_kind == CERTIFICATE else "",
        void=scene.project.void,
        updated_at=scene.touched(times[-1]),
    )


def _certificate_id(issuer: str, serial: str) -> str:
    parts = (PERMIT_TYPE, issuer, serial, "001")
    return ".".join(("1.2.156.3005.2", *parts, mod_37_36.calc_check_digit("".join(parts))))


def construction_permits(scene: Scene) -> Iterator[ConstructionPermit]:
    found, planning, review = (
        scene.issued("construction_permit"),
        scene.number_of("planning_permit"),
        scene.number_of("drawing_review"),
    )
    if not found or not planning or not review:
        return
    planned, when = found
    areas, project = scene.areas(), scene.project
    yield ConstructionPermit(
        item_number=scene.item_number(planned),
        number=document_number(project, planned.kind, when.date()),
        land_use_permit=scene.number_of("land_use_permit"),
        planning_permit=planning,
        drawing_review=review,
        award_notice=award_notice(scene) or "",
        issued_on=when.date(),
        contract_price=(project.total_investment * 7 / 10).quantize(CENT),
        planned_start=when.date() + timedelta(days=15),
        planned_end=when.date()
        + timedelta(days=15 + (project.planned_end - project.planned_start).days),
        area_above=areas.above,
        area_below=areas.below,
        civil_defence_area=areas.civil_defence,
        void=project.void,
        updated_at=scene.touched(when),
    )


def unit_works(scene: Scene) -> Iterator[UnitWork]:
    """Give the single buildings, known from the planning permit on; their areas add up to the
    project's.
    """
    found = scene.issued("planning_permit")
    if not found:
        return
    chance, areas, project = scene.chance(22), scene.areas(), scene.project
    count = chance.number(1, 4) if not project.linear else 1
    for ordinal in range(1, count + 1):
        above, below = _share(areas.above, ordinal, count), _share(areas.below, ordinal, count)
        floors = chance.number(2, 26) if not project.linear else 0
        yield UnitWork(
            number=f"{project.engineering_code}-D{ordinal:02d}",
            name=f"{ordinal}号楼" if not project.linear else "第一标段",
            use=scene.use,
            structure=chance.pick(names.STRUCTURES),
            fire_rating=chance.number(1, 2),
            floors_above=floors,
            floors_below=(1 + ordinal % 2) if below else 0,
            height=Decimal(floors * 33) / 10,
            floor_area=above + below,
            area_above=above,
            area_below=below,
            footprint=(above / max(floors, 1)).quantize(CENT),
            cost=_share(project.total_investment, ordinal, count),
            longitude=project.longitude + Decimal(ordinal).scaleb(-5),
            latitude=project.latitude + Decimal(ordinal).scaleb(-5),
            updated_at=found[1],
        )


def _share(whole: Decimal, ordinal: int, count: int) -> Decimal:
    part = (whole / count).quantize(CENT)
    return part if ordinal < count else whole - part * (count - 1)


def completion_filings(scene: Scene) -> Iterator[CompletionFiling]:
    found, permit = scene.issued("completion_filing"), scene.issued("construction_permit")
    if not found or not permit:
        return
    planned, when = found
    areas, project = scene.areas(), scene.project
    yield CompletionFiling(
        item_number=scene.item_number(planned),
        number=document_number(project, planned.kind, when.date()),
        authority=scene.authority(planned.kind.desk),
        filed_on=when.date(),
        started_on=permit[1].date() + timedelta(days=3),
        completed_on=when.date() - timedelta(days=8),
        final_cost=(project.total_investment * (90 + project.index % 18) / 100).quantize(CENT),
        floor_area=project.floor_area,
        area_above=areas.above,
        area_below=areas.below,
        civil_defence_area=areas.civil_defence,
        construction_permit=document_number(project, permit[0].kind, permit[1].date()),
        joint_acceptance=bool(project.index % 3),
        updated_at=when,
    )


def parcels(scene: Scene) -> Iterator[Parcel]:
    """Give the land, registered one slot after its planning permit."""
    when = (
        scene.timeline.at(scene.plan.land_registration)
        if scene.plan.land_registration >= 0
        else None
    )
    if not when:
        return
    project, number = scene.project, parcel_number(scene)
    yield Parcel(
        number=number,
        unit_number=f"{number}W00000000",
        location=project.address,
        area=project.land_area,
        use_code={1: "08", 2: "10", 3: "0701", 6: "06"}.get(project.flow_kind, "05"),
        right_kind="3",
        right_nature="划拨" if project.funding == 1 else "出让",
        price=None if project.funding == 1 else (project.land_area * 900).quantize(CENT),
        registered_on=when.date(),
        updated_at=when,
    )


def registrations(scene: Scene) -> Iterator[Registration]:
    """Give the registered rights: the land's, and after completion the building's."""
    yield from _registration(scene, "land", scene.plan.land_registration)
    if scene.plan.land_registration >= 0 and not scene.project.linear:
        yield from _registration(scene, "building", scene.plan.building_registration)


def _registration(scene: Scene, kind: str, slot: int) -> Iterator[Registration]:
    when = scene.timeline.at(slot) if slot >= 0 else None
    if not when:
        return
    project, building = scene.project, kind == "building"
    chance = scene.chance(BURDENS + building)
    serial = project.index * 2 + building + 1
    place = project.region_name.removeprefix("贵州省")
    yield Registration(
        business_number=f"{when:%Y%m%d}{serial:08d}",
        unit_number=parcel_number(scene) + ("F00010001" if building else "W00000000"),
        certificate_number=f"黔（{when.year}）{place}不动产权第{serial:07d}号",
        kind=kind,
        holder=project.owner,
        location=project.address,
        use=scene.use,
        area=project.floor_area if building else project.land_area,
        permit_number=scene.number_of("construction_permit") if building else None,
        filing_number=scene.number_of("completion_filing") if building else None,
        mortgage=chance.pick(("none", "none", "in_force", "ended")),
        seizure="in_force" if chance.one_in(20) else "none",
        registered_on=when.date(),
        updated_at=when,
    )
