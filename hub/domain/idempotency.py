"""Idempotency keys: flow, record, ordinal of the attempt, content; signed with our secret.

Independent of the database: one rebuilt from the same sources makes the same keys. 32 hexadecimal
characters: 12 for flow and record, 4 for the ordinal, 10 for the content, 6 prove that our secret
made it. Keys of a record therefore sort by ordinal.
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
    """Makes and recognises the keys of one flow. secret: `HUB_HASH_KEY`."""

    secret: bytes
    flow: str

    def of(
        self, natural_key: str, *, ordinal: int, action: Action, body: Mapping[str, Json]
    ) -> str:
        """The key of one attempt; a withdrawal's does not depend on content."""
        said: dict[str, Json] = {} if action == "withdraw" else {**body}
        begun = f"{self.of_record(natural_key)}{ordinal % ORDINALS:0{ORDINAL}x}"
        return self._made(begun, [natural_key, ordinal, action, said])

    def after(self, key: str) -> str:
        """The key of the withdrawal of a delivery of which only its (own) key is known."""
        ordinal = (int(key[RECORD : RECORD + ORDINAL], 16) + 1) % ORDINALS
        return self._made(f"{key[:RECORD]}{ordinal:0{ORDINAL}x}", ["after", key])

    def of_record(self, natural_key: str) -> str:
        """The prefix of all keys of a record."""
        return self._digest("record", [natural_key], RECORD)

    def ordinal(self, key: str) -> int | None:
        """The ordinal in a key, modulo ORDINALS; None: not made by this flow and secret."""
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
    """The full ordinal of a shown one (modulo ORDINALS): the nearest to `serial`."""
    ahead = (shown - serial + ORDINALS // 2) % ORDINALS
    return serial + ahead - ORDINALS // 2


def name_of(secret: bytes) -> str:
    """A public name of a secret: tells two apart and reveals nothing."""
    return hashlib.blake2b(
        b"name", digest_size=8, key=secret, person=b"onecode.delivery"
    ).hexdigest()
