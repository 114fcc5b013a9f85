"""Tests leave nothing behind where programs put their temporary files."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.postgres import CHECKOUT

# writes below tmp_path
SAMPLE = "tests/platform/test_site.py::test_settings_of_ones_own_have_the_last_word"


def test_a_run_of_tests_leaves_no_temporary_file(tmp_path: Path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", SAMPLE],
        cwd=CHECKOUT,
        env=kept | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert list(tmp_path.iterdir()) == []
