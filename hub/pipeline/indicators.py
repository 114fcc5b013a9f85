"""Hits and cells of indicators: facts + mappings/indicators -> who is seen to be late, and counts.

They stand as at one moment, that of the last full build, with what was known to be missing then.
A project whose facts are computed anew takes away what it counted for before and adds what it
counts for now, both at that moment, so that hits and cells are always those of a full build then.
Time itself passes with the next one.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from hub.db import facts
from hub.db.database import Database, Transaction
from hub.db.facts import judgements
from hub.db.facts.judgements import Judgement
from hub.domain.contracts import Contracts
from hub.domain.indicators import Indicator
from hub.model import Json
from hub.pipeline import withheld

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds to wait for a refresh of facts."""
_INDICATORS = TypeAdapter(tuple[Indicator, ...])


def in_force(contracts: Contracts) -> tuple[Indicator, ...]:
    """The indicators that count."""
    return tuple(one for one in contracts.supervision.indicators if one.status == "in_force")


def build(database: Database, contracts: Contracts, *, now: datetime | None = None) -> int:
    """Judge every project by the indicators in force, as at this moment; gives how many stand."""
    several, moment = in_force(contracts), now or datetime.now(UTC)
    with database.write(long=True) as tx:
        facts.lock(tx, seconds=PATIENCE)
        calendar = facts.state(tx).calendar
        if calendar is None:  # nothing is computed here yet
            return 0
        missing = _missing(tx, contracts, moment)
        asked = {**judgements.moment(tx, calendar, moment), **missing}
        judgements.clear_cells(tx)
        names = list(dict.fromkeys(one.id for one in several))
        for name in names:
            same = [one for one in several if one.id == name]
            judgements.judge(tx, same, asked, None)
            judgements.count(tx, same, sign=1)
            judgements.keep_hits(tx, now=moment, indicators=[name])
        judgements.clear_others(tx, names, now=moment)
        judgements.drop_cells(tx)
        judgements.adjust(tx)
        judgements.set_state(tx, _hashed(several), _said(several) | missing, now=moment)
    log.info("indicators judged", extra={"indicators": len(names)})
    return len(names)


def due(database: Database, contracts: Contracts, *, now: datetime | None = None) -> bool:
    """Whether another build is wanted: other indicators than it was made by, or another day."""
    with database.read() as tx:
        stands = judgements.state(tx)
        calendar = facts.state(tx).calendar
    if contracts.clock is None or calendar is None:
        return False
    zone = contracts.clock.calendar.zone
    return stale(stands, contracts) or (
        stands.at is not None and _day(stands.at, zone) < _day(now or datetime.now(UTC), zone)
    )


def stale(stands: Judgement, contracts: Contracts) -> bool:
    """Whether hits and figures stand by other indicators than those in force now."""
    several = in_force(contracts)
    return bool(several) if stands.rules is None else stands.rules != _hashed(several)


def before(tx: Transaction, codes: Sequence[str]) -> bool:
    """Note what these projects count for, before their facts change; False where nothing is judged
    here.
    """
    judgements.clear_cells(tx)
    return _count(tx, codes, sign=-1)


def after(tx: Transaction, codes: Sequence[str], *, now: datetime) -> None:
    """Adjust hits and cells by what these projects count for with their new facts."""
    if _count(tx, codes, sign=1):
        judgements.keep_hits(tx, now=now, codes=codes)
        judgements.adjust(tx)


def check(tx: Transaction) -> tuple[int, list[tuple[str, str]], list[tuple[object, ...]]]:
    """Judge all anew as at the same moment, in temporary tables: (indicators, hits that differ,
    cells that differ).
    """
    several, asked = _standing(tx)
    if asked is None:
        return 0, [], []
    wrong: list[tuple[str, str]] = []
    judgements.clear_cells(tx)
    for name in dict.fromkeys(one.id for one in several):
        same = [one for one in several if one.id == name]
        judgements.judge(tx, same, asked, None)
        judgements.count(tx, same, sign=1)
        wrong += judgements.wrong_hits(tx, name)
    return len(several), wrong, judgements.wrong_cells(tx)


def try_out(
    tx: Transaction, contracts: Contracts, several: Sequence[Indicator], *, now: datetime
) -> None:
    """Fill `made_judged` and `made_cell` by these indicators, for all projects; keeps nothing."""
    judgements.clear_cells(tx)
    calendar = facts.state(tx).calendar
    if calendar is not None and contracts.clock is not None:
        missing = judgements.state(tx).said or {}
        asked = judgements.moment(tx, calendar, now) | _known_missing(missing)
        judgements.judge(tx, several, asked, None)
        judgements.count(tx, several, sign=1)


def _count(tx: Transaction, codes: Sequence[str], *, sign: int) -> bool:
    several, asked = _standing(tx)
    if asked is None:
        return False
    judgements.judge(tx, several, asked, codes)
    judgements.count(tx, several, sign=sign)
    return True


def _standing(tx: Transaction) -> tuple[tuple[Indicator, ...], dict[str, object] | None]:
    """The indicators by which hits stand and their parameters; None where nothing is judged."""
    stands, calendar = judgements.state(tx), facts.state(tx).calendar
    if stands.said is None or stands.at is None or calendar is None:
        return (), None
    several = _INDICATORS.validate_python(stands.said["indicators"])
    asked = judgements.moment(tx, calendar, stands.at)
    return several, asked | _known_missing(stands.said)


def _missing(tx: Transaction, contracts: Contracts, moment: datetime) -> dict[str, Json]:
    """What is known to be missing: it stays so until the next build, as the moment does."""
    found = withheld.withheld(tx, contracts, now=moment)
    return {"late": list(found.late), "held": list(found.held)}


def _known_missing(said: Mapping[str, Json]) -> dict[str, object]:
    return {name: said.get(name, []) for name in ("late", "held")}


def _said(several: Sequence[Indicator]) -> dict[str, Json]:
    return {"indicators": _INDICATORS.dump_python(tuple(several), mode="json")}


def _hashed(several: Sequence[Indicator]) -> str:
    text = json.dumps(_said(several), ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()
