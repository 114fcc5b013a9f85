"""Rows of a partner's table learn their outcome, and nothing else of it changes."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from connectors.files.connector import FilesConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.errors import FlowError
from hub.model import Connection, Json, RowVerdict
from tests.connectors.databases import Partner
from tests.postgres import DatabaseServer

BACK: dict[str, Json] = {
    "table": "rf_case",
    "key": ["id"],
    "guard": {"zt": [0, None]},
    "state": {"column": "zt", "taken": 1, "waiting": 3, "refused": 2},
    "reason": "cwxx",
    "at": "clsj",
}
NOW = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 -- a partner's local time


def verdict(
    key: Json, state: int = 1, *, former: int | None = None, reason: str = ""
) -> RowVerdict:
    return RowVerdict({"id": key}, state, former, reason, NOW)


@pytest.fixture(params=["postgresql", "mariadb"])
def there(request: pytest.FixtureRequest, partner: Callable[[str], Partner]) -> Partner:
    made = partner(request.param)
    made.run(
        "create table rf_case (id varchar(20), nr varchar(20), zt integer, cwxx varchar(12),"
        " clsj timestamp null)",
        "insert into rf_case (id, nr, zt) values ('1', 'a', 0), ('2', 'b', null), ('3', 'c', 9),"
        " ('4', 'd', 2), ('5', 'e', 0), ('6', 'f', 0), ('6', 'g', 0)",
    )
    return made


def test_each_row_learns_its_outcome_and_one_that_was_changed_is_left_alone(there: Partner) -> None:
    told = [
        verdict("1"),
        verdict("2", 2, reason="项目代码不存在"),
        verdict("3"),  # the partner's clerk has put another state there
        verdict("4", 1, former=2),  # we refused it before
        verdict("5", 2, reason="这个原因比对方的列要长得多得多"),
        verdict("6"),  # two rows of one key
        verdict("7"),  # gone
    ]
    writer = there.writer()
    done = [one.state for one in writer.write_back(BACK, told)]
    assert done == ["written", "written", "overtaken", "written", "failed", "failed", "overtaken"]
    rows = there.rows("select id, zt, cwxx, nr from rf_case order by id, nr")
    assert [tuple(row) for row in rows] == [
        ("1", 1, "", "a"),
        ("2", 2, "项目代码不存在", "b"),
        ("3", 9, None, "c"),
        ("4", 1, "", "d"),
        ("5", 0, None, "e"),
        ("6", 0, None, "f"),
        ("6", 0, None, "g"),
    ]
    # at least once: the same again finds its own value and changes nothing
    again = [one.state for one in writer.write_back(BACK, told[:2])]
    assert again == ["written", "written"]
    writer.close()


def test_a_table_that_is_not_there_stops_the_flow(there: Partner) -> None:
    writer = there.writer()
    with pytest.raises(FlowError):
        list(writer.write_back(BACK | {"table": "rf_none"}, [verdict("1")]))
    writer.close()


def test_what_a_login_may_update_is_told_to_the_column(database_server: DatabaseServer) -> None:
    with database_server.database() as url, psycopg.connect(url, autocommit=True) as owner:
        owner.execute("create schema dept")
        owner.execute("create table dept.rf_case (id text, zt integer, cwxx text, clsj timestamp)")
        owner.execute("create table dept.other (id text)")
        owner.execute("drop role if exists writes_back")
        owner.execute("create role writes_back login password 'x'")
        owner.execute("grant usage on schema dept to writes_back")
        owner.execute("grant select, update (zt, cwxx, clsj) on dept.rf_case to writes_back")
        info = owner.info
        where = Connection(
            "dept", "postgresql", info.host, info.port, "writes_back", "x", f"/{info.dbname}"
        )
        writer = SqlExchangeConnector(where, {})
        mine = ["dept.rf_case.clsj", "dept.rf_case.cwxx", "dept.rf_case.zt"]
        assert writer.updatable() == mine
        owner.execute("grant update on dept.other to writes_back")
        assert writer.updatable() == ["dept.other.id", *mine]
        writer.close()
        owner.execute("drop owned by writes_back")
        owner.execute("drop role writes_back")


def test_files_lay_the_verdicts_down_beside_the_rows(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    connector = FilesConnector(Connection("w", "file", "", None, "", "", str(tmp_path)), {})
    back: dict[str, Json] = {
        "folder": "inbox",
        "name": "result",
        "encoding": "gb18030",
        "key": ["报装编号"],
        "state": {"column": "结果", "taken": "1", "waiting": "3", "refused": "0"},
        "reason": "原因",
        "at": "时间",
    }
    rows = [
        RowVerdict({"报装编号": "S-1"}, "1", None, "", NOW),
        RowVerdict({"报装编号": "S-2"}, "0", None, "项目代码格式不对", NOW),
    ]
    assert [one.state for one in connector.write_back(back, rows)] == ["written", "written"]
    (file,) = (tmp_path / "inbox").glob("result_*.csv")
    assert file.with_name(file.name + ".ok").exists()
    assert file.read_bytes().decode("gb18030").splitlines() == [
        "报装编号,结果,原因,时间",
        "S-1,1,,2026-03-01 09:30:00",
        "S-2,0,项目代码格式不对,2026-03-01 09:30:00",
    ]
    assert list(connector.write_back(back, rows))
    assert len(list((tmp_path / "inbox").glob("result_*.csv"))) == 1
