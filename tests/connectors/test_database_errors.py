"""What databases say when something is wrong, and what that means: by driver, and nothing of it
raw.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.dialects import registry

from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from connectors.sqlstate import Failure, meant, number_of, translated
from hub.contract import Connector
from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection, Json, Outgoing
from tests.connectors.databases import KINDS, WAYS, Partner
from tests.connectors.raising_driver import RAISED
from tests.ports import reserve_port

PERMANENT = {"credentials": "system.credentials", "protocol": "system.protocol"}
PASSING = {
    "busy": "system.busy",
    "timeout": "system.timeout",
    "refused": "system.refused_connection",
    "unavailable": "system.unavailable",
}


@pytest.mark.parametrize(
    ("numbers", "meaning"),
    [
        ((1044, 1045, 1142, 1143, 1227, 1698), "credentials"),
        ((1040, 1205, 1213, 1203, 1226), "busy"),
        ((3024, 1969, 1317), "timeout"),
        ((2002, 2003, 2006, 2013, 1053, 1158, 1927), "unavailable"),
        ((1049, 1054, 1064, 1146, 1305, 1364, 1356), "protocol"),
        ((1048, 1062, 1264, 1265, 1292, 1366, 1406, 1452, 1690, 1644, 3819, 4025, 1153), "values"),
    ],
)
@pytest.mark.parametrize("state", ["", "HY000", "42000", "08001", "23000"])
def test_numbers_of_mysql_decide_whatever_class_or_state_the_driver_gives(
    numbers: tuple[int, ...], meaning: str, state: str
) -> None:
    for words in ("", "Duplicate entry 'access denied, connection refused, timeout' for key 'x'"):
        found = {
            meant(Failure(state, number, words.replace("refused", "-"), "mysql"))
            for number in numbers
        }
        assert found == {meaning}


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (sqlite3.SQLITE_BUSY, "busy"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "busy"),
        (sqlite3.SQLITE_LOCKED, "busy"),
        (sqlite3.SQLITE_FULL, "busy"),
        (sqlite3.SQLITE_IOERR_READ, "unavailable"),
        (sqlite3.SQLITE_READONLY, "credentials"),
        (sqlite3.SQLITE_PERM, "credentials"),
        (sqlite3.SQLITE_ERROR, "protocol"),
        (sqlite3.SQLITE_CANTOPEN, "protocol"),
        (sqlite3.SQLITE_CORRUPT, "protocol"),
        (sqlite3.SQLITE_NOTADB, "protocol"),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, "values"),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "values"),
        (sqlite3.SQLITE_MISMATCH, "values"),
        (sqlite3.SQLITE_TOOBIG, "values"),
    ],
)
def test_result_codes_of_sqlite_decide(code: int, meaning: str) -> None:
    assert meant(Failure("08001", code, "database is locked", "sqlite")) == meaning


@pytest.mark.parametrize(
    ("state", "words", "meaning"),
    [
        ("22001", "", "values"),
        ("23505", "Key (name)=(connection refused, access denied)", "values"),
        ("P0001", "金额不能为负", "values"),
        ("44000", "", "values"),
        ("42501", "", "credentials"),
        ("28P01", "", "credentials"),
        ("42P01", "", "protocol"),
        ("3D000", "", "protocol"),
        ("40P01", "", "busy"),
        ("55P03", "", "busy"),
        ("57014", "", "timeout"),
        ("57P01", "", "unavailable"),
        ("08001", 'FATAL:  password authentication failed for user "x"', "credentials"),
        ("08001", 'FATAL:  database "x" does not exist', "protocol"),
        ("08001", 'FATAL:  role "x" does not exist', "credentials"),
        ("08001", "Connection refused", "refused"),
        ("08001", "connection timeout expired", "timeout"),
        ("08001", "could not translate host name", "unavailable"),
        ("HY000", "whatever", "protocol"),
    ],
)
def test_states_decide_and_words_only_where_a_state_says_nothing(
    state: str, words: str, meaning: str
) -> None:
    assert meant(Failure(state, None, words, "postgresql")) == meaning


def test_odbc_says_the_number_of_the_database_at_the_end() -> None:
    assert (
        number_of("[42S02] [ma-3.1.15][10.11]Table 'x.nix' doesn't exist (1146) (SQLExecDirectW)")
        == 1146
    )
    assert number_of("[HY000] [SQLite]no such table: nix (1) (1) (SQLExecDirectW)") == 1
    assert number_of("[08001] connection refused (SQLDriverConnect)") is None


def test_what_a_driver_says_is_never_passed_on() -> None:
    for meaning_code, number in (
        ("system.protocol", 1146),
        ("system.busy", 1213),
        ("system.credentials", 1045),
    ):
        error = translated(
            Failure("HY000", number, "Duplicate entry 'geheim'", "mysql"), system="partner"
        )
        assert error.code == meaning_code
        assert error.facts["status"] == f"mysql {number}"
        assert "geheim" not in str(error)


def told(ask: Callable[[], object]) -> HubError:
    with pytest.raises(HubError) as caught:
        ask()
    return caught.value


@pytest.fixture(params=[(kind, way) for kind in KINDS for way in (*WAYS, "writing")], ids="-".join)
def reach(
    request: pytest.FixtureRequest, partner: Callable[[str], Partner]
) -> tuple[Partner, Callable[[Partner], Connector]]:
    kind, way = request.param
    return partner(kind), lambda there: there.writer() if way == "writing" else there.reader(way)


def test_ping_tells_a_wrong_secret_a_wrong_database_and_a_server_that_is_away_apart(
    reach: tuple[Partner, Callable[[Partner], Connector]],
) -> None:
    partner, connect = reach
    assert connect(partner).ping().endswith("OK")
    where = partner.where
    if partner.kind == "sqlite":
        error = told(
            connect(replace(partner, where=replace(where, path=f"{where.path}.nowhere"))).ping
        )
        assert (type(error), error.code) == (FlowError, "system.protocol")
        assert not Path(f"{where.path}.nowhere").exists()
        return
    secret = told(connect(replace(partner, where=replace(where, secret="falsch-geheim"))).ping)  # noqa: S106
    database = told(connect(replace(partner, where=replace(where, path="/nowhere"))).ping)
    away = told(connect(replace(partner, where=replace(where, port=reserve_port()))).ping)
    assert (type(secret), secret.code) == (FlowError, "system.credentials")
    assert (type(database), database.code) == (FlowError, "system.protocol")
    assert isinstance(away, TransientError)
    assert away.code in {"system.refused_connection", "system.unavailable"}
    assert "geheim" not in f"{secret}{database}{away}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_is_not_there_stops_the_flow(
    partner: Callable[[str], Partner], kind: str, way: str
) -> None:
    with closing(partner(kind).reader(way)) as connector:
        error = told(
            lambda: list(connector.pages({"table": "无", "key": ["k"]}, since=None, resume=None))
        )
    assert (type(error), error.code) == (FlowError, "system.protocol")


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_no_sqlite_database_stops_the_flow(tmp_path: Path, way: str) -> None:
    file = tmp_path / "text.db"
    file.write_text("这不是数据库 " * 200, encoding="utf-8")
    where = Connection("partner", "sqlite", "", None, "", "", str(file))
    kind, connect = (
        (OdbcConnector, {"driver": "SQLite3"})
        if way == "odbc"
        else (SqlConnector, {"driver": "sqlite"})
    )
    with closing(kind(where, connect)) as connector:  # type: ignore[arg-type] # JSON
        error = told(
            lambda: list(connector.pages({"table": "t", "key": ["k"]}, since=None, resume=None))
        )
    assert (type(error), error.code) == (FlowError, "system.protocol")


@pytest.mark.parametrize(
    ("raised", "kind", "code"),
    [
        (
            TypeError("connect() got an unexpected keyword argument 'geheim'"),
            FlowError,
            "system.protocol",
        ),
        (RuntimeError("'cryptography' package is required: geheim"), FlowError, "system.protocol"),
        (OSError("geheim"), TransientError, "system.unavailable"),
        (EOFError("geheim"), TransientError, "system.unavailable"),
        (TimeoutError("geheim"), TransientError, "system.timeout"),
        (ImportError("geheim", name="gssapi"), FlowError, "system.driver_missing"),
        (AssertionError("geheim"), FlowError, "system.protocol"),
    ],
)
def test_what_a_driver_raises_past_sqlalchemy_comes_out_translated_in_ping_too(
    tmp_path: Path, raised: Exception, kind: type[HubError], code: str
) -> None:
    RAISED.append(raised)
    registry.register("sqlite.raising", "tests.connectors.raising_driver", "RaisingDialect")
    (tmp_path / "x.db").touch()
    where = Connection("partner", "sqlite", "", None, "", "", str(tmp_path / "x.db"))
    for connector in (SqlConnector, SqlExchangeConnector):
        made = connector(where, {"driver": "sqlite+raising"})
        for ask in (made.ping, partial(used, made)):
            error = told(ask)
            assert (type(error), error.code) == (kind, code)
            assert "geheim" not in str(error)


def used(connector: SqlConnector | SqlExchangeConnector) -> object:
    """Read or write one row."""
    if isinstance(connector, SqlConnector):
        return list(connector.pages({"table": "t", "key": ["k"]}, since=None, resume=None))
    return list(connector.send({"table": "t", "key": "k"}, [Outgoing("k", "upsert", {"x": "1"})]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"a": "1", "b": None}, "b"),  # not null
        ({"a": "2", "b": "x"}, "uni|Duplicate|UNIQUE"),  # twice
        ({"a": "3", "b": "-"}, "check|CHECK|CONSTRAINT"),
        ({"a": "4", "b": "z", "n": "1000000.5"}, "n|overflow|range"),
        ({"a": "5", "b": "w", "n": "abc"}, "n|numeric|decimal|Incorrect|otherwise"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_alone_in_the_words_of_the_database(
    partner: Callable[[str], Partner], kind: str, bad: dict[str, Json], words: str
) -> None:
    database = partner(kind)
    database.run(
        "create table inbox (k varchar(20) unique, a varchar(9), b varchar(9) not null unique, n "
        "decimal(6, 2),"
        " constraint no_dash check (b <> '-'))"
    )
    write: dict[str, Json] = {"table": "inbox", "key": "k"}
    good = [{"a": str(n), "b": value, "n": "1.50"} for n, value in enumerate("xyv")]
    # JSON
    items = [Outgoing(f"k{n}", "upsert", body) for n, body in enumerate([*good, bad])]  # type: ignore[arg-type]
    with closing(database.writer()) as connector:
        found = {outcome.key: outcome for outcome in connector.send(write, items)}
    if kind == "sqlite" and "n" in bad:  # its types are no rules: what was sent stands there
        assert [outcome.state for outcome in found.values()] == ["confirmed"] * 4
        return
    assert [found[f"k{n}"].state for n in range(4)] == ["confirmed"] * 3 + ["rejected"]
    assert found["k3"].code == "database"
    assert any(word in found["k3"].text for word in words.split("|")), found["k3"].text
    assert len(database.rows("select k from inbox")) == 3


def test_a_triggers_own_words_reject_a_row(partner: Callable[[str], Partner]) -> None:
    triggers = {
        "postgresql": (
            """create function no() returns trigger language plpgsql as $$
            begin if new.a = '坏' then raise exception '金额不能为负'; end if; return new; end $$""",
            "create trigger no before insert on inbox for each row execute function no()",
        ),
        "mariadb": (
            """create trigger no before insert on inbox for each row
            if new.a = '坏' then signal sqlstate '45000' set message_text = '金额不能为负'; end if""",
        ),
        "sqlite": (
            (
                "create trigger no before insert on inbox when new.a = '坏' begin select "
                "raise(abort, '金额不能为负'); end"
            ),
        ),
    }
    for kind in KINDS:
        database = partner(kind)
        database.run("create table inbox (k varchar(20), a varchar(9))", *triggers[kind])
        items = [Outgoing("k0", "upsert", {"a": "好"}), Outgoing("k1", "upsert", {"a": "坏"})]
        with closing(database.writer()) as connector:
            found = {
                outcome.key: outcome
                for outcome in connector.send({"table": "inbox", "key": "k"}, items)
            }
        assert [found[key].state for key in ("k0", "k1")] == ["confirmed", "rejected"]
        assert found["k1"].text == "金额不能为负"
