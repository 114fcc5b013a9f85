"""A unit asks, an administrator of another unit decides, and what is granted ends by itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub import auth
from hub.auth import Reader
from hub.db import accounts, alerts
from hub.db.database import Transaction
from hub.domain.granting import Terms, beyond, wrong
from hub.errors import FlowError
from hub.services import applications, catalogue
from tests.filled import CONTRACTS, Filled

ENTITIES = CONTRACTS.entities


@pytest.fixture
def tx(filled: Filled) -> Iterator[Transaction]:
    with filled.hub.database.transaction() as made:
        yield made


def opened(tx: Transaction, name: str, role: str = "department", unit: str = "市供水公司") -> Reader:
    (reader,) = auth.readers(tx, [auth.open_account(tx, name, role, department=unit)])
    assert reader is not None
    return reader


def today(tx: Transaction) -> date:
    return tx.execute("select current_date").fetchone()[0]  # type: ignore[index]


def terms(tx: Transaction, *entities: str, days: int = 100, **changes: object) -> Terms:
    first = today(tx)
    asked = Terms(entities or ("project",), ("public", "internal"), ("14",), False, first, first + timedelta(days=days))  # noqa: FBT003
    return replace(asked, **changes)  # type: ignore[arg-type]


def applied(tx: Transaction, reader: Reader, asked: Terms, renews: int | None = None) -> int:
    return applications.apply(tx, CONTRACTS, reader, asked, purpose="用水报装", basis="供水条例第三条", renews=renews)


def test_what_is_granted_is_read_with_the_purpose_and_the_limits_that_were_asked_for(tx: Transaction):
    water, admin = opened(tx, "water"), opened(tx, "admin", "administrator", "大数据局")
    number = applied(tx, water, terms(tx, "project", "parcel", open_case_only=True))
    made = applications.grant(tx, CONTRACTS, number, None, by="admin", note="同意")
    (parcel, project) = accounts.grants(tx, "water")
    assert [parcel.id, project.id] == sorted(made, reverse=True)
    assert (project.classes, project.regions, project.open_case_only) == (["internal", "public"], ["14"], True)
    assert (project.purpose, project.in_force, project.application_id) == ("用水报装", True, number)
    steps = [(step.state, step.by_account, step.reason) for step in applications.case(tx, admin, number).steps]
    assert steps == [("open", "water", ""), ("granted", "admin", "同意")]


def test_an_administrator_may_give_less_and_never_more(tx: Transaction):
    water = opened(tx, "water")
    asked = terms(tx, "project", "parcel")
    number = applied(tx, water, asked)
    for more in (
        replace(asked, entities=("participant",)),
        replace(asked, classes=("personal",)),
        replace(asked, regions=("13",)),
        replace(asked, regions=()),
        replace(asked, valid_until=asked.valid_until + timedelta(days=1)),
    ):
        with pytest.raises(FlowError, match=r"application\.beyond"), tx.transaction():
            applications.grant(tx, CONTRACTS, number, more, by="admin", note="")
    less = replace(asked, entities=("parcel",), classes=("public",), regions=("1401",), valid_until=asked.valid_from)
    applications.grant(tx, CONTRACTS, number, less, by="admin", note="")
    (made,) = accounts.grants(tx, "water")
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


def test_a_refusal_wants_a_reason_and_an_application_is_decided_once(tx: Transaction):
    water = opened(tx, "water")
    number = applied(tx, water, terms(tx))
    with pytest.raises(FlowError, match=r"application\.invalid"):
        applications.refuse(tx, number, by="admin", reason=" ")
    applications.refuse(tx, number, by="admin", reason="与职责不符")
    for again in (
        lambda: applications.grant(tx, CONTRACTS, number, None, by="admin", note=""),
        lambda: applications.refuse(tx, number, by="admin", reason="x"),
        lambda: applications.withdraw(tx, water, number),
    ):
        with pytest.raises(FlowError, match=r"application\.decided"):
            again()
    assert accounts.grants(tx, "water") == []


def test_nobody_decides_for_their_own_unit(tx: Transaction):
    number = applied(tx, opened(tx, "water"), terms(tx))
    opened(tx, "boss", "administrator")
    with pytest.raises(FlowError, match=r"application\.own"):
        applications.grant(tx, CONTRACTS, number, None, by="boss", note="")


def test_a_unit_sees_and_withdraws_its_own_applications_only(tx: Transaction):
    water, colleague = opened(tx, "water"), opened(tx, "water2")
    stranger, auditor = opened(tx, "fire", unit="消防"), opened(tx, "audit", "auditor", "审计局")
    number = applied(tx, water, terms(tx))
    assert [one.id for one in applications.seen(tx, colleague)] == [number]
    assert [one.id for one in applications.seen(tx, auditor, state="open")] == [number]
    assert applications.seen(tx, stranger) == []
    for reader in (stranger, auditor):
        with pytest.raises(FlowError, match=r"ask\.application_unknown"):
            applications.withdraw(tx, reader, number)
    applications.withdraw(tx, colleague, number)
    assert applications.case(tx, water, number).steps[-1].state == "withdrawn"


@pytest.mark.parametrize(("purpose", "basis"), [("", "x"), (" ", "x"), ("x", "")])
def test_purpose_and_basis_are_wanted(tx: Transaction, purpose: str, basis: str):
    with pytest.raises(FlowError, match=r"application\.invalid"):
        applications.apply(tx, CONTRACTS, opened(tx, "water"), terms(tx), purpose=purpose, basis=basis)


def test_grants_that_end_before_long_are_told_once_until_they_are_renewed(filled: Filled):
    with filled.hub.database.transaction() as tx:
        water = opened(tx, "water")
        first = applied(tx, water, terms(tx, "project", "parcel", days=10))
        applications.grant(tx, CONTRACTS, first, None, by="admin", note="")
        (ending,) = applications.ending(tx, water, days=30)
        assert (ending.account, ending.entities) == ("water", ["parcel", "project"])
        assert applications.ending(tx, water, days=10) == []
        assert applications.ending(tx, opened(tx, "fire", unit="消防"), days=30) == []
        until = str(ending.valid_until)
    filled.hub.watch()
    with filled.hub.database.transaction() as tx:
        (told,) = [one for one in alerts.alerts(tx) if one.code == "alert.grant_expiring"]
        assert told.facts == {"account": "water", "entities": "parcel, project", "until": until}
        again = applied(tx, water, terms(tx, "project", "parcel", days=300), renews=first)
        applications.grant(tx, CONTRACTS, again, None, by="admin", note="")
        assert applications.ending(tx, water, days=30) == []
    filled.hub.watch()
    with filled.hub.database.transaction() as tx:
        assert [one for one in alerts.alerts(tx) if one.code == "alert.grant_expiring"] == []


def test_the_catalogue_says_who_shares_who_may_see_and_how_fresh_without_a_value(tx: Transaction):
    water = opened(tx, "water")
    (project,) = [one for one in catalogue.offers(tx, CONTRACTS, water) if one.entity.name == "project"]
    assert {one.system.name for one in project.shared} >= {"investment", "approval"}
    assert {one.system.name for one in project.shared if one.fresh} == {"investment", "approval"}
    assert (project.sees, project.readers) == (False, 0)
    assert "construction_permit" in {form.name for form in project.forms}
    applications.grant(tx, CONTRACTS, applied(tx, water, terms(tx)), None, by="admin", note="")
    (held,) = auth.accounts.grants(tx, "water")
    again = auth.reader_of(water.account, [held])
    sheet = catalogue.sheet(tx, CONTRACTS, again, "project")
    assert (sheet.offer.sees, sheet.offer.readers, len(sheet.grants)) == (True, 1, 1)
    (name,) = [one for one in sheet.fields if one.field.name == "name"]
    assert {system.name for system in name.shared} >= {"investment"}
    assert name.field.standard
    assert catalogue.sheet(tx, CONTRACTS, opened(tx, "fire", unit="消防"), "project").grants == ()
    with pytest.raises(FlowError, match=r"ask\.entity_unknown"):
        catalogue.sheet(tx, CONTRACTS, water, "nothing")
