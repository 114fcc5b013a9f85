"""Where in Airflow a run of the hub belongs, as addresses that people open."""

from urllib.parse import quote

from hub.model import Json


def dag_address(url: str, dag_id: str) -> str | None:
    """The page of a DAG; None where no Airflow is known."""
    return f"{url}/dags/{_part(dag_id)}" if url else None


def task_address(url: str, airflow: Json) -> str | None:
    """The page of the task instance with its log; None where the run was not started by Airflow, or none is known."""
    if not url or not isinstance(airflow, dict):
        return None
    dag_id, run_id, task_id = (airflow.get(name) for name in ("dag_id", "run_id", "task_id"))
    if not (isinstance(dag_id, str) and isinstance(run_id, str)):
        return None
    address = f"{dag_address(url, dag_id)}/runs/{_part(run_id)}"
    if not isinstance(task_id, str):
        return address
    tried = airflow.get("try_number")
    return f"{address}/tasks/{_part(task_id)}" + (f"?try_number={tried}" if isinstance(tried, int) else "")


def _part(text: str) -> str:
    return quote(text, safe="")
