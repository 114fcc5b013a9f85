"""The balance: per system and entity what became of everything, in both directions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hub.db import reading
from hub.db.database import Transaction
from hub.db.outbox import DELIVERY_OUTCOMES
from hub.db.reading import Since
from hub.db.runs import OUTCOMES, PART_OUTCOMES
from hub.domain.conservation import adds_up

UNFINISHED = ("running", "failed", "aborted", "held")


@dataclass(slots=True)
class Line:
    """One entity of one system. Empty sums mean that no such run has committed anything.

    intake: what pulls read and what became of it. again: the same of replays and releases. parts: what became of
    the parts of what any of them took apart. delivery: what pushes had
    to do. receipts: verdicts asked for later. received_back: verdicts that came, at once or later.
    deliveries_now, open_entries, waiting: how things stand.
    """

    system: str
    entity: str
    runs: Counter[str] = field(default_factory=Counter)
    intake: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    delivery: Counter[str] = field(default_factory=Counter)
    receipts: Counter[str] = field(default_factory=Counter)
    deliveries_now: Counter[str] = field(default_factory=Counter)
    open_entries: int = 0
    waiting: int = 0

    @property
    def received_back(self) -> dict[str, int]:
        """Definite verdicts of the partner."""
        return {
            "confirmed": self.delivery["confirmed"] + self.receipts["confirmed"],
            "rejected": self.delivery["rejected"] + self.receipts["rejected"],
        }

    @property
    def balanced(self) -> bool | None:
        """Whether every sum is the sum of its outcomes; None while a run is under way, or none ended well."""
        sums = (
            ordered(self.intake, OUTCOMES),
            ordered(self.again, OUTCOMES),
            ordered(self.parts, PART_OUTCOMES),
            ordered(self.delivery, DELIVERY_OUTCOMES),
            ordered(self.receipts, DELIVERY_OUTCOMES),
        )
        if not all(map(adds_up, sums)):
            return False
        return True if self.runs["complete"] and not self.runs["running"] else None

    @property
    def unfinished(self) -> dict[str, int]:
        """Runs that are under way, failed, were broken off or held, by state."""
        return {state: self.runs[state] for state in UNFINISHED if self.runs[state]}


def balance(tx: Transaction, flows: Iterable[str], since: Since) -> list[Line]:
    """A line for each entity of each system that these flows, or any that has ever run, move."""
    lines: dict[tuple[str, str], Line] = {}

    def line(flow: str) -> Line:
        _, system, entity, *_ = flow.split(".")
        return lines.setdefault((system, entity), Line(system, entity))

    for flow in flows:
        line(flow)
    for flow, states in reading.run_states(tx, since).items():
        line(flow).runs.update(states)
    for (flow, kind), sums in reading.intake_sums(tx, since).items():
        (line(flow).intake if kind == "pull" else line(flow).again).update(sums)
    for (flow, _), sums in reading.part_sums(tx, since).items():
        line(flow).parts.update(sums)
    for (flow, kind), sums in reading.delivery_sums(tx, since).items():
        (line(flow).delivery if kind == "push" else line(flow).receipts).update(sums)
    for flow, states in reading.deliveries_now(tx).items():
        line(flow).deliveries_now.update(states)
    for flow, count in reading.open_entries(tx).items():
        line(flow).open_entries += count
    for flow, count in reading.waiting_now(tx).items():
        line(flow).waiting += count
    return list(lines.values())


def together(lines: Iterable[Line]) -> bool | None:
    """Whether all lines that have runs balance; None where that cannot be said of one of them yet."""
    said = {line.balanced for line in lines if line.runs}
    return next((one for one in (False, None) if one in said), True)


def as_data(line: Line) -> dict[str, object]:
    """A line as the plain data that `hub balance --json` gives."""
    return {
        "system": line.system,
        "entity": line.entity,
        "runs": dict(line.runs),
        "intake": ordered(line.intake, OUTCOMES),
        "again": ordered(line.again, OUTCOMES),
        "parts": ordered(line.parts, PART_OUTCOMES),
        "delivery": ordered(line.delivery, DELIVERY_OUTCOMES),
        "receipts": ordered(line.receipts, DELIVERY_OUTCOMES),
        "received_back": line.received_back,
        "deliveries_now": dict(line.deliveries_now),
        "open_entries": line.open_entries,
        "waiting": line.waiting,
        "balanced": line.balanced,
        "unfinished": line.unfinished,
    }


def ordered(sums: Counter[str], names: Sequence[str]) -> dict[str, int]:
    """Every outcome, the whole first."""
    return {name: sums[name] for name in names}
