"""The store of reserve projects as it runs: entries before any code, renamed and split, that lead
to a project once their plot is supplied.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from hub.auth.context import operating
from hub.services.prefill.told import prefilled_form
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

DEAL = "pull.transaction.land_deal"


@pytest.fixture(scope="module")
def store(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "reserve",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("store"),
        projects=120,
    ) as found:
        found.partner.arm("malformed_record", where="entries")
        found.counts = {
            name: found.pull(name) for name in ("reserve_project", "reserve_project.split")
        }
        yield found


def entries(store: Joined) -> dict[str, dict[str, object]]:
    rows = store.rows("select * from golden.reserve_project where deleted_at is null")
    return {str(one["number"]): one for one in rows}


def test_entries_wait_for_no_code_and_are_never_projects(store: Joined) -> None:
    offered = store.partner.shared()
    assert store.counts["reserve_project"]["read"] == offered["entries"]
    assert store.counts["reserve_project"]["quarantined"] == 1
    assert "waiting" not in store.counts["reserve_project"]
    names = "select count(*)::int as n from golden.project where name like %s"
    assert store.rows(names, "%储备项目%") == [{"n": 0}]
    held = entries(store)
    without = [one for one in held.values() if not one["plot_number"]]
    assert {"in", "out_to_implementation"} <= {str(one["state"]) for one in held.values()}
    assert without


def test_money_in_two_units_agrees(store: Joined) -> None:
    units = {"万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
    offered = {str(one["cbbh"]): one for one in store.offered("reserve_project")}
    told = {str(one["gstzdw"]) for one in offered.values()}
    assert told == set(units)
    for number, one in entries(store).items():
        if number in offered:
            wanted = Decimal(str(offered[number]["gstz"])) * units[str(offered[number]["gstzdw"])]
            assert one["estimated_investment"] == wanted.quantize(Decimal("0.01"))


def test_a_renamed_entry_is_the_same_and_a_split_one_keeps_both_histories(store: Joined) -> None:
    before = entries(store)
    for _ in range(2):
        store.partner.tick()
    for name in ("reserve_project", "reserve_project.split"):
        store.pull(name)
    after = entries(store)
    renamed = [one for one in before if one in after and before[one]["name"] != after[one]["name"]]
    assert renamed
    assert all(before[one]["record_id"] == after[one]["record_id"] for one in renamed)
    halves = [one for one in after.values() if one["split_from"]]
    both = [one for one in halves if str(one["split_from"]) in after]
    assert both
    for one in both:
        assert after[str(one["split_from"])]["record_id"] != one["record_id"]


def test_a_supplied_plot_leads_to_the_project_and_its_code_is_told(store: Joined) -> None:
    context = operating(store.world.hub, "li")
    entry = next(one for one in entries(store).values() if one["state"] == "out_to_implementation")
    plot, number = str(entry["plot_number"]), str(entry["number"])
    before = prefilled_form(context, "land_use_permit", CODE)
    assert {one.name: one.value for one in before.fields}["reserve_number"] is None
    store.world.pull(DEAL, payload(DEAL, plotNo=plot, projectCode=CODE, contractNo="HT-1"))
    filled = prefilled_form(context, "land_use_permit", CODE)
    answers = {one.name: one.value for one in filled.fields}
    assert number in str(answers["reserve_number"])
    assert answers["planned_year"]
    assert "land_contract" in {one.name for one in filled.wanted if one.held}
    assert "reserve_project" in {one.entity for one in project(context, CODE).records}
    held = store.handed_over("land_deal", "codes", "http_500", "lost_answer")
    assert [(one["dkbh"], one["xmdm"]) for one in held if one["dkbh"] == plot] == [(plot, CODE)]
    compared = store.reconcile("pull.reserve_project")
    assert compared["same"] == compared["compared"]
