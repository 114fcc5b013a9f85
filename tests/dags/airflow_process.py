"""Airflow in a process of its own: its settings, warnings and imports stay out of the other
tests.
"""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def output_of(
    script: str, *arguments: str, home: Path, environ: dict[str, str] | None = None
) -> str:
    """Run a script of this folder, Airflow's metadata on SQLite in `home`; give what it says."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW_", "HUB_"))
    }
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
    }
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests/dags" / script), *arguments],
        cwd=CHECKOUT,
        env=own | settings | {"PYTHONPATH": str(CHECKOUT)} | (environ or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
