"""The joint permit desk as it runs: one application for all permits, days that are none, rows that
learn what became of them, names that are longer than their column.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.prefill.told import prefilled_form
from hub.services.projects import project
from tests.filled import payload
from tests.partners.joined import Joined, joined, until
from tests.postgres import DatabaseServer

KINDS = {"excavation_permit", "road_occupation", "greenery_permit"}
WIDTH = 16  # of the column of names in wx_need


@pytest.fixture(scope="module")
def desk(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "external_works",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("desk"),
        projects=120,
    ) as found:
        found.partner.arm("malformed_record", where="applications")
        until(lambda: found.theirs("select from wx.wx_sq where sqrq = '2024-13-45'") != [])
        names = ("external_works", "approval_document", "case_step")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def test_days_that_are_none_are_empty_and_stop_nothing(desk: Joined) -> None:
    offered = desk.partner.shared()["applications"]
    assert desk.counts["external_works"]["read"] == offered
    assert desk.counts["external_works"]["quarantined"] == 1
    zero = desk.theirs("select sqbh from wx.wx_sq where jssj = '0000-00-00'")
    held = desk.rows("select number, valid_until, line from golden.external_works")
    without = {str(one["number"]) for one in held if one["valid_until"] is None}
    assert without
    assert without <= {str(one["sqbh"]) for one in zero}
    assert all("LineString" in str(one["line"]) for one in held)


def test_one_application_gives_up_to_three_permits(desk: Joined) -> None:
    permits = desk.rows(
        "select case_number, array_agg(kind order by kind) as kinds from golden.approval_document"
        " where case_number <> '' and deleted_at is null group by 1"
    )
    assert permits
    assert all({str(kind) for kind in one["kinds"]} == KINDS for one in permits)  # type: ignore[attr-defined]
    steps = desk.rows("select distinct case_number from golden.case_step")
    works = {str(one["number"]) for one in desk.rows("select number from golden.external_works")}
    assert works <= {str(one["case_number"]) for one in steps}


def test_the_clerk_sees_our_reason_in_the_row(desk: Joined) -> None:
    told = desk.theirs("select jszt, jsyy, sqrq from wx.wx_sq")
    assert {one["jszt"] for one in told} <= {1, 2, 3}
    (spoilt,) = [one for one in told if one["jszt"] == 2]
    assert "挖掘、架空" in str(spoilt["jsyy"])
    passes = desk.rows("select due, written, overtaken, failed from hub.write_back_batch")
    assert passes
    assert all(one["due"] == one["written"] for one in passes)


def test_a_name_longer_than_their_column_is_rejected_and_not_cut(desk: Joined) -> None:
    names = desk.rows("select project_code, name from golden.project order by length(name), 1")
    short, long = names[0], names[-1]
    assert len(str(short["name"])) <= WIDTH < len(str(long["name"]))
    flow = "pull.telecom.utility_connection"
    for one in (short, long):
        code = str(one["project_code"])
        desk.world.pull(flow, payload(flow, sqbh=f"TX{code}", xmdm=code))
    pushed = desk.push("utility_connection")
    assert (pushed["due"], pushed["rejected"], pushed["awaiting_receipt"]) == (2, 1, 1)
    until(lambda: desk.theirs("select from wx.wx_need where zt = 0") == [])
    assert desk.receipts("utility_connection")["confirmed"] == 1
    assert [one["xmmc"] for one in desk.theirs("select xmmc from wx.wx_need")] == [short["name"]]


def test_works_roads_and_permits_stand_on_the_page_and_in_the_form(desk: Joined) -> None:
    context = operating(desk.world.hub, "li")
    (one,) = desk.rows(
        "select w.project_code, w.number from golden.external_works w join"
        " golden.approval_document d on d.case_number = w.number where w.project_code <> ''"
        " and w.deleted_at is null order by 2 limit 1"
    )
    code = str(one["project_code"])
    filled = prefilled_form(context, "external_works", code)
    answers = {field.name: field.value for field in filled.fields}
    assert str(one["number"]) in str(answers["application"])
    assert answers["roads"]
    assert answers["permits"]
    assert "external_works" in {found.entity for found in project(context, code).records}
