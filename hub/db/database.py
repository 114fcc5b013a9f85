"""Connections to the hub's database, and the only way to open a transaction."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, LiteralString, TypeAlias, TypeVar

import orjson
import psycopg
from psycopg import IsolationLevel, errors, generators, pq
from psycopg.abc import Buffer, PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.types.array import ListDumper
from psycopg.types.json import Json
from psycopg_pool import ConnectionPool, PoolTimeout

from hub.db import fit, processes
from hub.domain import evidence, sqlstate
from hub.errors import FlowError, HubError
from hub.settings import Timeouts

T = TypeVar("T")

USUAL = Timeouts()
PATH = "pg_catalog, public, pg_temp"
"""The search path of every transaction."""
TRANSACTION_TIMEOUT_SINCE = 170_000


@dataclass(frozen=True, slots=True)
class TransactionLimits:
    """Limits of a transaction in seconds: waiting for a lock, a statement, idle, in all."""

    lock: float
    statement: float
    idle: float
    transaction: float

    def settings(self, server_version: int) -> dict[str, str]:
        """As PostgreSQL settings; older servers have no limit for a whole transaction.

        None of them ends a backend blocked on its client (within COPY, or sending to one that does
        not read): `runs.end_dead` does.
        """
        seconds = {
            "lock_timeout": self.lock,
            "statement_timeout": self.statement,
            "idle_in_transaction_session_timeout": self.idle,
        }
        if server_version >= TRANSACTION_TIMEOUT_SINCE:
            seconds["transaction_timeout"] = self.transaction
        return {name: f"{int(value * 1000)}ms" for name, value in seconds.items()}


class TextListDumper(ListDumper):
    """Writes a list of texts as a whole; the driver's own escapes each, at many times the cost."""

    def dump(self, obj: list[Any]) -> Buffer | None:
        """The list as PostgreSQL reads it, every element in quotes."""
        if set(map(type, obj)) != {str} or "\0" in (joined := '","'.join(obj)):
            return super().dump(obj)
        if "\\" in joined or joined.count('"') != 2 * (len(obj) - 1):
            joined = '","'.join(one.replace("\\", "\\\\").replace('"', '\\"') for one in obj)
        return f'{{"{joined}"}}'.encode(self._tx.encoding)


class BoundedConnection(psycopg.Connection[TupleRow]):
    """A connection whose every transaction starts with its limits, set in the same message.

    `set local`, so that it works behind a pooler, which may give another server each time. ready:
    settings of the session, such as the zone, are right. pooled: a pooler is in between. leads_to:
    the database, once asked (`hub/db/restorations.py`).
    """

    limits: TransactionLimits | None = None
    ready = True
    pooled = False
    leads_to = ""
    key: bytes = b""
    """The hub's key, by which payloads are hashed and acts attested; empty without one."""

    def __init__(self, pgconn: pq.abc.PGconn) -> None:
        super().__init__(pgconn)
        self.adapters.register_dumper(list, TextListDumper)

    def of_two(self, *, table: T, view: T) -> T:
        """`table` here; `view` on a connection that is confined to a reader."""
        del view
        return table

    def _start_query(self) -> PQGen[None]:
        idle = self.pgconn.transaction_status == pq.TransactionStatus.IDLE
        if self.limits is None or self._autocommit or not idle or self._pipeline:
            yield from super()._start_query()
            return
        settings = self.limits.settings(self.info.server_version)
        said = [f"set local {name} = '{value}'".encode() for name, value in settings.items()]
        # A trigger tells by a notice that it noted an act, whatever the server is set to.
        said.append(b"set local client_min_messages = notice")
        # Security: server functions cannot be shadowed by a path set for the database or our role.
        said.append(f"set local search_path = {PATH}".encode())
        self.pgconn.send_query(b"; ".join([self._get_tx_start_command(), *said]))
        for result in (yield from generators.execute(self.pgconn)):
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)


class Acting(BoundedConnection):
    """A connection that attests the acts of its transaction as its last statement before commit.

    The key never goes to the database: whoever else writes there, with any privileges, cannot
    attest.
    """

    def __init__(self, pgconn: pq.abc.PGconn) -> None:
        super().__init__(pgconn)
        self._said: list[str | None] = []
        """What each trigger's notice said; None once a savepoint may have undone part of it."""
        self._parted = False
        self.add_notice_handler(self._hear)

    def commit(self) -> None:
        """Attest the acts noted, and commit, in one message."""
        if (
            self._said
            and self.key
            and self.pgconn.transaction_status == pq.TransactionStatus.INTRANS
        ):
            acts = self._acts()
            if acts:
                with self.lock:
                    self.wait(self._attest(acts))
        self._forget()
        super().commit()

    def rollback(self) -> None:
        """Roll back, and forget the acts noted."""
        self._forget()
        super().rollback()

    @contextmanager
    def transaction(
        self,
        savepoint_name: str | None = None,
        force_rollback: bool = False,  # noqa: FBT001, FBT002 -- the driver's own
    ) -> Iterator[psycopg.Transaction]:
        """The driver's savepoint block; acts noted in it may be rolled back."""
        self._parted = True
        with super().transaction(savepoint_name, force_rollback) as part:
            yield part

    def _hear(self, said: errors.Diagnostic) -> None:
        if said.sqlstate == evidence.SIGNAL:
            self._said.append(said.message_primary)

    def _forget(self) -> None:
        self._said.clear()
        self._parted = False

    def _acts(self) -> tuple[str, int, int, bytes] | None:
        """(transaction, its time, number of acts, hash over them) to attest; None without acts.

        Where only one trigger fired, its notice has all of it: one query less.
        """
        told = (self._said[0] or "").split()
        if len(self._said) == 1 and not self._parted and len(told) == len(TOLD):
            number, at, count, digests = told
            return number, int(at), int(count), bytes.fromhex(digests)
        return self.execute(ACTS).fetchone()

    def _attest(self, acts: tuple[str, int, int, bytes]) -> PQGen[None]:
        number, at, count, digests = acts
        word = evidence.attest(self.key, tx=number, at=at, count=count, digests=digests)
        self.pgconn.send_query(ATTEST % word.hex().encode())
        for result in (yield from generators.execute(self.pgconn)):
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)


class Confined(BoundedConnection):
    """A connection confined by PostgreSQL to what one account may see, through views."""

    def of_two(self, *, table: T, view: T) -> T:
        """`view`."""
        del table
        return view


Transaction: TypeAlias = BoundedConnection
"""An open transaction; every function of `hub/db` takes it first."""


BREAKING = {"08", "57"}
"""SQLSTATE classes after which idle pooled connections are mostly broken too (as after none)."""

LOCK_NOT_AVAILABLE = "55P03"
READ_ONLY = "25006"
REPEATABLE = IsolationLevel.REPEATABLE_READ

# The longest transaction that holds locks and waits for none: most likely the one waited for.
HOLDER = """
    select a.pid, a.application_name, a.state, extract(epoch
        from clock_timestamp() - a.xact_start)::bigint
      from pg_stat_activity a
     where a.datname = current_database() and a.pid <> pg_backend_pid()
         and cardinality(pg_blocking_pids(a.pid)) = 0
       and exists (select from pg_locks l
                    where l.pid = a.pid and l.granted
                      and (l.locktype = 'advisory' or l.mode in ('ExclusiveLock',
                          'AccessExclusiveLock')))
     order by a.xact_start nulls last limit 1
"""

BLOCK = (
    "select min(n), max(n) from (select nextval(%(sequence)s) as n from generate_series(1, "
    "%(count)s)) as drawn"
)
# Local to the transaction: behind PgBouncer the next one may use another client's server.
WHO = "select hub.read_as(%s), set_config('role', 'hub_reader', true)"
SET = "select set_config(name, value, false) from unnest(%s::text[], %s::text[]) as n (name, value)"
SERVER = "select pg_backend_pid(), current_setting('TimeZone') = 'Asia/Shanghai'"
EACH = "select nextval(%(sequence)s) from generate_series(1, %(count)s)"


# What this transaction has noted, in one row: of nothing, none.
ACTS = """
    select tx::text, (extract(epoch from at) * 1000000)::bigint, count(*),
           sha256(string_agg(int8send(id) || digest, ''::bytea order by id))
      from hub.evidence where tx = pg_current_xact_id() and seal_id is null and at = now()
     group by tx, at
"""
TOLD = ("transaction", "time", "count", "digests")
ATTEST = (
    b"insert into hub.evidence (relation, key, op, rule, digest) values ('', '', 'A', 0, "
    b"'\\x%s'); commit"
)


def draw(tx: Transaction, sequence: LiteralString, count: int) -> Sequence[int]:
    """`count` rising numbers of a sequence: a block, or singly if another session drew between."""
    if count == 0:
        return ()
    asked = {"sequence": sequence, "count": count}
    for first, last in tx.execute(BLOCK, asked):
        if last - first + 1 == count:
            return range(first, last + 1)
    return [row[0] for row in tx.execute(EACH, asked)]


def as_rows(rows: Sequence[object]) -> Json:
    """Rows, dataclasses or mappings by column, as one parameter for
    `json_to_recordset(%s) as n (column type, ...)`.

    The driver escapes each document of a `jsonb[]` in Python, character by character: 33 us a
    document where this takes one. Text, not jsonb, since an array of that ends at 256 MiB (text at
    1 GiB).
    """
    return Json(rows, dumps=_document)


def _document(rows: Sequence[object]) -> bytes | str:
    try:
        return orjson.dumps(rows)
    except TypeError:  # a number beyond 64 bits: exact all the same
        return json.dumps(rows, default=asdict)


def process_name() -> str:
    """The name of this process, as shown to whoever waits for its locks."""
    return f"hub {processes.shown(processes.own())}"


def _arguments(url: str, waits: Timeouts) -> dict[str, Any]:
    """libpq parameters besides those in the URL, which win: keepalives, timeouts, a name."""
    usual = {
        "application_name": process_name(),
        "connect_timeout": max(2, int(waits.connect)),
        "keepalives_idle": max(1, int(waits.idle / 4)),
        "keepalives_interval": max(1, int(waits.idle / 12)),
        "keepalives_count": 3,
        "tcp_user_timeout": int(waits.idle * 1000),
    }
    given = conninfo_to_dict(url)
    return {name: value for name, value in usual.items() if name not in given}


class Database:
    """Three connection pools: to write, to read, and to read as an account.

    Separate, so that holding a connection of one kind while waiting for another cannot deadlock.
    """

    def __init__(
        self,
        url: str,
        *,
        key: bytes = b"",
        most: int = 4,
        waits: Timeouts = USUAL,
        asking: bool = False,
    ) -> None:
        """Configure the pools; nothing is opened yet.

        key: attests the acts of each transaction; without one they are stored unattested. waits:
        time limits. asking: interactive, so limits are short.
        """
        self.waits = waits
        self._url = url
        self._fits_until = 0.0
        self.limits = TransactionLimits(waits.lock, waits.statement, waits.idle, waits.transaction)
        self.long = TransactionLimits(
            waits.lock, waits.long_statement, waits.idle, waits.long_statement
        )
        if asking:
            self.limits = self.long = TransactionLimits(
                waits.ask_lock, waits.ask_statement, waits.idle, waits.transaction
            )
        settings: dict[str, Any] = {
            "min_size": 0,
            "max_size": most,
            "open": False,
            "timeout": waits.pool,
            "kwargs": _arguments(url, waits),
        }

        def pool(
            name: str, kind: type[BoundedConnection], *, reads: bool = False
        ) -> ConnectionPool[Any]:
            configure = partial(self._configure, key=key, reads=reads)
            return ConnectionPool(
                url, connection_class=kind, configure=configure, name=name, **settings
            )

        self._writing = pool("hub", Acting)
        self._reading = pool("reading", BoundedConnection, reads=True)
        self._readers = pool("readers", Confined, reads=True)

    def _configure(self, connection: BoundedConnection, *, key: bytes, reads: bool) -> None:
        connection.key = key
        connection.read_only = reads or None  # what writes begins as PostgreSQL is set
        ((pid, ready),) = connection.execute(SERVER)
        if pid == connection.info.backend_pid:
            settings = self.of_sessions(connection.info.server_version)
            if reads:  # a statement by itself is a transaction that begins as its session says
                settings["default_transaction_read_only"] = "on"
            connection.execute(SET, (list(settings), list(settings.values())))
        else:
            # Behind a pooler (recognised by PgBouncer's made-up process ids) each transaction may
            # get another server: session settings would leak to other clients, prepared statements
            # would be missing. Servers get what they need from the user defaults that `hub migrate`
            # has set.
            connection.prepare_threshold = None
            connection.pooled = True
            connection.ready = bool(ready)
        connection.commit()

    def of_sessions(self, server_version: int) -> dict[str, str]:
        """Session settings: limits outside transactions, and detection of dead clients.

        One time zone for all, the one in which rules write instants. No JIT: statements are many
        and short.
        """
        idle = self.waits.idle
        return {
            "timezone": "Asia/Shanghai",
            "jit": "off",
            **self.limits.settings(server_version),
            "client_connection_check_interval": f"{int(idle * 250)}ms",
            "tcp_user_timeout": f"{int(idle * 1000)}ms",
            "tcp_keepalives_idle": str(max(1, int(idle / 4))),
            "tcp_keepalives_interval": str(max(1, int(idle / 12))),
            "tcp_keepalives_count": "3",
        }

    @contextmanager
    def write(self, *, long: bool = False) -> Iterator[Transaction]:
        """One transaction, committed at the end of the block, rolled back on any error.

        Raises TransientError when the database is away or a limit is exceeded. long: larger limits,
        for work longer than a batch.
        """
        with self._lent(self._writing, self.long if long else self.limits) as connection:
            yield connection

    @contextmanager
    def read(
        self, *, reader: str | None = None, snapshot: bool = False, scratch: bool = False
    ) -> Iterator[Transaction]:
        """A read-only connection; without options each statement is a transaction of its own.

        reader: an account; PostgreSQL shows no more than it may see. snapshot: one REPEATABLE READ
        transaction with long limits; scratch: it may make temporary tables, so PostgreSQL does not
        enforce read-only.
        """
        if reader is not None:
            with self._confined(reader) as connection:
                yield connection
        elif snapshot:
            pool = self._writing if scratch else self._reading
            with self._lent(pool, self.long, REPEATABLE) as connection:
                yield connection
        else:
            with self._lent(self._reading, self.limits) as connection:
                if connection.pooled:  # pooled servers lack our defaults: a transaction
                    yield connection
                    return
                connection.autocommit = True
                try:
                    yield connection
                finally:
                    if not connection.closed:
                        connection.autocommit = False

    @contextmanager
    def _confined(self, reader: str) -> Iterator[Transaction]:
        if self._unsure():  # a reader may not ask that
            with self._lent(self._reading, self.limits):
                pass
        with self._lent(self._readers, self.limits) as connection:
            connection.execute(WHO, (reader,))
            yield connection

    @property
    def process(self) -> str:
        """The identity of this process."""
        return processes.own()

    def _unsure(self) -> bool:
        return time.monotonic() >= self._fits_until

    def _refuse_older(self, connection: Transaction) -> None:
        """FlowError on a structure newer than this program; asked again every `waits.fit` s."""
        fit.refuse_older(connection)
        connection.commit()
        self._fits_until = time.monotonic() + self.waits.fit

    def close(self) -> None:
        """Close all pools."""
        for pool in (self._writing, self._reading, self._readers):
            pool.close()

    @contextmanager
    def _lent(
        self,
        pool: ConnectionPool[Any],
        limits: TransactionLimits,
        level: IsolationLevel | None = None,
    ) -> Iterator[BoundedConnection]:
        """A connection of a pool; errors of PostgreSQL become HubErrors."""
        try:
            pool.open()
            with pool.connection() as connection:
                if not connection.ready:
                    raise FlowError("database.pooled")
                connection.limits = limits
                if connection.isolation_level != level:
                    connection.isolation_level = level
                if pool is not self._readers and self._unsure():
                    self._refuse_older(connection)
                yield connection
        except PoolTimeout:
            raise _why_none_is_lent(self._url, pool.timeout) from None
        except psycopg.Error as error:
            ours = told(error)
            if ours is None or (error.sqlstate == READ_ONLY and pool is not self._writing):
                raise  # a bug in our own statement
            if error.sqlstate == LOCK_NOT_AVAILABLE and (holder := self._holder()):
                ours = sqlstate.error_of(
                    "database.lock_held", seconds=f"{limits.lock:g}", holder=holder
                )
            if error.sqlstate is None or error.sqlstate[:2] in BREAKING:
                pool.check()  # idle connections are mostly broken too
            raise ours from None

    def _holder(self) -> str:
        """The likely holder of the lock waited for: name, pid, state, seconds; "" if unknown."""
        try:
            self._writing.open()  # a process may have done nothing but read
            with self._writing.connection() as connection:
                found = connection.execute(HOLDER).fetchone()
        except psycopg.Error:
            return ""
        if found is None:
            return ""
        pid, name, state, seconds = found
        return f"{name} (pid {pid}, {state}, {seconds} s)"


def told(error: psycopg.Error) -> HubError | None:
    """The HubError for a psycopg error; None where our own statement is wrong (raise it as it is).

    PostgreSQL quotes rows in its messages: only the SQLSTATE and the constraint's name are kept.
    """
    if error.sqlstate is None:
        if not isinstance(
            error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.DataError
        ):
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
    """Why a pool gives no connection, found by a direct connection (the pool does not tell)."""
    try:
        asked = psycopg.connect(url, connect_timeout=max(1, round(seconds)))
    except psycopg.Error as error:
        return sqlstate.error_of(sqlstate.code_of_words(str(error)), reason=type(error).__name__)
    asked.close()
    return sqlstate.error_of("database.busy")
