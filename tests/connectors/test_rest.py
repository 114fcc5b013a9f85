"""REST beyond the kit: tokens that expire, a partner that is not there, answers that are not what
was agreed.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from connectors.rest import RestConnector
from hub.errors import ClosedError, FlowError, TransientError
from hub.model import Connection, Json, Outgoing
from tests.connectors.cases import Case, fire, power
from tests.ports import reserve_port

PLAIN: dict[str, Json] = {"auth": {"kind": "basic"}, "ping": {"resource": "list"}}
READ: dict[str, Json] = {
    "resource": "list",
    "records": "list",
    "paging": {"kind": "page", "parameter": "page"},
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with power(tmp_path_factory.mktemp("power"), "") as case:
        yield case


def test_a_token_that_the_partner_forgot_is_fetched_anew(case: Case) -> None:
    connector, partner = case.reading.connector, case.partner
    assert connector.ping()
    partner.arm("expired_token")
    assert connector.ping()
    partner.arm("expired_token")
    item = Outgoing("after-expiry", "upsert", case.writing.good(30))
    assert [outcome.state for outcome in connector.send(case.writing.write, [item])] == [
        "confirmed"
    ]


@pytest.mark.parametrize("protocol", [power, fire])
def test_the_end_of_the_ledger_comes_with_a_delivery_and_the_partner_keeps_it(
    protocol: Callable[[Path, str], AbstractContextManager[Case]], tmp_path: Path
) -> None:
    first, second, changed = (
        f'{{"seal":{seal},"chain":"{chain}","sealed_at":"t","signature":"00","signed_by":"ed25519:00"}}'
        for seal, chain in ((1, "aa"), (2, "bb"), (1, "cc"))
    )
    with protocol(tmp_path, "") as case:
        for number, said in enumerate((first, second, changed, "")):
            item = Outgoing(f"kept-{number}", "upsert", case.writing.good(number), checkpoint=said)
            assert [
                one.state for one in case.reading.connector.send(case.writing.write, [item])
            ] == ["confirmed"]
        assert case.partner.ask("checkpoints") == [first, second]  # the first word of a seal stands


class Strange(BaseHTTPRequestHandler):
    """Answers every GET with the server's `words`."""

    def do_GET(self) -> None:
        words: bytes = self.server.words  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def strange() -> Iterator[tuple[RestConnector, HTTPServer]]:
    server = HTTPServer(("127.0.0.1", 0), Strange)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    connection = Connection("gas", "http", "127.0.0.1", server.server_port, "app", "s3cret", "")
    connector = RestConnector(connection, PLAIN)
    yield connector, server
    connector.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("words", "family", "code"),
    [
        (b'{"list": [{"a": 1}, {"a"', TransientError, "system.page_broken"),
        (b"<html>please log in</html>", FlowError, "system.answer_unreadable"),
        (b'{"list": null}', FlowError, "system.answer_unreadable"),
        (b'{"list": [{"a": 1}]}', TransientError, "system.page_broken"),
    ],
)
def test_an_answer_that_is_cut_strange_or_always_the_same_is_told_apart(
    strange: tuple[RestConnector, HTTPServer], words: bytes, family: type[Exception], code: str
) -> None:
    connector, server = strange
    server.words = words  # type: ignore[attr-defined]
    with pytest.raises(family) as caught:
        list(connector.pages(READ, since=None, resume=None))
    assert caught.value.code == code  # type: ignore[attr-defined]


def test_a_partner_that_keeps_hours_is_closed_and_not_broken(
    strange: tuple[RestConnector, HTTPServer],
) -> None:
    _, server = strange
    opens = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=3)
    words = f'{{"errcode": "9", "errmsg": "closed until {opens:%H:%M}"}}'
    server.words = words.encode()  # type: ignore[attr-defined]
    success: Json = {"path": "errcode", "ok": ["0"], "text": "errmsg"}
    keeps_hours = PLAIN | {"success": success, "closed": ["closed until {until}"]}
    place = Connection("gas", "http", "127.0.0.1", server.server_port, "app", "s3cret", "")
    with (
        closing(RestConnector(place, keeps_hours)) as asked,
        pytest.raises(ClosedError) as caught,
    ):
        list(asked.pages(READ, since=None, resume=None))
    assert caught.value.facts["opens"] == opens.isoformat(timespec="minutes")


def test_a_partner_that_is_not_there_is_away_and_no_secret_is_told(
    strange: tuple[RestConnector, HTTPServer],
) -> None:
    connection = Connection("gas", "http", "127.0.0.1", reserve_port(), "app", "s3cret", "")
    with pytest.raises(TransientError) as caught:
        RestConnector(connection, PLAIN).ping()
    assert caught.value.code == "system.refused_connection"
    assert "s3cret" not in repr(caught.value) + repr(connection)


def test_a_lone_surrogate_spoils_its_own_record_only(
    strange: tuple[RestConnector, HTTPServer],
) -> None:
    connector, server = strange
    server.words = b'{"list": [{"a": "\\ud800"}, {"a": "b"}]}'  # type: ignore[attr-defined]
    page = next(iter(connector.pages(READ, since=None, resume=None)))
    assert [raw.payload for raw in page.records] == [b'{"a":"\xed\xa0\x80"}', b'{"a":"b"}']
