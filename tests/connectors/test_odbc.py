"""ODBC beyond what all tables have in common: a driver that is missing."""

import pytest

from connectors.odbc import OdbcConnector
from hub.errors import FlowError
from hub.model import Connection
from hub.texts import say


def test_a_driver_that_is_missing_is_named_as_such() -> None:
    at = Connection("registry", "postgresql", "127.0.0.1", 1, "who", "secret", "/db")
    for connect in ({"driver": "No Such Driver"}, {"driver": "/no/such/driver.so"}, {}):
        with pytest.raises(FlowError) as caught:
            OdbcConnector(at, dict(connect)).ping()
        assert caught.value.code == "system.driver_missing"
        assert caught.value.facts["driver"] == connect.get("driver", "connect.driver: ?")
        assert "PostgreSQL ANSI" in caught.value.facts["installed"]
        told = say(caught.value.code, caught.value.facts, "en")
        assert "PostgreSQL ANSI" in told
