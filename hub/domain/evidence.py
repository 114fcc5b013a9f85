"""Acts of sealed tables: how a row is serialised, hashed and attested."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import orjson

from hub.domain import merkle

Kind = Literal["value", "time", "bytes", "number", "long"]
"""How a column is written: as JSON; microseconds since 1970; hex; decimal; its SHA-256."""

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
    "inbound_id": "bigint",
    "recall_id": "bigint",
    "record_id": "bigint",
    "token_hash": "bytea",
}
"""Types of key columns, where they are not text."""
ATTESTED = "A"
"""Kind of the act that attests all others of its transaction."""
WORDS = (0,)
"""Versions of the attestation rule so far."""
FOUND = "F"
"""Kind of act for rows older than the evidence: as found, not as made."""
SIGNAL = "HA001"
"""SQLSTATE of the notice by which a trigger reports to its client that it noted acts."""
PURPOSE = b"onecode-acts\n"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A sealed column; since: the version of its table's rule from which on it is sealed."""

    name: str
    kind: Kind = "value"
    since: int = 1


@dataclass(frozen=True)
class Sealed:
    """A table whose every change is an act.

    key: columns that identify a row. columns: what is sealed, in this order. left_out: what is not,
    and why. what: its content in words.
    """

    table: str
    what: str
    key: tuple[str, ...]
    columns: tuple[SealedColumn, ...]
    left_out: Mapping[str, str]

    @cached_property
    def rule(self) -> int:
        """The newest rule version: the number of times its columns have grown."""
        return max(column.since for column in self.columns)

    @property
    def types(self) -> list[str]:
        """SQL: the types of the key's columns."""
        return [KEY_TYPES.get(name, "text") for name in self.key]

    def key_text(self, row: str) -> str:
        """SQL expression: the row's key as text, several columns joined by blanks."""
        written = [
            f"encode({row}.{name}, 'hex')"
            if self._kinds.get(name) == "bytes"
            else f"{row}.{name}::text"
            for name in self.key
        ]
        return " || ' ' || ".join(written)

    def content(self, row: str, *, op: str, rule: int) -> str:
        """SQL expression: what is hashed of a row, as JSON array text, independent of session
        settings.

        op: SQL expression for the kind of act.
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
    """The leaf of an act in its seal: number and digest."""
    return merkle.leaf(act.to_bytes(8, "big"), digest)


def head_leaf(seal: int, kind: str, *, acts: str, root: bytes, says: Mapping[str, object]) -> bytes:
    """The leaf of a seal's own header: number, kind, ranges of acts, their root, declarations."""
    text = orjson.dumps(["seal", seal, kind, acts, root.hex(), says], option=orjson.OPT_SORT_KEYS)
    return merkle.leaf(b"", text)


def attest(key: bytes, *, tx: str, at: int, count: int, digests: bytes) -> bytes:
    """HMAC over the acts of one transaction, by a key that the database never sees.

    tx, at: the transaction's number and its time in microseconds. digests: SHA-256 over each act's
    number and digest.
    """
    return hmac.new(key, PURPOSE + orjson.dumps([tx, at, count, digests.hex()]), "sm3").digest()
