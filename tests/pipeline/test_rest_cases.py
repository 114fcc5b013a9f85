"""REST lists as offices' frameworks give them, read by the hub: cases met in public, named by their
numbers.
"""

from collections.abc import Callable, Iterator

import pytest

from connectors.rest import RestConnector
from hub.errors import TransientError
from hub.model import Json
from tests.case_files import contracts_with, hub_with, template_with
from tests.connectors.answering import Asked, Partner, Reply, answering
from tests.pipeline.conftest import Small
from tests.postgres import DatabaseServer

SYSTEM = {"r01": "32", "r01b": "32", "r04": "34", "r05": "34", "r07": "36"}
CONNECT: dict[str, Json] = {"auth": {"kind": "none"}, "ping": {"resource": "list"}}
RECORD = {
    "项目代码": "2502-522730-04-01-587294",
    "申请单位": "某公司",
    "接入地址": "某路 1 号",
    "状态": "受理",
    "更新时间": "2026-10-09 09:30:00",
    "申请日期": "2026-10-08",
}


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "32", "r01") as name:
        yield name


@pytest.fixture
def hub(database_server: DatabaseServer, template: str) -> Iterator[Small]:
    with hub_with(database_server, template, "32", "r01") as made:
        yield made


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with answering() as made:
        yield made


def records(count: int, **changed: Callable[[int], str]) -> list[dict[str, str]]:
    return [
        {**RECORD, "接入编号": f"R-{at}", **{name: value(at) for name, value in changed.items()}}
        for at in range(count)
    ]


def read(
    hub: Small,
    partner: Partner,
    system: str,
    answer: Callable[[Asked], Reply],
    paging: dict[str, str] | None = None,
) -> dict[str, int]:
    """Read the partner by the mapping of its case; paging: for its lines in the mapping, what
    stands there instead.
    """
    hub.contracts = contracts_with(SYSTEM[system], system, **(paging or {}))
    partner.answer = answer
    connector = RestConnector(partner.connection(), CONNECT)
    try:
        return hub.pull(f"pull.{system}.utility_connection", connector)
    finally:
        connector.close()


def clamped(data: list[dict[str, str]]) -> Callable[[Asked], Reply]:
    """PageHelper with `reasonable`: what lies beyond the last page is the last page."""

    def answer(asked: Asked) -> Reply:
        found = [one for one in data if one["更新时间"] >= asked.query.get("since", "")]
        page = min(int(asked.query["page"]), max(1, -(-len(found) // 3)))
        return Reply(
            {"code": 200, "data": {"list": found[(page - 1) * 3 : page * 3], "total": len(found)}}
        )

    return answer


@pytest.mark.parametrize("count", [6, 7])
def test_32_a_last_page_that_comes_again_ends_the_list_where_that_is_declared(hub, partner, count):
    habit = {"parameter: page": "parameter: page\n    last: repeats"}
    assert read(hub, partner, "r01", clamped(records(count)), habit) == {
        "read": count,
        "created": count,
    }
    assert read(hub, partner, "r01", clamped(records(count)), habit) == {
        "read": count,
        "unchanged": count,
    }


def test_32_a_total_says_that_the_page_was_the_last(hub, partner):
    said = {"parameter: page": "parameter: page\n    total: data.total"}
    assert read(hub, partner, "r01", clamped(records(6)), said) == {"read": 6, "created": 6}
    assert partner.asked[-1].query["page"] == "2"


def test_32_a_full_page_that_comes_again_undeclared_stays_a_fault_that_names_the_habit(
    hub, partner
):
    with pytest.raises(TransientError) as caught:
        read(hub, partner, "r01", clamped(records(6)))
    assert caught.value.code == "system.page_broken"
    assert "last: repeats" in str(caught.value)
    habit = {"parameter: page": "parameter: page\n    last: repeats"}
    read(hub, partner, "r01", clamped(records(6)), habit)
    assert len(hub.rows("select from source.utility_connection")) == 6


@pytest.mark.parametrize("declared", ["", "\n    last: repeats", "\n    total: data.total"])
def test_32_the_same_where_the_list_is_read_on_by_its_cursor(hub, partner, declared):
    data = records(7, 更新时间=lambda at: f"2026-10-09 09:30:0{at}")
    paging = {"parameter: page": f"parameter: page{declared}"}
    assert read(hub, partner, "r01b", clamped(data), paging) == {"read": 7, "created": 7}


def test_34_a_list_by_offset_is_read_record_by_record_once(hub, partner):
    data = records(7)

    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("offset", "0"))
        return Reply({"data": {"list": data[at : at + 3]}})

    offset = {"kind: page": "kind: offset"}
    assert read(hub, partner, "r04", answer, offset) == {"read": 7, "created": 7}


def test_34_a_list_whose_pages_hold_the_link_to_the_next_is_read_once(hub, partner):
    data = records(6)

    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("start", "0"))
        following = f"/api/list?start={at + 3}" if at + 3 < len(data) else None
        return Reply({"data": {"list": data[at : at + 3]}, "next": following})

    link = {"kind: cursor\n    parameter: next\n": "kind: link\n"}
    assert read(hub, partner, "r05", answer, link) == {"read": 6, "created": 6}


@pytest.mark.parametrize("said", ["application/json;charset=GBK", "application/json"])
def test_36_an_answer_in_gbk_is_read_by_its_charset_or_by_the_option(hub, partner, said):
    def answer(asked: Asked) -> Reply:
        first = asked.query["page"] == "1"
        reply = Reply({"data": {"list": records(1) if first else []}})
        return Reply(content=reply.body.decode().encode("gbk"), headers={"Content-Type": said})

    hub.contracts = contracts_with("36", "r07")
    partner.answer = answer
    connect: dict[str, Json] = {**CONNECT, "encoding": "" if "GBK" in said else "gbk"}
    connector = RestConnector(partner.connection(), connect)
    assert hub.pull("pull.r07.utility_connection", connector) == {"read": 1, "created": 1}
    (row,) = hub.rows("select applicant, address from golden.utility_connection")
    assert row == {"applicant": "某公司", "address": "某路 1 号"}
    connector.close()
