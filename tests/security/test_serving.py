"""The web process with real sockets: what takes too long is closed, what is too much is refused."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest

from hub.errors import FlowError
from hub.serving import Proxied
from hub.settings import Settings, settings_from
from tests.filled import Filled, filled, filled_template
from tests.ports import reserve_port

__all__ = ["filled", "filled_template"]

LIMITS = {
    "HUB_HEADER_SECONDS": "0.5",
    "HUB_REQUEST_SECONDS": "0.5",
    "HUB_HEADER_BYTES": "4000",
    "HUB_REQUEST_BYTES": "20000",
    "HUB_CONNECTIONS": "12",
    "HUB_CONNECTIONS_AN_ADDRESS": "8",
}
ASKED = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
SENT = (
    b"POST /login HTTP/1.1\r\nhost: x\r\norigin: http://x\r\ncontent-type: "
    b"application/x-www-form-urlencoded\r\n"
)


@pytest.fixture
def port(filled: Filled) -> Iterator[int]:
    """The web process as the supervisor starts it, with small limits."""
    port = reserve_port()
    environ = {**os.environ, **filled.environ, **LIMITS, "HUB_API_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "hub.web"], env=environ)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        assert process.wait(15) is not None


def answer(port: int, *parts: bytes, beforehand: bytes = b"") -> bytes:
    """What comes back for bytes that are sent one part each tenth of a second, until the other side
    hangs up.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
        told = b""
        if beforehand:
            asking.sendall(beforehand)
            while b'"ok"' not in told:
                told += asking.recv(10_000)
        try:
            for part in parts:
                asking.sendall(part)
                asking.settimeout(0.1)
                with suppress(TimeoutError):
                    told += (got := asking.recv(100_000))
                    if not got:
                        return told
            asking.settimeout(10)
            while got := asking.recv(100_000):
                told += got
        except (ConnectionResetError, BrokenPipeError):
            pass
        return told


def test_slow_headers_slow_bodies_and_too_many_connections_end(port: int):
    slowly = [bytes([sign]) for sign in b"x-slow: " + b"a" * 40]
    begun = time.monotonic()
    assert answer(port, ASKED, *slowly).startswith(b"HTTP/1.1 408")  # a byte each tenth of a second
    assert answer(port).startswith(b"HTTP/1.1 408")  # nothing at all
    assert (
        answer(port, ASKED, *slowly, beforehand=ASKED + b"\r\n").count(b"HTTP/1.1 408") == 1
    )  # a second request
    assert answer(port, SENT + b"content-length: 90\r\n\r\nname=a", *[b"b"] * 8).startswith(
        b"HTTP/1.1 408"
    )
    unread = b"GET /v1/runs HTTP/1.1\r\nhost: x\r\ncontent-length: 90\r\n\r\n"
    assert answer(port, unread).startswith(
        b"HTTP/1.1 401"
    )  # its body never comes: the connection ends all the same
    assert time.monotonic() - begun < 20
    assert answer(port, ASKED + b"x: " + b"a" * 5000).startswith(b"HTTP/1.1 431")
    assert answer(port, ASKED + b"x: " + b"a" * 5000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    assert b" 413 " in answer(port, SENT + b"content-length: 90000\r\n\r\n", b"name=a")[:30]
    with ExitStack() as held:
        for _ in range(8):
            held.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
        assert answer(port, ASKED + b"\r\n").startswith(b"HTTP/1.1 503")
    assert answer(port, ASKED + b"connection: close\r\n\r\n").endswith(b'{"status":"ok"}')


PROXIES = {
    "HUB_DATABASE_URL": "postgresql://x",
    "HUB_TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.7 ::1",
}


def seen(settings: Settings, peer: str, **headers: str) -> tuple[str, str]:
    """Address and scheme of a request as the application sees it."""
    found: dict[str, object] = {}

    async def app(scope: dict[str, object], _receive: object, _send: object) -> None:
        found.update(scope)

    given = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": given}
    asyncio.run(Proxied(app, settings)(scope, None, None))  # type: ignore[arg-type]
    return found["client"][0], str(found["scheme"])  # type: ignore[index]


def test_nobody_is_believed_who_is_not_listed():
    none = settings_from({"HUB_DATABASE_URL": "postgresql://x"})
    for peer in ("127.0.0.1", "10.0.0.1", "203.0.113.9"):
        assert seen(none, peer, x_forwarded_for="1.2.3.4", x_forwarded_proto="https") == (
            peer,
            "http",
        )
    listed = settings_from(PROXIES)
    assert seen(listed, "203.0.113.9", x_forwarded_for="1.2.3.4") == ("203.0.113.9", "http")
    assert seen(listed, "127.0.0.1", x_forwarded_for="1.2.3.4") == ("127.0.0.1", "http")


def test_of_a_listed_proxy_the_right_most_address_counts_that_is_no_proxy():
    listed = settings_from(PROXIES)
    assert seen(listed, "10.0.0.1", x_forwarded_for="1.2.3.4", x_forwarded_proto="https") == (
        "1.2.3.4",
        "https",
    )
    assert seen(listed, "10.0.0.1", x_forwarded_for="6.6.6.6, 1.2.3.4, 192.168.1.7") == (
        "1.2.3.4",
        "http",
    )
    assert seen(listed, "::ffff:10.0.0.1", x_forwarded_for="1.2.3.4:5678")[0] == "1.2.3.4"
    assert seen(listed, "10.0.0.1", x_forwarded_for="6.6.6.6, nonsense")[0] == "10.0.0.1"
    assert (
        seen(listed, "10.0.0.1", x_forwarded_for="6.6.6.6, nonsense, 192.168.1.7")[0]
        == "192.168.1.7"
    )
    assert seen(listed, "10.0.0.1")[0] == "10.0.0.1"
    assert (
        seen(listed, "10.0.0.1", forwarded="for=6.6.6.6", x_forwarded_for="1.2.3.4")[0] == "1.2.3.4"
    )
    other = settings_from(PROXIES | {"HUB_PROXY_HEADER": "Forwarded"})
    said = (
        'for=6.6.6.6;proto=https, for="[2001:db8::9]:4711";proto=https, for=192.168.1.7;proto=http'
    )
    assert seen(other, "10.0.0.1", forwarded=said) == ("2001:db8::9", "https")
    assert seen(other, "10.0.0.1", x_forwarded_for="6.6.6.6")[0] == "10.0.0.1"


@pytest.mark.parametrize(
    "wrong", [{"HUB_TRUSTED_PROXIES": "all"}, {"HUB_PROXY_HEADER": "x-real-ip"}]
)
def test_a_proxy_that_is_no_address_is_told(wrong: dict[str, str]):
    with pytest.raises(FlowError, match=r"settings\.invalid"):
        settings_from({"HUB_DATABASE_URL": "postgresql://x", **wrong})
