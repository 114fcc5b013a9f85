import json

from tests.cli.conftest import Command
from tests.filled import Filled, payload
from tests.pipeline.partners import Desk

FLOW = "push.water.project"


def test_deliveries_are_told_by_reason_and_by_record(filled: Filled, command: Command):
    filled.pull("pull.approval.project", payload("pull.approval.project", ysl=None))
    filled.push(FLOW, Desk())
    status, out, _ = command("deliveries", "--flow", FLOW)
    assert status == 0
    assert "records 1 = withheld 1" in out
    assert "Withheld: not for this target, which wants" in out
    record = str(filled.record("project"))
    status, out, _ = command("deliveries", "--record", record, "--json")
    found = {one["flow"]: one for one in json.loads(out)}
    assert found[FLOW]["why"]["code"] == "delivery.withheld_condition"
    assert "push.power.project" in found
    status, out, _ = command("deliveries")
    assert status == 0
    assert FLOW in out
