"""Every route that answers with values is asked by everybody who may not see persons: none shows
one in clear.
"""

import io
import itertools
import re
import zipfile

import pytest
from fastapi.routing import APIRoute

from hub.api import make_app
from tests.api.conftest import Client, Opened
from tests.filled import CODE, Filled, payload
from tests.pipeline.partners import Desk

PERSONS = {
    "fddbr": "赵无名甲乙丙",
    "fzrxm": "钱无名甲乙丙",
    "fzrlxdh": "13800007771",
    "frzjhm": "9911223344556677X",
}
SET_ASIDE = {"fddbr": "孙无名甲乙丙", "fzrxm": "李无名甲乙丙", "fzrlxdh": "13800007772"}
CANARIES = (*PERSONS.values(), *SET_ASIDE.values())
FLOW = "pull.approval.participant"


@pytest.fixture
def peopled(filled: Filled) -> Filled:
    people_it(filled)
    return filled


def people_it(filled: Filled) -> None:
    """Persons who were taken in, and such as were set aside."""
    said = {"xmdm": CODE, "gcdm": f"{CODE}-001"}
    filled.pull(FLOW, payload(FLOW, lsh=901, dwlx=2, dwmc="某建设公司", **said, **PERSONS))
    filled.pull(FLOW, payload(FLOW, lsh=902, dwlx="无此类", dwmc="另一公司", **said, **SET_ASIDE))
    filled.pull(
        FLOW,
        payload(
            FLOW, lsh=903, dwlx=2, dwmc="第三公司", **said, **SET_ASIDE, fzrzjlx="无此证件" * 20
        ),
    )
    filled.push("push.water.project", Desk())


def text(content: bytes) -> str:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def people(filled: Filled) -> list[dict[str, object]]:
    return filled.rows("select record_id, manager, manager_phone from golden.participant")


def addresses(filled: Filled) -> list[str]:
    """Every GET route with all that its places may be filled with."""
    person = next(row for row in people(filled) if row["manager"] == PERSONS["fzrxm"])
    places: dict[str, list[object]] = {
        "code": [CODE],
        "record_id": [person["record_id"]],
        "field": ["manager_phone", "name"],
        "run_id": [row["id"] for row in filled.rows("select max(id) as id from hub.run")],
        "entry_id": [row["id"] for row in filled.rows("select id from hub.quarantine")],
        "flow": [FLOW],
        "entity": ["participant"],
        "form": ["construction_permit"],
    }
    found = []
    for route in make_app(filled.hub).routes:
        if not isinstance(route, APIRoute) or "GET" not in route.methods:
            continue
        names = re.findall(r"{(\w+)}", route.path)
        asked = [one.name for one in route.dependant.query_params]
        for filling in itertools.product(*(places.get(name, [1]) for name in names)):
            path = route.path
            for name, value in zip(names, filling, strict=True):
                path = path.replace("{" + name + "}", str(value))
            at = "&".join(f"{name}={value}" for name, value in QUERY.items() if name in asked)
            found.append(f"{path}?{at}" if at else path)
    return found


QUERY = {
    "project_code": CODE,
    "code": CODE,
    "flow": FLOW,
    "at": "2099-01-01T00:00:00+08:00",
    "limit": "50",
    "record": f"project:{CODE}",
    "purpose": "核对",
    "q": "公司",
}


@pytest.mark.parametrize("role", ["administrator", "auditor", "department"])
def test_no_route_shows_a_person_to_whom_no_grant_names_him(
    client: Client, opened: Opened, peopled: Filled, caplog: pytest.LogCaptureFixture, role: str
):
    granted = ("project", "participant") if role == "department" else ()
    token = opened("reader", role, *granted, classes=("public", "internal"))
    asked = addresses(peopled)
    shown = {}
    answered = set()
    for address in asked:
        answer = client.get(address, token)
        assert answer.status_code < 500, address
        answered |= {re.sub(r"\d+", "1", address)} if answer.status_code == 200 else set()
        if found := [one for one in CANARIES if one in text(answer.content)]:
            shown[address] = found
    assert shown == {}
    assert not [one for one in CANARIES if one in caplog.text]
    assert len(answered) > (40 if role != "department" else 10)


BODY: dict[str, object] = {
    "project_code": CODE,
    "to": None,
    "field": "manager_phone",
    "entity": "participant",
    "form": "construction_permit",
    "flow": FLOW,
    "reason": "核对",
    "said": "核对",
    "sample": 10,
    "files": {"mappings/approval/participant.pull.yaml": "{"},
    "ids": [1],
    "limit": 50,
}
"""What a body is made of, by the names of its fields."""


def bodies(filled: Filled) -> list[tuple[str, dict[str, object]]]:
    """Every POST route, with a body that says of the person what its description has room for."""
    app = make_app(filled.hub)
    person = next(row for row in people(filled) if row["manager"] == PERSONS["fzrxm"])
    known = BODY | {
        "record": str(person["record_id"]),
        "record_id": person["record_id"],
        "value": PERSONS["fzrlxdh"],
    }
    described = app.openapi()
    found = []
    for path, operations in described["paths"].items():
        if "post" not in operations:
            continue
        content = (
            operations["post"].get("requestBody", {}).get("content", {}).get("application/json", {})
        )
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        fields = described["components"]["schemas"].get(name, {}).get("properties", {})
        said = {field: known[field] for field in fields if field in known}
        found.append((re.sub(r"{\w+}", "1", path), said))
    return found


@pytest.mark.parametrize("role", ["administrator", "auditor", "department"])
def test_nothing_that_is_done_tells_of_a_person_in_its_answer(
    client: Client, opened: Opened, peopled: Filled, caplog: pytest.LogCaptureFixture, role: str
):
    granted = ("project", "participant") if role == "department" else ()
    token = opened("doer", role, *granted, classes=("public", "internal"))
    asked = bodies(peopled)
    assert len(asked) > 20
    told = {}
    for path, said in asked:
        answer = client.ask("POST", path, token, said)
        assert answer.status_code < 500, (path, answer.text)
        own = {str(said.get("value"))}  # who asks may be told what he said himself
        if found := [one for one in CANARIES if one in text(answer.content) and one not in own]:
            told[path] = found
    assert told == {}
    assert not [one for one in CANARIES if one in caplog.text]


GUESSING = ("/v1/records/{0}/fields/manager_phone/carried?value={1}",)


def test_no_question_is_answered_otherwise_for_a_right_guess_than_for_a_wrong_one(
    client: Client, opened: Opened, peopled: Filled
):
    token = opened("reader", "auditor")
    row = next(row for row in people(peopled) if row["manager_phone"] == PERSONS["fzrlxdh"])
    for address in GUESSING:
        answers = [
            client.get(address.format(row["record_id"], one), token)
            for one in (PERSONS["fzrlxdh"], "13800000000")
        ]
        assert answers[0].status_code == answers[1].status_code == 403
        assert answers[0].json()["code"] == answers[1].json()["code"] == "ask.value_masked"
