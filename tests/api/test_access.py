"""Nobody gets an answer who may not, and no answer leaves without its row."""

from dataclasses import replace

import pytest
from fastapi.routing import APIRoute

from hub import auth
from hub.api import make_app
from hub.api.access import OPEN
from hub.api.access import ROLES as ALL_ROUTES
from hub.auth.context import CALLING
from hub.domain.rights import ROLES as ALL_ROLES
from tests.api.conftest import Client, Opened, asking
from tests.filled import CODE, Filled

ROLES = {path: roles for path, roles in ALL_ROUTES.items() if roles != CALLING}
"""The routes of accounts; partners' own are in test_partners.py."""
FILLING = {
    "system": "nobody",
    "resource": "nothing",
    "form": "construction_permit",
    "code": CODE,
    "run_id": "1",
    "entry_id": "1",
    "record_id": "1",
    "recall_id": "1",
    "dispute_id": "1",
    "hit_id": "1",
    "case_id": "1",
    "application_id": "1",
    "entity": "project",
    "field": "name",
    "job_id": "1",
    "flow": "pull.investment.project",
    "scenario": "land_then_start",
    "indicator": "item_overdue",
    "sha256": "0" * 64,
}


def routes(filled: Filled) -> set[str]:
    return {route.path for route in make_app(filled.hub).routes if isinstance(route, APIRoute)}


def methods(filled: Filled) -> dict[str, str]:
    """How each route is asked."""
    made = make_app(filled.hub).routes
    return {
        route.path: next(iter(route.methods))
        for route in reversed(made)
        if isinstance(route, APIRoute)
    }


def address(path: str) -> str:
    return path.format_map(FILLING) + ("?project_code=" + CODE if "{form}" in path else "")


def test_every_route_but_one_names_its_roles(filled: Filled):
    assert routes(filled) - OPEN == set(ALL_ROUTES)


def test_a_token_opens_nothing_that_is_for_partners(client: Client, opened: Opened, filled: Filled):
    token, asked = opened("someone", "administrator"), methods(filled)
    theirs = set(ALL_ROUTES) - set(ROLES)
    assert len(theirs) == 3
    for path in theirs:
        for given in (token, None):
            answer = client.ask(asked[path], address(path), given)
            assert (answer.status_code, answer.json()["code"]) == (404, "call.nowhere")


def test_only_the_health_check_answers_nobody_in_particular(client: Client, filled: Filled):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert {
        path for path in [*ROLES, *OPEN] if client.get(address(path)).status_code in {200, 503}
    } == OPEN
    for path in [*ROLES, "/", "/docs", "/openapi.json", "/v1/nothing"]:
        answer = client.get(address(path))
        assert (answer.status_code, answer.json()["code"]) == (401, "access.no_token"), path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
    rows = filled.rows("select distinct account, refused from hub.access")
    assert rows == [{"account": "", "refused": True}]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer wrong"])
def test_what_is_no_token_opens_nothing(client: Client, header: str):
    for path in ROLES:
        assert client.get(address(path), headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("role", ALL_ROLES)
def test_a_role_is_refused_wherever_it_is_not_named(
    client: Client, opened: Opened, filled: Filled, role: str
):
    token, asked = opened("someone", role, *filled.hub.contracts.entities), methods(filled)
    for path, roles in ROLES.items():
        answer = client.ask(asked[path], address(path), token)
        assert (answer.status_code == 403) == (role not in roles), (path, answer.text)
        assert answer.status_code < 500, (path, answer.text)
    refused = filled.rows(
        "select count(*) as n from hub.access where refused and account = 'someone'"
    )
    assert refused == [{"n": sum(role not in roles for roles in ROLES.values())}]


def test_an_ended_account_and_a_stale_token_open_nothing(
    client: Client, opened: Opened, filled: Filled
):
    ended, stale = opened("ended", "administrator"), opened("renewed", "administrator")
    assert client.get("/v1/runs", ended).status_code == 200
    with filled.hub.database.write() as tx:
        auth.end_account(tx, "ended")
        fresh = auth.renew_token(tx, "renewed")
    for path in ROLES:
        for token in (ended, stale):
            answer = client.get(address(path), token)
            assert (answer.status_code, answer.json()["code"]) == (401, "access.token_invalid")
    assert client.get("/v1/runs", fresh).status_code == 200


def test_a_department_without_a_grant_in_force_reads_nothing(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("bureau", "department", "project")
    filled.execute(
        "update hub.access_grant set valid_until = (now() at time zone 'Asia/Shanghai')::date - 1"
    )
    for path in (f"/v1/projects/{CODE}", f"/v1/prefill/construction_permit?project_code={CODE}"):
        answer = client.get(path, token)
        assert (answer.status_code, answer.json()["code"]) == (403, "access.no_grant")
    filled.execute(
        "update hub.access_grant set valid_until = (now() at time zone 'Asia/Shanghai')::date"
    )
    assert client.get(f"/v1/projects/{CODE}", token).status_code == 200
    filled.execute("update hub.access_grant set ended_at = now()")
    assert client.get(f"/v1/projects/{CODE}", token).status_code == 403


def test_every_read_leaves_its_row_with_account_purpose_project_and_records(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("bureau", "department", "project", "participant")
    answer = client.get(f"/v1/projects/{CODE}", token)
    (row,) = filled.rows(
        "select account, route, purpose, project_code, record_ids, refused, address from hub.access"
    )
    assert row == {
        "address": "127.0.0.1",
        "account": "bureau",
        "route": f"GET /v1/projects/{CODE}",
        "purpose": "核发施工许可",
        "project_code": CODE,
        "record_ids": [record["record_id"] for record in answer.json()["records"]],
        "refused": False,
    }


def test_no_answer_leaves_when_its_row_cannot_be_written(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("admin", "administrator")
    filled.execute(
        "create function hub.no() returns trigger language plpgsql as "
        "$$ begin raise exception using errcode = '57P03'; end $$; "
        "create trigger no before insert on hub.access for each row execute function hub.no()"
    )
    answer = client.get(f"/v1/projects/{CODE}", token)
    assert (answer.status_code, answer.json()["code"]) == (503, "database.restarting")
    assert CODE not in answer.text


def test_errors_are_problems_in_both_languages(client: Client, opened: Opened):
    token = opened("admin", "administrator")
    for path, status, code in (
        ("/v1/runs/999999", 404, "ask.run_unknown"),
        ("/v1/failures/999999", 404, "ask.entry_unknown"),
        ("/v1/projects/2099-000000-00-00-000000", 404, "ask.project_unknown"),
        (f"/v1/prefill/nothing?project_code={CODE}", 404, "ask.form_unknown"),
        ("/v1/records/999999/lineage", 404, "ask.record_unknown"),
        ("/v1/records/1/fields/nothing/lineage", 404, "ask.field_unknown"),
        ("/v1/runs?limit=0", 422, "ask.invalid"),
        ("/v1/runs/99999999999999999999999", 422, "ask.invalid"),
        ("/v1/prefill/construction_permit", 422, "ask.invalid"),
        ("/v1/nothing", 404, "ask.no_such_route"),
    ):
        answer = client.get(path, token)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (status, code), path
        assert answer.headers["content-type"] == "application/problem+json"
        assert all(said[part] for part in ("type", "title", "title_en", "detail", "detail_en"))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/v1/projects/%00",
            "/v1/projects/%F0%9F%98%80",
            "/v1/projects/..%2F..%2Fetc",
            "/v1/runs?flow=%00",
        ),
        *(
            "/v1/runs?since=0001-01-01T00:00:00",
            "/v1/runs?since=9999-12-31T23:59:59%2B00:00",
            "/v1/runs?state=';--",
        ),
        *("/v1/records/-1/lineage", "/v1/records/1e9/lineage", "/v1/failures/9223372036854775807"),
        *(
            "/v1/prefill/%2e%2e?project_code=x",
            f"/v1/prefill/fire_acceptance?project_code={'x' * 101}",
            "//v1/runs",
        ),
    ],
)
def test_odd_questions_are_answered_not_suffered(
    client: Client, opened: Opened, filled: Filled, path: str
):
    answer = client.get(path, opened("admin", "administrator"))
    assert answer.status_code < 500
    assert filled.rows("select account from hub.access") == [{"account": "admin"}]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_a_method_that_a_route_does_not_take_is_no_route(
    client: Client, opened: Opened, method: str
):
    assert (
        client.session.request(method, f"{client.address}/v1/runs", timeout=30).status_code == 401
    )
    token = opened("admin", "administrator")
    answer = client.session.request(
        method,
        f"{client.address}/v1/runs",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 404


def test_an_account_that_asks_too_often_is_told_when_to_come_back(filled: Filled, opened: Opened):
    settings = filled.hub.settings
    filled.hub.settings = replace(
        settings, signing_in=replace(settings.signing_in, requests_a_minute=2)
    )
    token = opened("busy", "service")
    with asking(filled) as client:
        answers = [client.get("/v1/forms", token) for _ in range(5)]
    assert [answer.status_code for answer in answers][:2] == [200, 200]
    late = answers[-1]
    assert (late.status_code, late.json()["code"]) == (429, "access.too_many")
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert {"account": "busy", "refused": True} in filled.rows(
        "select account, refused from hub.access"
    )
