"""The supervisor restarts what falls over and leaves nothing behind. It runs here as it does in use: as a process."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy import stack
from deploy.postgres import CHECKOUT
from deploy.site import PORTS, Site

# A child that ignores requests to stop and leaves an orphan in a session of its own, which ignores them too.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
with open(sys.argv[1], "a") as pids:
    print(os.getpid(), file=pids, flush=True)
time.sleep(600)
"""
FALLS_OVER_ONCE = """
import sys, time
from pathlib import Path
mark = Path(sys.argv[1])
if not mark.exists():
    mark.touch()
    sys.exit(3)
Path(sys.argv[2]).touch()
time.sleep(600)
"""
SUPERVISE = """
import json, os, signal, sys, time
from pathlib import Path
from deploy import supervisor as module
from deploy.supervisor import Program, StartFailedError, Supervisor
module.STOP_LIMIT = module.LAST_LIMIT = 0.5

def program(name, code, *arguments, proof):
    return Program(name, [sys.executable, "-c", code, *arguments], Path(proof).exists, dict(os.environ))

logs, programs = Path(sys.argv[1]), json.loads(sys.argv[2])
said = []
supervisor = Supervisor(logs, said.append)
supervisor.start(*(program(*p["arguments"], proof=p["proof"]) for p in programs))
try:
    supervisor.wait_ready()
except StartFailedError as error:
    said.append(str(error))
print(json.dumps(said), flush=True)
sys.stdin.read()
print(json.dumps(supervisor.stop()), flush=True)
"""


@contextmanager
def supervised(logs: Path, *programs: dict[str, object]) -> Iterator[subprocess.Popen[str]]:
    """A supervisor that has said what happened until its programs were ready; it stops when its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(logs), json.dumps(programs)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process


def said(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = json.loads(process.stdout.readline())
    return lines


def ends(process: subprocess.Popen[str]) -> list[str]:
    """Let the supervisor stop and return what it had to kill."""
    assert process.stdin is not None
    process.stdin.close()
    return said(process)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(fact: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.05)
    return fact()


def two_pids(file: Path) -> bool:
    return file.exists() and len(file.read_text().split()) == 2


def test_a_child_that_will_not_stop_and_its_orphan_are_killed(tmp_path):
    pids = tmp_path / "pids"
    stubborn = {"arguments": ["stubborn", STUBBORN, str(pids)], "proof": str(pids)}
    with supervised(tmp_path / "logs", stubborn) as process:
        assert said(process) == []
        assert eventually(lambda: two_pids(pids))
        killed = ends(process)
    assert len(killed) == 2
    assert not any(map(alive, map(int, pids.read_text().split())))


def test_children_stop_when_the_supervisor_is_killed(tmp_path):
    started, mark = tmp_path / "started", tmp_path / "mark"
    mark.touch()
    program = {"arguments": ["steady", FALLS_OVER_ONCE, str(mark), str(started)], "proof": str(started)}
    with supervised(tmp_path / "logs", program) as process:
        said(process)
        (child,) = children(process.pid)
        process.kill()
    assert eventually(lambda: not alive(child))


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_child_that_falls_over_is_started_again_and_it_is_said_where_to_look(tmp_path):
    started = tmp_path / "started"
    program = {
        "arguments": ["wobbly", FALLS_OVER_ONCE, str(tmp_path / "mark"), str(started)],
        "proof": str(started),
    }
    with supervised(tmp_path / "logs", program) as process:
        (line,) = said(process)
        assert "wobbly ended with code 3" in line
        assert str(tmp_path / "logs/wobbly.log") in line
        assert ends(process) == []


def test_a_child_that_never_comes_up_is_given_up_with_the_end_of_its_log(tmp_path):
    hopeless = {"arguments": ["hopeless", "raise SystemExit('no such thing')"], "proof": str(tmp_path / "no")}
    with supervised(tmp_path / "logs", hopeless) as process:
        assert "no such thing" in said(process)[-1]
        ends(process)


def test_a_taken_port_is_named_with_its_owner_and_the_cure(monkeypatch):
    monkeypatch.setattr(stack, "LEFTOVERS_LIMIT", 0.0)
    # Whoever opens a connection now may be given a port beside ours: let the hub ask for this one only.
    monkeypatch.setattr(stack, "PORTS", {"api": PORTS["api"]})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        here = Site(base_port=port - PORTS["api"], secrets={}, database_port=port)
        with pytest.raises(stack.PortTakenError, match=rf"{port} is taken by {os.getpid()}.*HUB_PORT_BASE"):
            stack.wait_for_free_ports(here)


def test_a_second_supervisor_of_one_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "RUN", tmp_path)
    monkeypatch.setattr(stack, "LOCK", tmp_path / "supervisor.lock")
    with stack.only_one():
        assert stack.running() == os.getpid()
        with pytest.raises(stack.AlreadyRunningError, match="make down"), stack.only_one():
            pass
    assert stack.running() is None
