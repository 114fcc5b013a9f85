"""What administrators ask and do over HTTP."""

import re

import pytest

from hub.services import airflow_tasks
from hub.settings import HOME
from tests.api.conftest import Client, Opened
from tests.filled import Filled
from tests.pipeline.partners import Desk
from tests.services.sinks import webhook

# apprise looks for a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

RUNNING = """
    insert into hub.run (flow, kind, state, lease_until)
    values ('pull.investment.project', '{}', 'running', now() + interval '1 hour')
"""
CAUSE = "record.code_unknown /xmlx"


def test_the_overview_is_lights_counts_and_the_urgent_things(client: Client, opened: Opened):
    said = client.get("/v1/overview", opened("monitor", "service")).json()
    (project,) = [
        one for one in said["cells"] if (one["system"], one["entity"]) == ("investment", "project")
    ]
    assert (project["pulls"][0]["flow"], project["pulls"][0]["entries"]) == (
        "pull.investment.project",
        1,
    )
    assert len(project["pulls"][0]["hours"]) == 24
    assert any(
        one["subject"] == "quarantine" and "1" in one["told"]["zh"] for one in said["urgent"]
    )


def test_what_failed_before_a_run_is_told_by_overview_and_runs(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("monitor", "service")
    airflow_tasks.dag_broken(filled.hub.database, "push.py", "SyntaxError: invalid syntax")
    lost = airflow_tasks.Try("pull_gas", "1", "utility_connection.pull", 1)
    schedule = (HOME / "dags/flows.json").read_text(encoding="utf-8")
    airflow_tasks.task_failed(filled.hub.database, lost, "gone", schedule=schedule)
    urgent = client.get("/v1/overview", token).json()["urgent"]
    assert [(one["subject"], one["light"]) for one in urgent[:2]] == [
        ("obstacle", "red"),
        ("run", "red"),
    ]
    assert "SyntaxError: invalid syntax" in urgent[0]["told"]["zh"]
    assert urgent[1]["flow"] == "pull.gas.utility_connection"
    (run,) = client.get("/v1/runs?flow=pull.gas.utility_connection", token).json()
    assert (run["state"], run["why"]["code"]) == ("failed", "airflow.task_lost")


def test_runs_of_every_kind_are_listed(client: Client, opened: Opened, filled: Filled):
    token = opened("monitor", "service")
    (kinds,) = filled.rows(
        "select pg_get_constraintdef(oid) as said from pg_constraint where conname = "
        "'run_kind_check'"
    )
    named = re.findall(r"'(\w+)'", str(kinds["said"]))
    for kind in named:
        filled.execute(RUNNING.format(kind))
    listed = client.get("/v1/runs?flow=pull.investment.project&state=running", token)
    assert listed.status_code == 200
    assert {run["kind"] for run in listed.json()} == set(named)


def test_the_records_of_a_run_lead_to_entries_and_deliveries(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("admin", "administrator")
    landed = client.get("/v1/runs/1/records", token).json()["landed"]
    assert [(one["disposition"], one["entry_id"]) for one in landed] == [
        ("applied", None),
        ("quarantined", 1),
    ]
    (last,) = client.get("/v1/runs/1/records?outcome=quarantined", token).json()["landed"]
    assert client.get(f"/v1/runs/1/records?after={last['id']}", token).json()["landed"] == []
    run = filled.push("push.fire.project", Desk())
    (handed,) = client.get(f"/v1/runs/{run}/records", token).json()["handed"]
    assert (handed["entity"], handed["state"]) == ("project", "confirmed")


def test_entries_are_assigned_talked_about_and_discarded(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("admin", "administrator")
    asked = {"cause": CAUSE, "to": "李四"}
    assert client.ask("POST", "/v1/failures/assignments", token, asked).json() == {"count": 1}
    assert client.get("/v1/failures", token).json()[0]["assignees"] == ["李四"]
    assert client.ask("POST", "/v1/remarks", token, {"entry_id": 1, "said": "已联系"}).json() == {
        "count": 1
    }
    (said,) = client.get(f"/v1/remarks?flow=pull.investment.project&cause={CAUSE}", token).json()
    assert (said["said"], said["said_by"], said["entry_id"]) == ("已联系", "admin", 1)
    assert client.ask("POST", "/v1/failures/discarded", token, {"ids": [1]}).status_code == 422
    done = client.ask("POST", "/v1/failures/discarded", token, {"ids": [1], "reason": "测试数据"})
    assert done.json() == {"count": 1}
    assert filled.rows("select closed_by, reason from hub.quarantine") == [
        {"closed_by": "admin", "reason": "测试数据"}
    ]


def test_a_replay_is_begun_and_asked_for(client: Client, opened: Opened):
    token = opened("admin", "administrator")
    refused = client.ask("POST", "/v1/replays", token, {})
    assert (refused.status_code, refused.json()["code"]) == (422, "ask.nothing_selected")
    begun = client.ask("POST", "/v1/replays", token, {"ids": [1]})
    assert (begun.status_code, begun.json()["total"]) == (202, 1)
    assert client.get(f"/v1/replays/{begun.json()['id']}", token).json()["asked_by"] == "admin"
    assert client.get("/v1/replays", token).json()[0]["id"] == begun.json()["id"]
    assert client.get("/v1/replays/999", token).status_code == 404


def test_a_test_alert_goes_out_and_alerts_are_listed(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("admin", "administrator")
    nowhere = client.ask("POST", "/v1/alerts/test", token)
    assert nowhere.json()["code"] == "alert.nowhere"
    with webhook() as hook:
        filled.hub.settings = type(filled.hub.settings)(
            database_url=filled.url, alert_urls=(hook.url,)
        )
        assert client.ask("POST", "/v1/alerts/test", token).json() == {"count": 1}
        assert len(hook.bodies) == 1
    filled.hub.watch()
    assert any(
        one["told"]["code"] == "alert.quarantine" for one in client.get("/v1/alerts", token).json()
    )
