"""An Airflow connection reaches the hub as it was made: case 47."""

import json

from connectors.web import address
from hub.config.connections import connection_from
from tests.dags.airflow_process import output_of

SECRET = "p@ss:w/ör%d?#[]+ 密"  # noqa: S105 -- of nobody
EXTRA = {
    "sslmode": "require",
    "keepalives_idle": 30,
    "no_host_key_check": False,
    "options": {"a": ["甲", 1]},
}
AS_TEXT = {
    "sslmode": "require",
    "keepalives_idle": "30",
    "no_host_key_check": "false",
    "options": '{"a":["甲",1]}',
}


def test_case_47_parts_and_every_value_of_an_extra_come_from_airflow_as_they_are(tmp_path):
    environ = {
        "AIRFLOW_CONN_HUB_GAS": json.dumps(
            {
                "conn_type": "http",
                "host": "api.example",
                "schema": "https",
                "login": "u",
                "password": SECRET,
            }
        ),
        "AIRFLOW_CONN_HUB_WATER": json.dumps(
            {"conn_type": "postgres", "host": "::1", "schema": "db", "extra": EXTRA}
        ),
        "AIRFLOW_CONN_HUB_HEAT": "sftp://u:p%40w@h.example:2222/out?host_key=SHA256:a%2Bb",
    }
    said = output_of(
        "connections.py",
        "pull.gas.a",
        "pull.water.a",
        "pull.heat.a",
        home=tmp_path,
        environ=environ,
    )
    given = json.loads(said.splitlines()[-1])
    made = {
        flow: [connection_from("s", text) for text in (*parts.values(), uri)]
        for flow, (parts, uri) in given.items()
    }
    gas, gas_by_address = made["pull.gas.a"]
    assert (address(gas), gas.user, gas.secret) == ("https://api.example", "u", SECRET)
    assert address(gas_by_address) == "https://api.example"
    water, water_by_address = made["pull.water.a"]
    assert (water.scheme, water.host, water.path, water.options) == (
        "postgresql",
        "::1",
        "/db",
        AS_TEXT,
    )
    assert water_by_address.options == AS_TEXT
    heat, _ = made["pull.heat.a"]
    assert (heat.scheme, heat.port, heat.secret, heat.path) == ("sftp", 2222, "p@w", "/out")
    assert heat.options == {"host_key": "SHA256:a+b"}
