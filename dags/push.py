"""One DAG a partner system, push_<system>: hand over what is due to it, then ask what became
of it.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetAny, AssetOrTimeSchedule, DeltaTriggerTimetable
from onecode import (
    RUN_LIMIT,
    SINCE,
    SYSTEMS,
    TASK_DEFAULTS,
    entity_groups,
    fail_run,
    golden,
    push,
    receipts,
    task_id,
)


def push_dag(system: str, says: dict[str, Any]) -> DAG:
    """The DAG that pushes to one system: when an entity that it receives has changed, and at its
    timer.

    Projects start it too: what is pushed of other entities quotes them.
    """
    received = sorted({"project", *(flow["entity"] for flow in says["pushes"])})
    with DAG(
        f"push_{system}",
        dag_display_name=f"推送 {says['title']}",
        doc_md=(
            f"Hands {system} what it receives; {says['owner']} answers for the data. See "
            f"docs/airflow.md."
        ),
        schedule=AssetOrTimeSchedule(
            assets=AssetAny(*map(golden, received)),
            timetable=DeltaTriggerTimetable(timedelta(seconds=says["every_seconds"])),
        ),
        start_date=SINCE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_LIMIT,
        default_args=TASK_DEFAULTS | {"pool": system},
        tags=["push", system],
    ) as dag:
        entity_groups(says["pushes"], _tasks_of)
        list(dag.tasks) >> fail_run()
    return dag


def _tasks_of(flow: dict[str, Any]) -> None:
    sent = push.override(task_id=task_id("push", flow))(flow["flow"])
    if flow["receipts"]:
        sent >> receipts.override(task_id=task_id("receipts", flow))(flow["flow"])


for name, system in SYSTEMS.items():
    if system["pushes"]:
        push_dag(name, system)
