"""One thing a call, asked for by its key: what counts as an answer, as none, and as trouble."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.options import read_options
from connectors.rest import RestAsk, RestConnector
from hub.errors import FlowError, TransientError
from hub.model import Json
from tests.connectors.answering import Partner, Reply, answering

SYSTEM: dict[str, Json] = {
    "auth": {"kind": "headers", "headers": {"X-Key": "{secret}"}},
    "ping": {"resource": "ping"},
    "success": {"path": "code", "ok": [0], "text": "msg"},
}
READ: dict[str, Json] = {
    "resource": "ent/basic",
    "parameter": "uniscid",
    "record": "data",
    "absent": ["-1", 404, None],
    "spent": [1009, 429],
}
ANSWERS = {
    "A": Reply({"code": 0, "data": {"uniscid": "A", "name": "甲"}}),
    "list": Reply({"code": 0, "data": [{"n": 1}, {"n": 2}]}),
    "none": Reply({"code": -1, "msg": "无此企业"}),
    "null": Reply({"code": 0, "data": None}),
    "404": Reply({}, status=404),
    "text": Reply({"code": 0, "data": "查询成功"}),
    "other": Reply({"code": 7, "msg": "参数不对"}),
    "spent": Reply({"code": 1009, "msg": "超过当日限额"}),
    "429": Reply({}, status=429),
    "night": Reply(content="<html><body>系统维护中</body></html>".encode()),
    "denied": Reply({}, status=401),
    "down": Reply({}, status=502),
}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with answering() as found:
        found.answer = lambda asked: ANSWERS[asked.query.get("uniscid", "A")]
        yield found


def states(partner: Partner, *keys: str) -> list[tuple[str, str, int]]:
    with closing(RestConnector(partner.connection(), SYSTEM)) as connector:
        found = list(connector.answers(READ, keys))
    return [(one.key, one.state, len(one.records)) for one in found]


def test_an_answer_none_and_trouble_with_one_key_are_told_apart(partner: Partner) -> None:
    assert states(partner, "A", "list", "none", "null", "404", "text", "other") == [
        ("A", "answered", 1),
        ("list", "answered", 2),
        ("none", "absent", 0),
        ("null", "absent", 0),
        ("404", "absent", 0),
        ("text", "failed", 0),
        ("other", "failed", 0),
    ]
    assert len(partner.asked) == 7
    assert {one.headers["x-key"] for one in partner.asked} == {"s3cret"}


@pytest.mark.parametrize("key", ["spent", "429"])
def test_a_spent_quota_is_told_behind_what_was_answered(partner: Partner, key: str) -> None:
    with closing(RestConnector(partner.connection(), SYSTEM)) as connector:
        found = connector.answers(READ, ["A", key, "A"])
        assert next(found).state == "answered"
        with pytest.raises(FlowError) as spent:
            next(found)
    assert spent.value.code == "ask.spent"
    assert len(partner.asked) == 2


@pytest.mark.parametrize(
    ("key", "error", "code"),
    [
        ("night", TransientError, "system.unavailable"),
        ("down", TransientError, "system.unavailable"),
        ("denied", FlowError, "system.credentials"),
    ],
)
def test_what_concerns_every_key_ends_the_asking(
    partner: Partner, key: str, error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as met:
        states(partner, key)
    assert getattr(met.value, "code", "") == code


def test_a_key_in_the_address_cannot_lead_elsewhere(partner: Partner) -> None:
    partner.answer = lambda _: ANSWERS["A"]
    read = {**READ, "resource": "ent/{key}", "parameter": ""}
    with closing(RestConnector(partner.connection(), SYSTEM)) as connector:
        list(connector.answers(read, ["../../admin?x=1", "甲 乙"]))
    paths = [one.path for one in partner.asked]
    assert all("/admin" not in path and "?" not in path for path in paths)
    assert all(one.query == {} for one in partner.asked)


@pytest.mark.parametrize(
    "said", [{"resource": "ent/{key}"}, {"parameter": ""}], ids=["both", "neither"]
)
def test_a_key_goes_one_way(said: dict[str, Json]) -> None:
    with pytest.raises(FlowError) as refused:
        read_options(RestAsk, {**READ, **said}, system="x")
    assert refused.value.code == "system.not_configured"
