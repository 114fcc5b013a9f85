"""The investment platform as a real process: signature, pages, batches, faults, restart."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.investment.signing import Bucket
from tests.sandbox.process import SECRET, USER, Running, running

PERMIT = {
    "key": "k1",
    "xmdm": "2504-520555-04-05-206196",
    "zzbh": "520555202610010000001",
    "zzmc": "建筑工程施工许可证",
    "fzjg": "贵安新区住房和城乡建设局",
    "fzrq": "2026-10-01",
}
ITEM = {
    "key": "i1",
    "xmdm": "2504-520555-04-05-206196",
    "spsxslbm": "SL1",
    "spsxmc": "建筑工程施工许可证核发",
    "spbmmc": "贵安新区住房和城乡建设局",
    "blzt": "11",
    "blsj": "2026-10-01 10:00:00",
}


@pytest.fixture(scope="module")
def platform() -> Iterator[Running]:
    with running("investment") as partner:
        yield partner


@pytest.fixture
def steady(platform: Running) -> Iterator[Running]:
    """The same for every test, none of which changes what it holds; faults end with the test."""
    yield platform
    requests.delete(f"{platform.base}/_sandbox/faults", timeout=10).raise_for_status()


@pytest.fixture(scope="module")
def choosy() -> Iterator[Running]:
    """Is given permits by one test alone, with several bad ones."""
    with running("investment") as partner:
        yield partner


@pytest.fixture
def fresh() -> Iterator[Running]:
    with running("investment") as partner:
        yield partner


def headers(method: str, path: str, query: str, body: bytes, **other: str) -> dict[str, str]:
    """Sign a request as the platform's page in the README says."""
    stamp, nonce = (
        other.get("timestamp", str(int(time.time()))),
        other.get("nonce", uuid.uuid4().hex),
    )
    text = "\n".join((method, path, query, stamp, nonce, hashlib.sha256(body).hexdigest()))
    signature = hmac.new(
        other.get("secret", SECRET).encode(), text.encode(), hashlib.sha256
    ).hexdigest()
    key = other.get("key", USER)
    return {"X-App-Key": key, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}


def get(
    partner: Running, path: str, query: str = "", *, timeout: float = 10, **other: str
) -> requests.Response:
    signed = headers("GET", path, query, b"", **other)
    return requests.get(f"{partner.base}{path}?{query}", headers=signed, timeout=timeout)


def post(partner: Running, path: str, records: list[dict[str, str]]) -> requests.Response:
    body = json.dumps({"records": records}).encode()
    return requests.post(
        f"{partner.base}{path}", data=body, headers=headers("POST", path, "", body), timeout=10
    )


def page(partner: Running, query: str = "", resource: str = "projects") -> dict:
    return get(partner, f"/api/{resource}", query).json()["data"]


def sweep(partner: Running, query: str = "size=100", resource: str = "projects") -> list[dict]:
    found, cursor = [], ""
    while cursor is not None:
        data = page(partner, f"{query}&cursor={cursor}", resource)
        found += data["list"]
        cursor = data["next"]
    return found


def test_a_sweep_by_cursor_gives_every_project_once_in_the_order_of_update_times(platform: Running):
    records = sweep(platform)
    assert len({record["id"] for record in records}) == len(records) == 309
    assert [record["gxsj"] for record in records] == sorted(record["gxsj"] for record in records)


def test_since_includes_the_records_of_that_very_second(platform: Running):
    records = sweep(platform)
    since = records[200]["gxsj"]
    wanted = {record["id"] for record in records if record["gxsj"] >= since}
    assert {
        record["id"] for record in sweep(platform, f"since={since.replace(' ', '+')}")
    } == wanted


def test_codes_come_as_clerks_type_them_wrong_ones_among_them(platform: Running):
    codes = [record["xmdm"] for record in sweep(platform)]
    assert {"审核中", "驳回", "作废"} <= set(codes)
    assert any(code.endswith(" ") for code in codes)
    assert any("－" in code for code in codes)


def test_nested_json_comes_as_text_and_dates_in_four_spellings(platform: Running):
    records = sweep(platform)
    owner = json.loads(records[0]["lerepInfo"])[0]
    assert owner["enterpriseName"]
    assert {len(record["nkgsj"]) for record in records} == {10, 11, 19, 21}


def test_results_carry_the_approval_of_a_project(platform: Running):
    results = sweep(platform, resource="project-results")
    assert len(results) > 100
    assert all(result["APPROVAL_NUM"].startswith("黔发改投资〔") for result in results)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"secret": "wrong"}, "签名不正确"),
        ({"key": "nobody"}, "应用标识无效"),
        ({"timestamp": "1500000000"}, "时间戳超出允许范围"),
        ({"timestamp": "soon"}, "时间戳超出允许范围"),
    ],
)
def test_a_request_that_is_not_signed_as_agreed_is_refused(
    platform: Running, other: dict[str, str], reason: str
):
    refused = get(platform, "/api/projects", **other)
    assert (refused.status_code, refused.json()["message"]) == (401, reason)


def test_a_nonce_serves_only_once(platform: Running):
    assert get(platform, "/api/projects", nonce="once").status_code == 200
    assert get(platform, "/api/projects", nonce="once").json()["message"] == "随机数重复使用"


@pytest.mark.parametrize("query", ["size=0", "size=many", "since=yesterday", "cursor=x"])
def test_parameters_without_sense_are_answered_by_code_400(platform: Running, query: str):
    assert get(platform, "/api/projects", query).json()["code"] == 400


def test_a_bucket_gives_its_burst_and_then_says_how_long_to_wait():
    bucket = Bucket(rate=0.5, burst=2)
    assert [bucket.wait(), bucket.wait()] == [0, 0]
    assert 1.5 < bucket.wait() <= 2


def test_a_record_is_applied_once_per_idempotency_key_and_replaced_by_business_key(fresh: Running):
    for key in ("k1", "k1", "k2"):
        assert (
            post(fresh, "/api/permits/batch", [{**PERMIT, "key": key}]).json()["data"][0]["code"]
            == "0"
        )
    held = fresh.admin("received?resource=permits").json()
    assert [(one["key"], one["applied"], one["idempotency_key"]) for one in held] == [
        (PERMIT["zzbh"], 2, "k2")
    ]


def test_what_was_applied_can_be_looked_up_by_its_key(fresh: Running):
    post(fresh, "/api/items/batch", [ITEM])
    assert get(fresh, "/api/items/i1").json()["data"]["spsxslbm"] == "SL1"
    assert get(fresh, "/api/items/i2").json()["code"] == 404


def test_what_somebody_here_has_changed_is_looked_up_as_it_is_now(fresh: Running):
    post(fresh, "/api/items/batch", [ITEM])
    fresh.tell("edit", {"resource": "items", "key": "SL1", "set": {"spbmmc": "另一个局"}})
    assert get(fresh, "/api/items/i1").json()["data"] == {**ITEM, "spbmmc": "另一个局"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"xmdm": "2601-520100-04-01-999999"}, "1001"),
        ({"zzbh": ""}, "1002"),
        ({"fzrq": "2026/10/01"}, "1003"),
        ({"sjyxbs": "2"}, "1004"),
    ],
)
def test_a_bad_record_is_refused_in_the_platforms_own_words_and_the_rest_taken(
    choosy: Running, change: dict[str, str], code: str
):
    good = {**PERMIT, "key": "good", "zzbh": "G1"}
    answers = post(choosy, "/api/permits/batch", [{**PERMIT, **change}, good]).json()["data"]
    assert [answer["code"] for answer in answers] == [code, "0"]
    assert [one["key"] for one in choosy.admin("received?resource=permits").json()] == ["G1"]


def test_a_tick_brings_changed_basics_to_the_end_of_the_list(fresh: Running):
    last = sweep(fresh)[-1]["gxsj"]
    fresh.tell("tick", {})
    changed = [record for record in sweep(fresh) if record["gxsj"] > last]
    assert 10 < len(changed) < 100
    assert {record["gxsj"][:10] for record in changed} == {"2026-10-01"}


def test_a_correction_at_the_source_moves_the_record_to_the_end(fresh: Running):
    fresh.tell(
        "edit",
        {
            "resource": "projects",
            "key": "审核中",
            "set": {"xmdm": "2607-520102-04-01-123456", "jsgm": None},
        },
    )
    last = sweep(fresh)[-1]
    assert last["xmdm"] == "2607-520102-04-01-123456"
    assert "jsgm" not in last
    assert (
        fresh.tell("edit", {"resource": "projects", "key": "nobody", "set": {}}).status_code == 404
    )


def test_tick_corrections_and_what_was_received_survive_a_restart(tmp_path: Path):
    with running("investment", "--state", str(tmp_path)) as partner:
        partner.tell("tick", {"tick": 4})
        partner.tell(
            "edit",
            {"resource": "projects", "key": "驳回", "set": {"xmdm": "2607-520102-04-01-654321"}},
        )
        post(partner, "/api/permits/batch", [PERMIT])
        assert partner.stop() < 2
    with running("investment", "--state", str(tmp_path)) as partner:
        assert partner.admin("health").json() == {"partner": "investment", "tick": 4}
        assert sweep(partner)[-1]["xmdm"] == "2607-520102-04-01-654321"
        answer = post(partner, "/api/permits/batch", [PERMIT]).json()["data"][0]
        assert answer["message"] == "重复提交，此前已接收"
        assert partner.admin("received?resource=permits").json()[0]["applied"] == 1


def test_http_429_names_when_to_come_back_and_strikes_as_often_as_armed(steady: Running):
    steady.fault("http_429", times=2, where="projects")
    answers = [get(steady, "/api/projects") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"


def test_a_fault_strikes_only_where_it_was_armed(steady: Running):
    steady.fault("http_500", where="project-results")
    assert get(steady, "/api/projects").status_code == 200
    assert get(steady, "/api/project-results").status_code == 500


def test_a_hanging_request_outlasts_the_caller_and_does_not_hold_up_the_stop(fresh: Running):
    fresh.fault("timeout")
    with pytest.raises(requests.ReadTimeout):
        get(fresh, "/api/projects", timeout=0.5)
    assert fresh.stop() < 2


def test_half_a_page_breaks_off_before_its_announced_length(steady: Running):
    steady.fault("half_page")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(steady, "/api/projects")


def test_a_lost_answer_has_been_applied_all_the_same(fresh: Running):
    fresh.fault("lost_answer", where="permits")
    with pytest.raises(requests.ConnectionError):
        post(fresh, "/api/permits/batch", [PERMIT])
    assert get(fresh, "/api/permits/k1").json()["data"]["zzbh"] == PERMIT["zzbh"]


def test_a_repeated_page_comes_once_more_and_the_sweep_still_ends(steady: Running):
    first = page(steady, "size=50")
    steady.fault("repeated_page")
    again = page(steady, f"size=50&cursor={first['next']}")
    assert [one["id"] for one in again["list"]] == [one["id"] for one in first["list"]]
    assert len(sweep(steady)) == 309


def test_equal_cursor_values_lie_on_both_sides_of_a_page_edge(fresh: Running):
    fresh.fault("equal_cursor")
    first = page(fresh, "size=50")
    second = page(fresh, f"size=50&cursor={first['next']}")
    edge = first["list"][-1]["gxsj"]
    assert second["list"][0]["gxsj"] == edge
    assert sum(one["gxsj"] == edge for one in first["list"] + second["list"]) == 10
    assert len({one["id"] for one in sweep(fresh)}) == 309


def test_a_malformed_record_and_a_duplicate_stand_at_the_head_of_a_page(fresh: Running):
    fresh.fault("malformed_record", where="projects")
    assert page(fresh)["list"][0]["nkgsj"] == "待定"
    fresh.fault("duplicate_key", where="projects")
    twice = page(fresh)["list"][:2]
    assert twice[0]["xmdm"] == twice[1]["xmdm"]
    assert twice[0]["xmmc"] != twice[1]["xmmc"]


def test_a_rejected_push_is_not_kept(fresh: Running):
    fresh.fault("rejected_push", where="items")
    assert post(fresh, "/api/items/batch", [ITEM]).json()["data"][0]["code"] == "1999"
    assert fresh.admin("received?resource=items").json() == []
    assert post(fresh, "/api/items/batch", [ITEM]).json()["data"][0]["code"] == "0"


def test_an_unknown_fault_is_refused_and_armed_ones_can_be_cleared(steady: Running):
    assert steady.tell("faults", {"fault": "earthquake"}).status_code == 422
    steady.fault("http_500")
    assert requests.delete(f"{steady.base}/_sandbox/faults", timeout=10).json() == []
    assert get(steady, "/api/projects").status_code == 200


def test_some_projects_have_two_owners_the_leading_one_first(platform: Running):
    owners = [json.loads(record["lerepInfo"]) for record in sweep(platform)]
    assert {len(some) for some in owners} == {1, 2}
    assert all(
        len({owner["lerepCertno"].upper() for owner in some}) == len(some) for some in owners
    )
