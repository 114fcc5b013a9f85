"""An application is answered, extended once and supplied within the terms of the law, and says
which article.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.auth import access_log
from hub.auth.access_log import AccessEntry
from hub.auth.context import RequestContext
from hub.domain.access_terms import Terms
from hub.errors import FlowError
from hub.services import applications, grants
from hub.services.alerts import findings
from tests.auth.conftest import opened
from tests.auth.test_carried_over import upgrade
from tests.filled import CONTRACTS, Filled

DRAFT = replace(
    CONTRACTS,
    limits=tuple(
        replace(limit, status="draft") if limit.document == "sharing" else limit
        for limit in CONTRACTS.limits
    ),
)


@pytest.fixture
def water(filled: Filled) -> RequestContext:
    return opened(filled, "water", unit="市供水公司")


@pytest.fixture
def admin(filled: Filled) -> RequestContext:
    return opened(filled, "admin", "administrator", "大数据局")


def applied(unit: RequestContext, *classes: str) -> int:
    first = grants.usual_terms(unit).valid_from
    wanted = Terms(
        ("project",),
        classes or ("public", "internal"),
        (),
        False,  # noqa: FBT003
        first,
        first + timedelta(days=99),
    )
    return applications.apply(unit, wanted, purpose="用水报装", basis="供水条例第三条").id


def made_at(filled: Filled, number: int, moment: str) -> None:
    """Put an application back to a day on which it was made, its terms not worked out."""
    filled.execute(
        f"update hub.application set sharing_kind = null, due_at = null where id = {number}"  # noqa: S608
    )
    filled.execute(
        f"update hub.application_step set at = '{moment}' where application_id = {number}"  # noqa: S608
    )


def alerts(filled: Filled) -> set[str]:
    with filled.hub.database.write() as tx:
        found = findings(tx, CONTRACTS, filled.hub.settings)
    return {one.fault.code for one in found if one.fault.code.startswith("alert.application")}


def test_public_data_are_answered_in_one_working_day_and_all_else_in_ten(
    filled: Filled, water: RequestContext, admin: RequestContext
):
    free, bound = applied(water, "public"), applied(water, "public", "internal")
    for number, moment in ((free, "2026-02-13T10:00+08:00"), (bound, "2026-11-16T10:00+08:00")):
        made_at(filled, number, moment)
    applications.catch_up(admin)
    one, other = applications.one(water, free), applications.one(water, bound)
    # the Saturday of 14 February is worked (调休)
    assert (one.sharing_kind, one.due_at) == (
        "unconditional",
        datetime.fromisoformat("2026-02-14T17:30+08:00"),
    )
    assert (other.sharing_kind, other.due_at) == (
        "conditional",
        datetime.fromisoformat("2026-11-30T17:30+08:00"),
    )
    assert one.term is not None
    assert (one.term.days, one.term.article, one.term.status) == (1, "第二十一条", "in_force")


def test_an_application_has_its_term_as_soon_as_it_is_made(water: RequestContext):
    one = applications.one(water, applied(water))
    assert one.due_at is not None
    assert one.clock == one.due_at > datetime.now(UTC) + timedelta(days=9)


def test_an_answer_is_put_off_once_with_a_reason_that_the_unit_is_told(
    filled: Filled, water: RequestContext, admin: RequestContext
):
    number = applied(water)
    colleague = opened(filled, "water2", "administrator", "市供水公司")
    with pytest.raises(FlowError, match=r"application\.invalid"):
        applications.extend(admin, number, reason=" ")
    with pytest.raises(FlowError, match=r"application\.own"):
        applications.extend(colleague, number, reason="需征求三个部门意见")
    applications.extend(admin, number, reason="需征求三个部门意见")
    one = applications.one(water, number)
    assert one.due_at is not None
    assert one.extended_to == one.clock
    calendar = CONTRACTS.clock.calendar  # type: ignore[union-attr]
    assert calendar.between(one.due_at, one.extended_to) == 10  # type: ignore[arg-type]
    assert [(step.state, step.by_account, step.reason) for step in one.steps][1:] == [
        ("extended", "admin", "需征求三个部门意见")
    ]
    with pytest.raises(FlowError, match=r"application\.extended"):
        applications.extend(admin, number, reason="需征求三个部门意见")
    applications.refuse(admin, number, reason="用途与职责不符")
    assert applications.one(water, number).clock is None


def test_what_is_late_or_settled_is_not_put_off(
    filled: Filled, water: RequestContext, admin: RequestContext
):
    late, settled = applied(water), applied(water)
    made_at(filled, late, "2026-01-05T10:00+08:00")
    applications.catch_up(admin)
    assert applications.one(water, late).late
    applications.refuse(admin, settled, reason="用途与职责不符")
    for number in (late, settled):
        with pytest.raises(FlowError, match=r"application\.not_extensible"):
            applications.extend(admin, number, reason="需征求三个部门意见")


def test_by_a_draft_nothing_is_due_nothing_put_off_and_it_is_shown_for_reference(filled: Filled):
    filled.hub.contracts = DRAFT
    water, admin = (
        opened(filled, "water", unit="市供水公司"),
        opened(filled, "admin", "administrator", "大数据局"),
    )
    one = applications.one(water, applied(water, "public"))
    assert (one.sharing_kind, one.due_at, one.clock, one.late) == ("conditional", None, None, False)
    assert one.term is not None
    assert (one.term.days, one.term.article, one.term.counts) == (10, "第二十一条", False)
    with pytest.raises(FlowError, match=r"application\.not_extensible"):
        applications.extend(admin, one.id, reason="需征求意见")


def test_what_is_granted_is_supplied_by_the_first_read_that_succeeds(
    filled: Filled, water: RequestContext, admin: RequestContext
):
    number, record = applied(water), filled.record("project")
    one = applications.grant(admin, number)
    assert one.granted_at is not None
    assert one.supply_due_at == one.clock
    assert CONTRACTS.clock is not None
    calendar = CONTRACTS.clock.calendar
    assert calendar.between(calendar.next_day(one.granted_at), one.supply_due_at) == 20  # type: ignore[arg-type]
    assert one.term is not None
    assert (one.term.days, one.term.article) == (20, "第二十二条")
    other = filled.rows("select id from hub.record where entity <> 'project' limit 1")
    access_log.write(
        filled.hub.database,
        [
            AccessEntry("water", "GET /v1/refused", record_ids=[record], refused=True),
            AccessEntry("admin", "GET /v1/anothers", record_ids=[record]),
            AccessEntry("water", "GET /v1/nothing"),
            *(AccessEntry("water", "GET /v1/other", record_ids=[row["id"]]) for row in other),  # type: ignore[list-item]
        ],
    )
    applications.catch_up(admin)
    assert applications.one(water, number).supplied_at is None
    access_log.write(
        filled.hub.database, [AccessEntry("water", "GET /v1/projects", record_ids=[record])]
    )
    applications.catch_up(admin)
    one = applications.one(water, number)
    assert one.supplied_at is not None
    assert one.clock is None


def test_a_late_answer_and_a_late_supply_raise_alarms(
    filled: Filled, water: RequestContext, admin: RequestContext
):
    number = applied(water)
    assert alerts(filled) == set()
    filled.execute("update hub.application set due_at = now() - interval '1 hour'")
    assert alerts(filled) == {"alert.application_open"}
    held = applications.grant(admin, number).grants
    assert alerts(filled) == set()
    filled.execute("update hub.application set supply_due_at = now() - interval '1 hour'")
    assert alerts(filled) == {"alert.application_granted"}
    for grant in held:
        grants.end(admin, grant.id)
    assert alerts(filled) == set()  # nothing can be supplied by a grant that has ended


def test_standing_disputes_and_applications_are_due_by_the_rule_of_their_day(
    empty_database_url: str,
):
    upgrade(empty_database_url, "0025d")
    world = Filled(empty_database_url)
    world.execute("""
        insert into hub.account (name, role, department, token_hash) values ('water', 'department',
            '供水', 'w');
        insert into hub.record (entity, key) values ('project', 'p');
        insert into hub.dispute (record_id, field, value, reason, opened_by, system, state,
            opened_at, due_at,
                                 answered_at, answered_by, correct_by)
        select id, 'name', 'x', '有误', 'water', 'investment', 'accepted', '2026-11-16T10:00+08:00',
               '2026-11-30T17:30+08:00', '2026-11-20T10:00+08:00', 'i', '2026-12-04T17:30+08:00'
                   from hub.record;
        insert into hub.application (account, entities, classes, purpose, basis, valid_from,
            valid_until, state)
        values ('water', '{project}', '{public}', '供水', '条例', '2026-11-01', '2099-01-01', 'open'),
               ('water', '{project}', '{internal}', '供水', '条例', '2026-11-01', '2099-01-01',
                   'granted'),
               ('water', '{project}', '{internal}', '供水', '条例', '2025-07-01', '2099-01-01', 'open');
        insert into hub.application_step (application_id, state, by_account, at)
        values (1, 'open', 'water', '2026-11-20T10:00+08:00'), (2, 'open', 'water',
            '2026-11-16T10:00+08:00'),
               (2, 'granted', 'admin', '2026-11-17T10:00+08:00'), (3, 'open', 'water',
                   '2025-07-21T10:00+08:00');
        insert into hub.access_grant (account, entity, classes, purpose, valid_from, valid_until,
            application_id)
        values ('water', 'project', '{internal}', '供水', '2026-11-01', '2099-01-01', 2)
    """)
    world.hub.migrate()
    assert world.rows("select correct_by = due_at as one from hub.dispute") == [{"one": True}]
    zone = "at time zone 'Asia/Shanghai'"
    rows = world.rows(
        f"select sharing_kind, (due_at {zone})::text as answer, (supply_due_at "  # noqa: S608
        f"{zone})::text as supply"
        " from hub.application order by id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("unconditional", "2026-11-23 17:30:00", None),
        ("conditional", "2026-11-30 17:30:00", "2026-12-15 17:30:00"),
        ("conditional", None, None),  # before the regulation was in force no term held
    ]
    world.hub.close()
