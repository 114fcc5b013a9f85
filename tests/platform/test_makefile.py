"""The verbs that a stranger sees."""

import subprocess

import pytest

from deploy.postgres import CHECKOUT


def make(*words: str) -> str:
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout


def verbs() -> list[str]:
    makefile = (CHECKOUT / "Makefile").read_text()
    return next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]


def test_help_lists_every_verb():
    assert [line.split()[1] for line in make("help").splitlines()] == verbs()
    assert {"demo", "up", "test", "steady", "check"} <= set(verbs())


@pytest.mark.parametrize("manual", ["README.md", "README.zh-CN.md"])
def test_the_manual_names_every_verb(manual: str):
    text = (CHECKOUT / manual).read_text(encoding="utf-8")
    assert [verb for verb in verbs() if f"make {verb}" not in text] == []


def test_tests_run_with_two_workers_unless_said():
    assert "pytest -n 2" in make("--dry-run", "test")
    assert "pytest -n 4" in make("--dry-run", "test", "WORKERS=4")


def test_the_consoles_tests_are_run_twenty_times_unless_said():
    assert "steady.py --rounds 20" in make("--dry-run", "steady")
    assert "steady.py --rounds 3" in make("--dry-run", "steady", "ROUNDS=3")
