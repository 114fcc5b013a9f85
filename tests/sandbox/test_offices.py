"""SOAP of offices, as it goes over the wire: documents in texts, attachments, references, faults."""

import email
import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
import requests
from lxml import etree

from sandbox.declared.declaration import folder, read
from sandbox.declared.diagnosis import DeclarationError
from tests.sandbox.process import SECRET, USER, Running, running

ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><t:{0} xmlns:t="urn:x">'
    "{1}</t:{0}></s:Body></s:Envelope>"
)
BASES = {"fire_rescue": "/xfjd/DataService", "tax": "/gt3/services/BdcService"}


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with running("declared", "--only", ",".join(BASES), "--seed", "7") as served:
        yield served


def call(process: Running, name: str, *arguments: str, secret: str = SECRET) -> requests.Response:
    """operation, service code, document"""
    operation, service, document = arguments
    said = (f"{USER}_{name}", secret, service, document)
    inside = "".join(f"<in{at}><![CDATA[{one}]]></in{at}>" for at, one in enumerate(said))
    url = f"{process.base}/{name}{BASES[name]}/service"
    return requests.post(url, data=ENVELOPE.format(operation, inside).encode(), timeout=30)


def rows(text: str) -> list[etree._Element]:
    """The rows of the document in the text of an answer."""
    document = re.search(r"<out><!\[CDATA\[(.*)\]\]></out>", text, re.DOTALL)
    assert document
    declaration, _, rest = document[1].partition("?>")
    assert 'encoding="GBK"' in declaration
    rest.encode("gbk")  # says so, and keeps to it
    return etree.fromstring(rest).findall("BODY/ROW")


def test_a_paper_travels_beside_the_document_that_names_it(process):
    answer = call(process, "fire_rescue", "queryData", "KYQJC", "<Q><MYTS>5</MYTS></Q>")
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + answer.content).get_payload()
    papers = {one["Content-ID"].strip("<>"): one.get_payload(decode=True) for one in parts}
    found = [row.findtext("FJ") for row in rows(papers["root"].decode())]
    named = {one.removeprefix("cid:") for one in found if one}
    assert named == set(papers) - {"root"}
    assert named
    assert all(papers[one].startswith(b"PK") for one in named)


def test_an_answer_without_papers_is_plain_and_pages_end(process):
    answer = call(process, "fire_rescue", "queryData", "KYQXK", "<Q><MYTS>20</MYTS></Q>")
    assert answer.headers["Content-Type"].startswith("text/xml")
    asked = "<Q><MYTS>20</MYTS><YM>9</YM></Q>"
    assert (
        len(rows(answer.text)),
        rows(call(process, "fire_rescue", "queryData", "KYQXK", asked).text),
    ) == (20, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("queryData", "XXX", ""), "服务编码不存在：queryData/XXX"),
        (("queryData", "KYQJC", "<Q><MYTS>viel</MYTS></Q>"), "报文有误：MYTS"),
        (("queryData", "KYQJC", "<Q>"), "报文有误"),
        (("pushData", "JGYSBA", "<DATA><BODY/></DATA>"), "报文有误：BODY.ROW"),
    ],
)
def test_a_bad_request_is_told_in_the_document(process, arguments, said):
    answer = call(process, "fire_rescue", *arguments)
    assert (answer.status_code, said in answer.text) == (200, True), answer.text


def test_a_wrong_password_is_a_fault_of_the_server(process):
    answer = call(process, "fire_rescue", "queryData", "KYQJC", "", secret="x")  # noqa: S106
    assert answer.status_code == 500
    assert "<faultcode>soap:Server</faultcode>" in answer.text
    assert "9001:" in answer.text


def test_an_old_server_puts_its_text_beside_the_answer_and_masks_numbers(process):
    answer = call(process, "tax", "doService", "SWXX.WSCX", '{"pageSize": 3}')
    root = etree.fromstring(answer.content)
    (place,) = root.iter("{*}doServiceReturn")
    (text,) = (one for one in root.iter("{*}multiRef") if one.get("id") == place.get("href")[1:])
    told = json.loads(unescape(text.text))
    assert told["data"]["total"] > len(told["data"]["rows"]) == 3
    assert all(re.fullmatch(r"\w{4}\*{10}\w{4}", row["nsrsbh"]) for row in told["data"]["rows"])


def test_who_is_closed_tells_when_it_opens(process):
    fault = {"fault": "closed", "where": "clearances"}
    requests.post(f"{process.base}/tax/_sandbox/faults", json=fault, timeout=30).raise_for_status()
    answer = call(process, "tax", "doService", "SWXX.WSCX", "{}")
    assert re.search(r"系统日终处理，[012]\d:[0-5]\d后开放", answer.text)
    assert "multiRef" in call(process, "tax", "doService", "SWXX.WSCX", "{}").text


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("tax", "query]", "service]", "`inner` and `query` go together"),
        (
            "fire",
            "held: {route: POST ListProject, of: projects}",
            "held: {route: POST L, of: x}",
            "no `x`",
        ),
        ("fire", "of: items, same", "of: itms, same", "is it items"),
        ("fire", "same: {number:", "same: {nmber:", "there is no `nmber`"),
        ("fire", "fire_case.drawn: true}}", "fire_case.drwn: true}}", "there is no `drwn`"),
        ("fire", "fire_case.item_number}}", "fire_case.item}}", "there is no `item`"),
    ],
)
def test_words_of_soap_and_of_things_beside_must_lead_somewhere(tmp_path, name, old, new, told):
    text = (folder() / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / f"{name}.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match=re.escape(told)):
        read(file)
