"""Files that go with pushes: held ones out of the store, others fetched as they are sent and passed
on.
"""

import hashlib
from pathlib import Path

import pytest

from connectors.files import FilesConnector
from hub.config import connector_schemas, contract_files
from hub.config.connections import connection_from
from hub.db.runs.reading import run_rows
from hub.domain.contracts import FileRule, PullFlow
from hub.domain.load import load
from hub.errors import AttachmentError, TransientError
from hub.pipeline import delivery
from hub.pipeline.file_store import FileStore
from hub.pipeline.passing import Passing
from sandbox.declared.papers import paper
from tests import giving
from tests.filled import CODE, HOME, Filled, filled_template, payload
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

PULL, PUSH = "pull.licence.approval_document", "push.archive.approval_document"
FIRST, SECOND = paper("ofd", "1"), paper("ofd", "2")
PASSED = {
    path: text.replace("max: 20MB}", "max: 20MB, keep: false}")
    if path == "mappings/licence/approval_document.pull.yaml"
    else text
    for path, text in contract_files(HOME).items()
    if isinstance(text, str)
}


@pytest.fixture
def world(database_server: DatabaseServer, filled_template: str, tmp_path: Path):
    with database_server.database(template=filled_template) as url:
        made = Filled(url, HUB_FILES=str(tmp_path / "files"))
        made.pull("pull.investment.project", payload("pull.investment.project"))
        (tmp_path / "theirs/inbox").mkdir(parents=True)
        (tmp_path / "theirs/answers").mkdir()
        yield made
        made.hub.close()


def licence(world: Filled, *contents: bytes, at: int = 1) -> None:
    said = (
        payload(
            PULL,
            licenceId=f"SL{number}",
            licenceNo=f"建字第{number}号",
            projectCode=CODE,
            fileId=f"F{number}.ofd",
            fileHash=hashlib.sha256(content).hexdigest(),
            updateTime=1769238360000 + at,
        )
        for number, content in enumerate(contents)
    )
    world.pull(PULL, *said)


class Giver:
    """A partner that gives files one by one."""

    def __init__(self, files: dict[str, bytes | Exception]) -> None:
        self.files, self.asked = files, list[str]()

    def __call__(self, flow: PullFlow, rule: FileRule, value: str) -> bytes:
        self.asked.append(value)
        found = self.files[value]
        if isinstance(found, Exception):
            raise found
        return found


def push(world: Filled, tmp_path: Path, giver: Giver) -> dict[str, int]:
    hub = world.hub
    flow = hub.contracts.pushes[PUSH]
    there = connection_from("archive", f"file://{tmp_path / 'theirs'}")
    passing = Passing(hub.database, hub.contracts, hub.settings, giver)
    run = delivery.push(
        *(hub.database, hub.contracts, flow),
        connector=FilesConnector(there, {}),
        settings=hub.settings,
        contents=passing.content,
    )
    with hub.database.write() as tx:
        (row,) = run_rows(tx, run_id=run)
    return {name: count for name, count in row.counts.items() if count and name != "due"}


def put_down(tmp_path: Path) -> set[bytes]:
    return {path.read_bytes() for path in (tmp_path / "theirs/inbox").glob("index_*/*.ofd")}


def test_what_is_only_passed_through_is_sent_and_not_kept(world: Filled, tmp_path: Path):
    world.hub.contracts = load(PASSED, connector_schemas(), year=2026)
    licence(world, FIRST, SECOND)
    giving.fetch(world, {}, contracts=world.hub.contracts, flow=PULL)
    giver = Giver({"F0.ofd": FIRST, "F1.ofd": SECOND})
    assert push(world, tmp_path, giver)["awaiting_receipt"] == 2
    assert giver.asked == ["F0.ofd", "F1.ofd"]
    assert put_down(tmp_path) == {FIRST, SECOND}
    assert list(FileStore(world.hub.settings.files_folder).names()) == []
    giving.fetch(world, {}, contracts=world.hub.contracts, flow=PULL)
    balance = world.rows("select wanted, held, passed_on, failed, pending from hub.fetch_batch")[-1]
    assert balance == {"wanted": 2, "held": 0, "passed_on": 2, "failed": 0, "pending": 0}


def test_one_content_of_two_papers_is_fetched_once(world: Filled, tmp_path: Path):
    world.hub.contracts = load(PASSED, connector_schemas(), year=2026)
    licence(world, FIRST, FIRST)
    giving.fetch(world, {}, contracts=world.hub.contracts, flow=PULL)
    giver = Giver({"F0.ofd": FIRST, "F1.ofd": FIRST})
    assert push(world, tmp_path, giver)["awaiting_receipt"] == 2
    assert giver.asked == ["F0.ofd"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (SECOND, "attachment.hash_differs"),
        (b"", "attachment.empty"),
        (b"<html>login</html>", "attachment.page"),
        (AttachmentError("attachment.missing", status="404"), "attachment.missing"),
    ],
)
def test_a_file_that_is_not_the_one_told_stops_its_own_paper_alone(
    world: Filled, tmp_path: Path, given: bytes | Exception, code: str
):
    world.hub.contracts = load(PASSED, connector_schemas(), year=2026)
    licence(world, FIRST, SECOND)
    giving.fetch(world, {}, contracts=world.hub.contracts, flow=PULL)
    counts = push(world, tmp_path, Giver({"F0.ofd": given, "F1.ofd": SECOND}))
    assert (counts["awaiting_receipt"], counts["rejected"]) == (1, 1)
    assert put_down(tmp_path) == {SECOND}
    rows = world.rows("select note->>'code' as code from hub.delivery where state = 'rejected'")
    assert [row["code"] for row in rows] == [code]


def test_a_giver_that_is_away_leaves_the_deliveries_due(world: Filled, tmp_path: Path):
    world.hub.contracts = load(PASSED, connector_schemas(), year=2026)
    licence(world, FIRST, SECOND)
    giving.fetch(world, {}, contracts=world.hub.contracts, flow=PULL)
    with pytest.raises(TransientError):
        push(world, tmp_path, Giver({"F0.ofd": TransientError(system="licence"), "F1.ofd": SECOND}))
    assert not list((tmp_path / "theirs/inbox").glob("*.ok"))
    world.execute("update hub.delivery set due = now() where state = 'retrying'")
    counts = push(world, tmp_path, Giver({"F0.ofd": FIRST, "F1.ofd": SECOND}))
    assert counts["awaiting_receipt"] == 2


def test_another_file_of_a_paper_is_another_delivery(world: Filled, tmp_path: Path):
    licence(world, FIRST)
    giving.fetch(world, {"F0.ofd": FIRST}, flow=PULL)
    assert push(world, tmp_path, Giver({}))["awaiting_receipt"] == 1
    licence(world, SECOND, at=2)
    assert push(world, tmp_path, Giver({})) == {}  # the former is on its way
    world.execute("update hub.delivery set state = 'confirmed', confirmed_key = key,"
        " confirmed_body = body, held_body = body where state = 'awaiting_receipt'")  # fmt: skip
    giving.fetch(world, {"F0.ofd": SECOND}, flow=PULL)
    assert push(world, tmp_path, Giver({}))["awaiting_receipt"] == 1
    assert put_down(tmp_path) == {FIRST, SECOND}
