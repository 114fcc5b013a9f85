"""What a comparison changes here: takes in what is missing, and ends what its source no longer holds.

Both go the ordinary way (`take_in`, `apply`), as batches of the comparison's own run, under the entity's lock; a key
that somebody else has touched since it was compared is left to the next night.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from hub.flow import apply, intake
from hub.flow.apply import Arrival
from hub.flow.batches import Batch
from hub.flow.comparing.work import PORTION, Work
from hub.flow.intake import Intake
from hub.model import Raw
from hub.rules import ledger, merkle
from hub.rules.contracts import Mapped, PullFlow
from hub.rules.payload import absence, keyed_hash
from hub.store import differences, held, landing, records, runs, sightings
from hub.store.database import Transaction
from hub.store.landing import Head
from hub.store.sightings import Absent


class Keyed(Protocol):
    """A key, with our head's landing when it was compared; None where we had none."""

    @property
    def key(self) -> str: ...

    @property
    def landing_id(self) -> int | None: ...


class Shown(Keyed, Protocol):
    """A record as the partner shows it."""

    @property
    def raw(self) -> Raw: ...


K = TypeVar("K", bound=Keyed)


def take_in(work: Work[PullFlow], missing: Sequence[Shown]) -> None:
    """Take records in that the ordinary way has missed; the cursor stays where it is."""
    for some in _portions(missing):
        with work.database.transaction() as tx:
            untouched, _ = _untouched(tx, work, some)
            if held.is_open(tx, work.flow.name):
                return  # what is held may be what is missing: a person decides first
            run = runs.renewed(tx, work.run)
            contract = runs.contract_id(tx, work.flow.name, work.flow.contract, work.flow.text)
            place = Intake(work.contracts, work.flow, work.settings, run, contract)
            raws = tuple(one.raw for one in untouched)
            batch = Batch(raws, read=len(raws), resume=None, high=None, last=False)
            taken = intake.take_in(tx, place, intake.prepare(work.database, place, batch), after=run.cursor)
            if taken.held is not None:
                return
            keys = [one.key for one in untouched]
            sightings.settled(tx, work.flow.name, keys)
            differences.turn(tx, work.flow.name, keys, "repaired")


def withdraw(work: Work[PullFlow], absent: Sequence[Absent], times: Mapping[str, int]) -> None:
    """Land for each key that its source holds it no longer, and apply that as a delete marker would be."""
    for some in _portions(absent):
        with work.database.transaction() as tx:
            untouched, heads = _untouched(tx, work, some)
            if held.is_open(tx, work.flow.name):
                return  # a source whose shape has changed does not say what it holds no longer
            contract = runs.contract_id(tx, work.flow.name, work.flow.contract, work.flow.text)
            place = apply.Context(work.contracts, work.flow, contract, work.run.id, runs.next_batch(tx))
            payloads = [absence(one.key, listings=times[one.key], run=work.run.id) for one in untouched]
            arrivals = _arrivals(tx, work, untouched, payloads)
            plan = apply.plan(tx, place, arrivals, heads)
            leaves = _land(tx, place, arrivals, payloads)
            counts = apply.counted(len(arrivals), plan, apply.carry_out(tx, place, plan))
            runs.add_batch(
                tx,
                place.batch_id,
                run_id=work.run.id,
                flow=work.flow.name,
                contract=contract,
                counts=counts,
                leaves=leaves,
            )
            differences.turn(tx, work.flow.name, [one.key for one in untouched], "repaired")


def _untouched(tx: Transaction, work: Work[PullFlow], chosen: Sequence[K]) -> tuple[list[K], dict[str, Head]]:
    """Lock the entity; give those whose head is the one that was compared, and these heads."""
    records.lock_entity(tx, work.flow.entity.name)
    heads = landing.heads_by_key(tx, work.flow.name, [one.key for one in chosen])
    now = {key: head.landing_id for key, head in heads.items()}
    return [one for one in chosen if now.get(one.key) == one.landing_id], heads


def _arrivals(
    tx: Transaction, work: Work[PullFlow], absent: Sequence[Absent], payloads: Sequence[bytes]
) -> list[Arrival]:
    """Deletes of the version that stands: the record itself, should it come back, is no older."""
    ids = landing.next_ids(tx, len(absent))
    return [
        Arrival(
            landing_id,
            one.key,
            keyed_hash(payload, work.settings.hash_key),
            Mapped(one.key, one.version, deleted=True, skipped=None, values={}, faults=(), warnings=()),
        )
        for landing_id, one, payload in zip(ids, absent, payloads, strict=True)
    ]


def _land(tx: Transaction, place: apply.Context, arrivals: Sequence[Arrival], payloads: Sequence[bytes]) -> list[bytes]:
    salts = [os.urandom(16) for _ in arrivals]
    landing.land(
        tx,
        (
            [
                *(at.landing_id, place.flow.name, at.key, place.batch_id, "reconcile"),
                *(at.mapped.version, at.hash, salt, payload, "deleted", None),
            ]
            for at, salt, payload in zip(arrivals, salts, payloads, strict=True)
        ),
    )
    return [
        merkle.leaf(salt, ledger.content(payload, at.hash))
        for at, salt, payload in zip(arrivals, salts, payloads, strict=True)
    ]


def _portions(chosen: Sequence[K]) -> Iterator[Sequence[K]]:
    for start in range(0, len(chosen), PORTION):
        yield chosen[start : start + PORTION]
