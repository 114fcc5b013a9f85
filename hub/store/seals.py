"""The ledger: roots of committed batches, chained by seals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from hub.rules import ledger
from hub.store.database import Transaction
from hub.store.runs import OUTCOMES, PART_OUTCOMES

LATER = ("exploded", "empty", *PART_OUTCOMES)
SEALED_OUTCOMES = tuple(name for name in OUTCOMES if name not in {*LATER, "held"})
LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.seal', 0))"
# Seals made before records were taken apart say nothing of it; neither does one of a batch in which none was.
COLUMNS = f"""
    id, run_id, flow, leaves, merkle_root, leaf_rule,
    array[{", ".join(SEALED_OUTCOMES)}]
        || case when ({" + ".join(LATER)}) > 0 then array[{", ".join(LATER)}] else '{{}}' end
        || case when held > 0 then array[held] else '{{}}' end as counts,
    (select c.hash from hub.contract_version c where c.id = contract_id) as contract
"""  # noqa: S608 -- own constant
UNSEALED = f"select {COLUMNS} from hub.batch where seal_id is null order by id limit 10000"  # noqa: S608 -- own constant
SEALED = f"select {COLUMNS} from hub.batch where id = any(%s) order by id"  # noqa: S608 -- own constant
LAST = "select chain from hub.seal order by id desc limit 1"
ADD = """
    insert into hub.seal (previous, batches, root, chain, sealed_at, signature, signed_by, sm2_signature, sm2_by)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id
"""
ATTACH = "update hub.batch set seal_id = %s where id = any(%s) and seal_id is null"
SEAL = "select id, previous, batches, root, chain, sealed_at, signature, signed_by, sm2_signature, sm2_by from hub.seal"
SEALS = f"{SEAL} where id > %s order by id limit %s"
SEAL_OF = "select seal_id from hub.batch where id = %s"
NEXT_SIGNED = "select min(id) from hub.seal where id >= %s and signature is not null"
CHAIN_AT = "select chain from hub.seal where id <= %s order by id desc limit 1"
SIGNED_UNTIL = "select exists (select from hub.seal where id <= %s and signature is not null)"
NEWEST = f"{SEAL} where signature is not null or not %s order by id desc limit 1"
NEWER = f"{SEAL} where %s::bigint is null or id < %s order by id desc limit %s"
LEAVES = "select id, salt, hash, payload from hub.landing where batch_id = %s order by id"


@dataclass(frozen=True, slots=True)
class Rooted:
    """A batch as the ledger sees it: its outcomes in order, and the root over its landings."""

    id: int
    run_id: int
    flow: str
    leaves: int
    merkle_root: bytes
    leaf_rule: int
    counts: list[int]
    contract: str

    @property
    def leaf(self) -> bytes:
        """What it puts into its seal."""
        contract = self.contract if self.leaf_rule == ledger.OPEN else None
        return ledger.batch_leaf(
            self.id, self.run_id, flow=self.flow, counts=self.counts, root=self.merkle_root, contract=contract
        )


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
    sm2_signature: bytes | None = None
    sm2_by: str | None = None


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
        (
            *(seal.previous, seal.batches, seal.root, seal.chain, seal.sealed_at),
            *(seal.signature, seal.signed_by, seal.sm2_signature, seal.sm2_by),
        ),
    ).fetchone()
    seal_id = int(row[0]) if row else 0
    tx.execute(ATTACH, (seal_id, seal.batches))
    return seal_id


def seals(tx: Transaction, *, after: int, most: int = 100) -> list[Seal]:
    """Seals after this one, in order."""
    with tx.cursor(row_factory=class_row(Seal)) as cursor:
        return cursor.execute(SEALS, (after, most)).fetchall()


def chain_at(tx: Transaction, seal_id: int) -> bytes:
    """The end of the chain when this seal was the last; nothing before the first seal."""
    row = tx.execute(CHAIN_AT, (seal_id,)).fetchone()
    return row[0] if row else b""


def signed_until(tx: Transaction, seal_id: int) -> bool:
    """Whether any seal up to this one is signed: those that follow have to be, then."""
    row = tx.execute(SIGNED_UNTIL, (seal_id,)).fetchone()
    return bool(row and row[0])


def seal_of(tx: Transaction, batch_id: int) -> int | None:
    """The seal that covers a batch."""
    row = tx.execute(SEAL_OF, (batch_id,)).fetchone()
    return row[0] if row else None


def next_signed(tx: Transaction, seal_id: int) -> int | None:
    """The first signed seal from this one on."""
    row = tx.execute(NEXT_SIGNED, (seal_id,)).fetchone()
    return row[0] if row else None


def newer(tx: Transaction, *, before: int | None, most: int) -> list[Seal]:
    """Seals before this one, or the last ones of all, newest first."""
    with tx.cursor(row_factory=class_row(Seal)) as cursor:
        return cursor.execute(NEWER, (before, before, most)).fetchall()


def newest(tx: Transaction, *, signed: bool) -> Seal | None:
    """The last seal, or the last one that is signed."""
    with tx.cursor(row_factory=class_row(Seal)) as cursor:
        return cursor.execute(NEWEST, (signed,)).fetchone()


def batches(tx: Transaction, ids: Sequence[int]) -> list[Rooted]:
    """Batches by id."""
    with tx.cursor(row_factory=class_row(Rooted)) as cursor:
        return cursor.execute(SEALED, (list(ids),)).fetchall()


def leaves(tx: Transaction, batch_id: int) -> list[Leaf]:
    """The landings of a batch in their order."""
    with tx.cursor(row_factory=class_row(Leaf)) as cursor:
        return cursor.execute(LEAVES, (batch_id,)).fetchall()
