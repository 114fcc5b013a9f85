"""The front-database protocol beyond the kit: insert only, once, and both rows of a change
together.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from connectors.sql_exchange import SqlExchangeConnector
from hub.errors import FlowError, TransientError
from hub.model import Connection, Json, Outgoing

Database = psycopg.Connection[tuple[object, ...]]
TABLE = """
    create table front (
        lsh bigint generated always as identity, dfsjzj varchar(50) unique, xmdm text,
            ztze numeric(6, 2),
        sjyxbs integer not null default 1, sjwxyy text, sjsczt integer not null default 0,
            sbyy text)
"""
WRITE: dict[str, Json] = {
    "table": "public.front",
    "key": "dfsjzj",
    "serial": "lsh",
    "status": {
        "column": "sjsczt",
        "pending": [0, 1],
        "accepted": [3],
        "rejected": [2],
        "reason": "sbyy",
    },
    "validity": {"column": "sjyxbs", "reason": "sjwxyy"},
}
BODY: dict[str, Json] = {"xmdm": "A", "ztze": "12.50"}


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute(TABLE)
        yield database


@pytest.fixture
def connector(empty_database_url: str, database: Database) -> Iterator[SqlExchangeConnector]:
    at = urlsplit(empty_database_url)
    options = {"client_encoding": "GBK"}
    who = Connection(
        "approval",
        "postgresql",
        "127.0.0.1",
        at.port,
        at.username or "",
        at.password or "",
        at.path,
        options,
    )
    connector = SqlExchangeConnector(who, {})
    yield connector
    connector.close()


def rows(database: Database, columns: str = "dfsjzj, sjyxbs") -> list[tuple[object, ...]]:
    # a test's own words
    return database.execute(f"select {columns} from front order by lsh").fetchall()  # noqa: S608


def test_a_change_is_the_withdrawn_copy_and_then_the_new_row(
    connector: SqlExchangeConnector, database: Database
) -> None:
    change = Outgoing("k2", "upsert", {**BODY, "xmdm": "B"}, previous=BODY, previous_key="k1")
    outcome = next(iter(connector.send(WRITE, [change])))
    assert (outcome.state, outcome.reference) == ("awaiting_receipt", "2")
    assert rows(database, "dfsjzj, sjyxbs, xmdm, sjwxyy") == [
        ("k2.0", 0, "A", "数据变更"),
        ("k2", 1, "B", None),
    ]


def test_a_key_that_is_there_already_is_not_inserted_again(
    connector: SqlExchangeConnector, database: Database
) -> None:
    items = [Outgoing("k1", "upsert", BODY), Outgoing("k1", "upsert", BODY)]
    for _ in range(2):
        assert [outcome.reference for outcome in connector.send(WRITE, items)] == ["1"]
    assert rows(database) == [("k1", 1)]


def test_a_table_lists_deliveries_in_the_order_of_keys_with_what_they_say_and_whether_they_end(
    connector: SqlExchangeConnector, database: Database
) -> None:
    change = Outgoing("a2", "upsert", {**BODY, "xmdm": "B"}, previous=BODY, previous_key="a1")
    list(
        connector.send(
            WRITE, [Outgoing("b1", "upsert", BODY), Outgoing("a1", "upsert", BODY), change]
        )
    )
    list(connector.send(WRITE, [Outgoing("a3", "withdraw", BODY, previous=BODY)]))
    found = [(one.key, one.body, one.ended) for one in connector.listed(WRITE, ["a"], ["xmdm"])]
    assert found == [
        ("a1", {"xmdm": "A"}, False),
        ("a2", {"xmdm": "B"}, False),
        ("a3", {"xmdm": "A"}, True),
    ]
    assert [one.key for one in connector.listed(WRITE, None, [])] == ["a1", "a2", "a3", "b1"]
    assert list(connector.listed(WRITE, [], [])) == []


def test_a_checkpoint_is_a_row_beside_what_it_came_with_and_comes_once(
    connector: SqlExchangeConnector, database: Database
) -> None:
    database.execute("create table ends (nummer bigint primary key, checkpoint text)")
    write = {**WRITE, "checkpoints": {"table": "public.ends", "seal": "nummer"}}
    for key, number in (("k1", 7), ("k2", 7), ("k3", 8)):
        item = Outgoing(key, "upsert", BODY, checkpoint=f'{{"seal":{number},"chain":"ab"}}')
        assert [outcome.state for outcome in connector.send(write, [item])] == ["awaiting_receipt"]
    assert database.execute("select nummer, checkpoint from ends order by 1").fetchall() == [
        (7, '{"seal":7,"chain":"ab"}'),
        (8, '{"seal":8,"chain":"ab"}'),
    ]


def test_a_refused_row_leaves_nothing_half_done_and_the_others_go(
    connector: SqlExchangeConnector, database: Database
) -> None:
    items = [
        Outgoing("k1", "upsert", {**BODY, "ztze": "约三亿"}, previous=BODY),
        Outgoing("k2", "upsert", {**BODY, "ztze": "99999.99"}),
        Outgoing("k3", "upsert", {**BODY, "xmdm": "𠮷"}),
        Outgoing("k4", "upsert", {**BODY, "xmdm": "nul\0"}),
        Outgoing("k5", "upsert", BODY),
    ]
    outcomes = {outcome.key: outcome for outcome in connector.send(WRITE, items)}
    assert {key: outcome.state for key, outcome in outcomes.items()} == {
        **dict.fromkeys(("k1", "k2", "k3", "k4"), "rejected"),
        "k5": "awaiting_receipt",
    }
    assert all(outcomes[key].text for key in ("k1", "k2", "k3", "k4"))
    assert rows(database) == [("k5", 1)]


def test_a_column_that_the_table_lacks_stops_the_flow(connector: SqlExchangeConnector) -> None:
    with pytest.raises(FlowError) as caught:
        list(connector.send(WRITE, [Outgoing("k1", "upsert", {"nowhere": "geheim"})]))
    assert caught.value.code == "system.protocol"
    assert "geheim" not in str(caught.value)


def test_a_commit_that_nobody_can_tell_of_is_unknown(
    connector: SqlExchangeConnector, database: Database
) -> None:
    database.execute("""
        create function cut() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
        create constraint trigger cut after insert on front deferrable initially deferred
           for each row execute function cut();
    """)
    assert [
        outcome.state for outcome in connector.send(WRITE, [Outgoing("k1", "upsert", BODY)])
    ] == ["unknown"]


def test_a_session_that_ends_before_the_commit_is_passing_trouble(
    connector: SqlExchangeConnector, database: Database
) -> None:
    database.execute("""
        create function cut() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
        create trigger cut after insert on front for each row execute function cut();
    """)
    with pytest.raises(TransientError):
        list(connector.send(WRITE, [Outgoing("k1", "upsert", BODY)]))
    assert rows(database) == []


def test_receipts_are_found_by_key_and_pending_rows_have_none(
    connector: SqlExchangeConnector, database: Database
) -> None:
    list(
        connector.send(
            WRITE, [Outgoing(key, "upsert", {"xmdm": key}) for key in ("a", "b", "c", "d")]
        )
    )
    database.execute("update front set sjsczt = 3 where dfsjzj = 'a'")
    database.execute("update front set sjsczt = 2, sbyy = '不对' where dfsjzj = 'b'")
    database.execute("update front set sjsczt = 1 where dfsjzj = 'c'")
    found = {
        receipt.key: (receipt.state, receipt.text)
        for receipt in connector.receipts(WRITE, ["a", "b", "c", "d", "e"])
    }
    assert found == {"a": ("accepted", ""), "b": ("rejected", "不对")}


def test_a_status_that_nobody_declared_is_unknown_of_its_row_and_the_others_count(
    connector: SqlExchangeConnector, database: Database
) -> None:
    list(connector.send(WRITE, [Outgoing(key, "upsert", {"xmdm": key}) for key in ("a", "b")]))
    database.execute("update front set sjsczt = case dfsjzj when 'a' then 7 else 3 end")
    found = {one.key: (one.state, one.code) for one in connector.receipts(WRITE, ["a", "b"])}
    assert found == {"a": ("unknown", "7"), "b": ("accepted", "3")}


def test_without_validity_nothing_can_be_withdrawn_and_without_status_a_row_is_confirmed(
    connector: SqlExchangeConnector, database: Database
) -> None:
    write: dict[str, Json] = {"table": "front", "key": "dfsjzj"}
    items = [Outgoing("k1", "upsert", BODY), Outgoing("k2", "withdraw", {}, previous=BODY)]
    assert {outcome.key: outcome.state for outcome in connector.send(write, items)} == {
        "k1": "confirmed",
        "k2": "rejected",
    }
    assert list(connector.receipts(write, ["k1"])) == []


def test_many_rows_of_many_columns_fit(connector: SqlExchangeConnector, database: Database) -> None:
    items = [Outgoing(f"k{n}", "upsert", {**BODY, "xmdm": str(n)}) for n in range(1500)]
    assert len(list(connector.send(WRITE, items))) == 1500
    assert [row[0] for row in rows(database)] == [item.key for item in items]


def test_an_exchange_is_not_read(connector: SqlExchangeConnector) -> None:
    with pytest.raises(FlowError):
        connector.pages({}, since=None, resume=None)
