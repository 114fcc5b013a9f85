"""Whether a container's part works, by what it says itself: `python -m deploy.healthy PART`; exit
status 1 where not.

A page that answers is not enough: Airflow's says 200 while its body calls the scheduler unhealthy.
"""

import json
import os
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

AIRFLOW = "http://airflow-api:8080/api/v2/monitor/health"
SECONDS = 5.0
MOST_BYTES = 1_000_000
PARTS = {
    "airflow-api": "metadatabase",
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag_processor",
}


def main(part: str, environ: Mapping[str, str]) -> str:
    """What is wrong with the part, "" where nothing is."""
    if part == "airflow-worker":
        return _worker(environ["AIRFLOW__CELERY__BROKER_URL"])
    if part in PARTS:
        found = _asked(environ.get("AIRFLOW_HEALTH_URL", AIRFLOW)).get(PARTS[part], {})
        return "" if found.get("status") == "healthy" else f"{part}: {found}"
    port = environ["HUB_API_PORT"]
    ready = _asked(f"http://127.0.0.1:{port}/readyz")
    return "" if ready["status"] != "not_ready" else f"{part}: {ready}"


def _asked(url: str) -> dict[str, Any]:
    """The JSON of an answer, whatever its status."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=SECONDS) as answer:
            return dict(json.loads(answer.read(MOST_BYTES)))
    except HTTPError as answer:  # 503 says why
        return dict(json.loads(answer.read(MOST_BYTES)))


def _worker(broker: str) -> str:
    """Ask the worker of this container over the queue, as the scheduler hands tasks to it."""
    celery = import_module("celery")  # the images have it, and no other part wants it
    name = f"celery@{socket.gethostname()}"
    answers = celery.Celery(broker=broker).control.inspect([name], timeout=SECONDS).ping()
    return "" if answers else f"{name} does not answer"


if __name__ == "__main__":
    try:
        wrong = main(sys.argv[1], os.environ)
    except (OSError, ValueError, KeyError) as error:
        wrong = f"{sys.argv[1]}: {type(error).__name__}"
    sys.exit(wrong or 0)
