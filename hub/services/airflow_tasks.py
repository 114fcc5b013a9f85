"""What Airflow says of tasks and DAG files -> what keeps work from beginning, for everybody who
looks.
"""

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
"""The task that fails in order to make its DAG run red; which other has failed is said of that."""
FORMS = frozenset({"replay", "remap", "backfill"})
"""DAGs that a person starts and looks after."""
LONGEST = 300
LOST = "airflow.task_lost"


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a task of Airflow's."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int


def task_failed(database: Database, attempt: Try, error: object, *, schedule: str) -> None:
    """Note a task that has failed although the hub has no run of it.

    error: what Airflow gives: an exception, or words where the process was lost. schedule: the text
    of flows.json. A task of a flow becomes a failed run of that flow; one of no flow is an obstacle
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
    """Forget that a task of no flow has failed."""
    with database.write() as tx:
        obstacles.over(tx, "task", f"{dag_id}.{task_id}")


def tidied(database: Database, place: str, why: str) -> None:
    """Note how taking old rows out of Airflow's database went; why: "" where it went well."""
    with database.write() as tx:
        if why:
            fault = Fault("", "airflow.not_tidied", {"task": place, "reason": why[:LONGEST]})
            obstacles.meet(tx, "task", place, fault)
        else:
            obstacles.over(tx, "task", place)


def dags_read(database: Database, broken: Mapping[str, str]) -> None:
    """Note the DAG files that Airflow cannot read, with what it says of each; those that it can are
    forgotten.
    """
    with database.write() as tx:
        obstacles.only(tx, "dag", {file: dag_fault(file, said) for file, said in broken.items()})


def dag_broken(database: Database, file: str, said: str) -> None:
    """Note one DAG file that Airflow cannot read."""
    with database.write() as tx:
        obstacles.meet(tx, "dag", file, dag_fault(file, said))


def dag_fault(file: str, said: str) -> Fault:
    """A DAG file that cannot be read, in words: the last line of a traceback is the error."""
    reason = (said.strip().splitlines() or ["?"])[-1]
    return Fault("", "airflow.dag_broken", {"file": file, "reason": reason[:LONGEST]})


def _meaning(attempt: Try, error: object) -> Fault:
    """What has happened; of an exception that is not ours its name alone, for its words may quote a
    record.
    """
    task = {"task": f"{attempt.dag_id}.{attempt.task_id}"}
    if isinstance(error, HubError):
        return Fault("", error.code, error.facts)
    if isinstance(error, BaseException):
        return Fault("", "airflow.task_failed", task | {"reason": type(error).__name__})
    return Fault("", LOST, task)
