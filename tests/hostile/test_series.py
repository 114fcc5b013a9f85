"""The runner of the hostile bench: lives are kept, a series goes on where it was, and none is
lost.
"""

import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hostile import crew, series
from tests.hostile.__main__ import main
from tests.hostile.series import Life

WORKER = """
import os, sys, time
for line in sys.stdin:
    if line == "2\\n":
        os.kill(os.getpid(), 9)
    if line == "3\\n":
        time.sleep(60)
    print('[0.1, ["a difference"]]', flush=True)
"""
LIFE = Life("code", "abc", 7, 1.5, [])


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "run/lives.jsonl"


def test_lives_of_this_code_are_kept_and_a_line_that_was_cut_is_none(kept: Path):
    bad = replace(LIFE, seed=8, wrong=["甲 is missing"])
    for life in (LIFE, bad, replace(LIFE, of="other code", seed=9), replace(LIFE, seed=100)):
        series.keep(kept, life)
    with kept.open("a", encoding="utf-8") as out:
        out.write('\n{"of": "code", "se')
    series.keep(kept, replace(LIFE, seed=10))
    assert series.kept(kept, "code", range(1, 50)) == {7: LIFE, 8: bad, 10: replace(LIFE, seed=10)}


def test_lives_with_other_faults_are_another_series(monkeypatch: pytest.MonkeyPatch):
    plain = series.series([])
    assert series.series([]) == plain != series.series(["killed"])
    monkeypatch.setenv("PLANTED", "{}")
    assert series.series([]) != plain


def test_a_series_that_was_cut_goes_on_and_tells_what_failed_before(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A worker lives through one seed of three; two were lived before, one of them badly."""
    of = series.series([])
    series.keep(kept, replace(LIFE, of=of, seed=5, wrong=["甲 is missing"]))
    series.keep(kept, replace(LIFE, of=of, seed=7))
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the test's own process ends as ever
    words = ["hostile", "--seeds", "3", "--from", "5", "--kept", str(kept)]
    monkeypatch.setattr(sys, "argv", words)
    assert main() == 1
    said = capsys.readouterr().out
    assert "3 lives, 1 failed" in said
    assert (
        "FAILED: seed 5; repeat it: tools/run python -m tests.hostile --seed 5\n  甲 is missing"
        in said
    )
    lived = series.kept(kept, of, range(100))
    assert {seed: life.wrong for seed, life in lived.items()} == {
        5: ["甲 is missing"],
        6: [],
        7: [],
    }
    monkeypatch.setattr(crew, "hired", lambda *_: pytest.fail("nothing is left to live through"))
    assert main() == 1


def test_a_life_that_takes_its_process_with_it_is_a_bad_one(monkeypatch: pytest.MonkeyPatch):
    """And so is one that does not end; the next seeds are lived by another process."""
    popen = crew.subprocess.Popen
    monkeypatch.setattr(
        crew.subprocess, "Popen", lambda _, **more: popen([sys.executable, "-c", WORKER], **more)
    )
    found = {seed: wrong for seed, _, wrong in crew.lived(range(1, 8), [], workers=2, limit=5)}
    assert found == {
        **{seed: ["a difference"] for seed in (1, 4, 5, 6, 7)},
        2: ["the process ended with -9"],
        3: ["did not end within 5 s"],
    }
