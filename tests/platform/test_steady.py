"""`make steady` says how often what failed."""

import subprocess
import sys
from pathlib import Path

from deploy.postgres import CHECKOUT

SAMPLE = """
from pathlib import Path

def test_now_and_then():
    mark = Path(__file__).with_suffix(".mark")
    first = not mark.exists()
    mark.touch()
    assert not first

def test_always():
    pass
"""


def steady(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHECKOUT / "tools/steady.py"), "--loops", "1", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=300)


def test_a_round_that_failed_is_counted_and_its_test_named(tmp_path: Path):
    sample = tmp_path / "test_sample.py"
    sample.write_text(SAMPLE)
    said = steady("--rounds", "2", str(sample))
    assert said.returncode == 1
    *_, named, summed = said.stdout.splitlines()
    assert named.startswith("1 x ")
    assert named.endswith("test_sample.py::test_now_and_then")
    assert "1 of 2 rounds failed" in summed


def test_tests_that_cannot_be_run_are_no_success(tmp_path: Path):
    said = steady("--rounds", "1", str(tmp_path / "nothing.py"))
    assert said.returncode == 1
    assert "1 of 1 rounds failed" in said.stdout
