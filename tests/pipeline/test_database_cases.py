"""Databases as they are: zero dates over ODBC, and refusals told in the database's own words."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.errors import FlowError
from hub.model import Outgoing
from tests.case_files import CODE, contracts_with, hub_with, template_with
from tests.connectors import databases
from tests.connectors.databases import Partner
from tests.mariadb import MariaServer
from tests.pipeline.conftest import Small
from tests.postgres import DatabaseServer

T1 = """
    create table t1 (jrbh varchar(20) primary key, xmdm varchar(40), sqdw varchar(40),
        jrdz varchar(40),
        rpsl decimal(10, 2), zt varchar(9), sqrq date, gxsj datetime, lxdh time, hh varchar(20),
            other date)
"""
ROWS = {
    "Q-1": ("2026-10-08", "2026-10-09 09:30:00", "09:30:00", "2026-01-01"),
    "Q-2": ("0000-00-00", "2026-10-09 09:30:00", "09:30:00", "2026-01-01"),
    "Q-3": ("2026-00-15", "2026-10-09 09:31:00", "09:30:00", "2026-01-01"),
    "Q-4": ("2026-10-08", "2026-10-09 09:31:00", "30:15:00", "2026-01-01"),
    "Q-5": ("2026-10-08", "2026-10-09 09:31:00", "-12:00:00", "2026-00-00"),
    "Q-6": ("2026-10-08", "0000-00-00 00:00:00", "09:30:00", "2026-01-01"),
    "Q-7": ("2026-10-08", "2026-10-09 09:32:00", "09:30:00", "0000-00-00"),
    "Q-8": ("2026-10-08", "2026-10-09 09:33:00", "09:30:00", "2026-01-01"),
}


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "29", "q01") as name:
        yield name


@pytest.fixture
def hub(database_server: DatabaseServer, template: str) -> Iterator[Small]:
    with hub_with(database_server, template, "29", "q01") as made:
        yield made


@pytest.fixture
def partner(mariadb: MariaServer) -> Iterator[Partner]:
    with databases.mariadb(mariadb) as made:
        yield made


@pytest.mark.parametrize("way", [OdbcConnector, SqlConnector])
@pytest.mark.parametrize("system", ["q01", "q06"])
def test_29_a_zero_date_or_a_long_time_costs_its_own_record_where_it_is_read(
    hub: Small, partner: Partner, system: str, way: type[OdbcConnector | SqlConnector]
) -> None:
    rows = (
        "('" + "', '".join((number, CODE, "某公司", "某路", "12.5", "受理", *cells)) + "')"
        for number, cells in ROWS.items()
    )
    columns = "jrbh, xmdm, sqdw, jrdz, rpsl, zt, sqrq, gxsj, lxdh, other"
    partner.run(T1, f"insert into t1 ({columns}) values {', '.join(rows)}")  # noqa: S608 - our own
    hub.contracts = contracts_with("29", system)
    flow = f"pull.{system}.utility_connection"
    connect = hub.contracts.pulls[flow].connect if way is OdbcConnector else partner.connect
    with closing(way(partner.where, dict(connect))) as connector:
        assert hub.pull(flow, connector) == {"read": 8, "created": 5, "quarantined": 3}
        assert hub.pull(flow, connector) == {"read": 1, "unchanged": 1}
    aside = hub.rows("select key, faults from hub.quarantine where state = 'open' order by key")
    assert [row["key"] for row in aside] == ["Q-2", "Q-3", "Q-6"]
    phones = hub.rows("select number, contact_phone from golden.utility_connection order by number")
    assert [row["contact_phone"] for row in phones] == [
        "09:30:00",
        "30:15:00",
        "-12:00:00",
        "09:30:00",
        "09:30:00",
    ]
    # A row that is put right at the partner is taken in.
    partner.run(
        "update t1 set sqrq = '2026-10-08', gxsj = '2026-10-10 00:00:00' where jrbh = 'Q-2'"
    )
    with closing(way(partner.where, dict(connect))) as connector:
        hub.pull(flow, connector)
    assert len(hub.rows("select 1 as one from hub.quarantine where state = 'open'")) == 2


def test_hub_check_takes_chinese_names_of_tables_and_columns() -> None:
    contracts = contracts_with(
        "29",
        "q06",
        **{
            "table: t1": "table: 共享 库.接入信息",
            "cursor: gxsj": "cursor: 更新时间",
            "  - hh\n": "  - 户号\n",
        },
    )
    assert contracts.pulls["pull.q06.utility_connection"].read["table"] == "共享 库.接入信息"
    assert contracts.problems == ()


INBOX = (
    "create table inbox (id integer {serial}, yw_key varchar(60) unique, xmdm varchar(40), xmmc "
    "varchar(40),"
    " sxbs int, zt int not null default 0, cwxx text{more})"
)


@pytest.fixture
def fronts(
    mariadb: MariaServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Partner]]:
    with ExitStack() as held:

        def made(system: str) -> Partner:
            if system == "e07":
                return held.enter_context(databases.sqlite(tmp_path_factory.mktemp("front")))
            return held.enter_context(databases.mariadb(mariadb))

        yield made


def sent(
    front: Partner, system: str, bodies: list[dict[str, object]]
) -> dict[str, tuple[str, str]]:
    flow = contracts_with("30", system).pushes[f"push.{system}.project"]
    # JSON
    items = [Outgoing(f"k{n}", "upsert", body) for n, body in enumerate(bodies)]  # type: ignore[arg-type]
    with closing(SqlExchangeConnector(front.where, flow.connect)) as connector:
        return {
            outcome.key: (outcome.state, outcome.text)
            for outcome in connector.send(flow.write, items)
        }


@pytest.mark.parametrize(
    ("system", "more"), [("e04", ", gjz varchar(9) not null"), ("e05", ", gjz varchar(9)")]
)
def test_30_a_column_without_default_or_unknown_stops_the_flow_and_is_not_tried_for_ever(
    fronts: Callable[[str], Partner], system: str, more: str
) -> None:
    front = fronts(system)
    front.run(INBOX.format(serial="primary key auto_increment", more=more))
    body = {"xmdm": CODE, "xmmc": "geheim"} | ({"gjz": "1", "bcz": "1"} if system == "e05" else {})
    with pytest.raises(FlowError) as caught:
        sent(front, system, [body, body])
    assert caught.value.code == "system.protocol"
    assert caught.value.facts["status"] == ("mysql 1364" if system == "e04" else "mysql 1054")
    assert "geheim" not in str(caught.value)


def test_30_a_row_that_is_there_twice_is_rejected_alone_in_the_words_of_mysql(
    fronts: Callable[[str], Partner],
) -> None:
    front = fronts("e06")
    front.run(INBOX.format(serial="primary key auto_increment", more=", gjz varchar(9) unique"))
    bodies: list[dict[str, object]] = [
        {"xmdm": CODE, "xmmc": "甲", "gjz": gjz} for gjz in ("1", "1", "2")
    ]
    found = sent(front, "e06", bodies)
    assert {key: state for key, (state, _) in found.items()} == {
        "k0": "awaiting_receipt",
        "k1": "rejected",
        "k2": "awaiting_receipt",
    }
    assert found["k1"][1] == "Duplicate entry '1' for key 'gjz'"


def test_30_a_check_of_sqlite_rejects_its_row_alone_in_its_words(
    fronts: Callable[[str], Partner],
) -> None:
    front = fronts("e07")
    front.run(INBOX.format(serial="primary key", more=", check (length(xmmc) < 4)"))
    found = sent(front, "e07", [{"xmdm": CODE, "xmmc": name} for name in ("甲", "一二三四", "乙")])
    assert [state for state, _ in found.values()] == [
        "awaiting_receipt",
        "rejected",
        "awaiting_receipt",
    ]
    assert found["k1"][1].startswith("CHECK constraint failed")


def test_30_the_hub_keeps_a_rejection_with_its_words_and_the_corrected_version_goes_out(
    hub: Small, fronts: Callable[[str], Partner]
) -> None:
    front = fronts("e07")
    front.run(INBOX.format(serial="primary key", more=", check (xmmc <> '某项目')"))
    hub.contracts = contracts_with("30", "e07")
    flow = hub.contracts.pushes["push.e07.project"]
    with closing(SqlExchangeConnector(front.where, flow.connect)) as connector:
        assert hub.push(flow.name, connector) == {"due": 1, "rejected": 1}
    (delivery,) = hub.rows(f"select state from hub.delivery where flow = '{flow.name}'")  # noqa: S608 - our own
    assert delivery == {"state": "rejected"}
