"""The verbs that a stranger sees."""

import subprocess

from deploy.postgres import CHECKOUT


def test_help_lists_every_verb():
    makefile = (CHECKOUT / "Makefile").read_text()
    verbs = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout
    assert [line.split()[1] for line in shown.splitlines()] == verbs
    assert {"demo", "up", "test", "check"} <= set(verbs)
