"""The registry as a running process, read by psqlODBC in GBK as the hub reads it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pyodbc
import pytest

from sandbox.world import World
from tests.postgres import DatabaseServer
from tests.sandbox_processes import SECRET, PartnerProcess, running_partner

LOGIN = "hub_reads_registry"  # roles belong to the whole server, which other tests use too

CODE = "2017-520303-84-01-062937"
WAIT_SECONDS = 10
PERMIT = {
    "yw_key": "p-1",
    "xmdm": CODE,
    "zjlx": "施工许可证",
    "zjbh": "520303202601",
    "fzrq": "20260102",
    "sxbs": "1",
}
FILING = {
    "yw_key": "f-1",
    "xmdm": CODE,
    "bah": "竣备1",
    "barq": "20260102",
    "jsdw": "甲公司",
    "sxbs": "1",
}


class Hub:
    """The hub's login at the registry."""

    def __init__(self, server: DatabaseServer, database: str) -> None:
        self.address = (
            f"DRIVER={{PostgreSQL "
            f"ANSI}};SERVER=127.0.0.1;PORT={server.cluster.port};DATABASE={database};"
            f"UID={LOGIN};PWD={SECRET};ConnSettings=set client_encoding to 'GBK'"
        )

    def open(self) -> pyodbc.Connection:
        connection = pyodbc.connect(self.address, autocommit=True)
        connection.setdecoding(pyodbc.SQL_CHAR, "gb18030")
        connection.setencoding("gb18030")
        return connection

    def rows(self, statement: str, *values: object) -> list[dict[str, object]]:
        connection = self.open()
        try:
            cursor = connection.execute(statement, *values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            connection.close()

    def insert(self, inbox: str, row: dict[str, object]) -> None:
        connection = self.open()
        try:
            marks = ", ".join("?" * len(row))
            connection.execute(
                f"insert into djk.{inbox} ({', '.join(row)}) values ({marks})",  # noqa: S608
                *row.values(),
            )
        finally:
            connection.close()

    def verdict(self, inbox: str, row: dict[str, object]) -> tuple[object, object]:
        """Give a row to the registry and wait for what it says."""
        self.insert(inbox, row)
        question = f"select zt, cwxx from djk.{inbox} where yw_key = ? and zt <> 0"  # noqa: S608
        [said] = until(lambda: self.rows(question, row["yw_key"]))
        return said["zt"], said["cwxx"]


def until(look: Callable[[], list[dict[str, object]]]) -> list[dict[str, object]]:
    """Look until there is something."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def database(database_server: DatabaseServer) -> Iterator[str]:
    """An own role and database, as the supervisor makes them: no superuser."""
    with psycopg.connect(database_server.cluster.url(), autocommit=True) as db:
        db.execute("create role registry_owner login createrole password 'owner'")
        db.execute("create database registry_test owner registry_owner")
    yield f"postgresql://registry_owner:owner@127.0.0.1:{database_server.cluster.port}/registry_test"
    with psycopg.connect(database_server.cluster.url(), autocommit=True) as db:
        db.execute("drop database registry_test with (force)")
        db.execute(f"drop role {LOGIN}")
        db.execute("drop role registry_owner")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def process(database: str, state: Path) -> Iterator[PartnerProcess]:
    with running_partner("registry", state=state, database_url=database, user=LOGIN) as partner:
        yield partner


@pytest.fixture
def partner(process: PartnerProcess) -> Iterator[PartnerProcess]:
    yield process
    process.disarm()


@pytest.fixture
def hub(partner: PartnerProcess, database_server: DatabaseServer) -> Hub:
    return Hub(database_server, "registry_test")


def test_one_row_in_ten_carries_a_code_and_most_others_name_a_permit(hub):
    rows = hub.rows("select xmdm, ydghxkzh from djk.ktt_zdjbxx")
    coded = [row for row in rows if row["xmdm"]]
    named = [row for row in rows if row["ydghxkzh"] and not row["xmdm"]]
    assert 0.05 < len(coded) / len(rows) < 0.2
    assert 0.4 < len(named) / len(rows) < 0.75


def test_codes_belong_to_the_world(hub):
    world = World(seed=7)
    codes = {world.code(index) for index in range(world.size)}
    assert {
        row["xmdm"] for row in hub.rows("select xmdm from djk.ktt_zdjbxx where xmdm is not null")
    } <= codes


def test_a_parcel_says_its_unit_of_area(hub):
    world, factor = World(seed=7), {"1": 1, "2": 2000 / 3, "3": 10_000}
    lives = [world.life(index, tick=0) for index in range(world.size)]
    areas = {parcel.number: float(parcel.area) for life in lives for parcel in life.parcels}
    rows = hub.rows("select zddm, zdmj, mjdw from djk.ktt_zdjbxx")
    assert {row["mjdw"] for row in rows} == {"1", "2", "3"}
    assert all(
        float(row["zdmj"]) * factor[row["mjdw"]] == pytest.approx(areas[row["zddm"]], abs=1)
        for row in rows
    )


def test_unit_numbers_are_written_in_groups_and_certificates_with_both_brackets(hub):
    rows = hub.rows("select bdcdyh, bdcqzh from djk.qlt_fw_fdcq_yz")
    assert all([len(group) for group in row["bdcdyh"].split()] == [6, 3, 3, 7, 9] for row in rows)
    assert {row["bdcqzh"][1] for row in rows} == {"(", "（"}


@pytest.mark.parametrize(
    "statement",
    [
        "update djk.ktt_zdjbxx set zl = ''",
        "delete from djk.qlt_fw_fdcq_yz",
        "insert into djk.ktt_zdjbxx (bsm) values (1)",
        "update djk.inbox_permit set zt = 1",
        "delete from djk.inbox_filing",
    ],
)
def test_the_hub_may_read_and_insert_into_inboxes_only(hub, statement):
    with pytest.raises(pyodbc.ProgrammingError, match="42501"):
        hub.open().execute(statement)


def test_a_key_can_be_given_once_only(partner, hub):
    assert hub.verdict("inbox_permit", PERMIT) == (1, None)
    with pytest.raises(pyodbc.IntegrityError, match="23505"):
        hub.insert("inbox_permit", PERMIT)
    assert [
        one["applied"] for one in partner.received("permits") if one["key"] == PERMIT["zjbh"]
    ] == [1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"jsdw": None}, "字段jsdw不能为空"),
        ({"barq": "2026-01-02"}, "字段barq不是yyyyMMdd格式的日期"),
        ({"xmdm": "作废"}, "项目代码格式不正确"),
        ({"sxbs": "7"}, "失效标识sxbs只能为0或1"),
        ({"sxbs": "0", "bah": "never"}, "无可撤回的记录（bah）"),
    ],
)
def test_a_bad_filing_is_refused_in_the_registrys_own_words(hub, change, reason):
    assert hub.verdict("inbox_filing", {**FILING, "yw_key": reason, **change}) == (9, reason)


def test_a_withdrawn_filing_no_longer_counts(partner, hub):
    hub.verdict("inbox_filing", {**FILING, "yw_key": "f-2", "bah": "竣备2"})
    assert hub.verdict(
        "inbox_filing", {**FILING, "yw_key": "f-3", "bah": "竣备2", "sxbs": "0"}
    ) == (1, None)
    [held] = [one for one in partner.received("filings") if one["key"] == "竣备2"]
    assert (held["valid"], held["applied"]) == (False, 2)


def test_a_delivered_permit_lends_its_code_to_the_rows_that_name_it_at_the_next_tick(partner, hub):
    named = (
        "select zddm, ydghxkzh, xmdm, gxsj from djk.ktt_zdjbxx where ydghxkzh is not null and "
        "xmdm is null"
    )
    target = hub.rows(named)[0]
    permit = {**PERMIT, "yw_key": "p-9", "zjbh": target["ydghxkzh"], "xmdm": CODE}
    assert hub.verdict("inbox_permit", permit) == (1, None)
    partner.tick()
    [after] = hub.rows("select xmdm, gxsj from djk.ktt_zdjbxx where zddm = ?", target["zddm"])
    assert (after["xmdm"], after["gxsj"] > target["gxsj"]) == (CODE, True)


def test_a_tick_touches_only_what_has_changed(partner, hub):
    [before] = hub.rows("select max(gxsj) as last, count(*) as all_rows from djk.qlt_fw_fdcq_yz")
    partner.tick()
    changed = hub.rows("select ywh from djk.qlt_fw_fdcq_yz where gxsj > ?", before["last"])
    assert len(changed) < before["all_rows"] / 4


def test_a_correction_at_the_source_outlives_the_next_tick(partner, hub):
    [before] = hub.rows("select zddm, gxsj from djk.ktt_zdjbxx order by gxsj limit 1")
    partner.edit("parcels", before["zddm"], {"zl": "改正后的坐落"})
    [edited] = hub.rows("select zl, gxsj from djk.ktt_zdjbxx where zddm = ?", before["zddm"])
    partner.tick()
    [after] = hub.rows("select zl, gxsj from djk.ktt_zdjbxx where zddm = ?", before["zddm"])
    assert (edited["zl"], edited["gxsj"] > before["gxsj"], after) == ("改正后的坐落", True, edited)


def test_the_registry_goes_on_after_its_own_sessions_were_ended(hub, database_server):
    with psycopg.connect(database_server.cluster.url(), autocommit=True) as db:
        db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = "
            "'registry_owner'"
        )
    assert hub.verdict("inbox_permit", {**PERMIT, "yw_key": "p-later"}) == (1, None)


class TestFaults:
    def test_no_more_sessions(self, partner, hub):
        partner.arm("http_429", times=3)
        with pytest.raises(pyodbc.Error):
            until(lambda: hub.rows("select 1 as one where false"))
        partner.disarm()
        assert until(lambda: self.tried(hub))

    def tried(self, hub: Hub) -> list[dict[str, object]]:
        try:
            return hub.rows("select 1 as one")
        except pyodbc.Error:
            return []

    def test_sessions_are_ended(self, partner, hub):
        connection = hub.open()
        partner.arm("http_500")
        with pytest.raises(pyodbc.Error):
            until(lambda: connection.execute("select 1 where false").fetchall())

    def test_a_session_is_ended_in_the_middle_of_a_transaction(self, partner, hub):
        connection = hub.open()
        connection.autocommit = False
        connection.execute("select * from djk.qlt_fw_fdcq_yz").fetchone()
        partner.arm("half_page")
        with pytest.raises(pyodbc.Error):
            until(lambda: connection.execute("select 1 where false").fetchall())
        assert partner.ask("faults") == []

    def test_reads_hang(self, partner, hub):
        partner.arm("timeout", times=4)
        connection = hub.open()
        connection.execute("set statement_timeout = 300")
        with pytest.raises(pyodbc.Error, match="57014"):
            until(
                lambda: connection.execute(
                    "select 1 from djk.qlt_fw_fdcq_yz where false"
                ).fetchall()
            )

    def test_rows_come_again_unchanged(self, partner, hub):
        before = hub.rows("select ywh, qlrmc from djk.qlt_fw_fdcq_yz")
        [last] = hub.rows("select max(gxsj) as gxsj from djk.qlt_fw_fdcq_yz")
        partner.arm("repeated_page", where="rights")
        again = until(
            lambda: hub.rows("select * from djk.qlt_fw_fdcq_yz where gxsj > ?", last["gxsj"])
        )
        assert len(again) == 50
        assert all({"ywh": row["ywh"], "qlrmc": row["qlrmc"]} in before for row in again)

    def test_one_update_time_for_all(self, partner, hub):
        partner.arm("equal_cursor", where="parcels")
        times = (
            "select count(distinct gxsj) as times from djk.ktt_zdjbxx having count(distinct "
            "gxsj) = 1"
        )
        assert until(lambda: hub.rows(times))

    def test_a_malformed_record_is_whole_again_after_a_tick(self, partner, hub):
        partner.arm("malformed_record", where="rights")
        spoilt = "select ywh from djk.qlt_fw_fdcq_yz where djsj = '20241345'"
        assert len(until(lambda: hub.rows(spoilt))) == 1
        partner.tick()
        assert hub.rows(spoilt) == []

    def test_a_key_twice(self, partner, hub):
        partner.arm("duplicate_key", where="rights")
        twice = (
            "select ywh, bdcdyh from djk.qlt_fw_fdcq_yz group by ywh, bdcdyh having "
            "count(distinct xmmc) = 2"
        )
        assert len(until(lambda: hub.rows(twice))) == 1

    def test_a_refused_push_is_taken_under_a_new_key(self, partner, hub):
        partner.arm("rejected_push", where="permits")
        assert hub.verdict("inbox_permit", {**PERMIT, "yw_key": "p-77"})[0] == 9
        assert hub.verdict("inbox_permit", {**PERMIT, "yw_key": "p-78"})[0] == 1

    def test_a_lost_answer_is_applied_and_ends_the_session(self, partner, hub):
        connection = hub.open()
        partner.arm("lost_answer")
        connection.execute("insert into djk.inbox_permit (yw_key) values ('p-lost')")
        with pytest.raises(pyodbc.Error):
            until(lambda: connection.execute("select 1 where false").fetchall())
        assert until(
            lambda: hub.rows(
                "select 1 as one from djk.inbox_permit where yw_key = 'p-lost' and zt = 9"
            )
        )

    def test_a_rare_character_breaks_a_read_in_gbk_until_the_next_tick(self, partner, hub):
        partner.arm("rare_character", where="rights")
        with pytest.raises(pyodbc.Error, match="22P05"):
            until(lambda: hub.rows("select xmmc from djk.qlt_fw_fdcq_yz") and [])
        partner.tick()
        assert hub.rows("select xmmc from djk.qlt_fw_fdcq_yz")
