"""arrivals -> written, or set aside alone: the one that cannot be written is found by halves, the
others go on.

PostgreSQL refuses a statement as a whole for what one of its rows says, and so does our own code.
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
"""Classes of SQLSTATE that speak of values: data, integrity, limits (a row too large for an
index).
"""


def written(
    tx: Transaction, arrivals: Sequence[PreparedRecord], write: Write[T], trial: Write[object]
) -> T:
    """Write the arrivals; those that cannot be written are set aside, each with its reason.

    trial: what `write` does with them, to be rolled back. Where each can be written by itself, the
    error is no record's and goes up as it came. Much of a batch is held as any one cause is.
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
    """Whether what a record says may have caused an error, and no lost connection, say."""
    if isinstance(error, HubError | MemoryError):
        return False
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return error.sqlstate.startswith(OF_VALUES)
    return not isinstance(error, psycopg.OperationalError)


def _failure(
    tx: Transaction, arrivals: Sequence[PreparedRecord], trial: Write[object]
) -> Exception | None:
    """Why these cannot be written together; None where they can."""
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
    """Those that cannot be written even alone."""
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
    """An arrival as one with a fault; under a key of its own where its key is what cannot be
    written.
    """
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
