"""The catalogue and the applications over HTTP."""

from datetime import UTC, datetime, timedelta

from tests.api.conftest import Client, Opened

FIRST = datetime.now(UTC).date() + timedelta(days=1)
ASKED = {
    "entities": ["project"],
    "classes": ["public", "personal"],
    "regions": ["1401"],
    "valid_from": str(FIRST),
    "valid_until": str(FIRST + timedelta(days=200)),
    "purpose": "用水报装",
    "basis": "供水条例第三条",
}


def test_a_department_applies_and_an_administrator_grants_less(client: Client, opened: Opened):
    water, admin = opened("water", "department"), opened("admin", "administrator")
    made = client.ask("POST", "/v1/applications", water, ASKED).json()
    assert (made["state"], made["account"], made["regions"]) == ("open", "water", ["1401"])
    address = f"/v1/applications/{made['id']}"
    less = {name: ASKED[name] for name in ("entities", "regions", "valid_from", "valid_until")}
    more = less | {"classes": ["internal"]}
    refused = client.ask("POST", f"{address}/decision", admin, {"granted": True, "terms": more})
    assert (refused.status_code, refused.json()["code"]) == (422, "application.beyond")
    granted = client.ask(
        "POST",
        f"{address}/decision",
        admin,
        {"granted": True, "terms": less | {"classes": ["public"]}},
    )
    (grant,) = granted.json()["grants"]
    assert (grant["classes"], grant["application_id"]) == (["public"], made["id"])
    assert client.get("/v1/grants", water).json() == [grant]
    assert (
        client.ask("POST", f"{address}/withdrawal", water).json()["code"] == "application.decided"
    )


def test_an_application_says_until_when_it_is_answered_by_which_article_and_is_put_off_once(
    client: Client, opened: Opened
):
    water, admin = opened("water", "department"), opened("admin", "administrator")
    made = client.ask("POST", "/v1/applications", water, ASKED).json()
    assert (made["sharing_kind"], made["clock"], made["late"]) == (
        "conditional",
        made["due_at"],
        False,
    )
    assert (made["term"]["days"], made["term"]["article"], made["term"]["status"]) == (
        10,
        "第二十一条",
        "in_force",
    )
    address, why = f"/v1/applications/{made['id']}/extension", {"reason": "需征求三个部门意见"}
    assert client.ask("POST", address, water, why).status_code == 403
    assert client.ask("POST", address, admin, {"reason": ""}).status_code == 422
    extended = client.ask("POST", address, admin, why).json()
    assert extended["clock"] == extended["extended_to"] > made["due_at"]
    assert client.ask("POST", address, admin, why).json()["code"] == "application.extended"
    told = client.get(f"/v1/applications/{made['id']}", water).json()["steps"][-1]
    assert (told["state"], told["reason"]) == ("extended", "需征求三个部门意见")
    (listed,) = client.get("/v1/applications", water).json()
    assert listed["extended_to"] == extended["extended_to"]


def test_what_is_not_understood_is_refused_and_other_units_see_nothing(
    client: Client, opened: Opened
):
    water, fire = opened("water", "department"), opened("fire", "department")
    for wrong in (
        {"purpose": ""},
        {"entities": []},
        {"classes": ["secret"]},
        {"entities": ["nothing"]},
        {"x": 1},
    ):
        assert client.ask("POST", "/v1/applications", water, ASKED | wrong).status_code == 422
    number = client.ask("POST", "/v1/applications", water, ASKED).json()["id"]
    assert client.get("/v1/applications", fire).json() == []
    assert client.get(f"/v1/applications/{number}", fire).status_code == 404
    assert client.ask("POST", f"/v1/applications/{number}/withdrawal", fire).status_code == 404
    assert (
        client.ask(
            "POST", f"/v1/applications/{number}/decision", water, {"granted": True}
        ).status_code
        == 403
    )


def test_the_catalogue_is_open_to_every_account_and_holds_no_value(client: Client, opened: Opened):
    token = opened("water", "department")
    listed = {one["entity"]: one for one in client.get("/v1/catalogue", token).json()}
    assert listed["project"]["visible"] is False
    assert listed["project"]["shared_by"][0]["title"]["en"]
    whole = client.get("/v1/catalogue/participant", token).json()
    phone = next(one for one in whole["every_field"] if one["name"] == "manager_phone")
    assert (phone["classed"], phone["sight"]) == ("personal", "hidden")
    assert client.get("/v1/catalogue/nothing", token).status_code == 404
