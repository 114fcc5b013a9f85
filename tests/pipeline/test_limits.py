"""Every wait for the hub's own database has a limit, whoever it waits for."""

import re
import time
from dataclasses import replace

import psycopg
import pytest

from hub.db import migrate, records, runs
from hub.db.database import Database, process_name
from hub.errors import TransientError
from hub.settings import Timeouts
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE

SHORT = Timeouts(lock=0.3, statement=0.3, idle=0.3, transaction=5, ask_lock=0.1, ask_statement=0.1)
LIMITS = (
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_timeout",
)


WRITES = "insert into hub.dag_wish (dag, paused, version) values ('pull', true, '')"


def told(database: Database, **how: bool) -> list[str]:
    with database.read(snapshot=True) if how.get("snapshot") else database.write(**how) as tx:
        return [tx.execute(f"show {name}").fetchone()[0] for name in LIMITS]  # type: ignore[index,call-overload]


def test_each_transaction_brings_its_limits_whatever_the_session_says(small: Small):
    database, asking = Database(small.url), Database(small.url, asking=True)
    with database.write() as tx:  # as a pooler that lends out another connection each time
        for name in LIMITS:
            tx.execute(f"set {name} = 0")  # type: ignore[call-overload]
    assert told(database) == ["3min", "15min", "2min", "1h"]
    assert (
        told(database, long=True) == told(database, snapshot=True) == ["3min", "6h", "2min", "6h"]
    )
    assert told(asking) == told(asking, snapshot=True) == ["10s", "1min", "2min", "1h"]
    for one in (database, asking):
        one.close()


@pytest.mark.parametrize("how", [{}, {"snapshot": True}, {"reader": "nobody"}])
def test_what_reads_is_refused_to_write_by_the_database(small: Small, how: dict[str, object]):
    before = small.rows("select count(*) as n from hub.dag_wish")
    for statement in (WRITES, "create table mine (n int)", "create temp table mine (n int)"):
        with pytest.raises(psycopg.Error) as refused, small.database.read(**how) as tx:  # type: ignore[arg-type]
            tx.execute(statement)
        assert refused.value.sqlstate in {"25006", "42501"}, statement
    with small.database.read(snapshot=True, scratch=True) as tx:
        tx.execute("create temp table mine on commit drop as select 1")
    assert small.rows("select count(*) as n from hub.dag_wish") == before
    with small.database.write() as tx:  # one that writes is not held to it
        tx.execute(WRITES)
    assert small.rows("select count(*) as n from hub.dag_wish") != before


def test_a_database_that_is_set_to_be_read_only_is_not_written_to(small: Small):
    (row,) = small.rows("select current_database() as name")
    with psycopg.connect(small.url, autocommit=True) as owner:
        owner.execute(
            f'alter database "{row["name"]}" set default_transaction_read_only = on'.encode()
        )
    database = Database(small.url)
    with pytest.raises(TransientError, match=r"database\.read_only"), database.write() as tx:
        tx.execute(WRITES)
    database.close()


def test_a_migrated_database_bounds_sessions_that_state_no_limit(small: Small):
    migrate.migrate(
        small.url, small.contracts.entities.values(), key=b"test", waits=replace(SHORT, idle=7.0)
    )
    with psycopg.connect(small.url) as connection:
        said = dict(
            connection.execute(
                "select name, setting from pg_settings where source = 'database user'"
            )
        )  # type: ignore[arg-type]
    assert said["idle_in_transaction_session_timeout"] == said["tcp_user_timeout"] == "7000"
    assert said["lock_timeout"] == said["statement_timeout"] == "300"


def test_a_transaction_that_says_nothing_is_ended_and_its_locks_are_free(small: Small):
    sleeper, other = (
        Database(small.url, waits=SHORT),
        Database(small.url, waits=replace(SHORT, lock=20.0)),
    )
    began = time.monotonic()

    def wait_for_itself() -> None:
        with sleeper.write() as tx:
            records.lock_entity(tx, "project")
            with other.write() as mine:
                records.lock_entity(mine, "project")
            tx.execute("select 1")

    with pytest.raises(TransientError) as ended:
        wait_for_itself()
    assert (ended.value.code, time.monotonic() - began < 10) == ("database.time_limit", True)
    for one in (sleeper, other):
        one.close()


def test_who_waits_too_long_for_a_lock_is_told_who_holds_it(small: Small):
    waiting = Database(small.url, waits=replace(SHORT, statement=20.0))
    with small.database.write() as tx:
        records.lock_entity(tx, "project")
        with pytest.raises(TransientError) as locked, waiting.write() as mine:
            records.lock_entity(mine, "project")
    assert locked.value.code == "database.lock_held"
    assert re.fullmatch(
        rf"{process_name()} \(pid \d+, idle in transaction, \d s\)", locked.value.facts["holder"]
    )
    waiting.close()


def test_a_statement_that_takes_too_long_is_ended(small: Small):
    database = Database(small.url, waits=SHORT)
    with pytest.raises(TransientError) as ended, database.write() as tx:
        tx.execute("select pg_sleep(20)")
    assert (ended.value.code, ended.value.facts["sqlstate"]) == ("database.time_limit", "57014")
    database.close()


def test_a_migration_gives_up_where_somebody_holds_what_it_changes(small: Small):
    with small.database.write() as tx:
        tx.execute("lock table migration in access exclusive mode")
        with pytest.raises(TransientError) as locked:
            migrate.migrate(
                small.url,
                small.contracts.entities.values(),
                key=b"test",
                waits=replace(SHORT, idle=20.0),
            )
    assert locked.value.code == "database.locked"


def test_a_month_that_nobody_prepared_is_made_beside_whoever_writes(small: Small):
    """The last partition of each table is missing, and somebody has written to the table and not
    committed yet.
    """
    months = "select max(relname) as last from pg_class where relname ~ '^landing_[0-9]{6}$'"
    (newest,) = small.rows(months)
    with psycopg.connect(small.url) as writer:
        for parent in ("landing", "history", "delivery_event", "access", "part", "evidence"):
            small.rows(f"drop table hub.{parent}_{str(newest['last']).split('_')[1]}; select 1")
            writer.execute(f"lock table hub.{parent} in row exclusive mode")
        with small.database.write() as tx:
            assert (runs.prepare_months(tx, 2), runs.prepare_months(tx, 2)) == (6, 0)
        small.pull(
            "pull.plan.project", Source([{"id": "1", "code": CODE, "name": "甲", "at": "1"}])
        )
    assert small.rows(months) == [newest]
    assert len(small.golden()) == 1


def test_a_run_begins_while_somebody_else_makes_months(small: Small):
    with psycopg.connect(small.url) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('hub.ensure_partitions', 0))")
        small.pull(
            "pull.plan.project", Source([{"id": "1", "code": CODE, "name": "甲", "at": "1"}])
        )
    assert len(small.golden()) == 1
