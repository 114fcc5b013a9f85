"""A partner that is files alone: declared in the sandbox, mapped in `mappings/eia`, and no line of
code for it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.filled import Filled
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

DECISIONS = "pull.eia.approval_document"


@pytest.fixture
def eia(tmp_path: Path) -> Iterator[PartnerProcess]:
    with running_partner("eia", state=tmp_path / "eia") as partner:
        yield partner


@pytest.fixture
def investment(tmp_path: Path) -> Iterator[PartnerProcess]:
    with running_partner("investment", state=tmp_path / "investment") as partner:
        yield partner


def counts(command: Command, flow: str) -> dict[str, int]:
    status, out, err = command("run", flow, "--json")
    assert status == 0, err
    (run,) = json.loads(out)["runs"]
    assert run["balanced"] is True
    return run["counts"]


def test_decisions_arrive_with_their_projects_also_those_that_name_none(
    command: Command,
    filled: Filled,
    eia: PartnerProcess,
    investment: PartnerProcess,
    monkeypatch: pytest.MonkeyPatch,
):
    login = f"{USER}:{SECRET}@127.0.0.1"
    monkeypatch.setenv("HUB_CONN_INVESTMENT", f"http://{login}:{investment.port}/api")
    monkeypatch.setenv("HUB_CONN_EIA", f"http://{login}:{eia.port}/prod-api")
    counts(command, "pull.investment.project")
    counts(command, "pull.investment.approval_document")
    eia.arm("expired_token", where="decisions")
    read = counts(command, DECISIONS)
    assert read["read"] == eia.shared()["decisions"] > 200
    assert read.get("quarantined", 0) == 0
    assert counts(command, DECISIONS).get("created", 0) == 0

    rows = filled.rows("select project_code from golden.approval_document where kind like 'eia_%'")
    assert len(rows) == read["read"] - read.get("waiting", 0)
    assert all(row["project_code"] for row in rows)

    pushed = counts(command, "push.eia.project")
    assert pushed["confirmed"] == pushed["due"] - pushed.get("withheld", 0) > 200
    held = eia.received("projects")
    assert len(held) == pushed["confirmed"]
    assert {one["applied"] for one in held} == {1}
