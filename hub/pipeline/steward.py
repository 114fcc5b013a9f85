"""Manual entry by a data steward: decision -> landed record of the source `steward`, sealed."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from hub.db import landing, runs
from hub.db.database import Transaction
from hub.db.runs import Counts
from hub.domain import ledger, merkle
from hub.domain.ledger import Covered
from hub.domain.payload import keyed_hash
from hub.errors import FlowError
from hub.model import Json
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """Who decided, and why."""

    by: str
    reason: str

    def checked(self) -> "DecidedBy":
        """Self; FlowError without name or reason."""
        if not (self.by.strip() and self.reason.strip()):
            raise FlowError("held.unfounded")
        return self


def land(
    tx: Transaction,
    settings: Settings,
    run_id: int,
    *,
    flow: str,
    key: str,
    said: Mapping[str, Json],
) -> tuple[int, datetime]:
    """Land a decision in a batch of its own, which the next seal covers: (landing id, time)."""
    now = datetime.now(UTC)
    payload, batch_id = orjson.dumps({**said, "at": now.isoformat()}), runs.next_batch(tx)
    (landing_id,), salt = landing.next_ids(tx, 1), os.urandom(16)
    keyed = keyed_hash(payload, settings.hash_key)
    row = [
        landing_id,
        flow,
        key,
        batch_id,
        "",
        f"{landing_id:020}",
        keyed,
        salt,
        payload,
        "applied",
    ]
    landed = landing.land(tx, [[*row, now]])
    runs.add_batch(
        tx,
        batch_id,
        run_id=run_id,
        flow=flow,
        contract=_contract(tx, flow, [*said, "at"]),
        counts=Counts(read=1, created=1),
        landed=Covered([merkle.leaf(salt, ledger.content(payload, keyed))], landed),
    )
    return landing_id, now


def _contract(tx: Transaction, flow: str, names: list[str]) -> int:
    """Id of the stored contract by which decisions are read."""
    text = orjson.dumps({"decision": names})
    return runs.contract_id(tx, flow, hashlib.sha256(text).hexdigest(), text.decode())
