"""Bring a database up to this version: the fixed tables by Alembic, then typed tables and what is shown of them."""

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

from hub.errors import FlowError
from hub.rules.contracts import Entity
from hub.store import facts, shown, typed
from hub.store.database import Database

# The roles under which readers read are there, or may be made.
MAY_CONFINE = """
    select rolsuper or rolcreaterole
           or (select count(*) = 2 and bool_and(pg_has_role(current_user, r.oid, 'member'))
                 from pg_roles r where r.rolname in ('hub_reader', 'hub_shown'))
      from pg_roles where rolname = current_user
"""
LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.migrate', 0))"


def migrate(url: str, entities: Iterable[Entity]) -> list[str]:
    """Apply what is missing and return it in words; two at once wait for each other. Additive only."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(LOCK)
        if not connection.exec_driver_sql(MAY_CONFINE).scalar():
            raise FlowError("database.no_reading_roles", user=str(engine.url.username))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    database = Database(url, most=1)
    with database.transaction() as tx:
        tx.execute(LOCK)
        known = list(entities)
        done = [step for entity in known for step in typed.migrate(tx, entity)] + shown.migrate(tx, known)
        facts.migrate(tx, known)
    database.close()
    return done
