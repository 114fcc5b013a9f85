"""Sources that change their shape, as met in public: cases 01, 03 and 04, by the connectors that
read them.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from connectors.files import FilesConnector
from connectors.rest import RestConnector
from connectors.soap import SoapConnector
from connectors.sql import SqlConnector
from hub.errors import FlowError, HeldError
from hub.model import Connection
from hub.services import held as holding
from hub.services.held import HeldView
from tests.case_files import CASES, CODE, contracts_with, hub_with, listed, serving, template_with
from tests.contexts import asking
from tests.pipeline.conftest import Small
from tests.pipeline.test_held_batches import accept, kinds
from tests.postgres import DatabaseServer

REST = {"auth": {"kind": "none"}, "ping": {"resource": "list"}}
FLOW = "pull.{}.utility_connection"


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "01", "b16") as name:
        yield name


@pytest.fixture
def hub(database_server: DatabaseServer, template: str) -> Iterator[Small]:
    with hub_with(database_server, template, "01", "b16") as made:
        yield made


def files(
    hub: Small, number: str, system: str, outbox: Path, *names: str, **changed: str
) -> dict[str, int]:
    """Read a folder that holds these files of a case."""
    hub.contracts = contracts_with(number, system, **changed)
    (outbox / "outbox").mkdir(exist_ok=True)
    for name in names:
        for each in (name, f"{name}.ok"):
            content = (CASES / number / "input" / system / "outbox" / each).read_bytes()
            (outbox / "outbox" / each).write_bytes(content)
    where = Connection(system, "file", "", None, "", "", str(outbox))
    with closing(FilesConnector(where, {})) as connector:
        return hub.pull(FLOW.format(system), connector)


def held(hub: Small) -> list[HeldView]:
    return holding.listed(asking(hub))


def values(hub: Small, field: str) -> set[object]:
    rows = hub.rows(f"select {field} from golden.utility_connection where deleted_at is null")  # noqa: S608
    return {row[field] for row in rows}


def test_case_01_columns_renamed_in_a_csv_of_two_records_hold_the_file(hub: Small, tmp_path: Path):
    assert files(hub, "01", "b16", tmp_path, "d_1.csv") == {"read": 2, "created": 2}
    with pytest.raises(HeldError):
        files(hub, "01", "b16", tmp_path, "d_2.csv")
    (view,) = held(hub)
    assert (view.parts, view.held) == (["d_2.csv"], 2)
    assert {("gone", "申请单位"), ("gone", "接入地址")} <= set(kinds(view))
    assert (values(hub, "applicant"), values(hub, "address")) == ({"测试单位"}, {"城南路1号"})


def test_case_01_both_files_in_one_run_hold_the_second_alone(hub: Small, tmp_path: Path):
    with pytest.raises(HeldError):
        files(hub, "01", "b16", tmp_path, "d_1.csv", "d_2.csv")
    assert [view.parts for view in held(hub)] == [["d_2.csv"]]
    assert values(hub, "applicant") == {"测试单位"}


def test_case_01_keys_renamed_in_json_hold_the_list(hub: Small):
    def read(*records: dict[str, object]) -> dict[str, int]:
        hub.contracts = contracts_with("01", "r23")
        with (
            serving("r23", listed(*records)) as where,
            closing(RestConnector(where, REST)) as connector,
        ):
            return hub.pull(FLOW.format("r23"), connector)

    first: list[dict[str, object]] = [{"接入编号": f"R23-{n}"} for n in range(1, 80)]
    assert read(*first) == {"read": 79, "created": 79}
    text = listed(*(one | {"更新时间": "2026-10-10 00:00:00"} for one in first)).decode()
    renamed = text.replace("申请单位", "申请单位名称").replace("接入地址", "地址").encode()
    with (
        pytest.raises(HeldError),
        serving("r23", renamed) as where,
        closing(RestConnector(where, REST)) as connector,
    ):
        hub.pull(FLOW.format("r23"), connector)
    (view,) = held(hub)
    assert (view.read, view.held) == (79, 79)
    assert kinds(view) == [("gone", "申请单位"), ("gone", "接入地址")]
    assert values(hub, "address") == {"某路 1 号"}
    assert values(hub, "applicant") == {"某公司"}


def test_an_empty_list_over_rest_after_a_hundred_records_is_held(hub: Small):
    hub.contracts = contracts_with("01", "r23")

    def read(*pages: bytes) -> dict[str, int]:
        with serving("r23", *pages) as where, closing(RestConnector(where, REST)) as connector:
            return hub.pull(FLOW.format("r23"), connector)

    assert read(listed(*({"接入编号": f"R23-{n}"} for n in range(100)))) == {
        "read": 100,
        "created": 100,
    }
    with pytest.raises(HeldError):
        read(b'{"data": {"list": []}}')
    (view,) = held(hub)
    assert (view.read, kinds(view)) == (0, [("no_records", "")])
    assert values(hub, "applicant") == {"某公司"}
    with pytest.raises(FlowError, match=r"system\.answer_unreadable"):
        read(b'{"data": {"rows": []}}')
    accept(hub)
    assert read(b'{"data": {"list": []}}') == {}


def test_case_03_a_hidden_first_sheet_is_not_read(hub: Small, tmp_path: Path):
    assert files(hub, "03", "x02", tmp_path, "d_1.xlsx") == {"read": 1, "created": 1}


def test_case_03_a_header_row_that_moved_holds_that_file_until_it_is_read_rightly(
    hub: Small, tmp_path: Path
):
    assert files(hub, "03", "x14", tmp_path, "d_1.xlsx") == {"read": 1, "created": 1}
    with pytest.raises(HeldError):
        files(hub, "03", "x14", tmp_path, "d_2.xlsx")
    (view,) = held(hub)
    assert (view.parts, ("header", "接入编号") in kinds(view)) == (["d_2.xlsx"], True)
    assert hub.rows("select from hub.quarantine") == []
    mended = {"header_row: 2": "header_row: 3"}
    assert files(hub, "03", "x14", tmp_path, **mended) == {"read": 1, "created": 1}  # type: ignore[arg-type]
    assert held(hub) == []


def test_a_file_whose_sheet_was_renamed_is_set_aside_and_its_sheets_are_named(
    hub: Small, tmp_path: Path
):
    (tmp_path / "outbox").mkdir()
    book = Workbook()
    book.active.title = "数据2"
    book.save(tmp_path / "outbox" / "d_1.xlsx")
    (tmp_path / "outbox" / "d_1.xlsx.ok").write_bytes(b"")
    named = {"format: xlsx": "format: xlsx\n  sheet: 数据"}
    assert files(hub, "03", "x02", tmp_path, **named) == {"read": 1, "quarantined": 1}  # type: ignore[arg-type]
    (row,) = hub.rows("select cause, faults from hub.quarantine")
    assert (row["cause"], "数据2" in str(row["faults"])) == ("file.sheet_missing", True)
    corrected = {"format: xlsx": "format: xlsx\n  sheet: 数据2"}
    assert files(hub, "03", "x02", tmp_path, **corrected) == {}  # type: ignore[arg-type]
    assert hub.rows("select from hub.quarantine where state = 'open'") == []


WSDL = """<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:t="urn:t" xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" name="t">
<types><x:schema targetNamespace="urn:t" elementFormDefault="qualified">
<x:element name="Query"><x:complexType><x:sequence>
<x:element name="token" type="x:string" minOccurs="0"/></x:sequence></x:complexType></x:element>
<x:element name="QueryResponse"><x:complexType><x:sequence><x:any minOccurs="0" maxOccurs="unbounded"/>
</x:sequence></x:complexType></x:element></x:schema></types>
<message name="i"><part name="p" element="t:Query"/></message>
<message name="o"><part name="p" element="t:QueryResponse"/></message>
<portType name="P"><operation name="Query"><input message="t:i"/><output message="t:o"/></operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
<operation name="Query"><s:operation soapAction=""/><input><s:body use="literal"/></input>
<output><s:body use="literal"/></output></operation></binding>
<service name="S"><port name="O" binding="t:B"><s:address location="http://127.0.0.1/s"/></port></service>
</definitions>"""


@contextmanager
def soap(*answers: str) -> Iterator[SoapConnector]:
    """A web service whose one operation answers with these contents, one after the other, the last
    for ever.
    """
    left = list(answers)

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.give(WSDL)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            content = left.pop(0) if len(left) > 1 else left[0]
            self.give(
                '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>'
                f'<QueryResponse xmlns="urn:t">{content}</QueryResponse></E:Body></E:Envelope>'
            )

        def give(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    where = Connection("s03", "http", "127.0.0.1", server.server_port, "u", "p", "/s")
    options = {"security": "none", "ping": {"operation": "Query"}}
    try:
        with closing(SoapConnector(where, options)) as connector:
            yield connector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def record(
    number: str, *, more: str = "<联系人>某人</联系人>", at: str = "2026-10-09 09:30:00"
) -> str:
    return (
        f"<record><接入编号>{number}</接入编号><项目代码>{CODE}</项目代码><申请单位>某公司</申请单位>"
        f"<状态>受理</状态><更新时间>{at}</更新时间>{more}</record>"
    )


def wrapped(*records: str) -> str:
    return f"<return><data>{''.join(records)}</data></return>"


def read_soap(hub: Small, *answers: str) -> dict[str, int]:
    hub.contracts = contracts_with("04", "s03")
    with soap(*answers) as connector:
        return hub.pull(FLOW.format("s03"), connector)


@pytest.mark.parametrize(
    "answer",
    [
        f"<return><![CDATA[<?xml version='1.0'?><data>{record('S03-1')}</data>]]></return>",
        f"<result><data>{record('S03-1')}</data></result>",
        wrapped(record("S03-1"), record("S03-2")).replace("record>", "item>"),
    ],
)
def test_case_04_a_path_of_records_that_leads_nowhere_is_no_empty_list(hub: Small, answer: str):
    with pytest.raises(FlowError, match=r"system\.answer_unreadable.*return\.data\.record"):
        read_soap(hub, answer)
    (run,) = hub.rows("select state from hub.run order by id desc limit 1")
    assert run["state"] == "failed"


@pytest.mark.parametrize(
    "answer", ["", "<return/>", "<return><data/></return>", "<return><data> </data></return>"]
)
def test_an_element_that_is_there_and_empty_is_an_empty_list(hub: Small, answer: str):
    assert read_soap(hub, answer) == {}


def test_an_element_gone_from_xml_holds_the_list(hub: Small):
    read_soap(hub, wrapped(*(record(f"S{n}") for n in range(30))))
    with pytest.raises(HeldError):
        read_soap(
            hub, wrapped(*(record(f"S{n}", more="", at="2026-10-10 00:00:00") for n in range(30)))
        )
    assert [kinds(view) for view in held(hub)] == [[("gone", "联系人")]]
    assert values(hub, "contact") == {"某人"}


def test_an_empty_list_of_a_web_service_after_a_hundred_records_is_held(hub: Small):
    read_soap(hub, wrapped(*(record(f"S{n}") for n in range(100))))
    with pytest.raises(HeldError):
        read_soap(hub, "<return><data/></return>")
    assert [kinds(view) for view in held(hub)] == [[("no_records", "")]]


TABLE = FLOW.format("r23")
FILLED = (
    f"insert into apply select 'N' || n, '{CODE}', '某公司', '受理' from "  # noqa: S608
    f"generate_series(1, 120) n"
)


def test_a_column_renamed_in_a_table_holds_it_and_an_empty_table_too(
    hub: Small, database_server: DatabaseServer
):
    columns = "接入编号 text primary key, 项目代码 text, 申请单位 text, 状态 text"
    read = json.dumps({"table": "public.apply", "key": ["接入编号"]}, ensure_ascii=False)
    with database_server.database() as url:
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        where = engine.url
        partner = Connection(
            "r23",
            "postgresql+psycopg",
            str(where.host),
            where.port,
            str(where.username),
            str(where.password or ""),
            f"/{where.database}",
        )

        def do(statement: str) -> None:
            with engine.begin() as database:
                database.exec_driver_sql(statement)

        def pull() -> dict[str, int]:
            flow = hub.contracts.pulls[TABLE]
            object.__setattr__(flow, "read", json.loads(read))
            with closing(SqlConnector(partner, {})) as connector:
                return hub.pull(TABLE, connector)

        hub.contracts = contracts_with("01", "r23")
        do(f"create table apply ({columns})")
        do(FILLED)
        assert pull() == {"read": 120, "created": 120}
        do("alter table apply rename column 申请单位 to 申请人")
        with pytest.raises(HeldError):
            pull()
        assert kinds(held(hub)[0])[0] == ("gone", "申请单位")
        do("alter table apply rename column 申请人 to 申请单位")
        assert pull() == {"read": 120, "unchanged": 120}
        assert held(hub) == []
        do("delete from apply")
        with pytest.raises(HeldError):
            pull()
        assert kinds(held(hub)[0]) == [("no_records", "")]
        accept(hub)
        assert pull() == {}
        engine.dispose()
