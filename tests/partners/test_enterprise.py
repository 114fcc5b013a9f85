"""The platform for opening a business as it runs: no list, one company a call, so many a day."""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.errors import FlowError, TransientError
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

FLOW = "pull.enterprise.company"


@pytest.fixture(scope="module")
def platform(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    state = tmp_path_factory.mktemp("platform")
    with joined(
        "enterprise",
        database_server=database_server,
        template=filled_template,
        state=state,
        projects=240,
    ) as found:
        yield found


def asked(platform: Joined) -> dict[str, int]:
    rows = platform.rows("select state, count(*)::int as n from hub.asked group by state")
    return {str(row["state"]): int(str(row["n"])) for row in rows}


def owners(platform: Joined) -> int:
    (row,) = platform.rows(
        "select count(distinct owner_uscc)::int as n from golden.project"
        " where deleted_at is null and owner_uscc <> ''"
    )
    return int(str(row["n"]))


def test_a_page_at_night_is_unavailable_and_no_empty_company(platform: Joined) -> None:
    platform.partner.arm("night_page", where="companies")
    with pytest.raises(TransientError) as away:
        platform.world.hub.pull(FLOW)
    assert away.value.code == "system.unavailable"
    assert asked(platform) == {}
    assert platform.rows("select from golden.company where deleted_at is null") == []


def test_every_owner_is_asked_once_and_none_is_remembered(platform: Joined) -> None:
    wanted = owners(platform)
    assert wanted > 40
    first = platform.pull("company")
    while sum(asked(platform).values()) < wanted:
        platform.pull("company")
    said = asked(platform)
    assert said["absent"] > 0
    assert said["answered"] > 0
    assert sum(said.values()) == wanted
    assert first["created"] == first["read"]
    # all are known now: nobody is asked again within thirty days
    (before,) = platform.rows("select sum(asked)::int as n from hub.asked_day")
    assert platform.pull("company") == {}
    (after,) = platform.rows("select sum(asked)::int as n from hub.asked_day")
    assert after == before
    batches = platform.rows("select asked, answered, absent, failed from hub.asked_batch")
    assert sum(int(str(one["asked"])) for one in batches) == wanted
    log = platform.rows("select purpose from hub.access where account = %s", FLOW)
    assert len(log) >= wanted
    assert {str(one["purpose"]) for one in log} == {"核对建设单位登记状态，免交营业执照"}


def test_a_spent_quota_waits_for_tomorrow(platform: Joined) -> None:
    spent = None
    for _ in range(30):
        platform.world.execute("update hub.asked set asked_at = asked_at - interval '31 days'")
        platform.world.execute("update hub.asked_day set asked = 0")
        try:
            platform.world.hub.pull(FLOW)
        except FlowError as error:
            spent = error
            break
    assert spent is not None
    assert spent.code == "ask.spent"
    assert platform.pull("company") == {}
    platform.partner.tick()
    platform.world.execute("update hub.asked_day set day = day - 1")
    platform.pull("company")


def test_the_licence_is_offered_by_its_holder_and_a_revoked_one_is_flagged(
    platform: Joined,
) -> None:
    context = operating(platform.world.hub, "li")

    def of(status: str) -> str:
        (row,) = platform.rows(
            "select p.project_code from golden.project p join golden.company c"
            " on c.uscc = p.owner_uscc where c.status = %s and p.deleted_at is null"
            " and c.deleted_at is null order by 1 limit 1",
            status,
        )
        return str(row["project_code"])

    filled, _ = prefilled(context, "construction_permit", of("registered"))
    answers = {one.question.name: one.value for one in filled.answers}
    assert str(answers["owner_licence"]).startswith("LIC91")
    assert answers["owner_capital"]
    code = of("revoked")
    filled, _ = prefilled(context, "construction_permit", code)
    answers = {one.question.name: one.value for one in filled.answers}
    assert answers["owner_licence"] is None
    assert "建设单位的营业执照已吊销或注销。" in [one.says_zh for one in filled.checks]
    view = project(context, code)
    assert "company" in {one.entity for one in view.records}


def test_a_bad_record_stands_in_quarantine_and_its_question_is_answered(platform: Joined) -> None:
    platform.world.execute("update hub.asked set asked_at = asked_at - interval '31 days'")
    platform.world.execute("update hub.asked_day set asked = 0, spent = false")
    platform.partner.tick()
    platform.partner.arm("malformed_record", where="companies")
    platform.pull("company")
    (key,) = platform.quarantined("company")
    assert asked(platform)["answered"] >= 1
    (row,) = platform.rows("select state from hub.asked where key = %s", key)
    assert row["state"] == "answered"


def test_joint_acceptances_arrive_once_under_every_fault(platform: Joined) -> None:
    platform.world.pull(
        "pull.approval.completion_filing",
        payload("pull.approval.completion_filing", gcdm=f"{CODE}-001"),
    )
    held = platform.handed_over("completion_filing", "acceptances", "http_500", "lost_answer")
    due = platform.rows(
        "select state from hub.delivery where flow = 'push.enterprise.completion_filing'"
    )
    assert {str(one["state"]) for one in due} <= {"confirmed", "unchanged", "due", "withheld"}
    assert len(held) == sum(one["state"] == "confirmed" for one in due) == 1
