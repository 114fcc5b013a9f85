"""Values that arrive exactly or are set aside with a reason: cases met in public, and their
siblings.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from zipfile import ZipFile

import psycopg
import pytest

from connectors.files import FilesConnector
from connectors.files.shape import ReadingOptions
from connectors.files.tables import read_table
from connectors.odbc import OdbcConnector
from connectors.rest import RestConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub import exact
from hub.db import migrate
from hub.domain.contracts import Contracts
from hub.model import Connection, Outgoing
from tests.case_files import CODE, contracts_with, folder, hub_with, listed, serving, template_with
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES
from tests.postgres import DatabaseServer

REST = {"auth": {"kind": "none"}, "ping": {"resource": "list"}}


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "05", "r06") as name:
        yield name


@pytest.fixture
def hub(database_server: DatabaseServer, template: str) -> Iterator[Small]:
    with hub_with(database_server, template, "05", "r06") as made:
        yield made


def with_contracts(hub: Small, contracts: Contracts) -> Small:
    hub.contracts = contracts
    return hub


def taken_in(hub: Small, number: str, system: str, *pages: bytes, **changed: str) -> dict[str, int]:
    """Read a REST partner that gives these pages by the mapping of a case."""
    hub.contracts = contracts_with(number, system, **changed)
    with (
        serving(system, *pages) as connection,
        closing(RestConnector(connection, REST)) as connector,
    ):
        return hub.pull(f"pull.{system}.utility_connection", connector)


def read_files(hub: Small, number: str, system: str) -> dict[str, int]:
    hub.contracts = contracts_with(number, system)
    with closing(FilesConnector(folder(number, system), {})) as connector:
        return hub.pull(f"pull.{system}.utility_connection", connector)


def values(hub: Small, field: str) -> dict[str, object]:
    """Application number -> value of a field in the golden table, where its source has the same
    one.
    """
    golden = {
        row["number"]: row[field]
        for row in hub.rows(f"select number, {field} from golden.utility_connection")  # noqa: S608
    }
    source = {
        row["number"]: row[field]
        for row in hub.rows(f"select number, {field} from source.utility_connection")  # noqa: S608
    }
    assert golden == source
    return {str(name): value for name, value in golden.items()}


def reasons(hub: Small) -> dict[str, set[str]]:
    """Source key -> codes for which it was set aside."""
    rows = hub.rows("select key, faults from hub.quarantine where state = 'open'")
    return {str(row["key"]): {fault["code"] for fault in row["faults"]} for row in rows}  # type: ignore[attr-defined]


def test_05_integers_beyond_64_bits_stay_apart(hub):
    page = listed(
        {"接入编号": "@a"},
        {"接入编号": "@b"},
        {"接入编号": "@c"},
        a="520102199001011234567",
        b="520102199001011234568",
        c="9223372036854775809",
    )
    assert taken_in(hub, "05", "r06", page) == {"read": 3, "created": 3}
    assert set(values(hub, "status")) == {
        "520102199001011234567",
        "520102199001011234568",
        "9223372036854775809",
    }
    keys = {
        row["source_key"] for row in hub.rows("select source_key from source.utility_connection")
    }
    assert keys == set(values(hub, "status"))


def test_08_decimals_are_read_from_their_own_text_and_never_rounded(hub):
    page = listed(
        {"接入编号": "R20-1", "日排水量": "@a"},
        {"接入编号": "R20-2", "日排水量": "@b"},
        {"接入编号": "R20-3", "日排水量": "@c"},
        {"接入编号": "R20-4", "日排水量": " 12.50 "},
        a="1.25E1",
        b="12345678901234567.89",
        c="0.1000000000000000055",
    )
    assert taken_in(hub, "08", "r20", page) == {"read": 4, "created": 3, "quarantined": 1}
    assert values(hub, "need") == {
        "R20-1": Decimal("12.50"),
        "R20-2": Decimal("12345678901234567.89"),
        "R20-4": Decimal("12.50"),
    }
    assert reasons(hub) == {"R20-3": {"record.decimal_places"}}


@pytest.mark.parametrize(
    "number",
    ["9" * 5000, "1e999999999", "-1e-999999999", "1e400", "0." + "1" * 3000],
    ids=["5000 digits", "huge", "tiny", "beyond a float", "3000 places"],
)
def test_one_indigestible_number_costs_its_record_only(hub, number):
    page = listed({"接入编号": "A", "日排水量": "@n"}, {"接入编号": "B", "日排水量": 1}, n=number)
    assert taken_in(hub, "08", "r20", page) == {"read": 2, "created": 1, "quarantined": 1}
    assert set(values(hub, "need")) == {"B"}
    assert len(reasons(hub)) == 1


def test_nan_costs_its_record_only(hub):
    page = listed(
        {"接入编号": "A", "日排水量": "@n"},
        {"接入编号": "B", "日排水量": "@d"},
        n="NaN",
        d="12345678901234567.89",
    )
    assert taken_in(hub, "08", "r20", page) == {"read": 2, "created": 1, "quarantined": 1}
    assert values(hub, "need") == {"B": Decimal("12345678901234567.89")}


def test_a_name_that_comes_twice_in_an_object_is_set_aside(hub):
    page = listed({"接入编号": "A"}, {"接入编号": "B"}).replace(
        b'"A"', '"A", "日排水量": 1, "日排水量": 2'.encode()
    )
    assert taken_in(hub, "08", "r20", page) == {"read": 2, "created": 1, "quarantined": 1}
    assert set.union(*reasons(hub).values()) == {"record.payload_malformed"}


def test_a_number_as_identifier_is_its_own_text(hub):
    page = listed(*({"接入编号": f"@{name}"} for name in "abcd"), a="1.10", b="1.1", c="2.0", d="3")
    assert taken_in(hub, "05", "r06", page) == {"read": 4, "created": 4}
    assert set(values(hub, "status")) == {"1.10", "1.1", "2", "3"}


def test_identifiers_that_a_spreadsheet_has_damaged_are_not_merged(hub):
    page = listed(
        {"接入编号": "1.23E+17"},
        {"接入编号": "1.23E+17", "户号": "2"},
        {"接入编号": "@n"},
        n="1.23e+17",
    )
    assert taken_in(hub, "05", "r06", page) == {"read": 3, "quarantined": 3}
    assert set.union(*reasons(hub).values()) == {"record.digits_lost"}


def test_07_a_month_that_was_a_number_is_set_aside(hub):
    page = listed(
        {"接入编号": "A", "申请日期": "@a"},
        {"接入编号": "B", "申请日期": "@b"},
        {"接入编号": "C", "申请日期": "2024.1"},
        {"接入编号": "D", "申请日期": "2024.10"},
        {"接入编号": "E", "申请日期": "@e"},
        {"接入编号": "F", "申请日期": "241001"},
        a="2024.10",
        b="2024.1",
        e="20241008",
    )
    assert taken_in(hub, "08", "r20", page) == {"read": 6, "created": 2, "quarantined": 4}
    assert {name: str(day) for name, day in values(hub, "applied_on").items()} == {
        "D": "2024-10-01",
        "E": "2024-10-08",
    }
    assert reasons(hub) == {name: {"record.date_invalid"} for name in "ABCF"}


def test_09_commas_that_do_not_part_thousands_are_set_aside(hub):
    assert read_files(hub, "09", "b12") == {"read": 15, "created": 3, "quarantined": 12}
    assert values(hub, "need") == {
        "D12-1": Decimal("1234.56"),
        "D12-4": Decimal(1200),
        "D12-8": Decimal(0),
    }
    assert set.union(*reasons(hub).values()) == {"record.decimal_invalid"}


def test_07_a_bare_serial_and_a_month_as_a_number_in_a_workbook_are_set_aside(hub):
    sums = read_files(hub, "07", "x05")
    assert sums["quarantined"] == len(reasons(hub))
    days = {name: str(day) for name, day in values(hub, "applied_on").items()}
    assert not {"X05-1", "X05-2"} & set(days), "46303 and 2024.1"
    assert reasons(hub)["X05-2"] == {"record.date_invalid"}
    assert "2024-01-01" not in days.values()


def test_11_a_formula_without_a_stored_result_is_a_fault_of_its_record(hub):
    assert read_files(hub, "11", "x18") == {"read": 3, "created": 1, "quarantined": 2}
    assert values(hub, "need") == {"X18-1": Decimal("12.50")}
    assert reasons(hub) == {"X18-2": {"record.cell_unusable"}, "X18-3": {"record.cell_unusable"}}


def test_12_text_in_a_workbook_is_what_was_entered(hub):
    read_files(hub, "12", "x11")
    texts = [
        str(text) for field in ("address", "applicant") for text in values(hub, field).values()
    ]
    assert [text for text in texts if "_x" in text] == []
    assert [text for text in texts if "\r\n" in text] == ["A\r\nB"]


def test_21_a_text_that_begins_with_an_equals_sign_reaches_a_workbook_as_text(hub, tmp_path):
    contracts = contracts_with("21", "p02")
    flow = contracts.pushes["push.p02.project"]
    (tmp_path / "inbox").mkdir()
    names = [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "+1",
        "-1",
        "@SUM(A1)",
        "#DIV/0!",
        "a\r\nb",
        "_x000D_",
        " x ",
    ]
    items = [
        Outgoing(
            f"k{n}",
            "upsert",
            {"项目代码": CODE, "工程名称": name, "总投资": "12345678901234567.89", "操作": "1"},
        )
        for n, name in enumerate(names)
    ]
    with closing(
        FilesConnector(Connection("p02", "file", "", None, "", "", str(tmp_path)), {})
    ) as connector:
        assert {outcome.state for outcome in connector.send(flow.write, items)} == {"confirmed"}
    (path,) = (tmp_path / "inbox").glob("*.xlsx")
    with ZipFile(path) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    read = [
        exact.read(row.payload)
        for row in read_table(path.read_bytes(), ReadingOptions(format="xlsx")).rows
    ]
    assert [row["工程名称"] for row in read] == names
    assert {row["总投资"] for row in read} == {"12345678901234567.89"}


def test_14_an_instant_over_odbc_is_the_instant_that_the_partner_has(hub, empty_database_url):
    with psycopg.connect(empty_database_url, autocommit=True) as partner:
        partner.execute("create schema bugs")
        partner.execute(
            "create table bugs.t (xmdm text, jrbh text, sqdw text, jrdz text, rpsl numeric, zt "
            "text, gxsj timestamptz, "
            "sqrq date, lxdh text, hh text)"
        )
        partner.execute(
            "insert into bugs.t values "
            "(%s, 'G02-1', '某公司', '某路', 12.5, '受理', '2026-10-09 09:30+08', '2026-10-08')",
            (CODE,),
        )
        at = partner.info
        connection = Connection(
            "g02", "postgresql", "127.0.0.1", at.port, at.user, at.password, f"/{at.dbname}"
        )
    hub.contracts = contracts_with("14", "g02")
    with closing(OdbcConnector(connection, {"driver": "PostgreSQL Unicode"})) as connector:
        assert hub.pull("pull.g02.utility_connection", connector) == {"read": 1, "created": 1}
    assert values(hub, "status_at") == {"G02-1": datetime(2026, 10, 9, 1, 30, tzinfo=UTC)}


def test_20_a_name_that_the_partners_column_cannot_hold_is_rejected_and_the_others_go(mariadb):
    flow = contracts_with("20", "e02").pushes["push.e02.project"]
    names = ["短名", "一二三四五六七八九", "八个字的名字刚好"]
    items = [
        Outgoing(f"k{n}", "upsert", {"xmdm": CODE, "xmmc": name}) for n, name in enumerate(names)
    ]
    with (
        mariadb.database("e02") as at,
        mariadb.open(at.path[1:]) as partner,
        partner.cursor() as cursor,
    ):
        cursor.execute(
            "create table inbox (id serial, yw_key varchar(60) unique, xmdm varchar(40), xmmc "
            "varchar(8), "
            "sxbs int, zt int not null default 0, cwxx text)"
        )
        with closing(SqlExchangeConnector(at, flow.connect)) as connector:
            outcomes = {outcome.key: outcome for outcome in connector.send(flow.write, items)}
        assert [outcomes[item.key].state for item in items] == [
            "awaiting_receipt",
            "rejected",
            "awaiting_receipt",
        ]
        assert "xmmc" in outcomes["k1"].text
        cursor.execute("select xmmc from inbox order by id")
        assert [name for (name,) in cursor.fetchall()] == [names[0], names[2]]


def test_a_field_that_is_given_more_places_keeps_them_and_what_stands_there(small):
    row = {"id": 1, "at": 1, "code": CODE, "name": "桥", "money": "12.50"}
    small.pull("pull.plan.project", Source([row]))
    more = {name: text.replace('"x-scale": 2', '"x-scale": 5') for name, text in FILES.items()}
    small.contracts = contracts_of(more)
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")
    assert small.golden()[CODE]["investment"] == Decimal(125000)
    small.pull("pull.plan.project", Source([row | {"at": 2, "money": "12.123456789"}]))
    assert small.golden()[CODE]["investment"] == Decimal("121234.56789")
    none = {name: text.replace(' "x-scale": 2,', "") for name, text in FILES.items()}
    small.contracts = contracts_of(none)
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")
    small.pull("pull.plan.project", Source([row | {"at": 3, "money": "0.123456789012345678"}]))
    assert small.golden()[CODE]["investment"] == Decimal("1234.56789012345678")
    assert small.rows("select investment from shown.project where false") == []
