"""Handing in over HTTP: the same answers as on the page, and refusals that take nothing."""

import base64

from tests.api.conftest import Client
from tests.filled import Filled
from tests.supply.conftest import open_clerk
from tests.supply.workbooks import CODE, FLOW, ROW, row
from tests.supply.workbooks import filled as written

BASE = f"/v1/supply/{FLOW}"


def sent(content: bytes, name: str = "三月.xlsx") -> dict[str, str]:
    return {"file": name, "content": base64.b64encode(content).decode()}


def test_a_workbook_a_record_and_a_withdrawal(client: Client, filled: Filled):
    token = open_clerk(filled)
    assert [one["flow"] for one in client.get("/v1/supply", token).json()] == [FLOW]
    template = client.get(f"{BASE}/template", token)
    assert template.headers["content-type"].endswith("spreadsheetml.sheet")
    body = sent(written(template.content, [row(1), row(2)]))
    taken = client.ask("POST", f"{BASE}/workbook", token, body).json()
    assert (taken["taken"], taken["outcomes"]) == (True, {"taken": 2})
    again = client.ask("POST", f"{BASE}/workbook", token, body)
    assert (again.status_code, again.json()["code"]) == (409, "supply.seen_before")
    bad = sent(written(template.content, [row(3, 报装状态="快好了")]), "错.xlsx")
    refused = client.ask("POST", f"{BASE}/workbook", token, bad).json()
    assert (refused["taken"], [one["cell"] for one in refused["faults"]]) == (False, ["H2"])
    corrected = {"cells": {**ROW, "报装状态": "踏勘"}}
    assert client.ask("POST", f"{BASE}/records", token, corrected).json()["taken"]
    said = {"key": "GD-2026-0002", "reason": "重复"}
    assert client.ask("POST", f"{BASE}/withdrawals", token, said).json()["taken"]
    sheet = client.get(BASE, token).json()
    assert [one["kind"] for one in sheet["acts"]] == ["withdrawal", "entry", "workbook"]
    assert [one["key"] for one in sheet["records"]] == ["GD-2026-0001"]
    filled.hub.release()
    found = client.get(f"{BASE}/projects?q={CODE[:12]}", token).json()
    assert [one["project_code"] for one in found] == [CODE]


def test_what_is_no_base64_and_no_body_of_ours(client: Client, filled: Filled):
    token = open_clerk(filled)
    garbled = client.ask("POST", f"{BASE}/workbook", token, {"file": "a.xlsx", "content": "工作"})
    assert (garbled.status_code, garbled.json()["code"]) == (400, "ask.unreadable")
    more = client.ask("POST", f"{BASE}/records", token, {"cells": ROW, "account": "somebody"})
    assert more.status_code == 422
    assert filled.rows("select count(*) as n from hub.inbound") == [{"n": 0}]


def test_a_partner_cannot_push_to_what_people_fill_in(client: Client, filled: Filled):
    forged = {"origin": {"account": "clerk"}, "rows": [{"at": "A2:N2", "cells": ROW}]}
    for token in (None, open_clerk(filled)):
        answer = client.ask("POST", "/v1/intake/broadcast/upload", token, forged)
        assert answer.status_code == 404, answer.text
    assert filled.rows("select count(*) as n from hub.inbound") == [{"n": 0}]


def test_another_unit_is_answered_as_if_there_were_nothing(client: Client, filled: Filled):
    token = open_clerk(filled, "stranger", unit="供水公司")
    assert client.get("/v1/supply", token).json() == []
    for method, path, body in (
        ("GET", BASE, None),
        ("GET", f"{BASE}/template", None),
        ("POST", f"{BASE}/records", {"cells": ROW}),
        ("POST", f"{BASE}/withdrawals", {"key": "GD-2026-0001", "reason": "恶意"}),
        ("GET", "/v1/news/push.broadcast.project/xlsx", None),
    ):
        answer = client.ask(method, path, token, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "supply.not_yours")
