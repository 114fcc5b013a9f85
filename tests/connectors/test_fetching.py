"""Files by the values that records give: below the partner's address alone, at a length alone."""

from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from connectors.files import FilesConnector
from connectors.rest import RestConnector
from hub.errors import AttachmentError, TransientError
from hub.model import Connection, Json
from sandbox.declared.papers import paper

PDF = paper("pdf", "x")
SYSTEM: dict[str, Json] = {"auth": {"kind": "basic"}, "ping": {"resource": "list"}}
PLACE: dict[str, Json] = {"resource": "files/{value}"}


class Shelf(BaseHTTPRequestHandler):
    """Files, and what partners say in place of them; it counts what it is asked."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        name = self.path.partition("?")[0].rpartition("/")[2]
        status, content, more = {
            "a.pdf": (200, PDF, {}),
            "long.pdf": (200, bytes(5_000), {}),
            "moved.pdf": (302, b"", {"Location": "http://169.254.169.254/x"}),
            "gone.pdf": (410, b"", {}),
            "away.pdf": (502, b"", {}),
            "packed": (200, b'{"data": {"file": "aGk="}}', {}),
            "spoilt": (200, b'{"data": {"file": "%%"}}', {}),
        }.get(name, (404, b"", {}))
        self.send_response(status)
        for header, value in {"Content-Length": str(len(content)), **more}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shelf() -> Iterator[tuple[RestConnector, list[str]]]:
    made = type("One", (Shelf,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    thread = Thread(target=server.serve_forever)
    thread.start()
    port = server.server_address[1]
    connection = Connection("desk", "http", "127.0.0.1", port, "u", "s", "/api")
    with closing(RestConnector(connection, SYSTEM)) as connector:
        yield connector, made.asked  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def refused(connector: RestConnector | FilesConnector, value: str, source: dict[str, Json]) -> str:
    with pytest.raises(AttachmentError) as caught:
        connector.fetch(source, value, most=2_000)
    return caught.value.code


def test_a_file_comes_by_its_name_or_by_an_address_of_the_same_host(
    shelf: tuple[RestConnector, list[str]],
) -> None:
    connector, asked = shelf
    assert connector.fetch(PLACE, "2026/a.pdf", most=2_000) == PDF
    assert connector.fetch({"resource": "{value}"}, "证照 1/a.pdf", most=2_000) == PDF
    port = connector._exchange.base.rpartition(":")[2].partition("/")[0]
    assert connector.fetch(PLACE, f"http://127.0.0.1:{port}/api/x/a.pdf", most=2_000) == PDF
    by_parameter: dict[str, Json] = {"resource": "files/a.pdf", "parameters": {"id": "{value}"}}
    assert connector.fetch(by_parameter, "1&x=2", most=2_000) == PDF
    assert asked == [
        "/api/files/2026/a.pdf",
        "/api/%E8%AF%81%E7%85%A7%201/a.pdf",
        "/api/x/a.pdf",
        "/api/files/a.pdf?id=1%26x%3D2",
    ]
    inside: dict[str, Json] = {"resource": "{value}", "content": "data.file"}
    assert connector.fetch(inside, "packed", most=2_000) == b"hi"
    assert refused(connector, "spoilt", inside) == "attachment.unreadable"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("moved.pdf", "attachment.redirected"),
        ("gone.pdf", "attachment.missing"),
        ("none.pdf", "attachment.missing"),
        ("long.pdf", "attachment.too_large"),
    ],
)
def test_what_cannot_be_had_is_that_file_s_own_trouble(
    shelf: tuple[RestConnector, list[str]], value: str, code: str
) -> None:
    connector, asked = shelf
    assert refused(connector, value, PLACE) == code
    assert asked == [f"/api/files/{value}"]


@pytest.mark.parametrize(
    "value",
    [
        "../../admin",
        "a/../../b.pdf",
        "..\\b.pdf",
        "%2e%2e/a.pdf",
        "a\x00.pdf",
        "a\r\nHost: x",
        "/",
        "http://example.com/a.pdf",
        "//example.com/a.pdf",
        "file:///etc/passwd",
        "http://127.0.0.1:1/api/a.pdf",
        "http://u:p@127.0.0.1/api/a.pdf",
    ],
)
def test_no_value_leads_elsewhere(shelf: tuple[RestConnector, list[str]], value: str) -> None:
    connector, asked = shelf
    assert refused(connector, value, PLACE) in {"attachment.name", "attachment.foreign"}
    assert asked == []


def test_a_partner_that_is_away_is_no_trouble_of_the_file(
    shelf: tuple[RestConnector, list[str]],
) -> None:
    with pytest.raises(TransientError):
        shelf[0].fetch(PLACE, "away.pdf", most=2_000)


def test_a_folder_gives_what_lies_in_it_and_nothing_beside(tmp_path: Path) -> None:
    root = tmp_path / "shared"
    (root / "papers" / "2026").mkdir(parents=True)
    (root / "papers" / "2026" / "证照.pdf").write_bytes(PDF)
    (root / "papers" / "long.pdf").write_bytes(bytes(5_000))
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (root / "papers" / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    connection = Connection("desk", "file", "", None, "", "", str(root))
    source: dict[str, Json] = {"folder": "papers"}
    with closing(FilesConnector(connection, {})) as connector:
        assert connector.fetch(source, "2026/证照.pdf", most=2_000) == PDF
        assert refused(connector, "none.pdf", source) == "attachment.missing"
        assert refused(connector, "long.pdf", source) == "attachment.too_large"
        for value in ("../secret.pdf", "2026/../../../secret.pdf", "link.pdf"):
            assert refused(connector, value, source) == "attachment.name"
