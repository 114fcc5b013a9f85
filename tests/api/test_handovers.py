"""Deliveries that a partner fetches: frozen, its own alone, and done only when acknowledged."""

import json
from collections.abc import Iterator

import pytest

from hub.errors import HubError
from tests.inbound import CODE, OTHER, Site, project, site
from tests.postgres import DatabaseServer

PULL, PUSH = "pull.caller.project", "push.taker.project"


@pytest.fixture(scope="module")
def served(
    database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with database_server.database() as url, site(url, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def here(served: Site) -> Site:
    """Two projects that the partner is owed."""
    served.empty()
    served.caller.push("projects", {"data": {"list": [project(1), project(2, code=OTHER)]}})
    served.hub.pull(PULL)
    served.hub.push(PUSH)
    return served


def _states(here: Site) -> list[tuple[str, int]]:
    return here.rows("select state, attempt from hub.delivery order by record_id")


def test_what_is_due_lies_ready_and_counts_when_it_is_acknowledged(here: Site) -> None:
    assert _states(here) == [("awaiting_receipt", 0)] * 2
    page = here.caller.fetch().json()
    assert page["next"] is None
    first, second = page["deliveries"]
    assert first["record"] == {
        "code": CODE,
        "name": "工程1",
        "valid": "1",
        "serial": first["key"],
    }
    said = here.caller.acknowledge(
        {"key": first["key"], "accepted": True},
        {"key": second["key"], "accepted": False, "code": "7", "text": "地址不详"},
    )
    assert said.json() == {"acknowledged": 2, "repeated": 0}
    here.hub.receipts(PUSH)
    assert [state for state, _ in _states(here)] == ["confirmed", "rejected"]
    assert here.rows("select code, text from hub.delivery_event where state = 'rejected'") == [
        ("7", "地址不详")
    ]
    assert here.rows("select count(*) from hub.quarantine where stage = 'delivery'") == [(1,)]
    assert here.caller.fetch().json()["deliveries"] == []
    assert here.rows(
        "select sum(due), sum(confirmed), sum(rejected) from hub.delivery_batch b"
        " join hub.run r on r.id = b.run_id where r.kind = 'receipts'"
    ) == [(2, 1, 1)]


def test_it_is_the_same_each_time_until_it_is_acknowledged(here: Site) -> None:
    before = here.caller.fetch().json()["deliveries"]
    here.caller.push("projects", {"data": {"list": [project(1, at=5, name="改名")]}})
    here.hub.pull(PULL)
    here.hub.push(PUSH)
    after = here.caller.fetch().json()["deliveries"]
    assert [one["record"] for one in after] == [one["record"] for one in before]
    assert [one["times"] for one in after] == [1, 1]
    assert _states(here) == [("awaiting_receipt", 0)] * 2  # looked at again, no attempt used up
    here.caller.acknowledge({"key": before[0]["key"], "accepted": True})
    here.hub.receipts(PUSH)
    here.hub.push(PUSH)
    later = here.caller.fetch(f"?after={before[1]['number']}").json()["deliveries"]
    assert [one["record"]["name"] for one in later] == ["改名"]


def test_pages_are_turned_by_number(here: Site) -> None:
    first = here.caller.fetch("?size=1").json()
    assert first["next"] == first["deliveries"][0]["number"]
    second = here.caller.fetch(f"?size=1&after={first['next']}").json()
    assert second["next"] is None
    assert second["deliveries"][0]["key"] != first["deliveries"][0]["key"]


def test_a_withdrawal_is_fetched_like_any_other(here: Site) -> None:
    for one in here.caller.fetch().json()["deliveries"]:
        here.caller.acknowledge({"key": one["key"], "accepted": True})
    here.hub.receipts(PUSH)
    here.rows(
        "update golden.project set deleted_at = now(), version = version + 1"
        " where project_code = %s returning 1",
        CODE,
    )
    here.rows("update hub.delivery set dirty = true returning 1")
    here.hub.push(PUSH)
    (gone,) = here.caller.fetch().json()["deliveries"]
    assert (gone["action"], gone["record"]["valid"], gone["record"]["code"]) == (
        "withdraw",
        "0",
        CODE,
    )


@pytest.mark.parametrize("key", ["", "no such key", "x" * 201])
def test_what_was_never_handed_over_is_not_acknowledged(here: Site, key: str) -> None:
    ready = here.rows("select key from hub.handover order by id")
    said = here.caller.acknowledge({"key": key or ready[0][0], "accepted": True})
    assert said.status_code == (409 if len(key) <= 200 else 422)
    if len(key) <= 200:
        assert said.json()["code"] == "call.never_handed"
    handed = here.caller.fetch("?size=1").json()["deliveries"][0]["key"]
    said = here.caller.acknowledge(
        {"key": handed, "accepted": True}, {"key": ready[1][0], "accepted": True}
    )
    assert said.json()["code"] == "call.never_handed"
    # all of a call, or none of it
    assert here.rows("select state from hub.handover order by id") == [("handed",), ("ready",)]


def test_a_verdict_stands_once_given(here: Site) -> None:
    key = here.caller.fetch().json()["deliveries"][0]["key"]
    yes, no = {"key": key, "accepted": True}, {"key": key, "accepted": False}
    assert here.caller.acknowledge(yes).json() == {"acknowledged": 1, "repeated": 0}
    assert here.caller.acknowledge(yes).json() == {"acknowledged": 0, "repeated": 1}
    said = here.caller.acknowledge(no)
    assert (said.status_code, said.json()["code"]) == (409, "call.verdict_differs")
    said = here.caller.acknowledge(yes, yes)
    assert (said.status_code, said.json()["code"]) == (422, "call.verdict_twice")
    assert here.rows("select state from hub.handover where key = %s", key) == [("accepted",)]


def test_another_system_reaches_nothing_of_it(here: Site) -> None:
    here.rows("update hub.handover set flow = 'push.other.project' returning 1")
    assert here.caller.fetch().json()["deliveries"] == []
    key = here.rows("select key from hub.handover order by id")[0][0]
    said = here.caller.acknowledge({"key": key, "accepted": True})
    assert said.json()["code"] == "call.never_handed"
    said = here.caller.call("GET", "/v1/deliveries/other/needs")
    assert (said.status_code, said.json()["code"]) == (404, "call.nowhere")
    assert (
        here.caller.session.get(
            f"{here.caller.address}/v1/deliveries/taker/needs", timeout=30
        ).status_code
        == 401
    )


def test_what_nobody_fetches_within_the_term_is_told_and_stays_due(here: Site) -> None:
    here.caller.fetch("?size=1")
    here.rows(
        "update hub.handover set ready_at = now() - interval '8 days',"
        " handed_at = handed_at - interval '8 days' returning 1"
    )
    here.rows("update hub.delivery set due = now() returning 1")
    for _ in range(10):  # as often as it may be: it never ends as a dead letter
        here.rows("update hub.delivery set due = now() returning 1")
        here.hub.push(PUSH)
    notes = here.rows("select note->>'code' from hub.delivery order by record_id")
    assert notes == [("delivery.not_acknowledged",), ("delivery.not_fetched",)]
    assert {state for state, _ in _states(here)} == {"awaiting_receipt"}
    assert len(here.caller.fetch().json()["deliveries"]) == 2


def test_reads_are_recorded_with_what_was_shown(here: Site) -> None:
    here.caller.fetch()
    ((account, purpose, count),) = here.rows(
        "select account, purpose, cardinality(record_ids) from hub.access"
        " where route like 'GET %%' order by id desc limit 1"
    )
    assert (account, purpose, count) == ("partner:taker", "deliveries", 2)


def test_the_database_refuses_what_cannot_be(here: Site) -> None:
    for wrong in (
        "update hub.handover set state = 'accepted'",
        "update hub.handover set handed_at = now()",
        "update hub.handover set state = 'handed', handed_at = now(), handed_to = 'x'",
        "update hub.inbound set content = 'x'",
        "update hub.inbound set times = 0",
    ):
        with pytest.raises(HubError):
            here.rows(f"{wrong} returning 1")


def test_an_acknowledgement_without_a_verdict_is_refused(here: Site) -> None:
    body = json.dumps({"verdicts": []}).encode()
    said = here.caller.call("POST", "/v1/deliveries/taker/needs/acknowledged", body)
    assert (said.status_code, said.json()["code"]) == (422, "ask.invalid")
