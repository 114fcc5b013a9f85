"""A web service by node-soap, read and written through the connector."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.soap import SoapConnector
from hub.domain.payload import PayloadFormat, decode
from hub.errors import FlowError
from hub.model import Connection, Json, Outgoing
from tests.peers import node

SECRET = "geheim-3"  # noqa: S105 - of this server
READ: dict[str, Json] = {
    "operation": "queryData",
    "positional": ["{user}", "{secret}", "XFKY", "{query}"],
    "query": {"format": "xml", "root": "Q", "fields": {"KSSJ": "since", "YM": "page"}},
    "paging": {"kind": "page", "parameter": "page"},
    "cursor": "GXSJ",
    "inner": {
        "at": "return",
        "encoding": "gbk",
        "records": "DATA.ROW",
        "total": "HEAD.TOTAL",
        "code": "HEAD.CODE",
        "ok": ["1"],
        "denied": ["9001"],
    },
}
WRITE: dict[str, Json] = {
    "operation": "saveData",
    "key": "LSH",
    "positional": ["{user}", "{secret}", "{query}"],
    "query": {"root": "DATA", "record": "ROW"},
    "inner": {"at": "return", "records": "DATA.ROW", "code": "HEAD.CODE", "ok": ["1"]},
    "verdict": {"key": "LSH", "code": "JG", "text": "YY", "ok": ["0"]},
}


@pytest.fixture(scope="module")
def office() -> Iterator[int]:
    with node.soap_office(SECRET) as port:
        yield port


def numbers(
    office: int,
    read: dict[str, Json],
    *,
    secret: str = SECRET,
    since: str | None = None,
    **connect: Json,
) -> list[str]:
    where = Connection("s", "http", "127.0.0.1", office, "hub", secret, "/office")
    options = {"security": "none", "ping": {"operation": "Query"}, **connect}
    with closing(SoapConnector(where, options)) as connector:
        pages = list(connector.pages(read, since=since, resume=None))
    return [
        str(decode(raw.payload, form=PayloadFormat("xml"))["BH"])
        for page in pages
        for raw in page.records
    ]


def test_records_in_a_text_of_xml_are_read_page_by_page(office: int):
    assert numbers(office, READ) == [f"消防〔2024〕{n}号" for n in range(1, 26)]
    assert numbers(office, READ, since="2026-10-20") == [
        f"消防〔2024〕{n}号" for n in range(20, 26)
    ]
    with pytest.raises(FlowError, match=r"system\.credentials"):
        numbers(office, READ, secret=SECRET[::-1])


def test_records_as_elements_are_read_with_a_token_of_ws_security(office: int):
    read: dict[str, Json] = {"operation": "Query", "paging": {"kind": "page", "parameter": "page"}}
    assert len(numbers(office, read, security="username_token")) == 25
    with pytest.raises(FlowError, match=r"system\.credentials"):
        numbers(
            office,
            read,
            security="username_token",
            secret=SECRET[::-1],
            denied=["Invalid username or password"],
        )


def test_each_record_handed_over_in_a_text_has_its_verdict(office: int):
    where = Connection("s", "http", "127.0.0.1", office, "hub", SECRET, "/office")
    items = [Outgoing("k1", "upsert", {"MC": "甲 & <乙>"}), Outgoing("k2", "upsert", {"MC": ""})]
    with closing(
        SoapConnector(where, {"security": "none", "ping": {"operation": "Query"}})
    ) as connector:
        outcomes = list(connector.send(WRITE, items))
    assert [(one.key, one.state, one.text) for one in outcomes] == [
        ("k1", "confirmed", ""),
        ("k2", "rejected", "缺少名称"),
    ]
