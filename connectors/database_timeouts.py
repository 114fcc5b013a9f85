"""Talking to a database ends in time: at a deadline the sockets of its driver are shut, whatever it
was waiting for.

Drivers hand their sockets out rarely, those of ODBC never: they are found among those that this
process has open.
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
"""The database itself is told a little less, so that it ends the query rather than that we leave it
alone with it.
"""
DRIVERS_SHARE = 1.1
"""A driver that keeps to its own limit of logging in says better than we what happened."""


class QueryLimits(Options):
    """How long a database may take."""

    seconds: float = Field(
        default=900,
        gt=0,
        description="Seconds for one answer at most: a query with all its rows, or one "
        "transaction that is written. "
        "PostgreSQL, MySQL and MariaDB are told nine tenths of it, so that they end the query "
        "themselves",
    )


class Talk:
    """What is said over one connection to a partner's database, each call within its limit."""

    def __init__(self, connection: Connection, limits: QueryLimits, *, login: float) -> None:
        self.system = connection.system
        self.seconds, self._login = limits.seconds, login
        self._sockets = _Sockets(connection)
        self._took = 0.0
        self.interrupt: Callable[[], None] = nothing
        """Ends what runs in this process, where the database does."""

    def limits(self, statements: tuple[str, ...]) -> list[str]:
        """SQL that tells the database its limit."""
        told = self.seconds * SERVERS_SHARE
        return [
            each.format(seconds=f"{told:.3f}", milliseconds=max(1, int(told * 1000)))
            for each in statements
        ]

    @contextmanager
    def login(self) -> Iterator[None]:
        """Connecting; TransientError where it takes too long."""
        self._sockets.begin()
        late = TransientError("system.timeout", system=self.system, status="login")
        with self._until(self._login * DRIVERS_SHARE, late):
            yield
        self._sockets.settle()

    @contextmanager
    def call(self) -> Iterator[None]:
        """One answer; TransientError where it takes too long."""
        began = time.monotonic()
        try:
            with self._until(self.seconds, self.late()):
                yield
        finally:
            self._took = time.monotonic() - began

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Giving the connection back; TransientError where it takes too long."""
        with self._until(self.seconds, self.late()):
            yield

    def meant(self, error: HubError) -> HubError:
        """What an error means: one by which the database has kept to the limit that it was told is
        ours.
        """
        ended = isinstance(error, TransientError) and error.code == "system.timeout"
        return self.late() if ended and self._took >= self.seconds * SERVERS_SHARE else error

    def late(self) -> TransientError:
        """What is said of an answer that takes too long."""
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
        with suppress(
            Exception
        ):  # whatever a driver says of a connection that is not there any more
            self.interrupt()


class _Sockets:
    """The sockets that a driver has opened to one server: while it connects those that lead there,
    then the same.
    """

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
        """Number and a descriptor of our own of each; whoever takes it closes it."""
        for descriptor, number in _open():
            if number not in self._before if self._mine is None else number in self._mine:
                with suppress(OSError):  # it has been closed meanwhile
                    one = socket.socket(fileno=os.dup(descriptor))
                    if self._is_theirs(one, number):
                        yield number, one
                    else:
                        one.close()

    def _is_theirs(self, one: socket.socket, number: int) -> bool:
        """Whether it still is the one of this number and, while they connect, leads to the
        server.
        """
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
    """Descriptor and number of each socket of this process; none where the system does not list
    them.
    """
    found = []
    with suppress(OSError):
        for place in OPEN.iterdir():
            with suppress(OSError):
                kind, _, number = str(place.readlink()).partition(":")
                if kind == "socket":
                    found.append((int(place.name), int(number.strip("[]"))))
    return found
