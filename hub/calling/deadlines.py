"""Answers over HTTP end in time: at a deadline the connection is shut, whatever it was waiting for.

A time-out of a socket is one of each piece: a partner that sends a byte every few seconds never
meets it, in a handshake, a header or a body. Shutting the connection from outside ends all three.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPResponse, IncompleteRead, parse_headers

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_CALL = threading.local()
AGAIN_SECONDS = 0.5
"""Who opens another connection when one is shut is shut again."""


def nothing() -> None:
    """What else is shut where nothing is."""


class Deadline:
    """When a call must be over. passed: it was not, and its connection has been shut."""

    def __init__(self, also: Callable[[], None] = nothing) -> None:
        """also: shuts what is not a socket that is watched."""
        self.passed = False
        self._also = also
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def watch(self, one: socket.socket) -> None:
        """Let this socket, of a connection that the call uses, be shut at the deadline.

        A descriptor of the call's own: a connection is closed before its last answer has been read.
        """
        with self._lock:
            self._sockets.append(one.dup())
            if self.passed:
                self._shut()

    def run(self, seconds: float) -> None:
        """Wait for the end of the call, and shut what it uses when that does not come in time."""
        while not self._over.wait(AGAIN_SECONDS if self.passed else seconds):
            with self._lock:
                if not self._over.is_set():
                    self.passed = True
                    self._shut()
                    self._also()

    def end(self) -> None:
        with self._lock:
            self._over.set()
            for one in self._sockets:
                one.close()
            self._sockets.clear()

    def _shut(self) -> None:
        for one in self._sockets:
            with suppress(OSError):  # it is closed already
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def deadline(seconds: float, also: Callable[[], None] = nothing) -> Iterator[Deadline]:
    """What this thread calls meanwhile is over after so many seconds; also: as of `Deadline`."""
    call = Deadline(also)
    _CALL.deadline = call
    threading.Thread(target=call.run, args=(seconds,), name="deadline", daemon=True).start()
    try:
        yield call
    finally:
        call.end()
        _CALL.deadline = None


class _Answer(HTTPResponse):
    """An answer that is the final one, whose pieces have lengths that are lengths.

    A reader that takes `103 Early Hints` for the answer finds the real one where it expects the
    next call's; one that takes -1 for the length of a piece reads all that ever comes.
    """

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if (
                not HTTPStatus.CONTINUE < status < HTTPStatus.OK
                or status == HTTPStatus.SWITCHING_PROTOCOLS
            ):
                return version, status, reason
            parse_headers(self.fp)

    def _safe_read(self, amt: int) -> bytes:
        if amt < 0:
            raise IncompleteRead(b"")
        return super()._safe_read(amt)  # type: ignore[misc,no-any-return]


class _Watched(HTTPConnection):
    """A connection whose socket the call that uses it can shut from outside.

    It keeps a second descriptor of it: TLS takes the first away, and speaks before it gives one
    back.
    """

    response_class = _Answer
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._drop()
        self._twin = made.dup()
        self._watch()
        return made

    def request(self, *args: object, **kwargs: object) -> None:
        self._watch()
        super().request(*args, **kwargs)  # type: ignore[arg-type]

    def close(self) -> None:
        super().close()
        self._drop()

    def _watch(self) -> None:
        call: Deadline | None = getattr(_CALL, "deadline", None)
        if call is not None and self._twin is not None:
            call.watch(self._twin)

    def _drop(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


class _WatchedTls(_Watched, HTTPSConnection):
    """The same with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class Adapter(HTTPAdapter):
    """Makes the connections that a deadline can shut."""

    def __init__(self) -> None:
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
