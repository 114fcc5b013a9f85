"""What a form is answered with, and why a field stays empty."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hub.db.records.projects import Known, LandedRecord
from hub.domain.contracts import PrefillField, PrefillForm, PrefillMaterial
from hub.domain.rights import Rights, operator
from hub.model import Record, Value
from hub.services.prefill.filling import FilledField, WantedMaterial, fill, materials, wanted
from tests.filled import CODE, CONTRACTS

AT = datetime(2026, 11, 1, tzinfo=UTC)
EVERYTHING = operator(CONTRACTS.entities)
ARRIVED = {
    number: LandedRecord(
        number,
        f"pull.{system}.x",
        "k",
        "",
        "",
        batch_id=1,
        run_id=1,
        committed_at=AT,
        contract_id=1,
    )
    for number, system in enumerate(("investment", "approval", "fire"), 1)
}


def record(
    entity: str,
    values: Record,
    *,
    number: int = 1,
    landing: int = 1,
    said: dict[str, tuple[tuple[str, Value], ...]] | None = None,
) -> Known:
    whole: Record = {"project_code": CODE} | values
    provenance = dict.fromkeys(whole, landing)
    return Known(entity, number, str(number), 1, 1, False, (), provenance, whole, said or {})  # noqa: FBT003


def answer(
    question: str,
    *known: Known,
    pick: str = "only",
    where: dict[str, str] | None = None,
    rights: Rights = EVERYTHING,
) -> FilledField:
    entity, field = question.split(".")
    asked = PrefillField(
        "asked",
        "问",
        "Asked",
        entity,
        field,
        {name: (value,) for name, value in (where or {}).items()},
        pick,  # type: ignore[arg-type]
    )
    form = PrefillForm("form", "表", "Form", "用途", "purpose", "单位", (asked,))
    answers = {
        repr(list(fill(CONTRACTS, form, some, arrived=ARRIVED, rights=rights)))
        for some in itertools.permutations(known)
    }
    assert len(answers) == 1, "the order of the records must not matter"
    return next(fill(CONTRACTS, form, known, arrived=ARRIVED, rights=rights))


def test_a_value_comes_with_source_time_and_verification():
    found = answer("project.name", record("project", {"name": "甲"}))
    assert found.value == "甲"
    (item,) = found.items
    assert (item.system, item.system_zh, item.as_of) == (
        "investment",
        CONTRACTS.systems["investment"].title_zh,
        AT,
    )
    assert item.verification == "authority"
    assert (
        answer("project.name", record("project", {"name": "甲"}, landing=2)).items[0].verification
        == "other_source"
    )


def test_a_code_comes_with_its_words():
    found = answer("project.nature", record("project", {"nature": "new"}))
    assert (found.value, found.items[0].zh) == (
        "new",
        CONTRACTS.code_lists["construction_nature"].values["new"][0],
    )


def test_the_latest_is_the_one_with_the_newest_date():
    old = record(
        "approval_document",
        {"number": "A", "issued_on": "2020-01-01", "kind": "planning_permit"},
        number=2,
    )
    new = record(
        "approval_document",
        {"number": "B", "issued_on": "2024-01-01", "kind": "planning_permit"},
        number=1,
    )
    other = record(
        "approval_document",
        {"number": "C", "issued_on": "2025-01-01", "kind": "land_use_permit"},
        number=3,
    )
    found = answer(
        "approval_document.number",
        old,
        new,
        other,
        pick="latest",
        where={"kind": "planning_permit"},
    )
    assert found.value == "B"


def test_a_list_names_every_record():
    two = [record("unit_work", {"name": f"{n} 号楼"}, number=n) for n in (1, 2)]
    found = answer("unit_work.name", *two, pick="list")
    assert found.value == ["2 号楼", "1 号楼"]


def test_one_value_is_asked_for_and_several_differ():
    two = [record("parcel", {"number": f"P{n}"}, number=n) for n in (1, 2)]
    found = answer("parcel.number", *two)
    assert found.value is None
    assert found.reason is not None
    assert found.reason.code == "prefill.sources_disagree"
    assert {item.value for item in found.candidates} == {"P1", "P2"}


def test_sources_in_dispute_are_shown_instead_of_a_value():
    disputed = record(
        "project", {"name": "甲"}, said={"name": (("investment", "甲"), ("approval", "乙"))}
    )
    found = answer("project.name", disputed)
    assert found.value is None
    assert found.reason is not None
    assert found.reason.code == "prefill.sources_disagree"
    assert [(item.system, item.value) for item in found.candidates] == [
        ("investment", "甲"),
        ("approval", "乙"),
    ]
    assert answer("project.name", disputed, pick="list").items[0].verification == "disputed"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("project.name", "prefill.not_yet_received"),
        ("material.valid_until", "prefill.not_yet_received"),
    ],
)
def test_what_a_system_shares_has_not_come_yet(question: str, reason: str):
    found = answer(question)
    assert found.reason is not None
    assert found.reason.code == reason
    assert found.reason.facts["systems_zh"]


def test_a_reason_names_the_systems_that_could_bring_such_a_record_and_no_others():
    found = answer("utility_connection.number", pick="latest", where={"utility": "water"})
    assert found.reason is not None
    assert found.reason.facts["systems_zh"] == CONTRACTS.systems["water"].title_zh


def test_what_no_system_shares_is_to_be_filled_in():
    alone = replace(
        CONTRACTS, pulls={"pull.approval.project": CONTRACTS.pulls["pull.approval.project"]}
    )
    form = CONTRACTS.forms["construction_permit"]
    reasons = {
        found.question.name: found.reason.code
        for found in fill(alone, form, [], arrived={}, rights=EVERYTHING)
        if found.reason
    }
    assert reasons["unit_works"] == "prefill.not_collected"
    assert reasons["project_name"] == "prefill.not_yet_received"


def test_what_no_grant_covers_is_not_shown_and_persons_are_masked():
    person = record("participant", {"name": "某公司", "manager": "王小明"})
    none = answer("participant.manager", person, rights=Rights())
    assert none.reason is not None
    assert (none.value, none.reason.code) == (None, "prefill.no_grant")
    public = Rights(classes={"participant": frozenset({"public"})})
    unseen = answer("participant.manager", person, rights=public)
    assert unseen.reason is not None
    assert (unseen.value, unseen.items, unseen.candidates) == (None, (), ())
    assert unseen.reason.code == "prefill.masked"
    assert answer("participant.name", person, rights=public).value == "某公司"
    internal = replace(CONTRACTS.entities["material"].fields["number"], classed="internal")
    assert public.sight("material", internal) == "hidden"


def test_secret_fields_are_seen_by_nobody():
    secret = replace(CONTRACTS.entities["project"].fields["name"], classed="secret")
    assert EVERYTHING.sight("project", secret) == "hidden"


def test_a_value_that_the_source_has_masked_fills_in_nothing():
    found = answer("participant.manager", record("participant", {"manager": "张*"}))
    assert found.reason is not None
    assert (found.value, found.reason.code) == (None, "prefill.masked_by_source")
    assert found.reason.facts["value"] == "张*"
    real = record("participant", {"manager": "张三"}, number=2)
    assert (
        answer("participant.manager", record("participant", {"manager": "张*"}), real).value
        == "张三"
    )


def test_materials_at_hand_are_offered_as_far_as_a_grant_goes():
    paper = record(
        "material", {"number": "M1", "name": "图纸", "certificate_number": "Z1"}, landing=2
    )
    public = Rights(classes={"material": frozenset({"public"})})
    (held,) = materials(CONTRACTS, [paper, record("project", {})], arrived=ARRIVED, rights=public)
    assert held.values == {"project_code": CODE, "name": "图纸", "certificate_number": "Z1"}
    assert (held.system, held.as_of) == ("approval", AT)


def paper(*known: Known, rights: Rights = EVERYTHING) -> WantedMaterial:
    permit = PrefillField(
        "permit",
        "许可证",
        "Permit",
        "approval_document",
        "number",
        {"kind": ("planning_permit",)},
        "list",
    )
    asked = PrefillMaterial("permit", "许可证", "Permit", permit, ("许可证", "许可证附图"))
    form = PrefillForm("form", "表", "Form", "用途", "purpose", "单位", (), (asked,))
    (found,) = wanted(CONTRACTS, form, known, arrived=ARRIVED, rights=rights, on=date(2026, 11, 22))
    return found


def permit(number: str, **more: Value) -> Known:
    return record(
        "approval_document", {"number": number, "kind": "planning_permit", **more}, landing=2
    )


def test_the_newest_paper_in_force_is_held():
    old, new = permit("A", issued_on="2024-01-01"), permit("B", issued_on="2025-01-01")
    lapsed = permit("C", issued_on="2026-01-01", valid_until="2026-11-21")
    found = paper(old, new, lapsed)
    assert found.held is not None
    assert (found.held.value, found.held.system, found.held.as_of) == ("B", "approval", AT)


def test_a_paper_that_has_expired_has_to_be_handed_in_again():
    found = paper(permit("A", valid_until="2026-11-21"))
    assert found.reason is not None
    assert (found.held, found.reason.code, found.reason.facts) == (
        None,
        "prefill.expired",
        {"on": "2026-11-21"},
    )
    assert paper(permit("A", valid_until="2026-11-22")).held


def test_a_copy_handed_in_with_another_item_will_do():
    found = paper(record("material", {"number": "M1", "name": "许可证附图"}))
    assert found.held is not None
    assert found.held.value == "许可证附图"
    assert paper(record("material", {"number": "M1", "name": "别的"})).held is None


OWNER_USCC, STRANGER = "91520100J52DX6TBB4", "91520100MA6DK0BX35"
LICENCE = PrefillMaterial(
    "licence", "营业执照（建设单位）", "Owner's business licence", None, ("营业执照",),
    PrefillField("holder", "持有人", "Holder", "project", "owner_uscc", {}, "only"),
)  # fmt: skip


def licence(*known: Known, asked: PrefillMaterial = LICENCE) -> WantedMaterial:
    form = PrefillForm("form", "表", "Form", "用途", "purpose", "单位", (), (asked,))
    on = date(2026, 11, 22)
    (found,) = wanted(CONTRACTS, form, known, arrived=ARRIVED, rights=EVERYTHING, on=on)
    return found


def handed_in(**more: Value) -> Known:
    return record("material", {"number": "M1", "name": "营业执照", **more}, landing=2)


def owner(uscc: Value = OWNER_USCC, **more: object) -> Known:
    return record("project", {"owner_uscc": uscc}, **more)


@pytest.mark.parametrize("where", ["certificate_number", "holder_uscc"])
def test_a_licence_of_the_owner_is_held(where: str):
    found = licence(owner(), handed_in(**{where: OWNER_USCC.lower()}))
    assert (found.held is not None, found.holder, found.reason) == (True, OWNER_USCC, None)


def test_a_licence_of_somebody_else_with_the_same_name_is_not_the_owners():
    found = licence(owner(), handed_in(certificate_number=STRANGER))
    assert found.reason is not None
    assert (found.held, found.reason.code) == (None, "prefill.other_holder")
    assert found.reason.facts == {"holder": STRANGER, "wanted": OWNER_USCC}


@pytest.mark.parametrize(
    "known",
    [
        (owner(), handed_in()),
        (owner(), handed_in(certificate_number="黔A-1")),
        (owner(), handed_in(certificate_number="9152************B4")),
        (owner(None), handed_in(certificate_number=OWNER_USCC)),
        (handed_in(certificate_number=OWNER_USCC),),
    ],
)
def test_where_the_holder_cannot_be_told_nothing_is_claimed(known: tuple[Known, ...]):
    found = licence(*known)
    assert found.reason is not None
    assert (found.held, found.reason.code) == (None, "prefill.holder_unknown")


def test_a_paper_that_names_a_stranger_is_no_paper_of_the_project_either():
    asked = PrefillMaterial("safety", "安全生产许可证", "Safety licence", None, ("安全生产许可证",))
    of_stranger = record("material", {"name": "安全生产许可证", "holder_uscc": STRANGER})
    found = licence(owner(), of_stranger, asked=asked)
    assert found.reason is not None
    assert (found.held, found.reason.code) == (None, "prefill.other_holder")
    assert licence(owner(), record("material", {"name": "安全生产许可证"}), asked=asked).held


def test_papers_beyond_a_grant_are_not_offered():
    found = paper(permit("A"), rights=Rights(classes={"project": frozenset({"public"})}))
    assert found.reason is not None
    assert (found.held, found.reason.code) == (None, "prefill.no_grant")


def test_a_question_that_nobody_shares_is_left_to_the_applicant():
    form = PrefillForm(
        "form",
        "表",
        "Form",
        "用途",
        "purpose",
        "单位",
        (PrefillField("by", "问", "Asked", "", "", {}, "only"),),
    )
    (found,) = fill(CONTRACTS, form, [], arrived={}, rights=EVERYTHING)
    assert found.reason is not None
    assert (found.value, found.reason.code) == (None, "prefill.not_collected")
