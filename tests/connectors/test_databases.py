"""Databases that cut, round and move values in silence: what is written is kept, or refused for its
own row alone.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import psycopg.sql
import pymysql
import pytest

from connectors.kept import altered
from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub import exact
from hub.model import Connection, Json, Outgoing
from tests.connectors.databases import Partner
from tests.mariadb import MariaServer

WRITE: dict[str, Json] = {
    "table": "inbox",
    "key": "yw_key",
    "validity": {"column": "sxbs", "copies": False},
}
MYSQL: dict[str, Json] = {"driver": "mysql+pymysql"}
READ: dict[str, Json] = {"table": "t", "key": ["id"], "cursor": "at", "page_size": 2}
NINE = datetime(2026, 10, 9, 1, 30, tzinfo=UTC)


def reached(url: str, system: str = "partner") -> Connection:
    at = urlsplit(url)
    return Connection(
        system, "postgresql", "127.0.0.1", at.port, at.username or "", at.password or "", at.path
    )


def sent(
    connector: SqlExchangeConnector, column: str, *values: Json, write: dict[str, Json] = WRITE
) -> list[str]:
    """What becomes of rows with these values in a column, one batch."""
    items = [
        Outgoing(f"k{number}", "upsert", {column: value}) for number, value in enumerate(values)
    ]
    states = {outcome.key: outcome.state for outcome in connector.send(write, items)}
    return [states[item.key] for item in items]


@pytest.mark.parametrize("start", [[], ["set sql_mode=''"]], ids=["as it comes", "not strict"])
@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("varchar(8)", "一二三四五六七八", "一二三四五六七八九"),
        ("varchar(8) character set latin1", "abc", "工程"),
        ("varchar(20) character set utf8mb3", "工程", "工程😀"),
        ("decimal(10, 2)", "1.01", "1.005"),
        ("decimal(4, 2)", "99.99", "100.00"),
        ("int", "7", "99999999999"),
        ("int", "7", "abc"),
        ("int", "7", "007"),
        ("tinyint", 1, 300),
        ("date", "2026-10-09", "2026-02-30"),
        ("datetime", "2026-10-09 09:30:00", "2026-10-09 09:30:00.5"),
        ("datetime", "2026-10-09 09:30:00", "soon"),
        ("float", "12.5", "12345678.9"),
    ],
)
def test_20_mysql_cuts_nothing_in_silence(
    mariadb: MariaServer, start: list[str], column: str, good: Json, bad: Json
) -> None:
    with (
        mariadb.database("partner") as at,
        mariadb.open(at.path[1:]) as partner,
        partner.cursor() as cursor,
    ):
        cursor.execute(
            f"create table inbox (id serial, yw_key varchar(50) unique, sxbs int, v {column})"
        )
        with closing(SqlExchangeConnector(at, MYSQL | {"start": start})) as connector:
            assert sent(connector, "v", good, bad, good) == ["confirmed", "rejected", "confirmed"]
        cursor.execute("select yw_key from inbox order by id")
        assert cursor.fetchall() == (("k0",), ("k2",))


@pytest.mark.parametrize(
    ("kind", "column", "values", "states"),
    [
        ("mariadb", "bit(1)", ("b'1'", "b'0'", "null"), ["accepted", None, "unknown"]),
        ("mariadb", "decimal(4, 2)", ("1.00", "0", "1.5"), ["accepted", None, "unknown"]),
        ("mariadb", "binary(3)", ("'1'", "'9'", "'0'"), ["accepted", "rejected", None]),
        ("mariadb", "double", ("1", "9", "1e300"), ["accepted", "rejected", "unknown"]),
        ("postgresql", "char(4)", ("'1'", "'9'", "'x'"), ["accepted", "rejected", "unknown"]),
        ("postgresql", "boolean", ("true", "false", "null"), ["accepted", None, "unknown"]),
        ("postgresql", "numeric", ("1.000", "'NaN'", "9"), ["accepted", "unknown", "rejected"]),
        ("sqlite", "", ("1.0", "' 9 '", "x'31'"), ["accepted", "rejected", "accepted"]),
        ("sqlite", "", ("'1' || char(0)", "''", "9e999"), ["accepted", "unknown", "unknown"]),
    ],
)
def test_a_verdict_is_read_whatever_type_its_column_has_and_an_odd_one_costs_its_own_record(
    partner: Callable[[str], Partner],
    kind: str,
    column: str,
    values: tuple[str, ...],
    states: list[str | None],
) -> None:
    database = partner(kind)
    database.run(
        f"create table inbox (yw_key varchar(50), zt {column}, cwxx varchar(99))",
        *(
            f"insert into inbox values ('k{n}', {value}, '原因')"  # noqa: S608 - our own
            for n, value in enumerate(values)
        ),
    )
    status: Json = {
        "column": "zt",
        "pending": [0],
        "accepted": [1],
        "rejected": ["9"],
        "reason": "cwxx",
    }
    with closing(database.writer()) as connector:
        keys = [f"k{n}" for n in range(len(values))]
        found = {
            one.key: one
            for one in connector.receipts(
                {"table": "inbox", "key": "yw_key", "status": status}, keys
            )
        }
    assert [found[key].state if key in found else None for key in keys] == states
    assert {one.text for one in found.values()} == {"原因"}


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite"])
def test_a_table_with_one_row_a_thing_has_its_row_updated_and_never_a_second(
    partner: Callable[[str], Partner], kind: str
) -> None:
    database = partner(kind)
    database.run(
        "create table inbox (k varchar(20), xmdm varchar(20), xmmc varchar(5), sxbs int, zt int)",
        "create unique index one on inbox (xmdm)",
    )
    write: dict[str, Json] = {
        "table": "inbox",
        "key": "k",
        "match": ["xmdm"],
        "validity": {"column": "sxbs"},
        "status": {"column": "zt", "pending": [0], "accepted": [3], "rejected": [2]},
    }
    first: dict[str, Json] = {"xmdm": "A", "xmmc": "甲"}
    with closing(database.writer()) as connector:

        def states(*items: Outgoing) -> list[str]:
            return [outcome.state for outcome in connector.send(write, items)]

        assert (
            states(
                Outgoing("k1", "upsert", first),
                Outgoing("k2", "upsert", {"xmdm": "B", "xmmc": "乙"}),
            )
            == ["awaiting_receipt"] * 2
        )
        database.run("update inbox set zt = 3")
        change = Outgoing(
            "k3", "upsert", {"xmdm": "A", "xmmc": "丙"}, previous=first, previous_key="k1"
        )
        assert states(change, change) == ["awaiting_receipt"]
        assert states(Outgoing("k4", "upsert", {"xmdm": "A", "xmmc": "一二三四五六"})) == (
            ["awaiting_receipt"] if kind == "sqlite" else ["rejected"]
        )
        if kind != "sqlite":  # which has no widths
            held = [
                tuple(row) for row in database.rows("select k, xmmc, zt from inbox order by xmdm")
            ]
            assert held == [("k3", "丙", 0), ("k2", "乙", 3)]
        assert states(Outgoing("k5", "withdraw", {}, previous={"xmdm": "A", "xmmc": "丙"})) == [
            "awaiting_receipt"
        ]
        found = [tuple(row) for row in database.rows("select k, sxbs from inbox order by xmdm")]
        assert found == [("k5", 0), ("k2", 1)]


def test_20_a_character_that_a_column_of_gbk_lacks_is_refused_for_its_row_alone(
    mariadb: MariaServer,
) -> None:
    with (
        mariadb.database("partner") as at,
        mariadb.open(at.path[1:]) as partner,
        partner.cursor() as cursor,
    ):
        cursor.execute(
            "create table inbox (yw_key varchar(9), sxbs int, v varchar(20)) character set gbk"
        )
        for start in ([], ["set sql_mode = ''"]):
            cursor.execute("delete from inbox")
            with closing(SqlExchangeConnector(at, MYSQL | {"start": start})) as connector:
                found = sent(connector, "v", "㐀㑇", "中国石油", "𠮷", "—·—")
                assert found == ["rejected", "confirmed", "rejected", "confirmed"]


def test_20_a_key_that_is_cut_is_refused(mariadb: MariaServer) -> None:
    with (
        mariadb.database("partner") as at,
        mariadb.open(at.path[1:]) as partner,
        partner.cursor() as cursor,
    ):
        cursor.execute("create table inbox (yw_key varchar(1), sxbs int, v text)")
        with closing(SqlExchangeConnector(at, MYSQL | {"start": ["set sql_mode=''"]})) as connector:
            assert sent(connector, "v", "x") == ["rejected"]
        cursor.execute("select count(*) from inbox")
        assert cursor.fetchall() == ((0,),)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("numeric(10, 2)", "1.01", "1.005"),
        ("real", "12.5", "12345678.9"),
        ("double precision", "0.1", "12345678901234567.89"),
        ("integer", "7", "007"),
        ("char(5)", "abc", "abcdef"),
        ("timestamp(0)", "2026-10-09 09:30:00", "2026-10-09 09:30:00.5"),
        ("date", "2026-10-09", "2026-10-09 09:30:00"),
        ("text", "=1+1", None),
    ],
)
def test_postgresql_rounds_nothing_in_silence(
    empty_database_url: str, column: str, good: Json, bad: Json
) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as partner:
        # ours
        partner.execute(f"create table inbox (yw_key varchar(50) unique, sxbs int, v {column})")  # type: ignore[arg-type]
        with closing(SqlExchangeConnector(reached(empty_database_url), {})) as connector:
            wanted = "confirmed" if bad is None else "rejected"
            assert sent(connector, "v", good, bad) == ["confirmed", wanted]


def test_sqlite_keeps_the_zeros_of_a_number_or_the_row_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect("partner.db")) as partner:
        partner.execute("create table inbox (yw_key text unique, sxbs int, v integer)")
        partner.commit()
    at = Connection("partner", "sqlite", "", None, "", "", "/partner.db")
    with closing(SqlExchangeConnector(at, {"driver": "sqlite", "arguments": {}})) as connector:
        assert sent(connector, "v", "001", "1") == ["rejected", "confirmed"]


def test_a_partner_whose_trigger_changes_values_is_not_read_back(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as partner:
        partner.execute(
            "create table inbox (yw_key varchar(50) unique, sxbs int, v numeric(10, 2))"
        )
        with closing(SqlExchangeConnector(reached(empty_database_url), {})) as connector:
            assert sent(connector, "v", "1.005", write=WRITE | {"read_back": False}) == [
                "confirmed"
            ]


@pytest.mark.parametrize(
    ("value", "held", "lost"),
    [
        ("12.50", Decimal("12.5"), False),
        ("20261009", date(2026, 10, 9), False),
        ("2026年10月9日", date(2026, 10, 9), False),
        ("2026-10-09T09:30:00+08:00", datetime(2026, 10, 9, 1, 30, tzinfo=UTC), False),
        # a column without a zone
        ("2026-10-09T09:30:00+08:00", datetime(2026, 10, 9, 9, 30), False),  # noqa: DTZ001
        ("2026-10-09T09:30:01+08:00", datetime(2026, 10, 9, 9, 30), True),  # noqa: DTZ001
        ("20261009093000", datetime(2026, 10, 9, 9, 30), False),  # noqa: DTZ001
        ("09:30:00", time(9, 30), False),
        ("09:30:00.5", time(9, 30), True),
        (True, 1, False),
        (True, "f", True),
        ("abc", "abc   ", False),
        (" abc", "abc", True),
        ('{"a":1.0}', {"a": 1.0}, False),
        (None, "", False),
        ("", None, False),
        ("x", None, True),
        (None, 0, True),
    ],
)
def test_what_is_lost_is_told_from_what_is_written_another_way(
    value: Json,
    held: object,
    lost: bool,  # noqa: FBT001
) -> None:
    assert altered(value, held) is lost


@pytest.fixture
def zoned(empty_database_url: str) -> Connection:
    with psycopg.connect(empty_database_url, autocommit=True) as partner:
        name = psycopg.sql.Identifier(partner.info.dbname)
        partner.execute(
            psycopg.sql.SQL("alter database {} set timezone to 'America/New_York'").format(name)
        )
        partner.execute("create table t (id int, at timestamptz, wall timestamp)")
        partner.execute("create table tt (id int, at timestamp, wall timestamptz)")
        partner.execute(
            "insert into t select n, '2026-10-09 09:30+08'::timestamptz + n * interval '1 "
            "minute', '2026-10-09 09:30'"
            " from generate_series(0, 4) n"
        )
    return reached(empty_database_url)


def records(
    connector: SqlConnector | OdbcConnector, since: str | None = None
) -> list[dict[str, Json]]:
    found = []
    for page in connector.pages(READ, since=since, resume=None):
        found += [exact.read(raw.payload) for raw in page.records]
    assert all(isinstance(record, dict) for record in found)
    return found  # type: ignore[return-value] # as just asserted


@pytest.mark.parametrize("kind", [OdbcConnector, SqlConnector])
def test_14_an_instant_keeps_its_zone_whatever_the_session_is_in(
    zoned: Connection, kind: type[OdbcConnector | SqlConnector]
) -> None:
    connect: dict[str, Json] = {"driver": "PostgreSQL Unicode"} if kind is OdbcConnector else {}
    with closing(kind(zoned, connect)) as connector:
        found = records(connector)
        assert [record["id"] for record in found] == [0, 1, 2, 3, 4]
        assert datetime.fromisoformat(str(found[0]["at"])) == NINE
        assert found[0]["wall"] == "2026-10-09T09:30:00"
        assert [one["id"] for one in records(connector, since=str(found[3]["at"]))] == [3, 4]


def test_14_a_cursor_that_was_kept_without_a_zone_misses_nothing(zoned: Connection) -> None:
    with closing(OdbcConnector(zoned, {"driver": "PostgreSQL Unicode"})) as connector:
        assert [one["id"] for one in records(connector, since="2026-10-09T09:33:00")] == [
            0,
            1,
            2,
            3,
            4,
        ]


@pytest.mark.parametrize("kind", [OdbcConnector, SqlConnector])
def test_14_mysqls_timestamp_is_an_instant_and_its_datetime_a_wall_clock(
    mariadb: MariaServer, kind: type[OdbcConnector | SqlConnector]
) -> None:
    connect: dict[str, Json] = (
        {"driver": "MariaDB Unicode", "quote": "`", "attributes": {"CHARSET": "utf8mb4"}}
        if kind is OdbcConnector
        else MYSQL
    )
    with mariadb.database("partner") as at:
        with mariadb.open(at.path[1:]) as partner, partner.cursor() as cursor:
            cursor.execute("create table t (id int, at timestamp null, wall datetime)")
            cursor.execute("insert into t values (1, '2026-10-09 09:30:00', '2026-10-09 09:30:00')")
        with closing(kind(at, connect)) as connector:
            (found,) = records(connector)
    assert datetime.fromisoformat(str(found["at"])) == NINE
    assert found["wall"] == "2026-10-09T09:30:00"


def test_a_number_that_is_none_is_text_and_not_nothing(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as partner:
        partner.execute("create table t (id int, at int, v double precision)")
        partner.execute("insert into t values (1, 1, 'NaN'), (2, 2, 'Infinity'), (3, 3, 0.1)")
    with closing(SqlConnector(reached(empty_database_url), {})) as connector:
        found = [record["v"] for record in records(connector)]
    assert found[:2] == ["nan", "inf"]


def test_the_server_of_these_tests_is_run_by_nobody_in_particular(mariadb: MariaServer) -> None:
    with mariadb.open() as partner, partner.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute("select @@global.time_zone zone, @@global.sql_mode mode")
        (row,) = cursor.fetchall()
    assert row["zone"] == "+08:00"
