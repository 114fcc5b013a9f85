"""Restorations: a database older than its partners -> declared in the ledger, deliveries uncertain.

What is uncertain is asked about at its target before anything is sent:
`hub/pipeline/restored_deliveries.py`.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import orjson

from hub.db import restorations, runs
from hub.db.database import Database, Transaction
from hub.db.deliveries import uncertain
from hub.db.ledger import seals
from hub.db.ledger.seals import Seal
from hub.domain.idempotency import name_of
from hub.durable import error_name, replace_file
from hub.errors import FlowError
from hub.model import STEWARD, Json
from hub.pipeline import ledger_check, seal
from hub.pipeline.run_lifecycle import running
from hub.pipeline.steward import DecidedBy, land
from hub.settings import Settings

log = logging.getLogger(__name__)

FLOW = f"pull.{STEWARD}.delivery"
"""The flow under which restorations land, and decisions on deliveries after them."""

HUB = "hub"
"""The author of restorations that the hub has detected itself."""


def notice(database: Database, settings: Settings) -> None:
    """Detect that this database came from a backup, copy or standby; declare it before sending."""
    with database.write() as tx:
        here, fresh = restorations.server(tx), restorations.this(tx).server is None
        reason = _strange(tx, settings)
        behind = "" if reason or fresh else _behind(tx, settings.marker)
    if reason:
        declare(database, settings, word=DecidedBy(HUB, reason), how="seen", instead_of=here)
    elif behind:
        declare(database, settings, word=DecidedBy(HUB, behind), how="seen")
    if (reason or behind) and settings.marker is not None:
        settings.marker.unlink(missing_ok=True)


def _behind(tx: Transaction, marker: Path | None) -> str:
    """The reason if this machine's marker file names a push run that the database lacks, else "".

    A restored marker file proves nothing.
    """
    try:
        kept = None if marker is None else orjson.loads(marker.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return ""
    if not isinstance(kept, dict) or not isinstance(kept.get("run"), int):
        return ""
    started = runs.started(tx, kept["run"])
    same = started is not None and started.isoformat() == kept.get("started")
    return (
        ""
        if same
        else f"this machine remembers a push as run {kept['run']}, which the database does not have"
    )


def remember(tx: Transaction, settings: Settings, run_id: int) -> None:
    """Write the last push run to the marker file, outside the database."""
    started = runs.started(tx, run_id)
    if settings.marker is None or started is None:
        return
    content = orjson.dumps({"run": run_id, "started": started.isoformat()})
    try:
        replace_file(settings.marker, content, beside=f"{settings.marker.stem}.new")
    except OSError as error:
        log.warning(
            "marker not written",
            extra={"file": str(settings.marker), "error": error_name(error)},
        )


def _strange(tx: Transaction, settings: Settings) -> str:
    """The reason if this is not the database it claims to be, else "" (a new one is claimed)."""
    here, known, secret = restorations.server(tx), restorations.this(tx), name_of(settings.hash_key)
    # Keys of lost attempts can be recomputed with the secret of that time only, so its name stays
    # stored while any delivery is uncertain.
    if known.own and known.server == here and (known.secret == secret or known.uncertain):
        return ""
    known = restorations.this(tx, lock=True)
    if not known.own:
        return "rows were loaded from a dump"
    if known.server not in {None, here}:
        return f"{known.server} -> {here}"
    restorations.claim(tx, here, secret=secret)
    return ""


def declare(
    database: Database,
    settings: Settings,
    *,
    word: DecidedBy,
    how: Literal["said", "seen"] = "said",
    nothing_lost: bool = False,
    instead_of: str | None = None,
    checkpoints: str = "",
) -> int | None:
    """Declare a restoration in the ledger; gives its number.

    nothing_lost: moved unchanged, no delivery is uncertain. checkpoints: as kept outside; the
    ledger goes on behind the newest. instead_of: do nothing and give None if the database is
    claimed by then (another worker was faster).
    """
    word.checked()
    kept = ledger_check.newest_kept(checkpoints) if checkpoints.strip() else None
    with running(database, FLOW, "decide") as (run, fenced), fenced.write(long=True) as tx:
        known, here = restorations.this(tx, lock=True), restorations.server(tx)
        if instead_of is not None and known.own and known.server == instead_of:
            return None
        newest = seals.newest(tx, signed=False)
        seal_id = newest.id if newest else None
        said = {
            "event": "restoration",
            "how": how,
            "by": word.by,
            "reason": word.reason,
            "seal": seal_id,
        }
        landing_id, _ = land(
            tx,
            settings,
            run.id,
            flow=FLOW,
            key="restoration",
            said={**said, "nothing_lost": nothing_lost},
        )
        made = restorations.add(
            tx,
            how=how,
            by=word.by,
            reason=word.reason,
            seal_id=seal_id,
            landing_id=landing_id,
            nothing_lost=nothing_lost,
        )
        restorations.claim(
            tx,
            here,
            secret=name_of(settings.hash_key) if nothing_lost or not known.secret else None,
        )
    if newest is not None and not nothing_lost:
        number, end = kept or _beyond(newest)
        seal.restored(database, settings, newest=number, chain=end)
    return made


def _beyond(newest: Seal) -> tuple[int, str]:
    """A seal number no lost seal can have, if no checkpoint was kept: one a second since then."""
    seconds = (datetime.now(UTC) - newest.sealed_at).total_seconds()
    return newest.id + max(1, int(seconds) + 1), newest.chain.hex()


def settle(
    database: Database,
    settings: Settings,
    flow: str,
    records: Sequence[int] | None,
    *,
    send: bool,
    word: DecidedBy,
) -> int:
    """Decide deliveries whose target cannot be asked: send them, or count them as sent; how many.

    records: None for all of the flow that wait. The next push does it, unless the record has
    changed by then.
    """
    word.checked()
    with database.read() as tx:
        if not uncertain.waiting(tx, flow=flow, most=1):
            raise FlowError("delivery.none_uncertain", flow=flow)
    decision: Literal["send", "sent"] = "send" if send else "sent"
    with running(database, FLOW, "decide") as (run, fenced), fenced.write() as tx:
        chosen = uncertain.decide(tx, flow, records, decision)
        if not chosen:
            raise FlowError("delivery.none_uncertain", flow=flow)
        said: dict[str, Json] = {
            "event": "delivery",
            "decision": decision,
            "flow": flow,
            "records": [*chosen],
        }
        land(
            tx,
            settings,
            run.id,
            flow=FLOW,
            key=flow,
            said={**said, "by": word.by, "reason": word.reason},
        )
    return len(chosen)
