"""Reconciliation repairs at our side: takes in missing records, lands tombstones for absent ones.

Uses the normal path (`take_in`, `apply`) in batches of the comparison's own run, under the entity's
lock. A key whose head changed since it was compared is left to the next night.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from hub.db import landing, records, runs
from hub.db.database import Transaction
from hub.db.keyset import split
from hub.db.landing import LandingHead
from hub.db.reconciliation import differences, sightings
from hub.db.reconciliation.sightings import Absent
from hub.db.runs import held
from hub.domain.contracts import PullFlow
from hub.domain.payload import absence
from hub.model import Raw
from hub.pipeline import intake, tombstones
from hub.pipeline.batches import RawBatch
from hub.pipeline.comparing.comparison import PORTION, Comparison
from hub.pipeline.golden import ApplyContext
from hub.pipeline.prepare import Intake, prepare


class Keyed(Protocol):
    """A key with the landing id of its head when it was compared; None: no head then."""

    @property
    def key(self) -> str: ...

    @property
    def landing_id(self) -> int | None: ...


class ShownRecord(Keyed, Protocol):
    """A record as the partner listed it."""

    @property
    def raw(self) -> Raw: ...


K = TypeVar("K", bound=Keyed)


def take_in(work: Comparison[PullFlow], missing: Sequence[ShownRecord]) -> None:
    """Take in records that pulls have missed; the flow's cursor does not move."""
    for some in split(missing, PORTION):
        with work.database.write() as tx:
            untouched, _ = _untouched(tx, work, some)
            if held.is_open(tx, work.flow.name):
                return  # held batches may contain what is missing: a person decides first
            run = runs.renewed(tx, work.run)
            contract = runs.contract_id(tx, work.flow.name, work.flow.contract, work.flow.text)
            place = Intake(work.contracts, work.flow, work.settings, run, contract)
            raws = tuple(one.raw for one in untouched)
            batch = RawBatch(raws, read=len(raws), resume=None, high=None, last=False)
            taken = intake.take_in(
                tx, place, prepare(work.database, place, batch), after=run.cursor
            )
            if taken.held is not None:
                return
            keys = [one.key for one in untouched]
            sightings.settled(tx, work.flow.name, keys)
            differences.turn(tx, work.flow.name, keys, "repaired")


def withdraw(
    work: Comparison[PullFlow], absent: Sequence[Absent], times: Mapping[str, int]
) -> None:
    """Land a tombstone for each key that its source no longer holds, applied as a delete marker.

    times: key -> comparisons in a row that lacked it.
    """
    for some in split(absent, PORTION):
        with work.database.write() as tx:
            untouched, heads = _untouched(tx, work, some)
            if held.is_open(tx, work.flow.name):
                return  # with schema drift a missing key does not prove absence
            contract = runs.contract_id(tx, work.flow.name, work.flow.contract, work.flow.text)
            place = ApplyContext(
                work.contracts, work.flow, contract, work.run.id, runs.next_batch(tx)
            )
            gone = {
                one: absence(one.key, listings=times[one.key], run=work.run.id) for one in untouched
            }
            tombstones.withdraw(tx, place, work.settings, gone, heads, position="reconcile")
            differences.turn(tx, work.flow.name, [one.key for one in untouched], "repaired")


def _untouched(
    tx: Transaction, work: Comparison[PullFlow], chosen: Sequence[K]
) -> tuple[list[K], dict[str, LandingHead]]:
    """Lock the entity; give the keys whose head is still the compared one, and these heads."""
    records.lock_entity(tx, work.flow.entity.name)
    heads = landing.heads_by_key(tx, work.flow.name, [one.key for one in chosen])
    now = {key: head.landing_id for key, head in heads.items()}
    return [one for one in chosen if now.get(one.key) == one.landing_id], heads
