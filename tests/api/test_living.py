from tests.api.conftest import Client, Opened
from tests.filled import CODE, NAME, Filled


def test_a_project_shows_its_life_as_far_as_the_reader_may_see(filled: Filled, client: Client, opened: Opened):
    for stage, moment in (("1", "2026-11-02 09:00:00"), ("3", "2026-11-03 09:00:00")):
        row = {"lsh": int(stage), "gcdm": f"{CODE}-001", "spsxslbm": "A", "blzt": stage, "blsj": moment, "sjyxbs": 1}
        filled.pull("pull.approval.approval_step", row)
    item = {"lsh": 1, "gcdm": f"{CODE}-001", "spsxslbm": "A", "spbmmc": "市住建局", "sxblsx": 5, "sjyxbs": 1}
    filled.pull("pull.approval.approval_item", item)
    token = opened("bureau", "department", "project", "approval_item", "approval_step")
    assert client.ask("POST", "/v1/disputes", token, {"record": f"project:{CODE}", "field": "name", "reason": "x"}).ok
    found = client.get(f"/v1/projects/{CODE}/life", token).json()
    assert (found["name"], [one["field"] for one in found["disputes"]]) == (NAME, ["name"])
    (stage,) = found["stages"]
    (item,) = stage["items"]
    assert (stage["ordinal"], item["clock"]["days"], item["clock"]["shared"]) == (None, 5, True)
    assert item["clock"]["began"].startswith("2026-11-03T09:00:00")
    assert set(found["records"]) == {"project", "approval_item", "approval_step"}
    blind = opened("gas", "department", "participant")
    assert client.get(f"/v1/projects/{CODE}/life", blind).json()["stages"] == []
    assert client.get("/v1/projects/2026-140108-70-03-000000/life", token).status_code == 404
