"""Timeouts for databases: at the deadline the driver's sockets are shut down, whatever it waits
for.

Drivers hardly give access to their sockets, those of ODBC never: they are found among the open file
descriptors of this process.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import Field

from connectors.options import Options
from hub.calling.deadlines import deadline, nothing
from hub.errors import HubError, TransientError
from hub.model import Connection

OPEN = Path("/proc/self/fd")
SERVERS_SHARE = 0.9
"""Share of the limit that the database gets itself, so that it cancels the query first."""
DRIVERS_SHARE = 1.1
"""Share for a driver's own login timeout: it explains better than we what happened."""


class QueryLimits(Options):
    """Time limit of a database's answers."""

    seconds: float = Field(
        default=900,
        gt=0,
        description="Seconds for one answer at most: a query with all its rows, or one "
        "transaction that is written. "
        "PostgreSQL, MySQL and MariaDB are told nine tenths of it, so that they end the query "
        "themselves",
    )


class Talk:
    """Applies time limits to all calls on one connection."""

    def __init__(self, connection: Connection, limits: QueryLimits, *, login: float) -> None:
        self.system = connection.system
        self.seconds, self._login = limits.seconds, login
        self._sockets = _Sockets(connection)
        self._took = 0.0
        self.interrupt: Callable[[], None] = nothing
        """Ends what runs in this process, where the database does."""

    def limits(self, statements: tuple[str, ...]) -> list[str]:
        """SQL that sets the database's own timeout."""
        told = self.seconds * SERVERS_SHARE
        return [
            each.format(seconds=f"{told:.3f}", milliseconds=max(1, int(told * 1000)))
            for each in statements
        ]

    @contextmanager
    def login(self) -> Iterator[None]:
        """Around connecting; TransientError at the deadline."""
        self._sockets.begin()
        late = TransientError("system.timeout", system=self.system, status="login")
        with self._until(self._login * DRIVERS_SHARE, late):
            yield
        self._sockets.settle()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around one query; TransientError at the deadline."""
        began = time.monotonic()
        try:
            with self._until(self.seconds, self.late()):
                yield
        finally:
            self._took = time.monotonic() - began

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Around closing; TransientError at the deadline."""
        with self._until(self.seconds, self.late()):
            yield

    def meant(self, error: HubError) -> HubError:
        """The error to raise: a query that the database cancelled at its limit is a timeout."""
        ended = isinstance(error, TransientError) and error.code == "system.timeout"
        return self.late() if ended and self._took >= self.seconds * SERVERS_SHARE else error

    def late(self) -> TransientError:
        """The error of a timeout."""
        return TransientError(
            "system.answer_slow",
            system=self.system,
            seconds=f"{self.seconds:g}",
            option="connect.answer.seconds",
        )

    @contextmanager
    def _until(self, seconds: float, late: TransientError) -> Iterator[None]:
        try:
            with deadline(seconds, self._shut) as call:
                yield
        except Exception:
            if call.passed:
                raise late from None
            raise
        if call.passed:
            raise late

    def _shut(self) -> None:
        self._sockets.shut()
        with suppress(Exception):  # any error of a dead connection
            self.interrupt()


class _Sockets:
    """The sockets that a driver has opened to one server, found while it connects."""

    def __init__(self, connection: Connection) -> None:
        self._port = connection.port
        self._local = connection.host in {"", "localhost"} or connection.host.startswith("/")
        self._before: set[int] = set()
        self._mine: set[int] | None = None

    def begin(self) -> None:
        self._before, self._mine = {number for _, number in _open()}, None

    def settle(self) -> None:
        found = dict(self._found())
        for one in found.values():
            one.close()
        self._mine = set(found)

    def shut(self) -> None:
        for _, one in self._found():
            with one, suppress(OSError):  # it is closed already
                one.shutdown(socket.SHUT_RDWR)

    def _found(self) -> Iterator[tuple[int, socket.socket]]:
        """Number and a duplicate descriptor of each; the caller closes it."""
        for descriptor, number in _open():
            if number not in self._before if self._mine is None else number in self._mine:
                with suppress(OSError):  # it has been closed meanwhile
                    one = socket.socket(fileno=os.dup(descriptor))
                    if self._is_theirs(one, number):
                        yield number, one
                    else:
                        one.close()

    def _is_theirs(self, one: socket.socket, number: int) -> bool:
        """Whether it still is that socket and, while connecting, leads to the server."""
        return os.fstat(one.fileno()).st_ino == number and (
            self._mine is not None or self._leads_there(one)
        )

    def _leads_there(self, one: socket.socket) -> bool:
        try:
            peer = one.getpeername()
        except OSError:  # it leads nowhere
            return False
        if isinstance(peer, tuple):
            return self._port is None or peer[1] == self._port
        return self._local and bool(peer)


def _open() -> list[tuple[int, int]]:
    """(descriptor, inode) of each socket of this process; [] where they cannot be listed."""
    found = []
    with suppress(OSError):
        for place in OPEN.iterdir():
            with suppress(OSError):
                kind, _, number = str(place.readlink()).partition(":")
                if kind == "socket":
                    found.append((int(place.name), int(number.strip("[]"))))
    return found
