"""The list of planted faults is about the hub as it is now; `python -m tests.hostile.planted` asks
who notices them.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.domain import cursor
from tests.hostile.planted import ROOT, environ, misplaced
from tests.hostile.planted_faults import FAULTS

MOVED = """
from datetime import datetime
from hub.domain.cursor import moved
print(moved({}, resume=None, high=100, last=True, overlap=7, ceiling=datetime(2026, 1,
    1))["watermark"])
"""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_planted_fault_finds_its_text_changes_the_code_and_names_its_tests(fault):
    assert misplaced(fault) == ""
    assert fault.tests
    for test in fault.tests:
        path, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")


def test_a_fault_is_in_each_process_that_starts_with_it_and_in_no_file():
    (fault,) = (one for one in FAULTS if one.what == "nothing is read again within the overlap")
    before = Path(cursor.__file__).read_bytes()

    def watermark(environ):
        done = subprocess.run(
            [sys.executable, "-c", MOVED],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    assert [watermark(environ(None)), watermark(environ(fault)), watermark(environ(None))] == [
        93,
        100,
        93,
    ]
    assert Path(cursor.__file__).read_bytes() == before
