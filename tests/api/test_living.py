from tests.api.conftest import Client, Opened
from tests.filled import CODE, NAME, Filled

OFFICE = "市住建局"


def handled(filled: Filled) -> None:
    """An item that came in, and was accepted on the next day."""
    for stage, moment in (("1", "2026-11-02 09:00:00"), ("3", "2026-11-03 09:00:00")):
        row = {
            "lsh": int(stage),
            "gcdm": f"{CODE}-001",
            "spsxslbm": "A",
            "blzt": stage,
            "blsj": moment,
            "sjyxbs": 1,
        }
        filled.pull("pull.approval.approval_step", row)
    item = {
        "lsh": 1,
        "gcdm": f"{CODE}-001",
        "spsxslbm": "A",
        "spbmmc": OFFICE,
        "sxblsx": 5,
        "sjyxbs": 1,
    }
    filled.pull("pull.approval.approval_item", item)


def test_a_project_shows_its_life_as_far_as_the_reader_may_see(
    filled: Filled, client: Client, opened: Opened
):
    handled(filled)
    token = opened(
        "bureau", "department", "project", "approval_item", "clock", classes=("public", "internal")
    )
    assert client.ask(
        "POST", "/v1/disputes", token, {"record": f"project:{CODE}", "field": "name", "reason": "x"}
    ).ok
    found = client.get(f"/v1/projects/{CODE}/life", token).json()
    assert (found["name"], [one["field"] for one in found["disputes"]]) == (NAME, ["name"])
    (stage,) = found["stages"]
    (item,) = stage["items"]
    assert (stage["ordinal"], item["clock"]["days"], item["clock"]["shared"]) == (None, 5, True)
    assert item["clock"]["began"].startswith("2026-11-03T09:00:00")
    assert set(found["records"]) == {
        "project",
        "approval_item",
    }  # no step is needed to be shown a clock
    assert (found["pending"], found["until"] is not None) == (False, True)
    blind = opened("gas", "department", "participant")
    assert client.get(f"/v1/projects/{CODE}/life", blind).json()["stages"] == []
    assert client.get("/v1/projects/2026-140108-70-03-000000/life", token).status_code == 404


def test_without_a_grant_of_clocks_no_number_stands_in_its_place(
    filled: Filled, client: Client, opened: Opened
):
    handled(filled)
    token = opened(
        "bureau",
        "department",
        "project",
        "approval_item",
        "approval_step",
        classes=("public", "internal"),
    )
    found = client.get(f"/v1/projects/{CODE}/life", token).json()
    assert (found["clock"], found["denied"]) == (None, True)
    ((item,),) = [stage["items"] for stage in found["stages"]]
    assert (item["clock"], item["denied"], item["suspended"]) == (None, True, [])
    said = client.get(f"/v1/projects/{CODE}/clocks", token).json()
    assert (said["clocks"], said["denied"]) == (
        [],
        ["project", "stage", "item", "connection", "case"],
    )


def test_a_unit_sees_the_clocks_of_its_own_items_whole(
    filled: Filled, client: Client, opened: Opened
):
    handled(filled)
    token = opened("bureau", "department", "project")
    filled.execute(f"update hub.account set department = '{OFFICE}' where name = 'bureau'")  # noqa: S608
    said = client.get(f"/v1/projects/{CODE}/clocks", token).json()
    assert [(one["scope"], one["turn"]) for one in said["clocks"]] == [("item", "unit")]


def test_public_clocks_are_those_of_projects_and_stages(
    filled: Filled, client: Client, opened: Opened
):
    handled(filled)
    said = client.get(f"/v1/projects/{CODE}/clocks", opened("bureau", "department", "clock")).json()
    assert {(one["scope"], one["turn"]) for one in said["clocks"]} == {("project", None)}
    assert said["denied"] == ["item", "connection", "case"]
    assert (
        client.get(
            "/v1/projects/2026-140108-70-03-000000/clocks", opened("x", "auditor")
        ).status_code
        == 404
    )


def test_what_changed_since_is_said_with_the_moment_up_to_which_clocks_stand(
    filled: Filled, client: Client, opened: Opened
):
    handled(filled)
    token = opened("auditor", "auditor")
    before = client.get(f"/v1/projects/{CODE}/clocks", token).json()
    assert before["pending"] is False
    filled.execute("update golden.approval_item set limit_days = 7")
    after = client.get(f"/v1/projects/{CODE}/clocks", token).json()
    assert (after["pending"], after["until"]) == (True, before["until"])
    filled.hub.refresh_facts()
    assert client.get(f"/v1/projects/{CODE}/clocks", token).json()["pending"] is False
