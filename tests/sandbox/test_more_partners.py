"""Environment, trading, intermediaries and sites, read and written over HTTP as the hub does."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
import requests

from connectors.rest import RestConnector
from hub.model import Connection, Json, Outcome, Outgoing
from tests.sandbox.process import SECRET, USER, Running, running

CODE = "2017-520303-84-01-062937"
NAMES = ("eia", "transaction", "intermediary", "site")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = str(tmp_path_factory.mktemp("more"))
    options = ("--only", ",".join(NAMES), "--state", state, "--seed", "7")
    with running("declared", *options) as served:
        yield served


class Partner:
    """One of them, as the hub reaches it."""

    def __init__(self, name: str, process: Running, *, secret: str = SECRET) -> None:
        self.name, self.process, self.secret = name, process, secret
        self.connector = RestConnector(
            Connection(
                name, "http", "127.0.0.1", process.port, f"{USER}_{name}", secret, self.base_path
            ),
            CONNECT[name],
        )

    @property
    def base_path(self) -> str:
        return f"/{self.name}{BASES[self.name]}"

    @property
    def address(self) -> str:
        return f"{self.process.base}{self.base_path}"

    def read(self, **options: Json) -> list[dict[str, Json]]:
        pages = self.connector.pages({**READ[self.name], **options}, since=None, resume=None)
        return [json.loads(raw.payload) for page in pages for raw in page.records]

    def write(self, *records: dict[str, Json], **options: Json) -> list[Outcome]:
        items = [Outgoing(f"k{at}", "upsert", one) for at, one in enumerate(records)]
        return list(self.connector.send({**WRITE[self.name], **options}, items))

    def admin(self, path: str) -> object:
        return requests.get(f"{self.process.base}/{self.name}/_sandbox/{path}", timeout=60).json()

    def tell(self, path: str, body: dict[str, Json]) -> None:
        url = f"{self.process.base}/{self.name}/_sandbox/{path}"
        requests.post(url, json=body, timeout=120).raise_for_status()

    def arm(self, fault: str, where: str, *, times: int = 1) -> None:
        self.tell("faults", {"fault": fault, "where": where, "times": times})

    def offered(self, resource: str) -> int:
        counts = self.admin("shared")
        assert isinstance(counts, dict)
        return counts[resource]


BASES = {"eia": "/prod-api", "transaction": "/gateway", "intermediary": "/api/open", "site": "/ssp"}
CONNECT: dict[str, dict[str, Json]] = {
    "eia": {
        "auth": {
            "kind": "token",
            "resource": "login",
            "user": "username",
            "secret": "password",
            "token": "token",
            "denied_in": {"path": "code", "codes": [401]},
        },
        "ping": {"resource": "decisions"},
        "success": {"path": "code", "ok": [200], "text": "msg", "denied": [401]},
    },
    "transaction": {
        "auth": {"kind": "signature", "style": "x-ca"},
        "ping": {"resource": "trade/section/page"},
        "success": {"path": "code", "ok": [0], "text": "message"},
        "embedded_json": "data",
    },
    "intermediary": {
        "auth": {
            "kind": "signature",
            "in": "query",
            "headers": {"key": "appKey", "timestamp": "timestamp", "signature": "sign"},
            "timestamp": "milliseconds",
            "parts": ["sorted_parameters", "secret"],
            "joined": "",
            "digest": "md5",
            "case": "upper",
            "why": "the market wants it so",
        },
        "ping": {"resource": "orders"},
        "success": {"path": "code", "ok": ["0000"], "text": "msg", "denied": ["1001"]},
    },
    "site": {
        "auth": {
            "kind": "token",
            "resource": "oauth/token",
            "user": "client_id",
            "secret": "client_secret",
            "form": True,
            "token": "access_token",
            "expires": "expires_in",
        },
        "ping": {"resource": "persons"},
        "success": {"path": "code", "ok": ["0000"], "text": "msg"},
    },
}
BY_PAGE: Json = {"kind": "page", "total": "total"}
READ: dict[str, dict[str, Json]] = {
    "eia": {
        "resource": "decisions",
        "records": "rows",
        "cursor": "updateTime",
        "since": "params[beginTime]",
        "size": 100,
        "size_parameter": "pageSize",
        "paging": {**BY_PAGE, "parameter": "pageNum"},
    },
    "transaction": {
        "resource": "trade/section/page",
        "records": "data.records",
        "cursor": "updateTime",
        "size": 100,
        "size_parameter": "size",
        "paging": {"kind": "page", "parameter": "current", "total": "data.total"},
    },
    "intermediary": {
        "resource": "orders",
        "records": "data.list",
        "cursor": "updateTime",
        "cursor_format": "number",
        "size": 100,
        "size_parameter": "pageSize",
        "paging": {"kind": "page", "parameter": "pageNo", "total": "data.total"},
    },
    "site": {
        "resource": "inspections",
        "records": "data.rows",
        "cursor": "gxsj",
        "cursor_format": "%Y-%m-%d %H:%M:%S",
        "window": {"from": "beginDate", "to": "endDate", "step": "7d", "begin": "2025-10-01"},
        "size": 20,
        "size_parameter": "pageSize",
        "paging": {"kind": "page", "parameter": "pageIndex", "total": "data.total"},
        "empty": [204],
    },
}
WRITE: dict[str, dict[str, Json]] = {
    "eia": {
        "resource": "projects",
        "key": "ywlsh",
        "records": None,
        "verdict": {"of": "call", "code": "code", "ok": [200], "text": "msg"},
    },
    "intermediary": {
        "resource": "projects",
        "key": "bizId",
        "records": "rows",
        "answers": "data",
        "verdict": {"key": "bizId", "code": "code", "text": "msg", "ok": ["0000"]},
    },
    "transaction": {
        "resource": "project/save",
        "key": "serialNo",
        "records": "list",
        "answers": "data",
        "verdict": {"key": "serialNo", "code": "code", "text": "message", "ok": [0]},
    },
    "site": {
        "resource": "permits",
        "key": "ywid",
        "records": "rows",
        "answers": "data",
        "verdict": {"key": "ywid", "code": "code", "text": "msg", "ok": ["0000"]},
    },
}


@pytest.fixture
def partner(request: pytest.FixtureRequest, process: Running) -> Iterator[Partner]:
    found = Partner(request.param, process)
    yield found
    found.connector.close()
    requests.delete(f"{process.base}/{found.name}/_sandbox/faults", timeout=30)


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("partner", [name], indirect=True)


KEYS = {"eia": "id", "transaction": "sectionCode", "intermediary": "orderNo", "site": "jcbh"}
FIRST = {
    "eia": "decisions",
    "transaction": "sections",
    "intermediary": "orders",
    "site": "inspections",
}


@pytest.mark.parametrize("partner", NAMES, indirect=True)
def test_everything_that_is_offered_is_read_once(partner: Partner):
    keys = [str(one[KEYS[partner.name]]) for one in partner.read()]
    assert len(keys) == len(set(keys)) == partner.offered(FIRST[partner.name]) > 100


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_secret_is_refused(name: str, process: Running):
    stranger = Partner(name, process, secret=SECRET[::-1])
    with pytest.raises(Exception, match=r"credentials|refused|denied|password"):
        stranger.read()
    stranger.connector.close()


@of("eia")
def test_a_page_behind_the_last_one_gives_the_last_one_again(partner: Partner):
    login = {"username": f"{USER}_eia", "password": SECRET}
    token = requests.post(f"{partner.address}/login", json=login, timeout=30).json()["token"]
    asked = {"pageNum": 999, "pageSize": 100}
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{partner.address}/decisions", params=asked, headers=headers, timeout=30)
    told = answer.json()
    assert (told["code"], told["msg"]) == (200, "操作成功")
    assert told["rows"]
    assert told["total"] == partner.offered("decisions")


@of("eia")
def test_a_login_that_expires_within_a_reading_loses_nothing(partner: Partner):
    pages = partner.connector.pages(READ["eia"], since=None, resume=None)
    found = [json.loads(raw.payload) for raw in next(iter(pages)).records]
    partner.arm("expired_token", "decisions")
    found += [json.loads(raw.payload) for page in pages for raw in page.records]
    assert len({one["id"] for one in found}) == len(found) == partner.offered("decisions")


@of("eia")
def test_each_delivery_is_confirmed_by_the_answer_to_its_call(partner: Partner):
    good = [
        {"xmdm": f"2401-520100-04-01-{at:06d}", "xmmc": "甲", "jsdw": "乙", "yxbz": "1"}
        for at in range(12)
    ]
    bad: dict[str, Json] = {"xmdm": "审核中", "xmmc": "甲", "jsdw": "乙", "yxbz": "1"}
    outcomes = partner.write(*good, bad)
    assert [one.state for one in outcomes] == ["confirmed"] * 12 + ["rejected"]
    held = partner.admin("received?resource=projects")
    assert isinstance(held, list)
    assert [one["applied"] for one in held] == [1] * 12


@of("eia")
def test_some_decisions_name_no_project_and_some_write_it_their_own_way(partner: Partner):
    codes = [one["xmdm"] for one in partner.read()]
    assert any(code is None for code in codes)
    assert any(str(code).endswith(" ") for code in codes)
    again = {one["id"]: one["xmdm"] for one in partner.read()}
    assert [again[one["id"]] for one in partner.read()] == codes


@of("transaction")
def test_a_section_holds_its_bidders_or_nothing_before_it_is_opened(partner: Partner):
    sections = partner.read()
    for one in sections:
        assert (one["bidderList"] is None) == (one["status"] == "公告"), one
    opened = [one for one in sections if one["bidderList"]]
    winners = [[bid for bid in one["bidderList"] if bid["isWinner"] == "1"] for one in opened]
    assert all(len(won) <= 1 for won in winners)
    assert max(len(one["bidderList"]) for one in opened) >= 6


@of("transaction")
def test_a_price_is_the_same_in_either_unit(partner: Partner):
    in_yuan = {"元": Decimal(1), "万元": Decimal(10_000)}
    units = set()
    for one in partner.read():
        for bid in one["bidderList"] or []:
            if bid["isWinner"] == "1":
                units.add(bid["priceUnit"])
                price = Decimal(one["winPrice"]) * in_yuan[one["winPriceUnit"]]
                assert price == Decimal(bid["bidPrice"]) * in_yuan[bid["priceUnit"]]
    assert units == set(in_yuan)


@of("transaction")
def test_a_bidder_that_is_gone_stands_in_the_section_no_more(partner: Partner):
    before = {one["sectionCode"]: one["bidderList"] or [] for one in partner.read()}
    for _ in range(4):
        partner.tell("tick", {})
    after = {one["sectionCode"]: one["bidderList"] or [] for one in partner.read()}
    assert any(0 < len(after[key]) < len(bids) for key, bids in before.items())


@of("transaction")
def test_a_gateway_refuses_a_nonce_that_it_has_seen(partner: Partner, monkeypatch):
    monkeypatch.setattr("connectors.signatures.secrets.token_hex", lambda _: "once")
    assert partner.read(size=500)
    with pytest.raises(Exception, match=r"credentials|Invalid Signature|40300|denied"):
        partner.read(size=500)


@of("intermediary")
def test_a_parameter_with_signs_of_its_own_is_signed_rightly(partner: Partner):
    record: dict[str, Json] = {
        "projectCode": CODE,
        "projectName": "甲&乙=丙 丁+（二期）",
        "ownerName": "贵州“甲”公司",
        "opType": "ADD",
    }
    [outcome] = partner.write(record)
    assert outcome.state == "confirmed"
    [held] = [one for one in partner.admin("received?resource=projects") if one["key"] == CODE]
    assert held["projectName"] == record["projectName"]
    assert partner.read(parameters={"remark": "甲&乙 丙"})


@of("intermediary")
def test_results_come_with_their_file_and_some_files_have_no_bytes(partner: Partner):
    results = partner.read(resource="results")
    full = [one for one in results if one["fileContent"]]
    assert 0 < len(full) < len(results)
    content = base64.b64decode(full[0]["fileContent"])
    assert content.startswith(b"%PDF-")
    assert hashlib.sha256(content).hexdigest() == full[0]["fileHash"]


@of("intermediary")
def test_ratings_are_json_in_json_in_json(partner: Partner):
    told = json.loads(_signed(partner, "ratings", pageSize="500"))
    inner = json.loads(told["data"])["body"]
    listed = json.loads(inner)["payload"]
    ratings = json.loads(listed)["list"]
    assert len(ratings) == partner.offered("ratings")
    assert {one["stars"] for one in ratings} <= {"2", "3", "4", "5"}


def _signed(partner: Partner, route: str, **parameters: str) -> bytes:
    """One call as the market wants it signed, written here a second time."""
    now = str(int(datetime.now().timestamp() * 1000))  # noqa: DTZ005 - an instant either way
    sent = {"appKey": f"{USER}_intermediary", "timestamp": now, **parameters}
    text = "&".join(f"{name}={sent[name]}" for name in sorted(sent)) + SECRET
    sign = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
    url = f"{partner.address}/{route}"
    return requests.get(url, params={**sent, "sign": sign}, timeout=30).content


@of("site")
def test_a_window_of_more_than_seven_days_is_refused_and_an_empty_one_is_204(partner: Partner):
    login = {"client_id": f"{USER}_site", "client_secret": SECRET, "grant_type": "x"}
    token = requests.post(f"{partner.address}/oauth/token", data=login, timeout=30).json()
    assert "code" not in token
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    def asked(begin: str, end: str) -> requests.Response:
        window = {"beginDate": begin, "endDate": end}
        url = f"{partner.address}/inspections"
        return requests.get(url, params=window, headers=headers, timeout=30)

    assert asked("2026-09-01", "2026-09-08").json()["code"] == "4001"
    assert asked("1999-01-01", "1999-01-07").status_code == 204
    some = asked("2026-09-24", "2026-09-30")
    assert "charset=gbk" in some.headers["Content-Type"]
    assert json.loads(some.content.decode("gbk"))["data"]["total"] > 0


@of("site")
def test_the_window_of_one_day_and_the_next_share_nothing(partner: Partner):
    whole = {one["jcbh"]: one for one in partner.read()}
    daily = partner.read(
        window={"from": "beginDate", "to": "endDate", "step": "1d", "begin": "2026-08-01"}
    )
    keys = [one["jcbh"] for one in daily]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set(whole)


@of("site")
def test_what_is_put_right_later_closes_the_same_lines(partner: Partner):
    before = {one["jcbh"]: one for one in partner.read()}
    open_ = {key for key, one in before.items() if one["zgxList"] and one["zgwcrq"] == "-"}
    for _ in range(3):
        partner.tell("tick", {})
    after = {one["jcbh"]: one for one in partner.read()}
    closed = {key for key in open_ if after[key]["zgwcrq"] != "-"}
    assert closed
    for key in closed:
        lines = [[line["zgbh"] for line in one[key]["zgxList"]] for one in (before, after)]
        assert lines[0] == lines[1]
        assert all(line["wcrq"] for line in after[key]["zgxList"])


@of("site")
def test_a_photo_is_a_picture_unless_a_fault_makes_it_none(partner: Partner):
    login = {"client_id": f"{USER}_site", "client_secret": SECRET}
    token = requests.post(f"{partner.address}/oauth/token", data=login, timeout=30).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    url = f"{partner.address}/{partner.read()[0]['zpList'][0]['url']}"
    right = requests.get(url, headers=headers, timeout=30).content
    assert right.startswith(b"\x89PNG\r\n\x1a\n")
    found = {}
    for fault in ("empty_file", "html_file", "wrong_hash"):
        partner.arm(fault, "papers")
        found[fault] = requests.get(url, headers=headers, timeout=30).content
    assert found["empty_file"] == b""
    assert found["html_file"].startswith(b"<html>")
    assert right != found["wrong_hash"]
    assert requests.get(url, headers=headers, timeout=30).content == right
    assert requests.get(url, timeout=30).status_code == 401


@of("site")
def test_a_permit_is_taken_and_a_bad_one_said_why(partner: Partner):
    good: dict[str, Json] = {"xmdm": CODE, "sgxkzbh": "520303", "fzrq": "2026-01-02", "zt": "1"}
    outcomes = partner.write(good, {**good, "sgxkzbh": "520304", "fzrq": "去年"})
    assert [one.state for one in outcomes] == ["confirmed", "rejected"]
    assert "fzrq" in str(outcomes[1])
