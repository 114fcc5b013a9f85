"""Web services as others write them, as met in public: cases 04, 37 and 39, through the whole of
intake.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.soap import SoapConnector
from hub.errors import FlowError
from tests.case_files import CODE, contracts_with, hub_with, template_with
from tests.connectors.soap_service import (
    Said,
    ScriptedService,
    answered,
    envelope,
    scripted_service,
    wsdl,
)
from tests.pipeline.conftest import Small
from tests.postgres import DatabaseServer

FLOW = "pull.{}.utility_connection"
WSDL = wsdl({"Query": {"since": "xs:string", "token": "xs:string"}})
RECORD = f"<接入编号>{{}}</接入编号><项目代码>{CODE}</项目代码><状态>受理</状态>"
MTOM = (
    'multipart/related; start="<root>"; type="application/xop+xml"; boundary="uuid:x"; '
    'start-info="text/xml"'
)


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "37", "s04") as name:
        yield name


@pytest.fixture
def hub(database_server: DatabaseServer, template: str) -> Iterator[Small]:
    with hub_with(database_server, template, "37", "s04") as made:
        yield made


@pytest.fixture(scope="module")
def service() -> Iterator[ScriptedService]:
    with scripted_service() as running:
        yield running


def pull(
    hub: Small,
    service: ScriptedService,
    number: str,
    system: str,
    said: "Said | str",
    **changed: str,
) -> dict[str, int]:
    """One run of a case's own mapping; changed: what stands in it instead of a text."""
    hub.contracts = contracts_with(number, system, **changed)
    service.says(said, wsdl=WSDL)
    flow = hub.contracts.pulls[FLOW.format(system)]
    with closing(SoapConnector(service.connection(), flow.connect)) as connector:
        return hub.pull(flow.name, connector)


def numbers(hub: Small) -> list[object]:
    return [
        row["number"]
        for row in hub.rows("select number from golden.utility_connection order by number")
    ]


def test_case_04_the_records_of_a_document_in_a_text_are_taken(
    hub: Small, service: ScriptedService
):
    text = (
        f'<?xml version="1.0" '
        f'encoding="UTF-8"?><data><record>{RECORD.format("S03-1")}</record></data>'
    )
    opened = {"records: return.data.record": "inner: {at: return, records: data.record}"}
    said = answered(f"<return><![CDATA[{text}]]></return>")
    assert pull(hub, service, "04", "s03", said, **opened) == {"read": 1, "created": 1}
    assert numbers(hub) == ["S03-1"]


def test_case_37_an_answer_in_parts_is_taken(hub: Small, service: ScriptedService):
    body = (
        "--uuid:x\r\nContent-Id: <root>\r\nContent-Type: "
        'application/xop+xml;charset=utf-8;type="text/xml"\r\n'
        "Content-Transfer-Encoding: binary\r\n\r\n"
        + answered(f"<record>{RECORD.format('S04-1')}</record>")
        + "\r\n--uuid:x--"
    )
    assert pull(hub, service, "37", "s04", Said(body.encode(), MTOM)) == {"read": 1, "created": 1}
    assert numbers(hub) == ["S04-1"]


def test_case_37_a_record_that_is_only_referred_to_is_taken(hub: Small, service: ScriptedService):
    said = answered(f'<record href="#id0"/><multiRef id="id0">{RECORD.format("S05-1")}</multiRef>')
    assert pull(hub, service, "37", "s05", said) == {"read": 1, "created": 1}
    assert numbers(hub) == ["S05-1"]


def test_case_39_the_words_of_a_fault_are_shown_and_make_a_denial_where_declared(
    hub: Small, service: ScriptedService
):
    words = "<faultcode>soap:Server</faultcode><faultstring>用户名或密码错误</faultstring>"
    said = Said(
        envelope(f"<E:Fault>{words}<detail><code>AUTH_001</code></detail></E:Fault>").encode(),
        status=500,
    )
    denied = {"security: none": "denied: [AUTH_001]\n  security: none"}
    for changed, meaning in (({}, "system.unavailable"), (denied, "system.credentials")):
        with pytest.raises(Exception, match=rf"{meaning}.*用户名或密码错误"):
            pull(hub, service, "39", "s08", said, **changed)


def test_an_interface_without_our_operation_is_told_with_what_it_has(
    hub: Small, service: ScriptedService
):
    with pytest.raises(FlowError, match=r"system\.contract.*Qery; the WSDL has operations: Query"):
        pull(
            hub,
            service,
            "37",
            "s04",
            answered(""),
            **{"operation: Query\n  records": "operation: Qery\n  records"},
        )
