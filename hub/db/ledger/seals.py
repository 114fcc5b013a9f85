"""The ledger: roots of committed batches, chained by seals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb
from psycopg.types.multirange import Multirange

from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.db.runs import OUTCOMES, PART_OUTCOMES
from hub.domain import evidence, ledger
from hub.model import Json

LATER = ("exploded", "empty", *PART_OUTCOMES)
SEALED_OUTCOMES = tuple(name for name in OUTCOMES if name not in {*LATER, "held"})
LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.seal', 0))"
# Seals from before explode, or of batches without exploded records, omit these counts.
COLUMNS = f"""
    id, run_id, flow, leaves, merkle_root, leaf_rule,
    array[{", ".join(SEALED_OUTCOMES)}]
        || case when ({" + ".join(LATER)}) > 0 then array[{", ".join(LATER)}] else '{{}}' end
        || case when held > 0 then array[held] else '{{}}' end as counts,
    (select c.hash from hub.contract_version c where c.id = contract_id) as contract
"""  # noqa: S608 -- own constant
UNSEALED = f"select {COLUMNS} from hub.batch where seal_id is null order by id limit 10000"  # noqa: S608 -- own constant
# own constant
SEALED = f"select {COLUMNS} from hub.batch where id = any(%s) order by id"  # noqa: S608
LAST = "select id, chain from hub.seal order by id desc limit 1"
SEAL_COLUMNS = """
    id, previous, batches, root, chain, sealed_at, signature, signed_by, sm2_signature, sm2_by,
    rule, kind, acts, acts_root, says
"""
ADD = f"""
    insert into hub.seal ({SEAL_COLUMNS}) overriding system value
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""  # noqa: S608 -- own constant
ATTACH = "update hub.batch set seal_id = %s where id = any(%s) and seal_id is null"
SEAL = f"select {SEAL_COLUMNS} from hub.seal"  # noqa: S608 -- own constant
SEALS = f"{SEAL} where id > %s order by id limit %s"
SEAL_OF = "select seal_id from hub.batch where id = %s"
NEXT_SIGNED = "select min(id) from hub.seal where id >= %s and signature is not null"
NUMBER_AT = "select id from hub.seal where id <= %s order by id desc limit 1"
# The last restoration in which something was lost, and that no seal has declared yet.
UNDECLARED = """
    select r.id, r.by, r.reason, (select max(s.sealed_at) from hub.seal s) as sealed_at
        from hub.restoration r
     where not r.nothing_lost
       and r.id > coalesce((select max((s.says->>'restoration')::bigint) from hub.seal s
           where s.kind = 'restored'), 0)
     order by r.id desc limit 1
"""
CHAINS = "select id, chain from hub.seal where id = any(%s)"
CHAIN_AT = "select chain from hub.seal where id <= %s order by id desc limit 1"
SIGNED_UNTIL = "select exists (select from hub.seal where id <= %s and signature is not null)"
NEWEST = f"{SEAL} where signature is not null or not %s order by id desc limit 1"
NEWER = f"{SEAL} where %s::bigint is null or id < %s order by id desc limit %s"
NOTED = "select landed from hub.batch where id = %s"
LEAVES = "select id, salt, hash, payload from hub.landing where batch_id = %s order by id"


@dataclass(frozen=True, slots=True)
class Rooted:
    """A batch as the ledger covers it: outcomes in order, and the root over its landings."""

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
        """Its leaf in the seal."""
        contract = self.contract if self.leaf_rule == ledger.OPEN else None
        return ledger.batch_leaf(
            self.id,
            self.run_id,
            flow=self.flow,
            counts=self.counts,
            root=self.merkle_root,
            contract=contract,
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain.

    rule: 1 covers batches only; 2 numbers seals without gaps and covers acts too. kind: a
    `restored` seal continues an older state, and `says` what was lost: `after` is the number behind
    which it continues.
    """

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
    rule: int = 1
    kind: str = "regular"
    acts: Multirange[int] = field(default_factory=Multirange)
    acts_root: bytes = b""
    says: Mapping[str, Json] = field(default_factory=dict)

    @property
    def acts_text(self) -> str:
        """The ranges of its acts as hashed into its root: half-open."""
        return " ".join(f"{one.lower}-{one.upper}" for one in self.acts)

    def leaves(self, batches: Sequence[Rooted]) -> list[bytes]:
        """The leaves of its root: its batches, and from rule 2 on its own header."""
        made = [one.leaf for one in batches]
        if self.rule > 1:
            made.append(
                evidence.head_leaf(
                    self.id, self.kind, acts=self.acts_text, root=self.acts_root, says=self.says
                )
            )
        return made


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A restoration that no seal declares yet; sealed_at: time of the last seal that came back."""

    id: int
    by: str
    reason: str
    sealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a landing's leaf is made of; an erased one keeps the leaf itself in `hash`, no salt."""

    id: int
    salt: bytes | None
    hash: bytes
    payload: bytes | None


def lock(tx: Transaction) -> None:
    """Serialise sealers until the transaction ends."""
    tx.execute(LOCK)


def unsealed(tx: Transaction) -> list[Rooted]:
    """Committed batches that no seal covers yet, oldest first, at most 10,000."""
    return rows(tx, Rooted, UNSEALED)


def last(tx: Transaction) -> tuple[int, bytes]:
    """(number, chain) of the newest seal; (0, b"") without one."""
    row = tx.execute(LAST).fetchone()
    return (int(row[0]), row[1]) if row else (0, b"")


def add(tx: Transaction, seal: Seal) -> None:
    """Append a seal and attach its batches."""
    tx.execute(
        ADD,
        (
            seal.id,
            seal.previous,
            seal.batches,
            seal.root,
            seal.chain,
            seal.sealed_at,
            seal.signature,
            seal.signed_by,
            seal.sm2_signature,
            seal.sm2_by,
            seal.rule,
            seal.kind,
            seal.acts,
            seal.acts_root,
            Jsonb(dict(seal.says)),
        ),
    )
    tx.execute(ATTACH, (seal.id, seal.batches))


def seals(tx: Transaction, *, after: int, most: int = 100) -> list[Seal]:
    """Seals after this one, in order."""
    return rows(tx, Seal, SEALS, (after, most))


def chain_at(tx: Transaction, seal_id: int) -> bytes:
    """The chain up to this seal; b"" before the first one."""
    row = tx.execute(CHAIN_AT, (seal_id,)).fetchone()
    return row[0] if row else b""


def undeclared(tx: Transaction) -> Undeclared | None:
    """The restoration that the next seal has to declare."""
    return first_row(tx, Undeclared, UNDECLARED)


def chains(tx: Transaction, ids: Sequence[int]) -> dict[int, bytes]:
    """Seal -> the end of the chain when it was the last."""
    return {row[0]: row[1] for row in tx.execute(CHAINS, (list(ids),)).fetchall()}


def number_at(tx: Transaction, seal_id: int) -> int:
    """This seal's number, or of the last one before it; 0 before the first."""
    row = tx.execute(NUMBER_AT, (seal_id,)).fetchone()
    return int(row[0]) if row else 0


def signed_until(tx: Transaction, seal_id: int) -> bool:
    """Whether any seal up to this one is signed: later ones must be, then."""
    row = tx.execute(SIGNED_UNTIL, (seal_id,)).fetchone()
    return bool(row and row[0])


def seal_of(tx: Transaction, batch_id: int) -> int | None:
    """The seal that covers a batch."""
    row = tx.execute(SEAL_OF, (batch_id,)).fetchone()
    return row[0] if row else None


def next_signed(tx: Transaction, seal_id: int) -> int | None:
    """The first signed seal from this one on; None without."""
    row = tx.execute(NEXT_SIGNED, (seal_id,)).fetchone()
    return row[0] if row else None


def newer(tx: Transaction, *, before: int | None, most: int) -> list[Seal]:
    """Seals before this one, or the last ones of all, newest first."""
    return rows(tx, Seal, NEWER, (before, before, most))


def newest(tx: Transaction, *, signed: bool) -> Seal | None:
    """The last seal, or the last one that is signed."""
    return first_row(tx, Seal, NEWEST, (signed,))


def batches(tx: Transaction, ids: Sequence[int]) -> list[Rooted]:
    """Batches by id."""
    return rows(tx, Rooted, SEALED, (list(ids),))


def noted(tx: Transaction, batch_id: int) -> bytes | None:
    """The joined fingerprints of a batch's landings, as stored with it."""
    row = tx.execute(NOTED, (batch_id,)).fetchone()
    return row[0] if row else None


def leaves(tx: Transaction, batch_id: int) -> list[Leaf]:
    """The landings of a batch in their order."""
    return rows(tx, Leaf, LEAVES, (batch_id,))
