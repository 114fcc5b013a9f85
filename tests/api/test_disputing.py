"""Disputes, recalls and decisions over HTTP: who may, and what comes of it."""

from hub import auth
from tests.api.conftest import Client, Opened
from tests.api.test_canaries import PERSONS, SET_ASIDE, peopled
from tests.filled import CODE, NAME, Filled

__all__ = ["peopled"]

RECORD = f"project:{CODE}"
WRONG = {"record": RECORD, "field": "name", "reason": "与批文不符", "proposed": "正确的名称"}


def unit(filled: Filled, name: str, department: str) -> str:
    with filled.hub.database.write() as tx:
        return auth.open_account(tx, name, "department", department=department)


def test_a_dispute_goes_from_one_unit_to_the_other_and_becomes_a_recall(
    filled: Filled, client: Client, opened: Opened
):
    asking = opened("water", "department", "project")
    answering = unit(filled, "plan", "市发展和改革委员会")
    made = client.ask("POST", "/v1/disputes", asking, WRONG)
    assert made.status_code == 201
    held = made.json()
    assert (held["value"], held["system"], held["state"], held["may_answer"]) == (
        NAME,
        "investment",
        "open",
        False,
    )
    assert held["clock"] > held["opened_at"]
    assert (
        client.ask("POST", "/v1/disputes", asking, WRONG).json()["code"] == "dispute.open_already"
    )
    path = f"/v1/disputes/{held['id']}"
    assert (
        client.ask("POST", f"{path}/answer", asking, {"accepted": True}).json()["code"]
        == "dispute.not_yours"
    )
    (seen,) = client.get("/v1/disputes", answering).json()
    assert (seen["value"], seen["may_answer"]) == (NAME, True)
    done = client.ask(
        "POST", f"{path}/answer", answering, {"accepted": True, "answer": "予以更正"}
    ).json()
    assert (done["state"], done["answered_by"]) == ("accepted", "plan")
    assert done["recall_id"]
    assert client.get(path, asking).json()["answer"] == "予以更正"
    assert client.ask("POST", f"{path}/withdrawn", asking).json()["code"] == "dispute.answered"


def test_a_dispute_is_nothing_to_others_and_who_sees_nothing_opens_none(
    filled: Filled, client: Client, opened: Opened
):
    asking = opened("water", "department", "project")
    number = client.ask("POST", "/v1/disputes", asking, WRONG).json()["id"]
    stranger = unit(filled, "gas", "燃气公司")
    assert client.get("/v1/disputes", stranger).json() == []
    assert client.get(f"/v1/disputes/{number}", stranger).status_code == 404
    assert (
        client.ask(
            "POST", f"/v1/disputes/{number}/answer", stranger, {"accepted": True}
        ).status_code
        == 404
    )
    assert client.ask("POST", "/v1/disputes", stranger, WRONG).status_code == 403
    assert len(client.get("/v1/disputes", opened("audit", "auditor")).json()) == 1


def test_administrators_open_recalls_and_settle_fields(client: Client, opened: Opened):
    admin, asking = opened("admin", "administrator"), opened("water", "department", "project")
    wrong = {"record": RECORD, "field": "name", "reason": "原表填错"}
    assert client.ask("POST", "/v1/recalls/opened", asking, wrong).status_code == 403
    made = client.ask("POST", "/v1/recalls/opened", admin, wrong)
    assert made.status_code == 201
    assert [one["id"] for one in client.get("/v1/recalls", admin).json()] == [made.json()["id"]]
    assert client.ask("POST", "/v1/recalls/opened", admin, wrong).status_code == 409
    decision = wrong | {"value": "裁定的名称"}
    assert client.ask("POST", "/v1/decisions", asking, decision).status_code == 403
    assert client.ask("POST", "/v1/decisions", admin, decision).json()["run_id"]
    (one,) = client.get("/v1/decisions", admin).json()
    assert (one["value"], one["by"], one["still"], one["systems"]["investment"]) == (
        "裁定的名称",
        "admin",
        True,
        NAME,
    )
    (project,) = [
        one
        for one in client.get(f"/v1/projects/{CODE}", asking).json()["records"]
        if one["entity"] == "project"
    ]
    told = project["fields"]["name"]
    assert {"value": told["value"], "system": told["system"]} == {
        "value": "裁定的名称",
        "system": "steward",
    }
    assert client.ask("POST", "/v1/decisions/undone", admin, wrong).json()["run_id"]
    assert client.ask("POST", "/v1/decisions/undone", admin, wrong).status_code == 404


PHONE = PERSONS["fzrlxdh"]


def person(filled: Filled) -> str:
    (row,) = filled.rows(
        f"select record_id from golden.participant where manager_phone = '{PHONE}'"  # noqa: S608
    )
    return str(row["record_id"])


def test_a_disputed_person_is_shown_to_whom_a_grant_names_him_and_to_his_own_system(
    client: Client, opened: Opened, peopled: Filled
):
    asking = opened(
        "water", "department", "project", "participant", classes=("public", "internal", "personal")
    )
    said = {
        "record": person(peopled),
        "field": "manager_phone",
        "reason": "停机",
        "proposed": SET_ASIDE["fzrlxdh"],
    }
    made = client.ask("POST", "/v1/disputes", asking, said).json()
    assert (made["value"], made["proposed"]) == (PHONE, SET_ASIDE["fzrlxdh"])
    answering = unit(peopled, "approval", "Approval reform office")
    for token in (opened("admin", "administrator"), opened("audit", "auditor")):
        seen = client.get(f"/v1/disputes/{made['id']}", token).json()
        assert (seen["value"], seen["proposed"]) == ("***", "")
    whole = opened(
        "clerk", "administrator", "participant", classes=("public", "internal", "personal")
    )
    assert client.get(f"/v1/disputes/{made['id']}", whole).json()["value"] == PHONE
    assert client.get(f"/v1/disputes/{made['id']}", answering).json()["value"] == PHONE


def test_nobody_settles_a_person_whom_he_may_not_see(
    client: Client, opened: Opened, peopled: Filled
):
    wrong = {"record": person(peopled), "field": "manager_phone", "reason": "核对"}
    admin = opened("admin", "administrator")
    for value in (PHONE, "13800000000"):
        refused = client.ask("POST", "/v1/decisions", admin, wrong | {"value": value})
        assert (refused.status_code, refused.json()["code"]) == (403, "decide.masked")
    whole = opened(
        "clerk", "administrator", "participant", classes=("public", "internal", "personal")
    )
    assert client.ask("POST", "/v1/decisions", whole, wrong | {"value": "13800000000"}).json()[
        "run_id"
    ]
