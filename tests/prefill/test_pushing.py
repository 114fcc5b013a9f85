"""A prefilled form is handed to a unit's own system, as far as that unit's account may see the
project.
"""

import time
from datetime import date
from pathlib import Path
from urllib.parse import quote

from hub import auth, wiring
from hub.model import Json
from hub.pipeline import delivery
from tests.filled import CODE, NAME, PERMIT, Filled, payload
from tests.pipeline.partners import Desk
from tests.sandbox_processes import SECRET, USER, running_partner

FLOW = "push.water.prefill"
ANSWER_SECONDS = 30


def push(world: Filled, desk: Desk) -> dict[str, int]:
    hub = world.hub
    flow = hub.contracts.pushes[FLOW]
    run = delivery.push(
        *(hub.database, hub.contracts, flow),
        connector=desk,  # type: ignore[arg-type]
        settings=hub.settings,
        answers=hub.answers(flow),
    )
    return world.counts(run)


def let_see(world: Filled, *entities: str) -> None:
    with world.hub.database.write() as tx:
        auth.open_account(tx, "water", "department", department="供水公司")
        for entity in entities:
            auth.grant(
                *(tx, world.hub.contracts.entities, "water", entity),
                classes=("public",),
                purpose="用水报装",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )


def sent(desk: Desk) -> list[dict[str, Json]]:
    return [body for _, body in desk.applied.values()]


def test_a_form_goes_out_once_its_permit_is_there_and_again_when_the_project_changes(
    filled: Filled,
):
    let_see(filled, "project", "approval_document", "participant")
    desk = Desk()
    assert push(filled, desk)["confirmed"] == 1
    (body,) = sent(desk)
    assert (body["项目代码"], body["工程名称"], body["施工许可证号"]) == (CODE, NAME, PERMIT)
    assert body["日用水量(吨)"] is None, "an internal field, and the grant is of public ones"
    assert push(filled, desk) == {}
    changed = payload(
        "pull.investment.project",
        id=1,
        xmdm=CODE,
        xmmc=NAME,
        jsgm="新的规模",
        gxsj="2026-11-20 10:00:00",
    )
    filled.pull("pull.investment.project", changed)
    assert push(filled, desk)["confirmed"] == 1
    assert sent(desk)[-1]["建设规模"] == "新的规模"


def test_what_is_handed_over_stands_in_the_access_log(filled: Filled):
    let_see(filled, "project", "approval_document")
    push(filled, Desk())
    (row,) = filled.rows("select account, route, purpose, project_code, record_ids from hub.access")
    assert (row["account"], row["route"], row["purpose"]) == ("water", f"PUSH {FLOW}", "用水报装")
    assert (row["project_code"], filled.record("project") in row["record_ids"]) == (CODE, True)  # type: ignore[operator]


def test_nothing_is_handed_to_a_unit_without_an_account_or_a_grant(filled: Filled):
    desk = Desk()
    assert push(filled, desk) == {"due": 1, "withheld": 1}
    let_see(filled)
    filled.execute("update hub.delivery set dirty = true")
    assert push(filled, desk) == {"due": 1, "withheld": 1}
    assert sent(desk) == []


def confirmed(world: Filled) -> bool:
    return world.rows(f"select state from hub.delivery where flow = '{FLOW}'") == [  # noqa: S608
        {"state": "confirmed"}
    ]


def test_the_water_companys_own_system_takes_the_form(filled: Filled, tmp_path: Path):
    let_see(filled, "project", "approval_document")
    with running_partner("water", state=tmp_path) as partner:
        host_key = quote(partner.ask("host_key")["host_key"], safe="")  # type: ignore[call-overload, index]
        address = f"sftp://{USER}:{SECRET}@127.0.0.1:{partner.sftp_port}/?host_key={host_key}"
        hub = wiring.start(environ=filled.environ, connections={"water": address})
        hub.contracts = filled.hub.contracts
        assert filled.counts(hub.push(FLOW)) == {"due": 1, "awaiting_receipt": 1}
        deadline = time.monotonic() + ANSWER_SECONDS
        while not confirmed(filled):
            assert time.monotonic() < deadline, "no answer came"
            time.sleep(0.2)
            hub.receipts(FLOW)
        hub.close()
        assert [one["key"] for one in partner.received("prefills")] == [PERMIT]
