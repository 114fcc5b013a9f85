"""Tells the hub what only Airflow knows: tasks that failed before the hub had a run, DAG files that
cannot be read.

The hub shows it in `hub runs`, on its overview and as an alert (hub/services/airflow_tasks.py).
Nothing here may hold up Airflow: where the hub's database is away, or has no room for it yet, a
line in the log is all.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from airflow.configuration import conf
from airflow.listeners import hookimpl
from airflow.models.errors import ParseImportError
from airflow.models.taskinstance import TaskInstance
from airflow.plugins_manager import AirflowPlugin
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select

if TYPE_CHECKING:
    from hub.db.database import Database

UPKEEP = "upkeep"
"""The DAG that runs every two minutes: at each of its runs it is looked which DAG files cannot be
read.
"""

log = logging.getLogger(__name__)


class _Task(Protocol):
    """What the task's own process and the scheduler both know of a task."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int


class _DagRun(Protocol):
    dag_id: str
    run_id: str


@contextmanager
def hub_database() -> "Iterator[Database]":
    """The hub's database for a moment; what goes wrong is logged, by its kind alone."""
    # so that parsing a DAG file loads nothing of the hub
    from hub.config.environment import hub_variables  # noqa: PLC0415
    from hub.db.database import Database  # noqa: PLC0415 - likewise

    try:
        database = Database(hub_variables()["HUB_DATABASE_URL"])
        try:
            yield database
        finally:
            database.close()
    except Exception as error:  # noqa: BLE001 - see above
        log.warning("the hub could not be told", extra={"error": type(error).__name__})


def _schedule() -> str:
    return Path(conf.get_mandatory_value("core", "dags_folder"), "flows.json").read_text(
        encoding="utf-8"
    )


def _flow_task(task_id: str) -> bool:
    """Whether a task is one of a flow: those have groups, and their runs say how they went."""
    return "." in task_id


class _Unbegun:
    @hookimpl
    def on_task_instance_failed(self, task_instance: _Task, error: object) -> None:
        """A task has failed, in its own process or, as the scheduler says, with it."""
        from hub.services import airflow_tasks  # noqa: PLC0415 - in this process only

        one = task_instance
        attempt = airflow_tasks.Try(one.dag_id, one.run_id, one.task_id, one.try_number)
        with hub_database() as database:
            airflow_tasks.task_failed(database, attempt, error, schedule=_schedule())

    @hookimpl
    def on_task_instance_success(self, task_instance: _Task) -> None:
        """A task of no flow is done: whatever was said of it is over."""
        if _flow_task(task_instance.task_id):
            return
        from hub.services import airflow_tasks  # noqa: PLC0415 - in this process only

        with hub_database() as database:
            airflow_tasks.task_succeeded(database, task_instance.dag_id, task_instance.task_id)

    @hookimpl
    def on_new_dag_import_error(self, filename: str, stacktrace: str) -> None:
        """A DAG file cannot be read; should it be all of them, no run would ever say so."""
        from hub.services import airflow_tasks  # noqa: PLC0415 - in this process only

        with hub_database() as database:
            airflow_tasks.dag_broken(database, Path(filename).name, stacktrace)

    @hookimpl
    def on_dag_run_failed(self, dag_run: _DagRun) -> None:
        """Look which of its tasks are lost: of one whose process was killed nobody else says so."""
        from hub.services import airflow_tasks  # noqa: PLC0415 - in this process only

        wanted = (TaskInstance.dag_id == dag_run.dag_id, TaskInstance.run_id == dag_run.run_id)
        columns = (TaskInstance.task_id, TaskInstance.try_number)
        with create_session(scoped=False) as session:
            asked = select(*columns).where(*wanted, TaskInstance.state == TaskInstanceState.FAILED)
            found = session.execute(asked).all()
        with hub_database() as database:
            for task_id, number in found:
                attempt = airflow_tasks.Try(dag_run.dag_id, dag_run.run_id, task_id, number)
                airflow_tasks.task_failed(database, attempt, None, schedule=_schedule())

    @hookimpl
    def on_dag_run_running(self, dag_run: _DagRun) -> None:
        """See which DAG files cannot be read now, and forget those that can."""
        if dag_run.dag_id != UPKEEP:
            return
        from hub.services import airflow_tasks  # noqa: PLC0415 - in this process only

        # A session of its own: the scheduler, which may be in the middle of a transaction, shares
        # its usual one.
        with create_session(scoped=False) as session:
            found = session.execute(
                select(ParseImportError.filename, ParseImportError.stacktrace)
            ).all()
        with hub_database() as database:
            airflow_tasks.dags_read(
                database, {Path(name or "").name: said or "" for name, said in found}
            )


class Unbegun(AirflowPlugin):
    name = "onecode_unbegun"
    listeners = [_Unbegun()]  # noqa: RUF012 - as Airflow declares it
