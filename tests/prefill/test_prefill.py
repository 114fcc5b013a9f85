"""The forms on a real database."""

from datetime import date

import pytest

from hub.domain.rights import Rights, operator
from hub.services.prefill import prefill
from tests.filled import CODE, CONTRACTS, NAME, PERMIT, Filled, payload

TODAY = date(2026, 11, 22)
EVERYTHING = operator(CONTRACTS.entities)


@pytest.mark.parametrize("form", sorted(CONTRACTS.forms))
def test_every_form_answers_every_field_with_a_value_or_a_reason(filled: Filled, form: str):
    asked = CONTRACTS.forms[form]
    with filled.hub.database.write() as tx:
        found = prefill(tx, CONTRACTS, asked, project_code=CODE, rights=EVERYTHING, on=TODAY)
    assert [answer.question.name for answer in found.answers] == [
        field.name for field in asked.fields
    ]
    assert all((answer.reason is None) == (answer.value is not None) for answer in found.answers)
    assert all(item.as_of for answer in found.answers for item in answer.items)
    values = {answer.question.name: answer.value for answer in found.answers}
    assert values["project_name"] == NAME
    assert values.get("floor_area", "56628.02") == "56628.02"
    assert all((one.held is None) == (one.reason is not None) for one in found.wanted)
    assert [held.values["name"] for held in found.materials] == ["建设工程设计方案审查意见"]


def test_a_permit_comes_from_the_system_that_issued_it(filled: Filled):
    with filled.hub.database.write() as tx:
        found = prefill(
            tx,
            CONTRACTS,
            CONTRACTS.forms["water_connection"],
            project_code=CODE,
            rights=EVERYTHING,
            on=TODAY,
        )
    permit = next(
        answer for answer in found.answers if answer.question.name == "construction_permit"
    )
    assert permit.value == PERMIT
    assert permit.items[0].system == "approval"


def test_a_withdrawn_record_is_no_answer(filled: Filled):
    filled.pull(
        "pull.approval.approval_document.permit",
        payload("pull.approval.approval_document.permit", lsh=900, sjyxbs=0),
    )
    with filled.hub.database.write() as tx:
        found = prefill(
            tx,
            CONTRACTS,
            CONTRACTS.forms["water_connection"],
            project_code=CODE,
            rights=EVERYTHING,
            on=TODAY,
        )
    permit = next(
        answer for answer in found.answers if answer.question.name == "construction_permit"
    )
    assert permit.value is None


def test_without_rights_nothing_is_even_read(filled: Filled):
    with filled.hub.database.write() as tx:
        found = prefill(
            tx,
            CONTRACTS,
            CONTRACTS.forms["construction_permit"],
            project_code=CODE,
            rights=Rights(),
            on=TODAY,
        )
    assert found.record_ids == ()
    assert {answer.reason.code for answer in found.answers if answer.reason} == {"prefill.no_grant"}
    assert found.materials == ()


def test_a_paper_that_the_hub_holds_is_offered_and_the_rest_asked_for(filled: Filled):
    with filled.hub.database.write() as tx:
        found = prefill(
            tx,
            CONTRACTS,
            CONTRACTS.forms["water_connection"],
            project_code=CODE,
            rights=EVERYTHING,
            on=TODAY,
        )
    held = {one.asked.name: one.held.value for one in found.wanted if one.held}
    assert held == {"construction_permit": PERMIT}
    reasons = {one.asked.name: one.reason.code for one in found.wanted if one.reason}
    assert reasons["licence"] == "prefill.not_yet_received"
