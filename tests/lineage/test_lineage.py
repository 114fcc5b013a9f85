"""A value leads back to its payload and rule, and forward to everyone who was given it or
read it.
"""

import json

import pytest

from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.model import Receipt
from hub.services import lineage
from hub.services.view import SourceValue
from tests.filled import CODE, CONTRACTS, NAME, PERMIT, Filled, payload
from tests.pipeline.partners import Desk

ALL = operator(CONTRACTS.entities)
PROJECT = f"project:{CODE}"


def test_the_winner_is_named_with_the_rule_and_the_others_considered(filled: Filled):
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "name", rights=ALL)
    assert (found.value, found.chosen_by) == (NAME, "rank")
    assert [(claim.system, claim.rank, claim.won) for claim in found.claims] == [
        ("investment", 0, True),
        ("approval", 1, False),
    ]
    assert found.origin is not None
    assert found.origin.source == {"xmmc": NAME}
    assert found.origin.payload is not None
    assert json.loads(found.origin.payload)["xmmc"] == NAME
    assert found.origin.contract == CONTRACTS.pulls["pull.investment.project"].contract
    assert found.origin.arrival.position == "row 0"
    (run,) = filled.rows(f"select flow from hub.run where id = {found.origin.arrival.run_id}")  # noqa: S608
    assert run["flow"] == "pull.investment.project"


def test_a_value_inside_text_that_is_json_is_found_at_its_place(filled: Filled):
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "owner_name", rights=ALL)
    assert found.origin is not None
    assert found.origin.source == {"lerepInfo[0].enterpriseName": found.value}


def test_the_only_system_with_a_say_is_called_that(filled: Filled):
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "engineering_code", rights=ALL)
    assert found.chosen_by == "only"
    assert found.origin is not None
    assert found.origin.arrival.flow == "pull.approval.project"


def test_the_rule_is_shown_as_it_was_when_the_value_was_made(filled: Filled):
    filled.execute(
        """update hub.contract_version set body = replace(body, '"from":"xmmc"', '"from":["xmmc","old"]')
            where flow = 'pull.investment.project'"""
    )
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "name", rights=ALL)
    assert found.origin is not None
    assert found.origin.source == {"xmmc": NAME, "old": None}


def test_former_versions_say_what_stood_from_when_to_when(filled: Filled):
    filled.pull(
        "pull.investment.project",
        payload(
            "pull.investment.project", id=1, xmdm=CODE, xmmc="新名称", gxsj="2026-11-01 00:00:00"
        ),
    )
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "name", rights=ALL)
        whole = lineage.of_record(tx, CONTRACTS, PROJECT, rights=ALL)
    assert found.value == "新名称"
    assert found.history[-1].value == NAME
    assert found.history[-1].until == found.head.since
    assert whole.history[-1].values["name"] == NAME
    assert found.disagreement == (
        SourceValue("investment", "新名称"),
        SourceValue("approval", NAME),
    )


def test_deliveries_carry_what_was_sent_and_what_was_answered(filled: Filled):
    desk = Desk(receipts=True)
    filled.push("push.fire.project", desk)
    (key,) = desk.applied
    desk.verdicts[key] = Receipt(key, "accepted", reference="R1")
    filled.receipts("push.fire.project", desk)
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "name", rights=ALL)
    assert [told.handed.state for told in found.told] == ["awaiting_receipt", "confirmed"]
    assert {value for told in found.told for value in told.sent.values()} == {NAME}
    assert found.told[-1].handed.receipt == "accepted"


def test_a_target_that_is_not_sent_the_field_has_not_been_told(filled: Filled):
    filled.push("push.fire.project", Desk())
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "funding_source", rights=ALL)
        whole = lineage.of_record(tx, CONTRACTS, PROJECT, rights=ALL)
    assert found.told == ()
    assert [handed.state for handed in whole.handed] == ["confirmed"]


def test_persons_are_masked_everywhere_for_who_may_not_see_them(filled: Filled):
    name = str(filled.record("participant"))
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, name, "manager_phone", rights=Rights(whole=True))
    assert "13800003503" not in repr(found)
    assert found.origin is not None
    assert (found.value, found.origin.payload) == ("***", None)


def test_an_erased_payload_leaves_the_way_to_it(filled: Filled):
    filled.execute("update hub.landing set payload = null, salt = null")
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "name", rights=ALL)
    assert found.origin is not None
    assert (found.origin.source, found.origin.payload) == ({"xmmc": None}, None)


@pytest.mark.parametrize("name", ["0", "999999", "project:none", "nothing:1", "", "9" * 30])
def test_what_is_no_record_is_said_so(filled: Filled, name: str):
    with (
        filled.hub.database.write() as tx,
        pytest.raises(FlowError, match=r"^ask\.record_unknown"),
    ):
        lineage.of_record(tx, CONTRACTS, name, rights=ALL)


def test_a_field_without_a_value_has_no_origin(filled: Filled):
    with filled.hub.database.write() as tx:
        found = lineage.of_field(
            tx,
            CONTRACTS,
            f"approval_document:山西省尖草坪区住房和城乡建设局|{PERMIT}",
            "valid_until",
            rights=ALL,
        )
    assert (found.value, found.origin, found.chosen_by) == (None, None, "")
