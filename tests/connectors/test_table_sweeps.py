"""Sweeps through tables as they are: ties, nulls, twins, keys that cannot be read, odd names, a
driver that cuts.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count

import pytest

from connectors.columns import SQLITE
from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from connectors.table_reader import TableReader
from connectors.tables import MARK, Dialect, Rows, SelectQuery, TableRead
from hub import exact
from hub.errors import FlowError
from hub.model import Json, Page
from tests.connectors.databases import KINDS, WAYS, Partner

READ: dict[str, Json] = {"table": "t", "cursor": "at", "key": ["k", "n"], "page_size": 3}
ROWS = (
    # Many rows of one moment, apart by a fraction or by nothing; keys alike to some collations;
    # none; twins.
    [(1, "2026-01-01 00:00:00.000001", "a", 1), (2, "2026-01-01 00:00:00.000001", "A", 1)]
    + [(3, "2026-01-01 00:00:00.000001", "a ", 1), (4, "2026-01-01 00:00:00.000001", "á", 1)]
    + [(number, "2026-01-01 00:00:00.000002", "b", number) for number in range(5, 12)]
    + [(number, "2026-01-01 00:00:00.900000", "twin", 7) for number in range(12, 20)]
    + [(20, "2026-01-01 00:00:00.900000", None, 7), (21, "2026-01-01 00:00:01", "c", None)]
    + [
        (22, None, "d", 1),
        (23, None, "d", 2),
        (24, None, None, None),
        (25, None, "e", 1),
        (26, None, None, 3),
    ]
    + [(27, "2026-01-01 00:00:02", "z", 1), (28, "9999-12-31 23:59:59", "z", 2)]
)
MOMENTS = {"postgresql": "timestamp", "mariadb": "datetime(6)", "sqlite": "text"}


def filled(database: Partner) -> None:
    def said(value: object) -> str:
        return "null" if value is None else str(value) if isinstance(value, int) else f"'{value}'"

    rows = ", ".join(f"({', '.join(map(said, row))})" for row in ROWS)
    database.run(
        f"create table t (id int, at {MOMENTS[database.kind]}, k varchar(20), n int)",
        f"insert into t values {rows}",  # noqa: S608 - our own
    )


def ids(pages: list[Page]) -> list[Json]:
    found = [exact.read(raw.payload) for page in pages for raw in page.records]
    return [record["id"] for record in found if isinstance(record, dict)]


@pytest.fixture(params=[(kind, way) for kind in KINDS for way in WAYS], ids="-".join)
def table(
    request: pytest.FixtureRequest, partner: Callable[[str], Partner]
) -> Iterator[tuple[Partner, OdbcConnector | SqlConnector]]:
    kind, way = request.param
    database = partner(kind)
    filled(database)
    with closing(database.reader(way)) as connector:
        yield database, connector


def test_every_row_comes_once_whatever_it_shares_with_others_or_lacks(
    table: tuple[Partner, OdbcConnector | SqlConnector],
) -> None:
    _, connector = table
    for size in (1, 3, 4, 30):
        pages = list(connector.pages(READ | {"page_size": size}, since=None, resume=None))
        assert sorted(ids(pages)) == list(range(1, 29)), size
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        for index, page in enumerate(pages[:-1]):
            rest = list(connector.pages(READ | {"page_size": size}, since=None, resume=page.resume))
            assert ids(rest) == ids(pages[index + 1 :]), (size, index)


def test_since_a_fraction_gives_no_earlier_row_and_every_row_without_a_place(
    table: tuple[Partner, OdbcConnector | SqlConnector],
) -> None:
    database, connector = table
    since = (
        "2026-01-01 00:00:00.900000" if database.kind == "sqlite" else "2026-01-01T00:00:00.900000"
    )
    assert sorted(ids(list(connector.pages(READ, since=since, resume=None)))) == list(range(12, 29))


def test_rows_that_move_while_they_are_read_are_neither_lost_nor_the_end_of_it(
    table: tuple[Partner, OdbcConnector | SqlConnector],
) -> None:
    database, connector = table
    sweep = connector.pages(READ, since=None, resume=None)
    pages = [next(sweep), next(sweep)]
    moved = "'2026-01-01 00:00:03'"
    database.run(
        f"update t set at = {moved} where id in (1, 13, 22, 24)",  # noqa: S608 - our own
        "update t set k = 'x' where id = 21",
        "delete from t where id = 25",
    )
    pages += sweep
    assert set(ids(pages)) >= set(range(1, 29)) - {25}


def test_a_text_cursor_of_dates_is_asked_for_as_it_is_written(
    partner: Callable[[str], Partner],
) -> None:
    for kind in KINDS:
        database = partner(kind)
        database.run(
            "create table t (id int, at varchar(20), k int)",
            (
                "insert into t values (1, '20260101000000', 1), (2, '20260102000000', 1), (3, "
                "'坏', 1), (4, '', 1)"
            ),
        )
        read: dict[str, Json] = {
            "table": "t",
            "cursor": "at",
            "cursor_format": "%Y%m%d%H%M%S",
            "key": ["k"],
        }
        for way in WAYS:
            with closing(database.reader(way)) as connector:
                pages = list(connector.pages(read, since=None, resume=None))
                assert pages[-1].high == "2026-01-02T00:00:00"
                again = connector.pages(read, since=pages[-1].high, resume=None)
                assert sorted(ids(list(again))) == [2, 3]


def test_a_key_that_is_no_text_is_passed_and_the_rows_behind_it_come(
    partner: Callable[[str], Partner],
) -> None:
    database = partner("sqlite")
    database.run(
        "create table t (id int, at int, k text, n int)",
        *(f"insert into t values ({n}, 1, 'k{n}', 1)" for n in range(6)),  # noqa: S608 - our own
        "update t set k = cast(x'ff' as text) where id in (2, 3, 5)",
    )
    for way in WAYS:
        for size in (1, 2, 10):
            with closing(database.reader(way)) as connector:
                pages = list(connector.pages(READ | {"page_size": size}, since=None, resume=None))
            assert sorted(ids(pages)) == list(range(6))
            assert [raw.position for page in pages for raw in page.records].count("t k=? n=1") == 3


NAMES = (
    "项目 表",
    "select",
    'q"uo`te',
    "per%cent",
    "是否?",
    "a:b",
    "{column}",
    "x]y",
    "Ünï",
    "; drop table t; --",
)


@pytest.mark.parametrize("kind", KINDS)
def test_names_may_be_of_any_signs(partner: Callable[[str], Partner], kind: str) -> None:
    database = partner(kind)
    columns = ", ".join(f"{database.name(name)} varchar(20)" for name in NAMES)
    values = ", ".join(f"'{number}'" for number in range(len(NAMES)))
    for name in (*NAMES[:4], NAMES[-1], "two.parts"):
        where = database.name(name)
        database.run(
            f"create table {where} ({columns})",
            f"insert into {where} values ({values})",  # noqa: S608
        )
        for way in WAYS:
            table: Json = ["two.parts"] if "." in name else name
            read: dict[str, Json] = {
                "table": table,
                "cursor": NAMES[1],
                "cursor_format": "text",
                "key": list(NAMES),
            }
            with closing(database.reader(way)) as connector:
                for more in ({}, {"columns": list(NAMES)}):
                    pages = list(connector.pages(read | more, since="0", resume=None))
                    (found,) = [exact.read(raw.payload) for page in pages for raw in page.records]
                    assert found == {name: str(number) for number, name in enumerate(NAMES)}


@pytest.mark.parametrize("way", WAYS)
def test_a_schema_may_have_a_chinese_name_and_capitals(
    partner: Callable[[str], Partner], way: str
) -> None:
    database = partner("postgresql")
    database.run(
        'create schema "共享 库"', 'create table "共享 库"."XmJbxx" ("项目代码" text, "Lsh" int)'
    )
    database.run("""insert into "共享 库"."XmJbxx" values ('甲', 1)""")
    with closing(database.reader(way)) as connector:
        pages = list(
            connector.pages({"table": "共享 库.XmJbxx", "key": ["Lsh"]}, since=None, resume=None)
        )
    assert [raw.position for page in pages for raw in page.records] == ["共享 库.XmJbxx Lsh=1"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_column_that_is_not_there_is_named_with_those_that_are(
    partner: Callable[[str], Partner], kind: str, way: str
) -> None:
    database = partner(kind)
    database.run("create table t (编号 int, 名称 varchar(9))")
    with closing(database.reader(way)) as connector, pytest.raises(FlowError) as caught:
        list(connector.pages({"table": "t", "key": ["编码"]}, since=None, resume=None))
    assert caught.value.code == "system.contract"
    assert caught.value.facts["option"] == "read: t 没有列 编码 / has no column 编码 (编号, 名称)"


def cutting(
    database: sqlite3.Connection, cut: Callable[[object], object]
) -> Callable[[SelectQuery], Rows]:
    """A driver that changes what it binds."""

    asked = count()

    def ask(query: SelectQuery) -> Rows:
        assert next(asked) < 50, "the reading has no end"
        changes = 'from "t"' in query.sql
        values = [
            cut(value) if changes and isinstance(value, str) else value for value in query.values
        ]
        found = database.execute(query.sql.replace(MARK, "?"), values)
        return Rows(tuple(column[0] for column in found.description), found.fetchall())

    return ask


@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize(
    ("at", "cut"),
    [
        (
            "2026-01-01 00:00:00.00{n}",
            lambda value: str(value).partition(".")[0],
        ),  # a fraction of a second
        ("汉{n:02}", lambda value: str(value).encode("ascii", "replace").decode()),  # an encoding
        ("a{n:02}", lambda value: str(value)[:1]),  # a width
        (
            "a{n:02}",
            lambda value: "" if str(value) > "a03" else value,
        ),  # back to the beginning, and round
    ],
)
def test_a_cursor_that_does_not_move_ends_the_reading_with_an_error(
    at: str, cut: Callable[[object], object], *, resumed: bool
) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create table t (at text, k int, n int)")
        database.executemany(
            "insert into t values (?, 1, 1)", [(at.format(n=n),) for n in range(12)]
        )
        read = TableRead(table="t", cursor="at", cursor_format="text", key=("k", "n"), page_size=3)
        honest = TableReader(
            read, Dialect('"', "limit", SQLITE), cutting(database, lambda value: value), system="s"
        )
        resume = next(iter(honest.pages(since=None, resume=None))).resume if resumed else None
        reader = TableReader(
            read, Dialect('"', "limit", SQLITE), cutting(database, cut), system="s"
        )
        with pytest.raises(FlowError) as caught:
            list(reader.pages(since=None, resume=resume))
    assert caught.value.code == "system.cursor_stands"
    assert caught.value.facts == {"system": "s", "table": "t", "columns": "at, k, n"}
