"""Isolates poison records: bisects a batch that cannot be written, sets the culprits aside.

PostgreSQL refuses a whole statement for one of its rows, and so does our own code.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

import psycopg

from hub.db.database import Transaction
from hub.errors import Fault, HubError
from hub.pipeline.apply import PreparedRecord

log = logging.getLogger(__name__)

T = TypeVar("T")
Write: TypeAlias = Callable[[Sequence[PreparedRecord]], T]

OF_VALUES = ("22", "23", "54")
"""SQLSTATE classes caused by values: data, integrity, limits (a row too large for an index)."""


def written(
    tx: Transaction, arrivals: Sequence[PreparedRecord], write: Write[T], trial: Write[object]
) -> T:
    """Result of `write`; records that cannot be written are quarantined with their reason.

    trial: the work of `write`, run in savepoints and rolled back. Where each record can be written
    alone, the error is about no record and is raised. Many culprits of one cause hold the batch.
    """
    try:
        with tx.transaction():
            return write(arrivals)
    except Exception as error:
        if not _of_values(error):
            raise
        culprits = list(_culprits(tx, arrivals, trial))
        if not culprits:
            raise
    log.info("records set aside that cannot be written", extra={"records": len(culprits)})
    aside = {at.landing_id: _with_fault(tx, at, why, trial) for at, why in culprits}
    return write([aside.get(at.landing_id, at) for at in arrivals])


def _of_values(error: Exception) -> bool:
    """Whether a record's values may have caused an error (a lost connection, say, is none)."""
    if isinstance(error, HubError | MemoryError):
        return False
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return error.sqlstate.startswith(OF_VALUES)
    return not isinstance(error, psycopg.OperationalError)


def _failure(
    tx: Transaction, arrivals: Sequence[PreparedRecord], trial: Write[object]
) -> Exception | None:
    """The error of writing these together, in a savepoint rolled back; None without one."""
    try:
        with tx.transaction(force_rollback=True):
            trial(arrivals)
    except Exception as error:
        if not _of_values(error):
            raise
        return error
    return None


def _culprits(
    tx: Transaction, arrivals: Sequence[PreparedRecord], trial: Write[object]
) -> Iterator[tuple[PreparedRecord, Fault]]:
    """The records that cannot be written even alone, with their fault; found by bisection."""
    waiting = [arrivals] if arrivals else []
    while waiting:
        some = waiting.pop()
        error = _failure(tx, some, trial)
        if error is None:
            continue
        if len(some) == 1:
            yield some[0], Fault("", "record.not_kept", {"error": type(error).__name__})
            continue
        half = len(some) // 2
        waiting += [some[half:], some[:half]]


def _with_fault(
    tx: Transaction, arrival: PreparedRecord, why: Fault, trial: Write[object]
) -> PreparedRecord:
    """The arrival as faulty; under a stand-in key where its key itself cannot be written."""
    bare = replace(
        arrival.mapped,
        deleted=False,
        skipped=None,
        values={},
        faults=(why,),
        warnings=(),
        parts=None,
        time=None,
    )
    kept = replace(arrival, mapped=bare)
    if _failure(tx, [kept], trial) is None:
        return kept
    stand_in = f"#{arrival.hash.hex() or arrival.landing_id}"
    return replace(arrival, key=stand_in, mapped=replace(bare, key=stand_in, version=""))
