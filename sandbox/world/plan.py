"""What is to happen to a project, in slots: which items, with which steps, and what follows from
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.world.chance import Chance

APPROVED = (11, 12)
CLOSED = (2, 5, 11, 12, 13)
DAYS_OF_CONSTRUCTION = (20, 45)
DAYS_OF_APPROVAL = (1, 6)
CONSTRUCTION_SLOTS = 6
STAGE_NAMES = {1: "立项用地规划许可", 2: "工程建设许可", 3: "施工许可", 4: "竣工验收"}
STAGE_LIMITS = {
    1: 20,
    2: 30,
    3: 18,
    4: 12,
}  # working days, reform/time_limits: one city's plan of 2019


@dataclass(frozen=True, slots=True)
class Desk:
    """Who handles a kind of item."""

    authority: str
    office: str


INVESTMENT_DESK = Desk("发展和改革局", "投资股")
LAND_DESK = Desk("自然资源局", "用途管制股")
DESIGN_DESK = Desk("自然资源局", "规划编审股")
PLANNING_DESK = Desk("自然资源局", "规划许可股")
DRAWING_DESK = Desk("住房和城乡建设局", "勘察设计股")
FIRE_DESK = Desk("住房和城乡建设局", "消防审验股")
BUILDING_DESK = Desk("住房和城乡建设局", "建筑业股")
QUALITY_DESK = Desk("住房和城乡建设局", "质量安全股")
CERTIFICATE, WRITTEN = 10, 20


@dataclass(frozen=True, slots=True)
class ItemKind:
    """One kind of item: its place in the stages and what it issues."""

    ordinal: int
    key: str  # also the kind of document that it issues
    name: str
    standard_code: str
    stage: int
    desk: Desk
    limit_days: int
    title: str
    result_kind: int


_KINDS = (
    (
        "project_approval",
        "项目立项（审批、核准、备案）",
        "9990",
        1,
        INVESTMENT_DESK,
        5,
        "关于项目立项的批复",
        WRITTEN,
    ),
    (
        "land_use_permit",
        "建设用地规划许可证核发",
        "0060001",
        1,
        LAND_DESK,
        10,
        "建设用地规划许可证",
        CERTIFICATE,
    ),
    (
        "design_opinion",
        "建设工程设计方案审查",
        "9990",
        2,
        DESIGN_DESK,
        15,
        "建设工程设计方案审查意见",
        WRITTEN,
    ),
    (
        "planning_permit",
        "建设工程规划许可证核发",
        "0070001",
        2,
        PLANNING_DESK,
        15,
        "建设工程规划许可证",
        CERTIFICATE,
    ),
    (
        "drawing_review",
        "施工图设计文件审查",
        "0090001",
        3,
        DRAWING_DESK,
        10,
        "施工图设计文件审查合格书",
        WRITTEN,
    ),
    (
        "fire_review",
        "特殊建设工程消防设计审查",
        "0100000",
        3,
        FIRE_DESK,
        15,
        "特殊建设工程消防设计审查意见书",
        WRITTEN,
    ),
    (
        "construction_permit",
        "建筑工程施工许可证核发",
        "0120001",
        3,
        BUILDING_DESK,
        3,
        "建筑工程施工许可证",
        CERTIFICATE,
    ),
    (
        "fire_acceptance",
        "特殊建设工程消防验收",
        "0140000",
        4,
        FIRE_DESK,
        15,
        "特殊建设工程消防验收意见书",
        WRITTEN,
    ),
    (
        "fire_filing",
        "建设工程消防验收备案",
        "0150000",
        4,
        FIRE_DESK,
        5,
        "建设工程消防验收备案凭证",
        WRITTEN,
    ),
    (
        "completion_filing",
        "建设工程竣工验收备案",
        "0180000",
        4,
        QUALITY_DESK,
        3,
        "竣工验收备案表",
        WRITTEN,
    ),
)
KINDS = {row[0]: ItemKind(ordinal, *row) for ordinal, row in enumerate(_KINDS, start=1)}


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One instance of an item: the statuses it goes through, one a slot."""

    kind: ItemKind
    start: int
    statuses: tuple[int, ...]
    attempt: int
    commitment: bool

    @property
    def after(self) -> int:
        return self.start + len(self.statuses)

    @property
    def approves(self) -> bool:
        return self.statuses[-1] in APPROVED


@dataclass(frozen=True, slots=True)
class PlannedConnection:
    """One utility's connection, one step a slot."""

    utility: str
    start: int
    statuses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A project's whole life in slots; `gaps` are the days before each."""

    items: tuple[PlannedItem, ...]
    connections: tuple[PlannedConnection, ...]
    land_registration: int
    building_registration: int
    gaps: tuple[int, ...]


def _statuses(kind: ItemKind, chance: Chance) -> tuple[int, ...]:
    opening = (1, 6, 7, 3) if chance.one_in(7) else (1, 3)
    review = (
        (8, 9, 10) if kind.key in {"design_opinion", "fire_review"} and chance.one_in(3) else (8,)
    )
    return (*opening, *review, 12 if chance.one_in(14) else 11)


def _instances(kind: ItemKind, start: int, chance: Chance) -> list[PlannedItem]:
    """Plan the item, sometimes after a first attempt that failed or was taken back."""
    commitment = chance.one_in(9)
    if not chance.one_in(12):
        return [PlannedItem(kind, start, _statuses(kind, chance), 1, commitment)]
    failed = PlannedItem(kind, start, chance.pick(((1, 3, 8, 13), (1, 2), (1, 5))), 1, commitment)
    return [failed, PlannedItem(kind, failed.after, _statuses(kind, chance), 2, commitment)]


def _waves(*, special: bool, with_land: bool) -> list[tuple[str, ...]]:
    first = [("project_approval",), ("land_use_permit",)] if with_land else [("project_approval",)]
    drawings = ("drawing_review", "fire_review") if special else ("drawing_review",)
    fire = "fire_acceptance" if special else "fire_filing"
    return [
        *first,
        ("design_opinion",),
        ("planning_permit",),
        drawings,
        ("construction_permit",),
        (fire,),
        ("completion_filing",),
    ]


def _connections(
    chance: Chance, start: int, utilities: Sequence[str]
) -> tuple[PlannedConnection, ...]:
    return tuple(
        PlannedConnection(
            name, start + offset, (1, 6, 3, 8, 9, 11) if chance.one_in(6) else (1, 3, 8, 9, 11)
        )
        for offset, name in enumerate(utilities)
    )


def plan(chance: Chance, *, special: bool, with_land: bool, utilities: Sequence[str]) -> Plan:
    """Lay out a project's life."""
    slot, items, land, permit = 0, list[PlannedItem](), -1, 0
    for wave in _waves(special=special, with_land=with_land):
        if wave[0].startswith("fire_"):
            slot += CONSTRUCTION_SLOTS
        planned = [instance for key in wave for instance in _instances(KINDS[key], slot, chance)]
        items += planned
        slot = max(instance.after for instance in planned)
        land = slot if wave == ("land_use_permit",) else land
        permit = slot if wave == ("construction_permit",) else permit
    gaps = [chance.number(*DAYS_OF_APPROVAL) for _ in range(slot + 3)]
    for building in range(permit, permit + CONSTRUCTION_SLOTS):
        gaps[building] = chance.number(*DAYS_OF_CONSTRUCTION)
    return Plan(
        items=tuple(items),
        connections=_connections(chance, permit, utilities),
        land_registration=land,
        building_registration=slot + 2,
        gaps=tuple(gaps),
    )
