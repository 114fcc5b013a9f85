"""Connections to the hub's database and the one way to open a transaction."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, LiteralString, TypeAlias

import orjson
import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import Json
from psycopg_pool import ConnectionPool, PoolTimeout

from hub.errors import FlowError, HubError
from hub.rules import sqlstate

Transaction: TypeAlias = psycopg.Connection[TupleRow]
"""An open transaction; every function of `hub/store` takes it first."""


class Confined(psycopg.Connection[TupleRow]):
    """A connection that PostgreSQL holds to what one account may see; tables that it cannot read have views for it."""


BREAKING = {"08", "57"}
"""Classes of SQLSTATE after which connections that rest are mostly broken too; as after no SQLSTATE at all."""


BLOCK = "select min(n), max(n) from (select nextval(%(sequence)s) as n from generate_series(1, %(count)s)) as drawn"
WHO = "select hub.read_as(%s)"
EACH = "select nextval(%(sequence)s) from generate_series(1, %(count)s)"


def draw(tx: Transaction, sequence: LiteralString, count: int) -> Sequence[int]:
    """So many numbers of a sequence, rising: a block, or one by one where another has drawn from it meanwhile."""
    if count == 0:
        return ()
    asked = {"sequence": sequence, "count": count}
    for first, last in tx.execute(BLOCK, asked):
        if last - first + 1 == count:
            return range(first, last + 1)
    return [row[0] for row in tx.execute(EACH, asked)]


def as_rows(rows: Sequence[object]) -> Json:
    """Rows, dataclasses or mappings by column, as one parameter for `json_to_recordset(%s) as n (column type, ...)`.

    The driver escapes each document of a `jsonb[]` in Python, character by character: 33 us a document where this takes
    one. Text, not jsonb, since an array of that ends at 256 MiB (text at 1 GiB).
    """
    return Json(rows, dumps=_document)


def _document(rows: Sequence[object]) -> bytes | str:
    try:
        return orjson.dumps(rows)
    except TypeError:  # a number beyond 64 bits: exact all the same
        return json.dumps(rows, default=asdict)


def _configure(connection: psycopg.Connection[Any]) -> None:
    # Instants are shown and compared in one zone, the same in which the rules write them.
    connection.execute("set time zone 'Asia/Shanghai'")
    # Our statements are many and short: compiling one takes longer than running it.
    connection.execute("set jit = off")
    connection.commit()


def _confine(connection: psycopg.Connection[Any]) -> None:
    _configure(connection)
    connection.autocommit = True
    connection.execute("set role hub_reader")


class Database:
    """A pool of connections. `transaction()` commits at its end or rolls back on any error.

    Beside it a pool of connections that may read only what is shown to the account that they are lent for.
    """

    def __init__(self, url: str, *, most: int = 4, wait_seconds: float = 10.0) -> None:
        settings: dict[str, Any] = {"min_size": 0, "max_size": most, "open": False, "timeout": wait_seconds}
        self._url = url
        self._pool = ConnectionPool(url, configure=_configure, name="hub", **settings)
        self._readers = ConnectionPool(url, connection_class=Confined, configure=_confine, name="readers", **settings)

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Transaction]:
        """One transaction on a pooled connection; TransientError when the database is away.

        snapshot: all reads see the same moment, and nothing can be written.
        """
        with _lent(self._pool, self._url) as connection:
            if snapshot:
                connection.execute("set transaction isolation level repeatable read, read only")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A connection on which each statement stands for itself: two round trips fewer for an answer of one or two."""
        with self.transaction() as connection:
            connection.autocommit = True
            try:
                yield connection
            finally:
                if not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def reading_as(self, account: str) -> Iterator[Transaction]:
        """A connection that PostgreSQL shows what this account may see, each statement for itself; it cannot write."""
        with _lent(self._readers, self._url) as connection:
            connection.execute(WHO, (account,))
            yield connection

    @contextmanager
    def session(self) -> Iterator[Transaction]:
        """A connection held for as long as a piece of work lasts; what it locks shows others that we live."""
        with self.transaction() as connection:
            try:
                yield connection
            finally:
                if not connection.broken:
                    connection.rollback()
                    connection.execute("select pg_advisory_unlock_all()")

    def close(self) -> None:
        """Give every connection back."""
        self._pool.close()
        self._readers.close()


@contextmanager
def _lent(pool: ConnectionPool[Any], url: str) -> Iterator[Transaction]:
    """A connection of a pool; what PostgreSQL reports on the way is told as an error of ours."""
    try:
        pool.open()
        with pool.connection() as connection:
            yield connection
    except PoolTimeout:
        raise _why_none_is_lent(url, pool.timeout) from None
    except psycopg.Error as error:
        told = _told(error)
        if told is None:
            raise
        if error.sqlstate is None or error.sqlstate[:2] in BREAKING:
            pool.check()  # what broke one connection has mostly broken those that rest as well
        raise told from None


def _told(error: psycopg.Error) -> HubError | None:
    """An error of ours for one of PostgreSQL's; None where our own statement is wrong, which its place tells best.

    PostgreSQL quotes rows in what it says: nothing of it goes further than the SQLSTATE.
    """
    if error.sqlstate is None:
        if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.DataError):
            return None
        if isinstance(error, psycopg.DataError):
            return FlowError("database.refused", sqlstate=type(error).__name__)
        return sqlstate.error_of(sqlstate.code_of_words(str(error)), reason=type(error).__name__)
    code = sqlstate.code_of(error.sqlstate)
    if code == "database.refused" and isinstance(error, psycopg.ProgrammingError):
        return None
    rule = {"rule": error.diag.constraint_name} if error.diag.constraint_name else {}
    return sqlstate.error_of(code, sqlstate=error.sqlstate, **rule)


def _why_none_is_lent(url: str, seconds: float) -> HubError:
    """What keeps a pool from lending a connection: asked of the server, for the pool keeps it to itself."""
    try:
        asked = psycopg.connect(url, connect_timeout=max(1, round(seconds)))
    except psycopg.Error as error:
        return sqlstate.error_of(sqlstate.code_of_words(str(error)), reason=type(error).__name__)
    asked.close()
    return sqlstate.error_of("database.busy")
