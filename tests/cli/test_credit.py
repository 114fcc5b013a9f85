"""The credit platform, files alone: the whole list each day, of subjects and not of projects."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.services import projects
from hub.services.prefill.told import prefilled_form
from tests.cli.conftest import Command
from tests.cli.file_partners import exchanging, invested, run
from tests.filled import Filled
from tests.sandbox_processes import PartnerProcess

CREDIT = "pull.credit.credit_record"
STANDING = "select * from golden.credit_record where deleted_at is null"


@pytest.fixture
def credit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PartnerProcess]:
    with exchanging("credit", tmp_path, monkeypatch) as partner:
        yield partner


def outbox(folder: Path) -> list[Path]:
    return sorted((folder / "credit/files/outbox").iterdir(), key=lambda path: path.stat().st_mtime)


def test_subjects_arrive_and_of_natural_persons_nothing_is_kept(
    command: Command, filled: Filled, credit: PartnerProcess, tmp_path: Path
):
    offered = credit.shared()
    read = run(command, CREDIT)
    assert (read["created"], read["quarantined"]) == (offered["units"], offered["persons"])
    assert offered["persons"] > 3
    grouped = f"select cause, count(*) as n from hub.quarantine where flow = '{CREDIT}' group by 1"  # noqa: S608
    codes = filled.rows(grouped)
    assert [(str(one["cause"]).split()[0], one["n"]) for one in codes] == [
        ("record.person", offered["persons"])
    ]
    (path,) = outbox(tmp_path)
    lines = path.read_bytes().decode("gb18030").splitlines()
    persons = [line.split(",") for line in lines if ",自然人," in line]
    stored = filled.rows(f"select key, position, payload from hub.landing where flow = '{CREDIT}'")  # noqa: S608
    text = "".join(bytes(one["payload"] or b"").decode("gb18030") for one in stored)  # type: ignore[arg-type]
    text += "".join(f"{one['key']} {one['position']}" for one in stored)
    assert len(persons) == offered["persons"]
    assert [cell for row in persons for cell in (row[1], row[4]) if cell in text] == []


def test_a_subject_that_is_dropped_goes_with_its_history_kept_and_half_a_file_deletes_nothing(
    command: Command, filled: Filled, credit: PartnerProcess, tmp_path: Path
):
    run(command, CREDIT)
    before = len(filled.rows(STANDING))
    credit.arm("wrong_count", where="units")
    credit.tick()
    wrong = run(command, CREDIT)
    assert (wrong.get("deleted", 0), wrong["quarantined"]) == (0, 1)
    assert len(filled.rows(STANDING)) == before
    credit.tick()
    path = outbox(tmp_path)[-1]
    header, first, *lines, total = path.read_bytes().decode("gb18030").split("\r\n")[:-1]
    count = int(total.split(",")[1]) - 1
    whole = "\r\n".join([header, *lines, f"合计,{count}", ""])
    path.write_bytes(whole.encode("gb18030"))
    assert run(command, CREDIT)["deleted"] > 0
    assert len(filled.rows(STANDING)) == before - 1
    (gone,) = filled.rows(
        "select record_id, number from golden.credit_record where deleted_at is not null"
    )
    assert gone["number"] == first.split(",")[1]
    assert filled.rows(f"select 1 from hub.history where record_id = {gone['record_id']}")  # noqa: S608


def test_records_stand_on_each_project_of_the_owner_and_close_the_way_of_commitment(
    command: Command,
    filled: Filled,
    credit: PartnerProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    run(command, CREDIT)
    assert filled.rows("select 1 from golden.credit_record where project_code is not null") == []
    with invested(tmp_path, command, monkeypatch):
        pass
    (owner,) = filled.rows(
        """select c.subject_uscc, array_agg(distinct p.project_code) as codes
             from golden.credit_record c join golden.project p on p.owner_uscc = c.subject_uscc
            where c.kind = 'black' group by 1 order by cardinality(array_agg(distinct p.project_code)) desc limit 1"""
    )
    for code in owner["codes"]:  # type: ignore[attr-defined]
        context = operating(filled.hub, "tester")
        page = projects.project(context, code)
        assert owner["subject_uscc"] in {
            one.values.get("subject_uscc") for one in page.records if one.entity == "credit_record"
        }
        form = prefilled_form(operating(filled.hub, "tester"), "construction_permit", code)
        assert [one.name for one in form.checks] == ["no_commitment"]
        (field,) = [one for one in form.fields if one.name == "owner_credit"]
        assert "black" in {item.value for item in field.items}
    (clean,) = filled.rows(
        """select project_code from golden.project p where not exists (
             select from golden.credit_record c where c.subject_uscc = p.owner_uscc)
           and owner_uscc is not null limit 1"""
    )
    form = prefilled_form(
        operating(filled.hub, "tester"), "construction_permit", str(clean["project_code"])
    )
    assert form.checks == ()
