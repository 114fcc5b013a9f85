"""A partner of bytes: what it is told to send goes out as it is, in whatever pieces and at whatever
pace.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

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
                one.recv(65536)
                say(one, over)

        serving = Thread(target=serve)
        serving.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            for thread in (serving, *threads):
                thread.join()
