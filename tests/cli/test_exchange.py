"""`hub exchange`: tables that the hub hosts, with a login that can touch nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from typer.testing import CliRunner

from hub.cli import app
from hub.config import connector_schemas, contract_files
from hub.domain.exchange_tables import exchange_sql
from hub.domain.load import load
from hub.errors import FlowError
from tests.filled import HOME
from tests.postgres import DatabaseServer

SYSTEM = "civil_defence"
ROW = (
    "insert into rf.rf_sc (ywbh, xmdm, wjbh, fzrq) values"
    " ('RF-1', '2102-520502-04-01-100012', '人防审1', '2024-01-02')"
)


@pytest.fixture(scope="module")
def script() -> str:
    return exchange_sql(load(contract_files(HOME), connector_schemas(), year=2026), SYSTEM)


@pytest.fixture
def logins(
    database_server: DatabaseServer, script: str
) -> Iterator[dict[str, psycopg.Connection[tuple[object, ...]]]]:
    """Sessions of the department's program and of the hub, in the database that was made."""
    with database_server.database() as other, database_server.database() as url:
        with psycopg.connect(other, autocommit=True) as owner:
            owner.execute("create table of_the_hub (secret text)")
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(script.encode())
            for who in ("program", "hub"):
                owner.execute(f"alter role {SYSTEM}_{who} password 'x'".encode())
            info = owner.info
            where = f"host={info.host} port={info.port} dbname={info.dbname} password=x"
            opened = {
                who: psycopg.connect(f"{where} user={SYSTEM}_{who}", autocommit=True)
                for who in ("program", "hub")
            }
            yield opened
            for one in opened.values():
                one.close()
            for who in ("program", "hub"):
                owner.execute(f"drop owned by {SYSTEM}_{who}".encode())
                owner.execute(f"drop role {SYSTEM}_{who}".encode())


def test_a_row_goes_in_is_judged_and_is_new_again_when_it_is_put_right(logins) -> None:
    program, hub = logins["program"], logins["hub"]
    program.execute(ROW)
    hub.execute("update rf.rf_sc set zt = 2, cwxx = '项目代码不存在', clsj = now()")
    said = "select zt, cwxx, gxsj from rf.rf_sc"
    (before,) = program.execute(said).fetchall()
    assert before[:2] == (2, "项目代码不存在")
    program.execute("update rf.rf_sc set xmdm = '2102-520502-04-01-100013'")
    (after,) = program.execute(said).fetchall()
    assert after[0] == 0
    assert after[2] > before[2]
    hub.execute("update rf.rf_sc set zt = 1, cwxx = ''")
    assert program.execute("select gxsj from rf.rf_sc").fetchone() == (after[2],)
    hub.execute("insert into rf.in_xm (yw_key, xmdm, xmmc) values ('k', 'c', 'n')")
    program.execute("update rf.in_xm set zt = 1, cwxx = ''")


@pytest.mark.parametrize(
    ("who", "attack"),
    [
        ("program", "update rf.rf_sc set zt = 1"),
        ("program", "update rf.rf_sc set cwxx = 'x'"),
        ("program", "update rf.rf_sc set ywbh = 'x'"),
        ("program", "update rf.rf_sc set gxsj = now()"),
        ("program", "insert into rf.rf_sc (ywbh, zt) values ('x', 1)"),
        ("program", "insert into rf.rf_sc (ywbh, bsm) overriding system value values ('x', 1)"),
        ("program", "delete from rf.rf_sc"),
        ("program", "truncate rf.rf_sc"),
        ("program", "drop table rf.rf_sc"),
        ("program", "alter table rf.rf_sc disable trigger all"),
        ("program", "insert into rf.in_xm (yw_key) values ('x')"),
        ("program", "update rf.in_xm set xmdm = 'x'"),
        ("program", "create table rf.mine (a text)"),
        ("program", "create table public.mine (a text)"),
        ("program", "create temp table mine (a text)"),
        ("program", "create schema mine"),
        ("program", "create function rf.f() returns int language sql as 'select 1'"),
        ("program", "create database mine"),
        ("program", "create role mine"),
        ("program", f"set role {SYSTEM}_hub"),
        ("program", "copy rf.rf_sc to '/tmp/stolen'"),
        ("program", "copy rf.rf_sc from program 'id'"),
        ("program", "select pg_read_file('/etc/passwd')"),
        ("program", "select rolpassword from pg_authid"),
        ("hub", "update rf.rf_sc set xmdm = 'x'"),
        ("hub", "insert into rf.rf_sc (ywbh) values ('x')"),
        ("hub", "delete from rf.in_xm"),
        ("hub", "update rf.in_xm set zt = 1"),
    ],
)
def test_a_login_can_touch_nothing_else(logins, who: str, attack: str) -> None:
    logins["program"].execute(ROW)
    with pytest.raises(errors.InsufficientPrivilege):
        logins[who].execute(attack.encode())


def test_the_database_lets_nobody_else_in_and_a_system_without_tables_has_none(script: str) -> None:
    assert "revoke all on database" in script
    contracts = load(contract_files(HOME), connector_schemas(), year=2026)
    with pytest.raises(FlowError) as refused:
        exchange_sql(contracts, "eia")
    assert refused.value.code == "exchange.nothing"


def test_the_command_prints_it(script: str) -> None:
    done = CliRunner().invoke(app, ["exchange", SYSTEM])
    assert done.exit_code == 0
    assert done.output == script
