"""Anomaly detection in the access log: an account's reads of a day against its habit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from hub.errors import Fault
from hub.settings import Bounds

PEOPLE = frozenset({"administrator", "auditor", "department", "supervisor"})
"""Roles of people; programs may work at night."""


OWN_WORK = "PUSH push."
"""Route prefix of reads that the hub makes itself for a push, under that push's account."""


@dataclass(frozen=True, slots=True)
class ReadingDay:
    """An account's reads of a day; the columns of hub.access_day."""

    account: str
    role: str
    department: str
    day: date
    reads: int
    records: int
    projects: int
    uncased: int
    off_hours: int
    refused: int
    refused_row: int


def judged(day: ReadingDay, habit: Sequence[int], bounds: Bounds, *, worked: bool) -> list[Fault]:
    """Anomalies of a day. habit: records read on earlier days with reads; worked: a working day."""
    found = []
    usual = median(habit) if habit else 0
    if day.records >= bounds.least and day.records > bounds.factor * usual:
        facts = {"records": str(day.records), "usual": f"{usual:g}", "factor": f"{bounds.factor:g}"}
        found.append(Fault("", "unusual.volume", facts))
    off_hours = day.off_hours if worked else day.reads
    if day.role in PEOPLE and off_hours >= bounds.off_hours:
        code = "unusual.off_hours" if worked else "unusual.day_off"
        hours = {"opens": str(bounds.opens), "closes": str(bounds.closes)} if worked else {}
        found.append(Fault("", code, {"reads": str(off_hours), **hours}))
    if day.uncased >= bounds.projects:
        facts = {
            "projects": str(day.uncased),
            "of": str(day.projects),
            "department": day.department,
        }
        found.append(Fault("", "unusual.no_case", facts))
    if day.refused_row >= bounds.refusals:
        facts = {"refused": str(day.refused), "row": str(day.refused_row)}
        found.append(Fault("", "unusual.refused", facts))
    return found
