"""One DAG a partner system, pull_<system>: read all that it shares, as many entities at once as its
pool has slots, then release what waited for it.
"""

from onecode import SYSTEMS, entity_groups, fail_run, of_system, pull, release, task_id

# Airflow looks for DAGs only in files in which it is named.
for name, system in SYSTEMS.items():
    if not system["pulls"]:
        continue
    does = f"Reads what {name} shares"
    with of_system("pull", name, system, title="拉取", does=does) as dag:
        groups = entity_groups(
            system["pulls"],
            lambda flow: pull.override(task_id=task_id("pull", flow))(flow["flow"]),
        )
        (groups[1:] or groups) >> release(dag.dag_id)
        list(dag.tasks) >> fail_run()
