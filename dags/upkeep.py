"""Every two minutes: seal the ledger, watch freshness and tell alerts; apart from that, release
what waited and compute facts anew.

It watches from outside the flows, for a deadline within a run cannot see a run that never started.
What it watches must not hold it up: release and facts, which wait for what flows hold, are a DAG of
their own, and the next upkeep begins though one has not ended.
"""

from datetime import timedelta

from airflow.sdk import dag, task
from onecode import SINCE, TASK_DEFAULTS, UPKEEP, UPKEEP_LIMIT, fail_run, hub_task, release


@task
def seal() -> int:
    """Chain and sign what intake has committed; how many batches."""
    with hub_task("seal") as hub:
        return hub.seal()


@task
def watch() -> None:
    """Compare every flow's last complete run with its freshness target; tell what is new, close
    what is over.
    """
    with hub_task("watch") as hub:
        hub.watch()


@task
def facts() -> int:
    """Compute the clocks of projects anew that a run has left, and of all where limits have
    changed; judge by indicators once a day, and when their files have changed; how many projects.
    """
    with hub_task("facts") as hub:
        count = hub.refresh_facts()
        hub.judge()
        return count


@dag(
    dag_display_name="日常维护",
    schedule=timedelta(minutes=2),
    start_date=SINCE,
    catchup=False,
    max_active_runs=16,
    dagrun_timeout=UPKEEP_LIMIT,
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS | {"retries": 0, "execution_timeout": UPKEEP_LIMIT},
    tags=["upkeep"],
)
def upkeep() -> None:
    """See docs/airflow.md."""
    [seal(), watch()] >> fail_run()


@dag(
    dag_id="release",
    dag_display_name="放行与时限计算",
    schedule=timedelta(minutes=2),
    **UPKEEP,
)
def release_and_facts() -> None:
    """See docs/airflow.md."""
    [release("release"), facts()] >> fail_run()


upkeep()
release_and_facts()
