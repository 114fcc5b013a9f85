"""The sandbox's command line against a running partner."""

import subprocess
import sys

from tests.ports import reserve_port
from tests.sandbox.process import running

INVESTMENT = 11  # its place above the base port


def sandbox(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], capture_output=True, text=True, check=False
    )


def test_a_fault_is_armed_by_name():
    with running("investment") as partner:
        base = str(partner.port - INVESTMENT)
        told = sandbox(
            "fault",
            "investment",
            "http_500",
            "--times",
            "3",
            "--where",
            "items",
            "--base-port",
            base,
        )
        assert told.returncode == 0
        assert partner.admin("faults").json() == [
            {"fault": "http_500", "times": 3, "where": "items"}
        ]
        refused = sandbox("fault", "investment", "earthquake", "--base-port", base)
        assert refused.returncode == 1
        assert "not one of" in refused.stderr


def test_a_partner_that_does_not_run_is_named_with_its_address():
    port = reserve_port()
    told = sandbox("tick", "--base-port", str(port - INVESTMENT))
    assert told.returncode == 1
    assert f"http://127.0.0.1:{port}/_sandbox/tick" in told.stderr
