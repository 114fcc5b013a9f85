"""One DAG a partner system, fetch_<system>: the files that its records name, after the records."""

from onecode import SYSTEMS, entity_groups, fail_run, fetch, of_system, task_id

# Airflow looks for DAGs only in files in which it is named.
for name, system in SYSTEMS.items():
    if not system["fetches"]:
        continue
    with of_system(
        "fetch",
        name,
        system,
        title="取回附件",
        does=f"Fetches the files that records of {name} name",
        entities=[flow["entity"] for flow in system["fetches"]],
    ) as dag:
        entity_groups(
            system["fetches"],
            lambda flow: fetch.override(task_id=task_id("fetch", flow))(flow["flow"]),
        )
        list(dag.tasks) >> fail_run()
