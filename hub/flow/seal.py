"""committed batches -> seal: chains the roots that intake leaves behind and signs the end of the chain."""

from datetime import UTC, datetime

from hub.rules import ledger, merkle
from hub.settings import Settings
from hub.signing import keys_of
from hub.store import seals
from hub.store.database import Database
from hub.store.seals import Seal


def seal(database: Database, settings: Settings) -> int:
    """Cover every batch that no seal covers yet; give how many. Two sealers at once take turns."""
    keys = keys_of(settings.seal_key, settings.seal_sm2_key)
    covered = 0
    while True:
        with database.transaction() as tx:
            seals.lock(tx)
            batches = seals.unsealed(tx)
            if not batches:
                return covered
            previous, root = seals.last_chain(tx), merkle.root([batch.leaf for batch in batches])
            now = datetime.now(UTC)
            chain = ledger.chain(previous, root, now.isoformat())
            made = keys.sign(chain)
            seals.add(
                tx,
                Seal(
                    id=0,
                    previous=previous,
                    batches=[batch.id for batch in batches],
                    root=root,
                    chain=chain,
                    sealed_at=now,
                    signature=made.ed25519,
                    signed_by=keys.ed25519_name,
                    sm2_signature=made.sm2,
                    sm2_by=keys.sm2_name,
                ),
            )
            covered += len(batches)
