from tests.api.conftest import Client, Opened
from tests.filled import CODE, Filled, payload
from tests.pipeline.partners import Desk

FLOW = "push.water.project"


def test_a_record_and_its_flow_say_why_nothing_was_sent(
    filled: Filled, client: Client, opened: Opened
):
    filled.pull("pull.approval.project", payload("pull.approval.project", ysl=None))
    filled.push(FLOW, Desk())
    token = opened("auditor", "auditor")
    (flow,) = client.get(f"/v1/deliveries?flow={FLOW}", token).json()
    assert flow["records"] == sum(group["records"] for group in flow["groups"])
    (group,) = flow["groups"]
    assert (group["state"], group["why"]["code"]) == ("withheld", "delivery.withheld_condition")
    record = filled.record("project")
    found = client.get(f"/v1/records/{record}/deliveries", token).json()
    assert {one["flow"]: one["why"] for one in found}[FLOW]["zh"].startswith("暂不推：")
    rows = filled.rows("select record_ids from hub.access where route like '%deliveries'")
    assert [record] in [row["record_ids"] for row in rows]
    assert client.get("/v1/deliveries?flow=push.none.x", token).status_code == 404


def test_the_project_says_the_reason_to_a_department_in_its_own_rights(
    filled: Filled, client: Client, opened: Opened
):
    filled.pull("pull.approval.project", payload("pull.approval.project", ysl=None))
    filled.push(FLOW, Desk())
    token = opened("bureau", "department", "project")
    records = client.get(f"/v1/projects/{CODE}", token).json()["records"]
    (told,) = [one["why"] for row in records for one in row["deliveries"] if one["flow"] == FLOW]
    assert told["code"] == "delivery.withheld_condition"
    assert "现为" in told["zh"]
