"""The civil-defence office as it runs: its program inserts rows into tables that the hub hosts, and
reads there what became of each.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.errors import FlowError
from hub.services.projects import project
from tests.partners.joined import Joined, joined, until
from tests.postgres import DatabaseServer

WRONG = "2102-520502-04-01-99999X"
UNKNOWN = "2102-520502-04-01-999999"


@pytest.fixture(scope="module")
def office(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    state = tmp_path_factory.mktemp("office")
    with joined(
        "civil_defence",
        database_server=database_server,
        template=filled_template,
        state=state,
        projects=80,
    ) as found:
        found.partner.arm("malformed_record", where="reviews")
        until(lambda: found.theirs("select from rf.rf_sc where fzrq = '2024-13-45'") != [])
        found.counts = {name: found.pull(name) for name in ("approval_document", "opinion")}
        yield found


def row(office: Joined, key: object) -> dict[str, object]:
    (found,) = office.theirs("select zt, cwxx, clsj from rf.rf_sc where ywbh = %s", key)
    return found


def test_every_row_has_learnt_its_outcome(office: Joined) -> None:
    for table, flow in (("rf_sc", "approval_document"), ("rf_ys", "opinion")):
        told = office.theirs(f"select zt, cwxx, clsj from rf.{table}")  # noqa: S608 -- our words
        assert len(told) == office.counts[flow]["read"]
        assert {one["zt"] for one in told} <= {1, 2, 3}
        assert all(one["clsj"] for one in told)
        assert all(bool(one["cwxx"]) == (one["zt"] != 1) for one in told)
        heads = office.rows(
            "select state, count(*)::int as n from hub.head where flow = %s group by state",
            f"pull.civil_defence.{flow}",
        )
        by_state = {str(one["state"]): one["n"] for one in heads}
        for state, value in (("current", 1), ("quarantined", 2), ("waiting", 3)):
            assert sum(one["zt"] == value for one in told) == by_state.get(state, 0)
    assert office.counts["approval_document"].get("quarantined") == 1
    (spoilt,) = office.theirs("select zt, cwxx from rf.rf_sc where fzrq = '2024-13-45'")
    assert spoilt["zt"] == 2
    assert "2024-13-45" in str(spoilt["cwxx"])
    # the balance of each pass, and nothing is due any more
    passes = office.rows("select due, written, overtaken, failed from hub.write_back_batch")
    assert passes
    assert all(one["due"] == one["written"] for one in passes)
    assert office.world.hub.write_back("pull.civil_defence.approval_document") is None


def test_a_wrong_code_is_told_within_a_cycle_and_taken_when_it_is_put_right(office: Joined) -> None:
    (first,) = office.theirs(
        "select ywbh, xmdm from rf.rf_sc where zt = 1 and xmdm <> '' order by ywbh limit 1"
    )
    key, right = first["ywbh"], first["xmdm"]
    office.partner.edit("reviews", str(key), {"xmdm": UNKNOWN})
    office.pull("approval_document")
    told = row(office, key)
    assert told["zt"] == 3
    assert str(told["cwxx"]).startswith("项目代码不存在")
    office.partner.edit("reviews", str(key), {"xmdm": WRONG})
    office.pull("approval_document")
    told = row(office, key)
    assert told["zt"] == 2
    assert WRONG in str(told["cwxx"])
    office.partner.edit("reviews", str(key), {"xmdm": right})
    office.pull("approval_document")
    assert row(office, key) | {"clsj": None} == {"zt": 1, "cwxx": "", "clsj": None}


def test_a_row_that_the_clerk_has_taken_back_is_left_alone(office: Joined) -> None:
    (first,) = office.theirs("select ywbh from rf.rf_sc where zt = 1 order by ywbh desc limit 1")
    office.partner.edit("reviews", str(first["ywbh"]), {"wjmc": "改名", "zt": 7})
    office.pull("approval_document")
    assert row(office, first["ywbh"])["zt"] == 7
    (last,) = office.rows("select overtaken from hub.write_back_batch order by id desc limit 1")
    assert last["overtaken"] == 1


def test_a_login_that_may_update_more_is_told_by_ping_and_writes_nothing(office: Joined) -> None:
    hub = office.world.hub
    hub.ping("civil_defence")
    office.do("grant update on rf.in_xm to hub_login")
    try:
        with pytest.raises(FlowError) as refused:
            hub.ping("civil_defence")
        assert refused.value.code == "back.rights"
        assert "rf.in_xm." in refused.value.facts["places"]
    finally:
        office.do("revoke update on rf.in_xm from hub_login")
    hub.ping("civil_defence")


def test_basics_and_permits_arrive_in_its_inbox_and_are_answered(office: Joined) -> None:
    pushed = office.push("project")
    assert pushed["due"] == pushed["awaiting_receipt"] + pushed.get("withheld", 0)
    waiting = "select from rf.in_xm where zt = 0"
    until(lambda: office.theirs(waiting) == [])
    answered = office.receipts("project")
    assert answered["confirmed"] == pushed["awaiting_receipt"]
    assert all(one["applied"] == 1 for one in office.partner.received("projects"))


def test_its_opinion_stands_in_the_joint_acceptance_and_its_review_among_the_papers(
    office: Joined,
) -> None:
    context = operating(office.world.hub, "li")
    (one,) = office.rows(
        "select project_code from golden.opinion where trade = 'civil_defence'"
        " and deleted_at is null order by 1 limit 1"
    )
    view = project(context, str(one["project_code"]))
    assert {"opinion", "approval_document"} <= {found.entity for found in view.records}
