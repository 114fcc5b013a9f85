"""The commands of auditors."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.filled import CODE, NAME, Filled
from tests.keys import ed25519_key
from verifier import verify_proof

PROJECT = f"project:{CODE}"


def test_a_proof_is_written_and_a_checkpoint_compared(
    command: Command, filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert "HUB_SEAL_KEY" in command("proof", PROJECT, "name")[2]
    monkeypatch.setenv("HUB_SEAL_KEY", str(ed25519_key(tmp_path)))
    assert command("seal")[0] == 0
    kept = tmp_path / "kept.txt"
    kept.write_text(command("checkpoint")[1], encoding="utf-8")
    file = tmp_path / "proof.json"
    assert command("proof", PROJECT, "name", "--out", str(file))[0] == 0
    verify_proof.check(json.loads(file.read_bytes()), kept=kept.read_text(encoding="utf-8"))
    assert command("checkpoint", "--compare", str(kept))[0] == 0
    filled.execute("update hub.seal set chain = '\\x00'")
    status, shown, error = command("checkpoint", "--compare", str(kept), "--json")
    assert (status, json.loads(shown)[0]["state"], "does not agree with the ledger" in error) == (
        1,
        "differs",
        True,
    )


def test_lineage_is_written_for_other_tools(command: Command):
    assert json.loads(command("prov", PROJECT)[1])["prefix"] == {"hub": "urn:onecode:"}
    assert NAME in command("prov", PROJECT, "name")[1]
    assert [one["eventType"] for one in json.loads(command("openlineage", "1")[1])] == [
        "START",
        "COMPLETE",
    ]
    assert command("openlineage", "999")[0] == 1


def test_the_past_is_traced(command: Command):
    assert NAME in command("trace", PROJECT, "--as-of", "2099-01-01 00:00:00")[1]
    assert (
        json.loads(command("trace", PROJECT, "--as-of", "2099-01-01 00:00:00", "--json")[1])[
            "until"
        ]
        is None
    )
    assert "did not know" in command("trace", PROJECT, "--as-of", "2020-01-01 00:00:00")[2]


def test_the_access_log_is_listed_and_what_stands_out(command: Command, filled: Filled):
    command("trace", PROJECT)
    assert "hub trace" in command("access")[1]
    assert (
        json.loads(command("access", "--json")[1])[0]["address"] == ""
    )  # on the hub's own machine
    record = str(filled.record("project"))
    assert len(json.loads(command("access", "--record", record, "--json")[1])) == 1
    assert command("access", "--project", "2019-000000-70-03-000000", "--json")[0] == 2
    filled.execute(
        """insert into hub.access (id, account, route, refused)
           select hub.event_base(now()) + nextval('hub.event_seq'), '', 'GET /v1/runs', true
             from generate_series(1, 7)"""
    )
    filled.hub.watch()
    assert "7" in command("access", "--unusual")[1]
    assert json.loads(command("access", "--unusual", "--json")[1])[0]["code"] == "unusual.refused"
