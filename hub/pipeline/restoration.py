"""a database that came back older than its partners -> said openly in the ledger; every delivery is
uncertain.

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
from hub.errors import FlowError
from hub.model import STEWARD, Json
from hub.pipeline import ledger_check, seal
from hub.pipeline.run_lifecycle import running
from hub.pipeline.steward import DecidedBy, land
from hub.settings import Settings

log = logging.getLogger(__name__)

FLOW = f"pull.{STEWARD}.delivery"
"""The flow under which restorations, and decisions about deliveries after them, land."""

HUB = "hub"
"""Who says what the hub has seen itself."""


def notice(database: Database, settings: Settings) -> None:
    """See whether this database was loaded from a backup, copied or promoted, and say so, before
    anything is sent.
    """
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
    """What this machine remembers of a push, and the database does not: files that were put back
    tell nothing else.
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
    """Let this machine remember, outside the database, what was last sent from here."""
    started = runs.started(tx, run_id)
    if settings.marker is None or started is None:
        return
    new = settings.marker.with_suffix(".new")
    try:
        new.write_bytes(orjson.dumps({"run": run_id, "started": started.isoformat()}))
        new.replace(settings.marker)
    except OSError as error:
        log.warning(
            "marker not written",
            extra={"file": str(settings.marker), "error": type(error).__name__},
        )


def _strange(tx: Transaction, settings: Settings) -> str:
    """What shows that this is not the database that it says it is; where nothing does, it is noted
    what it is.
    """
    here, known, secret = restorations.server(tx), restorations.this(tx), name_of(settings.hash_key)
    # Keys of lost sendings can be made again by the secret of then only: its name stays as long as
    # they matter.
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
    """Say in the ledger that the database was restored; give the number of the restoration.

    nothing_lost: it was moved, and is as it was: nothing is uncertain. checkpoints: as they are
    kept outside, which the ledger goes on behind. instead_of: unless the database says by now that
    it is this one, for another worker has seen the same; None is given then.
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
    """A number that no lost seal can have, where nobody has kept one: as if there had been one each
    second since.
    """
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
    """A person says of deliveries that nobody can ask about: send them, or take them as sent; give
    how many.

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
