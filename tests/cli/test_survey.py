"""The joint surveys, files alone: workbooks as people make them, over SFTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Command
from tests.cli.file_partners import exchanging, invested, run
from tests.filled import Filled
from tests.sandbox.process import eventually
from tests.sandbox_processes import PartnerProcess

SURVEYS = "pull.survey.joint_survey"


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PartnerProcess]:
    with exchanging("survey", tmp_path, monkeypatch) as partner:
        yield partner


@pytest.fixture
def projects(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with invested(tmp_path, command, monkeypatch):
        yield


@pytest.mark.usefixtures("projects")
def test_each_row_of_merged_cells_has_its_building_and_a_long_number_typed_as_one_is_a_fault(
    command: Command, filled: Filled, survey: PartnerProcess, tmp_path: Path
):
    (path,) = (tmp_path / "survey/files/outbox").iterdir()
    book = load_workbook(path)
    assert (book.worksheets[0].sheet_state, len(book.worksheets)) == ("hidden", 2)
    assert len(book.worksheets[1].merged_cells.ranges) > 20
    read = run(command, SURVEYS)
    assert read["read"] == sum(survey.shared().values()) > 40
    rows = filled.rows("select * from golden.joint_survey")
    assert len(rows) == read["read"] - read.get("quarantined", 0) - read.get("waiting", 0)
    assert all(row["subject_name"] and row["project_code"] for row in rows)
    assert {row["kind"] for row in rows} == {"planning_check", "property"}
    typed = filled.rows(f"select faults from hub.quarantine where flow = '{SURVEYS}'")  # noqa: S608
    causes = [one["faults"][0]["code"] for one in typed]  # type: ignore[index]
    assert causes == ["record.cell_unusable"] * read["quarantined"] != []


@pytest.mark.usefixtures("projects")
def test_what_the_planning_check_measured_is_a_claim_about_its_building(
    command: Command, survey: PartnerProcess
):
    """A workbook has a row for each kind of survey of a building: none takes another's place."""
    read = run(command, "pull.survey.unit_work")
    assert read.get("superseded", 0) == 0
    assert read["ignored"] > 0
    judged = sum(read.get(name, 0) for name in ("created", "waiting", "quarantined"))
    assert judged == read["read"] - read["ignored"]
    assert read["created"] > 0


@pytest.mark.usefixtures("projects")
def test_a_formula_without_a_result_is_a_fault_until_the_source_corrects_it(
    command: Command, filled: Filled, survey: PartnerProcess
):
    survey.arm("malformed_record", where="planning_checks")
    survey.tick()
    assert run(command, SURVEYS)["quarantined"] > 0
    open_ = (
        "select id, key from hub.quarantine where cause like '%/面积~1建筑面积' and state = 'open'"
    )
    (entry,) = filled.rows(open_)
    _, _, number = str(entry["key"]).split("|")
    survey.edit("planning_checks", f"{number}/planning_checks", {"建筑高度": 12.3})
    assert run(command, SURVEYS)["created"] == 1
    assert filled.rows(open_) == []
    (row,) = filled.rows(
        f"select height, area from golden.joint_survey where kind = 'planning_check' and subject = '{number}'"  # noqa: S608
    )
    assert (str(row["height"]), row["area"] is None) == ("12.30", False)


@pytest.mark.usefixtures("projects")
def test_needs_and_permits_are_handed_over_in_workbooks_and_answered(
    command: Command, survey: PartnerProcess, tmp_path: Path
):
    sent = run(command, "push.survey.project")
    assert sent["awaiting_receipt"] == sent["due"] - sent.get("withheld", 0) > 20
    assert eventually(lambda: any((tmp_path / "survey/files/answers").iterdir()))
    assert len(survey.received("needs")) == sent["awaiting_receipt"]
    assert run(command, "receipts.survey.project")["confirmed"] == sent["awaiting_receipt"]
