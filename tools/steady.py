"""Run the tests of the console again and again on a busy machine: `make steady ROUNDS=20`.

`python tools/steady.py [--rounds N] [--loops N] [TESTS ...]`. Beside them so many loops that do nothing but keep a
core busy. Says after each round which tests failed, and in the end how many rounds did and each test how often.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

TESTS = ("tests/browser",)
BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): pass"  # and no longer, however we end
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


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


def failed(tests: Sequence[str]) -> list[str]:
    """Run them once, one after the other, and give those that failed; a run that came to no end is one too."""
    command = [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- pytest
    names = FAILED.findall(done.stdout)
    if names or done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
    return names or ([] if done.returncode == 0 else [f"pytest ended with {done.returncode}"])


def main() -> int:
    """Run all rounds; 1 if anything failed in any."""
    ask = argparse.ArgumentParser(prog="tools/steady.py", description=__doc__)
    ask.add_argument("--rounds", type=int, default=20)
    ask.add_argument("--loops", type=int, default=2)
    ask.add_argument("tests", nargs="*", default=TESTS)
    said = ask.parse_args()
    wrong: Counter[str] = Counter()
    bad = 0
    with busy(said.loops):
        for number in range(1, said.rounds + 1):
            began = time.monotonic()
            names = failed(said.tests)
            wrong.update(names)
            bad += bool(names)
            print(f"{number} / {said.rounds}: {time.monotonic() - began:.0f} s", *names, flush=True)
    for name, times in wrong.most_common():
        print(f"{times} x {name}")
    print(f"{said.rounds} 轮中 {bad} 轮有失败 · {bad} of {said.rounds} rounds failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
