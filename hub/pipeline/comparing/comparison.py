"""Reconciliation: the run, counters and repair limits that source and target comparisons share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from hub.contract import Connector
from hub.db.database import Database, Transaction
from hub.db.reconciliation import differences
from hub.db.reconciliation.differences import Class, Met
from hub.db.runs import Run
from hub.domain.contracts import Contracts, PullFlow, PushFlow
from hub.domain.files import Rule
from hub.errors import FlowError
from hub.settings import Settings

F = TypeVar("F", PullFlow, PushFlow)

PORTION = 5_000


@dataclass(frozen=True, slots=True)
class Comparison(Generic[F]):
    """One reconciliation run of a flow. repairing: False reports differences only."""

    database: Database
    contracts: Contracts
    flow: F
    connector: Connector
    settings: Settings
    run: Run
    repairing: bool
    counts: Counter[str]

    def count(self, outcome: Literal["same", "superseded"] | Class, times: int = 1) -> None:
        """Add to the number of records compared with this outcome."""
        self.counts[outcome] += times

    def note(self, tx: Transaction, met: list[Met]) -> dict[str, int]:
        """Store differences; gives key -> times met in a row, accepted ones left out."""
        return differences.note(tx, self.flow.name, self.run.id, met)

    def strange(self, differing: int, compared: int) -> bool:
        """Whether more differs than the limits: contract or connection is wrong, not data."""
        settings = self.settings
        return differing >= settings.drift_least and differing > settings.reconcile_share * compared

    def refuse_strangeness(self, differing: int, compared: int) -> None:
        """FlowError, before any repair, when too much differs."""
        if self.strange(differing, compared):
            raise FlowError(
                "reconcile.too_different",
                flow=self.flow.name,
                differing=differing,
                compared=compared,
            )

    def may_repair(self, rule: Rule, keys: Sequence[str]) -> bool:
        """Whether the rule for a class of difference lets it be repaired now; queues it else."""
        if rule == "queue":
            with self.database.write() as tx:
                differences.turn(tx, self.flow.name, keys, "queued")
        return self.repairing and rule == "repair"
