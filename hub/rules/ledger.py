"""How the ledger's hashes are made: what a batch stands for, and how a seal follows the one before."""

import hashlib
from collections.abc import Sequence

import orjson

from hub.rules import merkle


def batch_leaf(batch: int, run: int, *, flow: str, counts: Sequence[int], root: bytes) -> bytes:
    """What a batch puts into a seal: its identity, its outcomes in order, and the root over its landings."""
    text = orjson.dumps([batch, run, flow, list(counts), root.hex()])
    return merkle.leaf(b"", text)


def chain(previous: bytes, root: bytes, sealed_at: str) -> bytes:
    """The next link: the last one, this seal's root and its time (ISO 8601, UTC)."""
    return hashlib.new("sm3", b"\x02" + previous + root + sealed_at.encode()).digest()
