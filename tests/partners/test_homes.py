"""The real-estate administration as it runs: presale permits and sales after completion in tables
of its own, whose rows learn their outcome.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.comparisons import comparisons
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.partners.joined import Joined, joined, until
from tests.postgres import DatabaseServer


@pytest.fixture(scope="module")
def homes(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "housing",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("homes"),
        projects=120,
    ) as found:
        found.partner.arm("malformed_record", where="presales")
        until(lambda: found.theirs("select from fc.ysxk where fzrq = '2024-13-45'") != [])
        names = ("sale_permit", "sale_permit.completed")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def test_every_row_has_an_outcome_and_learns_it(homes: Joined) -> None:
    for table, flow in (("ysxk", "sale_permit"), ("xsba", "sale_permit.completed")):
        told = homes.theirs(f"select zt, cwxx, clsj from fc.{table}")  # noqa: S608 -- our words
        assert len(told) == homes.counts[flow]["read"]
        assert {one["zt"] for one in told} <= {1, 2, 3}
        assert all(one["clsj"] for one in told)
    assert homes.counts["sale_permit"]["quarantined"] == 1
    (spoilt,) = homes.theirs("select zt, cwxx from fc.ysxk where fzrq = '2024-13-45'")
    assert spoilt["zt"] == 2
    assert "A1楼" in str(spoilt["cwxx"])


def test_a_list_of_buildings_gives_each_by_its_number(homes: Joined) -> None:
    told = {str(one["ysbh"]): one for one in homes.theirs("select * from fc.ysxk")}
    rows = homes.rows(
        "select s.building_numbers, s.unit_numbers, s.units, l.source_key from golden.sale_permit s"
        " join source.sale_permit l on l.record_id = s.record_id where s.kind = 'presale'"
    )
    assert len(rows) > 5
    meant = {"1#、2#楼": ["1", "2"], "1号楼": ["1"], "1-3号楼": ["1", "2", "3"]}
    for row in rows:
        one = told[str(row["source_key"])]
        assert row["building_numbers"] == meant[str(one["lh"])]
        assert row["unit_numbers"] == str(one["bdcdy"]).split(",")
        assert row["units"] == len(row["unit_numbers"])  # type: ignore[arg-type]


def test_an_escrow_account_is_given_to_nobody_who_may_not_see_it(homes: Joined) -> None:
    entity = homes.world.hub.contracts.entities["sale_permit"]
    assert entity.fields["escrow_account"].classed == "internal"
    sent = [flow for flow in homes.world.hub.contracts.pushes.values() if "escrow" in flow.text]
    assert [flow.name for flow in sent if "escrow_account" in flow.pushed] == []


def test_a_correction_of_the_row_closes_its_entry(homes: Joined) -> None:
    (key,) = homes.quarantined("sale_permit")
    homes.partner.edit("presales", key, {"cs": 18})
    homes.pull("sale_permit")
    assert homes.quarantined("sale_permit") == []
    (row,) = homes.theirs("select zt, cwxx from fc.ysxk where ysbh = %s", key)
    assert row["zt"] in {1, 3}


def test_permits_and_registrations_arrive_in_its_inbox_and_are_answered(homes: Joined) -> None:
    pushed = homes.push("approval_document")
    assert pushed["due"] >= pushed.get("awaiting_receipt", 0)
    until(lambda: homes.theirs("select from fc.in_xk where zt = 0") == [])
    answered = homes.receipts("approval_document")
    assert answered.get("confirmed", 0) == pushed.get("awaiting_receipt", 0)


def test_the_page_the_form_and_the_comparison_show_the_sale(homes: Joined) -> None:
    context = operating(homes.world.hub, "li")
    (one,) = homes.rows(
        "select project_code, number from golden.sale_permit where kind = 'presale'"
        " and project_code is not null and deleted_at is null order by 1 limit 1"
    )
    code = str(one["project_code"])
    view = project(context, code)
    assert "sale_permit" in {found.entity for found in view.records}
    filled, _ = prefilled(context, "presale_permit", code)
    answers = {found.question.name: found.value for found in filled.answers}
    assert str(one["number"]) in str(answers["earlier_permits"])
    names = {found.name for found in comparisons(context, code).comparisons}
    assert {"sales_areas", "sale_order"} <= names
