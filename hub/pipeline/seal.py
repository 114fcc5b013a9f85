"""Seals the ledger: unsealed batches and acts -> root, hash chain, signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hub.db.database import Database, Transaction
from hub.db.ledger import evidence, seals
from hub.db.ledger.evidence import Act
from hub.db.ledger.seals import Rooted, Seal, Undeclared
from hub.domain import ledger, merkle
from hub.model import Json
from hub.pipeline import witness
from hub.settings import Settings
from hub.signing import SigningKeys, keys_of

MOST = 10_000
"""Acts per seal; the last transaction is never split, so it may be a few more."""


def seal(database: Database, settings: Settings) -> int:
    """Seal all unsealed batches and acts; gives how many batches. Concurrent sealers take turns."""
    keys = keys_of(settings.seal_key, settings.seal_sm2_key)
    covered = 0
    while True:
        with database.write() as tx:
            seals.lock(tx)
            batches, acts = seals.unsealed(tx), evidence.unsealed(tx, MOST)
            if not batches and not acts:
                return covered
            said = seals.undeclared(tx)
            if said is not None:
                _declare(tx, settings, keys, said)
            else:
                _append(tx, keys, batches=batches, acts=acts)
            covered += len(batches)


def restored(database: Database, settings: Settings, *, newest: int, chain: str) -> None:
    """Seal the declaration of a restoration before anything else.

    newest, chain: number and chain hash of the newest seal known outside; see `_declare`.
    """
    keys = keys_of(settings.seal_key, settings.seal_sm2_key)
    with database.write() as tx:
        seals.lock(tx)
        said = seals.undeclared(tx)
        if said is not None:
            _declare(tx, settings, keys, said, known=(newest, chain))


def _declare(
    tx: Transaction,
    settings: Settings,
    keys: SigningKeys,
    said: Undeclared,
    *,
    known: tuple[int, str] = (0, ""),
) -> Seal:
    """Continue the chain after a restoration, behind any seal that may have left this machine.

    The seal names the lost numbers, so that no number means two seals and a checkpoint of a lost
    one differs from a rewritten ledger. How many were lost is unknown: at most one a second since
    the backup, at least those in the file outside.
    """
    after, _ = seals.last(tx)
    newest, chain = max(known, witness.newest_outside(settings))
    passed = int((datetime.now(UTC) - said.sealed_at).total_seconds()) if said.sealed_at else 0
    number = max(newest, after + passed, after) + 1
    says: dict[str, Json] = {
        "after": after,
        "newest": newest,
        "chain": chain,
        "restoration": said.id,
        "by": said.by,
        "reason": said.reason,
    }
    batches, acts = seals.unsealed(tx), evidence.unsealed(tx, MOST)
    return _append(tx, keys, batches=batches, acts=acts, kind="restored", number=number, says=says)


def _append(
    tx: Transaction,
    keys: SigningKeys,
    *,
    batches: Sequence[Rooted],
    acts: Sequence[Act],
    kind: str = "regular",
    number: int | None = None,
    says: Mapping[str, Json] | None = None,
) -> Seal:
    """Make the next seal and store it; the caller holds the sealers' lock."""
    last, previous = seals.last(tx)
    now = datetime.now(UTC)
    blank = Seal(
        id=number or last + 1,
        previous=previous,
        batches=[batch.id for batch in batches],
        root=b"",
        chain=b"",
        sealed_at=now,
        signature=None,
        signed_by=keys.ed25519_name,
        sm2_by=keys.sm2_name,
        rule=2,
        kind=kind,
        acts=evidence.ranges([act.id for act in acts]),
        acts_root=merkle.root([act.leaf for act in acts]),
        says=says or {},
    )
    root = merkle.root(blank.leaves(batches))
    chain = ledger.chain(previous, root, now.isoformat())
    made = keys.sign(chain)
    whole = replace(blank, root=root, chain=chain, signature=made.ed25519, sm2_signature=made.sm2)
    seals.add(tx, whole)
    evidence.attach(tx, whole.id, [act.id for act in acts])
    return whole
