"""The balance: per system and entity, counts of all that was read or delivered, by outcome."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.runs import OUTCOMES, PART_OUTCOMES, reading
from hub.db.runs.reading import Since
from hub.domain.conservation import adds_up
from hub.services import naming

UNFINISHED = ("running", "failed", "aborted", "held")


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One entity of one system, counted by `_Line`; in every sum the whole comes first, then its
    parts.

    received_back: definite verdicts of the partner. balanced: every whole equals the sum of its
    parts; None while a run is going on or none is complete. unfinished: runs by state, complete
    ones left out.
    """

    system: str
    entity: str
    runs: dict[str, int]
    intake: dict[str, int]
    again: dict[str, int]
    parts: dict[str, int]
    delivery: dict[str, int]
    receipts: dict[str, int]
    received_back: dict[str, int]
    deliveries_now: dict[str, int]
    open_entries: int
    waiting: int
    balanced: bool | None
    unfinished: dict[str, int]


@dataclass(frozen=True, slots=True)
class Balance:
    """All lines. balanced: False where one line is not, else None where one is undecided yet."""

    balanced: bool | None
    rows: list[BalanceLine]


@dataclass(slots=True)
class _Line:
    """One entity of one system. Sums are empty where no such run has committed anything.

    intake: records read by pulls, by outcome. again: the same of runs that take up landed payloads
    (replay, release ...). parts: parts of records that were split. delivery: of pushes. receipts:
    verdicts fetched later. deliveries_now, open_entries, waiting: today's state.
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
    def view(self) -> BalanceLine:
        """The line as it is answered."""
        sums = {
            "intake": _ordered(self.intake, OUTCOMES),
            "again": _ordered(self.again, OUTCOMES),
            "parts": _ordered(self.parts, PART_OUTCOMES),
            "delivery": _ordered(self.delivery, DELIVERY_OUTCOMES),
            "receipts": _ordered(self.receipts, DELIVERY_OUTCOMES),
        }
        ended = self.runs["complete"] and not self.runs["running"]
        return BalanceLine(
            system=self.system,
            entity=self.entity,
            runs=dict(self.runs),
            **sums,
            received_back={
                name: self.delivery[name] + self.receipts[name]
                for name in ("confirmed", "rejected")
            },
            deliveries_now=dict(self.deliveries_now),
            open_entries=self.open_entries,
            waiting=self.waiting,
            balanced=False if not all(map(adds_up, sums.values())) else True if ended else None,
            unfinished={state: self.runs[state] for state in UNFINISHED if self.runs[state]},
        )


def balance(
    context: RequestContext,
    *,
    since_run: int | None = None,
    since: datetime | None = None,
    by_system: bool = False,
) -> Balance:
    """A line for each system and entity that a flow moves or has moved, of runs since one or a
    moment; by_system: one for each system, its entity empty.

    Raises UnknownNameError where there is no such run.
    """
    contracts = context.hub.contracts
    with context.hub.database.read() as tx:
        naming.numbered(tx, "run", [] if since_run is None else [since_run])
        flows = [*contracts.pulls, *contracts.pushes]
        lines = _lines(tx, flows, Since(since_run, since), by_system=by_system)
    rows = [line.view for line in lines]
    said = {row.balanced for row in rows if row.runs}
    return Balance(next((one for one in (False, None) if one in said), True), rows)


def _lines(tx: Transaction, flows: Iterable[str], since: Since, *, by_system: bool) -> list[_Line]:
    lines: dict[tuple[str, str], _Line] = {}

    def line(flow: str) -> _Line:
        _, system, entity, *_ = flow.split(".")
        entity = "" if by_system else entity
        return lines.setdefault((system, entity), _Line(system, entity))

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


def _ordered(sums: Counter[str], names: Sequence[str]) -> dict[str, int]:
    """The counts in the order of these names, absent ones as 0."""
    return {name: sums[name] for name in names}
