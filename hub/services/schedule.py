"""Runs of the hub within Airflow: addresses of DAG and task pages, and outcomes by DAG run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pydantic import JsonValue

from hub.auth.context import RequestContext
from hub.services import runs
from hub.services.runs import RunView

LOOKED_AT = 200
"""How many runs of the hub are read: some dozen DAG runs."""


@dataclass(frozen=True, slots=True)
class DagRun:
    """One run of an Airflow DAG, and the hub's runs within it, newest first."""

    id: str
    runs: tuple[RunView, ...]

    @property
    def started_at(self) -> datetime:
        """When the first of the hub's runs began."""
        return min(run.started_at for run in self.runs)

    @property
    def ended_at(self) -> datetime | None:
        """When the last of them ended; None while one is running."""
        ends = [run.ended_at for run in self.runs]
        return None if None in ends else max(end for end in ends if end)

    @property
    def state(self) -> str:
        """The state of all: a failure, or an abort not taken up again, outranks success."""
        last = {(run.flow, run.kind): run.state for run in reversed(self.runs)}.values()
        return next(
            (state for state in ("running", "failed", "held", "aborted") if state in last),
            "complete",
        )

    @property
    def sums(self) -> list[dict[str, int]]:
        """Summed outcomes, apart for intake, delivery and comparison."""
        found: dict[tuple[str, ...], dict[str, int]] = {}
        for run in self.runs:
            sums = found.setdefault(tuple(run.counts), dict.fromkeys(run.counts, 0))
            for name, count in run.counts.items():
                sums[name] += count
        return list(found.values())


def of_dag(context: RequestContext, dag_id: str) -> list[DagRun]:
    """The last runs of a DAG, newest first, each with the hub's runs."""
    rows = runs.of_dag_run(context, dag_id, most=LOOKED_AT)
    found = dag_runs(rows)
    # The oldest may be cut off; where one fills it all, its newest are shown.
    return found[:-1] if len(rows) == LOOKED_AT and len(found) > 1 else found


def dag_runs(rows: Iterable[RunView]) -> list[DagRun]:
    """Runs of the hub grouped by DAG run, newest first."""
    found: dict[str, list[RunView]] = {}
    for row in rows:
        if isinstance(row.airflow, dict):
            found.setdefault(str(row.airflow.get("run_id")), []).append(row)
    return [DagRun(name, tuple(runs)) for name, runs in found.items()]


def dag_address(url: str, dag_id: str) -> str | None:
    """Address of a DAG's page; None where no Airflow is configured."""
    return f"{url}/dags/{_part(dag_id)}" if url else None


def task_address(url: str, airflow: JsonValue) -> str | None:
    """Address of the task instance's log; None for a run outside Airflow, or without URL."""
    if not url or not isinstance(airflow, dict):
        return None
    dag_id, run_id, task_id = (airflow.get(name) for name in ("dag_id", "run_id", "task_id"))
    if not (isinstance(dag_id, str) and isinstance(run_id, str)):
        return None
    address = f"{dag_address(url, dag_id)}/runs/{_part(run_id)}"
    if not isinstance(task_id, str):
        return address
    tried = airflow.get("try_number")
    return f"{address}/tasks/{_part(task_id)}" + (
        f"?try_number={tried}" if isinstance(tried, int) else ""
    )


def _part(text: str) -> str:
    return quote(text, safe="")
