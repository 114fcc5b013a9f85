"""Restorations on every face: API and command line say the same, and an administrator alone
decides.
"""

import json

from tests.api.conftest import Client, Opened
from tests.cli.conftest import Command, command
from tests.filled import Filled

__all__ = ["command"]

WATER = "push.water.project"
UNCERTAIN = """
    insert into hub.record (entity, key) values ('project', '2099-520201-60-05-000001');
    insert into hub.delivery (flow, record_id, dirty, state, uncertain, note)
    select 'push.water.project', id, false, 'blocked', true,
        '{"code": "delivery.uncertain", "facts": {}}'
      from hub.record where key = '2099-520201-60-05-000001'
"""


def test_a_restoration_is_said_and_shown_alike_and_decided_by_an_administrator_alone(
    client: Client, opened: Opened, filled: Filled, command: Command
):
    auditor, admin = opened("watch", "auditor"), opened("admin", "administrator")
    said = {"reason": "磁盘损坏"}
    assert client.ask("POST", "/v1/restorations", auditor, said).status_code == 403
    made = client.ask("POST", "/v1/restorations", admin, said).json()
    assert (made["how"], made["by"], made["reason"], made["nothing_lost"]) == (
        "said",
        "admin",
        "磁盘损坏",
        False,
    )
    assert WATER in made["recovering"]
    shown = client.get("/v1/restorations", admin).json()
    assert shown == [made]
    status, out, _ = command("restored", "--json")
    assert (status, [row["reason"] for row in json.loads(out)]) == (0, ["磁盘损坏"])

    filled.execute(UNCERTAIN)
    (row,) = client.get("/v1/deliveries/uncertain", auditor).json()
    assert (row["flow"], row["key"]) == (WATER, "2099-520201-60-05-000001")
    _, out, _ = command("deliveries", "--uncertain", "--json")
    assert [one["record"] for one in json.loads(out)] == [row["record"]]
    word = {"flow": WATER, "records": [row["record"]], "send": False, "reason": "对方已核实"}
    assert client.ask("POST", "/v1/deliveries/decisions", auditor, word).status_code == 403
    again = client.ask(
        "POST", "/v1/deliveries/decisions", admin, {**word, "flow": "push.water.prefill"}
    )
    assert again.status_code // 100 == 4
    status, _, err = command("settle-surplus", "--id", "1", "--withdraw", "--reason", "x")
    assert status == 2, err
    status, _, err = command("restored", "--nothing-lost", "--reason", "只是迁移", "--by", "li")
    assert status == 0, err
    assert client.get("/v1/deliveries/uncertain", auditor).json() == []
    assert client.get("/v1/restorations", admin).json()[0]["recovering"] == []
