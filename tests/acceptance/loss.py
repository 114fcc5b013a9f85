"""The whole loss of Airflow's database, with a real Airflow: tools/run python -m pytest
tests/acceptance/loss.py.

Not among the tests of every change: it stops everything and starts it again, which takes minutes.
"""

from deploy.airflow import Airflow
from tests.acceptance.site import ASKING_AIRFLOW, eventually
from tests.acceptance.test_end_to_end import PROJECTS, UNBALANCED

LOSE = """
from deploy import postgres, stack
from deploy.site import open_site

cluster = stack.cluster(open_site())
server = cluster.start(cluster.data.with_suffix(".log"))
cluster.drop_database("airflow")
postgres.stop(server)
"""


def test_after_the_loss_of_airflows_database_all_is_as_it_was_but_for_what_was_made_there(site):
    """The last of these: it stops everything and starts it again."""
    made = {"connection_id": "hub_nobody", "conn_type": "http", "host": "nobody.example"}
    site.airflow._call("POST", "connections", made)
    site.unpause("reconcile_gas")
    site.airflow.pause(["pull_fire"])
    site.finished("upkeep", site.airflow.trigger("upkeep"))
    dags, pools, sealed = site.airflow.dags(), pools_of(site), site.sql(PROJECTS)
    assert (dags["reconcile_gas"], dags["pull_fire"], dags["push_gas"]) == (False, True, True)
    site.up.stop()
    site.up.run("-c", LOSE)
    site.up.start()
    address = site.address("airflow")
    airflow = Airflow(
        address, user="admin", password=site.secret("admin")
    )  # people come in as before
    eventually(
        lambda: airflow.dags() == dags,
        what="the DAGs, paused or not as they were",
        pause=ASKING_AIRFLOW,
    )
    assert pools_of(site) == pools
    assert "hub_nobody" not in {
        one["connection_id"] for one in airflow._pages("connections", {}, found="connections")
    }
    site.finished("pull_investment", airflow.trigger("pull_investment"))
    assert site.sql(PROJECTS) == sealed
    assert site.sql(UNBALANCED) == [(0,)]


def pools_of(site):
    return {pool["name"]: pool["slots"] for pool in site.airflow._pages("pools", {}, found="pools")}
