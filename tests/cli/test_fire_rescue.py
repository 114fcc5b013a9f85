"""The rescue service, files alone: checks before a place opens, most of which name no project."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.model import Json
from hub.services import linking, waiting
from hub.services.prefill import prefilled
from sandbox.world import World
from tests.cli.conftest import Command
from tests.filled import Filled, payload
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

CHECKS, CONSENTS = "pull.fire_rescue.inspection", "pull.fire_rescue.approval_document"
PERMITS, FILINGS = "pull.approval.approval_document.permit", "pull.approval.completion_filing"
GOLDEN = "select number, project_code from golden.inspection"
GIVEN = "push.fire_rescue.completion_filing"
WORLD = World(seed=7, projects=0)
ARRIVED = "select key from hub.landing where flow = %s and disposition <> 'quarantined'"
UNCODED = "select key from hub.landing where flow = %s and position('<XMDM></XMDM>'::bytea in payload) > 0"


@pytest.fixture
def rescue(tmp_path: Path) -> Iterator[PartnerProcess]:
    with running_partner("fire_rescue", state=tmp_path / "fire_rescue") as partner:
        yield partner


@pytest.fixture
def investment(tmp_path: Path) -> Iterator[PartnerProcess]:
    with running_partner("investment", state=tmp_path / "investment") as partner:
        yield partner


def counts(command: Command, flow: str) -> dict[str, int]:
    status, out, err = command("run", flow, "--json")
    assert status == 0, err
    (run,) = json.loads(out)["runs"]
    assert run["balanced"] is True
    return run["counts"]


def known_to_approval() -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
    """Permits and filings of the world, as the approval system shares them."""
    permits, filings = list[dict[str, Json]](), list[dict[str, Json]]()
    for life in (WORLD.life(index, tick=0) for index in range(WORLD.size)):
        works: dict[str, Json] = {"gcdm": f"{life.project.code}-001"}
        for one in life.construction_permits:
            told = {"sgxkzbh": one.number, "gcghxkzbh": one.planning_permit}
            permits.append(payload(PERMITS, **works, **told, spsxslbm=one.item_number))
        for filed in life.completion_filings:
            told = {"jgysbabh": filed.number, "sgxkzbh": None, "spsxslbm": filed.item_number}
            filings.append(payload(FILINGS, **works, **told, sfsxlhys=1))
    return permits, filings


def test_checks_find_their_project_by_number_and_the_rest_are_proposed(
    command: Command,
    filled: Filled,
    rescue: PartnerProcess,
    investment: PartnerProcess,
    monkeypatch: pytest.MonkeyPatch,
):
    login, base = f"{USER}:{SECRET}@127.0.0.1", f"127.0.0.1:{rescue.port}/xfjd/DataService"
    monkeypatch.setenv("HUB_CONN_INVESTMENT", f"http://{login}:{investment.port}/api")
    monkeypatch.setenv("HUB_CONN_FIRE_RESCUE", f"http://{USER}:{SECRET[::-1]}@{base}")
    status, _, err = command("run", CHECKS)
    assert (status, "account or key" in err) == (1, True), err
    monkeypatch.setenv("HUB_CONN_FIRE_RESCUE", f"http://{USER}:{SECRET}@{base}")
    counts(command, "pull.investment.project")
    permits, filings = known_to_approval()
    filled.pull(PERMITS, *permits)
    filled.pull(FILINGS, *filings)

    lives = [WORLD.life(index, tick=0) for index in range(WORLD.size)]
    right = {f"KY{one.item_number}": life.project.code for life in lives for one in life.fire_cases}
    checks = {
        f"KY{one.item_number}"
        for life in lives
        for one in life.fire_cases
        if one.passed and one.kind != "review"
    }
    rescue.arm("malformed_record", where="checks")
    first = counts(command, CHECKS)
    assert first["read"] == rescue.shared()["checks"] == len(checks) > 30
    assert first["quarantined"] == 1  # a sign that XML cannot say costs its record, not the page
    (lost,) = checks - {str(row["key"]) for row in filled.rows(ARRIVED, CHECKS)}
    rescue.edit("checks", lost, {"JCQK": "已消除"})
    again = counts(command, CHECKS)
    assert (again.get("quarantined", 0), again["read"] >= 1) == (0, True)
    assert counts(command, CONSENTS)["read"] == rescue.shared()["certificates"]

    by_number = {str(row["number"]) for row in filled.rows(GOLDEN)}
    filled.hub.release()  # what is left is judged by name, owner and place
    rows = filled.rows(GOLDEN)
    assert all(row["project_code"] == right[str(row["number"])] for row in rows)
    asked = operating(filled.hub, "王工")
    left = linking.questions(asked, flow=CHECKS, most=100)
    still = waiting.listed(asked, flow=CHECKS).waiting.get(CHECKS, 0)
    assert len(rows) + still == len(checks)
    assert still - len(left) <= 1  # names a project that the platform does not share
    uncoded = {str(row["key"]) for row in filled.rows(UNCODED, CHECKS)}
    lent = uncoded & by_number
    assert 0.6 < len(uncoded) / first["read"] < 0.85
    assert 0.6 < len(lent) / len(uncoded) < 1
    assert all(right[one.key] in {offer.project_code for offer in one.offered} for one in left)

    code = next(str(row["project_code"]) for row in rows if row["number"] in lent)
    form, _ = prefilled(asked, "business_opening", code)
    answers = {answer.question.name: answer.value for answer in form.answers}
    assert right[str(answers["opening_check"])] == code
    assert answers["opening_check_result"] == "pass"
    joint, _ = prefilled(asked, "joint_acceptance", code)
    told = {answer.question.name: answer.value for answer in joint.answers}
    assert told["opening_check"] == answers["opening_check"]

    pushed = counts(command, GIVEN)
    known = filled.rows("select number from golden.completion_filing")
    assert pushed["confirmed"] == pushed["due"] == len(known) >= len(filings) - 1
    held = rescue.received("filings")
    assert {(one["applied"], one["SFLHYS"]) for one in held} == {(1, "1")}
