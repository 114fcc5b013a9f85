"""Failures that Airflow reports (tasks without a run of the hub, broken DAG files) -> obstacles."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from hub.db import runs
from hub.db.alerts import obstacles
from hub.db.database import Database
from hub.db.runs import reports
from hub.domain.schedule import flow_of_task
from hub.errors import Fault, HubError
from hub.model import Json

MARKING = "fail_run"
"""The task that only fails to turn its DAG run red: the task that really failed reports itself."""
FORMS = frozenset({"replay", "remap", "backfill"})
"""DAGs that a person triggers and watches, whose failures are no obstacle."""
LONGEST = 300
LOST = "airflow.task_lost"


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at a task instance in Airflow."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int


def task_failed(database: Database, attempt: Try, error: object, *, schedule: str) -> None:
    """Record a failed task, unless the hub has a run for it, which says so itself.

    error: what Airflow passes: an exception, or a text where the process was lost. schedule: the
    text of flows.json. A task of a flow becomes a failed run of that flow; any other is an obstacle
    until it succeeds.
    """
    if attempt.task_id == MARKING or attempt.dag_id in FORMS:
        return
    fault = _meaning(attempt, error)
    with database.write() as tx:
        if obstacles.has_run(tx, asdict(attempt)):
            return
        flow = flow_of_task(schedule, attempt.dag_id, attempt.task_id)
        if flow is None:
            obstacles.meet(tx, "task", f"{attempt.dag_id}.{attempt.task_id}", fault)
        else:
            cause: Json = {"code": fault.code, "facts": dict(fault.facts)}
            reports.write(tx, runs.refused(tx, *flow, cause, asdict(attempt)))


def task_succeeded(database: Database, dag_id: str, task_id: str) -> None:
    """Clear the obstacle of a task that belongs to no flow."""
    with database.write() as tx:
        obstacles.over(tx, "task", f"{dag_id}.{task_id}")


def tidied(database: Database, place: str, why: str) -> None:
    """Record how deleting old rows from Airflow's database went; why: "" on success."""
    with database.write() as tx:
        if why:
            fault = Fault("", "airflow.not_tidied", {"task": place, "reason": why[:LONGEST]})
            obstacles.meet(tx, "task", place, fault)
        else:
            obstacles.over(tx, "task", place)


def dags_read(database: Database, broken: Mapping[str, str]) -> None:
    """Replace the obstacles "DAG file broken" by these: {file: import error}."""
    with database.write() as tx:
        obstacles.only(tx, "dag", {file: dag_fault(file, said) for file, said in broken.items()})


def dag_broken(database: Database, file: str, said: str) -> None:
    """Record one DAG file that Airflow cannot import."""
    with database.write() as tx:
        obstacles.meet(tx, "dag", file, dag_fault(file, said))


def dag_fault(file: str, said: str) -> Fault:
    """The fault for a DAG file; of a traceback the last line, which holds the error."""
    reason = (said.strip().splitlines() or ["?"])[-1]
    return Fault("", "airflow.dag_broken", {"file": file, "reason": reason[:LONGEST]})


def _meaning(attempt: Try, error: object) -> Fault:
    """The fault of a failed task. Of a foreign exception only the class: its text may quote."""
    task = {"task": f"{attempt.dag_id}.{attempt.task_id}"}
    if isinstance(error, HubError):
        return Fault("", error.code, error.facts)
    if isinstance(error, BaseException):
        return Fault("", "airflow.task_failed", task | {"reason": type(error).__name__})
    return Fault("", LOST, task)
