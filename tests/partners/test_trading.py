"""The public resources trading platform as it runs: sections with their bidders, prices in two
units, awards that lead to a permit, land that leads to a parcel.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from hub import auth
from hub.auth.context import RequestContext
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

UNITS = {"元": Decimal(1), "万元": Decimal(10_000)}


@pytest.fixture(scope="module")
def trading(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    state = tmp_path_factory.mktemp("trading")
    with joined(
        "transaction",
        database_server=database_server,
        template=filled_template,
        state=state,
        projects=120,
    ) as found:
        found.partner.arm("malformed_record", where="sections")
        found.counts = {
            name: found.pull(name)
            for name in ("tender", "bid", "participant", "land_deal", "company")
        }
        yield found


def bids(trading: Joined, section: str) -> list[dict[str, object]]:
    return trading.rows(
        "select * from golden.bid where section_number = %s and deleted_at is null", section
    )


def test_every_record_has_one_outcome(trading: Joined):
    offered = trading.partner.shared()
    read = {name: counts["read"] for name, counts in trading.counts.items()}
    assert read == {
        "tender": offered["sections"],
        "bid": offered["sections"],
        "participant": offered["sections"],
        "company": offered["sections"],
        "land_deal": offered["lands"],
    }
    assert trading.counts["participant"]["ignored"] > 0


def test_the_malformed_section_is_set_aside_and_closed_once_corrected(trading: Joined):
    assert trading.counts["tender"]["quarantined"] == 1
    (key,) = trading.quarantined("tender")
    trading.partner.edit("sections", key, {"projectManager": "改正"})
    trading.pull("tender")
    assert trading.quarantined("tender") == []


def test_numbers_lead_those_without_a_code_to_their_project(trading: Joined):
    section = next(
        one
        for one in trading.offered("bid")
        if not one["projectCode"] and one["sectionType"] == "A01" and one["awardNoticeCode"]
    )
    deal = next(one for one in trading.offered("land_deal") if not one["projectCode"])
    parcel = deal["parcelCode"].replace(" ", "")
    assert bids(trading, section["sectionCode"]) == []
    permit = {"sgxkzbh": "99", "zbtzsbh": section["awardNoticeCode"]}
    flow = "pull.approval.approval_document.permit"
    trading.world.pull(flow, payload(flow, lsh=77, **permit))
    land = payload("pull.registry.parcel", zddm=parcel, xmdm=CODE, ydghxkzh="", bdcdyh="")
    trading.world.pull("pull.registry.parcel", land)
    trading.release()
    found = bids(trading, section["sectionCode"])
    assert {one["project_code"] for one in found} == {CODE}
    assert len(found) == len(section["bidderList"])
    query = "select * from golden.land_deal where contract_number = %s"
    (held,) = trading.rows(query, deal["contractNo"])
    assert (held["project_code"], held["parcel_number"]) == (CODE, parcel)
    assert held["acquired_by"] == {"划拨": "2", "挂牌出让": "1"}[deal["supplyMode"]]
    area = Decimal(deal["landArea"]) * (10_000 if deal["areaUnit"] == "公顷" else 1)
    assert held["area"] == area.quantize(Decimal("0.01"))


def test_a_section_with_seven_bidders_gives_seven_bids(trading: Joined):
    rows = trading.rows("select project_code from golden.project")
    known = {row["project_code"] for row in rows}
    offered = trading.offered("bid")
    sections = [one for one in offered if one["projectCode"] in known and one["bidderList"]]
    assert max(len(one["bidderList"]) for one in sections) == 7
    for one in sections:
        told = {bid["bidderName"] for bid in one["bidderList"]}
        assert {bid["bidder_name"] for bid in bids(trading, one["sectionCode"])} == told


def test_whoever_bids_stands_once_in_the_register_of_companies(trading: Joined):
    offered = [bid for one in trading.offered("bid") for bid in one["bidderList"] or []]
    rows = trading.rows("select uscc, name from golden.company where deleted_at is null")
    assert {row["uscc"] for row in rows} == {bid["bidderCode"].upper() for bid in offered}
    assert len(rows) < len(offered)


def test_prices_agree_whatever_their_unit(trading: Joined):
    offered = {one["sectionCode"]: one for one in trading.offered("tender")}
    rows = trading.rows(
        "select t.section_number, t.price, t.ceiling, b.price as bid from golden.tender t"
        " join golden.bid b using (section_number) where b.won and b.deleted_at is null"
    )
    assert len({offered[row["section_number"]]["winPriceUnit"] for row in rows}) == len(UNITS)
    for row in rows:
        one = offered[row["section_number"]]
        told = Decimal(one["winPrice"]) * UNITS[one["winPriceUnit"]]
        assert row["price"] == row["bid"] == told.quantize(Decimal("0.01"))
        assert row["ceiling"] >= row["price"]


def test_a_bidder_that_is_gone_is_withdrawn(trading: Joined):
    before = {one["sectionCode"]: one["bidderList"] or [] for one in trading.offered("bid")}
    for _ in range(3):
        trading.partner.tick()
    for name in ("tender", "bid", "participant"):
        trading.pull(name)
    shrunk = [
        (one["sectionCode"], len(one["bidderList"]))
        for one in trading.offered("bid")
        if one["projectCode"] and one["bidderList"]
        if len(before.get(one["sectionCode"], [])) > len(one["bidderList"])
    ]
    assert shrunk
    for section, left in shrunk:
        assert len(bids(trading, section)) == left
        gone = "select * from golden.bid where section_number = %s and deleted_at is not null"
        assert len(trading.rows(gone, section)) == len(before[section]) - left


def test_who_wins_is_a_participant_and_the_permit_form_finds_the_award(trading: Joined):
    (row,) = trading.rows(
        "select t.* from golden.tender t join golden.participant p using (section_number)"
        " where t.kind = 'construction' and p.role = '2' and p.uscc = t.winner_uscc"
        " and t.status = 'awarded' order by t.section_number limit 1"
    )
    with_all = RequestContext(trading.world.hub, opened(trading, "chen", "administrator"))
    filled, _ = prefilled(with_all, "construction_permit", str(row["project_code"]))
    answers = {one.question.name: one.value for one in filled.answers}
    assert row["award_notice"] in answers["award_notice"]
    assert str(row["price"]) in answers["contract_price"]


def opened(trading: Joined, account: str, role: str, *entities: str) -> auth.Reader:
    """A new account with grants of these entities, public and internal."""
    hub = trading.world.hub
    with hub.database.write() as tx:
        token = auth.open_account(tx, account, role, department="某局")
        for entity in entities:
            auth.grant(
                *(tx, hub.contracts.granted, account, entity),
                classes=("public", "internal"),
                purpose="核查",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )
        (found,) = auth.readers(tx, [token])
    assert found is not None
    return found


def test_bids_are_seen_by_nobody_without_a_grant_of_their_own(trading: Joined):
    (row,) = trading.rows("select project_code from golden.bid where deleted_at is null limit 1")
    seen = {}
    for account, entities in (
        ("wang", ("project", "tender")),
        ("zhao", ("project", "tender", "bid")),
    ):
        reader = opened(trading, account, "department", *entities)
        view = project(RequestContext(trading.world.hub, reader), str(row["project_code"]))
        seen[account] = {one.entity for one in view.records}
    assert "tender" in seen["wang"]
    assert "bid" not in seen["wang"]
    assert "bid" in seen["zhao"]


def test_basics_of_projects_are_applied_once_whatever_happens(trading: Joined):
    faults = ("http_429", "http_500", "lost_answer")
    held = trading.handed_over("project", "projects", *faults)
    (row,) = trading.rows("select count(*) as n from golden.project where deleted_at is null")
    assert len(held) == row["n"] > 100
    compared = trading.reconcile("push.project")
    assert compared["same"] == compared["compared"] == len(held)
    trading.pull("land_deal")
    read = trading.reconcile("pull.land_deal")
    assert read["same"] == read["compared"] == trading.partner.shared()["lands"]
