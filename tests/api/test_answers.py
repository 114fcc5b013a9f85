"""What the routes answer, on a project that two systems know."""

from pydantic import TypeAdapter

from hub import wiring
from hub.db.reconciliation import differences
from hub.db.reconciliation.differences import Met
from hub.pipeline import recall
from hub.services.prefill.told import Prefill
from hub.settings import HOME
from tests.api.conftest import Client, Opened, asking
from tests.filled import CODE, NAME, PERMIT, Filled, payload
from tests.phases import FIRST, LINKED, ONE, OPEN, PROJECT, RIGHT, SECOND, TWO
from tests.pipeline.partners import Desk

PHONE = "13800003503"


def test_runs_balance_and_lead_to_their_batches(client: Client, opened: Opened):
    token = opened("watch", "service")
    runs = client.get("/v1/runs?flow=pull.investment.project", token).json()
    assert [run["state"] for run in runs] == ["complete"]
    assert runs[0]["balanced"] is True
    assert (
        runs[0]["counts"]["read"]
        == 2
        == runs[0]["counts"]["created"] + runs[0]["counts"]["quarantined"]
    )
    whole = client.get(f"/v1/runs/{runs[0]['id']}", token).json()
    assert sum(batch["counts"]["read"] for batch in whole["batches"]) == 2
    assert len(whole["batches"][0]["merkle_root"]) == 64


def test_a_failed_run_says_why_and_what_to_do(client: Client, opened: Opened, filled: Filled):
    filled.execute("""
        update hub.run set state = 'failed', cause =
            '{"code": "system.credentials", "facts": {"system": "fire"}}'
         where id = 1
    """)
    (run,) = client.get("/v1/runs?state=failed", opened("watch", "auditor")).json()
    assert run["why"]["code"] == "system.credentials"
    assert all(run["why"][part] for part in ("zh", "en", "cure_zh", "cure_en"))


def test_payloads_of_failures_are_for_administrators_only(client: Client, opened: Opened):
    whole = client.get("/v1/failures/1", opened("admin", "administrator")).json()
    assert "约3.5亿元" in whole["payload"]
    assert [line["text"].strip() for line in whole["lines"] if line["faults"]]
    part = client.get("/v1/failures/1", opened("audit", "auditor"))
    assert part.json()["payload"] is part.json()["lines"] is None
    assert {fault["pointer"] for fault in part.json()["faults"]} == {
        fault["pointer"] for fault in whole["faults"]
    }
    assert "约3.5亿元" not in part.text


def test_failures_come_by_cause(client: Client, opened: Opened):
    (cause,) = client.get("/v1/failures", opened("audit", "auditor")).json()
    assert (cause["cause"], cause["entries"], cause["example"]) == (
        "record.code_unknown /xmlx",
        1,
        1,
    )


def test_differences_with_partners_are_listed_without_values(
    client: Client, opened: Opened, filled: Filled
):
    run = filled.push("push.approval.project", Desk())
    with filled.hub.database.write() as tx:
        met = Met("P1", "lost_push", {"key": "k"}, filled.record("project"))
        differences.note(tx, "push.approval.project", run, [met])
    token = opened("audit", "auditor")
    (found,) = client.get("/v1/differences?flow=push.approval.project", token).json()
    assert (found["kind"], found["state"], found["found"], found["times"]) == (
        "lost_push",
        "open",
        {"key": "k"},
        1,
    )
    assert client.get("/v1/differences?kind=lag", token).json() == []


def test_a_department_sees_the_entities_and_classes_of_its_grants_and_no_more(
    client: Client, opened: Opened
):
    token = opened("bureau", "department", "project", "participant")
    found = client.get(f"/v1/projects/{CODE.lower()}", token).json()
    by_entity = {record["entity"]: record for record in found["records"]}
    assert set(by_entity) == {"project", "participant"}
    project, participant = by_entity["project"], by_entity["participant"]
    assert project["fields"]["name"] == {
        "value": NAME,
        "system": "investment",
        "as_of": project["fields"]["name"]["as_of"],
        "source_time": "2026-10-04T09:23:03+08:00",
    }
    assert participant["fields"]["manager"]["value"] == "于**"
    assert participant["fields"]["manager_phone"]["value"] == "***"
    assert "item_number" in {*participant["hidden"], *participant["fields"]}
    assert PHONE not in client.get(f"/v1/projects/{CODE}", token).text


def test_a_grant_of_personal_fields_shows_them(client: Client, opened: Opened):
    token = opened("bureau", "department", "participant", classes=("public", "personal"))
    (record,) = client.get(f"/v1/projects/{CODE}", token).json()["records"]
    assert record["fields"]["manager_phone"]["value"] == PHONE


def test_auditors_see_every_entity_with_persons_masked(client: Client, opened: Opened):
    found = client.get(f"/v1/projects/{CODE}", opened("audit", "auditor"))
    assert {record["entity"] for record in found.json()["records"]} == {
        *("project", "participant", "approval_document", "material")
    }
    assert PHONE not in found.text


def test_disagreements_and_deliveries_stand_with_the_record(
    client: Client, opened: Opened, filled: Filled
):
    filled.pull(
        "pull.approval.project", payload("pull.approval.project", lsh=99, xmmc="另一个名称")
    )
    token = opened("bureau", "department", "project")
    (record,) = client.get(f"/v1/projects/{CODE}", token).json()["records"]
    assert record["disagreements"]["name"] == [
        {"system": "investment", "value": NAME},
        {"system": "approval", "value": "另一个名称"},
    ]
    assert {delivery["flow"] for delivery in record["deliveries"]} >= {
        "push.fire.project",
        "push.approval.project",
    }


def test_a_prefilled_form_is_what_its_description_says(client: Client, opened: Opened):
    token = opened(
        "bureau", "department", "project", "approval_document", "participant", "material"
    )
    view = TypeAdapter(Prefill)
    for form in client.get("/v1/forms", token).json():
        found = client.get(f"/v1/prefill/{form['form']}?project_code={CODE}", token).json()
        assert found["materials"]
        assert view.dump_python(view.validate_python(found), mode="json") == found


def test_forms_are_listed_and_prefilled(client: Client, opened: Opened):
    token = opened("bureau", "department", "project", "approval_document")
    assert {form["form"] for form in client.get("/v1/forms", token).json()} == {
        *(
            "land_use_permit",
            "planning_permit",
            "construction_permit",
            "fire_review",
            "fire_acceptance",
        ),
        *("business_opening", "joint_acceptance", "property_registration"),
        *("eia", "external_works", "presale_permit"),
        *("water_connection", "power_connection", "gas_connection", "heat_connection"),
    }
    found = client.get(f"/v1/prefill/fire_acceptance?project_code={CODE}", token).json()
    fields = {field["name"]: field for field in found["fields"]}
    assert fields["construction_permit"]["value"] == PERMIT
    assert fields["construction_permit"]["items"][0]["system_zh"]
    assert fields["construction_permit"]["items"][0]["verification"] == "authority"
    assert fields["owner_phone"]["reason"]["code"] == "prefill.no_grant"
    assert fields["project_name"]["reason"] is None
    papers = {paper["name"]: paper for paper in found["wanted"]}
    assert papers["planning_permit"]["reason"]["code"] == "prefill.not_yet_received"


def test_lineage_leads_back_to_the_payload_and_forward_to_deliveries_and_readers(
    client: Client, opened: Opened, filled: Filled
):
    desk = Desk()
    filled.push("push.fire.project", desk)
    token = opened("audit", "auditor")
    record = filled.record("project")
    whole = client.get(f"/v1/records/{record}/lineage", token).json()
    assert whole["head"]["project_code"] == CODE
    assert {arrival["flow"] for arrival in whole["arrivals"]} == {
        "pull.investment.project",
        "pull.approval.project",
    }
    assert [handed["state"] for handed in whole["handed"]] == ["confirmed"]
    name = client.get(f"/v1/records/{record}/fields/name/lineage", token).json()
    assert name["origin"]["source"] == {"xmmc": NAME}
    assert name["chosen_by"] == "rank"
    assert [claim["system"] for claim in name["claims"]] == ["investment", "approval"]
    assert list(name["told"][0]["sent"].values()) == [NAME]
    assert {reader["account"] for reader in name["readers"]} == {"audit"}


def test_the_description_lists_every_route_with_examples(client: Client, opened: Opened):
    described = client.get("/v1/openapi.json", opened("bureau", "department")).json()
    assert set(described["paths"]) >= {
        "/v1/runs",
        "/v1/prefill/{form}",
        "/v1/records/{record_id}/lineage",
    }
    assert described["components"]["schemas"]["RunView"]["properties"]["flow"]["examples"]
    open_routes = [
        path
        for path, about in described["paths"].items()
        if not all(way.get("security") for way in about.values())
    ]
    assert open_routes == ["/healthz", "/readyz"]


def test_a_rehearsal_answers_what_would_change_and_shows_no_person(
    client: Client, opened: Opened, filled: Filled
):
    file = "mappings/approval/participant.pull.yaml"
    text = (HOME / file).read_text(encoding="utf-8")
    token = opened("admin", "administrator")
    found = client.ask(
        *("POST", "/v1/rehearsals", token),
        {
            "flow": "pull.approval.participant",
            "files": {file: text.replace("{from: fzrlxdh,", "{from: dwmc,")},
        },
    ).json()
    assert found["read"] == found["changed"] == 1
    (change,) = found["fields"].values()
    assert {change["examples"][0][side] for side in ("was", "would_be")} == {"***"}
    assert PHONE not in str(found)
    broken = {"flow": "pull.approval.participant", "files": {file: "entity: nothing"}}
    assert client.ask("POST", "/v1/rehearsals", token, broken).json()["code"] == "contract.invalid"
    assert client.ask("POST", "/v1/rehearsals", token, {"flow": "pull.x.y"}).status_code == 404
    assert (
        client.ask(
            "POST", "/v1/rehearsals", opened("audit", "auditor"), {"flow": "pull.x.y"}
        ).status_code
        == 403
    )


def test_a_unit_that_read_a_wrong_value_is_told_and_acknowledges_it(
    client: Client, opened: Opened, filled: Filled
):
    bureau, other = (
        opened("bureau", "department", "project"),
        opened("other", "department", "project"),
    )
    assert client.get(f"/v1/projects/{CODE}", bureau).status_code == 200
    hub = filled.hub
    with hub.database.write() as tx:
        carried = recall.find(tx, hub.contracts, "name", record=f"project:{CODE}")
        number = recall.open_case(tx, carried, landing_id=None, reason="原表填错", by="zhang")
    (told,) = client.get("/v1/recalls", bureau).json()
    assert (told["value"], told["value_now"], told["reason"], told["owed"]) == (
        NAME,
        NAME,
        "原表填错",
        1,
    )
    assert [one["name"] for one in told["received"]] == ["bureau"]
    assert client.get("/v1/recalls", other).json() == []
    assert client.get(f"/v1/recalls/{number}", other).status_code == 404
    path = f"/v1/recalls/{number}/acknowledge"
    assert client.ask("POST", path, other, {"note": "x"}).status_code == 409
    answer = client.ask("POST", path, bureau, {"note": "已知悉"}).json()
    assert (answer["owed"], answer["closed_at"]) == (0, None)
    assert answer["received"][0]["acknowledged_by"] == "bureau"
    filled.pull(
        "pull.investment.project",
        payload("pull.investment.project", id=1, xmdm=CODE, xmmc="改正的名称"),
    )
    hub.watch()
    audit = opened("audit", "auditor")
    assert client.get("/v1/recalls", audit).json() == []
    (closed,) = client.get("/v1/recalls?closed=true", audit).json()
    assert closed["closed_at"] is not None
    assert closed["value_now"] == "改正的名称"


def test_a_person_decides_whose_record_it_is_and_takes_it_back(
    client: Client, opened: Opened, filled: Filled
):
    filled.pull(PROJECT, FIRST, SECOND)
    filled.pull(RIGHT, OPEN)
    filled.hub.release()
    admin, auditor = opened("admin", "administrator"), opened("audit", "auditor")
    (question,) = client.get("/v1/links", auditor).json()
    assert question["record"]["project_name"] == "七星关区锦绣花园"
    assert question["record"]["holder"] == "***"
    assert {
        offer["project_code"]: offer["project"]["region_code"] for offer in question["offered"]
    } == dict.fromkeys((ONE, TWO), "520502")
    decision = {"key": question["key"], "to": TWO, "reason": "产权图"}
    assert client.ask("POST", "/v1/links/decisions", auditor, decision).status_code == 403
    assert client.ask("POST", "/v1/links/decisions", admin, decision).json()["linked"] == TWO
    assert filled.rows(LINKED) == [{"project_code": TWO}]
    assert client.get("/v1/links", admin).json() == []
    undone = client.ask(
        "POST", "/v1/links/undone", admin, {"key": question["key"], "reason": "另一宗地"}
    ).json()
    assert undone["refused"] == [TWO]
    assert filled.rows(LINKED) == []
    assert (
        client.ask("POST", "/v1/links/decisions", admin, {"key": "x", "reason": "x"}).json()["code"]
        == "link.key_unknown"
    )


def test_where_a_value_went_is_shown_and_a_person_is_not(
    client: Client, opened: Opened, filled: Filled
):
    filled.push("push.water.project", Desk())
    token = opened("audit", "auditor")
    record = filled.record("project")
    client.get(f"/v1/projects/{CODE}", token)
    found = client.get(f"/v1/records/{record}/fields/name/carried", token).json()
    assert (found["value"], [one["sent"] for one in found["deliveries"]]) == (
        NAME,
        [{"工程名称": NAME}],
    )
    assert [one["account"] for one in found["reads"]] == ["audit"]
    person = filled.record("participant")
    answer = client.get(f"/v1/records/{person}/fields/manager_phone/carried", token)
    assert answer.json()["value"] == "***"
    assert PHONE not in answer.text
    assert (
        client.get(f"/v1/records/{record}/fields/name/carried?value=x", token).json()["code"]
        == "recall.never_stood"
    )


def test_a_form_comes_back_is_judged_and_counted(client: Client, opened: Opened):
    token = opened("bureau", "department", "project", "approval_document", "material")
    found = client.get(f"/v1/prefill/water_connection?project_code={CODE}", token).json()
    values = {
        field["name"]: field["value"] for field in found["fields"] if field["value"] is not None
    }
    body = {"project_code": CODE, "fields": values | {"floor_area": "1"}, "prefilled": values}
    answer = client.ask("POST", "/v1/prefill/water_connection/submissions", token, body)
    judged = {field["name"]: field for field in answer.json()["fields"]}
    assert answer.json()["submission"]
    assert (judged["floor_area"]["origin"], judged["floor_area"]["given"]) == ("differs", "1")
    assert judged["floor_area"]["value"] == "56628.02"
    (month,) = client.get("/v1/meter", token).json()
    assert (month["submissions"], month["fields_differing"]) == (1, 1)
    assert 0 < month["share"] < 1
    assert client.get("/v1/meter", opened("other", "service")).json() == [month]


def test_projects_are_suggested_as_one_types(client: Client, opened: Opened, filled: Filled):
    filled.hub.release()
    token = opened("bureau", "department", "project")
    (found,) = client.get("/v1/projects?q=三给村", token).json()
    assert (found["project_code"], found["values"]["name"]) == (CODE, NAME)
    assert client.get("/v1/projects?q=三给村", opened("stranger", "department")).status_code == 403


def test_a_form_comes_as_a_workbook_too(client: Client, opened: Opened):
    token = opened("bureau", "department", "project", "approval_document")
    answer = client.get(f"/v1/prefill/water_connection/xlsx?project_code={CODE}", token)
    assert answer.headers["content-disposition"].endswith(f"water_connection-{CODE}.xlsx")
    assert answer.content[:2] == b"PK"


def test_a_mistyped_flow_or_state_is_an_error_and_no_empty_answer(client: Client, opened: Opened):
    token = opened("ops", "administrator")
    for route in (
        "runs",
        "differences",
        "failures",
        "findings",
        "links",
        "held",
        "deliveries",
        "conservation",
    ):
        answer = client.get(f"/v1/{route}?flow=pull.investment.projekt", token)
        assert (answer.status_code, answer.json()["code"]) == (404, "flow.unknown"), route
    assert client.get("/v1/runs?state=done", token).status_code == 422
    assert client.get("/v1/applications?state=done", token).status_code == 422


def test_ready_and_alive_are_told_apart_and_details_are_for_those_signed_in(
    client: Client, opened: Opened, filled: Filled
):
    filled.hub.seal()
    found = client.get("/readyz")
    assert (found.status_code, found.json()["status"], found.json()["failing"]) == (
        200,
        "ready",
        [],
    )
    token = opened("watcher", "service")
    assert {check["name"] for check in client.get("/v1/health", token).json()["checks"]} >= {
        "database",
        "clock",
    }
    assert client.get("/v1/health", opened("bureau", "department")).status_code == 403
    assert client.get("/v1/health").status_code == 401


def test_a_database_that_is_away_leaves_the_process_alive_and_not_ready_and_tells_strangers_little(
    filled: Filled,
):
    whole = filled.hub
    filled.hub = wiring.start(
        environ=filled.environ | {"HUB_DATABASE_URL": "postgresql://hub:geheim@127.0.0.1:1/hub"}
    )
    filled.hub.contracts = whole.contracts
    with asking(filled) as client:
        assert client.get("/healthz").status_code == 200
        found = client.get("/readyz")
        assert (found.status_code, found.json()["failing"]) == (503, ["database"])
        assert found.json()["title"] == "不能正常工作：数据库"
        assert "127.0.0.1" not in found.text
        assert "geheim" not in found.text
    filled.hub = whole
