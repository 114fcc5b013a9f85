"""json-server, which nobody here wrote, read and written by the REST connector: 0.17 and a beta of
1.0.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from connectors.rest import RestConnector
from hub.errors import TransientError
from hub.model import Connection, Json, Outgoing
from tests.peers.node import json_server

ROWS: list[Json] = [
    {
        "id": str(number),
        "name": f"项目{number}",
        "need": 12345678901234567.5,
        "at": f"2026-10-{number:02}",
    }
    for number in range(1, 26)
]
CONNECT: dict[str, Json] = {"auth": {"kind": "none"}, "ping": {"resource": "needs/1"}}


def connector(address: str) -> RestConnector:
    parts = urlsplit(address)
    return RestConnector(
        Connection("site", "http", str(parts.hostname), parts.port, "", "", ""), CONNECT
    )


@pytest.fixture(scope="module")
def old() -> Iterator[str]:
    with json_server({"needs": ROWS, "permits": []}) as address:
        yield address


@pytest.fixture(scope="module")
def new() -> Iterator[str]:
    with json_server({"needs": ROWS, "permits": []}, version=1) as address:
        yield address


@pytest.fixture(params=["0.17", "1.0 beta"])
def either(request: pytest.FixtureRequest) -> str:
    """Each of the two."""
    address: str = request.getfixturevalue("old" if request.param == "0.17" else "new")
    return address


def read(address: str, *, size: int = 10, resume: Json = None, **options: Json) -> list[str]:
    """The numbers of the records, in the order given."""
    talk = connector(address)
    assert talk.ping() == "GET needs/1: OK"
    said: dict[str, Json] = {"resource": "needs", "records": "", "size": size, **options}
    payloads = [
        raw.payload for page in talk.pages(said, since=None, resume=resume) for raw in page.records
    ]
    talk.close()
    return [payload.decode().partition('"id": "')[2].partition('"')[0] for payload in payloads]


ALL = [str(number) for number in range(1, 26)]
OLD: dict[str, dict[str, Json]] = {
    "total in a header": {"kind": "page", "parameter": "_page", "total_header": "X-Total-Count"},
    "first empty page": {"kind": "page", "parameter": "_page"},
    "offset": {"kind": "offset", "parameter": "_start"},
    "offset and total": {"kind": "offset", "parameter": "_start", "total_header": "X-Total-Count"},
}


@pytest.mark.parametrize("size", [10, 5])
@pytest.mark.parametrize("paging", OLD)
def test_json_server_0_17_is_read_by_page_and_offset_until_its_total_or_an_empty_page(
    old: str, paging: str, size: int
) -> None:
    assert read(old, size=size, size_parameter="_limit", paging=OLD[paging]) == ALL


@pytest.mark.parametrize("size", [10, 5, 30])
def test_json_server_0_17_is_read_by_the_links_of_its_header(old: str, size: int) -> None:
    options: dict[str, Json] = {"parameters": {"_page": 1, "_limit": size, "_sort": "at"}}
    assert read(old, paging={"kind": "link"}, **options) == ALL


NEW: dict[str, dict[str, Json]] = {
    "habit": {"kind": "page", "parameter": "_page", "last": "repeats"},
    "total": {"kind": "page", "parameter": "_page", "total": "items"},
    "pages": {"kind": "page", "parameter": "_page", "pages": "pages"},
    "next": {"kind": "cursor", "parameter": "_page", "next": "next", "first": 1},
    "more": {"kind": "page", "parameter": "_page", "more": "next", "last": "repeats"},
}


@pytest.mark.parametrize("size", [10, 5, 30])
@pytest.mark.parametrize("paging", NEW)
def test_json_server_1_0_that_repeats_its_last_page_is_read_once(
    new: str, paging: str, size: int
) -> None:
    assert (
        read(new, size=size, size_parameter="_per_page", records="data", paging=NEW[paging]) == ALL
    )


def test_json_server_1_0_undeclared_with_a_full_last_page_is_a_fault_that_names_the_habit(
    new: str,
) -> None:
    with pytest.raises(TransientError) as caught:
        read(
            new,
            size=5,
            size_parameter="_per_page",
            records="data",
            paging={"kind": "page", "parameter": "_page"},
        )
    assert "last: repeats" in caught.value.facts["hint_zh"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_records_are_created_changed_and_taken_back_on_json_server(
    either: str, method: str
) -> None:
    talk = connector(either)
    write: dict[str, Json] = {
        "resource": "permits",
        "records": None,
        "key": "requestNo",
        "verdict": {"of": "call"},
        "update": {"method": method, "resource": "permits/{id}"},
        "remove": {"method": "DELETE", "resource": "permits/{id}"},
        "lookup": {"resource": "permits/{id}", "found": True},
    }
    number = f"施字第{method}号"
    body: dict[str, Json] = {"id": number, "name": "=1+1 甲 & <乙>", "area": "1.10"}
    changed = {**body, "name": "丙"}
    steps = (
        (Outgoing("k1", "upsert", body), {**body, "requestNo": "k1"}),
        (Outgoing("k1", "upsert", body, repeat=True), {**body, "requestNo": "k1"}),
        (
            Outgoing("k2", "upsert", changed, previous=body, previous_key="k1"),
            {**changed, "requestNo": "k2"},
        ),
        (Outgoing("k3", "withdraw", {}, previous=changed, previous_key="k2"), None),
        (Outgoing("k4", "withdraw", {}, previous=changed, previous_key="k2"), None),
        (
            Outgoing("k5", "upsert", body, previous=changed, previous_key="k2"),
            {**body, "requestNo": "k5"},
        ),
    )
    for item, held in steps:
        assert [(one.key, one.state) for one in talk.send(write, [item])] == [
            (item.key, "confirmed")
        ]
        answer = requests.get(f"{either}/permits/{number}", timeout=10)
        assert (answer.json() if answer.ok else None) == held
    assert [one["id"] for one in requests.get(f"{either}/permits", timeout=10).json()].count(
        number
    ) == 1
    talk.close()
