"""PostgreSQL, MariaDB and SQLite give the same records through ODBC and natively, whatever stands
in them.
"""

from collections.abc import Callable
from contextlib import closing

import pytest

from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from hub import exact
from hub.model import UNUSABLE, Json, Page
from tests.connectors.databases import KINDS, WAYS, Partner

READ: dict[str, Json] = {"table": "t", "key": ["id"], "page_size": 3}
POSTGRESQL = """
    create domain short as varchar(20);
    create type colour as enum ('红', '绿');
    create table t (id int primary key, d date, dt timestamp, ts timestamptz, tm time, tz timetz, iv
        interval,
        bi bigint, nu numeric, n2 numeric(30, 10), r real, db double precision, bo boolean,
            b1 bit(1), vb varbit(9),
        bl bytea, ch char(8), vc varchar(20), dm short, tx text, js json, jb jsonb, uu uuid,
            ar text[], ip inet,
        oi oid, en colour, rg int4range, mo money);
    insert into t values
        (1, '2026-01-02', '2026-01-02 03:04:05.6789', '2026-01-02 03:04:05.678+08', '09:30:00.5',
            '24:00+08',
         '1 mon 2 days', 9223372036854775807, 1.10, 1.1, 0.1, 0.1, true, b'1', b'101', '\\x00ff',
             'ab', 'ab  ', 'k ',
         '长', ' {"a": 1.10}', ' {"a": 1.10}', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
             '{a,"b c",NULL}', '10.0.0.1/8',
         4294967295, '绿', '[1,5)', 12.5);
    insert into t (id, d, dt, ts, tm, iv, nu, n2, r, db, bo, tx) values
        (2, 'infinity', 'infinity', '-infinity', '24:00', '-1 day +00:00:01.5', 'NaN',
         12345678901234567890.0123456789, 'NaN', 'Infinity', false, ''),
        (3, '0044-03-15 BC', '0044-03-15 BC', '12026-01-01 00:00+00', '00:00', null, 1e-40, -0.1,
            1e-30, '-0', null,
         null);
"""
OF_POSTGRESQL: list[dict[str, Json]] = [
    {
        "d": "2026-01-02",
        "dt": "2026-01-02T03:04:05.678900",
        "ts": "2026-01-01T19:04:05.678000+00:00",
        "tm": "09:30:00.500000",
        "tz": "24:00:00+08",
        "iv": "1 mon 2 days",
        "bi": 2**63 - 1,
        "nu": "1.10",
        "n2": "1.1000000000",
        "r": 0.1,
        "db": 0.1,
        "bo": True,
        "b1": "1",
        "vb": "101",
        "bl": "00ff",
        "ch": "ab      ",
        "vc": "ab  ",
        "dm": "k ",
        "tx": "长",
        "js": ' {"a": 1.10}',
        "jb": '{"a": 1.10}',
        "uu": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "ar": '{a,"b c",NULL}',
        "ip": "10.0.0.1/8",
        "oi": 2**32 - 1,
        "en": "绿",
        "rg": "[1,5)",
        "mo": "12.50",
    },
    {
        "d": "infinity",
        "dt": "infinity",
        "ts": "-infinity",
        "tm": "24:00:00",
        "iv": "-1 days +00:00:01.5",
        "nu": "NaN",
        "n2": "12345678901234567890.0123456789",
        "r": "nan",
        "db": "inf",
        "bo": False,
        "tx": "",
    },
    {
        "d": "0044-03-15 BC",
        "dt": "0044-03-15 00:00:00 BC",
        "ts": "12026-01-01 00:00:00+00",
        "tm": "00:00:00",
        "nu": f"0.{'0' * 39}1",
        "n2": "-0.1000000000",
        "r": 1e-30,
        "db": -0.0,
    },
]
MARIADB = """
    create table t (id int primary key, d date, dt datetime(6), d0 datetime, ts timestamp(3) null,
        tm time(6), y year,
        bu bigint unsigned, iu int unsigned, tu tinyint unsigned, de decimal(30, 10), f float,
            db double, b1 bit(1),
        b9 bit(10), bl blob, vb varbinary(9), ch char(8), vc varchar(20), tx longtext, js json,
            en enum('甲', '乙'),
        st set('a', 'b'), bo boolean, gb varchar(20) character set gbk);
    insert into t values
        (1, '2026-01-02', '2026-01-02 03:04:05.6789', '2026-01-02', '2026-01-02 03:04:05.678',
            '09:30:00', 2026,
         18446744073709551615, 4294967295, 255, 1.1, 0.1, 0.1, b'1', b'1000000001', x'00ff', 'ab ',
             'ab ', 'ab  ', '长',
         ' {"a": 1.10}', '甲', 'a,b', true, '汉');
    insert into t (id, d, dt, d0, ts, tm, y, de, f, db, vc, bo) values
        (2, '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '30:15:00', 0,
            -99999999999999999999.9999999999,
         12345678.9, 1e308, '', false),
        (3, '2024-00-10', '2024-00-10 00:00:01', '2024-01-00', null, '-12:30:01.5', null, 0, 1e-30,
            -0.5, null, null),
        (4, '9999-12-31', '0001-01-01', '9999-12-31 23:59:59', null, '-838:59:59', null, null, null,
            null, '😀', null);
"""
OF_MARIADB: list[dict[str, Json]] = [
    {
        "d": "2026-01-02",
        "dt": "2026-01-02T03:04:05.678900",
        "d0": "2026-01-02T00:00:00",
        "ts": "2026-01-01T19:04:05.678000+00:00",
        "tm": "09:30:00",
        "y": 2026,
        "bu": 2**64 - 1,
        "iu": 2**32 - 1,
        "tu": 255,
        "de": "1.1000000000",
        "f": 0.1,
        "db": 0.1,
        "b1": 1,
        "b9": 513,
        "bl": "00ff",
        "vb": "616220",
        "ch": "ab",
        "vc": "ab  ",
        "tx": "长",
        "js": ' {"a": 1.10}',
        "en": "甲",
        "st": "a,b",
        "bo": 1,
        "gb": "汉",
    },
    {
        "d": "0000-00-00",
        "dt": "0000-00-00 00:00:00.000000",
        "d0": "0000-00-00 00:00:00",
        "ts": "0000-00-00 00:00:00.000",
        "tm": "30:15:00",
        "y": 0,
        "de": "-99999999999999999999.9999999999",
        "f": 12345679.0,
        "db": 1e308,
        "vc": "",
        "bo": 0,
    },
    {
        "d": "2024-00-10",
        "dt": "2024-00-10 00:00:01.000000",
        "d0": "2024-01-00 00:00:00",
        "tm": "-12:30:01.500000",
        "de": "0.0000000000",
        "f": 1e-30,
        "db": -0.5,
    },
    {
        "d": "9999-12-31",
        "dt": "0001-01-01T00:00:00",
        "d0": "9999-12-31T23:59:59",
        "tm": "-838:59:59",
        "vc": "😀",
    },
]
SQLITE = """
    create table t (id integer primary key, d date, dt datetime, n numeric(10, 2), r real, x text,
        b blob,
        bo boolean, y);
    insert into t values
        (1, '2026-01-02', '2026-01-02 03:04:05.678', '1.10', 0.1, '长', x'00ff', 1, 'ab  '),
        (2, '0000-00-00', 'soon', 'abc', 'x', 5, 'text', ' true', 1.5),
        (3, 1767312000, 1.5, 1e400, -1e400, 'a' || char(0) || 'b', 3, 9223372036854775807, x'31'),
        (4, null, '', '', '', '', '', '', 1e-300),
        (5, '2026-13-45', null, 12345678901234567890, 0, cast(x'ff41' as text), null, null,
            -9223372036854775808);
"""
OF_SQLITE: list[dict[str, Json]] = [
    {
        "d": "2026-01-02",
        "dt": "2026-01-02 03:04:05.678",
        "n": 1.1,
        "r": 0.1,
        "x": "长",
        "b": "00ff",
        "bo": 1,
        "y": "ab  ",
    },
    {
        "d": "0000-00-00",
        "dt": "soon",
        "n": "abc",
        "r": "x",
        "x": "5",
        "b": "text",
        "bo": " true",
        "y": 1.5,
    },
    {
        "d": 1767312000,
        "dt": 1.5,
        "n": "inf",
        "r": "-inf",
        "x": "a\0b",
        "b": 3,
        "bo": 2**63 - 1,
        "y": "31",
    },
    {"dt": "", "n": "", "r": "", "x": "", "b": "", "bo": "", "y": 1e-300},
    {"d": "2026-13-45", "n": 1.2345678901234567e19, "r": 0.0, "x": {UNUSABLE: None}, "y": -(2**63)},
]


def pages(connector: SqlConnector | OdbcConnector) -> list[Page]:
    with closing(connector):
        return list(connector.pages(READ, since=None, resume=None))


@pytest.mark.parametrize(
    ("kind", "script", "expected"),
    [
        ("postgresql", POSTGRESQL, OF_POSTGRESQL),
        ("mariadb", MARIADB, OF_MARIADB),
        ("sqlite", SQLITE, OF_SQLITE),
    ],
    ids=KINDS,
)
def test_both_ways_give_the_same_records_and_the_right_ones(
    partner: Callable[[str], Partner], kind: str, script: str, expected: list[dict[str, Json]]
) -> None:
    database = partner(kind)
    database.run(*filter(str.strip, script.split(";\n")))
    one, other = (pages(database.reader(way)) for way in WAYS)
    assert one == other
    found = [exact.read(raw.payload) for page in one for raw in page.records]
    for number, (record, wanted) in enumerate(zip(found, expected, strict=True), start=1):
        assert isinstance(record, dict)
        shown = {name: value for name, value in record.items() if value is not None}
        assert _plain(shown) == _plain({"id": number, **wanted})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_very_long_text_is_whole(partner: Callable[[str], Partner], kind: str, way: str) -> None:
    database, long = partner(kind), "长" * 100_000
    text = "longtext" if kind == "mariadb" else "text"
    database.run(f"create table t (id int, x {text})", f"insert into t values (1, '{long}')")  # noqa: S608 - our own
    (record,) = (
        exact.read(raw.payload) for page in pages(database.reader(way)) for raw in page.records
    )
    assert record == {"id": 1, "x": long}


def _plain(record: dict[str, Json]) -> dict[str, Json]:
    """Numbers as JSON writes them; of a value that cannot be one the reason does not matter."""
    written = exact.read(exact.write(record))
    assert isinstance(written, dict)
    return {
        name: {UNUSABLE: None} if isinstance(value, dict) else exact.plain(value)
        for name, value in written.items()
    }
