"""A unit asks, an administrator of another unit decides, and what is granted ends by itself."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from hub import auth
from hub.auth.context import RequestContext
from hub.db import alerts
from hub.domain.access_terms import Terms, beyond, wrong
from hub.errors import FlowError
from hub.services import applications, catalogue, grants
from tests.auth.conftest import opened
from tests.filled import CONTRACTS, Filled

ENTITIES = CONTRACTS.entities


def admin_of(world: Filled) -> RequestContext:
    return opened(world, "admin", "administrator", "大数据局")


def terms(world: Filled, *entities: str, days: int = 100, **changes: object) -> Terms:
    first = world.rows("select current_date as today")[0]["today"]
    assert isinstance(first, date)
    asked = Terms(
        entities or ("project",),
        ("public", "internal"),
        ("14",),
        False,  # noqa: FBT003
        first,
        first + timedelta(days=days),
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def applied(unit: RequestContext, asked: Terms, renews: int | None = None) -> int:
    return applications.apply(
        unit, asked, purpose="用水报装", basis="供水条例第三条", renews=renews
    ).id


def test_what_is_granted_is_read_with_the_purpose_and_the_limits_that_were_asked_for(
    filled: Filled,
):
    water, admin = opened(filled, "water"), admin_of(filled)
    number = applied(water, terms(filled, "project", "parcel", open_case_only=True))
    made = applications.grant(admin, number, note="同意").grants
    (parcel, project) = grants.listed(water)
    assert [parcel, project] == made
    assert (project.classes, project.regions, project.open_case_only) == (
        ["internal", "public"],
        ["14"],
        True,
    )
    assert (project.purpose, project.in_force, project.application_id) == ("用水报装", True, number)
    steps = [
        (step.state, step.by_account, step.reason) for step in applications.one(admin, number).steps
    ]
    assert steps == [("open", "water", ""), ("granted", "admin", "同意")]


def test_an_administrator_may_give_less_and_never_more(filled: Filled):
    water, admin = opened(filled, "water"), admin_of(filled)
    asked = terms(filled, "project", "parcel")
    number = applied(water, asked)
    for more in (
        replace(asked, entities=("participant",)),
        replace(asked, classes=("personal",)),
        replace(asked, regions=("13",)),
        replace(asked, regions=()),
        replace(asked, valid_until=asked.valid_until + timedelta(days=1)),
    ):
        with pytest.raises(FlowError, match=r"application\.beyond"):
            applications.grant(admin, number, more)
    less = replace(
        asked,
        entities=("parcel",),
        classes=("public",),
        regions=("1401",),
        valid_until=asked.valid_from,
    )
    (made,) = applications.grant(admin, number, less).grants
    assert (made.entity, made.classes, made.regions, made.valid_until) == (
        *("parcel", ["public"], ["1401"]),
        asked.valid_from,
    )


def test_limits_that_were_asked_for_stay_limits():
    asked = Terms(("project",), ("public",), ("14",), True, date(2026, 1, 1), date(2026, 12, 31))  # noqa: FBT003
    assert beyond(asked, asked) == []
    assert beyond(asked, replace(asked, open_case_only=False)) == ["open_case_only"]
    assert beyond(asked, replace(asked, valid_from=date(2025, 1, 1))) == ["2025-01-01"]
    assert wrong(asked, ENTITIES, today=date(2027, 1, 1)) == ["2026-01-01 … 2026-12-31"]
    nothing = Terms((), (), ("山西",), False, asked.valid_until, asked.valid_from)  # noqa: FBT003
    assert len(wrong(nothing, ENTITIES, today=date(2026, 1, 1))) == 4


def test_a_refusal_wants_a_reason_and_an_application_is_decided_once(filled: Filled):
    water, admin = opened(filled, "water"), admin_of(filled)
    number = applied(water, terms(filled))
    with pytest.raises(FlowError, match=r"application\.invalid"):
        applications.refuse(admin, number, reason=" ")
    applications.refuse(admin, number, reason="与职责不符")
    for again in (
        lambda: applications.grant(admin, number),
        lambda: applications.refuse(admin, number, reason="x"),
        lambda: applications.withdraw(water, number),
    ):
        with pytest.raises(FlowError, match=r"application\.decided"):
            again()
    assert grants.listed(water) == []


def test_nobody_decides_for_their_own_unit(filled: Filled):
    number = applied(opened(filled, "water"), terms(filled))
    boss, stranger = opened(filled, "boss", "administrator"), opened(filled, "fire", unit="消防")
    with pytest.raises(FlowError, match=r"application\.own"):
        applications.grant(boss, number)
    for decide in (
        applications.grant,
        partial(applications.refuse, reason="x"),
        partial(applications.extend, reason="x"),
    ):
        with pytest.raises(FlowError, match=r"access\.role"):
            decide(stranger, number)


def test_a_unit_sees_and_withdraws_its_own_applications_only(filled: Filled):
    water, colleague = opened(filled, "water"), opened(filled, "water2")
    stranger, auditor = (
        opened(filled, "fire", unit="消防"),
        opened(filled, "audit", "auditor", "审计局"),
    )
    number = applied(water, terms(filled))
    assert [one.id for one in applications.listed(colleague)] == [number]
    assert [one.id for one in applications.listed(auditor, state="open")] == [number]
    assert applications.listed(stranger) == []
    for reader in (stranger, auditor):
        with pytest.raises(FlowError, match=r"ask\.application_unknown"):
            applications.withdraw(reader, number)
    applications.withdraw(colleague, number)
    assert applications.one(water, number).steps[-1].state == "withdrawn"


@pytest.mark.parametrize(("purpose", "basis"), [("", "x"), (" ", "x"), ("x", "")])
def test_purpose_and_basis_are_wanted(filled: Filled, purpose: str, basis: str):
    with pytest.raises(FlowError, match=r"application\.invalid"):
        applications.apply(opened(filled, "water"), terms(filled), purpose=purpose, basis=basis)


def test_grants_that_end_before_long_are_told_once_until_they_are_renewed(filled: Filled):
    water, admin = opened(filled, "water"), admin_of(filled)
    first = applied(water, terms(filled, "project", "parcel", days=10))
    applications.grant(admin, first)
    (ending,) = applications.ending(water, days=30)
    assert (ending.account, ending.entities) == ("water", ["parcel", "project"])
    assert applications.ending(water, days=10) == []
    assert applications.ending(opened(filled, "fire", unit="消防"), days=30) == []
    until = str(ending.valid_until)
    filled.hub.watch()
    with filled.hub.database.write() as tx:
        (told,) = [one for one in alerts.alerts(tx) if one.code == "alert.grant_expiring"]
    assert told.facts == {"account": "water", "entities": "parcel, project", "until": until}
    again = applied(water, terms(filled, "project", "parcel", days=300), renews=first)
    applications.grant(admin, again)
    assert applications.ending(water, days=30) == []
    filled.hub.watch()
    with filled.hub.database.write() as tx:
        assert [one for one in alerts.alerts(tx) if one.code == "alert.grant_expiring"] == []


def test_the_catalogue_says_who_shares_who_may_see_and_how_fresh_without_a_value(filled: Filled):
    water = opened(filled, "water")
    (project,) = [one for one in catalogue.listed(water) if one.entity == "project"]
    assert {one.system for one in project.shared_by} >= {"investment", "approval"}
    assert {one.system for one in project.shared_by if one.fresh} == {"investment", "approval"}
    assert (project.visible, project.readers) == (False, 0)
    assert "construction_permit" in project.forms
    (held,) = applications.grant(admin_of(filled), applied(water, terms(filled))).grants
    again = RequestContext(filled.hub, auth.reader_of(water.reader.account, [held]))
    sheet = catalogue.sheet(again, "project")
    assert (sheet.visible, sheet.readers, sheet.grants) == (True, 1, [held])
    (name,) = [one for one in sheet.every_field if one.name == "name"]
    assert set(name.shared_by) >= {"investment"}
    assert name.standard
    assert catalogue.sheet(opened(filled, "fire", unit="消防"), "project").grants == []
    with pytest.raises(FlowError, match=r"ask\.entity_unknown"):
        catalogue.sheet(water, "nothing")
