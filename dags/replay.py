"""A form: take quarantine entries up again, once the source, the mapping or the target has been
repaired.
"""

from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from onecode import FORM, GOLDEN, RELEASE_POOL, SYSTEMS, announce, changed, here, hub_task

FLOW_NAMES = [flow["flow"] for says in SYSTEMS.values() for flow in says["pulls"] + says["pushes"]]
RECEIVED = sorted({flow["entity"] for says in SYSTEMS.values() for flow in says["pushes"]})

NOTHING_SELECTED = (
    "没有选择任何问题数据。 Nothing is selected: name ids, a flow or a cause, or tick everything."
)


@task(pool=RELEASE_POOL, inlets=GOLDEN, outlets=[changed("replay")])
def replay() -> dict[str, Any]:
    """Replay what the form selects, release what waited for that, and start the pushes."""
    from airflow.sdk.exceptions import AirflowFailException

    from hub.db.quarantine import Selection

    asked = get_current_context()["params"]
    selection = Selection(
        ids=asked["ids"] or None, flow=asked["flow"] or None, cause=asked["cause"] or None
    )
    if selection == Selection() and not asked["everything"]:
        raise AirflowFailException(NOTHING_SELECTED)
    with hub_task("replay") as hub:
        done = hub.replay(selection, airflow=here())
        hub.release(airflow=here())
        announce(hub, also=RECEIVED if done.marked else [])
    return {"runs": list(done.runs), "applied": done.applied, "marked": done.marked}


@dag(
    dag_id="replay",
    dag_display_name="重新处理问题数据",
    max_active_runs=1,
    schedule=None,
    **FORM,
    params={
        "ids": Param(
            None,
            type=["null", "array"],
            items={"type": "integer"},
            title="问题编号 Entries",
            description="hub failures 或接口列出的编号，例如 [17, 18]。 Ids as `hub failures` lists them.",
        ),
        "flow": Param(None, type=["null", "string"], enum=[None, *FLOW_NAMES], title="流程 Flow"),
        "cause": Param(
            None,
            type=["null", "string"],
            title="原因 Cause",
            description="hub failures 列出的原因：同一原因的全部记录。 "
            "A cause as `hub failures` names it: all of its entries.",
        ),
        "everything": Param(
            False,  # noqa: FBT003 - the form's tick box
            type="boolean",
            title="全部 Everything",
            description="未选择其他条件时，处理全部未结问题。 With nothing else chosen: every open entry.",
        ),
    },
)
def replay_form() -> None:
    """See docs/airflow.md."""
    replay()


replay_form()
