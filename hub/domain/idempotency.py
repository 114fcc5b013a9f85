"""Idempotency keys: which flow sends which record for the how-manieth time, with what content.

A key says nothing of this database: two that were built from the same sources make the same. It is
32 hexadecimal characters: 12 stand for flow and record, 4 are the ordinal of the sending, 10 stand
for the content, and 6 prove that whoever knows our secret has made it. Keys of one record therefore
sort by their ordinals.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from hub import exact
from hub.model import Json

RECORD, ORDINAL, CONTENT, PROOF = 12, 4, 10, 6
LENGTH = RECORD + ORDINAL + CONTENT + PROOF
ORDINALS: int = 16**ORDINAL

Action = Literal["upsert", "withdraw"]


@dataclass(frozen=True, slots=True)
class IdempotencyKeys:
    """Makes the keys of one flow, and knows them again. secret: as of `HUB_HASH_KEY`."""

    secret: bytes
    flow: str

    def of(
        self, natural_key: str, *, ordinal: int, action: Action, body: Mapping[str, Json]
    ) -> str:
        """The key of one sending of a record; what is withdrawn is not named by its content."""
        said: dict[str, Json] = {} if action == "withdraw" else {**body}
        begun = f"{self.of_record(natural_key)}{ordinal % ORDINALS:0{ORDINAL}x}"
        return self._made(begun, [natural_key, ordinal, action, said])

    def after(self, key: str) -> str:
        """The key under which a delivery is taken back of which nothing is known here but its own
        key, one of ours.
        """
        ordinal = (int(key[RECORD : RECORD + ORDINAL], 16) + 1) % ORDINALS
        return self._made(f"{key[:RECORD]}{ordinal:0{ORDINAL}x}", ["after", key])

    def of_record(self, natural_key: str) -> str:
        """How every key of a record begins."""
        return self._digest("record", [natural_key], RECORD)

    def ordinal(self, key: str) -> int | None:
        """The ordinal in a key of ours, as far as it has room for it; None: not made by this flow
        in this way.
        """
        begun, proof = key[:-PROOF], key[-PROOF:]
        if len(key) != LENGTH or proof != self._digest("proof", [begun], PROOF):
            return None
        return int(key[RECORD : RECORD + ORDINAL], 16)

    def _made(self, begun: str, content: list[Json]) -> str:
        whole = begun + self._digest("content", content, CONTENT)
        return whole + self._digest("proof", [whole], PROOF)

    def _digest(self, part: str, said: list[Json], size: int) -> str:
        text = exact.write([part, self.flow, *said], option=orjson.OPT_SORT_KEYS)
        made = hashlib.blake2b(
            text, digest_size=size // 2, key=self.secret, person=b"onecode.delivery"
        )
        return made.hexdigest()


def ordinal_near(shown: int, serial: int) -> int:
    """The ordinal that a key shows, in full: the nearest to `serial`."""
    ahead = (shown - serial + ORDINALS // 2) % ORDINALS
    return serial + ahead - ORDINALS // 2


def name_of(secret: bytes) -> str:
    """A name by which a secret can be told from another; it gives nothing of it away."""
    return hashlib.blake2b(
        b"name", digest_size=8, key=secret, person=b"onecode.delivery"
    ).hexdigest()
