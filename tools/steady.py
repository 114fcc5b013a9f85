"""Run the tests of the console again and again on a busy machine: `make steady ROUNDS=20`.

`python tools/steady.py [--rounds N] [--loops N] [--workers N] [--limit SECONDS] [TESTS ...]`.
Beside them so many loops that do nothing but keep a core busy. Each round is kept when it has
ended, so that a series that was cut goes on where it was, as long as the code is the same; in the
end a table says what each round took and which tests failed how often.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).resolve().parent.parent
TESTS = ("tests/browser",)
KEPT = CHECKOUT / ".run/steady.jsonl"
LIMIT = 900
BUSY = (
    "import os, sys\nwhile os.getppid() == int(sys.argv[1]): pass"  # and no longer, however we end
)
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
DIRTY = (["git", "rev-parse", "HEAD"], ["git", "diff", "HEAD"], ["git", "status", "--porcelain"])


@dataclass(frozen=True, slots=True)
class Round:
    """What a round took, and which tests failed in it. of: what it was a round of."""

    of: str
    seconds: int
    failed: list[str]


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """So many cores have something else to do."""
    command = [sys.executable, "-c", BUSY, str(os.getpid())]
    processes = [subprocess.Popen(command) for _ in range(loops)]  # noqa: S603 -- our own words
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def failed(tests: Sequence[str], *, workers: int, limit: float) -> list[str]:
    """Run them once and give those that failed; a run that came to no end, or to none in time, is
    one too.
    """
    shared = ["-n", str(workers)] if workers > 1 else []
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rfE",
        "-p",
        "no:cacheprovider",
        *shared,
        *tests,
    ]
    with subprocess.Popen(  # noqa: S603 -- pytest
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return [f"pytest did not end within {limit:.0f} s"]
        finally:
            with suppress(ProcessLookupError):  # it, and all that it has started
                os.killpg(process.pid, signal.SIGKILL)
    names = FAILED.findall(said)
    if names or process.returncode:
        sys.stdout.write(said)
    return names or ([] if process.returncode == 0 else [f"pytest ended with {process.returncode}"])


def series(asked: argparse.Namespace) -> str:
    """A name for rounds that may be counted together: of the same code, tests and load."""
    told = hashlib.sha256(repr((asked.loops, asked.workers, [*asked.tests])).encode())
    for command in DIRTY:
        # git
        told.update(subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False).stdout)  # noqa: S603
    return told.hexdigest()[:16]


def kept(file: Path, of: str) -> list[Round]:
    """The rounds of this series that have ended."""
    if not file.exists():
        return []
    rounds = [Round(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    return [one for one in rounds if one.of == of]


def keep(file: Path, one: Round) -> None:
    """Write a round down behind the others."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(one)) + "\n")


def table(rounds: Sequence[Round]) -> Iterator[str]:
    """What came of all rounds, line by line."""
    for number, one in enumerate(rounds, 1):
        yield f"{number:4}  {one.seconds:5} s  {', '.join(one.failed) or '✓'}"
    taken = [one.seconds for one in rounds]
    if taken:
        yield (
            f"{min(taken)} / {median(taken):.0f} / {max(taken)} s (最短、中位、最长 · shortest, median, "
            f"longest)"
        )
    for name, times in Counter(name for one in rounds for name in one.failed).most_common():
        yield f"{times} x {name}"
    bad = sum(bool(one.failed) for one in rounds)
    yield f"{len(rounds)} 轮中 {bad} 轮有失败 · {bad} of {len(rounds)} rounds failed"


def main() -> int:
    """Run all rounds that are not kept; 1 if anything failed in any."""
    ask = argparse.ArgumentParser(prog="tools/steady.py", description=__doc__)
    ask.add_argument("--rounds", type=int, default=20)
    ask.add_argument("--loops", type=int, default=2)
    ask.add_argument(
        "--workers", type=int, default=2, help="processes that share the tests of a round"
    )
    ask.add_argument("--limit", type=float, default=LIMIT, help="seconds that a round may take")
    ask.add_argument("--kept", type=Path, default=KEPT, help="where rounds are written down")
    ask.add_argument("tests", nargs="*", default=TESTS)
    asked = ask.parse_args()
    of = series(asked)
    rounds = kept(asked.kept, of)[: asked.rounds]
    if rounds:
        print(f"接着第 {len(rounds)} 轮 · going on after round {len(rounds)}", flush=True)
    with busy(asked.loops):
        for number in range(len(rounds) + 1, asked.rounds + 1):
            began = time.monotonic()
            names = failed(asked.tests, workers=asked.workers, limit=asked.limit)
            rounds.append(Round(of, round(time.monotonic() - began), names))
            keep(asked.kept, rounds[-1])
            print(f"{number} / {asked.rounds}: {rounds[-1].seconds} s", *names, flush=True)
    print(*table(rounds), sep="\n", flush=True)
    return 1 if any(one.failed for one in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
