"""SQL: reads tables and views natively, by any Python driver that SQLAlchemy knows (`tables` says how)."""

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from typing import ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors.buckets import Checksums, ReadsTables
from connectors.engines import MYSQL, EngineOptions, connected, engine_to, told
from connectors.options import read_options, schema_of
from connectors.sqlstate import translated
from connectors.tables import UNTRANSLATABLE, Dialect, Query, Reader, Rows, TableRead, UnreadableTextError
from connectors.zones import IN_UTC, placed
from hub.errors import FlowError, TransientError
from hub.model import Connection, Json, Outcome, Outgoing, Receipt

FETCH = ("mssql", "oracle")
MYSQL_TIMESTAMP = 7
"""What the protocol of MySQL calls a TIMESTAMP, an instant; a DATETIME is a wall clock."""
UNREADABLE = (*UNTRANSLATABLE, "22000")
"""The last: a value that the driver itself cannot give, such as a date that Python does not know."""


class SqlSystem(EngineOptions, Checksums):
    """How the database is reached, and computes checksums."""


class SqlConnector(ReadsTables):
    """Reads one database through its Python driver."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(SqlSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(TableRead)
    WRITE: ClassVar[Mapping[str, Json]] = {
        "not": {},
        "description": "sql 只读，写入用 sql_exchange / SQL only reads; write with sql_exchange",
    }

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(SqlSystem, connect, system=connection.system)
        super().__init__(self._options)
        self._engine = engine_to(connection, self._options).execution_options(isolation_level="AUTOCOMMIT")
        self._held = ExitStack()
        self._database: sa.Connection | None = None

    def ping(self) -> str:
        self._rows(Query(str(sa.select(sa.literal_column("1")).compile(self._engine)), ()))
        return f"{self._engine.dialect.name}: OK"

    def close(self) -> None:
        self._database = None
        with suppress(SQLAlchemyError):  # a connection that is gone cannot be closed better
            self._held.close()

    def _reader(self, read: Mapping[str, Json]) -> Reader:
        options = read_options(TableRead, read, system=self._name)
        dialect = self._engine.dialect
        names = dialect.identifier_preparer
        limit: Literal["limit", "fetch"] = "fetch" if dialect.name in FETCH else "limit"
        return Reader(options, Dialect(names.initial_quote + names.final_quote, limit), self._rows, system=self._name)

    def _rows(self, query: Query) -> Rows:
        try:
            result = self._opened().exec_driver_sql(_marked(query.sql, self._engine.dialect.paramstyle), query.values)
            # As the driver names them: SQLAlchemy writes Oracle's in lower case.
            described = result.cursor.description
            names = tuple(column[0] for column in described)
            of_instants = self._engine.dialect.name in MYSQL
            zoned = {place for place, column in enumerate(described) if of_instants and column[1] == MYSQL_TIMESTAMP}
            return Rows(names, placed(result.all(), zoned))
        except UnicodeDecodeError:
            raise UnreadableTextError from None
        except SQLAlchemyError as error:
            raise self._meaning(error) from None

    def _meaning(self, error: SQLAlchemyError) -> Exception:
        """Say what an error means; a connection that failed is given up."""
        state, words = told(error)
        if state in UNREADABLE:
            return UnreadableTextError()
        meaning = translated(state, words, system=self._name)
        if isinstance(meaning, TransientError):
            self.close()
        return meaning

    def _opened(self) -> sa.Connection:
        if self._database is None:
            database = self._held.enter_context(connected(self._engine, self._options))
            if self._engine.dialect.name in MYSQL:
                database.exec_driver_sql(IN_UTC["mysql"])
            self._database = database
        return self._database

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> tuple[Outcome, ...]:  # noqa: ARG002
        """Nothing is written here, as WRITE says."""
        raise FlowError("system.protocol", system=self._name, detail="sql: read only, use sql_exchange")

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None, since nothing is sent."""
        return ()


def _marked(sql: str, style: str) -> str:
    """Mark bound values as this driver wants them."""
    if style == "qmark":
        return sql
    if style in {"format", "pyformat"}:
        return sql.replace("%", "%%").replace("?", "%s")
    numbers = count(1)
    return re.sub(r"\?", lambda _: f":{next(numbers)}", sql)
