"""The market of intermediary services as it runs: signed parameters, answers of three layers, steps
that come before their order.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

NAME = "甲&乙=丙 丁+（二期）100%"


@pytest.fixture(scope="module")
def market(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    state = tmp_path_factory.mktemp("market")
    with joined(
        "intermediary",
        database_server=database_server,
        template=filled_template,
        state=state,
        projects=120,
    ) as found:
        names = ("case_step", "rating", "intermediary_service", "contract")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def test_steps_wait_for_their_order_and_come_in_with_it(market: Joined):
    counts, offered = market.counts["case_step"], market.partner.shared()
    assert counts == {"read": offered["steps"], "waiting": offered["steps"]}
    market.release()
    rows = market.rows(
        "select s.*, o.project_code as of_order from golden.case_step s"
        " join golden.intermediary_service o on o.number = s.case_number"
    )
    assert len(rows) > offered["steps"] * 0.9
    assert all(row["project_code"] == row["of_order"] for row in rows)
    (waiting,) = market.rows(
        "select count(*) as n from hub.waiting where flow = 'pull.intermediary.case_step'"
    )
    assert len(rows) + waiting["n"] == offered["steps"]


def test_ratings_come_out_of_three_layers(market: Joined):
    offered = {one["orderNo"]: one for one in market.offered("rating")}
    assert len(offered) == market.counts["rating"]["read"] == market.partner.shared()["ratings"]
    rows = market.rows("select * from golden.rating where deleted_at is null")
    assert len(rows) > len(offered) * 0.9
    for row in rows:
        told = offered[row["case_number"]]
        assert (str(row["stars"]), row["words"]) == (told["stars"], told["words"])


def test_a_contract_says_the_price_of_its_order_in_either_unit(market: Joined):
    units = {one["contractNo"]: one["amountUnit"] for one in market.offered("contract")}
    rows = market.rows(
        "select c.number, c.price, o.price as ordered from golden.contract c"
        " join golden.intermediary_service o on o.contract_number = c.number"
    )
    assert {units[row["number"]] for row in rows} == {"元", "万元"}
    assert all(row["price"] == row["ordered"] for row in rows)


def test_the_page_shows_services_and_the_clock_of_each(market: Joined):
    (row,) = market.rows(
        "select * from golden.intermediary_service where status = '11' order by number limit 1"
    )
    code = str(row["project_code"])
    view = project(operating(market.world.hub, "li"), code)
    (shown,) = [one for one in view.records if one.values.get("number") == row["number"]]
    assert shown.values["agency"] == row["agency"]
    market.world.hub.refresh_facts()
    clocks = market.rows(
        "select * from fact.clock where project_code = %s and number = %s", code, row["number"]
    )
    assert len(clocks) == 1


def test_a_name_with_signs_of_its_own_is_signed_rightly(market: Joined):
    named = payload("pull.investment.project", id=1, xmdm=CODE, xmmc=NAME)
    market.world.pull("pull.investment.project", named | {"gxsj": "2099-01-01 00:00:00"})
    held = market.handed_over("project", "projects", "http_500", "lost_answer")
    (one,) = [one for one in held if one["projectCode"] == CODE]
    assert one["projectName"] == NAME
    compared = market.reconcile("push.project")
    assert compared["same"] == compared["compared"] == len(held)


def test_an_item_that_needs_a_service_is_offered_to_the_market(market: Joined):
    item = payload("pull.approval.approval_item", gcdm=f"{CODE}-001")
    market.world.pull("pull.approval.approval_item", item)
    market.push("approval_item")
    assert market.partner.received("needs") == []
    needing = item | {"lsh": 999, "spsxslbm": "SL-1", "dybzspsxbm": "0090001"}
    market.world.pull("pull.approval.approval_item", needing)
    (held,) = market.handed_over("approval_item", "needs")
    assert (held["projectCode"], held["itemInstance"], held["opType"]) == (CODE, "SL-1", "ADD")


def test_a_malformed_order_is_set_aside_and_closed_once_corrected(market: Joined):
    market.partner.arm("malformed_record", where="orders")
    market.world.execute(
        "update hub.flow set cursor = '{}' where name = 'pull.intermediary.intermediary_service'"
    )
    assert market.pull("intermediary_service")["quarantined"] == 1
    (key,) = market.quarantined("intermediary_service")
    market.partner.edit("orders", key, {"agencyName": "改正后的机构"})
    market.pull("intermediary_service")
    assert market.quarantined("intermediary_service") == []
