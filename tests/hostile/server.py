"""The hub's database for thousands of seeds: one server, emptied in between."""

import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from deploy import postgres
from hub.db import migrate
from hub.db.database import Database
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.runs import OUTCOMES
from tests.hostile.contracts import contracts
from tests.hostile.mortal import Mortal
from tests.hostile.verifier import Verifier
from tests.postgres import throwaway_cluster

NAME = "hostile"
BACKUP = f"{NAME}_backup"
TABLES = """
    select string_agg(format('delete from %I.%I', schemaname, tablename), ';'
                      order by array_position(array['batch', 'run', 'record', 'contract_version'],
                                              tablename::text) nulls first)
      from pg_tables
     where schemaname in ('hub', 'source', 'golden', 'fact')
       and tablename not in ('entity_field', 'contract_version', 'incarnation', 'writer',
           'structure', 'state')
       and tablename !~ '_[0-9]{6}$'
"""
# Where it was when it last sent: what a restoration is known by.
FORGOTTEN = (
    "update fact.state set rules = null, said = null, calendar = null",
    "update hub.incarnation set server = null, secret = null",
    "update hub.incarnation set xid = xmin::text",
)
GONE = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
MARK = """
    select (select coalesce(sum(created + changed + deleted + superseded + stale + ignored +
        quarantined), 0)
              from hub.batch),
           (select coalesce(sum(version), 0) from golden.project),
           (select coalesce(sum(version), 0) from golden.permit),
           (select coalesce(sum(version), 0) from golden.service),
           (select count(*) from hub.delivery_event), (select count(*) from hub.quarantine
               where state = 'open'),
           (select count(*) from hub.held_batch where state = 'waiting'), (select count(*)
               from hub.restoration),
           (select count(*) from hub.delivery where uncertain and word is null
               and state = 'blocked'),
           (select count(*) from hub.surplus_withdrawal where state = 'due'),
           (select count(*) from hub.difference where class = 'surplus_there' and closed_at is null)
"""
HAS_WORK = """
    select case split_part(%(flow)s, '.', 1)
           when 'push' then exists (select from hub.delivery where flow = %(flow)s
                                     and (dirty or state not in ('confirmed', 'unchanged',
                                         'superseded', 'withheld')))
                        or exists (select from hub.run where flow = %(flow)s and state = 'running')
                        or exists (select from hub.surplus_withdrawal where flow = %(flow)s
                            and state = 'due')
           when 'replay' then exists (select from hub.quarantine where state = 'open')
           when 'release' then exists (select from hub.waiting)
           else true end
"""


class Server:
    """One PostgreSQL; `database` is the worker under test, `other` another one, `admin` the test's
    own connection.
    """

    def __init__(self, cluster: postgres.Cluster, process: subprocess.Popen[bytes]) -> None:
        self._cluster, self._process = cluster, process
        self._keeper = ThreadPoolExecutor(
            1
        )  # PostgreSQL stops when the thread that started it does
        self.url = cluster.url(NAME)
        self.verifier = Verifier()
        cluster.ensure_database(NAME)
        migrate.migrate(self.url, contracts().entities.values(), key=b"test")
        self._connect()
        (self._emptying,) = self._one(TABLES)

    def _connect(self) -> None:
        self.admin: psycopg.Connection[Any] = psycopg.connect(self.url, autocommit=True)
        self.database, self.other = (
            Mortal(self.url, reaper=self.admin),
            Database(self.url, key=b"test", most=12),
        )

    def empty(self) -> None:
        """Forget everything but the tables."""
        # Without triggers, which would note it as acts of somebody unknown.
        with self.admin.transaction():
            self.admin.execute("set local session_replication_role = replica")
            self.admin.execute(self._emptying)
            for statement in FORGOTTEN:
                self.admin.execute(statement)
        migrate.take_over(self.other)  # what stays is older than the evidence, which goes

    def renew(self) -> None:
        """A new worker in place of a killed one."""
        self.database.close()
        self.database = Mortal(self.url, reaper=self.admin)

    def back_up(self) -> None:
        """Keep a copy of the database as it is now, in place of an older one."""
        with self._apart() as admin:
            admin.execute(f"drop database if exists {BACKUP}")
            admin.execute(f"create database {BACKUP} template {NAME} strategy file_copy")

    def restore(self) -> None:
        """Put the copy in the database's place; PostgreSQL itself tells the two apart, as after any
        restoration.
        """
        with self._apart() as admin:
            admin.execute(f"drop database {NAME} with (force)")
            admin.execute(f"alter database {BACKUP} rename to {NAME}")

    @contextmanager
    def _apart(self) -> Iterator[psycopg.Connection[Any]]:
        """Nobody is connected to the database meanwhile."""
        for open_ in (self.database, self.other, self.admin):
            open_.close()
        with psycopg.connect(self._cluster.url(), autocommit=True) as admin:
            admin.execute(GONE, (NAME,))
            yield admin
        self._connect()

    def lapse(self) -> None:
        """Every worker has slept for longer than its lease."""
        self.admin.execute("update hub.run set lease_until = '-infinity' where state = 'running'")

    def restart(self) -> None:
        """Stop PostgreSQL as a power cut would, and start it again."""
        self._process.send_signal(postgres.signal.SIGQUIT)
        self._process.wait()
        self._process = self._keeper.submit(
            self._cluster.start, self._cluster.data.with_suffix(".log")
        ).result()
        self.admin.close()
        self.admin = psycopg.connect(self.url, autocommit=True)
        self.database.reaper = self.admin
        self.other.close()
        self.other = Database(self.url, key=b"test", most=12)

    def sums(self, table: str, run: int) -> str:
        """What became of what one run dealt with."""
        names = OUTCOMES if table == "batch" else DELIVERY_OUTCOMES
        columns = sql.SQL(", ").join(
            sql.SQL("coalesce(sum({0}), 0)::int").format(sql.Identifier(name))
            for name in (*names, *(["due"] if table != "batch" else []))
        )
        row = self._one(
            sql.SQL("select {} from hub.{} where run_id = %(run)s").format(
                columns, sql.Identifier(table)
            ),
            {"run": run},
        )
        return (
            ", ".join(f"{name} {count}" for name, count in zip(names, row, strict=False) if count)
            or "nothing"
        )

    def compared(self, run: int) -> str:
        """What one comparison found."""
        (found,) = self._one(
            "select to_jsonb(c) from hub.comparison c where run_id = %(run)s", {"run": run}
        )
        counts = {
            name: count
            for name, count in found.items()
            if not name.endswith("id") and isinstance(count, int)
        }
        return ", ".join(f"{name} {count}" for name, count in counts.items() if count)

    def mark(self) -> tuple[int, ...]:
        """Something that stays the same as long as nothing moves."""
        return self._one(MARK)

    def has_work(self, flow: str) -> bool:
        """Whether a run of this flow would find something to do; of its sources nobody knows before
        it has looked.
        """
        return bool(self._one(HAS_WORK, {"flow": flow})[0])

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows as the oracle wants them."""
        with self.admin.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(query).fetchall()

    def stop(self) -> None:
        """Give everything back."""
        self.database.close()
        self.other.close()
        self.admin.close()
        postgres.stop(self._process)
        self.verifier.close()
        self._keeper.shutdown()

    def _one(
        self, query: str | sql.Composed, values: Mapping[str, object] | None = None
    ) -> tuple[Any, ...]:
        row = self.admin.execute(query, values).fetchone()
        assert row is not None
        return row


@contextmanager
def running_server() -> Iterator[Server]:
    """A server of one's own, gone afterwards."""
    with throwaway_cluster() as cluster:
        server = Server(cluster, cluster.start(cluster.data.with_suffix(".log")))
        try:
            yield server
        finally:
            server.stop()
