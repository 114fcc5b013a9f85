"""The tax authority, files alone: clearances for a transfer, closed at night, names for nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.services import alerts
from sandbox.world import World
from tests.cli.conftest import Command
from tests.filled import Filled, payload
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

CLEARANCES, GIVEN = "pull.tax.tax_clearance", "push.tax.property_registration"
PROJECTS, RIGHTS = "pull.investment.project", "pull.registry.property_registration"
MOVED = f"{RIGHTS}.transfer"
WORLD = World(seed=7, projects=0)


@pytest.fixture
def tax(tmp_path: Path) -> Iterator[PartnerProcess]:
    with running_partner("tax", state=tmp_path / "tax") as partner:
        yield partner


def counts(command: Command, flow: str) -> dict[str, int]:
    status, out, err = command("run", flow, "--json")
    assert status == 0, err
    (run,) = json.loads(out)["runs"]
    assert run["balanced"] is True
    return run["counts"]


def test_clearances_wait_for_their_unit_and_a_closed_night_is_no_alarm(
    command: Command, filled: Filled, tax: PartnerProcess, monkeypatch: pytest.MonkeyPatch
):
    address = f"http://{USER}:{SECRET}@127.0.0.1:{tax.port}/gt3/services/BdcService"
    monkeypatch.setenv("HUB_CONN_TAX", address)
    tax.arm("closed", where="clearances")
    status, _, err = command("run", CLEARANCES)
    assert status != 0
    assert "closed and opens at" in err
    filled.hub.watch()
    open_causes = {one.cause for one in alerts.listed(operating(filled.hub, "王工"))}
    assert not any(CLEARANCES in cause for cause in open_causes)

    read = counts(command, CLEARANCES)
    assert read["read"] == read["waiting"] == tax.shared()["clearances"] > 100
    lives = [WORLD.life(index, tick=0) for index in range(WORLD.size)]
    units = {one.unit_number: life.project.code for life in lives for one in life.registrations}
    known = dict(list(units.items())[:40])
    codes = sorted(set(known.values()))
    filled.pull(
        PROJECTS, *(payload(PROJECTS, xmdm=code, id=9000 + at) for at, code in enumerate(codes))
    )
    rights = (
        payload(MOVED, bdcdyh=unit, xmdm=code, ywh=f"YW{at}", bdcqzh=f"证{at}")
        for at, (unit, code) in enumerate(known.items())
    )
    filled.pull(MOVED, *rights)
    other = {"xmdm": codes[0], "bdcdyh": "110108001007GB00020F00010001"}
    first = [payload(RIGHTS, qllx=kind, ywh=f"F{kind}", **other) for kind in ("3", "4")]
    filled.pull(RIGHTS, *first)
    filled.hub.release()
    rows = filled.rows("select unit_number, project_code, taxpayer_id from golden.tax_clearance")
    assert {row["unit_number"]: row["project_code"] for row in rows} == known
    assert all("****" in str(row["taxpayer_id"]) for row in rows)
    told = filled.hub.contracts.entities["tax_clearance"].fields
    assert {told[name].classed for name in ("taxpayer", "taxpayer_id", "amount")} == {"personal"}

    pushed = counts(command, GIVEN)
    # transfers alone: the two others are looked at and not handed over
    assert pushed["confirmed"] == pushed["due"] - 2 == len(known)
    assert {one["applied"] for one in tax.received("registrations")} == {1}
