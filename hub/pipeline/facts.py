"""Computed facts: golden records + limits, calendar, stage rules -> clocks, equal for all readers.

Triggers queue the project of every changed golden record; each run refreshes the queue at its end,
upkeep does the rest.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import psycopg

from hub.db import facts
from hub.db.database import Database, Transaction
from hub.db.facts import DifferingClock, State
from hub.domain import facts as rules_of
from hub.domain import scenarios
from hub.domain.contracts import Contracts
from hub.errors import Fault
from hub.model import Json

log = logging.getLogger(__name__)

PORTION = 2_000
COMPUTED_BY = ("schemas/", "mappings/codes/", "mappings/limits/", "mappings/scenarios/")
"""The files that say how facts are computed."""
OF_VALUES = (psycopg.DataError, psycopg.IntegrityError)
"""Errors that values of one project can cause in a statement over many."""
PATIENCE = 30.0
"""Seconds to wait for another refresh; after that the queue is left to the next one."""


def adopt(database: Database, contracts: Contracts) -> bool:
    """Compute by these contracts from now on; True where the rules changed: every project is due.

    What keeps them from being taken over is told in the log: see `kept_from`.
    """
    said = rules_of.fact_parameters(contracts)
    if contracts.clock is None or said is None or not facts.computable(contracts.entities.values()):
        return False
    calendar = contracts.clock.calendar
    days = rules_of.workdays(calendar)
    version = rules_of.version_of(calendar, days)
    rules = rules_of.hashed(said, version)
    with database.write() as tx:
        facts.lock(tx, seconds=PATIENCE)
        stands = facts.state(tx)
        if stands.rules == rules:
            return False
        if (why := _kept_from(tx, contracts, said, stands)) is not None:
            log.warning("rules of facts not taken over", extra={"code": why.code})
            return False
        facts.keep_calendar(tx, version, calendar.zone.key, rules_of.hours(calendar), days)
        facts.set_rules(tx, rules, said, version)
    return True


def kept_from(tx: Transaction, contracts: Contracts) -> Fault | None:
    """Why facts are still computed by earlier rules than those of these contracts; None where they
    are computed by these, or will be at the next refresh.
    """
    said, stands = rules_of.fact_parameters(contracts), facts.state(tx)
    if said is None or said == stands.said or not facts.computable(contracts.entities.values()):
        return None
    return _kept_from(tx, contracts, said, stands)


def _kept_from(
    tx: Transaction, contracts: Contracts, said: Mapping[str, Json], stands: State
) -> Fault | None:
    """A file that is broken or words that are missing would take clocks away that stand."""
    unsound = next((one for one in contracts.problems if one.file.startswith(COMPUTED_BY)), None)
    if stands.rules is not None and unsound is not None:
        return Fault("", "alert.clocks_unsound", {"file": unsound.file})
    timings = rules_of.timings(said) or ()
    if not timings and facts.has_declared_clocks(tx):
        return Fault("", "alert.clocks_undeclared")
    if unprepared := facts.unprepared(tx, timings, scenarios.rules(said)):
        return Fault("", "alert.clocks_unprepared", {"entities": ", ".join(unprepared)})
    return None


def refresh(database: Database, *, now: datetime | None = None) -> int:
    """Recompute the facts of all queued projects; gives how many.

    One whose values break the computation is logged, stays queued with its old facts, and holds up
    no other.
    """
    count, moment = 0, now or datetime.now(UTC)
    failed: list[str] = []
    while True:
        before = len(failed)
        with database.write() as tx:
            done = _portion(tx, moment, failed)
        count += done - (len(failed) - before)
        if done < PORTION:
            return count


def _portion(tx: Transaction, now: datetime, failed: list[str]) -> int:
    """Number of projects that were due; those that cannot be computed are added to `failed`."""
    facts.lock(tx, seconds=PATIENCE)
    stands = facts.state(tx)
    if stands.rules is None:
        facts.forget(tx)
        return 0
    if (
        stands.timings is None
    ):  # rules of an earlier release: what was touched waits for those of this one
        return 0
    codes = facts.due(tx, now=now, most=PORTION, but=failed)
    if codes:
        failed += _halved(tx, codes, stands, now)
    facts.move_on(tx, now=now)
    return len(codes)


def _halved(tx: Transaction, codes: Sequence[str], stands: State, now: datetime) -> list[str]:
    """Recompute these projects; bisects a failing portion and gives the ones that fail alone."""
    try:
        with tx.transaction():
            facts.replace(tx, codes, stands, now=now)
    except OF_VALUES as error:
        if len(codes) > 1:
            half = len(codes) // 2
            return [
                *_halved(tx, codes[:half], stands, now),
                *_halved(tx, codes[half:], stands, now),
            ]
        facts.stays_due(tx, codes[0])
        # the words of the error quote values
        extra = {"project": codes[0], "error": type(error).__name__}
        log.error("facts of a project not computed", extra=extra)  # noqa: TRY400
        return list(codes)
    return []


def pending(tx: Transaction) -> int:
    """Number of projects that changed since their facts were computed."""
    return facts.pending(tx)


def check(
    tx: Transaction, codes: list[str], stands: State
) -> tuple[int, list[DifferingClock], list[int]]:
    """Recompute the facts of these projects in temporary tables and compare, for the same moment.

    Gives the number of clocks, those that differ, and the ids of differing steps.
    """
    moment = stands.until or datetime.now(UTC)
    return facts.differing(tx, facts.compute(tx, codes, stands, now=moment))
