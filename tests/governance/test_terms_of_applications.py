"""An application is answered, extended once and supplied within the terms of the law, and says which article."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hub import auth
from hub.auth import Reader
from hub.db import accounts
from hub.db import applications as kept
from hub.db.accounts import Read
from hub.db.applications import Application
from hub.db.database import Transaction
from hub.domain.contracts import Contracts
from hub.domain.granting import Terms
from hub.errors import FlowError
from hub.services import alarms, applications
from tests.filled import CONTRACTS, Filled
from tests.governance.test_carried_over import upgrade

DRAFT = replace(
    CONTRACTS,
    limits=tuple(
        replace(limit, status="draft") if limit.document == "sharing" else limit for limit in CONTRACTS.limits
    ),
)


@pytest.fixture
def tx(filled: Filled) -> Iterator[Transaction]:
    with filled.hub.database.transaction() as made:
        yield made


@pytest.fixture
def water(tx: Transaction) -> Reader:
    token = auth.open_account(tx, "water", "department", department="市供水公司")
    auth.open_account(tx, "admin", "administrator", department="大数据局")
    (reader,) = auth.readers(tx, [token])
    assert reader is not None
    return reader


def applied(tx: Transaction, reader: Reader, *classes: str, contracts: Contracts = CONTRACTS) -> int:
    first: date = tx.execute("select current_date").fetchone()[0]  # type: ignore[index]
    wanted = Terms(("project",), classes or ("public", "internal"), (), False, first, first + timedelta(days=99))  # noqa: FBT003
    return applications.apply(tx, contracts, reader, wanted, purpose="用水报装", basis="供水条例第三条")


def held(tx: Transaction, number: int) -> Application:
    (found,) = kept.listed(tx, application_id=number)
    return found


def made_at(tx: Transaction, number: int, moment: str) -> None:
    """Put an application back to a day on which it was made, its terms not worked out."""
    tx.execute("update hub.application set sharing_kind = null, due_at = null where id = %s", (number,))
    tx.execute("update hub.application_step set at = %s where application_id = %s", (moment, number))


def extended(tx: Transaction, number: int, by: str = "admin", reason: str = "需征求三个部门意见") -> datetime:
    return applications.extend(tx, CONTRACTS, number, by=by, reason=reason)


def alerts(tx: Transaction, filled: Filled) -> set[str]:
    found = alarms.findings(tx, CONTRACTS, filled.hub.settings)
    return {one.fault.code for one in found if one.fault.code.startswith("alert.application")}


def test_public_data_are_answered_in_one_working_day_and_all_else_in_ten(tx: Transaction, water: Reader):
    free, bound = applied(tx, water, "public"), applied(tx, water, "public", "internal")
    for number, moment in ((free, "2026-02-13T10:00+08:00"), (bound, "2026-11-16T10:00+08:00")):
        made_at(tx, number, moment)
    applications.follow(tx, CONTRACTS)
    # the Saturday of 14 February is worked (调休)
    assert (held(tx, free).sharing_kind, held(tx, free).due_at) == (
        *("unconditional", datetime.fromisoformat("2026-02-14T17:30+08:00")),
    )
    assert (held(tx, bound).sharing_kind, held(tx, bound).due_at) == (
        *("conditional", datetime.fromisoformat("2026-11-30T17:30+08:00")),
    )
    term = applications.term(CONTRACTS, held(tx, free))
    assert term is not None
    assert (term.days, term.article, term.status) == (1, "第二十一条", "in_force")


def test_an_application_has_its_term_as_soon_as_it_is_made(tx: Transaction, water: Reader):
    one = held(tx, applied(tx, water))
    assert one.due_at is not None
    assert one.clock == one.due_at > datetime.now(UTC) + timedelta(days=9)


def test_an_answer_is_put_off_once_with_a_reason_that_the_unit_is_told(tx: Transaction, water: Reader):
    number = applied(tx, water)
    with pytest.raises(FlowError, match=r"application\.invalid"), tx.transaction():
        extended(tx, number, reason=" ")
    with pytest.raises(FlowError, match=r"application\.own"), tx.transaction():
        extended(tx, number, by="water")
    until = extended(tx, number)
    one = held(tx, number)
    assert one.due_at is not None
    assert one.extended_to == one.clock == until
    calendar = CONTRACTS.clock.calendar  # type: ignore[union-attr]
    assert calendar.between(one.due_at, until) == 10
    steps = applications.case(tx, water, number).steps
    assert [(step.state, step.by_account, step.reason) for step in steps][1:] == [
        ("extended", "admin", "需征求三个部门意见")
    ]
    with pytest.raises(FlowError, match=r"application\.extended"), tx.transaction():
        extended(tx, number)
    applications.refuse(tx, number, by="admin", reason="用途与职责不符")
    assert held(tx, number).clock is None


def test_what_is_late_or_settled_is_not_put_off(tx: Transaction, water: Reader):
    late, settled = applied(tx, water), applied(tx, water)
    made_at(tx, late, "2026-01-05T10:00+08:00")
    applications.follow(tx, CONTRACTS)
    applications.refuse(tx, settled, by="admin", reason="用途与职责不符")
    for number in (late, settled):
        with pytest.raises(FlowError, match=r"application\.not_extensible"), tx.transaction():
            extended(tx, number)


def test_by_a_draft_nothing_is_due_nothing_put_off_and_it_is_shown_for_reference(tx: Transaction, water: Reader):
    one = held(tx, applied(tx, water, "public", contracts=DRAFT))
    assert (one.sharing_kind, one.due_at, one.clock) == ("conditional", None, None)
    term = applications.term(DRAFT, one)
    assert term is not None
    assert (term.days, term.article, term.counts) == (10, "第二十一条", False)
    with pytest.raises(FlowError, match=r"application\.not_extensible"):
        applications.extend(tx, DRAFT, one.id, by="admin", reason="需征求意见")


def test_what_is_granted_is_supplied_by_the_first_read_that_succeeds(filled: Filled, tx: Transaction, water: Reader):
    number, record = applied(tx, water), filled.record("project")
    applications.grant(tx, CONTRACTS, number, None, by="admin", note="")
    one = held(tx, number)
    assert one.granted_at is not None
    assert one.supply_due_at == one.clock
    assert CONTRACTS.clock is not None
    calendar = CONTRACTS.clock.calendar
    assert calendar.between(calendar.next_day(one.granted_at), one.supply_due_at) == 20  # type: ignore[arg-type]
    term = applications.term(CONTRACTS, one)
    assert term is not None
    assert (term.days, term.article) == (20, "第二十二条")
    other = filled.rows("select id from hub.record where entity <> 'project' limit 1")
    accounts.write_reads(
        tx,
        [
            Read("water", "GET /v1/refused", record_ids=[record], refused=True),
            Read("admin", "GET /v1/anothers", record_ids=[record]),
            Read("water", "GET /v1/nothing"),
            *(Read("water", "GET /v1/other", record_ids=[row["id"]]) for row in other),
        ],
    )
    applications.follow(tx, CONTRACTS)
    assert held(tx, number).supplied_at is None
    accounts.write_reads(tx, [Read("water", "GET /v1/projects", record_ids=[record])])
    applications.follow(tx, CONTRACTS)
    one = held(tx, number)
    assert one.supplied_at is not None
    assert one.clock is None


def test_a_late_answer_and_a_late_supply_raise_alarms(filled: Filled, tx: Transaction, water: Reader):
    number = applied(tx, water)
    assert alerts(tx, filled) == set()
    tx.execute("update hub.application set due_at = now() - interval '1 hour'")
    assert alerts(tx, filled) == {"alert.application_open"}
    applications.grant(tx, CONTRACTS, number, None, by="admin", note="")
    assert alerts(tx, filled) == set()
    tx.execute("update hub.application set supply_due_at = now() - interval '1 hour'")
    assert alerts(tx, filled) == {"alert.application_granted"}
    for grant in accounts.grants(tx, "water"):
        auth.end_grant(tx, grant.id)
    assert alerts(tx, filled) == set()  # nothing can be supplied by a grant that has ended


def test_standing_disputes_and_applications_are_due_by_the_rule_of_their_day(empty_database_url: str):
    upgrade(empty_database_url, "0025d")
    world = Filled(empty_database_url)
    world.execute("""
        insert into hub.account (name, role, department, token_hash) values ('water', 'department', '供水', 'w');
        insert into hub.record (entity, key) values ('project', 'p');
        insert into hub.dispute (record_id, field, value, reason, opened_by, system, state, opened_at, due_at,
                                 answered_at, answered_by, correct_by)
        select id, 'name', 'x', '有误', 'water', 'investment', 'accepted', '2026-11-16T10:00+08:00',
               '2026-11-30T17:30+08:00', '2026-11-20T10:00+08:00', 'i', '2026-12-04T17:30+08:00' from hub.record;
        insert into hub.application (account, entities, classes, purpose, basis, valid_from, valid_until, state)
        values ('water', '{project}', '{public}', '供水', '条例', '2026-11-01', '2099-01-01', 'open'),
               ('water', '{project}', '{internal}', '供水', '条例', '2026-11-01', '2099-01-01', 'granted'),
               ('water', '{project}', '{internal}', '供水', '条例', '2025-07-01', '2099-01-01', 'open');
        insert into hub.application_step (application_id, state, by_account, at)
        values (1, 'open', 'water', '2026-11-20T10:00+08:00'), (2, 'open', 'water', '2026-11-16T10:00+08:00'),
               (2, 'granted', 'admin', '2026-11-17T10:00+08:00'), (3, 'open', 'water', '2025-07-21T10:00+08:00');
        insert into hub.access_grant (account, entity, classes, purpose, valid_from, valid_until, application_id)
        values ('water', 'project', '{internal}', '供水', '2026-11-01', '2099-01-01', 2)
    """)
    world.hub.migrate()
    assert world.rows("select correct_by = due_at as one from hub.dispute") == [{"one": True}]
    zone = "at time zone 'Asia/Shanghai'"
    rows = world.rows(
        f"select sharing_kind, (due_at {zone})::text as answer, (supply_due_at {zone})::text as supply"  # noqa: S608
        " from hub.application order by id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("unconditional", "2026-11-23 17:30:00", None),
        ("conditional", "2026-11-30 17:30:00", "2026-12-15 17:30:00"),
        ("conditional", None, None),  # before the regulation was in force no term held
    ]
    world.hub.close()
