import json
from pathlib import Path

import pytest

from hub.db.reconciliation import differences
from hub.db.reconciliation.differences import Met
from tests.cli.conftest import Command
from tests.filled import Filled
from tests.pipeline.partners import Desk

FLOW = "push.approval.project"


@pytest.fixture
def edited(filled: Filled) -> Filled:
    """A hub that has met one change at a target."""
    run = filled.push(FLOW, Desk())
    (row,) = filled.rows(f"select record_id, confirmed_key from hub.delivery where flow = '{FLOW}'")  # noqa: S608
    found = {"key": str(row["confirmed_key"]), "fields": ["xmmc"], "held": "aa"}
    with filled.hub.database.write() as tx:
        met = Met("P1", "foreign_edit", found, int(str(row["record_id"])))
        differences.note(tx, FLOW, run, [met])
        differences.turn(tx, FLOW, ["P1"], "queued")
    return filled


def test_a_flow_is_compared_by_name_and_the_run_shows_its_outcomes(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "inbox").mkdir()
    monkeypatch.setenv("HUB_CONN_WATER", f"file://{tmp_path}")
    status, out, err = command("reconcile", "push.water.project", "--json")
    (run,) = json.loads(out)["runs"]
    assert (status, err, run["kind"], run["state"], run["balanced"]) == (
        0,
        "",
        "reconcile",
        "complete",
        True,
    )
    assert next(iter(run["counts"])) == "compared"


def test_a_system_without_a_connection_is_named_and_the_others_go_on(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HUB_CONN_WATER", f"file://{tmp_path}")
    status, out, err = command("reconcile", "push.heat.project", "push.water.project", "--dry-run")
    assert status == 1
    assert "push.water.project" in out
    assert "HUB_CONN_HEAT" in err + out


def test_differences_are_listed_and_left_or_sent_again_by_a_named_person(
    command: Command, edited: Filled
):
    (one,) = json.loads(command("differences", "--json")[1])
    assert (one["kind"], one["state"], one["found"]["fields"]) == (
        "foreign_edit",
        "queued",
        ["xmmc"],
    )
    assert "foreign edit" in command("differences", "--flow", FLOW)[1]
    status, out, _ = command(
        "settle", "--id", str(one["id"]), "--resend", "--reason", "以平台为准", "--by", "张三"
    )
    assert (status, "1" in out) == (0, True)
    assert edited.rows(f"select dirty from hub.delivery where flow = '{FLOW}'") == [{"dirty": True}]  # noqa: S608
    assert json.loads(command("differences", "--json")[1]) == []
    (closed,) = json.loads(command("differences", "--closed", "--json")[1])
    assert (closed["state"], closed["closed_by"], closed["reason"]) == (
        "repaired",
        "张三",
        "以平台为准",
    )


def test_a_difference_that_waits_for_a_person_raises_an_alert_until_it_is_settled(
    command: Command, edited: Filled
):
    cause = f"difference {FLOW} foreign_edit"
    edited.hub.watch()
    assert cause in {
        row["cause"] for row in edited.rows("select cause from hub.alert where closed_at is null")
    }
    command("settle", "--id", "1", "--leave", "--reason", "对方正确")
    edited.hub.watch()
    assert cause not in {
        row["cause"] for row in edited.rows("select cause from hub.alert where closed_at is null")
    }
