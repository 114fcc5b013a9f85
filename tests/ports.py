"""Ports of 127.0.0.1 for servers that tests start, and addresses at which nobody answers.

A port that was only looked up is anybody's until the server listens: another worker's server or any
outgoing connection may be given it meanwhile. So each stays bound here, by a socket that never
listens, until this process ends; Linux then gives it to nobody who asks for any port, and lets a
server that sets SO_REUSEADDR, as all of ours do, listen at it.
"""

import random
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

_held = ExitStack()


def reserve_port() -> int:
    """A port for one server that is told it; until one listens, whoever connects is refused."""
    port: int = _held.enter_context(_bound(0)).getsockname()[1]
    return port


def reserve_ports(offsets: Iterable[int]) -> int:
    """A base from which the ports at all offsets are reserved, below those that Linux gives to
    whoever asks.
    """
    offsets = list(offsets)
    while True:
        base = random.randrange(20_000, 32_000)  # noqa: S311 -- any will do
        with ExitStack() as all_or_none:
            try:
                for offset in offsets:
                    all_or_none.enter_context(_bound(base + offset))
            except OSError:
                continue
            _held.push(all_or_none.pop_all())
            return base


def server_socket(kind: socket.SocketKind, *, path: Path | None = None) -> socket.socket:
    """A socket of a server within this process: at a path, or at a port that is its own from the
    beginning.
    """
    server = socket.socket(socket.AF_INET if path is None else socket.AF_UNIX, kind)
    server.bind(("127.0.0.1", 0) if path is None else str(path))
    return server


def _bound(port: int) -> socket.socket:
    holder = socket.socket()
    try:
        holder.bind(("127.0.0.1", port))  # without SO_REUSEADDR, so that no two of us hold one port
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except OSError:
        holder.close()
        raise
    return holder
