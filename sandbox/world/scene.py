"""What the builders of one life share: the project, its plan and the clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.world import units
from sandbox.world.chance import Chance
from sandbox.world.clock import Timeline
from sandbox.world.plan import Desk, ItemKind, Plan, PlannedItem
from sandbox.world.records import Authority, Party, Project


@dataclass(frozen=True, slots=True)
class Areas:
    """How the floor area divides."""

    above: Decimal
    below: Decimal
    civil_defence: Decimal


@dataclass(frozen=True, slots=True)
class Scene:
    """One project on its way through its plan."""

    seed: int
    project: Project
    plan: Plan
    timeline: Timeline
    situations: tuple[int, ...]
    use: str

    def chance(self, topic: int) -> Chance:
        return Chance(self.seed, self.project.index, topic)

    def authority(self, desk: Desk) -> Authority:
        return units.authority(self.project.region_code, self.project.region_name, desk.authority, desk.office)

    def party(self, role: str) -> Party:
        return units.party(role, self.chance(units.TOPIC[role]), self.seed)

    def item_number(self, planned: PlannedItem) -> str:
        return f"SL{self.project.index:07d}{planned.kind.ordinal:02d}{planned.attempt}"

    def issued(self, key: str) -> tuple[PlannedItem, datetime] | None:
        """Give the instance of an item that was approved, and when, if that has happened."""
        for planned in self.plan.items:
            if planned.kind.key == key and planned.approves:
                when = self.timeline.at(planned.after - 1)
                return (planned, when) if when else None
        return None

    def number_of(self, key: str) -> str | None:
        """Give the number of a document that has been issued."""
        found = self.issued(key)
        return document_number(self.project, found[0].kind, found[1].date()) if found else None

    def areas(self) -> Areas:
        whole = self.project.floor_area
        below = (whole * self.chance(21).number(0, 30) / 100).quantize(Decimal("0.01"))
        return Areas(above=whole - below, below=below, civil_defence=(below / 4).quantize(Decimal("0.01")))


def document_number(project: Project, kind: ItemKind, issued_on: date) -> str:
    """Number a document in the manner of its kind; no two projects share a number."""
    serial, year, region = project.index + 1, issued_on.year, project.region_code
    return {
        "project_approval": f"黔发改投资〔{year}〕{serial}号",
        "land_use_permit": f"地字第{region}{year}{serial:07d}号",
        "design_opinion": f"黔规方案〔{year}〕{serial}号",
        "planning_permit": f"建字第{region}{year}{serial:07d}号",
        "drawing_review": f"{region}{year % 100:02d}SC{serial:07d}",
        "fire_review": f"建消审字〔{year}〕第{serial:04d}号",
        "construction_permit": f"{region}{issued_on:%Y%m%d}{serial:07d}",
        "fire_acceptance": f"建消验字〔{year}〕第{serial:04d}号",
        "fire_filing": f"建消备字〔{year}〕第{serial:04d}号",
        "completion_filing": f"竣备{region}-{year}-{serial:07d}",
    }[kind.key]


def years_later(day: date, years: int) -> date:
    """Give the same day some years on, a day early when that would be a leap day."""
    return (
        (day - timedelta(days=1)).replace(year=day.year + years)
        if (day.month, day.day) == (2, 29)
        else day.replace(year=day.year + years)
    )
