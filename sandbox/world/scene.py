"""What the builders of one life share: the project, its plan and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.world import units
from sandbox.world.chance import Chance
from sandbox.world.clock import Timeline
from sandbox.world.plan import Desk, ItemKind, Plan, PlannedItem
from sandbox.world.records import Authority, Need, Party, Project

NUMBERS = {
    "project_approval": "黔发改投资〔{day.year}〕{serial}号",
    "land_use_permit": "地字第{region}{day.year}{serial:07d}号",
    "design_opinion": "黔规方案〔{day.year}〕{serial}号",
    "planning_permit": "建字第{region}{day.year}{serial:07d}号",
    "drawing_review": "{region}{day:%y}SC{serial:07d}",
    "fire_review": "建消审字〔{day.year}〕第{serial:04d}号",
    "construction_permit": "{region}{day:%Y%m%d}{serial:07d}",
    "fire_acceptance": "建消验字〔{day.year}〕第{serial:04d}号",
    "fire_filing": "建消备字〔{day.year}〕第{serial:04d}号",
    "completion_filing": "竣备{region}-{day.year}-{serial:07d}",
}
Approval = tuple[PlannedItem, datetime]


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
    needs: tuple[Need, ...]
    plan: Plan
    timeline: Timeline
    situations: tuple[int, ...]
    use: str
    approved: Mapping[str, Approval]

    def chance(self, topic: int) -> Chance:
        return Chance(self.seed, self.project.index, topic)

    def authority(self, desk: Desk) -> Authority:
        return units.authority(
            self.project.region_code, self.project.region_name, desk.authority, desk.office
        )

    def party(self, role: str) -> Party:
        return units.party(role, self.chance(units.TOPIC[role]), self.seed)

    def item_number(self, planned: PlannedItem) -> str:
        return f"SL{self.project.index:07d}{planned.kind.ordinal:02d}{planned.attempt}"

    def issued(self, key: str) -> Approval | None:
        """Give the instance of an item that was approved, and when, if that has happened."""
        return self.approved.get(key)

    def number_of(self, key: str) -> str | None:
        """Give the number of a document that has been issued."""
        found = self.issued(key)
        return document_number(self.project, found[0].kind, found[1].date()) if found else None

    def planned(self, key: str) -> PlannedItem | None:
        """Give the first instance of an item that the plan has, whether or not it has begun."""
        return next((item for item in self.plan.items if item.kind.key == key), None)

    def touched(self, when: datetime) -> datetime:
        """Give the update time of a thing that becomes void with its project."""
        return max(when, self.project.updated_at) if self.project.void else when

    def areas(self) -> Areas:
        whole = self.project.floor_area
        below = (whole * self.chance(21).number(0, 30) / 100).quantize(Decimal("0.01"))
        return Areas(
            above=whole - below, below=below, civil_defence=(below / 4).quantize(Decimal("0.01"))
        )


def approvals(planned: Plan, timeline: Timeline) -> dict[str, Approval]:
    """Give the approvals that have happened, by the kind of item."""
    return {
        item.kind.key: (item, when)
        for item in planned.items
        if item.approves and (when := timeline.at(item.after - 1))
    }


def document_number(project: Project, kind: ItemKind, issued_on: date) -> str:
    """Number a document in the manner of its kind; no two projects share a number."""
    return NUMBERS[kind.key].format(
        serial=project.index + 1, region=project.region_code, day=issued_on
    )


def years_later(day: date, years: int) -> date:
    """Give the same day some years on, a day early when that would be a leap day."""
    return (
        (day - timedelta(days=1)).replace(year=day.year + years)
        if (day.month, day.day) == (2, 29)
        else day.replace(year=day.year + years)
    )
