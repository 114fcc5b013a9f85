"""Merkle tree over SM3: proof that a record is in a batch. Leaves 0x00, nodes 0x01 (RFC 6962)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProofStep:
    """A sibling hash on the way to the root, and whether it is on the left."""

    digest: bytes
    left: bool


def leaf(salt: bytes, content: bytes) -> bytes:
    """The hash of one record; without the salt it cannot confirm a guess of the content."""
    return hashlib.new("sm3", b"\x00" + salt + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.new("sm3", b"\x01" + left + right).digest()


def _above(row: Sequence[bytes]) -> list[bytes]:
    """The next level; an odd last node is promoted unchanged."""
    paired = [_node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return [*paired, row[-1]] if len(row) % 2 else paired


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in order; without leaves the hash of nothing."""
    row = list(leaves)
    while len(row) > 1:
        row = _above(row)
    return row[0] if row else hashlib.new("sm3", b"").digest()


def proof(leaves: Sequence[bytes], index: int) -> tuple[ProofStep, ...]:
    """Sibling hashes from the leaf at `index` to the root."""
    row, steps = list(leaves), []
    while len(row) > 1:
        neighbour = index ^ 1
        if neighbour < len(row):
            steps.append(ProofStep(row[neighbour], left=neighbour < index))
        row, index = _above(row), index // 2
    return tuple(steps)


def proves(steps: Sequence[ProofStep], *, leaf: bytes, root: bytes) -> bool:
    """Whether the steps lead from this leaf to this root; needs no other data."""
    digest = leaf
    for step in steps:
        digest = _node(step.digest, digest) if step.left else _node(digest, step.digest)
    return digest == root
