"""Flows run by hand against a partner that really runs."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.sandbox_processes import SECRET, USER, running_partner


def test_a_flow_runs_by_name_and_a_partner_that_refuses_is_told_apart(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with running_partner("investment", state=tmp_path) as partner:
        address = f"127.0.0.1:{partner.port}/api"
        monkeypatch.setenv("HUB_CONN_INVESTMENT", f"http://{USER}:{SECRET}@{address}")
        assert command("ping", "investment")[0] == 0
        status, out, _ = command("run", "pull.investment.project", "--json")
        assert status == 0
        (run,) = json.loads(out)["runs"]
        assert run["counts"]["read"] == partner.shared()["projects"]
        assert run["balanced"] is True
        assert run["counts"]["quarantined"] > 0

        monkeypatch.setenv("HUB_CONN_INVESTMENT", f"http://{USER}:wrong@{address}")
        status, out, err = command("run", "pull.investment.project")
        assert (status, out) == (1, "")
        assert "Traceback" not in err
        assert "Cure: " in err
        assert "处理：" in err
        failed = json.loads(command("runs", "--state", "failed", "--json")[1])
        assert [run["why"]["code"] for run in failed] == ["system.credentials"]
        assert command("ping", "investment")[0] == 1


def test_what_is_no_flow_and_what_has_no_connection_is_said(command: Command):
    for arguments, code in (
        (("run", "pull.nothing"), "hub check"),
        (("run", "push.nothing"), "hub check"),
        (("run", "receipts.nothing"), "hub check"),
        (("run", "pull.gas.utility_connection"), "HUB_CONN_"),
        (("ping", "gas"), "HUB_CONN_GAS"),
        (("ping", "atlantis"), "atlantis"),
    ):
        status, _, err = command(*arguments)
        assert status == (1 if "HUB_CONN" in code else 2)
        assert code in err
