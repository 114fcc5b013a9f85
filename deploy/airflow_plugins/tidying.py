"""Takes old rows out of Airflow's database, by Airflow's own `airflow db clean`, whenever the DAG
tidy_daily begins.

A task may not touch that database; the scheduler may, and starts it as a process of its own, so
that it waits for nothing. What goes wrong is an obstacle, which the hub shows until it goes well
again.
"""

import logging
import subprocess
import sys
from datetime import datetime
from threading import Thread
from typing import Protocol

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

from deploy.airflow_plugins.unbegun import hub_database

TIDY = "tidy_daily"
PLACE = f"{TIDY}.rows"
TABLES = (
    "dag_run,task_instance,task_instance_history,task_reschedule,xcom,log,job,"
    "import_error,asset_event,callback,celery_taskmeta,celery_tasksetmeta"
)
"""What grows with every run. What describes DAGs stays; of each DAG the last run stays, by which
the next is made.
"""
SECONDS = 3600
PORTION = "10000"

log = logging.getLogger(__name__)


class _DagRun(Protocol):
    dag_id: str


def clean(before: datetime, *, seconds: float = SECONDS) -> str:
    """Delete rows that are older; "" or why it did not go well."""
    command = [
        sys.executable,
        "-m",
        "airflow",
        "db",
        "clean",
        "--clean-before-timestamp",
        before.isoformat(),
    ]
    options = [
        "--tables",
        TABLES,
        "--skip-archive",
        "--error-on-cleanup-failure",
        "--batch-size",
        PORTION,
        "--yes",
    ]
    try:
        done = subprocess.run(
            [*command, *options],
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return "TimeoutExpired"
    log.info(
        "airflow db clean ended", extra={"before": before.isoformat(), "status": done.returncode}
    )
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip().rpartition("\n")[2]


def tidy() -> None:
    """Delete what is older than the setting says, and tell the hub how it went."""
    # so that parsing a DAG file loads nothing of the hub
    from hub.config.environment import hub_variables  # noqa: PLC0415
    from hub.services import airflow_tasks  # noqa: PLC0415 - likewise
    from hub.settings import Retention, kept_since, read  # noqa: PLC0415 - likewise

    with hub_database() as database:
        airflow_tasks.tidied(
            database, PLACE, clean(kept_since(read(Retention, hub_variables()).airflow_days))
        )


class _Tidying:
    @hookimpl
    def on_dag_run_running(self, dag_run: _DagRun) -> None:
        """Begin, and wait for nothing."""
        if dag_run.dag_id == TIDY:
            Thread(target=tidy, name="tidy", daemon=True).start()


class Tidying(AirflowPlugin):
    name = "onecode_tidying"
    listeners = [_Tidying()]  # noqa: RUF012 - as Airflow declares it
