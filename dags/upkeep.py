"""Every two minutes: seal the ledger, release what waited, compute facts anew, watch freshness and tell alerts.

It watches from outside the flows, for a deadline within a run cannot see a run that never started.
"""

from datetime import timedelta

from airflow.sdk import dag, task
from onecode import SINCE, TASK_DEFAULTS, fail_run, hub_task, release


@task
def seal() -> int:
    """Chain and sign what intake has committed; how many batches."""
    with hub_task("seal") as hub:
        return hub.seal()


@task
def watch() -> None:
    """Compare every flow's last complete run with its freshness target; tell what is new, close what is over."""
    with hub_task("watch") as hub:
        hub.watch()


@task
def facts() -> int:
    """Compute the clocks of projects anew that a run has left, and of all where limits have changed; how many."""
    with hub_task("facts") as hub:
        return hub.refresh_facts()


@dag(
    dag_display_name="日常维护",
    schedule=timedelta(minutes=2),
    start_date=SINCE,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS | {"retries": 0},
    tags=["upkeep"],
)
def upkeep() -> None:
    """See docs/airflow.md."""
    [seal(), release(), facts(), watch()] >> fail_run()


upkeep()
