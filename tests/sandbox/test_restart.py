"""Partners keep their state folder over a restart, and stop quickly even while a caller hangs."""

from pathlib import Path

import pytest
import requests

from tests.sandbox.process import SECRET, USER, running
from tests.sandbox_processes import running_partner

STOP_SECONDS = 2.0
NEED = {
    "serialNo": "n-1",
    "projectNo": "2017-520303-84-01-062937",
    "proName": "甲项目",
    "consName": "甲公司",
}


def give_need(port: int) -> str:
    base = f"http://127.0.0.1:{port}/api"
    login = requests.post(
        f"{base}/token", json={"clientId": USER, "clientSecret": SECRET}, timeout=5
    ).json()
    headers = {"Authorization": f"Bearer {login['data']['accessToken']}"}
    body = {"serviceCode": "20001780", "source": "HUB", "target": "37101", "data": [NEED]}
    answer = requests.post(f"{base}/needs", json=body, headers=headers, timeout=5).json()
    return str(answer["data"][0]["code"])


def test_what_was_given_and_how_far_time_had_come_outlive_a_restart(tmp_path: Path):
    with running("power", "--state", str(tmp_path)) as partner:
        assert give_need(partner.port) == "0000"
        partner.tell("tick", {"tick": 3})
        shared = partner.admin("shared").json()
        partner.stop()
    with running("power", "--state", str(tmp_path)) as partner:
        assert give_need(partner.port) == "0000"
        assert [one["applied"] for one in partner.admin("received?resource=needs").json()] == [1]
        assert (partner.admin("health").json()["tick"], partner.admin("shared").json()) == (
            3,
            shared,
        )


def test_a_restart_writes_no_file_anew_and_keeps_the_host_key(tmp_path: Path):
    facts = []
    for _ in range(2):
        with running_partner("water", state=tmp_path) as partner:
            facts.append(
                (
                    partner.ask("host_key"),
                    sorted(path.name for path in (tmp_path / "files/outbox").iterdir()),
                )
            )
    assert facts[0] == facts[1]
    assert len(facts[0][1]) == 2


@pytest.mark.parametrize("name", ["fire", "gas"])
def test_a_partner_stops_within_two_seconds_while_a_caller_waits(name: str):
    with running(name) as partner:
        partner.fault("timeout")
        path = {"fire": "fire/service", "gas": "com/common/getInstallList"}[name]
        with pytest.raises(requests.Timeout):
            requests.post(f"{partner.base}/{path}", json={}, timeout=0.5)
        assert partner.stop() < STOP_SECONDS


def test_the_registry_stops_within_two_seconds_and_keeps_its_rows(
    tmp_path: Path, empty_database_url: str
):
    shared = []
    for _ in range(2):
        with running(
            "registry", "--state", str(tmp_path), "--database-url", empty_database_url
        ) as partner:
            partner.tell("tick", {})
            shared.append(partner.admin("shared").json())
            assert partner.stop() < STOP_SECONDS
    assert shared[1]["rights"] >= shared[0]["rights"] > 0
