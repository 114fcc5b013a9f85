"""Connection limits of the web process: how many, from where, and timeouts against slow clients.

uvicorn has none of these: one header byte every ten seconds would hold a connection for ever.
"""

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.settings import RequestLimits, Settings

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Words: TypeAlias = dict[int, bytes]

_SAID: Words = {
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class Connections:
    """Open connections of this process, by address."""

    def __init__(self, limits: RequestLimits, trusted: Sequence[Network] = ()) -> None:
        self.limits = limits
        self.trusted = trusted
        self._open: list[tuple[asyncio.BaseTransport, str]] = []

    def take(self, transport: asyncio.BaseTransport, address: str) -> bool:
        """Whether one more from this address fits; proxies stand for many and have no limit."""
        self._open = [one for one in self._open if not one[0].is_closing()]
        here = sum(other == address for _, other in self._open)
        limits = self.limits
        if len(self._open) >= limits.connections:
            return False
        if here >= limits.address_connections and not is_among(address, self.trusted):
            return False
        self._open.append((transport, address))
        return True


class BoundedProtocol(HttpToolsProtocol):
    """One connection; closed where header, body or reading of the answer takes too long."""

    open: ClassVar[Connections]
    limits: ClassVar[RequestLimits]
    timer: asyncio.TimerHandle | None = None
    writing: asyncio.TimerHandle | None = None
    refused = False
    in_header = True
    header_bytes = 0

    # as in uvicorn's
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self.open.take(transport, self.client[0] if self.client else ""):
            self.refuse(503)
            return
        self.wait(self.limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.refused:
            return
        if self.timer is None:
            self.wait(self.limits.header_seconds)
        self.header_bytes += len(data)
        super().data_received(data)
        if self.in_header and self.header_bytes > self.limits.header_bytes:
            self.refuse(431)

    def on_headers_complete(self) -> None:
        self.in_header = False
        if (
            len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            > self.limits.header_bytes
        ):
            self.refuse(431)
            return
        # Readers of the body have a timeout of their own; this is for bodies nobody reads.
        self.wait(self.limits.body_seconds + self.limits.header_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self.stop()
        self.in_header, self.header_bytes = True, 0
        if not self.refused:
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self.stop()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.writing = self.loop.call_later(self.limits.body_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.writing is not None:
            self.writing.cancel()
            self.writing = None

    def wait(self, seconds: float) -> None:
        """Close the connection after `seconds`, unless `stop` comes first."""
        self.stop()
        self.timer = self.loop.call_later(seconds, self.refuse, 408)

    def stop(self) -> None:
        """Cancel the timeout: what was waited for has come."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def refuse(self, status: int) -> None:
        """Close the connection, with this status where no answer has begun."""
        self.refused = True
        self.stop()
        if getattr(self.cycle, "response_complete", True):  # or there is none yet
            head = f"HTTP/1.1 {status} ".encode() + _SAID[status]
            self.transport.write(head + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()


def protocol(connections: Connections) -> type[HttpToolsProtocol]:
    """The protocol class, with these limits, for uvicorn."""
    return type("Served", (BoundedProtocol,), {"open": connections, "limits": connections.limits})


class Proxied:
    """Client address behind proxies: the right-most forwarded address that is no listed proxy."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.trusted = networks(settings.signing_in.trusted_proxies)
        self.header = settings.signing_in.proxy_header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            client = scope.get("client")
            if client and is_among(client[0], self.trusted):
                scope = {**scope, **self._told(scope, str(client[0]))}
        await self.app(scope, receive, send)

    def _told(self, scope: Scope, peer: str) -> dict[str, Any]:
        headers = Headers(scope=scope)
        said = ",".join(headers.getlist(self.header))
        hops = (
            _forwarded(said)
            if self.header == "forwarded"
            else [(one, "") for one in said.split(",")]
        )
        schemes = ",".join(headers.getlist("x-forwarded-proto")).split(",")
        address, scheme = peer, schemes[-1].strip().lower()
        for hop, by in reversed(hops):
            found = _address(hop)
            if not found:
                break  # a malformed hop is not trusted, nor anything before it
            address, scheme = found, by or scheme
            if not is_among(found, self.trusted):
                break
        told: dict[str, Any] = {"client": (address, 0)}
        if scheme in {"http", "https"}:
            told["scheme"] = (
                scheme.replace("http", "ws") if scope["type"] == "websocket" else scheme
            )
        return told


def networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks from settings; ValueError for anything else."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in listed)


def is_among(address: str, listed: Sequence[Network]) -> bool:
    """Whether an address is in one of these, IPv4 mapped to IPv6 included."""
    found = _address(address)
    return bool(found) and any(ipaddress.ip_address(found) in one for one in listed)


def _address(text: str) -> str:
    """The address in a proxy's notation (port, brackets); "" for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def _forwarded(said: str) -> list[tuple[str, str]]:
    """(address, scheme) of each hop in a `Forwarded` header (RFC 7239)."""
    hops = []
    for hop in said.split(","):
        pairs = dict(part.strip().partition("=")[::2] for part in hop.split(";"))
        parts = {name.lower(): value.strip('"') for name, value in pairs.items()}
        hops.append((parts.get("for", ""), parts.get("proto", "").lower()))
    return hops
