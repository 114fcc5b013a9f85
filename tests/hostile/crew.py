"""Processes that live through seeds side by side, each with a PostgreSQL of its own.

`python -m tests.hostile.crew FAULTS`: reads a seed a line, answers with a line of JSON: seconds,
and what is wrong.
"""

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.hostile.lives import live
from tests.hostile.series import ROOT
from tests.hostile.server import running_server
from tests.hostile.world import Plan


@dataclass
class Worker:
    """One process and the seed that it lives through, with the moment at which that must be
    over.
    """

    process: subprocess.Popen[bytes]
    seed: int = 0
    until: float = 0.0

    def give(self, seed: int, limit: float) -> None:
        """Let it live through this seed."""
        self.seed, self.until = seed, time.monotonic() + limit
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it is dead: its answer will be none
            self.process.stdin.write(f"{seed}\n".encode())
            self.process.stdin.flush()

    def answer(self) -> tuple[float, list[str]] | None:
        """What it says of its seed; None from one that is dead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return tuple(json.loads(line)) if line.endswith(b"\n") else None  # type: ignore[return-value]

    def end(self) -> None:
        """It, and all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]


def hired(forced: Sequence[str]) -> Worker:
    """A new process; what it complains of is shown."""
    command = [sys.executable, "-m", "tests.hostile.crew", *forced]
    pipe = subprocess.PIPE
    return Worker(
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, start_new_session=True)
    )


def lived(
    seeds: Iterable[int], forced: Sequence[str], *, workers: int, limit: float
) -> Iterator[tuple[int, float, list[str]]]:
    """Seed, seconds and what is wrong, as lives end. One that kills its process, or takes for ever,
    is wrong.
    """
    left, crew = iter(seeds), []
    try:
        for seed in left:
            crew.append(hired(forced))
            crew[-1].give(seed, limit)
            if len(crew) == workers:
                break
        while crew:
            for worker in _told(crew):
                crew.remove(worker)
                seed, ended = worker.seed, _ended(worker, limit)
                if worker.process.poll() is not None:
                    worker = hired(forced)  # noqa: PLW2901 -- in its place
                following = next(left, None)
                if following is None:
                    worker.end()
                else:
                    worker.give(following, limit)
                    crew.append(worker)
                yield seed, *ended
    finally:
        for worker in crew:
            worker.end()


def _told(crew: Sequence[Worker]) -> list[Worker]:
    """Those that say something or whose time is over."""
    soonest = max(0.0, min(worker.until for worker in crew) - time.monotonic())
    ready, _, _ = select.select([worker.process.stdout for worker in crew], [], [], soonest)
    return [
        worker
        for worker in crew
        if worker.process.stdout in ready or worker.until <= time.monotonic()
    ]


def _ended(worker: Worker, limit: float) -> tuple[float, list[str]]:
    ready, _, _ = select.select([worker.process.stdout], [], [], 0)
    answer = worker.answer() if ready else None
    if answer is not None:
        return answer
    worker.end()
    why = (
        f"the process ended with {worker.process.returncode}"
        if ready
        else f"did not end within {limit:.0f} s"
    )
    return limit, [why]


def main() -> None:
    """Live through what is asked for until nothing more is."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever else is printed is no answer
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # connections break here by design
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with running_server() as server:
        for line in sys.stdin:
            began = time.monotonic()
            _, wrong = live(server, Plan.of(int(line), forced=sys.argv[1:]))
            answers.write(json.dumps([round(time.monotonic() - began, 2), wrong]) + "\n")


if __name__ == "__main__":
    main()
