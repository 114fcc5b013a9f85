"""How a contender is run: a process of its own, warm when its time starts, that does one case for
each line it is told.

Only the standard library, since contenders have environments of their own.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True)
class Answer:
    """What one case took. peak_mib: the most memory resident so far. did: what the contender says
    that it did.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    peak_mib: float = 0.0
    did: str = ""


def work(cases: Mapping[str, Callable[[], str]]) -> None:
    """Say that all is imported and opened, then do what is asked and say what it took, until there
    is no more.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    _say(answers, Answer())
    for line in sys.stdin:
        before, began = _cpu(), time.perf_counter()
        did = cases[line.strip()]()
        seconds, cpu = time.perf_counter() - began, _cpu() - before
        _say(answers, Answer(seconds, cpu, _peak(), did))


def _say(answers: TextIO, answer: Answer) -> None:
    print(json.dumps(asdict(answer)), file=answers, flush=True)


def _cpu() -> float:
    """CPU seconds of this process with its threads, and of its children that have ended."""
    return sum(os.times()[:4])


def _peak() -> float:
    """The most memory that this process has ever had resident, in MiB, as the kernel counts it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024
