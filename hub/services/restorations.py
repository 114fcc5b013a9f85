"""Restorations of the database, and the deliveries about which a person is asked since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db import restorations, uncertain
from hub.db.database import Database, Transaction
from hub.domain.contracts import Contracts
from hub.pipeline import restored, surplus
from hub.pipeline.word import Word
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class RestorationView:
    """That the database came back older than its partners. how: said by a person, or seen by the hub itself.

    seal: the end of the ledger that came back; landing: where the ledger says so. nothing_lost: it was only moved.
    recovering: target flows that have yet to hear from all their sources since, for the newest one.
    """

    id: int
    at: datetime
    how: str
    by: str
    reason: str
    seal: int | None
    landing: int
    nothing_lost: bool
    recovering: list[str]


@dataclass(frozen=True, slots=True)
class UncertainView:
    """A delivery that waits for a person: nobody can ask its target whether it has it."""

    flow: str
    record: int
    entity: str
    key: str
    state: str
    action: str | None
    confirmed_at: datetime | None


def listed(tx: Transaction, contracts: Contracts, *, most: int = 50) -> list[RestorationView]:
    """Restorations, the newest first."""
    recovering = [flow for flow in contracts.pushes if restorations.recovers(tx, flow)]
    return [
        RestorationView(
            *(one.id, one.at, one.how, one.by, one.reason, one.seal_id, one.landing_id, one.nothing_lost),
            recovering=[] if number else recovering,
        )
        for number, one in enumerate(restorations.listed(tx, most=most))
    ]


def declare(
    database: Database,
    contracts: Contracts,
    settings: Settings,
    *,
    word: Word,
    nothing_lost: bool,
    checkpoints: str = "",
) -> RestorationView:
    """Say openly that the database was restored, or moved; every delivery is uncertain from then on, or certain.

    checkpoints: as partners or this machine have kept them, one a line; the ledger goes on behind the newest.
    """
    restored.declare(database, settings, word=word, nothing_lost=nothing_lost, checkpoints=checkpoints)
    with database.transaction() as tx:
        return listed(tx, contracts, most=1)[0]


def waiting(tx: Transaction, *, flow: str | None = None, after: int = 0, most: int = 50) -> list[UncertainView]:
    """The deliveries that wait for a person, by record."""
    return [
        UncertainView(one.flow, one.record_id, one.entity, one.key, one.state, one.action, one.confirmed_at)
        for one in uncertain.waiting(tx, flow=flow, after=after, most=most)
    ]


def settle(
    database: Database, settings: Settings, flow: str, records: Sequence[int] | None, *, send: bool, word: Word
) -> int:
    """Send these (all of the flow that wait, where none is named), or take them as sent; give how many."""
    return restored.settle(database, settings, flow, records, send=send, word=word)


def settle_surplus(database: Database, settings: Settings, ids: Sequence[int], *, withdraw: bool, word: Word) -> int:
    """Take back what a target holds beyond ours, or let it be ours again, by the numbers of the differences."""
    return surplus.settle(database, settings, ids, withdraw=withdraw, word=word)
