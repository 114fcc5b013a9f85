"""The urban construction archive as it runs: papers go to it in folders with their files, each is
answered by itself.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.services.projects import project
from sandbox.declared.papers import paper
from tests import giving
from tests.filled import payload
from tests.partners.joined import Joined, joined, until
from tests.postgres import DatabaseServer

LICENCES = "pull.licence.approval_document"
PUSH = "push.archive.approval_document"
TWELVE = range(12)


def number(at: int) -> str:
    return f"建字第{at:04}号"


@pytest.fixture(scope="module")
def archive(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    state = tmp_path_factory.mktemp("archive")
    with joined(
        "archive",
        database_server=database_server,
        template=filled_template,
        state=state,
        projects=80,
        files=tmp_path_factory.mktemp("files"),
    ) as found:
        found.state = state / "archive"
        (row,) = found.rows(
            "select project_code from golden.project where deleted_at is null order by 1 limit 1"
        )
        found.code = str(row["project_code"])
        found.papers = {f"F{at}": paper("ofd", str(at)) for at in TWELVE}
        found.world.pull(
            LICENCES,
            *(
                payload(
                    LICENCES,
                    licenceId=f"SL{at}",
                    licenceNo=number(at),
                    projectCode=found.code,
                    fileId=f"F{at}",
                    fileHash=hashlib.sha256(found.papers[f"F{at}"]).hexdigest(),
                )
                for at in TWELVE
            ),
        )
        yield found


def sent(archive: Joined) -> list[Path]:
    """The folders that the archive has taken, the older ones first."""
    taken = (archive.state / "files").parent / "taken"
    return sorted(taken.glob("index_*"), key=lambda path: path.stat().st_mtime)


def states(archive: Joined) -> dict[str, int]:
    rows = archive.rows(
        "select state, count(*)::int as n from hub.delivery where flow = %s"
        " and record_id in (select record_id from golden.approval_document where file is not null)"
        " group by state",
        PUSH,
    )
    return {str(row["state"]): int(str(row["n"])) for row in rows}


def test_a_paper_whose_file_is_not_held_yet_is_not_sent(archive: Joined) -> None:
    archive.push("approval_document")
    rows = archive.rows(
        "select note->>'code' as code from hub.delivery where flow = %s and state = 'withheld'"
        " and note->>'code' <> 'delivery.withheld_condition'",
        PUSH,
    )
    assert [row["code"] for row in rows] == ["delivery.file_pending"] * len(TWELVE)
    assert sent(archive) == []


def test_of_twelve_files_the_one_that_is_refused_is_sent_again_alone(archive: Joined) -> None:
    giving.fetch(archive.world, dict(archive.papers), flow=LICENCES)
    archive.partner.arm("wrong_hash", where="papers")
    pushed = archive.push("approval_document")
    assert pushed["awaiting_receipt"] == len(TWELVE)
    until(lambda: len(sent(archive)) == 1)
    (folder,) = sent(archive)
    names = {path.name: path.read_bytes() for path in folder.glob("*.ofd")}
    assert sorted(names.values()) == sorted(archive.papers.values())
    assert all(hashlib.sha256(one).hexdigest().startswith(name[:24]) for name, one in names.items())
    assert (folder / "目录.csv").read_bytes().decode("gb18030").count("\r\n") == len(TWELVE) + 1

    def answered() -> bool:
        archive.receipts("approval_document")
        return states(archive).get("confirmed", 0) == len(TWELVE) - 1

    until(answered)
    assert states(archive)["awaiting_receipt"] == 1  # the folder counts as sent only when all are
    archive.world.execute("update hub.delivery set due = now() where state = 'awaiting_receipt'")
    again = archive.push("approval_document")
    assert again["awaiting_receipt"] == 1
    until(lambda: len(sent(archive)) == 2)
    assert len(list(sent(archive)[-1].glob("*.ofd"))) == 1

    def all_confirmed() -> bool:
        archive.receipts("approval_document")
        return states(archive) == {"confirmed": len(TWELVE)}

    until(all_confirmed)
    held = archive.partner.received("indexes")
    assert {one["applied"] for one in held} == {1}
    assert len(held) == len(TWELVE)


def test_nothing_is_sent_that_the_archive_has_already(archive: Joined) -> None:
    assert archive.push("approval_document") == {}
    giving.fetch(archive.world, dict(archive.papers), flow=LICENCES)
    assert archive.push("approval_document").get("awaiting_receipt", 0) == 0
    assert len(sent(archive)) == 2


def test_a_file_that_is_lost_holds_back_its_own_paper_alone(archive: Joined) -> None:
    said = [
        payload(
            LICENCES,
            licenceId=f"SL{at}",
            licenceNo=number(at),
            projectCode=archive.code,
            fileId=f"F{at}",
            fileHash=hashlib.sha256(paper("ofd", str(at))).hexdigest(),
        )
        for at in (90, 91)
    ]
    archive.world.pull(LICENCES, *said)
    files = {f"F{at}": paper("ofd", str(at)) for at in (90, 91)}
    giving.fetch(archive.world, dict(files), flow=LICENCES)
    lost = hashlib.sha256(files["F90"]).hexdigest()
    (Path(archive.world.environ["HUB_FILES"]) / lost[0] / lost).unlink()
    pushed = archive.push("approval_document")
    assert (pushed["rejected"], pushed["awaiting_receipt"]) == (1, 1)
    rows = archive.rows(
        "select note->>'code' as code from hub.delivery where state = 'rejected' and flow = %s",
        PUSH,
    )
    assert [row["code"] for row in rows] == ["attachment.missing"]


def test_opinions_and_numbers_come_from_one_table(archive: Joined) -> None:
    for name in ("opinion", "completion_filing", "approval_document"):
        archive.counts[name] = archive.pull(name)
    shared = archive.partner.shared()
    assert {one["read"] for one in archive.counts.values()} == {sum(shared.values())}
    opinions = archive.counts["opinion"]
    assert opinions["ignored"] == shared["numbers"]
    rows = archive.rows("select trade, result from golden.opinion where trade = 'archive'")
    assert rows
    assert {row["result"] for row in rows} <= {"pass", "rectify"}
    (one,) = archive.rows(
        "select project_code, archive_number from golden.approval_document"
        " where archive_number is not null and project_code is not null order by 1 limit 1"
    )
    view = project(operating(archive.world.hub, "li"), str(one["project_code"]))
    assert "approval_document" in {found.entity for found in view.records}
    assert "-JS-" in str(one["archive_number"])
