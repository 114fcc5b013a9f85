"""Proof that a record stood in a batch: a tree of SM3 hashes, leaves marked 0x00 and nodes 0x01 as
in RFC 6962.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One neighbour on the way from a leaf to the root, and whether it stands on the left."""

    digest: bytes
    left: bool


def leaf(salt: bytes, content: bytes) -> bytes:
    """The hash of one record; without its salt it says nothing about the content."""
    return hashlib.new("sm3", b"\x00" + salt + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.new("sm3", b"\x01" + left + right).digest()


def _above(row: Sequence[bytes]) -> list[bytes]:
    """The next row up; the last of an odd row rises as it is."""
    paired = [_node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return [*paired, row[-1]] if len(row) % 2 else paired


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash that stands for all leaves in their order; of none, the hash of nothing."""
    row = list(leaves)
    while len(row) > 1:
        row = _above(row)
    return row[0] if row else hashlib.new("sm3", b"").digest()


def proof(leaves: Sequence[bytes], index: int) -> tuple[ProofStep, ...]:
    """What leads from the leaf at `index` to the root."""
    row, steps = list(leaves), []
    while len(row) > 1:
        neighbour = index ^ 1
        if neighbour < len(row):
            steps.append(ProofStep(row[neighbour], left=neighbour < index))
        row, index = _above(row), index // 2
    return tuple(steps)


def proves(steps: Sequence[ProofStep], *, leaf: bytes, root: bytes) -> bool:
    """Whether the steps lead from this leaf to this root; needs nothing but its arguments."""
    digest = leaf
    for step in steps:
        digest = _node(step.digest, digest) if step.left else _node(digest, step.digest)
    return digest == root
