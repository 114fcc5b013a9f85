"""Start a partner as the real process it is, and talk to its admin API."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import requests

from tests.ports import reserve_port
from tests.processes import Program

USER, SECRET = "hub_test", "test-secret"  # a login of the sandbox only


@dataclass(frozen=True)
class Running:
    """A partner that has said that it is ready."""

    process: Program
    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def admin(self, path: str) -> requests.Response:
        return requests.get(f"{self.base}/_sandbox/{path}", timeout=30)

    def tell(self, path: str, body: dict[str, object]) -> requests.Response:
        return requests.post(f"{self.base}/_sandbox/{path}", json=body, timeout=60)

    def fault(self, name: str, *, times: int = 1, where: str | None = None) -> None:
        self.tell("faults", {"fault": name, "times": times, "where": where}).raise_for_status()

    def stop(self) -> float:
        """Stop it and give the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        return time.monotonic() - began


@contextmanager
def running(partner: str, *options: str) -> Iterator[Running]:
    """Run `python -m sandbox serve` until the block ends."""
    port = reserve_port()
    environment = {**os.environ, "SANDBOX_USER": USER, "SANDBOX_SECRET": SECRET}
    with tempfile.TemporaryFile("w+") as log:
        words = ("sandbox", "serve", partner, "--port", port, *options)
        process = Program(*words, environ=environment, output=log.fileno())
        try:
            assert eventually(lambda: "ready\n" in _text(log) or process.poll() is not None)
            assert process.poll() is None, f"{partner} ended before it was ready"
            yield Running(process, port)
        finally:
            process.kill()
            process.wait()


def _text(log: IO[str]) -> str:
    log.seek(0)
    return log.read()


def eventually(fact: Callable[[], bool], *, seconds: float = 30) -> bool:
    """Wait until something holds of a real process, for a bounded time."""
    until = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
