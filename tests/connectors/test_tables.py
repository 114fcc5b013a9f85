"""Tables beyond the kit, by ODBC and natively: rows without a cursor, spoilt text, wrong names, a
session that ends.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import orjson
import psycopg
import pytest

from connectors.columns import NOT_GIVEN
from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from hub.contract import Connector
from hub.errors import FlowError, TransientError
from hub.model import UNUSABLE, Connection, Json

READ: dict[str, Json] = {"table": "s.t", "cursor": "ts", "key": ["id"], "page_size": 7}
GBK: dict[str, Json] = {
    "driver": "PostgreSQL ANSI",
    "encoding": "gb18030",
    "attributes": {"ConnSettings": "set client_encoding to 'GBK'"},
}
KEYS = {
    "bigint": "i",
    "numeric(12, 2)": "i",
    "double precision": "i / 2.0",
    "text": "i",
    "char(9)": "i",
    "boolean": "i > 4",
    "date": "date '2026-01-01' + i",
    "timestamp": "timestamp '2026-01-01' + i * interval '1 microsecond'",
}
ROWS = """
    create schema s;
    create table s.t (id bigint primary key, n numeric(14, 2), ts timestamp, d date, x text,
        ch char(8));
    insert into s.t
    select i, i / 3.0, timestamp '2026-01-01' + i / 10 * interval '1 microsecond', '2026-01-02',
        '中文' || i, 'ab'
      from generate_series(1, 50) i;
    insert into s.t (id, x) values (61, '无时间'), (62, '无时间'), (63, null);
"""


@pytest.fixture
def database(empty_database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute(ROWS)
        yield database


def where(url: str, **options: str) -> Connection:
    at = urlsplit(url)
    return Connection(
        "registry",
        "postgresql",
        "127.0.0.1",
        at.port,
        at.username or "",
        at.password or "",
        at.path,
        options,
    )


def by_odbc(url: str, *start: str) -> Connector:
    return OdbcConnector(where(url), {"driver": "PostgreSQL Unicode", "start": list(start)})


def by_odbc_in_gbk(url: str, *start: str) -> Connector:
    return OdbcConnector(where(url), {**GBK, "start": list(start)})


def natively(url: str, *start: str) -> Connector:
    return SqlConnector(where(url), {"start": list(start)})


def natively_in_gbk(url: str, *start: str) -> Connector:
    return SqlConnector(where(url, client_encoding="GBK"), {"start": list(start)})


@pytest.fixture(params=[by_odbc, by_odbc_in_gbk, natively, natively_in_gbk])
def connector(
    request: pytest.FixtureRequest,
    empty_database_url: str,
    database: psycopg.Connection[tuple[object, ...]],
) -> Iterator[Connector]:
    connector = request.param(empty_database_url)
    yield connector
    connector.close()


def payloads(connector: Connector, read: dict[str, Json] = READ) -> list[bytes]:
    return [
        raw.payload
        for page in connector.pages(read, since=None, resume=None)
        for raw in page.records
    ]


def test_cells_become_exact_json(connector: Connector) -> None:
    assert orjson.loads(payloads(connector)[0]) == {
        "id": 1,
        "n": "0.33",
        "ts": "2026-01-01T00:00:00",
        "d": "2026-01-02",
        "x": "中文1",
        "ch": "ab      ",
    }


def test_rows_without_a_cursor_value_come_last_in_every_sweep(connector: Connector) -> None:
    ids = [orjson.loads(payload)["id"] for payload in payloads(connector)]
    assert ids == [*range(1, 51), 61, 62, 63]
    late = list(connector.pages(READ, since="2026-01-01T00:00:00.000005", resume=None))
    assert [orjson.loads(raw.payload)["id"] for page in late for raw in page.records] == [
        50,
        61,
        62,
        63,
    ]


def test_microseconds_part_rows_exactly(connector: Connector) -> None:
    pages = list(connector.pages(READ, since="2026-01-01T00:00:00.000003", resume=None))
    assert orjson.loads(pages[0].records[0].payload)["id"] == 30
    assert pages[-1].high == "2026-01-01T00:00:00.000005"


def test_a_table_may_have_no_cursor(connector: Connector) -> None:
    read: dict[str, Json] = {"table": "s.t", "key": ["id"], "page_size": 10, "columns": ["id", "x"]}
    pages = list(connector.pages(read, since=None, resume=None))
    assert sum(page.read for page in pages) == 53
    assert {page.high for page in pages} == {None}


@pytest.mark.parametrize("reach", [by_odbc_in_gbk, natively_in_gbk])
def test_text_outside_the_encoding_spoils_its_own_row_only(
    empty_database_url: str,
    database: psycopg.Connection[tuple[object, ...]],
    reach: Callable[[str], Connector],
) -> None:
    database.execute("update s.t set x = '𠮷' where id in (5, 50, 62)")
    connector = reach(empty_database_url)
    found = payloads(connector)
    connector.close()
    spoilt = [row for row in map(orjson.loads, found) if isinstance(row["x"], dict)]
    assert len(found) == 53
    assert [row["id"] for row in spoilt] == [5, 50, 62]
    assert spoilt[0] | {"x": ""} == orjson.loads(found[4]) | {"x": ""}
    assert spoilt[0]["x"] == {UNUSABLE: NOT_GIVEN}


def test_long_text_is_not_cut(
    connector: Connector, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    database.execute("update s.t set x = repeat('长', 20000) where id = 1")
    assert len(orjson.loads(payloads(connector)[0])["x"]) == 20000


def test_a_wrong_name_stops_the_flow(connector: Connector) -> None:
    wrong: list[dict[str, Json]] = [
        {"table": "s.nowhere"},
        {"cursor": "nowhere"},
        {"key": ["nowhere"]},
        {"table": 's.t"; drop table s.t'},
    ]
    for name in wrong:
        with pytest.raises(FlowError):
            payloads(connector, {**READ, **name})
    assert len(payloads(connector)) == 53


def test_a_session_that_was_ended_is_opened_again(
    connector: Connector, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    payloads(connector)
    others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    database.execute(others + " and datname = current_database()")
    with pytest.raises(TransientError):
        payloads(connector)
    assert len(payloads(connector)) == 53


@pytest.mark.parametrize("reach", [by_odbc, natively])
def test_a_statement_that_takes_too_long_is_a_time_out(
    empty_database_url: str,
    database: psycopg.Connection[tuple[object, ...]],
    reach: Callable[[str, str], Connector],
) -> None:
    connector = reach(empty_database_url, "set statement_timeout = 200")
    with database.transaction():
        database.execute("lock table s.t")
        with pytest.raises(TransientError) as caught:
            payloads(connector)
    connector.close()
    assert caught.value.code == "system.timeout"


def test_a_sweep_goes_on_after_a_key_of_any_type(
    connector: Connector, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    for number, (kind, value) in enumerate(KEYS.items()):
        database.execute(
            f"create table s.k{number} as select ({value})::{kind} k, i n from "  # noqa: S608 - our own
            f"generate_series(1, 9) i"
        )
        read: dict[str, Json] = {"table": f"s.k{number}", "key": ["k", "n"], "page_size": 2}
        pages = list(connector.pages(read, since=None, resume=None))
        for index, page in enumerate(pages[:-1]):
            rest = [
                raw
                for later in connector.pages(read, since=None, resume=page.resume)
                for raw in later.records
            ]
            assert rest == [raw for later in pages[index + 1 :] for raw in later.records], kind


def test_a_date_is_asked_for_from_its_whole_day_on(
    connector: Connector, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    database.execute("update s.t set d = date '2026-01-02' + id::int")
    read: dict[str, Json] = {"table": "s.t", "cursor": "d", "key": ["id"]}
    (page,) = [
        page
        for page in connector.pages(read, since="2026-02-20T23:50:00", resume=None)
        if page.records
    ][:1]
    assert orjson.loads(page.records[0].payload)["d"] == "2026-02-20"


def test_a_table_that_was_emptied_is_read_from_its_beginning(
    connector: Connector, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    (first, *_) = connector.pages(READ, since=None, resume=None)
    database.execute("truncate s.t")
    for since, resume in (("2026-01-01T00:00:00", None), (None, first.resume)):
        assert [
            (page.read, page.last) for page in connector.pages(READ, since=since, resume=resume)
        ] == [(0, True)]


@pytest.mark.parametrize("reach", [by_odbc, natively])
def test_what_only_reads_writes_nothing(reach: Callable[[str], Connector]) -> None:
    connector = reach("postgresql://who:secret@127.0.0.1:1/db")
    with pytest.raises(FlowError):
        connector.send({}, [])
    assert connector.receipts({}, ["a"]) == ()


def test_both_ways_give_the_same_payloads_at_the_same_places(
    empty_database_url: str, database: psycopg.Connection[tuple[object, ...]]
) -> None:
    one, other = by_odbc(empty_database_url), natively(empty_database_url)
    pages = [list(connector.pages(READ, since=None, resume=None)) for connector in (one, other)]
    one.close()
    other.close()
    assert pages[0] == pages[1]
    assert pages[0][2].records[0].position == "s.t id=15"
    assert pages[0][2].records[0].payload == (
        (
            '{"ch":"ab      '
            '","d":"2026-01-02","id":15,"n":"5.00","ts":"2026-01-01T00:00:00.000001","x":"中文15"}'
        ).encode()
    )
