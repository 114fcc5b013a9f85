"""A slow machine gets words: every wait of the start has a setting, and none of them ends what
works.
"""

import io
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console

from deploy import demo
from deploy.airflow import Airflow, AirflowSilentError, DagRun
from deploy.demo import LateError, Progress, Stage
from deploy.supervisor import Supervisor
from hub.errors import FlowError
from hub.settings import Starting, read
from tests.ports import reserve_port

SHORT, WORD = 0.3, "b"


class _Slow(BaseHTTPRequestHandler):
    """Airflow as it is on a slow machine: its first answers come too late, or are errors."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/auth/token"):
            self.answer(201, {"access_token": "t"})
            return
        known, run = self.server.runs, sent["dag_run_id"]  # type: ignore[attr-defined]
        status = 409 if run in known else 200
        known.append(run)
        if self.server.slow:  # type: ignore[attr-defined]
            self.server.slow.pop()  # type: ignore[attr-defined]
            self.server.let_go.wait(10)  # type: ignore[attr-defined]
        self.answer(status, {"dag_run_id": run})

    def do_GET(self) -> None:
        now = datetime.now(UTC).isoformat()
        runs = [{"dag_id": "pull_x", "dag_run_id": "r", "state": "running", "queued_at": now}]
        if self.server.broken:  # type: ignore[attr-defined]
            self.server.broken.pop()  # type: ignore[attr-defined]
            self.answer(503, {})
        else:
            self.answer(200, {"dag_runs": runs, "total_entries": 1})

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def slow_airflow(*, slow: int = 0, broken: int = 0) -> Iterator[ThreadingHTTPServer]:
    """An Airflow whose first answers are late (to a trigger) or errors (to a question)."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        server.slow, server.broken, server.runs = [0] * slow, [0] * broken, []  # type: ignore[attr-defined]
        server.let_go = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.let_go.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()


def client(server: ThreadingHTTPServer, *, silent_seconds: float = 20) -> Airflow:
    address = f"http://127.0.0.1:{server.server_port}"
    return Airflow(
        address, user="a", password=WORD, answer_seconds=SHORT, silent_seconds=silent_seconds
    )


def test_an_answer_of_airflow_that_comes_too_late_is_asked_for_again_and_starts_one_run(
    monkeypatch,
):
    monkeypatch.setattr("deploy.airflow.AGAIN_SECONDS", 0.01)
    with slow_airflow(slow=1) as server:
        run = client(server).trigger("pull_x")
        assert server.runs == [run, run]  # type: ignore[attr-defined]


def test_an_airflow_that_is_busy_for_a_moment_is_asked_again(monkeypatch):
    monkeypatch.setattr("deploy.airflow.AGAIN_SECONDS", 0.01)
    with slow_airflow(broken=2) as server:
        (run,) = client(server).runs(since=datetime.now(UTC))
    assert run.state == "running"


def test_an_airflow_that_stays_silent_is_told_in_words_with_the_settings_that_help():
    address = f"http://127.0.0.1:{reserve_port()}"
    with pytest.raises(
        AirflowSilentError, match=r"(?s)没有应答.*gives no answer.*HUB_START_ANSWER_SECONDS"
    ):
        Airflow(address, user="a", password=WORD, answer_seconds=SHORT, silent_seconds=0.01)


def test_an_act_that_no_longer_moves_is_told_in_words_with_its_setting(tmp_path):
    limits = Starting(act_seconds=SHORT)
    with slow_airflow() as server:
        stage = Stage(
            client(server),
            Supervisor(tmp_path, print, limits),
            limits,
            dags=["pull_x"],
            acts=[[]],
            seconds=[0],
        )
        with pytest.raises(
            LateError, match=r"(?s)pull_x.*全部组件照常运行.*runs on.*HUB_START_ACT_SECONDS"
        ):
            demo._settle(stage, datetime.now(UTC))


def test_the_acts_are_told_a_row_a_system(tmp_path):
    limits = Starting(act_seconds=SHORT)
    stage = Stage(
        Airflow.__new__(Airflow),  # which nobody asks here
        Supervisor(tmp_path, print, limits),
        limits,
        systems={"x": "甲系统", "y": "乙系统"},
        names=("first", "compared"),
        acts=[
            [DagRun("pull_x", "1", "success"), DagRun("push_x", "2", "running")],
            [DagRun("reconcile_x", "3", "failed")],
        ],
        seconds=[12.4],
    )
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(stage.picture())
    told = console.export_text()
    assert re.search(r"x 甲系统\s*│ ↓✓ ↑▶\s*│ ⇄✗", told)
    assert re.search(r"y 乙系统\s*│\s*│\s*│", told)
    assert "12 s" in told


def test_what_still_moves_is_not_late_however_long_it_takes():
    progress = Progress(10)
    progress.ended("one run")
    progress.moved_at -= 9
    assert not progress.ended("two runs")
    progress.moved_at -= 11
    assert progress.ended("two runs")
    assert time.monotonic() - progress.moved_at > 10


def test_every_wait_of_the_start_has_a_setting_that_is_told_when_it_is_wrong():
    given = {f"HUB_START_{name.upper()}": "7" for name in Starting.__slots__}
    assert read(Starting, given) == Starting(*[7.0] * len(Starting.__slots__))
    for name in given:
        with pytest.raises(FlowError, match=name):
            read(Starting, given | {name: "soon"})
