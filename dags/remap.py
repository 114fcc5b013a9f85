"""A form: apply today's contracts to payloads that landed under older ones. No partner is asked."""

from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from onecode import FORM, GOLDEN, RELEASE_POOL, SYSTEMS, announce, changed, here, hub_task

PULLS = [flow for says in SYSTEMS.values() for flow in says["pulls"]]
ENTITIES = sorted({flow["entity"] for flow in PULLS})

NOTHING_SELECTED = (
    "没有选择流程或实体。 Nothing is selected: name a flow or an entity, or tick everything."
)


@task(pool=RELEASE_POOL, inlets=GOLDEN, outlets=[changed("remap")])
def remap() -> dict[str, Any]:
    """Remap what the form selects, release what waited for that, and start the pushes. A try goes
    on from the last.
    """
    from airflow.sdk.exceptions import AirflowFailException

    asked = get_current_context()["params"]
    flows = [
        flow["flow"]
        for flow in PULLS
        if asked["everything"] or flow["flow"] == asked["flow"] or flow["entity"] == asked["entity"]
    ]
    if not flows:
        raise AirflowFailException(NOTHING_SELECTED)
    with hub_task("remap") as hub:
        runs = hub.remap(flows, airflow=here())
        hub.release(airflow=here())
        announce(hub)
    return {"runs": runs}


@dag(
    dag_id="remap",
    dag_display_name="按新规则重新映射",
    max_active_runs=1,
    schedule=None,
    **FORM,
    params={
        "flow": Param(
            None,
            type=["null", "string"],
            enum=[None, *(flow["flow"] for flow in PULLS)],
            title="流程 Flow",
        ),
        "entity": Param(
            None,
            type=["null", "string"],
            enum=[None, *ENTITIES],
            title="实体 Entity",
            description="此实体的全部流程：共享结构或权威来源改变之后。 "
            "All flows of an entity: after its schema or its authorities have changed.",
        ),
        "everything": Param(
            False,  # noqa: FBT003 - the form's tick box
            type="boolean",
            title="全部 Everything",
            description="未选择其他条件时，处理全部流程。 With nothing else chosen: every flow.",
        ),
    },
)
def remap_form() -> None:
    """See docs/airflow.md."""
    remap()


remap_form()
