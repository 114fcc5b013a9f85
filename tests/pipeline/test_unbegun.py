"""What fails before a run of the hub has opened is seen where runs are: `hub runs`, the overview,
an alert.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub import wiring
from hub.auth.context import operating
from hub.db.database import Database, Transaction
from hub.db.runs.reading import RunRow, run_rows
from hub.errors import FlowError, HubError, TransientError
from hub.pipeline.run_lifecycle import running
from hub.services import airflow_tasks, alerts, overview
from hub.services.airflow_tasks import Try
from hub.settings import HOME
from tests.filled import Filled
from tests.pipeline.partners import Desk

PULL, PUSH = "pull.investment.project", "push.fire.project"
SCHEDULE = (HOME / "dags/flows.json").read_text(encoding="utf-8")
FIRST = Try("pull_investment", "scheduled__1", "project.pull", 1)
GREEN = """
    insert into hub.flow (name, last_complete_at) values ('pull.investment.project', now())
    on conflict (name) do update set last_complete_at = now()
"""


def last_run(filled: Filled, flow: str) -> RunRow:
    with filled.hub.database.write() as tx:
        return run_rows(tx, flow=flow, most=1)[0]


def number_of_runs(filled: Filled) -> object:
    return filled.rows("select count(*) as n from hub.run")[0]["n"]


def light(filled: Filled, flow: str) -> str:
    return next(one.light for cell in look(filled).cells for one in cell.flows if one.flow == flow)


def look(filled: Filled) -> overview.Overview:
    return overview.look(operating(filled.hub, "tester"))


def urgent(filled: Filled, code: str) -> overview.Urgent:
    (found,) = [one for one in look(filled).urgent if one.told.code == code]
    return found


def hub_with(filled: Filled, **connections: str) -> wiring.Hub:
    hub = wiring.start(environ=filled.environ, connections=connections)
    hub.contracts = filled.hub.contracts
    return hub


@pytest.mark.parametrize(
    ("connections", "code"),
    [
        ({}, "system.not_configured"),
        ({"investment": "http://a:b@[half/api"}, "system.connection"),
        ({"investment": "http://a:b@127.0.0.1:port/api"}, "system.connection"),
    ],
)
@pytest.mark.parametrize("kind", ["pull", "reconcile"])
def test_a_flow_without_a_usable_connection_is_a_failed_run_and_red(
    filled: Filled, connections: dict[str, str], code: str, kind: str
):
    filled.execute(GREEN)
    hub = hub_with(filled, **connections)
    with pytest.raises(FlowError):
        getattr(hub, kind)(
            PULL, airflow={"dag_id": "d", "run_id": "r", "task_id": "t", "try_number": 1}
        )
    hub.close()
    row = last_run(filled, PULL)
    assert (row.kind, row.state, row.fault and row.fault.code) == (kind, "failed", code)
    assert row.airflow == {"dag_id": "d", "run_id": "r", "task_id": "t", "try_number": 1}
    assert urgent(filled, code).subject == "run"
    assert light(filled, PULL) == ("red" if kind == "pull" else "green")


def test_a_push_and_its_receipts_without_a_connection_are_failed_runs(filled: Filled):
    hub = hub_with(filled)
    for ask, kind in ((hub.push, "push"), (hub.receipts, "receipts")):
        with pytest.raises(FlowError):
            ask(PUSH)
        row = last_run(filled, PUSH)
        assert (row.kind, row.state, row.balanced) == (kind, "failed", None)
    hub.close()
    assert light(filled, PUSH) == "red"


def test_a_connector_that_cannot_be_made_is_a_failed_run_whatever_it_raises(filled: Filled):
    hub = hub_with(filled, investment="http://a:b@127.0.0.1/api")
    broken = filled.hub.contracts.pulls[PULL]
    object.__setattr__(broken, "connector", "of_nobody")
    try:
        with pytest.raises(FlowError):
            hub.pull(PULL)
    finally:
        object.__setattr__(broken, "connector", "rest")
        hub.close()
    fault = last_run(filled, PULL).fault
    assert fault is not None
    assert fault.code == "flow.connector_unknown"


def test_a_name_mistyped_by_hand_is_no_run_and_one_that_airflow_asks_for_is(filled: Filled):
    before = number_of_runs(filled)
    with pytest.raises(FlowError):
        filled.hub.pull("pull.investment.projekt")
    assert number_of_runs(filled) == before
    with pytest.raises(FlowError):
        filled.hub.pull("pull.investment.gone", airflow={"dag_id": "pull_investment"})
    assert last_run(filled, "pull.investment.gone").state == "failed"


@pytest.mark.parametrize(
    ("error", "code", "facts"),
    [
        (
            "the executor says that it is gone",
            "airflow.task_lost",
            {"task": "pull_investment.project.pull"},
        ),
        (
            KeyError("13912345678"),
            "airflow.task_failed",
            {"task": "pull_investment.project.pull", "reason": "KeyError"},
        ),
        (
            FlowError("settings.invalid", name="HUB_X", value="y"),
            "settings.invalid",
            {"name": "HUB_X", "value": "y"},
        ),
    ],
)
def test_a_task_that_fails_before_its_run_is_a_failed_run_of_its_flow(
    filled: Filled, error: object, code: str, facts: dict[str, str]
):
    airflow_tasks.task_failed(filled.hub.database, FIRST, error, schedule=SCHEDULE)
    row = last_run(filled, PULL)
    assert (row.kind, row.state) == ("pull", "failed")
    assert row.fault is not None
    assert (row.fault.code, row.fault.facts) == (code, facts)
    assert light(filled, PULL) == "red"
    assert "13912345678" not in json.dumps(filled.rows("select cause::text from hub.run"))


def test_a_task_whose_run_says_why_it_failed_is_not_told_twice(filled: Filled):
    hub = hub_with(filled)
    with pytest.raises(HubError) as caught:
        hub.pull(
            PULL,
            airflow={
                "dag_id": "pull_investment",
                "run_id": "1",
                "task_id": "project.pull",
                "try_number": 2,
            },
        )
    hub.close()
    before = number_of_runs(filled)
    second = Try("pull_investment", "1", "project.pull", 2)
    airflow_tasks.task_failed(filled.hub.database, second, caught.value, schedule=SCHEDULE)
    assert number_of_runs(filled) == before
    third = Try("pull_investment", "1", "project.pull", 3)
    airflow_tasks.task_failed(filled.hub.database, third, "gone", schedule=SCHEDULE)
    assert last_run(filled, PULL).fault is not None
    assert number_of_runs(filled) == int(str(before)) + 1


def test_the_task_that_only_marks_a_run_red_and_a_form_that_a_person_starts_are_no_obstacles(
    filled: Filled,
):
    before = number_of_runs(filled)
    for dag, task in (("pull_investment", "fail_run"), ("replay", "replay")):
        airflow_tasks.task_failed(
            filled.hub.database, Try(dag, "1", task, 1), ValueError(), schedule=SCHEDULE
        )
    assert (number_of_runs(filled), filled.rows("select * from hub.obstacle")) == (before, [])


def test_a_task_of_no_flow_stands_in_the_way_until_it_succeeds(filled: Filled):
    database = filled.hub.database
    for number in (1, 2):
        airflow_tasks.task_failed(
            database, Try("upkeep", str(number), "seal", 1), KeyError("x"), schedule=SCHEDULE
        )
    found = urgent(filled, "airflow.task_stands")
    assert (found.subject, found.light, found.times) == ("obstacle", "red", 2)
    assert found.told.facts["task"] == "upkeep.seal"
    with database.write() as tx:
        told = [one.cause for one in alerts.findings(tx, filled.hub.contracts, filled.hub.settings)]
    assert "task upkeep.seal" in told
    airflow_tasks.task_succeeded(database, "upkeep", "seal")
    assert not [one for one in look(filled).urgent if one.subject == "obstacle"]


def test_a_dag_file_that_cannot_be_read_turns_its_flows_red_until_it_can(filled: Filled):
    filled.execute(GREEN)
    database = filled.hub.database
    said = (
        "Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module named "
        "'onecode'\n"
    )
    airflow_tasks.dag_broken(database, "pull.py", said)
    found = urgent(filled, "airflow.dag_broken")
    assert found.told.facts == {
        "file": "pull.py",
        "reason": "ModuleNotFoundError: No module named 'onecode'",
    }
    assert light(filled, PULL) == "red"
    assert light(filled, PUSH) != "red"
    airflow_tasks.dags_read(database, {"push.py": said})
    assert [one["place"] for one in filled.rows("select place from hub.obstacle")] == ["push.py"]
    assert light(filled, PULL) == "green"
    airflow_tasks.dags_read(database, {})
    assert filled.rows("select * from hub.obstacle") == []


def test_a_run_that_goes_well_again_is_no_longer_red(filled: Filled):
    airflow_tasks.task_failed(
        filled.hub.database, Try("push_fire", "1", "project.push", 1), "gone", schedule=SCHEDULE
    )
    assert light(filled, PUSH) == "red"
    filled.push(PUSH, Desk())
    assert light(filled, PUSH) != "red"


class Losing(Database):
    """A database that is away just before the first commit."""

    lost = False

    @contextmanager
    def write(self, **asked: bool) -> Iterator[Transaction]:
        with super().write(**asked) as tx:
            yield tx
            if not self.lost:
                self.lost = True
                raise TransientError("database.unavailable", reason="the connection broke off")


def test_a_run_whose_beginning_never_was_committed_ends_with_what_broke_it_and_leaves_no_row(
    filled: Filled,
):
    before = number_of_runs(filled)
    losing = Losing(filled.url, key=b"test")
    with pytest.raises(TransientError) as caught, running(losing, PULL, "pull"):
        raise AssertionError
    losing.close()
    assert caught.value.code == "database.unavailable"
    assert number_of_runs(filled) == before
