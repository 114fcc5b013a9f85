"""ODBC: reads tables and views of any database with a driver (see `tables`)."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from connectors.buckets import AS_TEXT, Checksums, ReadsTables
from connectors.columns import FAMILIES
from connectors.database_timeouts import QueryLimits, Talk
from connectors.engines import raw, sqlite_file
from connectors.options import read_options, schema_of
from connectors.sqlstate import Failure, meant, number_of, translated
from connectors.table_reader import TableReader
from connectors.tables import (
    MARK,
    UNTRANSLATABLE,
    Dialect,
    Rows,
    SelectQuery,
    TableRead,
    UnreadableCellError,
)
from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection, Json, Outcome, Outgoing, Receipt

if TYPE_CHECKING:
    import pyodbc

NONE = "—"
UNNAMED = "connect.driver: ?"
BUSY_MILLISECONDS = 5000
FETCH = ("microsoft sql server", "oracle")
_SOURCES = {"[ma-": "mysql", "[MySQL]": "mysql", "[mysqld": "mysql", "[SQLite]": "sqlite"}


class OdbcSystem(Checksums):
    """ODBC: how the database is reached."""

    driver: str = Field(
        default="",
        description="Name of the driver in odbcinst.ini or path of its file; `?driver=` in the "
        "connection and the "
        "environment variable HUB_ODBC_DRIVER go before it",
    )
    attributes: dict[str, str] = Field(
        default_factory=dict, description="Further keywords of the connection string"
    )
    keywords: dict[Literal["host", "port", "database", "user", "secret"], str] = Field(
        default={
            "host": "SERVER",
            "port": "PORT",
            "database": "DATABASE",
            "user": "UID",
            "secret": "PWD",
        },
        description="What the driver calls the parts of an address",
    )
    encoding: str = Field(
        default="", description="Encoding of text, for drivers that do not speak Unicode: gb18030"
    )
    quote: Literal["", '"', "`", "[]"] = Field(
        default="", description="How the database quotes names; left out: as its driver says"
    )
    limit: Literal["", "limit", "fetch"] = Field(
        default="",
        description="How it limits rows: LIMIT n (PostgreSQL, MySQL), or OFFSET 0 ROWS FETCH "
        "NEXT n; left out: the "
        "second for SQL Server and Oracle, the first for others",
    )
    login_timeout: int = Field(default=10, ge=1, description="Seconds to wait for a connection")
    answer: QueryLimits = Field(default=QueryLimits(), description="How long each answer may take")
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
        self._talk = Talk(connection, self._options.answer, login=self._options.login_timeout)
        self._database: pyodbc.Connection | None = None

    def ping(self) -> str:
        self._rows(SelectQuery("select 1", ()))
        return f"ODBC {self._driver()}: OK"

    def close(self) -> None:
        if self._database is not None:
            with (
                contextlib.suppress(Exception),
                self._talk.closing(),
            ):  # one that is gone cannot be closed better
                self._database.close()
            self._database = None

    def _reader(self, read: Mapping[str, Json]) -> TableReader:
        options = read_options(TableRead, read, system=self._connection.system)
        with self._understood():
            name, odbc = self._name_of_database(), self._driver_manager()
            quote = (
                self._options.quote
                or str(self._opened().getinfo(odbc.SQL_IDENTIFIER_QUOTE_CHAR)).strip()
                or '"'
            )
        limit = self._options.limit or ("fetch" if name.startswith(FETCH) else "limit")
        family = FAMILIES.get(name)
        dialect = Dialect(
            quote, limit, family, self._options.text or (family.shown if family else AS_TEXT)
        )
        return TableReader(options, dialect, self._rows, system=self._connection.system)

    def _rows(self, query: SelectQuery) -> Rows:
        with self._understood():
            sql = query.sql.replace(MARK, "?")
            database, values = self._opened(), list(map(_bindable, query.values))
            with self._talk.call():
                cursor = database.cursor().execute(sql, *values)
                return Rows(tuple(column[0] for column in cursor.description), cursor.fetchall())

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        """Context manager: whatever the driver raises becomes a HubError."""
        odbc = self._driver_manager()
        try:
            yield
        except HubError as error:
            if isinstance(error, TransientError):
                self.close()
            raise
        except odbc.Error as error:
            raise self._meaning(error) from None
        except (
            ValueError,
            ArithmeticError,
            LookupError,
            TypeError,
        ):  # values that pyodbc cannot convert
            raise UnreadableCellError from None
        except Exception as error:  # noqa: BLE001 - and what is no error of a database
            self.close()
            raise raw(error, system=self._connection.system) from None

    def _name_of_database(self) -> str:
        """postgresql, mysql, mariadb, sqlite ..., by the driver's information."""
        return str(self._opened().getinfo(self._driver_manager().SQL_DBMS_NAME)).lower()

    def _meaning(self, error: Exception) -> Exception:
        """The error that a driver's error means; a failed connection is dropped."""
        state, words = (str(part) for part in (*error.args, "", "")[:2])
        said = Failure(state, number_of(words), words, _source(words))
        if self._database is not None and (state in UNTRANSLATABLE or meant(said) == "values"):
            return UnreadableCellError()
        meaning = self._talk.meant(translated(said, system=self._connection.system))
        if meaning.code == "system.driver_missing":
            return self._missing(self._driver())
        if isinstance(meaning, TransientError):
            self.close()
        return meaning

    def _opened(self) -> "pyodbc.Connection":
        if self._database is None:
            odbc, options = self._driver_manager(), self._options
            # a switch of the module, missing in its stubs
            odbc.pooling = False  # type: ignore[attr-defined]
            with self._talk.login():
                self._database = odbc.connect(
                    self._address(), autocommit=True, readonly=True, timeout=options.login_timeout
                )
            try:
                with self._talk.call():
                    self._begin(self._database)
            except BaseException:
                self.close()
                raise
        return self._database

    def _begin(self, database: "pyodbc.Connection") -> None:
        """Set text encodings, and session settings of the database."""
        odbc, options = self._driver_manager(), self._options
        if options.encoding:
            database.setdecoding(odbc.SQL_CHAR, encoding=options.encoding)
            database.setencoding(encoding=options.encoding, ctype=odbc.SQL_CHAR)
            database.decimal_mode = "binary"  # as text it would be read as Unicode
        family = FAMILIES.get(self._name_of_database())
        if family is None:
            with contextlib.suppress(Exception):  # a driver that has no such limit
                database.timeout = max(1, int(self._talk.seconds))
        for statement in self._talk.limits(family.limits) if family else ():
            with contextlib.suppress(odbc.Error):  # not supported by this database
                database.cursor().execute(statement)
        for statement in (*options.start, *(family.session if family else ())):
            database.cursor().execute(statement)

    def _driver_manager(self) -> ModuleType:
        """Import pyodbc; FlowError where unixODBC is missing."""
        try:
            return import_module("pyodbc")
        except ImportError:
            raise self._missing("unixODBC") from None

    def _driver(self) -> str:
        named = (
            self._connection.options.get("driver")
            or os.environ.get("HUB_ODBC_DRIVER")
            or self._options.driver
        )
        if not named:
            raise self._missing(UNNAMED)
        return named

    def _missing(self, sought: str) -> FlowError:
        """The error naming the driver sought, and those installed."""
        found = NONE
        with contextlib.suppress(Exception):
            found = ", ".join(dict.fromkeys(import_module("pyodbc").drivers())) or NONE
        return FlowError(
            "system.driver_missing", system=self._connection.system, driver=sought, installed=found
        )

    def _address(self) -> str:
        """The connection string."""
        connection, names, driver = self._connection, self._options.keywords, self._driver()
        file = "sqlite" in driver.lower()
        parts = {
            names["host"]: connection.host,
            names["port"]: str(connection.port or ""),
            names["database"]: sqlite_file(connection.path) if file else connection.path.strip("/"),
            names["user"]: connection.user,
            names["secret"]: connection.secret,
            # Else it would make an empty database where there is none, and wait 100 s for one that
            # is locked.
            **({"NoCreat": "1", "Timeout": str(BUSY_MILLISECONDS)} if file else {}),
            **self._options.attributes,
        }
        return ";".join(
            [f"DRIVER={driver}" if driver.startswith("/") else f"DRIVER={{{driver}}}"]
            + [f"{name}={_braced(value)}" for name, value in parts.items() if name and value]
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> tuple[Outcome, ...]:  # noqa: ARG002
        """Not supported, as WRITE says."""
        raise FlowError(
            "system.protocol",
            system=self._connection.system,
            detail="odbc: read only, use sql_exchange",
        )

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None: nothing is sent."""
        return ()


def _bindable(value: object) -> object:
    """A value for pyodbc, which binds no integer beyond 64 bits."""
    return Decimal(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def _source(words: str) -> str:
    """The database whose error numbers are in a driver's text."""
    return next((name for sign, name in _SOURCES.items() if sign in words), "")


def _braced(value: str) -> str:
    """A value quoted for a connection string."""
    return "{" + value.replace("}", "}}") + "}" if set(value) & set("[]{}(),;?*=!@ ") else value
