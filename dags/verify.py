"""Once a day: rebuild what can be derived, check what is sealed, and fail where a row is not what
it must be.

Upkeep tells the alert; the page of verifications lists the rows.
"""

from datetime import timedelta

from airflow.sdk import dag, task
from onecode import UPKEEP, hub_task


@task
def verify() -> dict[str, int]:
    """Verify everything; how many rows of each kind were checked."""
    from hub.errors import FlowError

    with hub_task("verify") as hub:
        found = hub.verify(by="airflow")
        if found.wrong:
            raise FlowError("flow.verified_wrong", wrong=found.wrong)
        return dict(found.checked)


@dag(dag_display_name="每日核验", schedule=timedelta(days=1), **UPKEEP)
def verify_daily() -> None:
    """See docs/airflow.md."""
    verify()


verify_daily()
