"""committed batches -> seal: chains the roots that intake leaves behind and signs the end of the chain."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.errors import FlowError
from hub.rules import ledger, merkle
from hub.settings import Settings
from hub.store import seals
from hub.store.database import Database
from hub.store.seals import Seal


def seal(database: Database, settings: Settings) -> int:
    """Cover every batch that no seal covers yet; give how many. Two sealers at once take turns."""
    key = _key(settings.seal_key) if settings.seal_key else None
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
                    signed_by=_name(key) if key else None,
                ),
            )
            covered += len(batches)


def _key(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError):
        raise FlowError("settings.invalid", name="HUB_SEAL_KEY", value=path.name) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise FlowError("settings.invalid", name="HUB_SEAL_KEY", value=path.name)
    return key


def _name(key: Ed25519PrivateKey) -> str:
    """The public key itself, so that anyone can check the signature."""
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"ed25519:{raw.hex()}"
