"""Tombstones: keys gone at their source -> landed absences, applied like a delete marker."""

import os
from collections.abc import Mapping, Sequence

from hub.db import landing, runs
from hub.db.database import Transaction
from hub.db.landing import LandingHead
from hub.db.reconciliation.sightings import Absent
from hub.domain import ledger, merkle
from hub.domain.contracts import Mapped
from hub.domain.ledger import Covered
from hub.domain.payload import keyed_hash
from hub.pipeline import apply
from hub.pipeline.apply import PreparedRecord
from hub.pipeline.golden import ApplyContext
from hub.settings import Settings


def withdraw(
    tx: Transaction,
    context: ApplyContext,
    settings: Settings,
    gone: Mapping[Absent, bytes],
    heads: Mapping[str, LandingHead],
    *,
    position: str,
) -> None:
    """Land a tombstone per key and apply it, as a batch of its own, in the caller's transaction.

    gone: absent key -> payload that states the absence. heads: of these keys, read under the
    entity's lock. position: where the absence was seen.
    """
    arrivals = _arrivals(tx, settings, gone)
    plan = apply.plan(tx, context, arrivals, heads)
    landed = _land(tx, context, arrivals, list(gone.values()), position)
    counts = apply.counted(len(arrivals), plan, apply.carry_out(tx, context, plan))
    runs.add_batch(
        tx,
        context.batch_id,
        run_id=context.run_id,
        flow=context.flow.name,
        contract=context.contract_id,
        counts=counts,
        landed=landed,
    )


def _arrivals(
    tx: Transaction, settings: Settings, gone: Mapping[Absent, bytes]
) -> list[PreparedRecord]:
    """Deletes with the head's version, so that the record is not older should it come back."""
    ids = landing.next_ids(tx, len(gone))
    return [
        PreparedRecord(
            landing_id,
            one.key,
            keyed_hash(payload, settings.hash_key),
            Mapped.without_values(key=one.key, version=one.version, deleted=True),
        )
        for landing_id, (one, payload) in zip(ids, gone.items(), strict=True)
    ]


def _land(
    tx: Transaction,
    context: ApplyContext,
    arrivals: Sequence[PreparedRecord],
    payloads: Sequence[bytes],
    position: str,
) -> Covered:
    salts = [os.urandom(16) for _ in arrivals]
    said = landing.land(
        tx,
        (
            [
                at.landing_id,
                context.flow.name,
                at.key,
                context.batch_id,
                position,
                at.mapped.version,
                at.hash,
                salt,
                payload,
                "deleted",
                None,
            ]
            for at, salt, payload in zip(arrivals, salts, payloads, strict=True)
        ),
    )
    return Covered(
        [
            merkle.leaf(salt, ledger.content(payload, at.hash))
            for at, salt, payload in zip(arrivals, salts, payloads, strict=True)
        ],
        said,
    )
