"""The approval system as a real process over a real database: what it shares, how it receives, its
faults.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from tests.postgres import DatabaseServer
from tests.sandbox.process import SECRET, USER, Running, eventually, running

Connection = psycopg.Connection[tuple]
CODE = "2017-520303-84-01-062937"
GCDM = f"{CODE}-001"
PROJECT = {
    "DFSJZJ": "p1",
    "XZQHDM": "520500",
    "XMDM": CODE,
    "GCDM": GCDM,
    "XMMC": "贵安新区党武片区配套住宅项目（一期）",
    "ZTZE": 1200.5,
    "NKGSJ": date(2026, 1, 1),
    "NJCSJ": date(2027, 1, 1),
    "SJYXBS": 1,
}
DOCUMENT = {
    "DFSJZJ": "d1",
    "GCDM": GCDM,
    "SPSXSLBM": "SL1",
    "PFWH": "黔（2026）贵安新区不动产权第0000001号",
    "PFRQ": date(2026, 9, 1),
    "PFWJBT": "不动产权证书",
    "SJYXBS": 1,
}


def hub_url(owner_url: str) -> str:
    parts = urlsplit(owner_url)
    return urlunsplit(parts._replace(netloc=f"{USER}:{SECRET}@{parts.hostname}:{parts.port}"))


@pytest.fixture
def system(empty_database_url: str) -> Iterator[Running]:
    with running("approval", "--projects", "60", "--database-url", empty_database_url) as partner:
        yield partner
        partner.stop()


@dataclass(frozen=True)
class Steady:
    """A system that several tests look at, each leaving it as good as it was."""

    system: Running
    hub: Connection


@pytest.fixture(scope="module")
def steady(database_server: DatabaseServer) -> Iterator[Steady]:
    with (
        database_server.database() as url,
        running("approval", "--projects", "60", "--database-url", url) as partner,
        psycopg.connect(hub_url(url), autocommit=True) as connection,
    ):
        yield Steady(partner, connection)


@pytest.fixture
def hub(system: Running, empty_database_url: str) -> Iterator[Connection]:
    with psycopg.connect(hub_url(empty_database_url), autocommit=True) as connection:
        yield connection


def insert(hub: Connection, table: str, row: dict[str, object], **changes: object) -> None:
    row = row | changes
    query = sql.SQL("insert into receive.{} ({}) values ({})").format(
        sql.SQL(table),
        sql.SQL(", ").join(map(sql.SQL, row)),
        sql.SQL(", ").join(sql.Placeholder() for _ in row),
    )
    hub.execute(query, list(row.values()))


def standing(hub: Connection, table: str, dfsjzj: str) -> tuple[int, str | None]:
    """SJSCZT and SBYY of a row as they stand."""
    query = sql.SQL(
        "select sjsczt, sbyy from receive.{} where dfsjzj = %s order by lsh desc limit 1"
    ).format(sql.SQL(table))
    found = hub.execute(query, (dfsjzj,)).fetchone()
    assert found is not None
    return found


def outcome(hub: Connection, table: str, dfsjzj: str) -> tuple[int, str | None]:
    """SJSCZT and SBYY of a row once it is judged."""
    eventually(lambda: standing(hub, table, dfsjzj)[0] in {2, 3})
    return standing(hub, table, dfsjzj)


def rows(hub: Connection, table: str) -> list[tuple]:
    return hub.execute(
        sql.SQL("select * from share.{} order by lsh").format(sql.SQL(table))
    ).fetchall()


def test_every_table_is_shared_and_refers_to_projects_that_are_shared(steady: Steady):
    counts = steady.system.admin("shared").json()
    assert len(counts) == 20
    assert all(counts.values())
    orphans = """select count(*) from share.spgl_xmspsxblxxb i
                  where not exists (select from share.spgl_xmjbxxb p where p.xmdm = left(i.gcdm,
                      24))"""
    assert steady.hub.execute(orphans).fetchone() == (0,)


def test_malformed_projects_are_unknown_to_the_approval_system(steady: Steady):
    codes = {code for (code,) in steady.hub.execute("select xmdm from share.spgl_xmjbxxb")} - {
        "错误数据"
    }
    assert len(codes) == 48
    assert not codes & {"审核中", "驳回", "作废"}


def test_a_tick_inserts_only_a_change_being_a_withdrawn_copy_and_a_new_row(
    system: Running, hub: Connection
):
    before = rows(hub, "SPGL_SPJDXXB")
    while system.tell("tick", {}).json()["tick"] < 4:
        pass
    after = rows(hub, "SPGL_SPJDXXB")
    assert after[: len(before)] == before
    changed = """select a.sjyxbs, a.sjwxyy, b.sjyxbs, b.lsh > a.lsh, a.dfsjzj <> b.dfsjzj
    from share.spgl_spjdxxb a
                   join share.spgl_spjdxxb b on b.blspslbm = a.blspslbm and b.lsh > a.lsh
                       where a.sjyxbs = 0"""
    found = hub.execute(changed).fetchall()
    assert found
    assert set(found) == {(0, "数据变更", 1, True, True)}


def test_no_dfsjzj_is_used_twice_even_after_many_ticks(system: Running, hub: Connection):
    system.tell("tick", {"tick": 12})
    for table in system.admin("shared").json():
        query = sql.SQL("select count(*) - count(distinct dfsjzj) from share.{}").format(
            sql.SQL(table)
        )
        assert hub.execute(query).fetchone() == (0,), table


def test_a_correction_at_the_source_withdraws_the_row_and_writes_it_anew(
    system: Running, hub: Connection
):
    changes = {"resource": "SPGL_XMJBXXB", "key": CODE, "set": {"XMMC": "更名后的项目", "CD": None}}
    assert system.tell("edit", changes).status_code == 200
    found = hub.execute(
        "select sjyxbs, xmmc from share.spgl_xmjbxxb where xmdm = %s order by lsh", (CODE,)
    ).fetchall()
    assert [valid for valid, _ in found] == [1, 0, 1]
    assert found[2][1] == "更名后的项目"
    assert system.tell("edit", {**changes, "key": "nobody"}).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "update receive.spgl_xmjbxxb set sjsczt = 3",
        "delete from receive.spgl_xmjbxxb",
        "insert into share.spgl_xmjbxxb (xmdm) values ('x')",
        "select * from sandbox.fault",
    ],
)
def test_the_hub_may_read_what_is_shared_and_insert_what_is_received_and_nothing_more(
    steady: Steady, statement: str
):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        steady.hub.execute(statement)


def test_a_good_project_is_accepted_and_gets_its_lsh_from_the_receiver(
    system: Running, hub: Connection
):
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1") == (3, None)
    held = system.admin("received?resource=SPGL_XMJBXXB").json()
    assert [(one["key"], one["applied"], one["LSH"]) for one in held] == [(CODE, 1, "1")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"NJCSJ": date(2025, 1, 1)}, "拟开工时间不能晚于拟建成时间"),
        ({"ZTZE": None}, "ZTZE不能为空"),
        ({"LXLX": 7}, "LXLX取值7不在字典表中"),
        ({"XMDM": "审核中"}, "项目代码格式不正确"),
        ({"SJYXBS": 0}, "未找到可置为无效的数据"),
    ],
)
def test_a_bad_row_is_refused_with_the_reason(
    steady: Steady, change: dict[str, object], reason: str
):
    insert(steady.hub, "SPGL_XMJBXXB", PROJECT, **change)
    assert outcome(steady.hub, "SPGL_XMJBXXB", "p1") == (2, reason)


def test_all_reasons_are_given_at_once(steady: Steady):
    insert(steady.hub, "SPGL_XMJBXXB", PROJECT, XMMC="", JSXZ=9)
    assert outcome(steady.hub, "SPGL_XMJBXXB", "p1") == (2, "XMMC不能为空；JSXZ取值9不在字典表中")


def test_a_dfsjzj_serves_once_and_a_key_stands_once(hub: Connection):
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1")[0] == 3
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1") == (2, "地方数据主键重复")
    insert(hub, "SPGL_XMJBXXB", PROJECT, DFSJZJ="p2")
    assert outcome(hub, "SPGL_XMJBXXB", "p2") == (2, "已存在有效数据，请先将原数据置为无效")


def test_a_change_is_a_withdrawal_followed_by_a_new_row(system: Running, hub: Connection):
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    insert(hub, "SPGL_XMJBXXB", PROJECT, DFSJZJ="p2", SJYXBS=0, SJWXYY="数据变更")
    insert(hub, "SPGL_XMJBXXB", PROJECT, DFSJZJ="p3", XMMC="新名称")
    assert [outcome(hub, "SPGL_XMJBXXB", key)[0] for key in ("p3", "p2", "p1")] == [3, 3, 3]
    held = system.admin("received?resource=SPGL_XMJBXXB").json()
    assert [(one["XMMC"], one["applied"]) for one in held] == [("新名称", 2)]


def test_a_child_waits_until_its_parent_is_accepted(hub: Connection):
    insert(hub, "SPGL_XMSPSXPFWJXXB", DOCUMENT)
    for key in (
        "a",
        "b",
    ):  # once the second is judged, all that there was when the first came has been gone through
        insert(hub, "SPGL_XMJBXXB", PROJECT, DFSJZJ=key, XMDM="审核中")
        assert outcome(hub, "SPGL_XMJBXXB", key)[0] == 2
    assert standing(hub, "SPGL_XMSPSXPFWJXXB", "d1")[0] == 0
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1") == (3, None)
    assert outcome(hub, "SPGL_XMSPSXPFWJXXB", "d1") == (3, None)


def test_a_child_that_names_no_parent_is_refused_at_once(steady: Steady):
    insert(steady.hub, "SPGL_XMSPSXPFWJXXB", DOCUMENT, GCDM=None)
    assert outcome(steady.hub, "SPGL_XMSPSXPFWJXXB", "d1") == (2, "GCDM不能为空")


@pytest.mark.parametrize(
    "table", ["SPGL_JSGCXFSJSCXXB", "SPGL_JSGCXFYSXXB", "SPGL_JSGCXFYSBAXXB", "SPGL_XMSPSXBLXXB"]
)
def test_fire_results_and_utility_items_are_received(steady: Steady, table: str):
    insert(steady.hub, "SPGL_XMJBXXB", PROJECT)
    own = {"SPSXBM": "S1", "SPBMMC": "供电局"} if table == "SPGL_XMSPSXBLXXB" else {"GCMC": "一期"}
    own |= {"BABBH": "B1"} if table == "SPGL_JSGCXFYSBAXXB" else {}
    insert(steady.hub, table, {"DFSJZJ": "c1", "GCDM": GCDM, "SPSXSLBM": "SL9", "SJYXBS": 1}, **own)
    assert outcome(steady.hub, table, "c1") == (3, None)


@pytest.mark.parametrize(("fault", "state"), [("http_429", "53300"), ("http_500", "58030")])
def test_a_statement_fails_as_often_as_armed(steady: Steady, fault: str, state: str):
    steady.system.fault(fault, times=2, where="SPGL_XMJBXXB")
    for _ in range(2):
        with pytest.raises(psycopg.Error) as caught:
            rows(steady.hub, "SPGL_XMJBXXB")
        assert caught.value.sqlstate == state
    assert len(rows(steady.hub, "SPGL_XMDTXXB")) > 10
    assert len(rows(steady.hub, "SPGL_XMJBXXB")) >= 48


def test_a_hanging_statement_can_be_given_up(steady: Steady):
    steady.system.fault("timeout")
    steady.hub.execute("set statement_timeout = '300ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        rows(steady.hub, "SPGL_XMJBXXB")
    steady.hub.execute("reset statement_timeout")
    assert len(rows(steady.hub, "SPGL_XMJBXXB")) >= 48


def test_half_a_page_is_a_session_that_ends_while_it_reads(
    system: Running, hub: Connection, empty_database_url: str
):
    system.fault("half_page")
    with pytest.raises(psycopg.OperationalError):
        rows(hub, "SPGL_XMJBXXB")
    with psycopg.connect(hub_url(empty_database_url)) as again:
        assert len(rows(again, "SPGL_XMJBXXB")) == 48


def test_an_insert_may_be_hit_too_and_leaves_nothing(system: Running, hub: Connection):
    system.fault("http_500", where="SPGL_XMJBXXB")
    with pytest.raises(psycopg.errors.IoError):
        insert(hub, "SPGL_XMJBXXB", PROJECT)
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1")[0] == 3


def test_a_lost_answer_leaves_the_row_and_ends_the_session(
    system: Running, hub: Connection, empty_database_url: str
):
    system.fault("lost_answer", where="SPGL_XMJBXXB")
    insert(hub, "SPGL_XMJBXXB", PROJECT)

    def cut() -> bool:
        try:
            hub.execute("select 1")
        except psycopg.OperationalError:
            return True
        return False

    assert eventually(cut)
    with psycopg.connect(hub_url(empty_database_url), autocommit=True) as again:
        assert outcome(again, "SPGL_XMJBXXB", "p1")[0] == 3


def test_the_receiver_comes_back_when_the_database_has_cut_its_sessions(
    system: Running, hub: Connection, empty_database_url: str
):
    with psycopg.connect(empty_database_url, autocommit=True) as owner:
        owner.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and usename = current_user
                    and pid <> pg_backend_pid()"""
        )
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1")[0] == 3
    assert eventually(lambda: system.admin("shared").status_code == 200)


def test_a_rejected_push_is_refused_though_it_is_good(system: Running, hub: Connection):
    system.fault("rejected_push", where="SPGL_XMJBXXB")
    insert(hub, "SPGL_XMJBXXB", PROJECT)
    assert outcome(hub, "SPGL_XMJBXXB", "p1") == (2, "系统校验未通过，请联系系统管理员")


@pytest.mark.parametrize(
    ("fault", "more"),
    [("repeated_page", 20), ("equal_cursor", 40), ("malformed_record", 1), ("duplicate_key", 1)],
)
def test_faults_of_the_data_are_written_at_once(steady: Steady, fault: str, more: int):
    before = rows(steady.hub, "SPGL_XMJBXXB")
    steady.system.fault(fault)
    after = rows(steady.hub, "SPGL_XMJBXXB")
    assert after[: len(before)] == before
    assert len(after) - len(before) == more


def test_a_malformed_row_can_be_repaired_at_the_source(system: Running, hub: Connection):
    system.fault("malformed_record")
    changes = {"resource": "SPGL_XMJBXXB", "key": "错误数据", "set": {"XMDM": CODE, "GCDM": GCDM}}
    assert system.tell("edit", changes).status_code == 200
    last = hub.execute(
        "select sjyxbs, xmdm from share.spgl_xmjbxxb order by lsh desc limit 2"
    ).fetchall()
    assert last == [(1, CODE), (0, "错误数据")]


def test_everything_survives_a_restart_and_another_world_starts_anew(
    empty_database_url: str, tmp_path: Path
):
    options = ("--database-url", empty_database_url, "--state", str(tmp_path), "--projects")

    @contextmanager
    def connected() -> Iterator[Connection]:
        with psycopg.connect(hub_url(empty_database_url), autocommit=True) as connection:
            yield connection

    with running("approval", *options, "20") as system, connected() as hub:
        system.tell("tick", {"tick": 3})
        insert(hub, "SPGL_XMJBXXB", PROJECT)
        before = rows(hub, "SPGL_XMSPSXBLXXXXB")
        assert system.stop() < 2
    with running("approval", *options, "20") as system, connected() as hub:
        assert system.admin("health").json()["tick"] == 3
        assert rows(hub, "SPGL_XMSPSXBLXXXXB") == before
        assert outcome(hub, "SPGL_XMJBXXB", "p1")[0] == 3
        system.stop()
    with running("approval", *options, "10") as system:
        assert system.admin("health").json()["tick"] == 0
        assert system.admin("shared").json()["SPGL_XMJBXXB"] == 8
        system.stop()
