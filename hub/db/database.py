"""Connections to the hub's database and the one way to open a transaction."""

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
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.types.json import Json
from psycopg_pool import ConnectionPool, PoolTimeout

from hub.db import fit, processes
from hub.domain import evidence, sqlstate
from hub.errors import FlowError, HubError
from hub.settings import Timeouts

T = TypeVar("T")

USUAL = Timeouts()
PATH = "pg_catalog, public, pg_temp"
"""Where names without a schema are looked for."""
TRANSACTION_TIMEOUT_SINCE = 170_000


@dataclass(frozen=True, slots=True)
class TransactionLimits:
    """How long a transaction may wait for locks, run a statement, rest between two, and take in
    all; in seconds.
    """

    lock: float
    statement: float
    idle: float
    transaction: float

    def settings(self, server_version: int) -> dict[str, str]:
        """The same as settings of PostgreSQL; of an older one that cannot limit all of a
        transaction, without that.

        None of them ends a backend that waits for its client within a COPY, or that sends to one
        that does not read: `runs.end_dead` does.
        """
        seconds = {
            "lock_timeout": self.lock,
            "statement_timeout": self.statement,
            "idle_in_transaction_session_timeout": self.idle,
        }
        if server_version >= TRANSACTION_TIMEOUT_SINCE:
            seconds["transaction_timeout"] = self.transaction
        return {name: f"{int(value * 1000)}ms" for name, value in seconds.items()}


class BoundedConnection(psycopg.Connection[TupleRow]):
    """A connection whose every transaction begins with its limits, in the same message and for that
    transaction only.

    No state of the session is needed for it: a pooler may lend out another connection each time.
    ready: what of a session's settings the limits leave out, such as the zone, is as it must be.
    pooled: a pooler lends another server to each transaction. leads_to: to which database, once
    somebody has asked (`hub/db/restorations.py`).
    """

    limits: TransactionLimits | None = None
    ready = True
    pooled = False
    leads_to = ""
    key: bytes = b""
    """The key of the hub that it works for, by which payloads are hashed and acts attested; without
    one, empty.
    """

    def of_two(self, *, table: T, view: T) -> T:
        """Which of two ways to read the same is this connection's: of the tables, or as a reader is
        shown them.
        """
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
        # A function of the server is that one, whatever path somebody has set for the database or
        # for our role.
        said.append(f"set local search_path = {PATH}".encode())
        self.pgconn.send_query(b"; ".join([self._get_tx_start_command(), *said]))
        for result in (yield from generators.execute(self.pgconn)):
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)


class Acting(BoundedConnection):
    """A connection that puts the hub's word to the acts that its transaction has noted, as the last
    thing in it.

    The key never goes to the database: what somebody else writes there, by whatever right, has no
    such word.
    """

    def __init__(self, pgconn: pq.abc.PGconn) -> None:
        super().__init__(pgconn)
        self._said: list[str | None] = []
        """What each trigger has told of what it noted; of how much one has told that may have been
        taken back, None.
        """
        self._parted = False
        self.add_notice_handler(self._hear)

    def commit(self) -> None:
        """Attest what was noted, and commit in the same message."""
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
        """Take back what was done, and that anything was noted."""
        self._forget()
        super().rollback()

    @contextmanager
    def transaction(
        self,
        savepoint_name: str | None = None,
        force_rollback: bool = False,  # noqa: FBT001, FBT002 -- the driver's own
    ) -> Iterator[psycopg.Transaction]:
        """As the driver's own: what is told within may be taken back."""
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
        """Transaction, its time, how many acts, and the hash over them; of nothing, None.

        A trigger that was the only one has told all of it already: a question less.
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
    """A connection that PostgreSQL holds to what one account may see; tables that it cannot read
    have views for it.
    """

    def of_two(self, *, table: T, view: T) -> T:
        """The view."""
        del table
        return view


Transaction: TypeAlias = BoundedConnection
"""An open transaction; every function of `hub/db` takes it first."""


BREAKING = {"08", "57"}
"""Classes of SQLSTATE after which connections that rest are mostly broken too; as after no SQLSTATE
at all.
"""

LOCK_NOT_AVAILABLE = "55P03"
READ_ONLY = "25006"
REPEATABLE = IsolationLevel.REPEATABLE_READ

# Of all that hold something and wait for nobody, the one that has done so longest: most likely it
# is waited for.
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
# For this transaction alone: behind PgBouncer the next one may go to a server that somebody else
# has used.
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
    """So many numbers of a sequence, rising: a block, or one by one where another has drawn from it
    meanwhile.
    """
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
    """Who this process is, as the database shows it to whoever waits for what it holds."""
    return f"hub {processes.shown(processes.own())}"


def _arguments(url: str, waits: Timeouts) -> dict[str, Any]:
    """What is said to libpq besides the URL, which wins: a half-open connection is noticed, and it
    has a name.
    """
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
    """Three pools of connections: to write, to read, and to read what is shown to the account they
    are lent for.

    Apart, so that whoever holds one of a kind and needs one of another never waits for somebody who
    does the same.
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
        """Open nothing yet.

        key: attests the acts of each transaction; without one they stand there without the hub's
        word. waits: how long is waited for what. asking: somebody waits for an answer.
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
            # A pooler (PgBouncer makes its clients' numbers up) lends another server to each
            # transaction: what is set for a session reaches somebody else, and prepared statements
            # are elsewhere. Each server has what it needs from the defaults that `hub migrate` has
            # given this user.
            connection.prepare_threshold = None
            connection.pooled = True
            connection.ready = bool(ready)
        connection.commit()

    def of_sessions(self, server_version: int) -> dict[str, str]:
        """Limits of what is no transaction; and the backend notices a client that is gone, or reads
        no more.

        Instants are shown and compared in one zone, the same in which the rules write them. Our
        statements are many and short: compiling one takes longer than running it.
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
        """One transaction on a pooled connection; TransientError when the database is away or a
        limit is over.

        It commits at the end of the block and rolls back on any error. long: it honestly takes
        longer than the work of a batch.
        """
        with self._lent(self._writing, self.long if long else self.limits) as connection:
            yield connection

    @contextmanager
    def read(
        self, *, reader: str | None = None, snapshot: bool = False, scratch: bool = False
    ) -> Iterator[Transaction]:
        """A connection to read by, on which PostgreSQL refuses to write; each statement stands for
        itself, which is two round trips fewer for one or two.

        reader: an account; PostgreSQL shows no more than it may see. snapshot: all reads see the
        same moment, and may be long; scratch: temporary tables may be made in it, which PostgreSQL
        lets no reading transaction do.
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
                if connection.pooled:  # its servers know no default of ours: a transaction says it
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
        """Who works with this."""
        return processes.own()

    def _unsure(self) -> bool:
        return time.monotonic() >= self._fits_until

    def _refuse_older(self, connection: Transaction) -> None:
        """Refuse to work on a structure that is newer than this program, now and then asked
        again.
        """
        fit.refuse_older(connection)
        connection.commit()
        self._fits_until = time.monotonic() + self.waits.fit

    def close(self) -> None:
        """Give every connection back."""
        for pool in (self._writing, self._reading, self._readers):
            pool.close()

    @contextmanager
    def _lent(
        self,
        pool: ConnectionPool[Any],
        limits: TransactionLimits,
        level: IsolationLevel | None = None,
    ) -> Iterator[BoundedConnection]:
        """A connection of a pool; what PostgreSQL reports on the way is told as an error of
        ours.
        """
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
                raise  # our own statement is wrong
            if error.sqlstate == LOCK_NOT_AVAILABLE and (holder := self._holder()):
                ours = sqlstate.error_of(
                    "database.lock_held", seconds=f"{limits.lock:g}", holder=holder
                )
            if error.sqlstate is None or error.sqlstate[:2] in BREAKING:
                pool.check()  # what broke one connection has mostly broken those that rest as well
            raise ours from None

    def _holder(self) -> str:
        """Who most likely holds what was waited for: who, for how long, and whether it does
        anything; "" for nobody.
        """
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
    """An error of ours for one of PostgreSQL's; None where our own statement is wrong, which its
    place tells best.

    PostgreSQL quotes rows in what it says: nothing of it goes further than the SQLSTATE.
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
    """What keeps a pool from lending a connection: asked of the server, for the pool keeps it to
    itself.
    """
    try:
        asked = psycopg.connect(url, connect_timeout=max(1, round(seconds)))
    except psycopg.Error as error:
        return sqlstate.error_of(sqlstate.code_of_words(str(error)), reason=type(error).__name__)
    asked.close()
    return sqlstate.error_of("database.busy")
