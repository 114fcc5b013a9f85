"""The quality and safety station as it runs: windows of seven days, answers in GBK, a login without
result code, what is put right later.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer


@pytest.fixture(scope="module")
def station(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    state = tmp_path_factory.mktemp("station")
    with joined(
        "site", database_server=database_server, template=filled_template, state=state, projects=120
    ) as found:
        found.partner.arm("expired_token", where="inspections")
        names = ("inspection", "rectification", "project_person")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def standing(station: Joined) -> dict[str, dict[str, object]]:
    rows = station.rows("select * from golden.rectification where deleted_at is null")
    return {str(row["number"]): row for row in rows}


def test_windows_lose_nothing_and_double_nothing(station: Joined):
    offered = station.partner.shared()
    assert station.counts["inspection"]["read"] == offered["inspections"]
    assert station.counts["project_person"]["read"] == offered["persons"]
    numbers = [one["jcbh"] for one in station.offered("inspection")]
    assert len(numbers) == len(set(numbers)) == offered["inspections"]
    again = station.pull("inspection")
    assert again["read"] == again.get("unchanged", 0)
    compared = station.reconcile("pull.inspection")
    assert compared["same"] == compared["compared"] == offered["inspections"]


def test_each_thing_to_be_put_right_is_a_record_and_later_the_same_one_closed(station: Joined):
    station.release()
    before = standing(station)
    assert before
    found = {one["jcbh"]: one for one in station.offered("rectification")}
    for number, row in before.items():
        lines = {line["zgbh"]: line for line in found[str(row["inspection_number"])]["zgxList"]}
        assert lines[number]["zgnr"] == row["text"]
        assert (row["status"] == "closed") == bool(lines[number]["wcrq"]) == bool(row["closed_on"])
    still_open = [number for number, row in before.items() if row["status"] == "open"]
    assert still_open
    for _ in range(3):
        station.partner.tick()
    for name in ("inspection", "rectification"):
        station.pull(name)
    station.release()
    after = standing(station)
    closed = [number for number in still_open if after[number]["status"] == "closed"]
    assert closed
    assert {after[one]["record_id"] for one in closed} == {
        before[one]["record_id"] for one in closed
    }
    assert all(after[one]["closed_on"] for one in closed)


def test_the_acceptance_form_says_what_is_still_open(station: Joined):
    row = next(row for row in standing(station).values() if row["status"] == "open")
    context = operating(station.world.hub, "li")
    for_project, closed = {}, {}
    for answers, code in (
        (for_project, str(row["project_code"])),
        (closed, _without_open(station)),
    ):
        filled, _ = prefilled(context, "joint_acceptance", code)
        answers.update({one.question.name: one.value for one in filled.answers})
    assert row["text"] in for_project["open_rectifications"]
    assert closed["open_rectifications"] is None
    view = project(context, str(row["project_code"]))
    assert {"inspection", "rectification"} <= {one.entity for one in view.records}


def _without_open(station: Joined) -> str:
    (row,) = station.rows(
        "select project_code from golden.rectification group by 1"
        " having bool_and(status = 'closed') order by 1 limit 1"
    )
    return str(row["project_code"])


def test_who_is_in_charge_comes_by_the_permit_and_is_personal(station: Joined):
    rows = station.rows("select * from golden.project_person")
    assert {row["role"] for row in rows} == {
        "project_manager",
        "safety_officer",
        "chief_supervisor",
    }
    fields = station.world.hub.contracts.entities["project_person"].fields
    personal = {name for name, field in fields.items() if field.classed == "personal"}
    assert personal == {"name", "id", "id_kind", "phone"}
    assert not any(row["id"] for row in rows)


def test_a_permit_is_told_to_the_station_once(station: Joined):
    flow = "pull.approval.approval_document.permit"
    station.world.pull(flow, payload(flow, lsh=78, sgxkzbh="5201-1"))
    held = station.handed_over("approval_document", "permits", "http_429", "lost_answer")
    (one,) = [one for one in held if one["sgxkzbh"] == "5201-1"]
    assert (one["xmdm"], one["zt"]) == (CODE, "1")
    compared = station.reconcile("push.approval_document")
    assert compared["same"] == compared["compared"] == len(held)
