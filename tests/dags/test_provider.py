"""Airflow knows the hub as a provider: a form for each connector, its DAGs as a bundle, a partner
reached by Test.
"""

import json
from importlib.metadata import entry_points

import pytest

from hub.config.connections import connection_from
from tests.dags.airflow_process import CHECKOUT, output_of
from tests.sandbox_processes import SECRET, USER, running_partner

BUNDLES = [{"name": "onecode", "classpath": "hub.provider.bundle.HubDagBundle", "kwargs": {}}]


def test_every_connector_has_its_form_and_the_dags_are_a_bundle(empty_database_url, tmp_path):
    with running_partner("investment", state=tmp_path / "investment") as partner:
        parts = {
            "conn_type": "onecode_rest",
            "host": f"http://127.0.0.1:{partner.port}/api",
            "login": USER,
        }
        environ = {
            "HUB_DATABASE_URL": empty_database_url,
            "HUB_HOME": str(CHECKOUT),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(BUNDLES),
            "AIRFLOW_CONN_HUB_INVESTMENT": json.dumps(parts | {"password": SECRET}),
            "AIRFLOW_CONN_HUB_FIRE": json.dumps(parts | {"host": "http://127.0.0.1:9/fire"}),
        }
        said = output_of(
            "provider.py", "hub_investment", "hub_fire", home=tmp_path, environ=environ
        )
    found = json.loads(said.splitlines()[-1])
    assert set(found["hooks"]) == {
        f"onecode_{one.name}" for one in entry_points(group="hub.connectors")
    }
    assert found["asked"]["onecode_rest"]["hidden_fields"] == ["schema"]
    assert all(form["relabeling"]["host"] for form in found["asked"].values())
    assert "extra__onecode_files__host_key" in found["extra"]
    assert found["dags"] == [str(CHECKOUT / "dags")]
    (good, answer), (bad, why) = found["tests"].values()
    assert good, answer
    assert answer.startswith("rest: ")
    assert not bad
    assert "处理" in why or "fire" in why


@pytest.mark.parametrize("kind", ["onecode_rest", "onecode_sql", "onecode_files"])
def test_a_type_of_ours_says_nothing_of_the_scheme_that_stands_in_the_address(kind):
    said = {
        "conn_type": kind,
        "host": "sftp://files.example:2222/out",
        "login": "u",
        "password": "p",
    }
    made = connection_from("water", json.dumps(said))
    assert (made.scheme, made.host, made.port, made.path) == ("sftp", "files.example", 2222, "/out")
