"""committed batches -> seal: chains the roots that intake leaves behind and signs the end of the chain."""

from datetime import UTC, datetime

from hub.rules import ledger, merkle
from hub.settings import Settings
from hub.signing import key_of, name_of
from hub.store import seals
from hub.store.database import Database
from hub.store.seals import Seal


def seal(database: Database, settings: Settings) -> int:
    """Cover every batch that no seal covers yet; give how many. Two sealers at once take turns."""
    key = key_of(settings.seal_key) if settings.seal_key else None
    covered = 0
    while True:
        with database.transaction() as tx:
            seals.lock(tx)
            batches = seals.unsealed(tx)
            if not batches:
                return covered
            leaves = [
                ledger.batch_leaf(batch.id, batch.run_id, flow=batch.flow, counts=batch.counts, root=batch.merkle_root)
                for batch in batches
            ]
            previous, root = seals.last_chain(tx), merkle.root(leaves)
            now = datetime.now(UTC)
            chain = ledger.chain(previous, root, now.isoformat())
            seals.add(
                tx,
                Seal(
                    id=0,
                    previous=previous,
                    batches=[batch.id for batch in batches],
                    root=root,
                    chain=chain,
                    sealed_at=now,
                    signature=key.sign(chain) if key else None,
                    signed_by=name_of(key) if key else None,
                ),
            )
            covered += len(batches)
