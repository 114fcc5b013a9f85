"""One DAG a partner system, push_<system>: hand over what is due to it, then ask what became
of it.

Projects start it too: what is pushed of other entities quotes them.
"""

from typing import Any

from onecode import SYSTEMS, entity_groups, fail_run, of_system, push, receipts, task_id


def _tasks_of(flow: dict[str, Any]) -> None:
    sent = push.override(task_id=task_id("push", flow))(flow["flow"])
    if flow["receipts"]:
        sent >> receipts.override(task_id=task_id("receipts", flow))(flow["flow"])


# Airflow looks for DAGs only in files in which it is named.
for name, system in SYSTEMS.items():
    if not system["pushes"]:
        continue
    with of_system(
        "push",
        name,
        system,
        title="推送",
        does=f"Hands {name} what it receives",
        entities=["project", *(flow["entity"] for flow in system["pushes"])],
    ) as dag:
        entity_groups(system["pushes"], _tasks_of)
        list(dag.tasks) >> fail_run()
