"""ODBC: reads tables and views of any database that has a driver (`tables` says how)."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from connectors.buckets import Checksums, ReadsTables
from connectors.options import read_options, schema_of
from connectors.sqlstate import translated
from connectors.tables import UNTRANSLATABLE, Dialect, Query, Reader, Rows, TableRead, UnreadableTextError
from connectors.zones import IN_UTC, ZONED, placed
from hub.errors import FlowError, TransientError
from hub.model import Connection, Json, Outcome, Outgoing, Receipt

if TYPE_CHECKING:
    import pyodbc


DRIVER_MISSING = "system.driver_missing"
NONE = "—"


class OdbcSystem(Checksums):
    """ODBC: how the database is reached."""

    driver: str = Field(
        default="",
        description="Name of the driver in odbcinst.ini or path of its file; `?driver=` in the connection and the "
        "environment variable HUB_ODBC_DRIVER go before it",
    )
    attributes: dict[str, str] = Field(default_factory=dict, description="Further keywords of the connection string")
    keywords: dict[Literal["host", "port", "database", "user", "secret"], str] = Field(
        default={"host": "SERVER", "port": "PORT", "database": "DATABASE", "user": "UID", "secret": "PWD"},
        description="What the driver calls the parts of an address",
    )
    encoding: str = Field(default="", description="Encoding of text, for drivers that do not speak Unicode: gb18030")
    quote: Literal['"', "`", "[]"] = Field(default='"', description="How the database quotes names")
    limit: Literal["limit", "fetch"] = Field(
        default="limit", description="How it limits rows: LIMIT n (PostgreSQL, MySQL), or OFFSET 0 ROWS FETCH NEXT n"
    )
    login_timeout: int = Field(default=10, ge=1, description="Seconds to wait for a connection")
    start: tuple[str, ...] = Field(
        default=(), description="SQL to run on every connection, e.g. set statement_timeout = 60000"
    )


class OdbcConnector(ReadsTables):
    """Reads one database through its ODBC driver."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(OdbcSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(TableRead)
    WRITE: ClassVar[Mapping[str, Json]] = {
        "not": {},
        "description": "odbc 只读，写入用 sql_exchange / ODBC only reads; write with sql_exchange",
    }

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._connection = connection
        self._options = read_options(OdbcSystem, connect, system=connection.system)
        super().__init__(self._options)
        self._database: pyodbc.Connection | None = None
        self._instants: dict[str, frozenset[str]] = {}

    def ping(self) -> str:
        self._rows(Query("select 1", ()))
        return f"ODBC {self._driver()}: OK"

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(Exception):  # a connection that is gone cannot be closed better
                self._database.close()
            self._database = None

    def _reader(self, read: Mapping[str, Json]) -> Reader:
        options = read_options(TableRead, read, system=self._connection.system)
        dialect = Dialect(self._options.quote, self._options.limit)

        def ask(query: Query) -> Rows:
            return self._rows(query, table=options.table)

        return Reader(options, dialect, ask, system=self._connection.system)

    def _rows(self, query: Query, *, table: str = "") -> Rows:
        odbc = self._driver_manager()
        try:
            cursor = self._opened().cursor().execute(query.sql, *query.values)
            names = tuple(column[0] for column in cursor.description)
            cells = cursor.fetchall()
            zoned = self._zoned(table) if table else frozenset()
            return Rows(names, placed(cells, {place for place, name in enumerate(names) if name in zoned}))
        except UnicodeDecodeError:
            raise UnreadableTextError from None
        except odbc.Error as error:
            raise self._meaning(error) from None

    def _zoned(self, table: str) -> frozenset[str]:
        """Columns that hold instants: the driver gives a wall clock, and only the table's description tells."""
        if table not in self._instants:
            *above, name = table.split(".")
            database = self._name_of_database()
            kinds = ZONED.get(database, set())
            within = {"schema" if database == "postgresql" else "catalog": above[-1]} if above else {}
            found = self._opened().cursor().columns(table=name, **within) if kinds else ()
            # Names are patterns here: t_1 is also ta1.
            self._instants[table] = frozenset(
                str(column.column_name)
                for column in found
                if column.table_name.lower() == name.lower() and str(column.type_name).lower() in kinds
            )
        return self._instants[table]

    def _name_of_database(self) -> str:
        """postgresql, mysql, mariadb ..., as the driver says."""
        return str(self._opened().getinfo(self._driver_manager().SQL_DBMS_NAME)).lower()

    def _meaning(self, error: Exception) -> Exception:
        """Say what a driver's error means; a connection that failed is given up."""
        state, words = (str(part) for part in (*error.args, "", "")[:2])
        if state in UNTRANSLATABLE:
            return UnreadableTextError()
        meaning = translated(state, words, system=self._connection.system)
        if meaning.code == DRIVER_MISSING:
            installed = ", ".join(self._driver_manager().drivers()) or NONE
            return FlowError(DRIVER_MISSING, system=self._connection.system, driver=self._driver(), installed=installed)
        if isinstance(meaning, TransientError):
            self.close()
        return meaning

    def _opened(self) -> "pyodbc.Connection":
        if self._database is None:
            odbc, options = self._driver_manager(), self._options
            odbc.pooling = False  # type: ignore[attr-defined] # a switch of the module, missing in its stubs
            database = odbc.connect(self._address(), autocommit=True, readonly=True, timeout=options.login_timeout)
            if options.encoding:
                database.setdecoding(odbc.SQL_CHAR, encoding=options.encoding)
                database.setencoding(encoding=options.encoding, ctype=odbc.SQL_CHAR)
                database.decimal_mode = "binary"  # as text it would be read as Unicode
            for statement in options.start:
                database.cursor().execute(statement)
            self._database = database
            if in_utc := IN_UTC.get(self._name_of_database()):
                database.cursor().execute(in_utc)
        return self._database

    def _driver_manager(self) -> ModuleType:
        """Load pyodbc, which is impossible where unixODBC is missing."""
        try:
            return import_module("pyodbc")
        except ImportError:
            raise FlowError(DRIVER_MISSING, system=self._connection.system, driver="unixODBC", installed=NONE) from None

    def _driver(self) -> str:
        named = self._connection.options.get("driver") or os.environ.get("HUB_ODBC_DRIVER") or self._options.driver
        if not named:
            installed = ", ".join(self._driver_manager().drivers()) or NONE
            raise FlowError(
                DRIVER_MISSING, system=self._connection.system, driver="connect.driver: ?", installed=installed
            )
        return named

    def _address(self) -> str:
        """Write the connection string."""
        connection, names = self._connection, self._options.keywords
        parts = {
            names["host"]: connection.host,
            names["port"]: str(connection.port or ""),
            names["database"]: connection.path.strip("/"),
            names["user"]: connection.user,
            names["secret"]: connection.secret,
            **self._options.attributes,
        }
        driver = self._driver()
        return ";".join(
            [f"DRIVER={driver}" if driver.startswith("/") else f"DRIVER={{{driver}}}"]
            + [f"{name}={_braced(value)}" for name, value in parts.items() if name and value]
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> tuple[Outcome, ...]:  # noqa: ARG002
        """Nothing is written through ODBC, as WRITE says."""
        raise FlowError("system.protocol", system=self._connection.system, detail="odbc: read only, use sql_exchange")

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None, since nothing is sent."""
        return ()


def _braced(value: str) -> str:
    """Quote what would break the connection string."""
    return "{" + value.replace("}", "}}") + "}" if set(value) & set("[]{}(),;?*=!@ ") else value
