"""The fire authority as a running process, called by zeep."""

from collections.abc import Iterator

import pytest
import requests
import zeep
from zeep.exceptions import Fault, TransportError
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

CODE = "2017-520303-84-01-062937"
PROJECT = {"YWZJ": "j-1", "XMDM": CODE, "XMMC": "甲项目", "JSDW": "甲公司"}
PERMIT = {"YWZJ": "p-1", "XMDM": CODE, "ZMWH": "520303202601", "FZHPZKGRQ": "2026-01-02"}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PartnerProcess]:
    with running_partner("fire", state=tmp_path_factory.mktemp("fire")) as partner:
        yield partner


@pytest.fixture
def partner(process: PartnerProcess) -> Iterator[PartnerProcess]:
    yield process
    process.disarm()


def service(partner: PartnerProcess, *, secret: str = SECRET) -> zeep.proxy.ServiceProxy:
    return zeep.Client(
        f"http://127.0.0.1:{partner.port}/fire?wsdl",
        wsse=UsernameToken(USER, secret),
        transport=Transport(operation_timeout=2),
    ).service


@pytest.fixture
def fire(partner):
    return service(partner)


def sweep(query, *, size: int) -> list[object]:
    found, token = [], None
    while True:
        page = query(size=size, token=token)
        found += page.record
        token = page.nextToken
        if token is None:
            return found


def test_a_wrong_password_is_a_fault_of_authentication(partner):
    with pytest.raises(Fault) as fault:
        service(partner, secret=USER).QueryReview()
    assert fault.value.code == "soap:Client.Authentication"


@pytest.mark.parametrize("asked", [{"size": 0}, {"size": 1001}, {"token": "?"}, {"since": "昨天"}])
def test_a_bad_request_is_a_fault_of_the_client(fire, asked):
    with pytest.raises(Fault) as fault:
        fire.QueryReview(**asked)
    assert fault.value.code == "soap:Client"


def test_what_is_not_soap_is_a_fault_of_the_client(partner):
    answer = requests.post(f"http://127.0.0.1:{partner.port}/fire/service", data=b"{}", timeout=5)
    assert (answer.status_code, b"soap:Client" in answer.content) == (500, True)


@pytest.mark.parametrize("kind", ["Review", "Acceptance", "Filing"])
def test_tokens_lead_through_every_case_once_in_order_of_update(partner, fire, kind):
    found = sweep(fire[f"Query{kind}"], size=7)
    assert len({case.XFYWLSH for case in found}) == len(found) == partner.shared()[kind.lower()]
    assert [case.GXSJ for case in found] == sorted(case.GXSJ for case in found)
    assert {case.SPLCLX for case in found} == {
        {"Review": "1", "Acceptance": "2", "Filing": "3"}[kind]
    }


def test_since_is_inclusive(fire):
    last = fire.QueryReview(size=1000).record[-1]
    assert last.XFYWLSH in [case.XFYWLSH for case in fire.QueryReview(since=last.GXSJ).record]


def test_only_decided_cases_have_a_date_of_decision(fire):
    cases = fire.QueryReview(size=1000).record
    assert {case.SJSCZT for case in cases} == {"0", "4"}
    assert all((case.SCRQ is not None) == (case.SJSCZT == "4") for case in cases)


def test_a_project_is_applied_once_however_often_its_key_comes(partner, fire):
    for _ in range(3):
        [said] = fire.PushProject(record=[PROJECT])
        assert (said.YWZJ, said.SJSCZT) == ("j-1", "4")
    assert [one["applied"] for one in partner.received("projects") if one["key"] == CODE] == [1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ZMWH": ""}, "缺少必填项：ZMWH"),
        ({"FZHPZKGRQ": "2026/01/02"}, "日期格式错误：FZHPZKGRQ"),
        ({"XMDM": "驳回"}, "项目代码不符合编码规则：XMDM"),
        ({"SJYXBS": "0", "ZMWH": "never"}, "未找到可作废的数据：ZMWH"),
        ({"SJYXBS": "7"}, "数据有效标识只能为0或1：SJYXBS"),
    ],
)
def test_a_bad_permit_fails_with_a_reason_and_its_neighbour_passes(fire, change, reason):
    bad = {**PERMIT, "YWZJ": f"bad {reason}", **change}
    said = fire.PushPermit(record=[bad, PERMIT])
    assert [(one.SJSCZT, one.SBYY) for one in said] == [("6", reason), ("4", None)]


def test_a_push_can_be_looked_up(fire):
    fire.PushPermit(record=[PERMIT])
    assert fire.GetPush(YWZJ="p-1").SJSCZT == "4"
    assert fire.GetPush(YWZJ="never-sent") is None


def test_a_delivered_permit_shows_in_the_case_after_the_next_tick(partner, fire):
    target = fire.QueryAcceptance(size=1).record[0]
    assert target.ZMWH is None
    fire.PushPermit(record=[{**PERMIT, "YWZJ": "p-9", "ZMWH": "P-9", "XMDM": target.XMDM}])
    partner.tick()
    after = next(
        case for case in sweep(fire.QueryAcceptance, size=100) if case.XFYWLSH == target.XFYWLSH
    )
    assert (after.ZMWH, after.FZHPZKGRQ, after.GXSJ > target.GXSJ) == ("P-9", "2026-01-02", True)


def test_a_correction_at_the_source_comes_with_a_later_update_time(partner, fire):
    before = fire.QueryReview(size=1).record[0]
    partner.edit("review", before.XFYWLSH, {"GCDZ": "改正后的地址", "JSDWXMFZR": None})
    after = fire.QueryReview(size=1000).record[-1]
    assert (after.XFYWLSH, after.GCDZ, after.JSDWXMFZR) == (before.XFYWLSH, "改正后的地址", None)


class TestFaults:
    @pytest.mark.parametrize(("fault", "status"), [("http_429", 429), ("http_500", 500)])
    def test_the_http_status_tells_trouble(self, partner, fire, fault, status):
        partner.arm(fault, where="service")
        with pytest.raises((TransportError, Fault)) as trouble:
            fire.QueryReview()
        assert getattr(trouble.value, "status_code", status) == status

    @pytest.mark.parametrize("fault", ["timeout", "half_page"])
    def test_no_whole_answer_comes(self, partner, fire, fault):
        partner.arm(fault, where="service")
        with pytest.raises(requests.RequestException):
            fire.QueryReview()

    def test_a_repeated_page_leads_back_to_itself(self, partner, fire):
        token = fire.QueryReview(size=5).nextToken
        partner.arm("repeated_page")
        repeated, again = (
            fire.QueryReview(size=5, token=token),
            fire.QueryReview(size=5, token=token),
        )
        assert (repeated.nextToken, repeated.record[0].XFYWLSH) == (token, again.record[0].XFYWLSH)
        assert again.nextToken != token

    def test_a_malformed_record(self, partner, fire):
        partner.arm("malformed_record", where="filing")
        assert fire.QueryFiling(size=5).record[0].SQRQ == "二〇二四年"

    def test_a_key_twice_in_one_page(self, partner, fire):
        partner.arm("duplicate_key")
        page = fire.QueryReview(size=5).record
        assert (page[0].XFYWLSH, page[-1].GCMC) == (page[-1].XFYWLSH, "（重复录入）")

    def test_a_refused_push_is_taken_when_it_comes_again(self, partner, fire):
        partner.arm("rejected_push")
        again = {**PERMIT, "YWZJ": "p-77"}
        assert [fire.PushPermit(record=[again])[0].SJSCZT for _ in range(2)] == ["6", "4"]

    def test_a_lost_answer_leaves_a_receipt(self, partner, fire):
        partner.arm("lost_answer")
        with pytest.raises(requests.ConnectionError):
            fire.PushPermit(record=[{**PERMIT, "YWZJ": "p-lost"}])
        assert fire.GetPush(YWZJ="p-lost").SJSCZT == "4"

    def test_one_update_time_for_all(self, partner, fire):
        partner.arm("equal_cursor", where="review")
        assert len({case.GXSJ for case in sweep(fire.QueryReview, size=10)}) == 1
