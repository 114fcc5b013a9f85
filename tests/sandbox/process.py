"""Start a partner as the real process it is, and talk to its admin API."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.postgres import free_port

USER, SECRET = "hub_test", "test-secret"  # a login of the sandbox only
START_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """A partner that has said that it is ready."""

    process: subprocess.Popen[str]
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
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "serve", partner, "--port", str(port), *options]
    environment = {**os.environ, "SANDBOX_USER": USER, "SANDBOX_SECRET": SECRET}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            assert any(line == "ready\n" for line in lines), "the partner ended before it was ready"
            yield Running(process, port)
        finally:
            process.kill()
