"""SQL: reads tables and views by any Python driver of SQLAlchemy (see `tables`)."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from typing import ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors.buckets import AS_TEXT, Checksums, ReadsTables
from connectors.columns import FAMILIES
from connectors.engines import EngineOptions, connected, engine_to, failure, raw, talk_to
from connectors.options import read_options, schema_of
from connectors.sqlstate import meant, translated
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

FETCH = ("mssql", "oracle")


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
        self._engine = engine_to(connection, self._options).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        self._talk = talk_to(connection, self._options)
        self._family = FAMILIES.get(self._engine.dialect.name)
        self._held = ExitStack()
        self._database: sa.Connection | None = None

    def ping(self) -> str:
        self._rows(SelectQuery(str(sa.select(sa.literal_column("1")).compile(self._engine)), ()))
        return f"{self._engine.dialect.name}: OK"

    def close(self) -> None:
        self._database = None
        with suppress(Exception):  # a connection that is gone cannot be closed better
            self._held.close()

    def _reader(self, read: Mapping[str, Json]) -> TableReader:
        options = read_options(TableRead, read, system=self._name)
        dialect = self._engine.dialect
        names = dialect.identifier_preparer
        limit: Literal["limit", "fetch"] = "fetch" if dialect.name in FETCH else "limit"
        text = self._options.text or (self._family.shown if self._family else AS_TEXT)
        known = Dialect(names.initial_quote + names.final_quote, limit, self._family, text)
        return TableReader(options, known, self._rows, system=self._name)

    def _rows(self, query: SelectQuery) -> Rows:
        try:
            database, sql = self._opened(), _marked(query.sql, self._engine.dialect.paramstyle)
            with self._talk.call():
                result = database.exec_driver_sql(sql, query.values)
                # As the driver names them: SQLAlchemy writes Oracle's in lower case.
                names = tuple(column[0] for column in result.cursor.description)
                return Rows(names, result.all())
        except HubError:
            self.close()
            raise
        except SQLAlchemyError as error:
            raise self._meaning(error) from None
        except (
            ValueError,
            ArithmeticError,
            LookupError,
            TypeError,
        ):  # values that the driver cannot convert
            raise UnreadableCellError from None
        except Exception as error:  # noqa: BLE001 - drivers raise what is no error of a database
            self.close()
            raise raw(error, system=self._name) from None

    def _meaning(self, error: SQLAlchemyError) -> Exception:
        """The error that a driver's error means; a failed connection is dropped."""
        said = failure(error, self._engine.dialect.name)
        if said.state in UNTRANSLATABLE or meant(said) == "values":
            return UnreadableCellError()
        meaning = self._talk.meant(translated(said, system=self._name))
        if isinstance(meaning, TransientError):
            self.close()
        return meaning

    def _opened(self) -> sa.Connection:
        if self._database is None:
            database = self._held.enter_context(connected(self._engine, self._options, self._talk))
            with self._talk.call():
                for statement in self._family.session if self._family else ():
                    database.exec_driver_sql(statement)
            self._database = database
        return self._database

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> tuple[Outcome, ...]:  # noqa: ARG002
        """Not supported, as WRITE says."""
        raise FlowError(
            "system.protocol", system=self._name, detail="sql: read only, use sql_exchange"
        )

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None: nothing is sent."""
        return ()


def _marked(sql: str, style: str) -> str:
    """SQL with placeholders in the driver's style."""
    if style == "qmark":
        return sql.replace(MARK, "?")
    if style in {"format", "pyformat"}:
        return sql.replace("%", "%%").replace(MARK, "%s")
    numbers = count(1)
    return "".join(f":{next(numbers)}" if sign == MARK else sign for sign in sql)
