"""What auditors ask over HTTP."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic_core import to_jsonable_python

from hub.auth.context import operating
from hub.services.verification import proven
from tests.api.conftest import Client, Opened
from tests.filled import CODE, NAME, Filled
from tests.keys import ed25519_key
from verifier import verify_proof


@pytest.fixture
def auditor(filled: Filled, opened: Opened, tmp_path: Path) -> str:
    """An auditor who may see who is named in projects, on a hub that signs."""
    filled.hub.settings = replace(filled.hub.settings, seal_key=ed25519_key(tmp_path))
    filled.hub.seal()
    return opened("audit", "auditor", "project", classes=("personal",))


def project_of(world: Filled) -> int:
    return world.record("project")


def test_a_proof_comes_as_a_file_that_holds(client: Client, filled: Filled, auditor: str):
    answer = client.get(f"/v1/records/{project_of(filled)}/fields/name/proof", auditor)
    assert "attachment" in answer.headers["Content-Disposition"]
    verify_proof.check(answer.json())
    name = filled.record("participant")
    refused = client.get(f"/v1/records/{name}/fields/manager_phone/proof", auditor)
    assert (refused.status_code, refused.json()["code"]) == (403, "proof.persons")
    rows = filled.rows("select record_ids, refused from hub.access order by id")
    assert rows[0] == {"record_ids": [project_of(filled)], "refused": False}
    assert rows[1]["refused"] is True


def test_the_past_is_shown_with_what_an_account_could_see(
    client: Client, filled: Filled, auditor: str, opened: Opened
):
    opened("water", "department", "project", classes=("public",))
    record = project_of(filled)
    now = client.get(f"/v1/records/{record}", auditor).json()
    assert (now["fields"]["name"]["value"], now["until"]) == (NAME, None)
    then = (datetime.now(UTC) - timedelta(days=9)).isoformat().replace("+", "%2B")
    assert (
        client.get(f"/v1/records/{record}?as_of={then}", auditor).json()["code"]
        == "ask.then_unknown"
    )
    project = client.get(f"/v1/projects/{CODE}/as-of?account=water", auditor).json()
    assert project["account"]["grants"][0]["entity"] == "project"
    sights = {row["entity"]: row["sights"] for row in project["records"]}
    assert sights["project"]["name"] == "shown"
    assert set(sights["participant"].values()) == {"hidden"}


def test_lineage_is_exported_for_other_tools(client: Client, filled: Filled, auditor: str):
    record = project_of(filled)
    for path in (f"/v1/records/{record}/prov", f"/v1/records/{record}/fields/name/prov"):
        assert client.get(path, auditor).json()["prefix"] == {"hub": "urn:onecode:"}
    events = client.get("/v1/runs/1/openlineage", auditor).json()
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]


def test_the_ledger_is_checked_in_slices_and_beside_a_partners_copy(
    client: Client, filled: Filled, auditor: str
):
    kept = client.get("/v1/ledger/checkpoint", auditor).json()
    (seal,) = client.get("/v1/ledger", auditor).json()
    assert (seal["chain"], seal["signed_by"]) == (kept["chain"], kept["signed_by"])
    assert client.get("/v1/ledger/check", auditor).json() == {
        "checked": 1,
        "wrong": [],
        "next": None,
    }
    assert client.get("/v1/ledger/check?limit=1", auditor).json()["next"] is None
    body = {"checkpoints": json.dumps(kept)}
    assert [
        one["state"] for one in client.ask("POST", "/v1/ledger/compared", auditor, body).json()
    ] == ["same"]
    filled.execute("update hub.seal set root = '\\x00'")
    (wrong,) = client.get("/v1/ledger/check", auditor).json()["wrong"]
    assert "its own hash is wrong" in wrong["wrong"]
    refused = client.ask("POST", "/v1/ledger/compared", auditor, {"checkpoints": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "ledger.no_checkpoint")


def test_the_access_log_and_what_stands_out_are_asked_by_the_page(
    client: Client, filled: Filled, auditor: str
):
    for _ in range(6):
        client.get("/v1/runs")
    filled.hub.watch()
    rows = client.get("/v1/access?refused=true&limit=5", auditor).json()
    assert [row["account"] for row in rows] == [""] * 5
    older = client.get(f"/v1/access?refused=true&before={rows[-1]['id']}", auditor).json()
    assert len(older) == 1
    (found,) = client.get("/v1/access/unusual", auditor).json()
    assert (found["account"], found["why"]["code"]) == ("", "unusual.refused")
    assert "6" in found["why"]["zh"]


def test_conservation_is_summed_by_day_with_the_exceptions(
    client: Client, filled: Filled, auditor: str
):
    filled.execute("update hub.run set state = 'aborted', ended_at = now() where id = 1")
    answer = client.get("/v1/conservation", auditor).json()
    (day,) = answer["intake"]
    assert day["balanced"]
    assert day["counts"]["read"] == sum(
        count for name, count in day["counts"].items() if name != "read"
    )
    assert [(row["id"], row["state"]) for row in answer["exceptions"]] == [(1, "aborted")]


def test_departments_are_refused(client: Client, filled: Filled, opened: Opened):
    token = opened("water", "department", "project")
    for path in (
        "/v1/access",
        "/v1/ledger",
        "/v1/conservation",
        f"/v1/records/{project_of(filled)}",
    ):
        assert client.get(path, token).status_code == 403


def test_every_face_says_the_same_of_what_is_covered(client: Client, filled: Filled, auditor: str):
    filled.hub.verify(by="li", only=["files"])
    said = to_jsonable_python(proven(operating(filled.hub, "tester")))
    assert client.get("/v1/verifications", auditor).json() == said
    covered = {row["table"]: row["way"] for row in said["tables"]}
    assert (covered["hub.history"], covered["hub.access"], covered["hub.batch"]) == (
        "derived",
        "sealed",
        "both",
    )
    assert all(one["why_zh"] and one["why_en"] for row in said["tables"] for one in row["open"])
