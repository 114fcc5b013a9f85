"""Databases by SQLAlchemy: options, engine, connections, errors."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from pydantic import Field, JsonValue
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from connectors.columns import FAMILIES
from connectors.database_timeouts import QueryLimits, Talk
from connectors.options import Options
from connectors.sqlstate import Failure
from connectors.verdicts import as_text
from hub.calling.deadlines import nothing
from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection

DRIVERS = (
    "psycopg",
    "psycopg2",
    "pymysql",
    "MySQLdb",
    "mysql.connector",
    "sqlite3",
    "oracledb",
    "pymssql",
    "dmPython",
)
"""Python drivers looked for where the named one is missing."""
MYSQL = ("mysql", "mariadb")
STRICT = (
    "set session sql_mode = concat_ws(',', nullif(@@session.sql_mode, ''), 'STRICT_ALL_TABLES')"
)
"""Strict mode: without it MySQL truncates values silently."""
WAIT = 10
IN_MEMORY = ("", ":memory:")


class EngineOptions(Options):
    """How the database is reached."""

    driver: str = Field(
        default="postgresql+psycopg", description="SQLAlchemy's name of the database and its driver"
    )
    arguments: dict[str, JsonValue] | None = Field(
        default=None,
        description="Further arguments of the driver's connect(); left out: connect_timeout of "
        "10 seconds for "
        "PostgreSQL, MySQL and MariaDB, none for others",
    )
    start: tuple[str, ...] = Field(
        default=(), description="SQL to run on every connection, e.g. set statement_timeout = 60000"
    )

    answer: QueryLimits = Field(default=QueryLimits(), description="How long each answer may take")

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the database."""
        return self.driver.partition("+")[0]

    def connect_arguments(self) -> dict[str, JsonValue]:
        """Arguments of the driver's connect()."""
        if self.arguments is not None:
            return dict(self.arguments)
        return {"connect_timeout": WAIT} if self.dialect in {"postgresql", *MYSQL} else {}


def talk_to(connection: Connection, options: EngineOptions) -> Talk:
    """The time limits of this connection."""
    login = options.connect_arguments().get("connect_timeout")
    return Talk(
        connection,
        options.answer,
        login=float(login) if isinstance(login, int | float | str) else WAIT,
    )


def engine_to(connection: Connection, options: EngineOptions) -> sa.Engine:
    """An engine for a partner's database; FlowError where the driver is not installed."""
    database = (
        sqlite_file(connection.path) if options.dialect == "sqlite" else connection.path.strip("/")
    )
    url = sa.URL.create(
        options.driver,
        username=connection.user or None,
        password=connection.secret or None,
        host=connection.host or None,
        port=connection.port,
        database=database,
        query=dict(connection.options),
    )
    try:
        return sa.create_engine(
            url,
            connect_args=options.connect_arguments(),
            poolclass=sa.NullPool,
            hide_parameters=True,  # no value of a record in an error
        )
    except (ImportError, NoSuchModuleError):
        installed = ", ".join(name for name in DRIVERS if _is_there(name)) or "—"
        raise FlowError(
            "system.driver_missing",
            system=connection.system,
            driver=options.driver,
            installed=installed,
        ) from None
    except SQLAlchemyError:  # an address that this database has no use for; it holds the secret
        where = f"HUB_CONN_{connection.system.upper()}"
        option = f"{where}: 不是 {options.dialect} 的地址 / no address of {options.dialect}"
        raise FlowError("system.contract", system=connection.system, option=option) from None


def sqlite_file(path: str) -> str:
    """The file of a connection's path: below the working folder, else absolute if it exists."""
    below = path.removeprefix("/")
    return (
        path if path.startswith("/") and not Path(below).exists() and Path(path).exists() else below
    )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:  # the package that it would be in is not there either
        return False


@contextmanager
def connected(engine: sa.Engine, options: EngineOptions, talk: Talk) -> Iterator[sa.Connection]:
    """A connection set up by the options; queries keep to the limits of `talk`.

    Raises SQLAlchemyError for errors of the database, else HubError: some drivers raise others.
    """
    with talk.login():
        database = _opened(engine, system=talk.system)
    try:
        with talk.call():
            _begin(database, options, talk)
        yield database
    finally:
        talk.interrupt = nothing
        with talk.closing():
            database.close()


def _begin(database: sa.Connection, options: EngineOptions, talk: Talk) -> None:
    talk.interrupt = getattr(database.connection.dbapi_connection, "interrupt", talk.interrupt)
    dialect = database.dialect.name
    for statement in talk.limits(FAMILIES[dialect].limits) if dialect in FAMILIES else ():
        with suppress(DBAPIError):  # not supported by this database
            database.exec_driver_sql(statement)
    for statement in options.start:
        database.exec_driver_sql(statement)
    if dialect in MYSQL:
        database.exec_driver_sql(STRICT)


def _opened(engine: sa.Engine, *, system: str) -> sa.Connection:
    if engine.dialect.name == "sqlite":
        _refuse_new_file(engine, system=system)
    try:
        return engine.connect()
    except (SQLAlchemyError, HubError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a driver raises; it may hold the secret
        raise raw(error, system=system) from None


def _refuse_new_file(engine: sa.Engine, *, system: str) -> None:
    """Raise where the file does not exist: SQLite would create an empty database."""
    name = engine.url.database or ""
    if name in IN_MEMORY or name.startswith("file:") or Path(name).exists():
        return
    raise FlowError("system.protocol", system=system, detail=f"没有文件 / no such file: {name}")


def raw(error: Exception, *, system: str) -> HubError:
    """The HubError for an exception that is no database error; only its class: it may quote."""
    name = type(error).__name__
    if isinstance(error, TimeoutError):
        return TransientError("system.timeout", system=system, status=name)
    if isinstance(error, OSError | EOFError):
        return TransientError("system.unavailable", system=system, status=name)
    if isinstance(error, ImportError):
        return FlowError(
            "system.driver_missing", system=system, driver=str(error.name), installed="—"
        )
    return FlowError("system.protocol", system=system, status=name)


def failure(error: SQLAlchemyError, dialect: str) -> Failure:
    """SQLSTATE (or a general one for its class), number and text of an error."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    state = as_text(getattr(origin, "sqlstate", None))
    number = (
        origin.args[0]
        if origin is not None and origin.args and isinstance(origin.args[0], int)
        else None
    )
    number = getattr(origin, "sqlite_errorcode", number)
    if not state:
        general = {
            DataError: "22000",
            IntegrityError: "23000",
            OperationalError: "08001",
            InterfaceError: "08001",
        }
        state = next((code for kind, code in general.items() if isinstance(error, kind)), "HY000")
    told = origin.args[-1] if origin is not None and number is not None and origin.args else origin
    return Failure(state, number, str(told or "").strip(), dialect)
