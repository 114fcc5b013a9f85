"""Three forms on a real database."""

import pytest

from hub.prefill import prefill
from hub.rules.rights import Rights, operator
from tests.filled import CODE, CONTRACTS, NAME, PERMIT, Filled, payload


@pytest.mark.parametrize("form", sorted(CONTRACTS.forms))
def test_every_form_answers_every_field_with_a_value_or_a_reason(filled: Filled, form: str):
    asked = CONTRACTS.forms[form]
    with filled.hub.database.transaction() as tx:
        found = prefill(tx, CONTRACTS, asked, project_code=CODE, rights=operator(CONTRACTS.entities))
    assert [answer.question.name for answer in found.answers] == [field.name for field in asked.fields]
    assert all((answer.reason is None) == (answer.value is not None) for answer in found.answers)
    assert all(item.as_of for answer in found.answers for item in answer.items)
    values = {answer.question.name: answer.value for answer in found.answers}
    assert values["project_name"] == NAME
    assert values["floor_area"] == "56628.02"
    assert [held.values["name"] for held in found.materials] == ["建设工程设计方案审查意见"]


def test_a_permit_comes_from_the_system_that_issued_it(filled: Filled):
    with filled.hub.database.transaction() as tx:
        found = prefill(
            tx, CONTRACTS, CONTRACTS.forms["water_connection"], project_code=CODE, rights=operator(CONTRACTS.entities)
        )
    permit = next(answer for answer in found.answers if answer.question.name == "construction_permit")
    assert permit.value == PERMIT
    assert permit.items[0].system == "approval"


def test_a_withdrawn_record_is_no_answer(filled: Filled):
    filled.pull(
        "pull.approval.approval_document.permit",
        payload("pull.approval.approval_document.permit", lsh=900, sjyxbs=0),
    )
    with filled.hub.database.transaction() as tx:
        found = prefill(
            tx, CONTRACTS, CONTRACTS.forms["water_connection"], project_code=CODE, rights=operator(CONTRACTS.entities)
        )
    permit = next(answer for answer in found.answers if answer.question.name == "construction_permit")
    assert permit.value is None


def test_without_rights_nothing_is_even_read(filled: Filled):
    with filled.hub.database.transaction() as tx:
        found = prefill(tx, CONTRACTS, CONTRACTS.forms["construction_permit"], project_code=CODE, rights=Rights())
    assert found.record_ids == ()
    assert {answer.reason.code for answer in found.answers if answer.reason} == {"prefill.no_grant"}
    assert found.materials == ()
