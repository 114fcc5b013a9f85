"""Reading natively: the kit against the approval system's front database, another database,
drivers, strange dates.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from connectors.columns import NOT_GIVEN
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub import exact
from hub.errors import FlowError
from hub.model import UNUSABLE, Connection
from hub.testing.conformance import Reading, ReadingConformance
from tests.connectors.cases import approval_natively
from tests.connectors.test_tables import natively
from tests.postgres import DatabaseServer

NOWHERE = Connection("approval", "postgresql", "127.0.0.1", 1, "who", "secret", "/db")


@pytest.fixture(scope="module")
def front(
    tmp_path_factory: pytest.TempPathFactory, database_server: DatabaseServer
) -> Iterator[Reading]:
    with (
        database_server.database() as url,
        approval_natively(tmp_path_factory.mktemp("front"), url) as reading,
    ):
        yield reading
        reading.connector.close()


@pytest.fixture
def reading(front: Reading) -> Iterator[Reading]:
    yield front
    front.calm()


class TestReading(ReadingConformance):
    """Reading a front database without ODBC."""


def test_a_date_that_python_does_not_know_is_what_the_database_says_of_it(
    empty_database_url: str,
) -> None:
    with psycopg.connect(empty_database_url) as database:
        database.execute(
            "create table t as select i, date '2026-01-01' + i as d from generate_series(1, 9) i"
        )
        database.execute("update t set d = 'infinity' where i = 4")
    connector = natively(empty_database_url)
    pages = list(connector.pages({"table": "t", "key": ["i"]}, since=None, resume=None))
    connector.close()
    payloads = [raw.payload for page in pages for raw in page.records]
    assert len(payloads) == 9
    assert payloads[2:5] == [
        b'{"d":"2026-01-04","i":3}',
        b'{"d":"infinity","i":4}',
        b'{"d":"2026-01-06","i":5}',
    ]


def test_another_database_is_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("front.db") as database:
        database.execute("create table t (id integer primary key, ts text, x text)")
        rows = [(n, f"2026-01-01T00:00:0{n // 3}", f"中文{n}") for n in range(9)]
        database.executemany("insert into t values (?, ?, ?)", [*rows, (9, None, "无时间")])
    database.close()
    connector = SqlConnector(
        Connection("approval", "sqlite", "", None, "", "", "/front.db"),
        {"driver": "sqlite", "arguments": {}},
    )
    read = {"table": "main.t", "cursor": "ts", "key": ["id"], "page_size": 4}
    pages = list(connector.pages(read, since=None, resume=None))
    late = list(connector.pages(read, since="2026-01-01T00:00:02", resume=pages[0].resume))
    connector.close()
    assert [raw.position for page in pages for raw in page.records] == [
        f"main.t id={n}" for n in range(10)
    ]
    assert pages[0].records[1].payload == '{"id":1,"ts":"2026-01-01T00:00:00","x":"中文1"}'.encode()
    assert pages[-1].high == "2026-01-01T00:00:02"
    assert late == pages[1:]


@pytest.mark.parametrize("connector", [SqlConnector, SqlExchangeConnector])
@pytest.mark.parametrize("driver", ["postgresql+nothing", "nothing", "oracle+cx_oracle"])
def test_a_driver_that_is_missing_is_named_as_such(
    connector: type[SqlConnector | SqlExchangeConnector], driver: str
) -> None:
    with pytest.raises(FlowError) as caught:
        connector(NOWHERE, {"driver": driver})
    assert caught.value.code == "system.driver_missing"


def test_rows_are_read_within_a_limit_of_bytes_and_a_value_beyond_it_is_named(
    empty_database_url: str,
) -> None:
    with psycopg.connect(empty_database_url) as database:
        database.execute(
            "create table t as select i, repeat('x', 40000) as name from generate_series(1, 40) i"
        )
        database.execute("update t set name = repeat('y', 900000) where i = 7")
    connector = natively(empty_database_url)
    options = {"table": "t", "key": ["i"], "page_size": 30, "page_bytes": 200_000}
    pages = list(connector.pages(options, since=None, resume=None))
    connector.close()
    records = [exact.read(raw.payload) for page in pages for raw in page.records]
    assert [record["i"] for record in records] == list(range(1, 41))  # type: ignore[index, call-overload]
    assert max(sum(len(raw.payload) for raw in page.records) for page in pages) <= 200_000
    strange = [record for record in records if record["name"] != "x" * 40_000]  # type: ignore[index, call-overload]
    assert strange == [{"i": 7, "name": {UNUSABLE: NOT_GIVEN}}]
    assert pages[-1].last
