"""Partners of the sandbox as real processes: started on free ports, asked over their admin API,
always stopped.
"""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.ports import reserve_port
from tests.processes import Program

USER, SECRET = "hub_login", "s3cret-of-the-hub"
START_SECONDS = 60
STOP_SECONDS = 10
HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PartnerProcess:
    """One running partner: where it answers, and its admin API."""

    name: str
    port: int
    sftp_port: int
    lines: list[str] = field(default_factory=list)

    def ask(self, path: str, *, method: str = "GET", body: object = None) -> object:
        """Call `/_sandbox/<path>`."""
        content = None if body is None else json.dumps(body).encode()
        request = Request(
            f"http://127.0.0.1:{self.port}/_sandbox/{path}",
            data=content,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
            return json.load(answer)

    def arm(self, fault: str, *, times: int = 1, where: str | None = None) -> None:
        self.ask("faults", method="POST", body={"fault": fault, "times": times, "where": where})

    def disarm(self) -> None:
        self.ask("faults", method="DELETE")

    def tick(self) -> None:
        self.ask("tick", method="POST", body={})

    def edit(self, resource: str, key: str, changes: dict[str, object]) -> None:
        self.ask("edit", method="POST", body={"resource": resource, "key": key, "set": changes})

    def shared(self) -> dict[str, int]:
        counts = self.ask("shared")
        assert isinstance(counts, dict)
        return counts

    def received(self, resource: str) -> list[dict[str, object]]:
        records = self.ask(f"received?{urlencode({'resource': resource})}")
        assert isinstance(records, list)
        return records

    def health(self) -> dict[str, object]:
        health = self.ask("health")
        assert isinstance(health, dict)
        return health


@contextmanager
def running_partner(
    name: str, *, state: Path, projects: int = 0, database_url: str = "", user: str = USER
) -> Iterator[PartnerProcess]:
    """Serve a partner until the block ends; the login that it knows is `user` with SECRET."""
    partner = PartnerProcess(name, reserve_port(), reserve_port())
    wanted = {
        "--port": partner.port,
        "--sftp-port": partner.sftp_port,
        "--state": state,
        "--projects": projects,
        "--seed": 7,
    } | ({"--database-url": database_url} if database_url else {})
    words = [part for pair in wanted.items() for part in pair]
    environ = {**os.environ, "SANDBOX_USER": user, "SANDBOX_SECRET": SECRET}
    heard, said = os.pipe()
    process = Program("sandbox", "serve", name, *words, environ=environ, output=said)
    os.close(said)
    ready: queue.Queue[bool] = queue.Queue()
    reader = threading.Thread(target=_read, args=(heard, partner.lines, ready), daemon=True)
    reader.start()
    try:
        if not ready.get(timeout=START_SECONDS):
            raise RuntimeError(f"{name} did not start:\n" + "\n".join(partner.lines[-30:]))
        yield partner
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(STOP_SECONDS)


def _read(heard: int, lines: list[str], ready: "queue.Queue[bool]") -> None:
    """Keep what the process says, and tell when it is ready or has ended."""
    with open(heard, encoding="utf-8") as said:
        for line in said:
            lines.append(line.rstrip())
            if line.strip() == "ready":
                ready.put(True)  # noqa: FBT003 - the queue's only word
    ready.put(False)  # noqa: FBT003 - likewise
