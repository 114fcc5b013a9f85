"""Connections as people and Airflow write them: case 47 and its neighbours."""

import json
from typing import cast
from urllib.parse import quote

import pytest

from connectors.engines import EngineOptions, engine_to
from connectors.web import address
from hub.config.connections import connection_from
from hub.errors import FlowError
from hub.model import Connection, Json

SECRET = "p@ss:w/ör%d?#[]+ 密"  # noqa: S105 - of nobody


def parts(**said: Json) -> Connection:
    return connection_from("s", json.dumps(said))


EXTRA: dict[str, Json] = {
    "sslmode": "require",
    "keepalives_idle": 30,
    "share": 0.5,
    "no_host_key_check": False,
    "options": {"a": ["甲", 1]},
    "list": [1, True, None],
    "nothing": None,
}


def test_case_47_every_value_of_an_extra_is_an_option_by_itself():
    made = parts(
        conn_type="postgres",
        host="db.example",
        login="u",
        password=SECRET,
        schema="bugs",
        extra=EXTRA,
    )
    assert made.options == {
        "sslmode": "require",
        "keepalives_idle": "30",
        "share": "0.5",
        "no_host_key_check": "false",
        "options": '{"a":["甲",1]}',
        "list": "[1,true,null]",
    }
    assert (made.scheme, made.host, made.port, made.user, made.secret, made.path) == (
        "postgresql",
        "db.example",
        None,
        "u",
        SECRET,
        "/bugs",
    )


def test_an_extra_may_be_json_in_a_text_and_is_found_where_airflow_has_folded_it_into_an_address():
    text = json.dumps(EXTRA)
    assert parts(conn_type="sftp", extra=text) == parts(conn_type="sftp", extra=EXTRA)
    folded = connection_from("s", f"sftp://h/?__extra__={quote(text)}")
    assert folded.options == parts(conn_type="sftp", extra=EXTRA).options


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"conn_type": "http", "host": "api.example", "schema": "https"}, "https://api.example"),
        (
            {"conn_type": "HTTP", "host": "api.example", "schema": "HTTPS", "port": 8443},
            "https://api.example:8443",
        ),
        (
            {"conn_type": "http", "host": "https://api.example/base/", "schema": "v1"},
            "https://api.example/base/v1",
        ),
        (
            {"conn_type": "http", "host": "http://api.example", "schema": "https"},
            "https://api.example",
        ),
        ({"conn_type": "https", "host": "http://api.example"}, "https://api.example"),
        (
            {
                "conn_type": "http",
                "host": "api.example",
                "schema": "https",
                "extra": {"path": "api"},
            },
            "https://api.example/api",
        ),
        ({"conn_type": "http", "host": "api.example", "schema": "http"}, "http://api.example"),
        (
            {"conn_type": "http", "host": "api.example:8080/base", "schema": ""},
            "http://api.example:8080/base",
        ),
        (
            {"conn_type": "http", "host": "api.example", "schema": "/api/v2/"},
            "http://api.example/api/v2",
        ),
        ({"conn_type": "", "host": "https://api.example"}, "https://api.example"),
        (
            {"conn_type": "generic", "host": "api.example", "extra": {"scheme": "https"}},
            "https://api.example",
        ),
        ({"conn_type": "http", "host": "2001:db8::7", "port": 8080}, "http://[2001:db8::7]:8080"),
        (
            {"conn_type": "http", "host": "[2001:db8::7]:8080", "schema": "https"},
            "https://[2001:db8::7]:8080",
        ),
    ],
)
def test_case_47_https_means_https_wherever_it_is_said(said: dict[str, Json], where: str):
    made = parts(**said)
    assert address(made) == where
    assert made.options == {}


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("http://u:p@api.example/https", "https://api.example"),
        ("https://u:p@api.example/http", "https://api.example"),
        ("http://u:p@api.example/httpsd", "http://api.example/httpsd"),
        ("https://u:p@[2001:db8::7]:8443/api", "https://[2001:db8::7]:8443/api"),
    ],
)
def test_case_47_an_address_of_airflows_for_https_is_not_called_in_clear(said: str, where: str):
    assert address(connection_from("s", said)) == where


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({"conn_type": "ssh", "host": "h", "extra": {"key_file": "/k"}}, ("sftp", "h", None, "")),
        (
            {"conn_type": "sftp", "host": "fe80::1", "port": "2222", "extra": {"path": "/out"}},
            ("sftp", "fe80::1", 2222, "/out"),
        ),
        (
            {"conn_type": "postgres", "host": "::1", "schema": "db"},
            ("postgresql", "::1", None, "/db"),
        ),
        (
            {"conn_type": "postgresql+psycopg", "host": "h", "schema": "db"},
            ("postgresql+psycopg", "h", None, "/db"),
        ),
        (
            {"conn_type": "mysql", "host": "h", "port": 3306, "schema": "项目库"},
            ("mysql", "h", 3306, "/项目库"),
        ),
        ({"conn_type": "odbc", "host": "h", "schema": "db"}, ("odbc", "h", None, "/db")),
        ({"conn_type": "sqlite", "host": "/data/甲.db"}, ("sqlite", "", None, "/data/甲.db")),
        ({"conn_type": "fs", "extra": {"path": "/data/out"}}, ("file", "", None, "/data/out")),
    ],
)
def test_types_of_airflow_are_the_addresses_of_the_connectors(
    said: dict[str, Json], made: tuple[object, ...]
):
    found = parts(**said)
    assert (found.scheme, found.host, found.port, found.path) == made


def test_a_database_of_ipv6_is_called_with_its_address_in_brackets():
    for made in (
        parts(conn_type="postgres", host="2001:db8::7", port=5433),
        connection_from("s", "postgres://[2001:db8::7]:5433/"),
    ):
        assert (
            str(engine_to(made, EngineOptions()).url) == "postgresql+psycopg://[2001:db8::7]:5433/"
        )


@pytest.mark.parametrize(
    "said",
    [
        f"sftp://u:{'%70%40'}@[2001:db8::7]:2222/out?host_key=SHA256:a%2Bb",
        "sftp://u:p%40@[2001:db8::7]:2222/out?host_key=SHA256:a%2Bb",
    ],
)
def test_an_address_is_read_with_an_ipv6_host_and_what_is_percent_encoded(said: str):
    made = connection_from("s", said)
    assert (made.host, made.port, made.user, made.secret, made.path) == (
        "2001:db8::7",
        2222,
        "u",
        "p@",
        "/out",
    )
    assert made.options == {"host_key": "SHA256:a+b"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('{"conn_type": "http", "password": "geheim"', "not JSON"),
        ({"conn_type": "http", "host": "h", "extra": '{"key": geheim}'}, "extra: 不是 JSON"),
        ({"conn_type": "http", "host": "h", "extra": '["geheim"]'}, "extra: 不是 JSON 对象"),
        ({"conn_type": "http", "host": "h", "port": "geheim"}, "the port"),
        ({"conn_type": "http", "host": "h", "port": 70000}, "the port"),
        ({"conn_type": "http", "host": "h:geheim"}, "the port"),
        ({"conn_type": "http", "host": "u:geheim@h"}, "no login in the host"),
        ({"conn_type": "", "host": "h", "password": "geheim"}, "has no type"),
        ({"conn_type": "http", "hosts": "geheim"}, "unknown parts hosts"),
        ("http://u:geheim@h:port/", "not an address"),
        ("geheim", "not an address"),
        ("http://[geheim/", "not an address"),
    ],
)
def test_a_connection_that_cannot_be_read_is_named_and_nothing_of_it_is_shown(
    said: "str | dict[str, Json]", why: str
):
    text = (
        said
        if isinstance(said, str)
        else json.dumps({"conn_id": "hub_s", **cast("dict[str, Json]", said)})
    )
    with pytest.raises(FlowError) as caught:
        connection_from("s", text)
    assert caught.value.code == "system.connection"
    assert why in caught.value.facts["why"]
    assert caught.value.facts["connection"] == ("HUB_CONN_S" if isinstance(said, str) else "hub_s")
    assert "geheim" not in str(caught.value)
