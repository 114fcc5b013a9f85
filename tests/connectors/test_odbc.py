"""ODBC beyond the kit: rows without a cursor, text outside the encoding, wrong names, a session that ends."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import orjson
import psycopg
import pytest

from connectors.odbc import OdbcConnector
from hub.errors import FlowError, TransientError
from hub.model import Connection, Json

READ: dict[str, Json] = {"table": "s.t", "cursor": "ts", "key": ["id"], "page_size": 7}
GBK: dict[str, Json] = {
    "driver": "PostgreSQL ANSI",
    "encoding": "gb18030",
    "attributes": {"ConnSettings": "set client_encoding to 'GBK'"},
}
ROWS = """
    create schema s;
    create table s.t (id bigint primary key, n numeric(14, 2), ts timestamp, d date, x text, ch char(8));
    insert into s.t
    select i, i / 3.0, timestamp '2026-01-01' + i / 10 * interval '1 microsecond', '2026-01-02', '中文' || i, 'ab'
      from generate_series(1, 50) i;
    insert into s.t (id, x) values (61, '无时间'), (62, '无时间'), (63, null);
"""


@pytest.fixture
def database(empty_database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute(ROWS)
        yield database


def connected(url: str, connect: dict[str, Json]) -> OdbcConnector:
    at = urlsplit(url)
    who = Connection("registry", "postgresql", "127.0.0.1", at.port, at.username or "", at.password or "", at.path)
    return OdbcConnector(who, connect)


@pytest.fixture(params=["PostgreSQL Unicode", "PostgreSQL ANSI"])
def connector(
    request: pytest.FixtureRequest, empty_database_url: str, database: psycopg.Connection[tuple[object, ...]]
) -> Iterator[OdbcConnector]:
    connect = GBK if request.param == "PostgreSQL ANSI" else {"driver": request.param}
    connector = connected(empty_database_url, connect)
    yield connector
    connector.close()


def payloads(connector: OdbcConnector, read: dict[str, Json] = READ) -> list[bytes]:
    return [raw.payload for page in connector.pages(read, since=None, resume=None) for raw in page.records]


def test_cells_become_exact_json(connector: OdbcConnector) -> None:
    assert orjson.loads(payloads(connector)[0]) == {
        "id": 1,
        "n": "0.33",
        "ts": "2026-01-01T00:00:00",
        "d": "2026-01-02",
        "x": "中文1",
        "ch": "ab      ",
    }


def test_rows_without_a_cursor_value_come_last_in_every_sweep(connector: OdbcConnector) -> None:
    ids = [orjson.loads(payload)["id"] for payload in payloads(connector)]
    assert ids == [*range(1, 51), 61, 62, 63]
    late = list(connector.pages(READ, since="2026-01-01T00:00:00.000005", resume=None))
    assert [orjson.loads(raw.payload)["id"] for page in late for raw in page.records] == [50, 61, 62, 63]


def test_microseconds_part_rows_exactly(connector: OdbcConnector) -> None:
    pages = list(connector.pages(READ, since="2026-01-01T00:00:00.000003", resume=None))
    assert orjson.loads(pages[0].records[0].payload)["id"] == 30
    assert pages[-1].high == "2026-01-01T00:00:00.000005"


def test_a_table_may_have_no_cursor(connector: OdbcConnector) -> None:
    read: dict[str, Json] = {"table": "s.t", "key": ["id"], "page_size": 10, "columns": ["id", "x"]}
    pages = list(connector.pages(read, since=None, resume=None))
    assert sum(page.read for page in pages) == 53
    assert {page.high for page in pages} == {None}


def test_text_outside_the_encoding_spoils_its_own_row_only(
    empty_database_url: str, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    database.execute("update s.t set x = '𠮷' where id in (5, 50, 62)")
    connector = connected(empty_database_url, GBK)
    found = payloads(connector)
    connector.close()
    spoilt = [payload for payload in found if b"\xed\xb3\xbf" in payload]
    assert len(found) == 53
    assert len(spoilt) == 3
    assert b'"id":5,' in spoilt[0]
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(spoilt[0])


def test_long_text_is_not_cut(connector: OdbcConnector, database: psycopg.Connection[tuple[object, ...]]) -> None:
    database.execute("update s.t set x = repeat('长', 20000) where id = 1")
    assert len(orjson.loads(payloads(connector)[0])["x"]) == 20000


@pytest.mark.parametrize(
    "wrong", [{"table": "s.nowhere"}, {"cursor": "nowhere"}, {"key": ["nowhere"]}, {"table": 's.t"; drop table s.t'}]
)
def test_a_wrong_name_stops_the_flow(connector: OdbcConnector, wrong: dict[str, Json]) -> None:
    with pytest.raises(FlowError):
        payloads(connector, {**READ, **wrong})
    assert len(payloads(connector)) == 53


def test_a_session_that_was_ended_is_opened_again(
    connector: OdbcConnector, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    payloads(connector)
    others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    database.execute(others + " and datname = current_database()")
    with pytest.raises(TransientError):
        payloads(connector)
    assert len(payloads(connector)) == 53


def test_a_statement_that_takes_too_long_is_a_time_out(
    empty_database_url: str, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    connector = connected(
        empty_database_url, {"driver": "PostgreSQL Unicode", "start": ["set statement_timeout = 200"]}
    )
    with database.transaction():
        database.execute("lock table s.t")
        with pytest.raises(TransientError) as caught:
            payloads(connector)
    connector.close()
    assert caught.value.code == "system.timeout"


def test_a_driver_that_is_missing_is_named_as_such(empty_database_url: str) -> None:
    for connect in ({"driver": "No Such Driver"}, {"driver": "/no/such/driver.so"}, {}):
        with pytest.raises(FlowError) as caught:
            connected(empty_database_url, dict(connect)).ping()
        assert caught.value.code == "system.driver_missing"


def test_odbc_writes_nothing(connector: OdbcConnector) -> None:
    with pytest.raises(FlowError):
        connector.send({}, [])
    assert connector.receipts({}, ["a"]) == ()
