"""The whole hub as `make up` runs it, from a copy of this checkout, on ports of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.request import ProxyHandler, Request, build_opener

import psycopg
from playwright.sync_api import FrameLocator, Locator, Page

from deploy.airflow import Airflow, DagRun
from deploy.site import DECLARED, PORTS
from tests.ports import reserve_ports

CHECKOUT = Path(__file__).resolve().parent.parent.parent
NOT_COPIED = (".git", ".run", ".tools", ".venv", ".*_cache", "tests")  # what is compiled is copied
START_LIMIT = 400.0
STOP_LIMIT = 180.0
PATIENCE = 180.0
ASKING_AIRFLOW = (
    0.8  # seconds between two questions: each costs its server what a task costs to be scheduled
)
SLOW = 120_000  # milliseconds that a page may take on a busy machine

UNKNOWN_NATURE = "7"  # codes of the investment platform that its mapping does not know
UNKNOWN_KIND = "A00009"
BROKEN, REPAIRED_AT_SOURCE = "2017-520303-84-01-062937", "2017-520502-93-01-133145"
STORY = "2404-522625-04-05-696862"
WRONG_AT_FIRST = {
    BROKEN: {"jsxz": UNKNOWN_NATURE},
    REPAIRED_AT_SOURCE: {"jsxz": UNKNOWN_NATURE},
    STORY: {"xmlx": UNKNOWN_KIND},
}
"""What the investment platform says of three projects before anything is pulled."""

T = TypeVar("T")


def eventually(look: Callable[[], T | None], *, what: str, pause: float = 0.3) -> T:
    """What `look` finds, once it finds something; pause: seconds between two looks."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(pause)
    raise AssertionError(what)


@dataclass(frozen=True, slots=True)
class RunningSite:
    """One running hub: where its files lie, Airflow's API, the hub's database, and the partners'
    admin API.
    """

    home: Path
    base_port: int
    airflow: Airflow
    up: "Up"

    def address(self, part: str) -> str:
        """Where people and programs reach a part."""
        return f"http://127.0.0.1:{self.base_port + PORTS[part]}"

    def secret(self, name: str) -> str:
        """A password that this site has made."""
        secrets: dict[str, str] = json.loads((self.home / ".run/secrets.json").read_text())
        return secrets[name]

    def sql(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        lines = (self.home / ".run/hub.env").read_text().splitlines()
        (url,) = [line.partition("=")[2] for line in lines if line.startswith("HUB_DATABASE_URL=")]
        with closing(psycopg.connect(url)) as db:
            # queries of this folder
            return db.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def partner(self, name: str, path: str, body: object = None) -> object:
        """Ask a partner's admin API; a body is posted."""
        content = None if body is None else json.dumps(body).encode()
        program, below = ("declared", f"/{name}") if name in DECLARED else (name, "")
        address = f"http://127.0.0.1:{self.base_port + PORTS[program]}{below}/_sandbox/{path}"
        request = Request(address, data=content, headers={"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the hub, typed in this checkout."""
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUB_", "AIRFLOW_"))
        }
        return subprocess.run(
            [sys.executable, "-m", "hub", *words],
            cwd=self.home,
            env=environ | {"HUB_LANG": "en"},
            capture_output=True,
            text=True,
            check=False,
        )

    def holds(self, partner: str, resource: str, field: str, value: str) -> list[dict[str, object]]:
        """What a partner was given by the hub of that resource with that value."""
        received = self.partner(partner, f"received?resource={resource}")
        assert isinstance(received, list)
        return [record for record in received if record.get(field) == value]

    def runs(self, dag: str) -> list[DagRun]:
        asked = {"order_by": "run_after"}
        return [
            DagRun(dag, str(run["dag_run_id"]), str(run["state"]))
            for run in self.airflow._pages(f"dags/{dag}/dagRuns", asked, found="dag_runs")
        ]

    def known(self, *dags: str) -> None:
        """Wait until Airflow has read these DAGs: it serves before it has read them all."""
        eventually(
            lambda: self.airflow.dags().keys() >= set(dags),
            what=f"that Airflow has read {dags}",
            pause=ASKING_AIRFLOW,
        )

    def unpause(self, *dags: str) -> None:
        """Let these DAGs run, once Airflow has read them."""
        self.known(*dags)
        self.airflow.unpause(dags)

    def finished(self, dag: str, run_id: str | None = None, *, state: str = "success") -> DagRun:
        """That run, or the first one of the DAG, once it has ended, as it should."""

        def ended() -> DagRun | None:
            runs = [run for run in self.runs(dag) if run_id in (None, run.id)]
            return next((run for run in runs if run.state in ("success", "failed")), None)

        run = eventually(ended, what=f"the end of a run of {dag}", pause=ASKING_AIRFLOW)
        assert run.state == state, run
        return run


def sign_in(place: Page | FrameLocator, *, user: Locator, name: str, password: str) -> None:
    """Fill in name and password where they are asked for."""
    user.fill(name)
    place.locator("[name=password]").fill(password)
    place.locator("button[type=submit]").click()


class Up:
    """`make up` of one checkout."""

    def __init__(self, home: Path, base_port: int) -> None:
        self.home = home
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUB_", "AIRFLOW_"))
        }
        self.environ = own | {"HUB_PORT_BASE": str(base_port), "PYTHONUNBUFFERED": "1"}
        self.command = [sys.executable, "-m", "deploy"]

    def start(self) -> None:
        """Start everything; return once it serves."""
        said: list[str] = []
        ready = threading.Event()
        self._process = subprocess.Popen(
            [*self.command, "up"],
            cwd=self.home,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(
            target=_read, args=(self._process, said, ready), daemon=True
        )
        self._reader.start()
        assert ready.wait(START_LIMIT), "\n".join(said)
        assert self._process.poll() is None, "\n".join(said)

    def stop(self) -> None:
        """Stop everything."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(STOP_LIMIT)
        self._reader.join(10)

    def run(self, *command: str) -> None:
        """Run a command of this checkout to its end."""
        subprocess.run(
            [sys.executable, *command],
            cwd=self.home,
            env=self.environ,
            check=True,
            capture_output=True,
        )


@contextmanager
def running_site(folder: Path) -> Iterator[RunningSite]:
    """Start everything from a copy of this checkout, and stop it afterwards; nothing of it is
    left.
    """
    home = folder / "checkout"
    shutil.copytree(CHECKOUT, home, ignore=shutil.ignore_patterns(*NOT_COPIED))
    base_port = reserve_ports(PORTS.values())
    up = Up(home, base_port)
    try:
        up.start()
        secrets = json.loads((home / ".run/secrets.json").read_text())
        address = f"http://127.0.0.1:{base_port + PORTS['airflow']}"
        airflow = Airflow(address, user="admin", password=secrets["admin"])
        yield RunningSite(home, base_port, airflow, up)
    finally:
        up.stop()
        up.run("-m", "deploy", "clean")


def _read(process: subprocess.Popen[str], said: list[str], ready: threading.Event) -> None:
    """Keep what is said; ready when the stop key is explained, or when it is all over."""
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            said.append(line.rstrip())
            if "Ctrl-C" in line:
                ready.set()
    ready.set()
