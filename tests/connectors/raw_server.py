"""A partner of bytes: what it is told to send goes out as it is, in whatever pieces and at whatever
pace.
"""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d{1,18})")
Say = Callable[[socket.socket, Event], None]


@contextmanager
def raw_server(say: Say) -> Iterator[int]:
    """Give the port at which each connection, once it has asked something, is answered by `say`.

    The event ends what never ends by itself.
    """
    over, threads = Event(), list[Thread]()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                try:
                    one, _ = server.accept()
                except TimeoutError:
                    continue
                threads.append(Thread(target=answer, args=(one,)))
                threads[-1].start()

        def answer(one: socket.socket) -> None:
            with one, suppress(OSError):
                one.settimeout(5)
                _read_request(one)
                say(one, over)

        serving = Thread(target=serve)
        serving.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            for thread in (serving, *threads):
                thread.join()


def _read_request(one: socket.socket) -> None:
    """Read a request of HTTP to its end: closing a connection with something unread resets it, and
    then its answer may be lost.
    """
    got = b""
    while b"\r\n\r\n" not in got:
        if not (more := one.recv(65536)):
            return
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    said = LENGTH.search(head)
    wanted = int(said[1]) - len(body) if said else 0
    while wanted > 0 and (more := one.recv(65536)):
        wanted -= len(more)
