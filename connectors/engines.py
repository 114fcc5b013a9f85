"""Databases reached by SQLAlchemy: the options, the engine, a connection, and what an error says."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from pydantic import Field, JsonValue
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from connectors.answers import said
from connectors.options import Options
from hub.errors import FlowError
from hub.model import Connection


class EngineOptions(Options):
    """How the database is reached."""

    driver: str = Field(default="postgresql+psycopg", description="SQLAlchemy's name of the database and its driver")
    arguments: dict[str, JsonValue] = Field(
        default={"connect_timeout": 10}, description="Further arguments of the driver's connect()"
    )
    start: tuple[str, ...] = Field(
        default=(), description="SQL to run on every connection, e.g. set statement_timeout = 60000"
    )


def engine_to(connection: Connection, options: EngineOptions) -> sa.Engine:
    """Prepare to reach a partner's database; FlowError when there is no such driver here."""
    url = sa.URL.create(
        options.driver,
        username=connection.user or None,
        password=connection.secret or None,
        host=connection.host or None,
        port=connection.port,
        database=connection.path.strip("/"),
        query=dict(connection.options),
    )
    try:
        return sa.create_engine(
            url,
            connect_args=dict(options.arguments),
            poolclass=sa.NullPool,
            hide_parameters=True,  # no value of a record in an error
        )
    except (ImportError, ArgumentError):
        raise FlowError(
            "system.driver_missing", system=connection.system, driver=options.driver, installed="—"
        ) from None


MYSQL = ("mysql", "mariadb")
STRICT = "set session sql_mode = concat_ws(',', nullif(@@session.sql_mode, ''), 'STRICT_ALL_TABLES')"
"""Without it MySQL cuts what is too long for a column and tells nobody who does not ask."""

# What MySQL says of values, which drivers partly tell as if the connection had failed.
_OF_VALUES = {1264, 1265, 1292, 1366, 1406, 1411, 3140, 3819, 4025}


@contextmanager
def connected(engine: sa.Engine, options: EngineOptions) -> Iterator[sa.Connection]:
    """Give a connection that has begun as the options say."""
    with engine.connect() as database:
        for statement in options.start:
            database.exec_driver_sql(statement)
        if engine.dialect.name in MYSQL:
            database.exec_driver_sql(STRICT)
        yield database


def told(error: SQLAlchemyError) -> tuple[str, str]:
    """Give an error's SQLSTATE, or the class of one that the driver raised by itself, and its words."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    state = said(getattr(origin, "sqlstate", None))
    number = origin.args[0] if origin is not None and origin.args else None
    if not state and number in _OF_VALUES:
        return "22000", str(origin.args[-1]).strip() if origin is not None else ""
    if not state and isinstance(error, DataError):
        state = "22000"
    elif not state:
        state = "08001" if isinstance(error, OperationalError | InterfaceError) else "HY000"
    return state, str(origin or "").strip()
