"""DAGs run in one process: a pull against a live partner and a real database of the hub, and the
daily tidying.
"""

import json
from urllib.parse import quote

import psycopg
import pytest

from hub import wiring
from hub.texts import cure, say
from tests.dags.airflow_process import output_of
from tests.sandbox_processes import SECRET, USER, running_partner

COUNTS = (
    "select sum(read), sum(created), sum(unchanged), sum(quarantined) from hub.batch where flow "
    "= %s and run_id = %s"
)
RUNS = (
    "select id, state, airflow->>'dag_id', airflow->>'task_id' from hub.run where flow = %s "
    "order by id"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Airflow's own database takes longer to make than a run: one for all runs here."""
    return tmp_path_factory.mktemp("airflow")


@pytest.fixture
def hub_environ(empty_database_url, tmp_path):
    with running_partner("investment", state=tmp_path / "investment") as partner:
        environ = {
            "HUB_DATABASE_URL": empty_database_url,
            "HUB_CONN_INVESTMENT": f"http://{USER}:{quote(SECRET)}@127.0.0.1:{partner.port}/api",
        }
        hub = wiring.start(environ=environ)
        hub.migrate()
        hub.close()
        yield environ


def test_a_pull_dag_takes_everything_in_once_and_nothing_the_second_time(hub_environ, home):
    """The address comes by an Airflow connection here, in the environment below."""
    environ = hub_environ | {"AIRFLOW_CONN_HUB_INVESTMENT": hub_environ["HUB_CONN_INVESTMENT"]}
    environ["HUB_CONN_INVESTMENT"] = "http://nobody:wrong@127.0.0.1:9/api"
    said = output_of("run.py", "pull_investment", "2", home=home, environ=environ)
    for state, tasks in json.loads(said.splitlines()[-1]):
        assert state == "success"
        assert tasks.pop("fail_run") == "skipped"
        assert set(tasks.values()) == {"success"}
    with psycopg.connect(hub_environ["HUB_DATABASE_URL"]) as db:
        (first, second) = db.execute(RUNS, ("pull.investment.project",)).fetchall()
        assert first[1:] == second[1:] == ("complete", "pull_investment", "project.pull")
        read, created, _, quarantined = db.execute(
            COUNTS, ("pull.investment.project", first[0])
        ).fetchone()
        assert read == created + quarantined > 300
        read, created, unchanged, _ = db.execute(
            COUNTS, ("pull.investment.project", second[0])
        ).fetchone()
        assert (read, created) == (unchanged, 0)


def test_a_flow_that_stops_says_what_where_and_what_to_do_in_both_languages(hub_environ, home):
    wrong = {"HUB_CONN_INVESTMENT": hub_environ["HUB_CONN_INVESTMENT"].replace(USER, "nobody")}
    said = output_of("run.py", "pull_investment", "1", home=home, environ=hub_environ | wrong)
    ((state, tasks),) = json.loads(said.splitlines()[-1])
    assert state == "failed"
    assert tasks == dict.fromkeys(tasks, "failed") | {"release": "success"}
    for lang in ("zh", "en"):
        assert say("system.credentials", {}, lang) in said
        assert cure("system.credentials", {}, lang) in said
    assert "pull.investment.project" in said
    assert "发展改革委数据管理员" in said


def test_old_rows_go_and_the_last_run_of_each_dag_stays(home):
    found = json.loads(output_of("tidy.py", home=home).splitlines()[-1])
    assert found == {
        "why": "",
        "runs": ["busy scheduled__1", "busy scheduled__100", "resting scheduled__300"],
        "events": ["event 1", "event 100"],
        "dags": {"busy": False, "resting": True},
    }
