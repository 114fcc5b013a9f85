"""Faults that are planted in the hub to see who would notice: `python -m tests.hostile.planted`.

Each (`planted_faults.py`) replaces one small text of one module in processes that then live through
seeds; what no life notices is tried by the ordinary tests that it names. No file is touched. Prints
a table. Not part of `make test`.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.hostile.planted_faults import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[2]
PLANTING = Path(__file__).with_name("planting")
LONGEST = 1800  # seconds: who has not ended by then has noticed


def main() -> int:
    """Plant one after the other; 1 if any was not noticed."""
    ask = argparse.ArgumentParser(prog="python -m tests.hostile.planted", description=__doc__)
    ask.add_argument("--seeds", type=int, default=8, help="lives for each")
    ask.add_argument("--first", type=int, default=50_000, help="the first seed")
    ask.add_argument("--only", default="", help="faults whose function or description holds this")
    ask.add_argument(
        "--tests", action="store_true", help="ask the tests also of what lives have noticed"
    )
    ask.add_argument(
        "--check", action="store_true", help="only see whether each still finds its text"
    )
    asked = ask.parse_args()
    chosen = [fault for fault in FAULTS if asked.only in fault.function or asked.only in fault.what]
    if wrong := [found for fault in chosen if (found := misplaced(fault))]:
        print(*wrong, sep="\n")
    if wrong or asked.check:
        return 1 if wrong else 0
    if failed := unplanted(chosen, seeds=asked.seeds, first=asked.first):
        print(failed, "This fails without any fault.", sep="\n")
        return 1
    print("| Fault | In | Noticed by life | By test |", "|---|---|---|---|", sep="\n", flush=True)
    noticed = [
        tried(fault, seeds=asked.seeds, first=asked.first, tests=asked.tests) for fault in chosen
    ]
    print(f"{sum(noticed)} of {len(chosen)} noticed")
    return 0 if all(noticed) else 1


def misplaced(fault: Fault) -> str:
    """Why a fault cannot be planted, or would change nothing; "" if all is well."""
    text = (ROOT / fault.path).read_text(encoding="utf-8")
    if text.count(fault.right) != 1:
        return f"{fault.function}: its text is not there once: {fault.what}"
    if ast.dump(ast.parse(text)) == ast.dump(ast.parse(text.replace(fault.right, fault.wrong))):
        return f"{fault.function}: it is the same code: {fault.what}"
    return ""


def unplanted(faults: Sequence[Fault], *, seeds: int, first: int) -> str:
    """What lives and tests say that fail by themselves."""
    tests = sorted({test for fault in faults for test in fault.tests})
    code, told = _ended(None, *_lives(seeds, first))
    if not code:
        code, told = _ended(None, *_tests(tests))
    return told if code else ""


def tried(fault: Fault, *, seeds: int, first: int, tests: bool) -> bool:
    """Whether anybody noticed it; says who."""
    began = time.monotonic()
    code, told = _ended(fault, *_lives(seeds, first, fault.under))
    failed = re.search(r"^FAILED: seed (\d+)", told, re.MULTILINE)
    life = int(failed[1]) - first + 1 if failed else 1 if code else 0
    by = ""
    if tests or not life:
        code, told = _ended(fault, *_tests(fault.tests))
        found = re.search(r"^FAILED (\S+)", told, re.MULTILINE)
        by = "" if code != 1 else found[1] if found else "a test"
    place, took = fault.function.removeprefix("hub."), time.monotonic() - began
    test = f"`{by.partition('::')[2].partition('[')[0]}`" if by else "" if life else "**nobody**"
    lived = f"no. {life} of {seeds}" if life else f"none of {seeds}"
    print(f"| {fault.what} | `{place}` | {lived} | {test} |", flush=True)
    print(f"{place}: {took:.0f} s {by}", file=sys.stderr, flush=True)
    return bool(life or by)


def _lives(seeds: int, first: int, under: Sequence[str] = ()) -> tuple[str, ...]:
    forced = [word for name in under for word in ("--fault", name)]
    lives = (
        "tests.hostile",
        "--until-failure",
        "--seeds",
        str(seeds),
        "--first",
        str(first),
        *forced,
    )
    return lives if seeds else ()


def _tests(tests: Sequence[str]) -> tuple[str, ...]:
    return ("pytest", "-q", "-x", "-p", "no:cacheprovider", *tests) if tests else ()


def _ended(fault: Fault | None, *words: str) -> tuple[int, str]:
    """How a module ended with this fault in it, and what it said; without words nothing is done."""
    if not words:
        return 0, ""
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environ(fault),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            told, _ = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.terminate()
            told, _ = process.communicate()
    return process.returncode, told


def environ(fault: Fault | None) -> dict[str, str]:
    """The environment of a process that has this fault in it, and hands it on to those that it
    starts.
    """
    if fault is None:
        return dict(os.environ)
    said = json.dumps({"module": fault.module, "right": fault.right, "wrong": fault.wrong})
    return {**os.environ, "PYTHONPATH": str(PLANTING), "PLANTED": said}


if __name__ == "__main__":
    sys.exit(main())
