"""How the ledger's hashes are made: what a landing and a batch stand for, and how a seal follows
the one before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from hub.domain import merkle

FINGERPRINT = 8
"""How many bytes of its hash stand for what a landing says beside its payload."""
OPEN = 2
"""The rule of today's leaves: they stand for the payload itself, so that whoever has it can make
them again.
"""


@dataclass(frozen=True, slots=True)
class Covered:
    """What landings put into their batch: the leaves of their payloads, and their fingerprints
    joined, in order.
    """

    leaves: Sequence[bytes] = ()
    said: bytes = b""


def content(payload: bytes | None, keyed: bytes) -> bytes:
    """What a landing's leaf stands for; where no payload is kept, the keyed hash of what came."""
    return keyed if payload is None else hashlib.sha256(payload).digest()


def leaf(salt: bytes | None, keyed: bytes, payload: bytes | None, *, rule: int) -> bytes:
    """The leaf of one landing; an erased one, which has no salt, keeps the leaf itself in place of
    its hash.
    """
    if salt is None:
        return keyed
    return merkle.leaf(salt, content(payload, keyed) if rule == OPEN else keyed)


def batch_leaf(
    batch: int, run: int, *, flow: str, counts: Sequence[int], root: bytes, contract: str | None
) -> bytes:
    """What a batch puts into a seal: its identity, its outcomes in order, the root over its
    landings, its contract.

    contract: None for batches of the first rule, whose seals do not name it.
    """
    text = orjson.dumps(
        [batch, run, flow, list(counts), root.hex(), *([contract] if contract else [])]
    )
    return merkle.leaf(b"", text)


def chain(previous: bytes, root: bytes, sealed_at: str) -> bytes:
    """The next link: the last one, this seal's root and its time (ISO 8601, UTC)."""
    return hashlib.new("sm3", b"\x02" + previous + root + sealed_at.encode()).digest()


def fingerprint(row: Sequence[object], at: datetime | None) -> bytes:
    """What a landing says beside its payload: id, flow, key, position, version, disposition; at:
    its source's time.
    """
    text = "\x1f".join((*map(str, row), at.astimezone(UTC).isoformat() if at else ""))
    return hashlib.sha256(text.encode()).digest()[:FINGERPRINT]
