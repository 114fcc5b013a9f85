"""What is traded publicly for a project: its land, and the sections that are put out to tender."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sandbox.world import units
from sandbox.world.chance import Chance
from sandbox.world.market_records import Bid, LandDeal, Tender
from sandbox.world.plan import PlannedItem
from sandbox.world.records import Party
from sandbox.world.scene import Scene, years_later

TENDERS, LAND = 62, 63
SECTIONS = {"design": "drawing_review", "construction": "construction_permit",
    "supervision": "construction_permit"}  # fmt: skip
"""Kind of section -> the item before which it must be awarded."""
SHARES = {"design": 3, "construction": 70, "supervision": 2}  # percent of the investment
LETTERS = {"design": "S", "construction": "", "supervision": "J"}
CENT = Decimal("0.01")
ANNOUNCED, OPENED, AWARDED = 1, 2, 3
REASONS = ("投标保证金未按时到账", "投标文件未按要求签章", "项目负责人有在建工程")


def parcel_number(scene: Scene) -> str:
    """Number the project's land as the registry does."""
    index = scene.project.index
    zone = f"{index // 100_000 % 900 + 1:03d}{index % 7 + 1:03d}"
    return f"{scene.project.region_code}{zone}GB{index % 100_000:05d}"


def award_notice(scene: Scene, kind: str = "construction") -> str | None:
    """Number the notice by which a section is awarded, once it is."""
    item = scene.planned(SECTIONS[kind])
    when = scene.timeline.at(item.start) if item else None
    project = scene.project
    letter = LETTERS[kind]
    return f"ZB{project.region_code}{when.year}{project.index:07d}{letter}" if when else None


def tenders(scene: Scene) -> Iterator[Tender]:
    """Give the sections: announced and opened in the slots before the item that needs them, awarded
    as it begins.
    """
    for ordinal, (kind, key) in enumerate(SECTIONS.items(), start=1):
        item = scene.planned(key)
        if item and scene.project.funding == 1:
            yield from _tender(scene, kind, ordinal, item)


def _tender(scene: Scene, kind: str, ordinal: int, item: PlannedItem) -> Iterator[Tender]:
    slots = (max(0, item.start - 4), max(0, item.start - 2), item.start)
    times = [when for slot in slots if (when := scene.timeline.at(slot))]
    if not times:
        return
    project, chance = scene.project, scene.chance(TENDERS * 10 + ordinal)
    ceiling = (project.total_investment * SHARES[kind] / 100).quantize(CENT)
    opened, awarded = (times[at] if len(times) > at else None for at in (1, 2))
    section = f"{project.region_code}JS{project.index:07d}{ordinal:02d}"
    bids = _bids(scene, kind, ceiling, awarded) if opened else ()
    won = next((bid for bid in bids if bid.won), None)
    yield Tender(
        section_number=section,
        notice_number=f"{section}-G",
        award_notice=award_notice(scene, kind) if awarded else None,
        kind=kind,
        method="公开招标" if chance.number(0, 4) else "邀请招标",
        agency=units.party("agency", chance, scene.seed).name,
        announced_on=times[0].date(),
        opened_at=opened,
        awarded_on=awarded.date() if awarded else None,
        winner=won.bidder if won else None,
        price=won.price if won else None,
        ceiling=ceiling,
        period_days=chance.number(60, 900),
        manager=won.bidder.manager if won else None,
        status=len(times),
        bids=bids,
        updated_at=times[-1],
    )


def _bids(scene: Scene, kind: str, ceiling: Decimal, awarded: datetime | None) -> tuple[Bid, ...]:
    """Give the bids; with the award one bidder in three sections is gone, and the others have
    ranks.
    """
    chance = scene.chance(TENDERS * 100 + len(kind))
    winner = scene.party(kind)
    others = _others(kind, winner, chance, scene.seed)
    gone = bool(others) and chance.one_in(3)
    prices = [(ceiling * chance.number(880, 999) / 1000).quantize(CENT) for _ in (winner, *others)]
    told: list[Bid] = []
    for at, (bidder, price) in enumerate(zip((winner, *others), prices, strict=True)):
        out = at > 1 and chance.one_in(6)
        told.append(
            Bid(
                bidder=bidder,
                price=price,
                rank=at + 1 if awarded and not out else None,
                won=at == 0 and awarded is not None,
                disqualified=out,
                reason=chance.pick(REASONS) if out else None,
            )
        )
    return tuple(told[:-1] if gone and awarded else told)


def _others(kind: str, winner: Party, chance: Chance, seed: int) -> list[Party]:
    wanted = chance.number(3, 6)
    found: dict[str, Party] = {}
    for _ in range(wanted):
        party = units.party(kind, chance, seed)
        if party.uscc != winner.uscc:
            found[party.uscc] = party
    return list(found.values())


def land_deals(scene: Scene) -> Iterator[LandDeal]:
    """Give the land's contract, signed as its planning permit is applied for."""
    permit = scene.planned("land_use_permit")
    when = scene.timeline.at(permit.start) if permit else None
    if not when:
        return
    project, chance = scene.project, scene.chance(LAND)
    allotted = project.funding == 1
    place, day = project.region_name.removeprefix("贵州省"), when.date()
    yield LandDeal(
        contract_number=(
            f"{project.region_code}-{day.year}-{'HB' if allotted else 'CR'}-{project.index:06d}"
        ),
        plot_number=f"{project.region_code}-{day.year}-{project.index:05d}",
        parcel_number=parcel_number(scene),
        allotted=allotted,
        approval_number=f"{place}府土〔{day.year}〕{project.index + 1}号",
        approval_office=f"{place}人民政府",
        area=project.land_area,
        use=scene.use,
        location=project.address,
        price=None if allotted else (project.land_area * 900).quantize(CENT),
        plot_ratio=chance.amount(1, 4),
        with_design=chance.one_in(3),
        signed_on=day,
        valid_until=years_later(day, 40),
        updated_at=when,
    )
