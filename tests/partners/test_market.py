"""The market platform as it runs: no project codes, numbers of its own, organisation codes of nine
characters, update times with fractions of a second.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from hub.auth.context import operating
from hub.services.prefill.told import prefilled_form
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined, until
from tests.postgres import DatabaseServer

PULLS = {
    "company": "companies",
    "project_person": "persons",
    "tender": "tenders",
    "contract": "contracts",
}
PERMIT = "pull.approval.approval_document.permit"


@pytest.fixture(scope="module")
def market(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "market",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("market"),
        projects=120,
    ) as found:
        found.partner.arm("malformed_record", where="contracts")
        spoilt = "select from jsjg.tbcontractrecordmanage where contractmoney = '见合同'"
        until(lambda: found.theirs(spoilt) != [])
        found.counts = {name: found.pull(name) for name in PULLS}
        numbers = found.theirs(
            "select distinct builderlicencenum, prjnum from jsjg.tbprojectbuilderuserinfo"
            " where builderlicencenum <> '' order by 1"
        )
        for at, one in enumerate(numbers[:20]):
            permit = str(one["builderlicencenum"]).strip()
            content = payload(PERMIT, lsh=900 + at, sgxkzbh=permit, zbtzsbh=None)
            found.world.pull(PERMIT, content)
        found.numbers = sorted({str(one["prjnum"]) for one in numbers[:20]})
        found.release()
        yield found


def test_every_row_has_one_outcome(market: Joined) -> None:
    offered = market.partner.shared()
    for name, resource in PULLS.items():
        assert market.counts[name]["read"] == offered[resource] > 0
    assert market.counts["contract"]["quarantined"] == 1


def test_projects_find_their_code_by_numbers_alone(market: Joined) -> None:
    """The permit of a person leads to the project, and its number at the platform to the rest."""
    theirs = "select prjnum, recordnum from jsjg.tbcontractrecordmanage where prjnum = any(%s)"
    wanted = market.theirs(theirs, market.numbers)
    found = market.rows(
        "select distinct market_project from golden.contract where project_code = %s", CODE
    )
    named = {str(one["prjnum"]) for one in wanted}
    assert len(named) == len(market.numbers) > 10
    assert len({str(one["market_project"]) for one in found}) >= 0.9 * len(named)
    codes = market.rows("select distinct project_code from golden.contract")
    assert [one["project_code"] for one in codes] == [CODE]


def test_a_cursor_with_fractions_neither_loops_nor_skips(market: Joined) -> None:
    again = market.pull("project_person")
    assert again.get("read", 0) == again.get("unchanged", 0)
    market.partner.arm("equal_cursor", where="persons")
    stamps = "select count(distinct updatedate)::int as n from jsjg.tbprojectbuilderuserinfo"
    until(lambda: market.theirs(stamps) == [{"n": 1}])
    level = market.pull("project_person")
    assert level["read"] == market.partner.shared()["persons"]
    compared = market.reconcile("pull.project_person")
    assert compared["same"] == compared["compared"] == market.partner.shared()["persons"]


def test_money_in_ten_thousands_is_money_in_yuan(market: Joined) -> None:
    rows = market.rows("select filed_number, price from golden.contract where deleted_at is null")
    theirs = market.theirs("select recordnum, contractmoney from jsjg.tbcontractrecordmanage")
    told = {str(one["recordnum"]): one["contractmoney"] for one in theirs}
    assert rows
    for one in rows:
        assert one["price"] == Decimal(str(told[str(one["filed_number"])])) * 10_000


def test_a_contractor_is_known_by_nine_characters_of_its_credit_code(market: Joined) -> None:
    rows = market.rows(
        "select c.uscc, t.party_b, c.name from golden.contract t join golden.company c"
        " on c.organisation_code = t.party_b_code where t.deleted_at is null"
        " and c.deleted_at is null and length(t.party_b_code) = 9"
    )
    assert rows
    assert all(str(one["uscc"])[8:17] and one["party_b"] == one["name"] for one in rows)
    held = market.rows("select uscc, organisation_code from golden.company")
    assert all(str(one["uscc"])[8:17] == one["organisation_code"] for one in held)


def test_the_permit_form_has_contracts_and_flags_a_lapsed_safety_permit(market: Joined) -> None:
    context = operating(market.world.hub, "li")
    filled = prefilled_form(context, "construction_permit", CODE)
    answers = {one.name: one.value for one in filled.fields}
    for name in ("construction_contract", "supervision_contract", "qualifications", "builder"):
        assert answers[name], name
    assert str(answers["safety_permit"]).count("安许证字")
    assert "safety_permit_lapsed" in {one.name for one in filled.checks}
    held = {one.name for one in filled.wanted if one.held}
    assert {"construction_contract", "supervision_contract", "safety_permit"} <= held
    view = project(context, CODE)
    assert {"contract", "company", "project_person"} <= {one.entity for one in view.records}


def test_permits_arrive_with_the_code_that_it_lacks(market: Joined) -> None:
    pushed = market.push("approval_document")
    until(lambda: market.theirs("select from jsjg.in_builderlicence where zt = 0") == [])
    answered = market.receipts("approval_document")
    assert answered["confirmed"] == pushed["awaiting_receipt"] > 0
    assert all(one["applied"] == 1 for one in market.partner.received("permits"))
    flow = "pull.approval.completion_filing"
    market.world.pull(flow, payload(flow, gcdm=f"{CODE}-001"))
    filed = market.push("completion_filing")
    until(lambda: market.theirs("select from jsjg.in_projectfinish where zt = 0") == [])
    assert market.receipts("completion_filing")["confirmed"] == filed["awaiting_receipt"] == 1
