"""The ledger: roots of committed batches, chained by seals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from hub.store.database import Transaction
from hub.store.runs import OUTCOMES

LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.seal', 0))"
COLUMNS = f"id, run_id, flow, leaves, merkle_root, array[{', '.join(OUTCOMES)}] as counts"
UNSEALED = f"select {COLUMNS} from hub.batch where seal_id is null order by id limit 10000"  # noqa: S608 -- own constant
SEALED = f"select {COLUMNS} from hub.batch where id = any(%s) order by id"  # noqa: S608 -- own constant
LAST = "select chain from hub.seal order by id desc limit 1"
ADD = """
    insert into hub.seal (previous, batches, root, chain, sealed_at, signature, signed_by)
    values (%s, %s, %s, %s, %s, %s, %s) returning id
"""
ATTACH = "update hub.batch set seal_id = %s where id = any(%s) and seal_id is null"
SEALS = """
    select id, previous, batches, root, chain, sealed_at, signature, signed_by from hub.seal
     where id > %s order by id limit 100
"""
LEAVES = "select id, salt, hash, payload from hub.landing where batch_id = %s order by id"


@dataclass(frozen=True, slots=True)
class Rooted:
    """A batch as the ledger sees it: its outcomes in order, and the root over its landings."""

    id: int
    run_id: int
    flow: str
    leaves: int
    merkle_root: bytes
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain."""

    id: int
    previous: bytes
    batches: list[int]
    root: bytes
    chain: bytes
    sealed_at: datetime
    signature: bytes | None
    signed_by: str | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a landing's leaf is made of; an erased landing keeps the leaf itself in `hash` and no salt."""

    id: int
    salt: bytes | None
    hash: bytes
    payload: bytes | None


def lock(tx: Transaction) -> None:
    """One sealer at a time."""
    tx.execute(LOCK)


def unsealed(tx: Transaction) -> list[Rooted]:
    """Committed batches that no seal covers yet, oldest first, at most 10,000."""
    with tx.cursor(row_factory=class_row(Rooted)) as cursor:
        return cursor.execute(UNSEALED).fetchall()


def last_chain(tx: Transaction) -> bytes:
    """The end of the chain; nothing before the first seal."""
    row = tx.execute(LAST).fetchone()
    return row[0] if row else b""


def add(tx: Transaction, seal: Seal) -> int:
    """Append a seal and attach its batches."""
    row = tx.execute(
        ADD,
        (seal.previous, seal.batches, seal.root, seal.chain, seal.sealed_at, seal.signature, seal.signed_by),
    ).fetchone()
    seal_id = int(row[0]) if row else 0
    tx.execute(ATTACH, (seal_id, seal.batches))
    return seal_id


def seals(tx: Transaction, *, after: int) -> list[Seal]:
    """Seals after this one, in order, at most 100."""
    with tx.cursor(row_factory=class_row(Seal)) as cursor:
        return cursor.execute(SEALS, (after,)).fetchall()


def batches(tx: Transaction, ids: Sequence[int]) -> list[Rooted]:
    """Batches by id."""
    with tx.cursor(row_factory=class_row(Rooted)) as cursor:
        return cursor.execute(SEALED, (list(ids),)).fetchall()


def leaves(tx: Transaction, batch_id: int) -> list[Leaf]:
    """The landings of a batch in their order."""
    with tx.cursor(row_factory=class_row(Leaf)) as cursor:
        return cursor.execute(LEAVES, (batch_id,)).fetchall()
