"""A form: read a source again from an earlier point. The pull DAG of its system does it, so that no
two pulls meet.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag
from onecode import FORM, SYSTEMS

FLOW_NAMES = [flow["flow"] for says in SYSTEMS.values() for flow in says["pulls"]]


@dag(
    dag_id="backfill",
    dag_display_name="重新读取来源",
    render_template_as_native_obj=True,
    schedule=None,
    **FORM,
    params={
        "flow": Param(FLOW_NAMES[0], type="string", enum=FLOW_NAMES, title="流程 Flow"),
        "since": Param(
            None,
            type=["null", "string", "integer"],
            title="起点 Since",
            description="来源游标列的值，写法与来源相同；留空则从头读取。 "
            "A value of the source's cursor, as the source writes it; empty reads everything.",
        ),
    },
)
def backfill_form() -> None:
    """See docs/airflow.md."""
    TriggerDagRunOperator(
        task_id="start_pull",
        trigger_dag_id="pull_{{ params.flow.split('.')[1] }}",
        conf={"backfill": "{{ params.flow }}", "since": "{{ params.since }}"},
    )


backfill_form()
