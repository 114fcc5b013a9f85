"""A form that comes back: what became of each value, what is kept, and what the meter adds up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hub import auth
from hub.auth import Reader
from hub.auth.context import RequestContext
from hub.db import submissions
from hub.db.access.accounts import Account
from hub.domain.contracts import PrefillField
from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.model import Value
from hub.services import once_only
from hub.services.prefill import prefill
from hub.services.prefill.filling import FilledField, FilledValue
from hub.services.prefill.submission import Checked, SubmittedForm, check, judge, keep
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload

TODAY = date(2026, 11, 22)
FORM = CONTRACTS.forms["water_connection"]
EVERYTHING = operator(CONTRACTS.entities)
WATER = Account("water", "department", "供水公司", datetime(2026, 1, 1, tzinfo=UTC), None)


@pytest.fixture
def world(filled: Filled) -> Filled:
    with filled.hub.database.write() as tx:
        auth.open_account(tx, WATER.name, WATER.role, department=WATER.department)
    return filled


def shown(world: Filled) -> dict[str, Value]:
    with world.hub.database.write() as tx:
        found = prefill(tx, CONTRACTS, FORM, project_code=CODE, rights=EVERYTHING, on=TODAY)
    return {
        answer.question.name: answer.value for answer in found.answers if answer.value is not None
    }


def sent(world: Filled, said: SubmittedForm) -> tuple[int | None, Checked]:
    with world.hub.database.write() as tx:
        filled = prefill(
            tx, CONTRACTS, FORM, project_code=said.project_code, rights=EVERYTHING, on=TODAY
        )
        checked = check(CONTRACTS, filled, said, rights=EVERYTHING)
        return keep(tx, FORM.name, checked, said, account=WATER), checked


def origins(done: Checked) -> Mapping[str, str]:
    return {one.name: one.origin for one in done.fields}


def move(world: Filled) -> None:
    world.pull(
        "pull.approval.project",
        payload("pull.approval.project", lsh=900, xmjwdzb="104.900000,25.700000"),
    )


def test_each_answer_is_kept_with_where_it_came_from(world: Filled):
    values = shown(world)
    fields = {**values, "water_demand": "12", "floor_area": "1", "scale": ""}
    number, done = sent(world, SubmittedForm(CODE, fields, values))
    found = origins(done)
    assert (found["project_name"], found["floor_area"], found["scale"]) == (
        "hub",
        "differs",
        "empty",
    )
    assert found["water_demand"] in {"typed", "differs"}
    assert not any(one.changed for one in done.fields)
    papers = {one.name: one.from_hub for one in done.materials}
    assert papers["construction_permit"] is True
    assert papers["licence"] is False
    with world.hub.database.write() as tx:
        (kept,) = submissions.recent(tx, account="water", department="供水公司", most=5)
    assert (kept.id, kept.form, kept.project_code, kept.fields) == (number, FORM.name, CODE, found)
    assert NAME not in str(world.rows("select * from hub.submission"))


def test_a_value_that_has_changed_since_is_told_before_anything_is_kept(world: Filled):
    values = shown(world)
    move(world)
    number, done = sent(world, SubmittedForm(CODE, values, values))
    (place,) = [one for one in done.fields if one.changed]
    assert (number, place.origin, place.given) == (None, "outdated", values["coordinates"])
    assert place.value == "104.900000,25.700000"
    assert world.rows("select count(*) as n from hub.submission") == [{"n": 0}]
    number, confirmed = sent(world, SubmittedForm(CODE, values, values, confirmed=True))
    assert number is not None
    assert origins(confirmed)["coordinates"] == "outdated"


def test_a_paper_that_is_brought_along_all_the_same_counts_as_asked_for(world: Filled):
    _, done = sent(world, SubmittedForm(CODE, {}, {}, handed_in=frozenset({"construction_permit"})))
    assert not any(one.from_hub for one in done.materials)


def test_an_unknown_field_or_project_is_refused(world: Filled):
    with pytest.raises(FlowError, match=r"prefill\.field_unknown"):
        sent(world, SubmittedForm(CODE, {"nothing": "1"}, {}))
    with pytest.raises(FlowError, match=r"ask\.project_unknown"):
        sent(world, SubmittedForm("2099-000000-00-00-000000", {}, {}))


def test_the_meter_adds_up_and_a_unit_sees_its_own(world: Filled):
    values = shown(world)
    sent(world, SubmittedForm(CODE, {**values, "floor_area": "1"}, values))
    sent(world, SubmittedForm(CODE, values, values))
    month = date(2000, 1, 1), date(2100, 1, 1)

    def seen(account: Account, department: str | None = None) -> list[once_only.OnceOnlyRow]:
        context = RequestContext(world.hub, Reader(account, EVERYTHING, {}))
        return once_only.meter(context, since=month[0], until=month[1], department=department)

    (row,) = seen(WATER, "别家")
    other, whole = seen(replace(WATER, department="别家")), seen(replace(WATER, role="auditor"))
    assert (other, whole) == ([], [row])
    assert (row.submissions, row.fields_differing, row.fields_hub) == (2, 1, 2 * len(values) - 1)
    assert row.materials_hub == 2
    spared = once_only.spared([row, row])
    assert spared.share is not None
    assert 0 < spared.share < 1
    assert spared.submissions == 4
    assert once_only.spared([]).share is None
    empty = replace(
        row, fields_hub=1, fields_outdated=0, fields_typed=0, fields_differing=0, fields_empty=9
    )
    bare = replace(empty, materials_hub=0, materials_asked=0)
    assert once_only.spared([bare]).share == 0.1


def item(value: Value, zh: str | None = None, en: str | None = None) -> FilledValue:
    return FilledValue(
        value, zh, en, "investment", "甲", "A", as_of=None, verification="authority", record_id=1
    )


@pytest.mark.parametrize(
    ("field", "pick", "items", "given"),
    [
        ("project.name", "only", [item("某项目")], " 某 项目 "),
        ("project.floor_area", "only", [item("56628.02")], "５６６２８.0200"),
        ("project.nature", "only", [item("new", "新建", "New")], "新建"),
        ("project.nature", "only", [item("new", "新建", "New")], "New"),
        ("project.nature", "only", [item("new", "新建", "New")], "new"),
        ("project.linear", "only", [item("true")], "true"),
        ("unit_work.name", "list", [item("一号楼"), item("二号楼")], ["一号楼", "二号楼"]),
        ("unit_work.name", "list", [item("一号楼"), item("二号楼")], "一号楼\n二号楼"),
    ],
)
def test_one_value_written_in_several_ways_is_still_the_hubs(
    field: str, pick: str, items: list[FilledValue], given: Value
):
    entity, name = field.split(".")
    answer = FilledField(PrefillField("f", "问", "F", entity, name, {}, pick), None, tuple(items))  # type: ignore[arg-type]
    (found,) = judge(
        CONTRACTS, [answer], SubmittedForm(CODE, {"f": given}, {"f": given}), rights=EVERYTHING
    )
    assert (found.origin, found.changed) == ("hub", False)


def test_choosing_among_sources_that_disagree_is_the_hubs_too():
    answer = FilledField(
        *(PrefillField("f", "问", "F", "project", "name", {}, "only"), None, ()),
        candidates=(item("甲"), item("乙")),
    )
    for given, origin in (("乙", "hub"), ("丙", "differs")):
        (found,) = judge(
            CONTRACTS, [answer], SubmittedForm(CODE, {"f": given}, {}), rights=EVERYTHING
        )
        assert (found.origin, found.changed) == (origin, False)


def test_a_masked_person_is_no_yardstick():
    answer = FilledField(
        PrefillField("f", "问", "F", "participant", "manager", {}, "latest"), None, (item("于**"),)
    )
    public = Rights(classes={"participant": frozenset({"public"})})
    for given, origin in (("于小明", "typed"), ("于**", "empty")):
        (found,) = judge(
            CONTRACTS, [answer], SubmittedForm(CODE, {"f": given}, {"f": "于**"}), rights=public
        )
        assert (found.origin, found.changed) == (origin, False)
