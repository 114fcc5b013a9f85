"""Held batches on every face: API, command line, alerts and overview say the same, and a decision
ends it.
"""

import json
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.config import contract_files
from hub.db import alerts
from hub.db.contract_files import compiled
from hub.errors import HeldError
from hub.pipeline import held_decisions
from hub.pipeline.steward import DecidedBy
from hub.services import held as holding
from hub.services import overview
from tests.api.conftest import Client, Opened
from tests.cli.conftest import Command, command
from tests.filled import HOME, Filled, payload

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
    assert [view.batch for view in holding.listed(operating(filled.hub, "tester"))] == [batch]

    filled.hub.watch()
    with filled.hub.database.write() as tx:
        (alert,) = (one for one in alerts.alerts(tx) if one.code == "alert.held")
    first = overview.look(operating(filled.hub, "tester")).urgent
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
    with filled.hub.database.write() as tx:
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


MAPPING = "mappings/investment/project.pull.yaml"
TABLES = [
    *(
        "hub.landing",
        "hub.head",
        "hub.quarantine",
        "hub.run",
        "hub.batch",
        "hub.held_batch",
        "hub.shape",
    ),
    *(
        "hub.shape_change",
        "hub.flow",
        "hub.record",
        "hub.history",
        "hub.delivery",
        "hub.contract_version",
    ),
    *("source.project", "golden.project"),
]


def contents(filled: Filled) -> dict[str, object]:
    """Every row of the hub, as a hash by table."""
    return {
        name: filled.rows(f"select md5(array_agg(t order by t::text)::text) from {name} t")  # noqa: S608
        for name in TABLES
    }


@pytest.fixture
def mended() -> str:
    """The mapping that knows the name under both of its names."""
    text = (HOME / MAPPING).read_text(encoding="utf-8")
    assert "{from: xmmc," in text
    return text.replace("{from: xmmc,", "{from: [xmmc, xmmc_new],")


def test_a_rehearsal_of_what_is_held_says_what_accepting_does_and_writes_nothing(
    command: Command, filled: Filled, batch: int, mended: str, tmp_path: Path
):
    file, before = tmp_path / "project.pull.yaml", contents(filled)
    file.write_text(mended, encoding="utf-8")
    status, out, _err = command("rehearse", FLOW, "--held", "--json")
    bad = json.loads(out)
    assert (status, bad["total"], bad["read"], bad["changed"]) == (0, 3, 3, 0)
    assert (bad["outcomes"], sum(bad["set_aside"].values())) == ({"quarantined": 3}, 3)
    status, out, _err = command("rehearse", FLOW, "--mapping", str(file), "--held", "--json")
    good = json.loads(out)
    assert (status, good["total"], good["read"], good["set_aside"]) == (0, 3, 3, {})
    assert good["outcomes"] == {"applied": 3}
    assert command("rehearse", FLOW, "--mapping", str(file), "--held")[0] == 0
    _, out, _err = command(
        "rehearse", FLOW, "--mapping", str(file), "--held", "--sample", "2", "--json"
    )
    some = json.loads(out)
    assert (some["total"], some["read"], some["outcomes"]) == (3, 2, {"applied": 2})
    assert contents(filled) == before
    changed = contract_files(HOME) | {MAPPING: mended}
    then = compiled(filled.hub.database, changed, migrating=True)
    run = held_decisions.accept(
        filled.hub.database, then, filled.hub.settings, batch, word=DecidedBy("zhang", "来源改名")
    )
    (sums,) = filled.rows(
        f"select read, changed, quarantined from hub.batch where run_id = {run} and read > 1"  # noqa: S608
    )
    assert sums == {"read": 3, "changed": 3, "quarantined": 0}


def test_an_administrator_rehearses_what_is_held_over_the_api(
    client: Client, opened: Opened, filled: Filled, batch: int, mended: str
):
    before, asks = contents(filled), {"flow": FLOW, "files": {MAPPING: mended}, "held": True}
    found = client.ask("POST", "/v1/rehearsals", opened("admin", "administrator"), asks).json()
    assert (batch > 0, found["total"], found["outcomes"], found["set_aside"]) == (
        True,
        3,
        {"applied": 3},
        {},
    )
    assert contents(filled) == before
