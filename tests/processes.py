"""Programs of ours as processes of their own, forked from one that has imported what they need.

`python -m sandbox serve water` and its like spend most of their lives in imports, and the tests
start some hundred of them. Each is forked from a process that has done nothing but import, gets its
own arguments, environment and output, and runs its module as `python -m` does. What is tried of the
start itself is started as the user does, by `subprocess`.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import reduction, util
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMPORTED = ["tests.preloaded"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(IMPORTED)
util.get_temp_dir()  # now: a test may give this process another folder, which goes with it


class Program:
    """A running program; its methods are those of subprocess.Popen."""

    def __init__(
        self, *words: object, environ: Mapping[str, str], output: int = 2, errors: int | None = None
    ) -> None:
        """words: a module and its arguments. output, errors: files that take what it says, the same
        one if not said.
        """
        self.args = [str(word) for word in words]
        said = _Descriptor(output), _Descriptor(output if errors is None else errors)
        # NiceGUI serves in a process of this name only.
        self._process = _context.Process(
            target=_run, args=(self.args, dict(environ), *said), name="MainProcess"
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        """How it ended, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as the kernel would."""
        self.send_signal(signal.SIGKILL)


def ran(
    *words: object, environ: Mapping[str, str], timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """What a program has said and how it ended."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        program = Program(*words, environ=environ, output=said.fileno(), errors=complained.fileno())
        try:
            program.wait(timeout)
        finally:
            program.kill()
        said.seek(0)
        complained.seek(0)
        return subprocess.CompletedProcess(
            program.args, program.wait(), said.read(), complained.read()
        )


class _Descriptor:
    """A file descriptor on its way to another process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[object, ...]:
        return _arrived, (reduction.DupFd(self.number),)


def _arrived(sent: Any) -> int:
    number: int = sent.detach()
    return number


def _run(words: list[str], environ: dict[str, str], output: int, errors: int) -> None:
    """Become the program; whatever it raises ends the process."""
    for number, to in ((1, output), (2, errors)):
        os.dup2(to, number)
    for number in {output, errors}:
        os.close(number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
