"""Held batches on every face: API, command line, alerts and overview say the same, and a decision ends it."""

import json

import pytest

from hub.errors import HeldError
from hub.report import overview
from hub.services import held as holding
from hub.store import alerts
from tests.api.conftest import Client, Opened
from tests.cli.conftest import Command, command
from tests.filled import Filled, payload

__all__ = ["command"]

FLOW = "pull.investment.project"


@pytest.fixture
def batch(filled: Filled) -> int:
    """Three projects whose names have another name since the last reading."""

    def project(number: int, **more: object) -> dict[str, object]:
        read = payload(FLOW, xmdm=f"2019-140108-70-03-01394{number}")
        return {**read, "id": 100 + number, **more}

    filled.pull(FLOW, *(project(n) for n in range(3)))  # type: ignore[arg-type]
    changed = [project(n, gxsj="2026-11-21 09:00:00") for n in range(3)]
    for one in changed:
        one["xmmc_new"] = one.pop("xmmc")
    with pytest.raises(HeldError):
        filled.pull(FLOW, *changed)  # type: ignore[arg-type]
    (row,) = filled.rows("select batch_id from hub.held_batch where state = 'waiting'")
    return int(str(row["batch_id"]))


def test_a_held_batch_is_shown_alike_everywhere_and_decided_by_an_administrator_alone(
    client: Client, opened: Opened, filled: Filled, command: Command, batch: int
):
    auditor, admin = opened("watch", "auditor"), opened("admin", "administrator")
    (asked,) = client.get("/v1/held", auditor).json()
    assert (asked["batch"], asked["held"], asked["state"]) == (batch, 3, "waiting")
    assert ("gone", "xmmc") in {(one["kind"], one["place"]) for one in asked["findings"]}
    (said,) = json.loads(command("held", "--json")[1])
    assert (said["batch"], said["findings"]) == (batch, asked["findings"])
    with filled.hub.database.transaction() as tx:
        assert [view.batch for view in holding.held_batches(tx)] == [batch]

    filled.hub.watch()
    with filled.hub.database.transaction() as tx:
        (alert,) = (one for one in alerts.alerts(tx) if one.code == "alert.held")
        first = overview.look(tx, filled.hub.contracts, filled.hub.settings).urgent
    assert (alert.facts["flow"], alert.times) == (FLOW, 3)
    assert "held" in {one.subject for one in first}
    told = client.get("/v1/overview", auditor).json()
    assert "held" in {one["subject"] for one in told["urgent"]}

    asks = {"batches": [batch], "accept": False, "reason": "测试"}
    assert client.ask("POST", "/v1/held/decisions", auditor, asks).status_code == 403
    assert client.ask("POST", "/v1/held/decisions", admin, asks).json()["count"] == 1
    (past,) = client.get("/v1/held?decided=true", auditor).json()
    assert (past["state"], past["decided_by"], past["reason"]) == ("dropped", "admin", "测试")
    filled.hub.watch()
    with filled.hub.database.transaction() as tx:
        assert [one for one in alerts.alerts(tx) if one.code == "alert.held"] == []


def test_the_shape_of_a_source_is_shown_by_api_and_command_line(
    client: Client, opened: Opened, command: Command, batch: int
):
    auditor = opened("watch", "auditor")
    asked = client.get(f"/v1/shapes/{FLOW}", auditor).json()
    name = next(one for one in asked["fields"] if one["path"] == "xmmc")
    assert (name["types"], name["mapped"]) == (["text"], ["name"])
    assert ("gone", "hold") in {(one["kind"], one["done"]) for one in asked["changes"]}
    said = json.loads(command("shape", FLOW, "--json")[1])
    assert said["fields"] == asked["fields"] or len(said["fields"]) == len(asked["fields"])
    assert client.get("/v1/shapes/pull.none.x", auditor).status_code == 404
    assert command("accept", "--id", str(batch), "--reason", "来源改名，已核实")[0] == 0
    assert command("accept", "--id", str(batch), "--reason", "再来")[0] == 1
