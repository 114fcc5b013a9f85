"""Reconciliation by lists of keys and cursor values, of which digests are made here."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field, JsonValue

from connectors.options import Options
from connectors.verdicts import as_text, pick
from hub.model import Bucketing, Json


class ShortList(Options):
    """How to list records without content, so that reconciliation need not read everything."""

    parameters: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Parameters by which the list gives no more than key and cursor of each record",
    )
    size: int = Field(default=5000, ge=1, description="Records a page of the short list")
    one: str = Field(
        default="",
        description=(
            "Parameter that asks the list for one record by its key; empty: whole pages are read"
        ),
    )


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One record of the list: its key, and a checksum of its version."""

    key: str
    bucket: int
    checksum: int


def entry(record: Json, by: Bucketing, cursor: str) -> ListedKey:
    """The entry of a record, from the list or whole: both give the same."""
    key = "|".join(as_text(pick(record, name)) for name in by.key)
    return ListedKey(
        key, _number(key) % by.count, _number(f"{key}|{as_text(pick(record, cursor))}")
    )


def digests(entries: Iterable[ListedKey]) -> dict[int, tuple[int, int]]:
    """{bucket: (records, sum of checksums)}."""
    found: dict[int, tuple[int, int]] = {}
    for one in entries:
        count, total = found.get(one.bucket, (0, 0))
        found[one.bucket] = count + 1, total + one.checksum
    return found


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=5).digest())
