"""Witnesses (external copies of checkpoints) -> alerts for one that is behind, or differs."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from hub.db.alerts import AlertFinding
from hub.db.database import Transaction
from hub.db.ledger import witnesses
from hub.db.ledger.witnesses import Witness
from hub.errors import Fault
from hub.settings import Settings


def findings(tx: Transaction, settings: Settings, now: datetime) -> Iterator[AlertFinding]:
    """Alerts for witnesses that are behind, or hold a checkpoint that the ledger does not have."""
    given = settings.witnessing
    names = {
        name
        for name, on in (("file", given.file), ("syslog", given.syslog), ("tsa", given.tsa))
        if on
    }
    for one in witnesses.listed(tx):
        limit = given.behind_seconds + (
            given.stamp_seconds if one.name == "tsa" else given.every_seconds
        )
        late = (now - (one.at or one.since)).total_seconds()
        if one.name in names and one.failed_at is not None and late > limit:
            fault = one.fault or {}
            facts = {"witness": one.name, "minutes": str(int(late // 60)), "seal": str(one.seal_id)}
            facts |= {"reason": str(fault.get("code", ""))}
            yield AlertFinding(
                f"witness {one.name}", Fault("", "alert.witness_behind", facts), 1, now
            )
        for about, seals, why in (
            ("ledger", one.changed, Fault("", "alert.ledger_differs", _told(one, one.changed))),
            ("witness_lost", one.lost, Fault("", "alert.witness_lost", _told(one, one.lost))),
        ):
            if seals:
                yield AlertFinding(f"{about} {one.name}", why, len(seals), now)


def _told(one: Witness, seals: Sequence[int]) -> dict[str, str]:
    return {"witness": one.name, "seals": ", ".join(map(str, seals[:10]))}
