"""Pushes over REST as partners take them: verdicts of calls and batches, PUT, PATCH and DELETE,
keys in the path.
"""

from collections.abc import Iterator

import pytest

from connectors.options import schema_of
from connectors.rest import RestConnector, RestWrite
from hub.errors import FlowError
from hub.model import Json, Outcome, Outgoing
from tests.connectors.answering import Asked, Partner, Reply, answering

CALL: Json = {"of": "call", "code": "code", "ok": [200], "text": "msg"}
TAKEN = Reply({"code": 200, "msg": "操作成功"})


@pytest.fixture(scope="module")
def serving() -> Iterator[Partner]:
    with answering() as made:
        yield made


@pytest.fixture
def partner(serving: Partner) -> Partner:
    serving.asked.clear()
    serving.answer = lambda _: TAKEN
    return serving


@pytest.fixture
def connector(partner: Partner) -> Iterator[RestConnector]:
    made = RestConnector(
        partner.connection(), {"auth": {"kind": "none"}, "ping": {"resource": "list"}}
    )
    yield made
    made.close()


def items(count: int, **body: Json) -> list[Outgoing]:
    return [Outgoing(f"k{at}", "upsert", {"no": f"A/{at}", **body}) for at in range(count)]


def write(**options: Json) -> dict[str, Json]:
    return {"resource": "items", "key": "key", "verdict": CALL, "records": None, **options}


def states(outcomes: list[Outcome]) -> dict[str, str]:
    return {one.key: one.state for one in outcomes}


def test_305_records_are_305_confirmed_with_one_post_each(
    partner: Partner, connector: RestConnector
) -> None:
    found = states(list(connector.send(write(), items(305))))
    assert found == {f"k{at}": "confirmed" for at in range(305)}
    assert len(partner.asked) == 305
    assert partner.asked[0].content == {"no": "A/0", "key": "k0"}


def test_an_answer_without_a_key_is_the_verdict_of_the_one_record_sent_also_where_keys_are_declared(
    connector: RestConnector,
) -> None:
    verdict: Json = {"key": "key", "code": "code", "ok": [200], "text": "msg"}
    assert states(list(connector.send(write(verdict=verdict), items(2)))) == {
        "k0": "confirmed",
        "k1": "confirmed",
    }
    outcomes = list(
        connector.send(write(verdict=verdict, records=""), items(2))
    )  # of which of the two is it?
    assert states(outcomes) == {"k0": "unknown", "k1": "unknown"}
    assert "of: call" in outcomes[0].text


@pytest.mark.parametrize(
    ("reply", "state", "code", "text"),
    [
        (Reply({"code": 500, "msg": "项目代码不存在"}), "rejected", "500", "项目代码不存在"),
        (Reply({"code": 601, "msg": "稍后"}), "unknown", "601", "稍后"),
        (
            Reply({"code": 400, "msg": "x"}, status=400),
            "rejected",
            "400",
            '{"code": 400, "msg": "x"}',
        ),
        (Reply({"other": 1}), "unknown", "no_verdict", None),
        (Reply({}, status=503), "unknown", "system.busy", None),
    ],
)
def test_a_call_that_is_refused_is_its_records_refusal_in_the_partners_words(
    partner: Partner,
    connector: RestConnector,
    reply: Reply,
    state: str,
    code: str,
    text: str | None,
) -> None:
    partner.answer = lambda _: reply
    verdict: Json = {"of": "call", "code": "code", "ok": [200], "text": "msg", "retry": [601]}
    (outcome,) = connector.send(write(verdict=verdict), items(1))
    assert (outcome.state, outcome.code) == (state, code)
    assert text is None or outcome.text == text


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(status=204), "confirmed"),
        (Reply(status=201, content=b""), "confirmed"),
        (
            Reply(
                status=200,
                content=b"<html>OK</html>",
                headers={"Content-Type": "text/html;charset=klingon"},
            ),
            "confirmed",
        ),
        (Reply({"why": "no"}, status=422), "rejected"),
    ],
)
def test_the_http_status_alone_is_the_verdict_where_no_code_is_declared(
    partner: Partner, connector: RestConnector, reply: Reply, state: str
) -> None:
    partner.answer = lambda _: reply
    assert states(list(connector.send(write(verdict={"of": "call"}), items(1)))) == {"k0": state}


@pytest.mark.parametrize("way", [{"atomic": True}, {"verdict": {**CALL, "of": "batch"}}])  # type: ignore[dict-item]
@pytest.mark.parametrize("status", [200, 422])
def test_a_list_that_is_taken_as_a_whole_is_refused_record_by_record(
    partner: Partner, connector: RestConnector, way: dict[str, Json], status: int
) -> None:
    def answer(asked: Asked) -> Reply:
        assert isinstance(asked.content, list)
        bad = [one for one in asked.content if isinstance(one, dict) and one["no"] == "A/2"]
        return Reply({"code": 500, "msg": "第3条有误"}, status=status) if bad else TAKEN

    partner.answer = answer
    outcomes = list(connector.send(write(records="", batch=4, **way), items(6)))
    assert states(outcomes) == {f"k{at}": "rejected" if at == 2 else "confirmed" for at in range(6)}
    sizes = [len(asked.content) for asked in partner.asked if isinstance(asked.content, list)]
    assert sizes == [4, 1, 1, 1, 1, 2]


def test_a_verdict_of_the_call_for_several_records_is_refused_unless_the_list_is_atomic(
    connector: RestConnector,
) -> None:
    with pytest.raises(FlowError) as caught:
        list(connector.send(write(records="", batch=5), items(2)))
    assert "atomic" in caught.value.facts["detail"]
    schema = schema_of(RestWrite)  # `hub check` says so too
    assert "atomic" in schema.refused(write(batch=5), {})[0][1]
    assert not schema.refused(write(batch=5, atomic=True), {})
    assert not schema.refused(write(batch=1), {})
    assert schema.refused(write(verdict={"of": "record", "code": "c"}), {})


def test_verdicts_without_keys_count_in_the_order_sent(
    partner: Partner, connector: RestConnector
) -> None:
    partner.answer = lambda _: Reply({"data": [{"code": 0}, {"code": 7, "msg": "重复"}]})
    verdict: Json = {"key": "", "code": "code", "ok": [0], "text": "msg"}
    outcomes = list(
        connector.send(write(records="list", answers="data", verdict=verdict), items(2))
    )
    assert [(one.key, one.state, one.text) for one in outcomes] == [
        ("k0", "confirmed", ""),
        ("k1", "rejected", "重复"),
    ]


class Shelf:
    """A partner that holds records at /items/NO, as REST would have it."""

    def __init__(self) -> None:
        self.held: dict[str, Json] = {}
        self.lose = 0

    def __call__(self, asked: Asked) -> Reply:
        _, _, name = asked.path.partition("/")
        reply = self._done(asked, name)
        if self.lose:
            self.lose -= 1
            return Reply({}, status=504)
        return reply

    def _done(self, asked: Asked, name: str) -> Reply:
        if asked.method == "POST":
            said = asked.content
            assert isinstance(said, dict)
            name = str(said["no"]).replace("/", "%2F")
            if name in self.held:
                return Reply({"msg": "exists"}, status=409)
            self.held[name] = said
            return Reply({"id": len(self.held)}, status=201)
        if name not in self.held:
            return Reply({}, status=404)
        if asked.method == "DELETE":
            del self.held[name]
            return Reply(status=204)
        if asked.method == "GET":
            return Reply(self.held[name])
        self.held[name] = asked.content
        return Reply(status=200, content=b"")


REST: dict[str, Json] = write(
    verdict={"of": "call"},
    update={"method": "PUT", "resource": "items/{no}"},
    remove={"method": "DELETE", "resource": "items/{no}"},
)


@pytest.fixture
def shelf(partner: Partner) -> Shelf:
    made = Shelf()
    partner.answer = made
    return made


def calls(partner: Partner) -> list[str]:
    return [f"{asked.method} {asked.path}" for asked in partner.asked]


def test_a_record_is_created_by_post_changed_by_put_and_taken_back_by_delete(
    partner: Partner, connector: RestConnector, shelf: Shelf
) -> None:
    (new,) = items(1, name="甲")
    changed = Outgoing(
        "k0b", "upsert", {"no": "A/0", "name": "乙"}, previous=new.body, previous_key="k0"
    )
    gone = Outgoing("k0c", "withdraw", {}, previous=changed.body, previous_key="k0b")
    for item in (new, changed, gone):
        assert states(list(connector.send(REST, [item]))) == {item.key: "confirmed"}
    assert calls(partner) == ["POST items", "PUT items/A%2F0", "DELETE items/A%2F0"]
    assert shelf.held == {}


def test_what_one_side_has_lost_is_created_again_and_what_it_has_already_is_changed(
    partner: Partner, connector: RestConnector, shelf: Shelf
) -> None:
    (new,) = items(1)
    changed = Outgoing("k0b", "upsert", new.body, previous=new.body, previous_key="k0")
    assert states(list(connector.send(REST, [changed]))) == {"k0b": "confirmed"}
    assert states(list(connector.send(REST, [new]))) == {"k0": "confirmed"}
    assert calls(partner) == ["PUT items/A%2F0", "POST items", "POST items", "PUT items/A%2F0"]
    gone = Outgoing("k0c", "withdraw", {}, previous={"no": "B"}, previous_key="k0")
    assert states(list(connector.send(REST, [gone]))) == {"k0c": "confirmed"}
    assert len(shelf.held) == 1


def test_the_partners_own_codes_tell_what_is_there_and_what_is_not(
    partner: Partner, connector: RestConnector
) -> None:
    held: set[str] = set()

    def answer(asked: Asked) -> Reply:
        there = "A" in held
        if asked.method == "POST":
            held.add("A")
            return Reply({"code": 5001, "msg": "已存在"}) if there else TAKEN
        if asked.method == "DELETE":
            held.discard("A")
        return TAKEN if there else Reply({"code": 5004, "msg": "不存在"})

    partner.answer = answer
    options = write(
        update={"method": "PUT", "resource": "items/{no}", "absent": [5004]},
        remove={"method": "DELETE", "resource": "items/{no}", "absent": [5004]},
        exists=[5001],
    )
    body: dict[str, Json] = {"no": "A"}
    changed = Outgoing("k2", "upsert", body, previous=body, previous_key="k1")
    gone = Outgoing("k3", "withdraw", {}, previous=body, previous_key="k2")
    for item in (changed, Outgoing("k1", "upsert", body), gone, gone):
        assert states(list(connector.send(options, [item]))) == {item.key: "confirmed"}
    assert [asked.method for asked in partner.asked] == [
        "PUT",
        "POST",
        "POST",
        "PUT",
        "DELETE",
        "DELETE",
    ]


def test_a_lost_answer_to_a_post_is_settled_by_a_put_and_leaves_one_record(
    connector: RestConnector, shelf: Shelf
) -> None:
    (new,) = items(1)
    shelf.lose = 1
    assert states(list(connector.send(REST, [new]))) == {"k0": "unknown"}
    again = Outgoing(new.key, "upsert", new.body, repeat=True)
    assert states(list(connector.send(REST, [again]))) == {"k0": "confirmed"}
    assert len(shelf.held) == 1


def test_a_withdrawal_of_a_batch_with_deletes_costs_each_record_its_own_outcome(
    partner: Partner, connector: RestConnector, shelf: Shelf
) -> None:
    assert set(states(list(connector.send(REST, items(3)))).values()) == {"confirmed"}
    gone = [
        Outgoing(f"g{at}", "withdraw", {}, previous={"no": f"A/{at}"}, previous_key=f"k{at}")
        for at in range(3)
    ]
    partner.answer = lambda asked: (
        Reply({}, status=422) if asked.path.endswith("1") else shelf(asked)
    )
    outcomes = list(connector.send(REST, gone))
    assert states(outcomes) == {"g0": "confirmed", "g1": "rejected", "g2": "confirmed"}
    assert len(outcomes) == 3


def test_put_and_patch_go_to_the_key_in_the_path_without_a_post_before(
    partner: Partner, connector: RestConnector
) -> None:
    for method in ("PUT", "PATCH"):
        assert states(
            list(connector.send(write(resource="items/{no}", method=method), items(2)))
        ) == {
            "k0": "confirmed",
            "k1": "confirmed",
        }
    assert calls(partner) == [
        f"{method} items/A%2F{at}" for method in ("PUT", "PATCH") for at in (0, 1)
    ]


def test_a_change_goes_to_the_number_that_the_partner_gave(
    partner: Partner, connector: RestConnector
) -> None:
    by_number = write(
        verdict={**CALL, "reference": "data.id"},  # type: ignore[dict-item]
        update={"method": "PATCH", "resource": "items/{reference}"},
        remove={"method": "POST", "resource": "items/{reference}/revoke"},
    )
    partner.answer = lambda _: Reply({"code": 200, "data": {"id": 17}})
    (outcome,) = connector.send(by_number, items(1))
    assert outcome.reference == "17"
    body: dict[str, Json] = {"no": "A/0"}
    changed = Outgoing(
        "k0b", "upsert", body, previous=body, previous_key="k0", reference=outcome.reference
    )
    gone = Outgoing(
        "k0c", "withdraw", {}, previous=body, previous_key="k0b", reference=outcome.reference
    )
    assert [one.state for item in (changed, gone) for one in connector.send(by_number, [item])] == [
        "confirmed"
    ] * 2
    assert calls(partner)[1:] == ["PATCH items/17", "POST items/17/revoke"]
    unnumbered = Outgoing("k0d", "upsert", body, previous=body, previous_key="k0")
    (outcome,) = connector.send(by_number, [unnumbered])
    assert (outcome.state, outcome.code) == (
        "rejected",
        "address",
    )  # and no second record is created


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_record_whose_address_has_no_value_or_leads_elsewhere_is_rejected_alone(
    partner: Partner, connector: RestConnector, value: Json
) -> None:
    some = [Outgoing("bad", "upsert", {"no": value}), *items(1)]
    outcomes = list(connector.send(write(resource="items/{no}", method="PUT"), some))
    assert states(outcomes) == {"bad": "rejected", "k0": "confirmed"}
    assert calls(partner) == ["PUT items/A%2F0"]


def test_a_record_that_is_looked_up_by_its_number_counts_only_if_it_says_what_was_sent(
    partner: Partner, connector: RestConnector, shelf: Shelf
) -> None:
    options = write(
        verdict={"of": "call"},
        resource="items/{no}",
        method="PUT",
        lookup={"resource": "items/{no}", "found": True},
    )
    (new,) = items(1, name="甲")
    shelf.held["A%2F0"] = {"no": "A/0", "key": "k0", "name": "旧"}
    again = Outgoing(new.key, "upsert", new.body, repeat=True)
    assert states(list(connector.send(options, [again]))) == {"k0": "confirmed"}
    assert states(list(connector.send(options, [again]))) == {"k0": "confirmed"}
    assert calls(partner) == ["GET items/A%2F0", "PUT items/A%2F0", "GET items/A%2F0"]
    assert connector.held(options, ["k0"], ["no"]) is None  # the key alone finds nothing


def test_a_partner_that_is_asked_by_a_field_says_what_it_holds_of_a_record(
    partner: Partner, connector: RestConnector
) -> None:
    held = {"no": "A/1", "state": "0", "key": "k9"}
    partner.answer = lambda asked: (
        Reply(held) if asked.path.endswith("1") else Reply({}, status=404)
    )
    options = write(lookup={"resource": "items/{no}", "content": True}, withdraw={"state": "0"})
    assert connector.held(options, [], []) is None
    found = connector.recognised(options, items(2))
    assert found is not None
    assert [(one.key, one.body, one.ended, one.under) for one in found] == [
        ("k1", held, True, "k9")
    ]
    assert connector.recognised(write(lookup={"resource": "items"}), []) is None
