"""HTTP failures in the hub's terms."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from connectors.web import (
    LostAnswerError,
    Rate,
    RefusedError,
    Web,
    WebOptions,
    address,
    check_status,
    retry_after,
)
from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection
from tests.ports import reserve_port


@pytest.mark.parametrize(
    ("status", "family", "code"),
    [
        (429, TransientError, "system.busy"),
        (503, LostAnswerError, "system.busy"),
        (504, LostAnswerError, "system.timeout"),
        (502, LostAnswerError, "system.unavailable"),
        (401, FlowError, "system.credentials"),
        (403, FlowError, "system.credentials"),
        (422, RefusedError, "system.protocol"),
        (302, FlowError, "system.http_status"),
        (404, FlowError, "system.http_status"),
    ],
)
def test_each_status_says_what_to_do(status: int, family: type[HubError], code: str) -> None:
    response = requests.Response()
    response.status_code = status
    with pytest.raises(family) as caught:
        check_status(response, system="gas")
    assert caught.value.code == code
    assert caught.value.facts == {"system": "gas", "status": str(status)}


def test_retry_after_is_read_in_both_forms() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_after({"Retry-After": "7"}) == 7
    waits = retry_after({"Retry-After": format_datetime(soon, usegmt=True)})
    assert waits is not None
    left = (soon - datetime.now(UTC)).total_seconds()
    assert left - 1 < waits <= 90  # a date is written in whole seconds
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({}) is None


def test_an_address_holds_no_credentials() -> None:
    connection = Connection("gas", "https", "gas.example", 8443, "app", "secret", "/com/common/")
    assert address(connection) == "https://gas.example:8443/com/common"


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    for host in ("::1", "2001:db8::7"):
        connection = Connection("gas", "https", host, 8443, "app", "secret", "/com")
        assert address(connection) == f"https://[{host}]:8443/com"
    assert address(Connection("gas", "https", "::1", None, "", "", "")) == "https://[::1]"


def test_calls_keep_the_pace_that_the_partner_asks_for() -> None:
    web = Web("gas", WebOptions(rate=Rate(per_second=20)))
    request = requests.Request("GET", f"http://127.0.0.1:{reserve_port()}/")
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(TransientError):
            web.call(request)
    web.close()
    assert time.monotonic() - began >= 2 / 20
