"""The power company as a running process."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.world import World
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

NEED = {
    "serialNo": "n-1",
    "projectNo": "2017-520303-84-01-062937",
    "proName": "甲项目",
    "consName": "甲公司",
}
PERMIT = {
    "serialNo": "p-1",
    "projectNo": "2017-520303-84-01-062937",
    "permitNo": "520303202601",
    "issueDate": "20260102",
}


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PartnerProcess]:
    with running_partner("power", state=tmp_path_factory.mktemp("power")) as process:
        yield process


@pytest.fixture
def session(partner: PartnerProcess) -> Iterator["Caller"]:
    yield Caller(partner)
    partner.disarm()


class Caller:
    """Someone with a token."""

    def __init__(self, partner: PartnerProcess) -> None:
        self.base = f"http://127.0.0.1:{partner.port}/api"
        login = {"clientId": USER, "clientSecret": SECRET}
        self.token = requests.post(f"{self.base}/token", json=login, timeout=5).json()["data"][
            "accessToken"
        ]

    def get(self, path: str, **parameters: object) -> requests.Response:
        return requests.get(
            f"{self.base}/{path}", params=parameters, headers=self.headers, timeout=2
        )

    def post(self, path: str, *records: dict[str, object]) -> requests.Response:
        body = {
            "serviceCode": "20001780",
            "source": "HUB",
            "target": "37101",
            "data": list(records),
        }
        return requests.post(f"{self.base}/{path}", json=body, headers=self.headers, timeout=2)

    def applications(self, **parameters: object) -> list[dict[str, object]]:
        return self.get("applications", **parameters).json()["data"]["list"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def test_a_wrong_secret_gets_no_token(session):
    answer = requests.post(
        f"{session.base}/token", json={"clientId": USER, "clientSecret": "x"}, timeout=5
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "4010")


def test_an_expired_token_is_refused_and_a_new_one_works(partner, session):
    partner.arm("expired_token")
    assert (
        session.get("applications").status_code,
        session.get("applications").json()["code"],
    ) == (401, "4011")
    assert Caller(partner).get("applications").json()["code"] == "0000"


def test_pages_give_every_application_once_in_order_of_update(partner, session):
    found = [one for page in range(1, 4) for one in session.applications(page=page, size=40)]
    assert len({one["appNo"] for one in found}) == len(found) == partner.shared()["applications"]
    assert [one["updateTime"] for one in found] == sorted(one["updateTime"] for one in found)


def test_since_is_inclusive(session):
    last = session.applications(size=1000)[-1]
    assert last in session.applications(since=last["updateTime"])


def test_applications_belong_to_projects_with_a_right_code(session):
    world = World(seed=7)
    codes = {
        world.code(index)
        for index in range(world.size)
        if not world.project(index, tick=0).malformed
    }
    assert {one["projectNo"] for one in session.applications(size=1000)} <= codes


def test_a_need_is_applied_once_however_often_its_key_comes(partner, session):
    for _ in range(3):
        assert session.post("needs", NEED).json()["data"] == [
            {"serialNo": "n-1", "code": "0000", "msg": "成功"}
        ]
    held = [one for one in partner.received("needs") if one["key"] == NEED["projectNo"]]
    assert [one["applied"] for one in held] == [1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"proName": ""}, "9001"),
        ({"reqDate": "2026-01-02"}, "9002"),
        ({"projectNo": "审核中"}, "9003"),
        ({"operateType": "05", "projectNo": "2017-520303-84-01-000000"}, "9004"),
        ({"operateType": "77"}, "9005"),
        ({"creditCode": "91440300MA5DJ3T98R"}, "9006"),
    ],
)
def test_a_bad_need_is_refused_in_the_companys_own_words(session, change, code):
    [verdict] = session.post("needs", {**NEED, "serialNo": f"bad-{code}", **change}).json()["data"]
    assert verdict["code"] == code


def test_one_bad_record_leaves_the_others_of_its_batch_taken(session):
    verdicts = session.post(
        "permits", PERMIT, {**PERMIT, "serialNo": "p-2", "issueDate": ""}
    ).json()["data"]
    assert [verdict["code"] for verdict in verdicts] == ["0000", "9001"]


def test_a_receipt_can_be_looked_up(session):
    session.post("permits", PERMIT)
    assert session.get("receipts/p-1").json()["data"]["code"] == "0000"
    assert session.get("receipts/never-sent").json()["code"] == "4040"


def test_what_was_given_shows_in_the_application_after_the_next_tick(partner, session):
    target = session.applications(size=1)[0]
    session.post("needs", {**NEED, "serialNo": "n-9", "projectNo": target["projectNo"]})
    session.post(
        "permits",
        {**PERMIT, "serialNo": "p-9", "permitNo": "P-9", "projectNo": target["projectNo"]},
    )
    assert session.applications(size=1)[0] == target
    partner.tick()
    after = next(one for one in session.applications(size=1000) if one["appNo"] == target["appNo"])
    assert (after["serialNo"], after["permitNo"]) == ("n-9", "P-9")
    assert after["updateTime"] > target["updateTime"]


def test_a_correction_at_the_source_comes_with_a_later_update_time(partner, session):
    before = session.applications(size=1)[0]
    partner.edit("applications", before["appNo"], {"elecAddr": "改正后的地址", "mobile": None})
    after = session.applications(size=1000)[-1]
    assert (after["appNo"], after["elecAddr"], "mobile" in after) == (
        before["appNo"],
        "改正后的地址",
        False,
    )


def test_an_application_of_a_project_that_was_withdrawn_is_no_longer_valid(partner, session):
    world, every_project_has_changed = World(seed=7), 9
    projects = [world.project(index, tick=every_project_has_changed) for index in range(world.size)]
    gone = {project.code for project in projects if project.withdrawn}
    partner.ask("tick", method="POST", body={"tick": every_project_has_changed})
    invalid = {
        one["projectNo"] for one in session.applications(size=1000) if one["validFlag"] == "0"
    }
    assert invalid
    assert invalid == gone & {one["projectNo"] for one in session.applications(size=1000)}


class TestFaults:
    def test_too_many_calls(self, partner, session):
        partner.arm("http_429")
        answer = session.get("applications")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")

    def test_an_internal_error(self, partner, session):
        partner.arm("http_500", where="applications")
        assert session.get("applications").status_code == 500

    def test_no_answer(self, partner, session):
        partner.arm("timeout")
        with pytest.raises(requests.ReadTimeout):
            session.get("applications")

    def test_half_a_page(self, partner, session):
        partner.arm("half_page")
        with pytest.raises(requests.RequestException):
            session.get("applications")

    def test_a_repeated_page_says_its_number(self, partner, session):
        partner.arm("repeated_page")
        first, second = (
            session.get("applications", size=10),
            session.get("applications", size=10, page=2),
        )
        assert second.json()["data"]["page"] == 1
        assert second.json()["data"]["list"] == first.json()["data"]["list"]

    def test_a_malformed_record(self, partner, session):
        partner.arm("malformed_record")
        assert session.applications(size=5)[0]["contractCap"] == "约三百千伏安"
        assert session.applications(size=5)[0]["contractCap"] != "约三百千伏安"

    def test_a_key_twice_in_one_page(self, partner, session):
        partner.arm("duplicate_key")
        page = session.applications(size=5)
        assert (page[0]["appNo"], len(page)) == (page[-1]["appNo"], 6)
        assert page[0] != page[-1]

    def test_a_refused_push_is_taken_when_it_comes_again(self, partner, session):
        partner.arm("rejected_push")
        need = {**NEED, "serialNo": "n-77"}
        assert [session.post("needs", need).json()["data"][0]["code"] for _ in range(2)] == [
            "9999",
            "0000",
        ]

    def test_a_lost_answer_leaves_a_receipt(self, partner, session):
        partner.arm("lost_answer", where="needs")
        with pytest.raises(requests.ConnectionError):
            session.post("needs", {**NEED, "serialNo": "n-lost"})
        assert session.get("receipts/n-lost").json()["data"]["code"] == "0000"

    def test_one_update_time_for_all(self, partner, session):
        partner.arm("equal_cursor")
        assert len({one["updateTime"] for one in session.applications(size=1000)}) == 1
