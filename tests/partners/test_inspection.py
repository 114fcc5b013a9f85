"""Random checks and checks of promises as they run: windows, several departments in one text,
results that are corrected, and what a broken promise sets going.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.prefill.told import prefilled_form
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

DELIVERY = (
    "select d.state, d.valid from hub.delivery d where d.flow = 'push.credit.inspection'"
    " and d.record_id = %s"
)


@pytest.fixture(scope="module")
def checks(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "inspection",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("checks"),
        projects=120,
        beside="credit",
    ) as found:
        found.partner.arm("malformed_record", where="checks")
        names = ("inspection", "inspection.promise", "commitment")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def broken(checks: Joined) -> dict[str, object]:
    (row,) = checks.rows(
        "select * from golden.inspection where kind = 'commitment' and fulfilled = false"
        " and project_code <> '' and deleted_at is null order by number limit 1"
    )
    return row


def test_windows_lose_nothing_and_words_become_codes(checks: Joined) -> None:
    offered = checks.partner.shared()
    assert checks.counts["inspection"]["read"] == offered["checks"]
    assert checks.counts["inspection"]["quarantined"] == 1
    assert checks.counts["inspection.promise"]["read"] == offered["promises"]
    rows = checks.rows("select kind, department, departments, result from golden.inspection")
    assert {one["kind"] for one in rows} == {"random", "commitment"}
    assert {one["result"] for one in rows} >= {"pass", "fail"}
    for one in rows:
        several = one["departments"]
        assert isinstance(several, list)
        assert len(several) == 2
        assert several[0] == one["department"]


def test_a_broken_promise_reaches_credit_once_and_a_correction_takes_it_back(
    checks: Joined,
) -> None:
    one = broken(checks)
    credit, number = checks.beside["credit"], str(one["number"])
    pushed = checks.push("inspection", to="credit")
    assert pushed["due"] > 0
    credit.tick()
    assert [held["检查编号"] for held in credit.received("breaches")].count(number) == 1
    checks.world.hub.receipts("push.credit.inspection")
    checks.push("inspection", to="credit")
    credit.tick()
    held = [each for each in credit.received("breaches") if each["检查编号"] == number]
    assert [each["applied"] for each in held] == [1]
    checks.partner.edit("promises", number, {"lxcn": "已履行", "jcjg": "符合承诺"})
    checks.pull("inspection.promise")
    checks.push("inspection", to="credit")
    credit.tick()
    told = [each for each in credit.received("breaches") if each["检查编号"] == number]
    assert told[-1]["操作"] == "撤销", told


def test_the_check_has_the_first_word_on_the_promise(checks: Joined) -> None:
    rows = checks.rows(
        "select c.broken, i.fulfilled from golden.commitment c join golden.inspection i"
        " on i.item_number = c.item_number and i.kind = 'commitment'"
        " where c.deleted_at is null and i.deleted_at is null"
    )
    assert rows
    checks.pull("commitment")
    assert any(one["broken"] is True for one in rows)


def test_forms_and_pages_tell_a_broken_promise(checks: Joined) -> None:
    code = str(broken(checks)["project_code"])
    context = operating(checks.world.hub, "li")
    filled = prefilled_form(context, "construction_permit", code)
    assert "broken_promise" in {one.name for one in filled.checks}
    answers = {one.name: one.value for one in filled.fields}
    assert str(broken(checks)["item_number"]) in str(answers["broken_promises"])
    assert "inspection" in {one.entity for one in project(context, code).records}


def test_promises_are_told_once_under_every_fault(checks: Joined) -> None:
    flow = "pull.approval.commitment"
    checks.world.pull(flow, payload(flow, gcdm=f"{CODE}-001", cnlx="告知承诺", spsxslbm="SL-1"))
    held = checks.handed_over("commitment", "commitments", "http_429", "lost_answer")
    assert all(one["applied"] == 1 for one in held)
    assert [one["sxslbm"] for one in held] == ["SL-1"]
