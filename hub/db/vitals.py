"""Vital signs of the database (clock, connections, read-only), within a time limit."""

import socket
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from os import dup
from threading import Thread
from typing import TypeVar

import psycopg

from hub.db import fit
from hub.db.database import BoundedConnection, Transaction, told
from hub.domain import sqlstate
from hub.errors import HubError

Answer = TypeVar("Answer")

# Connections that superusers alone may have are none of ours.
SAYS = """
    select clock_timestamp(),
           (select sum(numbackends) from pg_stat_database),
           current_setting('max_connections')::int -
               current_setting('superuser_reserved_connections')::int,
           pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool
"""
COMMITTED = """
    select greatest((select committed_at from hub.batch order by id desc limit 1),
                    (select sealed_at from hub.seal order by id desc limit 1),
                    (select started_at from hub.run order by id desc limit 1))
"""
UNSEALED = (
    "select extract(epoch from clock_timestamp() - min(committed_at)) from hub.batch where "
    "seal_id is null"
)


@dataclass(frozen=True, slots=True)
class Vitals:
    """One check. now: the database's clock; last: its newest committed time, None without.

    asked, answered: our clock before and after. connections, most: open, and allowed. read_only: it
    takes no writes. unsealed: age in seconds of the oldest unsealed batch.
    """

    asked: datetime
    now: datetime
    answered: datetime
    last: datetime | None
    connections: int
    most: int
    read_only: bool
    unsealed: float
    fit: fit.Fit


def of(tx: Transaction) -> Vitals:
    """Check on an open connection."""
    asked = datetime.now(UTC)
    now, connections, most, read_only = tx.execute(SAYS).fetchone() or (asked, 0, 0, False)
    answered = datetime.now(UTC)
    found = fit.look(tx)
    last, unsealed = None, 0.0
    if found.error is None:
        (last,) = tx.execute(COMMITTED).fetchone() or (None,)
        (seconds,) = tx.execute(UNSEALED).fetchone() or (None,)
        unsealed = float(seconds or 0)
    return Vitals(
        asked,
        now,
        answered,
        last,
        connections=int(connections),
        most=int(most),
        read_only=read_only,
        unsealed=unsealed,
        fit=found,
    )


def ask(url: str, seconds: float) -> Vitals:
    """Check on a connection of its own; HubError without an answer after `seconds`."""
    return within(url, seconds, of)


def within(url: str, seconds: float, question: Callable[[Transaction], Answer]) -> Answer:
    """The answer to a question asked on a connection of its own; HubError after `seconds`."""
    box: Future[Answer] = Future()
    opened: list[Transaction] = []
    asked = (url, seconds, question, box, opened)
    Thread(target=_ask, args=asked, name="vitals", daemon=True).start()
    try:
        return box.result(timeout=seconds)
    except TimeoutError:
        # A stopped server keeps its sockets open: only our own timeout wakes the waiting thread.
        for connection in opened:
            with (
                suppress(OSError, psycopg.Error),
                socket.socket(fileno=dup(connection.pgconn.socket)) as mine,
            ):
                mine.shutdown(socket.SHUT_RDWR)
        raise sqlstate.error_of("database.silent", seconds=f"{seconds:g}") from None


def _ask(
    url: str,
    seconds: float,
    question: Callable[[Transaction], Answer],
    box: "Future[Answer]",
    opened: list[Transaction],
) -> None:
    try:
        with BoundedConnection.connect(
            url, connect_timeout=max(1, int(seconds)), autocommit=True
        ) as connection:
            opened.append(connection)
            connection.execute(
                "select set_config('statement_timeout', %s, false)", (f"{int(seconds * 1000)}ms",)
            )
            box.set_result(question(connection))
    except psycopg.Error as error:
        box.set_exception(
            told(error) or sqlstate.error_of("database.unavailable", reason=type(error).__name__)
        )
    except HubError as error:
        box.set_exception(error)
    except Exception as error:  # noqa: BLE001 -- who waits for the answer is told, whatever it is
        box.set_exception(sqlstate.error_of("database.unavailable", reason=type(error).__name__))
