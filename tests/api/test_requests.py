"""What callers may do wrong: each answer is 4xx, a problem in words, and never 500."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from hub import requests
from hub.api import make_app
from hub.api.problems import status_of
from hub.errors import FlowError, HubError, RecordError, TransientError
from hub.settings import RequestLimits
from hub.texts.page import codes
from tests.api.conftest import Client, Opened, asking
from tests.api.fuzz import account, ask
from tests.filled import CODE, Filled

STORE = ("attachment.lost", "attachment.store")
"""Of the folder in which files lie."""
OUR_OWN = ("hub.failed", "flow.stopped", "settings.", "database.", *STORE)
"""Codes of what is not the caller's doing."""


def test_no_code_is_500_but_those_of_our_own_failures():
    statuses = {code: status_of(FlowError(code)) for code in codes()}
    failed = {
        code for code, status in statuses.items() if status is HTTPStatus.INTERNAL_SERVER_ERROR
    }
    assert [code for code in failed if not code.startswith(OUR_OWN)] == []
    assert {status for code, status in statuses.items() if code.endswith("_unknown")} <= {
        404,
        422,
        502,
    }
    assert {code for code, status in statuses.items() if status >= 500 and code not in failed} == {
        *(code for code in codes() if code.startswith("system.") and code != "system.unknown"),
        *("flow.disabled", "ask.form_disabled", "alert.not_delivered"),
        *(code for code in codes() if code.startswith("database.") and code != "database.refused"),
    }


def test_a_code_that_nobody_has_listed_is_the_callers():
    assert status_of(FlowError("invented.just_now")) == 422
    assert status_of(FlowError("invented.name_unknown")) == 404
    assert status_of(TransientError("invented.away")) == 503
    assert status_of(RecordError()) == 422
    assert status_of(HubError()) == 500


class Raw:
    """Asks byte by byte what no client library lets one ask."""

    def __init__(self, client: Client, token: str) -> None:
        self.at = urlsplit(client.address)
        self.token = token

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(str(self.at.hostname), self.at.port, timeout=30)
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, given)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        assert answer.headers["content-type"] == "application/problem+json", told
        assert told["status"] == answer.status
        assert told["title"]
        assert told["detail_en"]
        return answer.status, told["code"]


@pytest.fixture
def raw(filled: Filled, opened: Opened) -> Iterator[Raw]:
    filled.hub.settings = replace(filled.hub.settings, requests=RequestLimits(body_bytes=100_000))
    with asking(filled) as client:
        yield Raw(client, opened("admin", "administrator", *filled.hub.contracts.entities))


BIG, DEEP = 10**30, "[" * 100_000
WRITTEN = ("/v1/remarks", {"flow": "", "cause": "", "said": "x"})
REFUSED: list[tuple[str, str, bytes, int, str]] = [
    ("GET", f"/v1/runs/{BIG}", b"", 422, "ask.invalid"),
    ("GET", f"/v1/runs?before={BIG}", b"", 422, "ask.invalid"),
    ("GET", f"/v1/runs?limit={BIG}", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?limit=0", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?since=0001-01-01T00:00:00", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?since=9999-12-31T23:59:59-12:00", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?since=10000-01-01T00:00:00", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?since=0000-01-01T00:00:00", b"", 422, "ask.invalid"),
    ("GET", "/v1/meter?until=0001-01-01", b"", 422, "ask.invalid"),
    ("GET", "/v1/conservation?since=0001-01-01", b"", 422, "ask.invalid"),
    ("GET", "/v1/access/unusual?since=9999-12-31", b"", 422, "ask.invalid"),
    ("GET", "/v1/access?until=0001-01-01T00:00:00%2B14:00", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?before=1&before=2", b"", 400, "ask.twice"),
    ("GET", "/v1/access?acount=x", b"", 422, "ask.invalid"),
    ("GET", "/v1/runs?flow=%ff%fe", b"", 400, "ask.unreadable"),
    ("GET", "/v1/projects/%ed%a0%80", b"", 400, "ask.unreadable"),
    ("GET", "/v1/projects/%c0%80", b"", 400, "ask.unreadable"),
    ("GET", "/v1/projects/a%00b", b"", 400, "ask.unreadable"),
    ("GET", "/v1/projects?q=%00", b"", 400, "ask.unreadable"),
    ("GET", "/v1/nothing", b"", 404, "ask.no_such_route"),
    ("DELETE", "/v1/runs", b"", 404, "ask.no_such_route"),
    ("POST", "/v1/remarks", b"", 422, "ask.invalid"),
    ("POST", "/v1/remarks", b"{", 400, "ask.unreadable"),
    ("POST", "/v1/remarks", b'{"said": "\xff"}', 400, "ask.unreadable"),
    ("POST", "/v1/remarks", '{"said": "x"}'.encode("utf-16"), 400, "ask.unreadable"),
    ("POST", "/v1/remarks", b'{"said": "\\u0000"}', 400, "ask.unreadable"),
    ("POST", "/v1/remarks", b'{"said": "\\ud800"}', 400, "ask.unreadable"),
    ("POST", "/v1/remarks", b'{"said": "x", "said": "y"}', 400, "ask.unreadable"),
    ("POST", "/v1/remarks", b'{"said": NaN}', 400, "ask.unreadable"),
    ("POST", "/v1/remarks", f'{{"entry_id": {BIG}, "said": "x"}}'.encode(), 422, "ask.invalid"),
    (
        "POST",
        "/v1/remarks",
        f'{{"entry_id": 1{"0" * 5000}, "said": "x"}}'.encode(),
        400,
        "ask.unreadable",
    ),
    ("POST", "/v1/remarks", b'{"entry_id": 1, "said": "x", "flwo": ""}', 422, "ask.invalid"),
    ("POST", "/v1/remarks", b"[]", 422, "ask.invalid"),
    ("POST", "/v1/rehearsals", f'{{"flow": {DEEP[:90_000]}'.encode(), 400, "ask.unreadable"),
    (
        "POST",
        "/v1/rehearsals",
        f'{{"flow": {"[" * 300 + "]" * 300}}}'.encode(),
        400,
        "ask.unreadable",
    ),
    ("POST", "/v1/rehearsals", f'{{"flow": "{"x" * 200_000}"}}'.encode(), 413, "ask.too_large"),
    ("POST", "/v1/replays", f'{{"ids": [{BIG}]}}'.encode(), 422, "ask.invalid"),
    (
        "POST",
        "/v1/failures/discarded",
        f'{{"ids": [{BIG}], "reason": "x"}}'.encode(),
        422,
        "ask.invalid",
    ),
    (
        "POST",
        "/v1/links/decisions",
        b'{"key": "no such key", "reason": "x"}',
        404,
        "link.key_unknown",
    ),
    ("POST", "/v1/links/undone", b'{"key": "no such key", "reason": "x"}', 404, "link.key_unknown"),
    (
        "POST",
        "/v1/held/decisions",
        b'{"batches": [1], "accept": true, "reason": "x"}',
        404,
        "held.unknown",
    ),
]


def test_what_a_caller_does_wrong_is_4xx_in_words(raw: Raw):
    for method, path, body, status, code in REFUSED:
        assert raw.ask(method, path, body) == (status, code), (method, path, body[:80])
    words = b'{"said": "x"}'
    assert raw.ask("POST", "/v1/remarks", words, Content_Type="text/plain") == (
        415,
        "ask.media_type",
    )
    assert (
        raw.ask("POST", "/v1/remarks", words, Content_Type="application/json; charset=gbk")[0]
        == 415
    )
    assert raw.ask("GET", "/v1/runs", Authorization="Bearer \xff\xfe") == (
        401,
        "access.token_invalid",
    )


def test_a_department_is_refused_unknown_fields_of_a_form_and_may_hand_in_what_looks_like_nul(
    client: Client, opened: Opened
):
    token = opened("clerk", "department", "project", "approval_document")
    sent = {"project_code": CODE, "fields": {"no_such_field": "x"}}
    answer = client.ask("POST", "/v1/prefill/construction_permit/submissions", token, sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "prefill.field_unknown")
    sent["fields"] = {"project_name": "C:\\u0000"}  # a backslash, and four digits
    assert (
        client.ask("POST", "/v1/prefill/construction_permit/submissions", token, sent).status_code
        == 200
    )


def test_control_characters_of_a_record_are_written_out_in_a_workbook(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("clerk", "department", "project", "approval_document")
    filled.execute("update golden.project set name = E'\\x0b\\x1b[31m' || name")
    asked = client.get(f"/v1/prefill/construction_permit/xlsx?project_code={CODE}%0b", token)
    assert asked.status_code in {200, 404}
    assert (
        client.get(f"/v1/prefill/construction_permit/xlsx?project_code={CODE}", token).status_code
        == 200
    )


def test_a_body_that_does_not_come_is_given_up():
    async def never() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    scope = {"type": "http", "headers": [], "path": "/", "query_string": b""}
    with pytest.raises(FlowError) as refused:
        asyncio.run(requests.whole_body(scope, never, RequestLimits(body_seconds=0.01)))  # type: ignore[arg-type]
    assert status_of(refused.value) == 408


def test_every_operation_answers_whatever_it_is_asked(filled: Filled):
    """A few questions each; `make fuzz` asks each hundreds of times as four roles."""
    asked = ask(make_app(filled.hub), account(filled, "administrator"), examples=1)
    assert asked.wrong == {}
    assert len(asked.operations) > 70
