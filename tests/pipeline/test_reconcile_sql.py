"""Sources that compute checksums and targets that are tables, in a real database through the real
connectors.
"""

from collections.abc import Iterator

import psycopg
import pytest

from connectors.odbc import OdbcConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.model import Connection
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.small import FILES
from tests.pipeline.test_reconcile import DESK, PLAN, code, compared
from tests.postgres import DatabaseServer

TABLES = """
    create table plan (n bigint generated always as identity primary key, id int, code text,
        name text, money numeric,
                       at bigint, gone text, fetched timestamp default now());
    insert into plan (id, code, name, money, at)
    select i, '2405-520502-04-01-1' || lpad(i::text, 5, '0'), '项目' || i, i + 0.5, i
        from generate_series(1, 300) i;
    create table front (no bigint generated always as identity, key text, dm text, mc text,
        valid text);
"""
PULL = FILES["mappings/plan/project.pull.yaml"].replace(
    "read: {resource: projects}",
    "read: {table: plan, cursor: at, cursor_format: number, key: [n]}\nignore: [fetched]",
)
PUSH = FILES["mappings/desk/project.push.yaml"].replace(
    "{resource: projects, batch: 2}",
    "{table: front, key: key, serial: no, batch: 500, validity: {column: valid, copies: false}}",
)
SQL_FILES = FILES | {
    "mappings/plan/project.pull.yaml": PULL,
    "mappings/desk/project.push.yaml": PUSH,
}


class Watched(OdbcConnector):
    """Counts the buckets that are read."""

    read = 0

    def contents(self, read, by, chosen):  # type: ignore[no-untyped-def]
        Watched.read += len(chosen)
        return super().contents(read, by, chosen)


@pytest.fixture(scope="module")
def partner_template(database_server: DatabaseServer) -> Iterator[str]:
    with database_server.database() as url:
        with psycopg.connect(url) as database:
            database.execute(TABLES)
        yield url.rsplit("/", 1)[1]


@pytest.fixture
def partner(
    database_server: DatabaseServer, partner_template: str
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with (
        database_server.database(template=partner_template) as url,
        psycopg.connect(url, autocommit=True) as database,
    ):
        yield database


def connection(partner: psycopg.Connection[tuple[object, ...]]) -> Connection:
    at = partner.info
    return Connection("plan", "postgresql", at.host, at.port, at.user, at.password, f"/{at.dbname}")


@pytest.fixture
def plan(small: Small, partner: psycopg.Connection[tuple[object, ...]]) -> Iterator[Watched]:
    """300 rows, taken in and compared once."""
    small.contracts = contracts_of(SQL_FILES)
    source = Watched(connection(partner), {"driver": "PostgreSQL Unicode"})
    small.pull(PLAN, source)
    assert compared(small, PLAN, source) == {"same": 300}
    Watched.read = 0
    yield source
    source.close()


def test_the_second_night_reads_no_row_of_what_has_not_changed(small, partner, plan):
    partner.execute("update plan set fetched = now() + interval '1 day'")
    assert compared(small, PLAN, plan) == {"same": 300}
    assert Watched.read == 0


def test_an_edit_that_moves_no_cursor_is_found_by_its_checksum_alone(small, partner, plan):
    partner.execute("update plan set name = '悄悄改名' where id = 7")
    assert compared(small, PLAN, plan)["missing_here"] == 1
    assert Watched.read == 1
    assert small.golden()[code(7)]["name"] == "悄悄改名"
    assert compared(small, PLAN, plan) == {"same": 300}
    assert Watched.read == 1


def test_what_a_pull_has_taken_in_meanwhile_is_looked_at_once(small, partner, plan):
    partner.execute(
        "insert into plan (id, code, name, money, at) values (7, '2405-520502-04-01-100007', "
        "'新名', 1, 400)"
    )
    small.pull(PLAN, plan)
    assert compared(small, PLAN, plan) == {"same": 300, "superseded": 1}
    assert Watched.read == 1
    assert compared(small, PLAN, plan) == {"same": 301}
    assert Watched.read == 1


def test_a_row_that_is_gone_is_deleted_on_the_second_night(small, partner, plan):
    partner.execute("delete from plan where id in (8, 9)")
    for outcome in (
        {"same": 298, "missing_there": 2},
        {"same": 298, "missing_there": 2},
        {"same": 298},
    ):
        assert compared(small, PLAN, plan) == outcome
    assert {key for key, row in small.golden().items() if row["deleted_at"] is not None} == {
        code(8),
        code(9),
    }


def test_a_night_that_runs_out_of_room_goes_on_and_deletes_nothing(small, partner, plan):
    small.with_settings(reconcile_records=1, reconcile_share=1.0)
    partner.execute("delete from plan where id = 8")
    partner.execute("update plan set name = name || '改' where id > 290")
    assert "missing_there" not in compared(small, PLAN, plan)
    assert code(8) in small.golden()


def test_a_row_lost_here_is_found_though_nothing_has_changed_there(small, partner, plan):
    with psycopg.connect(small.url) as own:
        own.execute("delete from hub.head where key = '5'")
    assert compared(small, PLAN, plan)["missing_here"] == 1
    assert Watched.read == 1


def test_a_table_without_checksums_is_compared_page_by_page(small, partner, plan):
    source = OdbcConnector(connection(partner), {"driver": "PostgreSQL Unicode", "checksum": ""})
    assert compared(small, PLAN, source) == {"same": 300}
    source.close()


def test_rows_that_a_table_lost_or_holds_otherwise_go_out_again(small, partner, plan):
    desk = SqlExchangeConnector(connection(partner), {})
    small.push(DESK, desk)
    assert compared(small, DESK, desk) == {"same": 300}
    partner.execute("delete from front where dm = '2405-520502-04-01-100007'")
    partner.execute("update front set mc = '改了' where dm = '2405-520502-04-01-100008'")
    assert compared(small, DESK, desk) == {"same": 298, "lost_push": 1, "foreign_edit": 1}
    assert small.push(DESK, desk) == {"due": 2, "confirmed": 2}
    assert compared(small, DESK, desk) == {"same": 300}
    held = partner.execute(
        "select mc from front where dm like '%0007' or dm like '%0008' order by no"
    ).fetchall()
    assert held == [("改了",), ("项目7",), ("项目8",)]
    desk.close()
