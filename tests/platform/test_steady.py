"""`make steady` says how often what failed."""

import subprocess
import sys
from pathlib import Path

import psutil

from deploy.postgres import CHECKOUT
from tests.platform.test_supervisor import alive, children, eventually

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


NEVER = """
import os, time
from pathlib import Path

def test_never_ends():
    Path(__file__).with_suffix(".begun").touch()
    while os.getppid():
        time.sleep(0.1)
"""


def steady(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = ("--loops", "1", "--workers", "1", "--kept", str(folder / "kept.jsonl"))
    command = [sys.executable, str(CHECKOUT / "tools/steady.py"), *own, *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=300
    )


def test_a_round_that_failed_is_counted_and_its_test_named(tmp_path: Path):
    sample = tmp_path / "test_sample.py"
    sample.write_text(SAMPLE)
    said = steady(tmp_path, "--rounds", "2", str(sample))
    assert said.returncode == 1
    *_, first, second, spread, named, summed = said.stdout.splitlines()
    assert (first.split()[0], "test_now_and_then" in first) == ("1", True)
    assert second.split()[-1] == "✓"
    assert "median" in spread
    assert named.startswith("1 x ")
    assert named.endswith("test_sample.py::test_now_and_then")
    assert "1 of 2 rounds failed" in summed
    again = steady(tmp_path, "--rounds", "2", str(sample))  # all of them are kept: none is run
    assert again.stdout.splitlines()[-5:] == said.stdout.splitlines()[-5:]
    assert "going on after round 2" in again.stdout


def test_tests_that_cannot_be_run_or_come_to_no_end_are_no_success(tmp_path: Path):
    said = steady(tmp_path, "--rounds", "1", str(tmp_path / "nothing.py"))
    assert said.returncode == 1
    assert "1 of 1 rounds failed" in said.stdout
    sample = tmp_path / "test_sample.py"
    sample.write_text(NEVER)
    said = steady(tmp_path, "--rounds", "1", "--limit", "3", str(sample))
    assert said.returncode == 1
    assert "1 x pytest did not end within 3 s" in said.stdout


def test_nothing_keeps_the_machine_busy_once_it_was_killed(tmp_path: Path):
    sample = tmp_path / "test_sample.py"
    sample.write_text(NEVER)
    command = [
        sys.executable,
        str(CHECKOUT / "tools/steady.py"),
        "--rounds",
        "1",
        "--loops",
        "1",
        "--workers",
        "1",
    ]
    command += ["--kept", str(tmp_path / "kept.jsonl"), str(sample)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL) as process:
        assert eventually(sample.with_suffix(".begun").exists)
        begun = [psutil.Process(pid) for pid in children(process.pid)]
        process.kill()
    busy, tests = sorted(begun, key=lambda one: "pytest" in one.cmdline())
    tests.kill()
    assert eventually(lambda: not alive(busy.pid))
