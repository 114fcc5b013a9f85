"""The telecommunications office, files alone: it has no server, pushes to the hub and fetches from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from hub import wiring
from tests.api.conftest import asking
from tests.cli.conftest import Command
from tests.cli.file_partners import PROJECTS, invested, run
from tests.filled import Filled
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

CONNECTIONS, OPINIONS = "pull.telecom.utility_connection", "pull.telecom.opinion"
NEEDS = "push.telecom.project"


class Office:
    """The office, and the hub that it calls."""

    def __init__(self, partner: PartnerProcess, address: str) -> None:
        self.partner, self.address = partner, address

    def calls(self) -> dict[str, int]:
        """One round of its calls: how often the hub said what."""
        told = self.partner.ask(f"call?hub={quote(self.address)}", method="POST")
        assert isinstance(told, dict)
        return told


@pytest.fixture
def office(
    tmp_path: Path, command: Command, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    monkeypatch.setenv("HUB_CONN_TELECOM", f"http://{USER}:{SECRET}@telecom")
    connections = {"telecom": f"http://{USER}:{SECRET}@telecom"}
    hub = wiring.start(environ=filled.environ, connections=connections)
    try:
        filled.hub = hub
        with (
            invested(tmp_path, command, monkeypatch),
            asking(filled) as client,
            running_partner("telecom", state=tmp_path / "telecom", projects=PROJECTS) as partner,
        ):
            yield Office(partner, client.address)
    finally:
        hub.close()


def test_what_is_pushed_arrives_once_and_needs_are_fetched_and_acknowledged(
    command: Command, filled: Filled, office: Office
):
    offered = office.partner.shared()
    sent = run(command, NEEDS)
    assert sent["awaiting_receipt"] == sent["due"] - sent.get("withheld", 0) > 0
    told = office.calls()
    bodies = filled.rows("select count(*)::int as n, sum(records)::int as r from hub.inbound")
    assert bodies == [{"n": told["receipt"], "r": offered["connections"] + offered["opinions"]}]
    assert told["same receipt"] > 0  # of bodies whose answer was lost
    assert told["POST 200"] == told["receipt"] + told["same receipt"] + 1

    read = run(command, CONNECTIONS)
    assert read["read"] == offered["connections"] > 20
    assert read["created"] + read.get("waiting", 0) == offered["connections"]
    given = run(command, OPINIONS)
    assert given["read"] == offered["opinions"] > 0
    (one,) = filled.rows(
        "select result, department from golden.opinion where trade = 'telecom' limit 1"
    )
    assert one == {"result": "pass", "department": "通信管理办公室"}
    assert filled.rows("select count(*)::int as n from hub.inbound where content is not null") == [
        {"n": 0}
    ]

    assert run(command, f"receipts.{NEEDS.removeprefix('push.')}")["confirmed"] == min(
        sent["awaiting_receipt"], 100
    )
    held = office.partner.received("needs")
    assert len(held) == min(sent["awaiting_receipt"], 100)
    assert {one["valid"] for one in held} == {True}

    again = office.calls()  # nothing new on either side but the rest of the needs
    assert "receipt" not in again
    office.partner.tick()
    office.calls()
    later = run(command, CONNECTIONS)
    assert later["read"] > 0
    assert later.get("changed", 0) + later.get("created", 0) + later.get("waiting", 0) > 0


def test_a_stale_nonce_and_a_bad_signature_are_refused_and_nothing_is_lost(
    command: Command, filled: Filled, office: Office
):
    office.partner.arm("bad_signature")
    office.partner.arm("stale_nonce")
    office.partner.arm("malformed_record", where="connections")
    told = office.calls()
    assert (told["POST 401"], told["POST 409"]) == (1, 1)
    refused = filled.rows("select route from hub.access where refused and account = ''")
    assert [one["route"] for one in refused] == ["POST /v1/intake/telecom/applications"]
    offered = office.partner.shared()["connections"]
    read = run(command, CONNECTIONS)
    assert (read["read"], read["quarantined"]) == (offered, 1)
    (bad,) = filled.rows(
        "select q.faults->0->>'code' as code, q.faults->0->>'pointer' as place, l.position"
        " from hub.quarantine q join hub.landing l on l.id = q.landing_id where q.flow = %s",
        CONNECTIONS,
    )
    assert bad["code"] == "record.code_unknown"
    assert bad["place"] == "/zt"
    assert " row " in str(bad["position"])


def test_a_need_that_the_office_refuses_is_set_aside_with_its_words(
    command: Command, filled: Filled, office: Office
):
    sent = run(command, NEEDS)
    office.partner.arm("rejected_push", where="needs")
    office.calls()
    told = run(command, f"receipts.{NEEDS.removeprefix('push.')}")
    assert told["rejected"] == 1
    (entry,) = filled.rows(
        "select faults from hub.quarantine where stage = 'delivery' and state = 'open'"
    )
    assert "unwilling" in json.dumps(entry["faults"])
    assert told["confirmed"] + 1 == min(sent["awaiting_receipt"], 100)
