"""How the ledger's hashes are made: what a landing and a batch stand for, and how a seal follows the one before."""

import hashlib
from collections.abc import Sequence

import orjson

from hub.rules import merkle

OPEN = 2
"""The rule of today's leaves: they stand for the payload itself, so that whoever has it can make them again."""


def content(payload: bytes | None, keyed: bytes) -> bytes:
    """What a landing's leaf stands for; where no payload is kept, the keyed hash of what came."""
    return keyed if payload is None else hashlib.sha256(payload).digest()


def leaf(salt: bytes | None, keyed: bytes, payload: bytes | None, *, rule: int) -> bytes:
    """The leaf of one landing; an erased one, which has no salt, keeps the leaf itself in place of its hash."""
    if salt is None:
        return keyed
    return merkle.leaf(salt, content(payload, keyed) if rule == OPEN else keyed)


def batch_leaf(batch: int, run: int, *, flow: str, counts: Sequence[int], root: bytes, contract: str | None) -> bytes:
    """What a batch puts into a seal: its identity, its outcomes in order, the root over its landings, its contract.

    contract: None for batches of the first rule, whose seals do not name it.
    """
    text = orjson.dumps([batch, run, flow, list(counts), root.hex(), *([contract] if contract else [])])
    return merkle.leaf(b"", text)


def chain(previous: bytes, root: bytes, sealed_at: str) -> bytes:
    """The next link: the last one, this seal's root and its time (ISO 8601, UTC)."""
    return hashlib.new("sm3", b"\x02" + previous + root + sealed_at.encode()).digest()
