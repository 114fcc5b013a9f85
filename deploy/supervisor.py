"""Keeps child processes running and stops them all: nothing that we started outlives us.

Three nets: each child gets a signal when we die, whatever kills us; we are the reaper of every
orphaned descendant; and a stop ends with a look for descendants that are left, which are killed and
counted.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.postgres import CHECKOUT
from hub.settings import Starting

PR_SET_CHILD_SUBREAPER = 36
STEADY = 60.0  # a child that lived so long is restarted at once
MOST_WAIT = 30.0
TRIES = 3  # that a child gets before it is told that it does not come up
LOOK_EVERY = 2.0  # seconds after which it is looked again what a child has done
TELL_EVERY = 30.0  # seconds after which it is said again what is waited for

Say = Callable[[str], None]


class StartFailedError(RuntimeError):
    """A part without which nothing works did not come up; the text names its log and shows the end
    of it.
    """

    def __init__(self, name: str, log: Path, end: str) -> None:
        super().__init__(
            f"{name} 没有启动成功，完整日志：{log}\n{name} did not start; its whole log: {log}\n{end}"
        )


@dataclass(frozen=True, slots=True)
class Program:
    """One part of the hub: how it is launched, what shows that it serves, how it is asked to
    stop.
    """

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
    late: bool = False
    failures: int = 0
    restart_at: float | None = None
    asked_at: float = 0.0
    shown: tuple[float, int] = (0.0, 0)
    shown_at: float = 0.0
    looked_at: float = 0.0


class Supervisor:
    """Starts programs from the main thread only: a child's death signal hangs on the thread that
    made it.
    """

    def __init__(self, logs: Path, say: Say, limits: Starting | None = None) -> None:
        self._logs = logs
        self._say = say
        self._limits = limits or Starting()
        self._children: dict[str, _Child] = {}
        self._passing: dict[str, subprocess.Popen[bytes]] = {}
        self._rotated_at = time.monotonic()
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        for log in logs.glob("*.log"):  # one earlier session is kept
            log.replace(log.with_suffix(".log.1"))
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(self, *programs: Program) -> None:
        """Launch programs without waiting for them."""
        for program in programs:
            now = time.monotonic()
            self._children[program.name] = _Child(
                program, self._launch(program), now, asked_at=now, shown_at=now
            )

    def wait_ready(self, *needed: str) -> list[str]:
        """Return once every child serves or is late; the names of those that are late, which are
        waited for on.

        A child is late that shows no progress for long, or that has ended again and again. Raise
        StartFailedError for one of those needed: without them nothing works. Nothing that works is
        touched.
        """
        told_at = time.monotonic()
        while waiting := [
            child for child in self._children.values() if not (child.ready or child.late)
        ]:
            self.tend()
            for child in waiting:
                self._look_at(child, needed)
            if time.monotonic() - told_at > TELL_EVERY:
                told_at = time.monotonic()
                self._say_waiting([child.program.name for child in waiting if not child.ready])
            time.sleep(0.2)
        return [child.program.name for child in self._children.values() if not child.ready]

    def _look_at(self, child: _Child, needed: Sequence[str]) -> None:
        child.ready = child.restart_at is None and child.program.ready()
        if child.ready:
            return
        now = time.monotonic()
        if now - child.looked_at > min(LOOK_EVERY, self._limits.part_seconds / 2):
            child.looked_at, shown = now, self._shown(child)
            if shown != child.shown:
                child.shown, child.shown_at = shown, now
        limits, name = self._limits, child.program.name
        still, whole = now - child.shown_at, now - child.asked_at
        if child.failures < TRIES and still < limits.part_seconds and whole < limits.part_most:
            return
        error = self._start_failed(name)
        if name in needed:
            raise error
        child.late = True
        self._say(
            f"{error}\n{name} 尚未启动，其余部分照常运行；就绪后会提示 · "
            f"{name} is late: the rest runs, and it is said when {name} does"
        )

    def _shown(self, child: _Child) -> tuple[float, int]:
        """What a child has done so far: seconds of CPU of all its processes, and the length of its
        log.
        """
        spent = 0.0
        with suppress(psutil.Error):
            root = psutil.Process(child.process.pid)
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    spent += sum(process.cpu_times()[:4])
        return round(spent, 1), self._log(child.program.name).stat().st_size

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _rotate(self) -> None:
        """Begin a full log anew and keep it once; who writes to it goes on at its end, which is
        then its beginning.
        """
        for log in self._logs.glob("*.log"):
            if log.stat().st_size > self._limits.log_bytes:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    def _say_waiting(self, names: Sequence[str]) -> None:
        if names:
            self._say(f"仍在等待 · still waiting for {', '.join(names)}")

    def run(self, *commands: Program) -> None:
        """Run programs that end by themselves, side by side, tending the others meanwhile."""
        self._passing |= {command.name: self._launch(command) for command in commands}
        told_at = time.monotonic()
        while self._passing:
            self.tend()
            for name, process in list(self._passing.items()):
                if process.poll() is not None:
                    del self._passing[name]
                    if process.returncode:
                        raise self._start_failed(name)
            if time.monotonic() - told_at > TELL_EVERY:
                told_at = time.monotonic()
                self._say_waiting(list(self._passing))
            time.sleep(0.05)

    def look_after(self) -> None:
        """Tend, and say of a child that was late that it serves now; to be called while all
        runs.
        """
        self.tend()
        for child in self._children.values():
            if child.late and child.restart_at is None and child.program.ready():
                child.ready, child.late = True, False
                self._say(f"{child.program.name} 现已就绪 · {child.program.name} serves now")

    def tend(self) -> None:
        """Start again what has ended, and begin logs anew that are full; to be called a few times a
        second.
        """
        now = time.monotonic()
        if now - self._rotated_at > LOOK_EVERY:
            self._rotated_at = now
            self._rotate()
        for child in self._children.values():
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process, child.started, child.restart_at = (
                        self._launch(child.program),
                        now,
                        None,
                    )
            elif child.process.poll() is not None:
                self._plan_restart(child, now=now)
        self._reap()

    def stop(self, *stages: Sequence[str]) -> list[str]:
        """Stop the named children stage by stage, then every other; return what had to be
        killed.
        """
        killed = []
        for stage in (*stages, list(self._children)):
            stopping = [self._children.pop(name) for name in stage if name in self._children]
            for child in stopping:
                child.process.send_signal(child.program.stop_signal)
            stopping = _still_there(stopping, self._limits.stop_seconds)
            for child in (
                stopping
            ):  # again, and to its own children too, which ends Airflow's tasks under way
                os.killpg(child.process.pid, child.program.stop_signal)
            stopping = _still_there(stopping, self._limits.stop_seconds / 2)
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
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the children in
        # order.
        with self._log(program.name).open("ab") as out:
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
        log = self._log(name)
        self._say(
            f"{name} 意外退出（代码 {code}），{wait:g} 秒后重新启动，日志 {log}\n"
            f"{name} ended with code {code}; it starts again in {wait:g} s; see {log}"
        )

    def _start_failed(self, name: str) -> StartFailedError:
        log = self._log(name)
        return StartFailedError(
            name, log, "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        )

    def _reap(self) -> None:
        """Take leave of orphans that ended after their parents, which would stay as zombies."""
        own = {child.process.pid for child in self._children.values()}
        own |= {process.pid for process in self._passing.values()}
        with suppress(ChildProcessError):  # nobody is left
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in own:
                    return  # whoever polls it takes leave of it
                os.waitpid(ended.si_pid, 0)


def _still_there(children: Sequence[_Child], limit: float) -> list[_Child]:
    """Wait for children to end and return those that have not when the time is up."""
    deadline = time.monotonic() + limit
    while there := [child for child in children if child.process.poll() is None]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return there
