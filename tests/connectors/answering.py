"""A partner over HTTP in this process that answers as a test says, and remembers what it was
asked.
"""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from hub.model import Connection, Json


@dataclass(frozen=True)
class Asked:
    """One call. query: its parameters in their order, decoded."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Json:
        found: Json = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Reply:
    """What is answered: JSON of `says`, or `content` as it is."""

    says: Json = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None

    @property
    def body(self) -> bytes:
        return (
            json.dumps(self.says, ensure_ascii=False).encode()
            if self.content is None
            else self.content
        )


class Partner:
    """Answers by `answer`, which a test sets."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Reply] = lambda _: Reply({})

    def connection(self, user: str = "app", secret: str = "s3cret", **options: str) -> Connection:  # noqa: S107
        return Connection("eia", "http", self.host, self.port, user, secret, "/api", options)


class Handler(BaseHTTPRequestHandler):
    """One call."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one piece: two would wait for each other

    def _serve(self) -> None:
        partner: Partner = self.server.partner  # type: ignore[attr-defined]
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, url.path.removeprefix("/api/"), query, headers, body)
        partner.asked.append(asked)
        reply = partner.answer(asked)
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the server's names

    def log_message(self, *_: object) -> None:
        """Say nothing on the screen."""


class Server(ThreadingHTTPServer):
    daemon_threads = True


class Server6(Server):
    address_family = socket.AF_INET6


@contextmanager
def answering(host: str = "127.0.0.1") -> Iterator[Partner]:
    """Start a partner; calls go below /api."""
    partner = Partner(host)
    server = (Server6 if ":" in host else Server)((host, 0), Handler)
    server.partner = partner  # type: ignore[union-attr]
    partner.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield partner
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
