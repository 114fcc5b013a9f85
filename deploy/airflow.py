"""The few words of Airflow's REST API that the demo and the tests need."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

TIMEOUT = 30
PAGE = 100


@dataclass(frozen=True, slots=True)
class DagRun:
    dag: str
    id: str
    state: str  # queued, running, success, failed


class Airflow:
    """A session of one user."""

    def __init__(self, address: str, *, user: str, password: str) -> None:
        self._address = address
        self._session = requests.Session()
        # The machine's own proxies have no business with 127.0.0.1.
        self._session.trust_env = False
        token = self._session.post(
            f"{address}/auth/token", json={"username": user, "password": password}, timeout=TIMEOUT
        )
        token.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def dags(self) -> dict[str, bool]:
        """All DAGs that are parsed and known, and whether each is paused."""
        return {str(dag["dag_id"]): bool(dag["is_paused"]) for dag in self._pages("dags", {}, found="dags")}

    def import_errors(self) -> list[str]:
        return [str(error["stack_trace"]) for error in self._pages("importErrors", {}, found="import_errors")]

    def unpause(self, dags: Iterable[str]) -> None:
        self._switch(dags, paused=False)

    def pause(self, dags: Iterable[str]) -> None:
        self._switch(dags, paused=True)

    def _switch(self, dags: Iterable[str], *, paused: bool) -> None:
        for dag in dags:
            self._call("PATCH", f"dags/{dag}", {"is_paused": paused})

    def trigger(self, dag: str, conf: Mapping[str, object] | None = None) -> str:
        """Start a run by hand and return its id."""
        made = self._call("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": dict(conf or {})})
        return str(made["dag_run_id"])

    def runs(self, *, since: datetime) -> list[DagRun]:
        """The runs of all DAGs that were asked for since then, oldest first."""
        asked = {"run_after_gte": since.isoformat(), "order_by": "run_after"}
        return [
            DagRun(str(run["dag_id"]), str(run["dag_run_id"]), str(run["state"]))
            for run in self._pages("dags/~/dagRuns", asked, found="dag_runs")
        ]

    def _pages(self, path: str, asked: dict[str, str], *, found: str) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._call("GET", path, query=asked | {"limit": str(PAGE), "offset": str(offset)})
            rows = page[found]
            yield from rows
            offset += len(rows)
            if not rows or offset >= page["total_entries"]:
                return

    def _call(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        address = f"{self._address}/api/v2/{path}"
        answer = self._session.request(method, address, json=body, params=query, timeout=TIMEOUT)
        answer.raise_for_status()
        return dict(answer.json())
