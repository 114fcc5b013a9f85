"""One DAG a partner system, pull_<system>: read all that it shares, then release what waited for
it.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG
from onecode import (
    RUN_LIMIT,
    SINCE,
    SYSTEMS,
    TASK_DEFAULTS,
    entity_groups,
    fail_run,
    pull,
    release,
    task_id,
)


def pull_dag(system: str, says: dict[str, Any]) -> DAG:
    """The DAG that pulls from one system: at its timer, as many entities at once as its pool has
    slots.
    """
    with DAG(
        f"pull_{system}",
        dag_display_name=f"拉取 {says['title']}",
        doc_md=(
            f"Reads what {system} shares; {says['owner']} answers for the data. See "
            f"docs/airflow.md."
        ),
        schedule=timedelta(seconds=says["every_seconds"]),
        start_date=SINCE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_LIMIT,
        default_args=TASK_DEFAULTS | {"pool": system},
        tags=["pull", system],
    ) as dag:
        groups = entity_groups(
            says["pulls"], lambda flow: pull.override(task_id=task_id("pull", flow))(flow["flow"])
        )
        (groups[1:] or groups) >> release(dag.dag_id)
        list(dag.tasks) >> fail_run()
    return dag


for name, system in SYSTEMS.items():
    if system["pulls"]:
        pull_dag(name, system)
