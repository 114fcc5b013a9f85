"""The gas company as a running process."""

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest
import requests

from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

CODE = "2017-520303-84-01-062937"
NEED = {
    "serialId": "n-1",
    "projectCode": CODE,
    "projectName": "甲项目",
    "customerName": "甲公司",
    "deleted": 0,
}
PERMIT = {
    "serialId": "p-1",
    "projectCode": CODE,
    "permitNo": "520303202601",
    "issueTime": 1_767_283_200_000,
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PartnerProcess]:
    with running_partner("gas", state=tmp_path_factory.mktemp("gas")) as partner:
        yield partner


@pytest.fixture
def partner(process: PartnerProcess) -> Iterator[PartnerProcess]:
    yield process
    process.disarm()


def envelope(
    partner: PartnerProcess, call: str, asked: object, **twist: object
) -> dict[str, object]:
    """Make one signed call; `twist` may spoil secret, clock or version."""
    packed = b64encode(json.dumps(asked).encode()).decode()
    clock = str(int((time.time() + twist.get("drift", 0)) * 1000))
    sign = hmac.new(
        str(twist.get("secret", SECRET)).encode(), f"{USER}{clock}{packed}".encode(), hashlib.sha256
    )
    answer = requests.post(
        f"http://127.0.0.1:{partner.port}/com/common/{call}",
        params={"authVersion": twist.get("version", "v2")},
        json={"request": packed},
        headers={"appId": USER, "timestamp": clock, "sign": sign.hexdigest()},
        timeout=2,
    )
    answer.raise_for_status()
    return answer.json()


def ask(partner: PartnerProcess, call: str, asked: object) -> dict[str, object]:
    answer = envelope(partner, call, asked)
    assert answer["errcode"] == "0"
    return json.loads(b64decode(answer["response"]))


def installs(partner: PartnerProcess, **asked: object) -> list[dict[str, object]]:
    return ask(partner, "getInstallList", {"pageNo": 1, "pageSize": 1000, **asked})["list"]


@pytest.mark.parametrize(
    ("twist", "errcode"),
    [
        ({"secret": "other"}, "1001"),
        ({"drift": -70}, "1002"),
        ({"drift": 70}, "1002"),
        ({"version": "v1"}, "1004"),
    ],
)
def test_a_call_that_is_not_signed_rightly_and_just_now_is_refused(partner, twist, errcode):
    assert envelope(partner, "getInstallList", {}, **twist)["errcode"] == errcode


def test_pages_give_every_install_once_in_order_of_update(partner):
    found = [one for page in range(1, 20) for one in installs(partner, pageNo=page, pageSize=7)]
    assert len({one["serialId"] for one in found}) == len(found) == partner.shared()["installs"]
    assert [one["updateTime"] for one in found] == sorted(one["updateTime"] for one in found)


def test_the_start_time_is_inclusive(partner):
    last = installs(partner)[-1]
    assert last in installs(partner, startTime=last["updateTime"])


def test_devices_are_json_in_a_text(partner):
    [device] = json.loads(installs(partner)[0]["deviceList"])
    assert set(device) == {"deviceName", "model", "normalGasRate", "quantity"}


def test_a_need_is_applied_once_however_often_its_key_comes(partner):
    for _ in range(3):
        said = ask(partner, "saveInstall", {"list": [NEED]})["list"]
        assert said == [{"serialId": "n-1", "errcode": "0", "errmsg": "ok"}]
    assert [one["applied"] for one in partner.received("needs") if one["key"] == CODE] == [1]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"customerName": None}, "2001"),
        ({"wantedTime": "下周"}, "2002"),
        ({"projectCode": "作废"}, "2003"),
        ({"projectCode": "2017-520303-84-01-000000", "deleted": 1}, "2004"),
        ({"deleted": 5}, "2005"),
        ({"creditCode": "91440300MA5DJ3T98R"}, "2006"),
    ],
)
def test_a_bad_need_is_refused_in_the_companys_own_words(partner, change, errcode):
    [verdict] = ask(
        partner, "saveInstall", {"list": [{**NEED, "serialId": f"bad-{errcode}", **change}]}
    )["list"]
    assert verdict["errcode"] == errcode


def test_a_withdrawn_permit_no_longer_counts(partner):
    gone = {**PERMIT, "serialId": "p-2", "deleted": 1}
    assert [
        one["errcode"] for one in ask(partner, "savePermit", {"list": [PERMIT, gone]})["list"]
    ] == ["0", "0"]
    [held] = partner.received("permits")
    assert (held["valid"], held["applied"]) == (False, 2)


def test_a_receipt_can_be_looked_up(partner):
    ask(partner, "saveInstall", {"list": [NEED]})
    assert ask(partner, "getReceipt", {"serialId": "n-1"})["errcode"] == "0"
    assert envelope(partner, "getReceipt", {"serialId": "never-sent"})["errcode"] == "1005"


def test_what_was_given_shows_in_the_install_after_the_next_tick(partner):
    target = installs(partner)[0]
    ask(
        partner,
        "saveInstall",
        {"list": [{**NEED, "serialId": "n-9", "projectCode": target["projectCode"]}]},
    )
    partner.tick()
    after = next(one for one in installs(partner) if one["serialId"] == target["serialId"])
    assert (after["outsideSerialId"], after["updateTime"] > target["updateTime"]) == ("n-9", True)


class TestFaults:
    @pytest.mark.parametrize(("fault", "status"), [("http_429", 429), ("http_500", 500)])
    def test_the_http_status_tells_trouble(self, partner, fault, status):
        partner.arm(fault, where="installs")
        with pytest.raises(requests.HTTPError) as trouble:
            installs(partner)
        assert trouble.value.response.status_code == status

    @pytest.mark.parametrize("fault", ["timeout", "half_page"])
    def test_no_whole_answer_comes(self, partner, fault):
        partner.arm(fault)
        with pytest.raises(requests.RequestException):
            installs(partner)

    def test_a_repeated_page_says_its_number(self, partner):
        partner.arm("repeated_page")
        first = ask(partner, "getInstallList", {"pageNo": 1, "pageSize": 5})
        assert ask(partner, "getInstallList", {"pageNo": 2, "pageSize": 5}) == first

    def test_a_malformed_record(self, partner):
        partner.arm("malformed_record")
        assert installs(partner)[0]["applyTime"] == "昨天"

    def test_a_key_twice_in_one_page(self, partner):
        partner.arm("duplicate_key")
        page = installs(partner)
        assert page[0]["serialId"] == page[-1]["serialId"]
        assert page[0] != page[-1]

    def test_a_refused_push_is_taken_when_it_comes_again(self, partner):
        partner.arm("rejected_push", where="permits")
        again = {"list": [{**PERMIT, "serialId": "p-77"}]}
        said = [ask(partner, "savePermit", again)["list"][0]["errcode"] for _ in range(2)]
        assert said == ["2999", "0"]

    def test_a_lost_answer_leaves_a_receipt(self, partner):
        partner.arm("lost_answer")
        with pytest.raises(requests.ConnectionError):
            ask(partner, "saveInstall", {"list": [{**NEED, "serialId": "n-lost"}]})
        assert ask(partner, "getReceipt", {"serialId": "n-lost"})["errcode"] == "0"

    def test_one_update_time_for_all(self, partner):
        partner.arm("equal_cursor")
        assert len({one["updateTime"] for one in installs(partner)}) == 1
