"""The few words of Airflow's REST API that the demo and the tests need."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import requests

from hub.calling.client import AnswerLateError, HttpLimits, calling

ANSWER_SECONDS = 60.0
SILENT_SECONDS = 600.0
ANSWER_BYTES = 50_000_000
AGAIN_SECONDS = 1.0
PAGE = 100


class AirflowSilentError(RuntimeError):
    """Airflow gives no answer; the text says so and what to do."""

    def __init__(self, address: str, what: str) -> None:
        super().__init__(
            f"Airflow 没有应答（{address}，{what}）：看 .run/logs/airflow-api-server.log；机器较慢时加大 "
            "HUB_START_ANSWER_SECONDS 和 HUB_START_AIRFLOW_SECONDS\n"
            f"Airflow gives no answer ({address}, {what}): see .run/logs/airflow-api-server.log; "
            f"on a slow machine "
            "raise HUB_START_ANSWER_SECONDS and HUB_START_AIRFLOW_SECONDS"
        )


@dataclass(frozen=True, slots=True)
class DagRun:
    dag: str
    id: str
    state: str  # queued, running, success, failed


class Airflow:
    """A session of one user. What is not answered in time is asked again, until Airflow has been
    silent for too long.

    answer_seconds: how long one answer may take, answer_bytes: how large it may be; silent_seconds:
    how long none may come. meanwhile: done between tries.
    """

    def __init__(
        self,
        address: str,
        *,
        user: str,
        password: str,
        answer_seconds: float = ANSWER_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
        answer_bytes: int = ANSWER_BYTES,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        self._address = address
        self._answer_seconds, self._silent_seconds, self._meanwhile = (
            answer_seconds,
            silent_seconds,
            meanwhile,
        )
        # The machine's own proxies have no business with 127.0.0.1.
        self._session = calling(HttpLimits(answer_bytes, answer_seconds), proxies=False)
        token = self._answer(
            "POST", f"{address}/auth/token", {"username": user, "password": password}
        )
        self._session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def dags(self) -> dict[str, bool]:
        """All DAGs that are parsed and known, and whether each is paused."""
        return {
            str(dag["dag_id"]): bool(dag["is_paused"])
            for dag in self._pages("dags", {}, found="dags")
        }

    def import_errors(self) -> list[str]:
        return [
            str(error["stack_trace"])
            for error in self._pages("importErrors", {}, found="import_errors")
        ]

    def unpause(self, dags: Iterable[str]) -> None:
        self._switch(dags, paused=False)

    def pause(self, dags: Iterable[str]) -> None:
        self._switch(dags, paused=True)

    def _switch(self, dags: Iterable[str], *, paused: bool) -> None:
        for dag in dags:
            self._call("PATCH", f"dags/{dag}", {"is_paused": paused})

    def forget(self, dag: str) -> None:
        """Delete all that Airflow knows of a DAG; it is read again as one that was never there."""
        self._answer("DELETE", f"{self._address}/api/v2/dags/{dag}", None)

    def trigger(self, dag: str, conf: Mapping[str, object] | None = None) -> str:
        """Start a run by hand and return its id."""
        # Its id is ours, so that a try whose answer was late and a second one are one run.
        run = f"manual__{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}_{uuid4().hex[:8]}"
        body = {"logical_date": None, "conf": dict(conf or {}), "dag_run_id": run}
        self._answer(
            "POST", f"{self._address}/api/v2/dags/{dag}/dagRuns", body, known=HTTPStatus.CONFLICT
        )
        return run

    def runs(self, *, since: datetime) -> list[DagRun]:
        """The runs of all DAGs that were asked for since then, oldest first.

        For when a run is meant says nothing: the one that a DAG begins with when it is unpaused is
        last night's.
        """
        asked = {"updated_at_gte": since.isoformat(), "order_by": "run_after"}
        return [
            DagRun(str(run["dag_id"]), str(run["dag_run_id"]), str(run["state"]))
            for run in self._pages("dags/~/dagRuns", asked, found="dag_runs")
            if run["queued_at"] and datetime.fromisoformat(run["queued_at"]) >= since
        ]

    def _pages(self, path: str, asked: dict[str, str], *, found: str) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._call(
                "GET", path, query=asked | {"limit": str(PAGE), "offset": str(offset)}
            )
            rows = page[found]
            yield from rows
            offset += len(rows)
            if not rows or offset >= page["total_entries"]:
                return

    def _call(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        return dict(
            self._answer(method, f"{self._address}/api/v2/{path}", body, query=query).json()
        )

    def _answer(
        self,
        method: str,
        address: str,
        body: object,
        *,
        query: Mapping[str, str] | None = None,
        known: int = 0,
    ) -> requests.Response:
        """Ask until there is an answer. known: the status by which a second try says that the first
        has arrived.
        """
        deadline = time.monotonic() + self._silent_seconds
        while True:
            try:
                answer = self._session.request(
                    method, address, json=body, params=query, timeout=self._answer_seconds
                )
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    if answer.status_code != known:
                        answer.raise_for_status()
                    return answer
                what = str(answer.status_code)
            except (requests.ConnectionError, requests.Timeout, AnswerLateError) as error:
                what = type(error).__name__
            if time.monotonic() > deadline:
                raise AirflowSilentError(self._address, what)
            self._meanwhile()
            time.sleep(AGAIN_SECONDS)
