"""How each row of what people and runs do is written down as evidence, hashed and attested."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import orjson

from hub.domain import merkle

Kind = Literal["value", "time", "bytes", "number", "long"]
"""How a column is written: as JSON has it; microseconds since 1970; hexadecimal; decimal; its
SHA-256.
"""

WRITTEN: Mapping[Kind, str] = {
    "value": "{}",
    "time": "(extract(epoch from {}) * 1000000)::bigint",
    "bytes": "encode({}, 'hex')",
    "number": "{}::numeric",
    "long": "encode(sha256({}), 'hex')",
}
KEY_TYPES: Mapping[str, str] = {
    "id": "bigint",
    "batch_id": "bigint",
    "recall_id": "bigint",
    "record_id": "bigint",
    "token_hash": "bytea",
}
"""The types of columns that name a row, where they are no text."""
ATTESTED = "A"
"""The kind of act that is the hub's own word for all others of one transaction."""
WORDS = (0,)
"""The rules by which such words have been made so far."""
FOUND = "F"
"""The kind of act by which rows older than the evidence were taken over: as found, not as made."""
SIGNAL = "HA001"
"""The SQLSTATE of the notice by which a trigger tells its client that it noted acts."""
PURPOSE = b"onecode-acts\n"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column that is sealed; since: the rule of its table from which on it is."""

    name: str
    kind: Kind = "value"
    since: int = 1


@dataclass(frozen=True)
class Sealed:
    """A table each change of which is an act.

    key: the columns that name a row. columns: what is sealed of it, in this order. left_out: what
    is not, and why it need not be. zh, en: what stands in it, in words.
    """

    table: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[SealedColumn, ...]
    left_out: Mapping[str, str]

    @cached_property
    def rule(self) -> int:
        """The newest rule: how many times the list of columns has grown."""
        return max(column.since for column in self.columns)

    @property
    def types(self) -> list[str]:
        """SQL: the types of the key's columns."""
        return [KEY_TYPES.get(name, "text") for name in self.key]

    def key_text(self, row: str) -> str:
        """SQL: the name of a row as evidence has it; several columns are joined by blanks."""
        written = [
            f"encode({row}.{name}, 'hex')"
            if self._kinds.get(name) == "bytes"
            else f"{row}.{name}::text"
            for name in self.key
        ]
        return " || ' ' || ".join(written)

    def content(self, row: str, *, op: str, rule: int) -> str:
        """SQL: what of a row is hashed, as the text of a JSON array; the same in every session.

        op: an SQL expression for the kind of act.
        """
        columns = [
            WRITTEN[column.kind].format(f"{row}.{column.name}")
            for column in self.columns
            if column.since <= rule
        ]
        return f"jsonb_build_array('{self.table}', {op}, {rule}, {', '.join(columns)})::text"

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return {column.name: column.kind for column in self.columns}


def leaf(act: int, digest: bytes) -> bytes:
    """What one act puts into its seal: its number and its digest."""
    return merkle.leaf(act.to_bytes(8, "big"), digest)


def head_leaf(seal: int, kind: str, *, acts: str, root: bytes, says: Mapping[str, object]) -> bytes:
    """What a seal says of itself: number, kind, which acts it covers, the root over them, what else
    is declared.
    """
    text = orjson.dumps(["seal", seal, kind, acts, root.hex(), says], option=orjson.OPT_SORT_KEYS)
    return merkle.leaf(b"", text)


def attest(key: bytes, *, tx: str, at: int, count: int, digests: bytes) -> bytes:
    """The hub's word for the acts of one transaction, by a key that the database never sees.

    tx, at: the transaction's number and its time in microseconds. digests: SHA-256 over each act's
    number and digest.
    """
    return hmac.new(key, PURPOSE + orjson.dumps([tx, at, count, digests.hex()]), "sm3").digest()
