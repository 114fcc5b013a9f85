"""Keeps child processes running and stops them all: nothing that we started outlives us.

Three nets: each child gets a signal when we die, whatever kills us; we are the reaper of every orphaned descendant; and
a stop ends with a look for descendants that are left, which are killed and counted.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.postgres import CHECKOUT

PR_SET_CHILD_SUBREAPER = 36
STOP_LIMIT = 10.0  # seconds until a child and its own are asked again, which ends Airflow's tasks under way
LAST_LIMIT = 4.0  # seconds from then on until it is killed
START_LIMIT = 120.0
STEADY = 60.0  # a child that lived so long is restarted at once
MOST_WAIT = 30.0
TRIES = 3  # that a child gets before its first success

Say = Callable[[str], None]


class StartFailedError(RuntimeError):
    """A part did not come up; the text names its log and shows the end of it."""

    def __init__(self, name: str, log: Path, end: str) -> None:
        super().__init__(f"{name} 没有启动成功，完整日志：{log}\n{name} did not start; its whole log: {log}\n{end}")


@dataclass(frozen=True, slots=True)
class Program:
    """One part of the hub: how it is launched, what shows that it serves, how it is asked to stop."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    ready: bool = False
    failures: int = 0
    restart_at: float | None = None


class Supervisor:
    """Starts programs from the main thread only: a child's death signal hangs on the thread that made it."""

    def __init__(self, logs: Path, say: Say) -> None:
        self._logs = logs
        self._say = say
        self._children: dict[str, _Child] = {}
        self._passing: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        for log in logs.glob("*.log"):  # one earlier session is kept
            log.replace(log.with_suffix(".log.1"))
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(self, *programs: Program) -> None:
        """Launch programs without waiting for them."""
        for program in programs:
            self._children[program.name] = _Child(program, self._launch(program), time.monotonic())

    def wait_ready(self) -> None:
        """Return once every child serves, or raise StartFailedError for the first that cannot."""
        deadline = time.monotonic() + START_LIMIT
        while waiting := [child for child in self._children.values() if not child.ready]:
            self.tend()
            for child in waiting:
                child.ready = child.restart_at is None and child.program.ready()
                if not child.ready and (child.failures >= TRIES or time.monotonic() > deadline):
                    raise self._start_failed(child.program.name)
            time.sleep(0.1)

    def run(self, *commands: Program) -> None:
        """Run programs that end by themselves, side by side, tending the others meanwhile."""
        self._passing |= {command.name: self._launch(command) for command in commands}
        while self._passing:
            self.tend()
            for name, process in list(self._passing.items()):
                if process.poll() is not None:
                    del self._passing[name]
                    if process.returncode:
                        raise self._start_failed(name)
            time.sleep(0.05)

    def tend(self) -> None:
        """Start again what has ended; to be called a few times a second."""
        now = time.monotonic()
        for child in self._children.values():
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process, child.started, child.restart_at = self._launch(child.program), now, None
            elif child.process.poll() is not None:
                self._plan_restart(child, now=now)
        self._reap()

    def stop(self, *stages: Sequence[str]) -> list[str]:
        """Stop the named children stage by stage, then every other; return what had to be killed."""
        killed = []
        for stage in (*stages, list(self._children)):
            stopping = [self._children.pop(name) for name in stage if name in self._children]
            for child in stopping:
                child.process.send_signal(child.program.stop_signal)
            stopping = _still_there(stopping, STOP_LIMIT)
            for child in stopping:  # again, and to its own children too
                os.killpg(child.process.pid, child.program.stop_signal)
            stopping = _still_there(stopping, LAST_LIMIT)
            for child in stopping:
                child.process.kill()
                child.process.wait()
                killed.append(child.program.name)
        self._reap()
        strays = psutil.Process().children(recursive=True)
        for stray in strays:
            stray.kill()
        psutil.wait_procs(strays, timeout=5)
        return killed + [f"pid {stray.pid}" for stray in strays]

    def _launch(self, program: Program) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the children in order.
        with (self._logs / f"{program.name}.log").open("ab") as out:
            return subprocess.Popen(
                ["setpriv", f"--pdeathsig={program.stop_signal.name[3:]}", "--", *program.command],
                cwd=CHECKOUT,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _plan_restart(self, child: _Child, *, now: float) -> None:
        child.failures = 1 if now - child.started > STEADY else child.failures + 1
        wait = min(MOST_WAIT, 0.5 * 2 ** (child.failures - 1))
        child.restart_at = now + wait
        name, code = child.program.name, child.process.returncode
        log = self._logs / f"{name}.log"
        self._say(
            f"{name} 意外退出（代码 {code}），{wait:g} 秒后重新启动，日志 {log}\n"
            f"{name} ended with code {code}; it starts again in {wait:g} s; see {log}"
        )

    def _start_failed(self, name: str) -> StartFailedError:
        log = self._logs / f"{name}.log"
        return StartFailedError(name, log, "\n".join(log.read_text(errors="replace").splitlines()[-15:]))

    def _reap(self) -> None:
        """Take leave of orphans that ended after their parents, which would stay as zombies."""
        own = {child.process.pid for child in self._children.values()}
        own |= {process.pid for process in self._passing.values()}
        for process in psutil.Process().children():
            if process.pid not in own and process.status() == psutil.STATUS_ZOMBIE:
                process.wait(0)


def _still_there(children: Sequence[_Child], limit: float) -> list[_Child]:
    """Wait for children to end and return those that have not when the time is up."""
    deadline = time.monotonic() + limit
    while there := [child for child in children if child.process.poll() is None]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return there
