"""keys that their source holds no longer -> tombstones: landed as absent, and withdrawn as a delete
marker would.
"""

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
    """Land an absence for each key and apply it, as a batch of its own, in the caller's
    transaction.

    gone: what is absent, each with the payload that says so. heads: the heads of these keys, under
    the entity's lock. position: where it was seen.
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
    """Deletes of the version that stands: the record itself, should it come back, is no older."""
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
