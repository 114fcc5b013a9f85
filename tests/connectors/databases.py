"""One partner's database in PostgreSQL, MariaDB and SQLite, to be reached through ODBC and
natively.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pymysql

from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.model import Connection, Json
from tests.mariadb import MariaServer
from tests.postgres import DatabaseServer

Options = Mapping[str, Json]
WAYS = ("odbc", "natively")


@dataclass(frozen=True)
class Partner:
    """A database with its own hands: run executes statements as the partner would, each for itself.

    rows: what a query gives. open: a session of the partner's own, where it is MariaDB. quotes: how
    it quotes names. ends: ends all sessions but its own; None where there are none.
    """

    kind: str
    where: Connection
    connect: Options
    odbc: Options
    quotes: str
    run: Callable[..., None]
    rows: Callable[[str], Sequence[Sequence[object]]]
    open: "Callable[[], pymysql.connections.Connection[pymysql.cursors.Cursor]] | None" = None
    ends: Callable[[], None] | None = None

    def reader(self, way: str, **more: Json) -> OdbcConnector | SqlConnector:
        """What reads it."""
        if way == "odbc":
            return OdbcConnector(self.where, {**self.odbc, **more})
        return SqlConnector(self.where, {**self.connect, **more})

    def writer(self, **more: Json) -> SqlExchangeConnector:
        """What writes into it."""
        return SqlExchangeConnector(self.where, {**self.connect, **more})

    def name(self, text: str) -> str:
        """A name as this database's SQL."""
        return f"{self.quotes}{text.replace(self.quotes, self.quotes * 2)}{self.quotes}"


@contextmanager
def postgresql(server: DatabaseServer) -> Iterator[Partner]:
    with server.database() as url:
        at = urlsplit(url)
        where = Connection(
            "partner",
            "postgresql",
            "127.0.0.1",
            at.port,
            at.username or "",
            at.password or "",
            at.path,
        )

        def run(*statements: str) -> None:
            with psycopg.connect(url, autocommit=True) as partner:
                for statement in statements:
                    partner.execute(statement.encode())

        def rows(query: str) -> Sequence[Sequence[object]]:
            with psycopg.connect(url) as partner:
                return partner.execute(query.encode()).fetchall()

        def end() -> None:
            run(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and datname = current_database()"
            )

        yield Partner(
            "postgresql", where, {}, {"driver": "PostgreSQL Unicode"}, '"', run, rows, ends=end
        )


@contextmanager
def mariadb(server: MariaServer) -> Iterator[Partner]:
    with server.database("partner") as where:

        def run(*statements: str) -> None:
            with server.open(where.path[1:]) as partner, partner.cursor() as cursor:
                cursor.execute("set sql_mode = ''")
                for statement in statements:
                    cursor.execute(statement)

        def rows(query: str) -> Sequence[Sequence[object]]:
            with server.open(where.path[1:]) as partner, partner.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

        def end() -> None:
            with server.open(where.path[1:]) as partner, partner.cursor() as cursor:
                cursor.execute(
                    "select id from information_schema.processlist where db = database()"
                )
                for (one,) in cursor.fetchall():
                    if one != partner.thread_id():
                        cursor.execute(f"kill {one}")

        odbc: Options = {"driver": "MariaDB Unicode", "attributes": {"CHARSET": "utf8mb4"}}
        yield Partner(
            "mariadb",
            where,
            {"driver": "mysql+pymysql"},
            odbc,
            "`",
            run,
            rows,
            lambda: server.open(where.path[1:]),
            end,
        )


@contextmanager
def sqlite(folder: Path) -> Iterator[Partner]:
    where = Connection("partner", "sqlite", "", None, "", "", str(folder / "partner.db"))

    def run(*statements: str) -> None:
        with closing(sqlite3.connect(where.path)) as partner:
            for statement in statements:
                partner.execute(statement)
            partner.commit()

    def rows(query: str) -> Sequence[Sequence[object]]:
        with closing(sqlite3.connect(where.path)) as partner:
            return partner.execute(query).fetchall()

    run()
    odbc: Options = {"driver": "SQLite3", "attributes": {"Timeout": "100"}}
    yield Partner("sqlite", where, {"driver": "sqlite"}, odbc, '"', run, rows)


KINDS = ("postgresql", "mariadb", "sqlite")
Errors = (psycopg.Error, pymysql.Error, sqlite3.Error)
