"""The supervisor restarts what falls over and leaves nothing behind. It runs here as it does in
use: as a process.
"""

import getpass
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
from hub.settings import Starting

# A child that ignores requests to stop and leaves an orphan in a session of its own, which ignores
# them too.
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
COMES_UP_SLOWLY = """
import sys, time
from pathlib import Path
for step in range(8):
    time.sleep(0.3)
    print("step", step, flush=True)
Path(sys.argv[1]).touch()
time.sleep(600)
"""
ASLEEP = """
import sys, time
from pathlib import Path
while not Path(sys.argv[1]).exists():
    time.sleep(0.1)
Path(sys.argv[2]).touch()
time.sleep(600)
"""
SUPERVISE = """
import json, os, signal, sys, time
from pathlib import Path
from deploy.supervisor import Program, StartFailedError, Supervisor
from hub.settings import Starting

def program(name, code, *arguments, proof):
    return Program(name, [sys.executable, "-c", code, *arguments], Path(proof).exists,
        dict(os.environ))

logs, programs = Path(sys.argv[1]), json.loads(sys.argv[2])
said = []
supervisor = Supervisor(logs, said.append, Starting(part_seconds=float(sys.argv[3]),
    stop_seconds=0.5))
supervisor.start(*(program(*p["arguments"], proof=p["proof"]) for p in programs))
try:
    said += supervisor.wait_ready(*sys.argv[4:])
except StartFailedError as error:
    said.append(str(error))
print(json.dumps(said), flush=True)
for line in sys.stdin:
    del said[:]
    while not said:
        supervisor.look_after()
        time.sleep(0.05)
    print(json.dumps(said), flush=True)
print(json.dumps(supervisor.stop()), flush=True)
"""


@contextmanager
def supervised(
    logs: Path, *programs: dict[str, object], patience: float = 120, needed: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A supervisor that has said what happened until its programs were ready or late; it stops when
    its input ends.

    Each line of its input lets it look after them until it says something.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(logs), json.dumps(programs), str(patience), *needed],
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
    program = {
        "arguments": ["steady", FALLS_OVER_ONCE, str(mark), str(started)],
        "proof": str(started),
    }
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


HOPELESS: dict[str, object] = {
    "arguments": ["hopeless", "raise SystemExit('no such thing')"],
    "proof": "/nowhere",
}


def test_a_part_without_which_nothing_works_is_given_up_with_the_end_of_its_log(tmp_path):
    with supervised(tmp_path / "logs", HOPELESS, needed=("hopeless",)) as process:
        told = said(process)[-1]
        assert "no such thing" in told
        assert "hopeless did not start" in told
        ends(process)


def test_a_part_that_does_not_come_up_takes_nothing_else_down(tmp_path):
    started = tmp_path / "started"
    steady = {"arguments": ["steady", ASLEEP, str(tmp_path), str(started)], "proof": str(started)}
    with supervised(tmp_path / "logs", HOPELESS, steady) as process:
        *_, told, late = said(process)
        assert "no such thing" in told
        assert "hopeless is late: the rest runs" in told
        assert late == "hopeless"
        assert any(alive(pid) for pid in children(process.pid))
        ends(process)


def test_a_part_that_is_slow_and_shows_progress_is_waited_for(tmp_path):
    started = tmp_path / "started"
    slow = {"arguments": ["slow", COMES_UP_SLOWLY, str(started)], "proof": str(started)}
    with supervised(tmp_path / "logs", slow, patience=1) as process:
        assert said(process) == []
        assert started.exists()
        ends(process)


def test_a_part_that_shows_no_progress_is_late_and_it_is_said_when_it_serves_after_all(tmp_path):
    go, started = tmp_path / "go", tmp_path / "started"
    asleep = {"arguments": ["asleep", ASLEEP, str(go), str(started)], "proof": str(started)}
    with supervised(tmp_path / "logs", asleep, patience=0.5) as process:
        told, late = said(process)
        assert "asleep is late" in told
        assert late == "asleep"
        go.touch()
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        (told,) = said(process)
        assert "asleep serves now" in told
        assert ends(process) == []


def test_a_taken_port_is_named_with_its_owner_and_the_cure(monkeypatch):
    # Whoever opens a connection now may be given a port beside ours: let the hub ask for this one
    # only.
    monkeypatch.setattr(stack, "PORTS", {"api": PORTS["api"]})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        limits = Starting(ports_seconds=0.001)
        here = Site(base_port=port - PORTS["api"], secrets={}, database_port=port, limits=limits)
        with pytest.raises(
            stack.PortTakenError, match=rf"{port} is taken by {os.getpid()}.*HUB_PORT_BASE"
        ):
            stack.wait_for_free_ports(here)


def test_a_port_of_another_users_process_is_named_with_that_user():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sockets = Path("/proc/net/tcp").read_text()
        told = stack.foreign_owner(port, sockets)
        nobody = stack.foreign_owner(port, "")
    assert f"user {getpass.getuser()}" in told
    assert "无权查看" in told
    assert "another user or of a container" in nobody
    assert "?" not in told + nobody


def test_what_is_started_has_a_folder_for_temporary_files_that_goes_afterwards(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    note = tmp_path / "note"
    with stack.temporary_folder(note):
        first = Path(note.read_text())
        assert stack.own_environment()["TMPDIR"] == str(first)
        (first / "left").touch()
    assert not first.exists()
    left = tmp_path / "of a supervisor that was killed"
    left.mkdir()
    note.write_text(str(left))
    with stack.temporary_folder(note):
        assert not left.exists()


def test_a_second_supervisor_of_one_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "RUN", tmp_path)
    monkeypatch.setattr(stack, "LOCK", tmp_path / "supervisor.lock")
    with stack.only_one():
        assert stack.running() == os.getpid()
        with pytest.raises(stack.AlreadyRunningError, match="make down"), stack.only_one():
            pass
    assert stack.running() is None


def test_a_log_that_is_full_is_begun_anew_and_kept_once(tmp_path: Path):
    writing = "import time\nwhile True: print('x' * 99, flush=True); time.sleep(0.001)"
    program = [sys.executable, "-c", writing]
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom deploy.supervisor import Program, "
        "Supervisor\n"
        "from hub.settings import Starting\n"
        "logs = Path(sys.argv[1])\nsupervisor = Supervisor(logs, print, Starting(log_bytes=2000))\n"
        f"supervisor.start(Program('talker', {program!r}, lambda: True))\n"
        "while not (logs / 'talker.log.1').exists(): supervisor.tend(); time.sleep(0.05)\n"
        "print((logs / 'talker.log').stat().st_size, supervisor.stop())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert (tmp_path / "talker.log.1").stat().st_size > 2000
    assert int(done.stdout.split()[0]) < (tmp_path / "talker.log.1").stat().st_size
