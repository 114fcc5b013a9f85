"""Hashes of the ledger: leaves of landings and batches, the chain of seals."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from hub.domain import merkle

FINGERPRINT = 8
"""Bytes of hash kept for the columns of a landing besides its payload."""
OPEN = 2
"""Rule of today's leaves: over the payload itself, so whoever has it can recompute them."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The ledger data of a batch: leaves of its payloads; their fingerprints joined, in order."""

    leaves: Sequence[bytes] = ()
    said: bytes = b""


def content(payload: bytes | None, keyed: bytes) -> bytes:
    """What a landing's leaf is over: the payload, or the keyed hash where none is stored."""
    return keyed if payload is None else hashlib.sha256(payload).digest()


def leaf(salt: bytes | None, keyed: bytes, payload: bytes | None, *, rule: int) -> bytes:
    """The leaf of a landing; an erased one (no salt) has the leaf itself in place of its hash."""
    if salt is None:
        return keyed
    return merkle.leaf(salt, content(payload, keyed) if rule == OPEN else keyed)


def batch_leaf(
    batch: int, run: int, *, flow: str, counts: Sequence[int], root: bytes, contract: str | None
) -> bytes:
    """The leaf of a batch in a seal: identity, counts in order, root over landings, contract.

    contract: None for batches under rule 1, whose seals do not name it.
    """
    text = orjson.dumps(
        [batch, run, flow, list(counts), root.hex(), *([contract] if contract else [])]
    )
    return merkle.leaf(b"", text)


def chain(previous: bytes, root: bytes, sealed_at: str) -> bytes:
    """The chain hash of a seal: over the previous one, its root and its time (ISO 8601, UTC)."""
    return hashlib.new("sm3", b"\x02" + previous + root + sealed_at.encode()).digest()


def fingerprint(row: Sequence[object], at: datetime | None) -> bytes:
    """Hash over id, flow, key, position, version, disposition; at: the source's time."""
    text = "\x1f".join((*map(str, row), at.astimezone(UTC).isoformat() if at else ""))
    return hashlib.sha256(text.encode()).digest()[:FINGERPRINT]
