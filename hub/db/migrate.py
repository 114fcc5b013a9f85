"""Migrates a database: fixed tables by Alembic, then entity tables, views, policies, triggers."""

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy.pool import NullPool

from hub.db import entity_tables, facts, fit, row_security, structure
from hub.db.database import USUAL, Database, Transaction, TransactionLimits, told
from hub.db.ledger import evidence
from hub.domain.contracts import Entity
from hub.domain.sealed_tables import SEALED
from hub.errors import FlowError
from hub.settings import Timeouts
from hub.version import program

# The roles under which readers read are there, or may be made.
MAY_CONFINE = """
    select rolsuper or rolcreaterole
           or (select count(*) = 2 and bool_and(pg_has_role(current_user, r.oid, 'member'))
                 from pg_roles r where r.rolname in ('hub_reader', 'hub_shown'))
      from pg_roles where rolname = current_user
"""
PORTION = 20_000
LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.migrate', 0))"
DEFAULT = "alter role current_user in database {} set {} = {}"


def migrate(
    url: str,
    entities: Iterable[Entity],
    *,
    watched: Container[str] = (),
    key: bytes = b"",
    waits: Timeouts = USUAL,
) -> list[str]:
    """Apply what is missing; gives what was done, in words. Additive only; two at once take turns.

    watched: entities that scenarios are computed from. key: attests existing rows when evidence
    begins. TransientError where something holds a lock for longer than `waits.lock`.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    try:
        was, drift = _upgrade(engine, config, waits)
    except (
        sqlalchemy.exc.DBAPIError,
        psycopg.Error,
    ) as error:  # their words quote statements and rows
        met = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
        ours = told(met) if isinstance(met, psycopg.Error) else None
        raise ours or FlowError("hub.failed", reason=type(met).__name__) from None
    database = Database(url, key=key, most=1, waits=waits)
    with database.write(long=True) as tx:
        tx.execute(LOCK)
        known = list(entities)
        done = [
            step for entity in known for step in entity_tables.migrate(tx, entity)
        ] + row_security.migrate(tx, known)
        facts.migrate(tx, known, watched=watched)
        _bound_by_default(tx, database)
        fit.enter(tx, beside=_let_on(config, was))
        evidence.install(tx)
        structure.keep(tx, drift)
    take_over(database)
    database.close()
    return done


def _bound(connection: sqlalchemy.Connection, waits: Timeouts) -> None:
    """Wait for another migration however long; for other locks no longer than usual.

    Whoever waits for an exclusive lock on a table blocks all who come after, so that wait is short.
    """
    longest = waits.long_statement
    version = int(connection.exec_driver_sql("show server_version_num").scalar_one())
    for lock, statement in ((longest, (LOCK,)), (waits.lock, ())):
        limits = TransactionLimits(lock, longest, longest, longest).settings(version)
        for name, value in limits.items():
            connection.exec_driver_sql(f"set local {name} = '{value}'")
        for one in statement:
            connection.exec_driver_sql(one)


def _bound_by_default(tx: Transaction, database: Database) -> None:
    """Set default limits for every session of this user: poolers and autocommit state none."""
    (name,) = tx.execute("select current_database()").fetchone() or ("",)
    for setting, value in database.of_sessions(tx.info.server_version).items():
        stated = sql.SQL(DEFAULT).format(
            sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)
        )
        tx.execute(stated)


def take_over(database: Database) -> None:
    """Note rows older than the evidence of their table as found, a portion per transaction."""
    while True:
        with database.write(long=True) as tx:
            tx.execute(LOCK)
            if not evidence.note_landed(tx, most=PORTION // 1000):
                break
    with database.read() as tx:
        older = [table for table in SEALED if not evidence.is_known(tx, table)]
    for table in older:
        last: Sequence[str] | None = None
        while True:
            with database.write(long=True) as tx:
                tx.execute(LOCK)
                last = evidence.take_over(tx, table, after=last, most=PORTION)
            if last is None:
                break


def _upgrade(
    engine: sqlalchemy.Engine, config: Config, waits: Timeouts
) -> tuple[fit.Fit, list[str]]:
    """Apply Alembic's steps; gives the fit before, and objects that had drifted.

    FlowError where the structure is newer than this program.
    """
    with engine.begin() as connection:
        _bound(connection, waits)
        driver: Any = connection.connection.driver_connection
        found = fit.look(driver)
        if not found.may_write or (found.at and found.at not in fit.chain()):
            raise FlowError("database.newer", schema=found.at, program=program(), known=found.head)
        if not connection.exec_driver_sql(MAY_CONFINE).scalar():
            raise FlowError("database.no_reading_roles", user=str(engine.url.username))
        drift = structure.drifted(driver)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return found, drift


def _let_on(config: Config, was: fit.Fit) -> list[str]:
    """Older programs that may go on writing: each step since has `OLDER_MAY_WRITE = True`."""
    steps = ScriptDirectory.from_config(config)
    modules = [steps.get_revision(revision).module for revision in was.pending]
    if not was.at or not all(getattr(module, "OLDER_MAY_WRITE", False) for module in modules):
        return []
    return [*was.writers, was.at]
