"""One DAG a partner system, reconcile_<system>: once a night, compare what it holds with what
stands here.
"""

from typing import Any

from airflow.sdk import DAG
from airflow.timetables.trigger import CronTriggerTimetable
from onecode import (
    RUN_LIMIT,
    SINCE,
    SYSTEMS,
    TASK_DEFAULTS,
    entity_groups,
    fail_run,
    reconcile,
    release,
    task_id,
)


def reconcile_dag(system: str, says: dict[str, Any]) -> DAG:
    """The DAG that compares one system, at the hour that its system.yaml gives."""
    hour, minute = says["reconcile_at"].split(":")
    with DAG(
        f"reconcile_{system}",
        dag_display_name=f"对账 {says['title']}",
        doc_md=(
            f"Compares what {system} holds with what stands here; {says['owner']} answers for "
            f"the data."
        ),
        schedule=CronTriggerTimetable(
            f"{int(minute)} {int(hour)} * * *", timezone=says["timezone"]
        ),
        start_date=SINCE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_LIMIT,
        default_args=TASK_DEFAULTS | {"pool": system},
        tags=["reconcile", system],
    ) as dag:
        flows = says["pulls"] + says["pushes"]
        groups = entity_groups(
            flows, lambda flow: reconcile.override(task_id=_task_id(flow))(flow["flow"])
        )
        (groups[1:] or groups) >> release(dag.dag_id)
        list(dag.tasks) >> fail_run()
    return dag


def _task_id(flow: dict[str, Any]) -> str:
    """Name a task by its flow: an entity may go both ways."""
    return task_id(f"reconcile_{flow['flow'].split('.')[0]}", flow)


for name, system in SYSTEMS.items():
    reconcile_dag(name, system)
