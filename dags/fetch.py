"""One DAG a partner system, fetch_<system>: the files that its records name, after the records."""

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
    fetch,
    golden,
    task_id,
)


def fetch_dag(system: str, says: dict[str, Any]) -> DAG:
    """The DAG that fetches from one system: when records that name files have changed, and at its
    timer.
    """
    named = sorted({flow["entity"] for flow in says["fetches"]})
    with DAG(
        f"fetch_{system}",
        dag_display_name=f"取回附件 {says['title']}",
        doc_md=(
            f"Fetches the files that records of {system} name; {says['owner']} answers for the "
            f"data. See docs/airflow.md."
        ),
        schedule=AssetOrTimeSchedule(
            assets=AssetAny(*map(golden, named)),
            timetable=DeltaTriggerTimetable(timedelta(seconds=says["every_seconds"])),
        ),
        start_date=SINCE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_LIMIT,
        default_args=TASK_DEFAULTS | {"pool": system},
        tags=["fetch", system],
    ) as dag:
        entity_groups(
            says["fetches"],
            lambda flow: fetch.override(task_id=task_id("fetch", flow))(flow["flow"]),
        )
        list(dag.tasks) >> fail_run()
    return dag


for name, system in SYSTEMS.items():
    if system["fetches"]:
        fetch_dag(name, system)
