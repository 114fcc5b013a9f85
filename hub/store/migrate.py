"""Bring a database up to this version: Alembic for the fixed tables, then the typed tables of every entity."""

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config

from hub.rules.contracts import Entity
from hub.store import typed
from hub.store.database import Database

LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.migrate', 0))"


def migrate(url: str, entities: Iterable[Entity]) -> list[str]:
    """Apply what is missing and return it in words; two at once wait for each other. Additive only."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.exec_driver_sql(LOCK)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    database = Database(url, most=1)
    with database.transaction() as tx:
        tx.execute(LOCK)
        done = [step for entity in entities for step in typed.migrate(tx, entity)]
    database.close()
    return done
