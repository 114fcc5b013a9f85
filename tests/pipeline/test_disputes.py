"""A value that somebody says is wrong: to the unit whose system says it, answered in time,
corrected, recalled.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.db import disputes, recalls
from hub.db.access.accounts import Account
from hub.db.disputes import Dispute
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.pipeline import disputes as dispute
from hub.pipeline import recall
from hub.pipeline.disputes import Complaint
from hub.services import alerts
from hub.settings import HOME
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES
from tests.pipeline.test_recall import later, read
from tests.pipeline.test_remap import PLAN, project

BUILD = "pull.build.project"
RECORD = f"project:{CODE}"
NOW = datetime(2026, 11, 16, 2, tzinfo=UTC)
WHOLE = Rights(whole=True)
LIMITS = {
    f"mappings/limits/{name}.yaml": Path(HOME, f"mappings/limits/{name}.yaml").read_text()
    for name in ("clock", "disputes")
}


def account(name: str, department: str = "", role: str = "department") -> Account:
    return Account(name, role, department, NOW, None)


WATER = account("water", "供水公司")
OWNER = account("plan", "部门")


@pytest.fixture
def told(small: Small) -> Small:
    """Two systems know one project; what the first says has gone to a target."""
    files = FILES | LIMITS
    small.contracts = contracts_of(files)
    small.pull(PLAN, Source([project(1, code=CODE, name="错的", at="1")]))
    small.pull(BUILD, Source([{"id": "9", "code": CODE, "name": "另一个"}]))
    small.push("push.desk.project", Desk())
    later(small)
    return small


def opened(small: Small, field: str = "name", by: Account = WATER, **said: str) -> int:
    with small.database.write() as tx:
        complaint = Complaint(RECORD, field, **{"reason": "与批文不符"} | said)
        return dispute.open_dispute(tx, small.contracts, complaint, by=by, rights=WHOLE, now=NOW)


def answered(
    small: Small,
    number: int,
    *,
    accepted: bool,
    text: str = "",
    by: Account = OWNER,
    at: datetime = NOW,
) -> None:
    with small.database.write() as tx:
        dispute.answer(tx, small.contracts, number, accepted=accepted, text=text, by=by, now=at)


def case(small: Small, number: int) -> Dispute:
    with small.database.write() as tx:
        dispute.follow(tx, small.contracts, now=NOW)
        recall.follow(tx, small.contracts)
        return dispute.case_of(tx, number)


def refused(match: str):
    return pytest.raises(FlowError, match=match)


def test_a_dispute_goes_to_the_system_whose_value_it_is_and_is_due_in_ten_working_days(told: Small):
    held = case(told, opened(told, proposed="对的"))
    assert (held.system, held.value, held.proposed, held.state) == ("plan", "错的", "对的", "open")
    assert held.due_at == datetime.fromisoformat("2026-11-30T17:30+08:00")


def test_what_is_accepted_is_recalled_and_closes_when_the_source_says_something_else(told: Small):
    number = opened(told)
    answered(told, number, accepted=True)
    held = case(told, number)
    assert (held.state, held.receivers, held.owed, held.closed_at) == ("accepted", 1, 1, None)
    assert held.correct_by == datetime.fromisoformat("2026-11-30T17:30+08:00")
    told.pull(PLAN, Source([project(1, code=CODE, name="对的", at="2")]))
    assert (case(told, number).state, case(told, number).owed) == ("corrected", 1)
    told.push("push.desk.project", Desk())
    assert case(told, number).owed == 0


def test_a_correction_without_an_answer_closes_and_recalls_too(told: Small):
    read(told, "bureau", CODE)
    later(told)
    number = opened(told)
    told.pull(PLAN, Source([project(1, code=CODE, name="对的", at="2")]))
    held = case(told, number)
    assert (held.state, held.answered_at, held.receivers) == ("corrected", None, 2)
    with told.database.write() as tx:
        assert {one.name for one in recalls.receivers(tx, held.recall_id or 0)} == {
            "bureau",
            "push.desk.project",
        }


def test_a_change_of_another_field_or_by_another_system_corrects_nothing(told: Small):
    number = opened(told)
    told.pull(PLAN, Source([project(1, code=CODE, name="错的", at="2", money="7")]))
    told.pull(BUILD, Source([{"id": "9", "code": CODE, "name": "第三个"}]))
    assert case(told, number).state == "open"


def test_a_refusal_wants_a_reason_and_ends_the_dispute(told: Small):
    number = opened(told)
    with refused("dispute.unfounded"):
        answered(told, number, accepted=False, text=" ")
    answered(told, number, accepted=False, text="批文如此")
    held = case(told, number)
    assert (held.state, held.answer, held.answered_by, held.recall_id) == (
        "refused",
        "批文如此",
        "plan",
        None,
    )
    with refused("dispute.answered"):
        answered(told, number, accepted=True)


def test_only_the_unit_of_the_source_or_an_administrator_answers_and_only_the_opener_withdraws(
    told: Small,
):
    number = opened(told)
    with refused("dispute.not_yours"):
        answered(told, number, accepted=True, by=WATER)
    with told.database.write() as tx:
        with refused("dispute.not_yours"):
            dispute.withdraw(tx, number, by=OWNER, now=NOW)
        dispute.withdraw(tx, number, by=WATER, now=NOW)
    assert case(told, number).state == "withdrawn"
    again = opened(told)
    answered(told, again, accepted=True, by=account("admin", role="administrator"))
    assert case(told, again).answered_by == "admin"


def test_a_value_is_disputed_once_at_a_time_by_who_may_see_it_and_with_a_reason(told: Small):
    opened(told)
    with refused("dispute.open_already"):
        opened(told)
    with refused("dispute.unfounded"):
        opened(told, "project_code", reason="")
    with refused("dispute.nothing_there"):
        opened(told, "investment")
    with told.database.write() as tx, refused("ask.record_unknown"):
        dispute.open_dispute(
            tx, told.contracts, Complaint(RECORD, "name", "x"), by=WATER, rights=Rights(), now=NOW
        )


def test_a_dispute_is_known_to_both_units_and_to_those_who_look_into_everything(told: Small):
    opened(told)
    nobody = Rights()

    def known(who: Account, rights: Rights = nobody) -> int:
        with told.database.write() as tx:
            return len(dispute.seen(tx, told.contracts, who, rights))

    assert [
        known(WATER),
        known(OWNER),
        known(account("gas", "燃气公司")),
        known(account("audit"), WHOLE),
    ] == [
        1,
        1,
        0,
        1,
    ]


def test_a_late_answer_and_a_late_correction_raise_alarms(told: Small):
    number = opened(told)
    told.rows("update hub.dispute set due_at = now() - interval '1 hour' returning 1")

    def codes() -> set[str]:
        with told.database.write() as tx:
            return {one.fault.code for one in alerts.findings(tx, told.contracts, told.settings)}

    assert "alert.dispute_open" in codes()
    answered(told, number, accepted=True)
    assert "alert.dispute_open" not in codes()
    assert "alert.dispute_accepted" in codes()  # the one term for both is over


def test_an_answer_begins_no_second_term_the_correction_is_due_with_the_dispute(told: Small):
    number = opened(told)
    answered(told, number, accepted=True, at=NOW + timedelta(days=9))
    held = case(told, number)
    assert (
        held.correct_by
        == held.due_at
        == held.next_due
        == datetime.fromisoformat("2026-11-30T17:30+08:00")
    )


def test_a_dispute_shows_the_article_of_its_term(told: Small):
    term = dispute.term(told.contracts, case(told, opened(told)))
    assert term is not None
    assert (term.days, term.article, term.status) == (10, "第二十六条", "in_force")
    assert term.source.startswith("《政务数据共享条例》")


def test_a_draft_term_gives_a_dispute_no_clock_and_is_shown_for_reference(told: Small):
    path = "mappings/limits/disputes.yaml"
    draft = {path: LIMITS[path].replace("status: in_force", "status: draft")}
    told.contracts = contracts_of(FILES | LIMITS | draft)
    held = case(told, opened(told))
    term = dispute.term(told.contracts, held)
    assert (held.due_at, term is not None and term.counts) == (None, False)
    assert term is not None


def test_without_limits_a_dispute_has_no_clock(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE, name="错的", at="1")]))
    held = case(small, opened(small))
    assert (held.due_at, held.next_due, held.state) == (None, None, "open")
    with small.database.write() as tx:
        assert [one.id for one in disputes.disputes(tx, record_ids=[held.record_id])] == [held.id]
        assert disputes.disputes(tx, record_ids=[]) == []
    assert held.opened_at - NOW < timedelta(seconds=1)
