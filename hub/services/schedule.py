"""Where in Airflow a run of the hub belongs, as addresses that people open; and what the hub did in
a DAG's run.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pydantic import JsonValue

from hub.auth.context import RequestContext
from hub.services import runs
from hub.services.runs import RunView

LOOKED_AT = 200
"""Runs of the hub, which are some dozen runs of a DAG."""


@dataclass(frozen=True, slots=True)
class DagRun:
    """One run of a DAG in Airflow, and the hub's runs within it, newest first."""

    id: str
    runs: tuple[RunView, ...]

    @property
    def started_at(self) -> datetime:
        """When the first of them began."""
        return min(run.started_at for run in self.runs)

    @property
    def ended_at(self) -> datetime | None:
        """When the last of them ended; None while one is under way."""
        ends = [run.ended_at for run in self.runs]
        return None if None in ends else max(end for end in ends if end)

    @property
    def state(self) -> str:
        """How it stands: what failed, or broke off and was not taken up again, comes before what is
        well.
        """
        last = {(run.flow, run.kind): run.state for run in reversed(self.runs)}.values()
        return next(
            (state for state in ("running", "failed", "held", "aborted") if state in last),
            "complete",
        )

    @property
    def sums(self) -> list[dict[str, int]]:
        """The outcomes of all, those of intake, delivery and comparison apart."""
        found: dict[tuple[str, ...], dict[str, int]] = {}
        for run in self.runs:
            sums = found.setdefault(tuple(run.counts), dict.fromkeys(run.counts, 0))
            for name, count in run.counts.items():
                sums[name] += count
        return list(found.values())


def of_dag(context: RequestContext, dag_id: str) -> list[DagRun]:
    """The last runs of a DAG, newest first, each with all that the hub did in it."""
    rows = runs.of_dag_run(context, dag_id, most=LOOKED_AT)
    found = dag_runs(rows)
    return found[:-1] if len(rows) == LOOKED_AT else found  # the last one may be cut off


def dag_runs(rows: Iterable[RunView]) -> list[DagRun]:
    """Runs of the hub by one DAG, newest first, put together by its runs."""
    found: dict[str, list[RunView]] = {}
    for row in rows:
        if isinstance(row.airflow, dict):
            found.setdefault(str(row.airflow.get("run_id")), []).append(row)
    return [DagRun(name, tuple(runs)) for name, runs in found.items()]


def dag_address(url: str, dag_id: str) -> str | None:
    """The page of a DAG; None where no Airflow is known."""
    return f"{url}/dags/{_part(dag_id)}" if url else None


def task_address(url: str, airflow: JsonValue) -> str | None:
    """The page of the task instance with its log; None where the run was not started by Airflow, or
    none is known.
    """
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
