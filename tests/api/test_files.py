"""Files over HTTP: to who holds the grant on the field of that record, and recorded before a byte."""

import hashlib
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.pipeline.file_store import FileStore
from hub.services import files
from sandbox.declared.papers import paper
from tests.api.conftest import asking, open_account
from tests.filled import CODE, Filled
from tests.giving import FLOW, fetch, record
from tests.postgres import DatabaseServer

PNG = paper("png", "1")
DIGEST = hashlib.sha256(PNG).hexdigest()
ENTITY = "inspection_photo"


@pytest.fixture
def held(database_server: DatabaseServer, filled_template: str, tmp_path: Path):
    with database_server.database(template=filled_template) as url:
        world = Filled(url, HUB_FILES=str(tmp_path / "files"))
        record(world, "a.png", "gone.png")
        record(world, "b.png", number="ZL2")
        fetch(world, {"a.png": PNG, "b.png": paper("png", "2")})
        with asking(world) as client:
            yield world, client
        world.hub.close()


def numbers(world: Filled) -> dict[str, int]:
    rows = world.rows("select value, record_id from hub.file_want")
    return {str(row["value"]): int(str(row["record_id"])) for row in rows}


def test_a_file_is_opened_by_who_holds_the_grant_and_the_log_says_so(held):
    world, client = held
    at = numbers(world)
    classes = ("public", "internal")
    token = open_account(world, "site", "department", ENTITY, "project", classes=classes)
    answer = client.get(f"/v1/files/{DIGEST}?record={at['a.png']}", token)
    assert answer.status_code == 200, answer.text
    assert answer.content == PNG
    said = {name: answer.headers[name] for name in ("Content-Type", "X-Content-Type-Options")}
    assert said == {"Content-Type": "image/png", "X-Content-Type-Options": "nosniff"}
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    (row,) = world.rows("select * from hub.access where route like '%/v1/files/%'")
    assert (row["account"], row["record_ids"]) == ("site", [at["a.png"]])
    assert (row["project_code"], row["refused"]) == (CODE, False)


def test_no_grant_no_field_no_record_and_no_other_record_s_file(held):
    world, client = held
    at = numbers(world)
    other = hashlib.sha256(paper("png", "2")).hexdigest()
    shown = open_account(world, "site", "department", ENTITY, classes=("public", "internal"))
    partly = open_account(world, "water", "department", ENTITY, classes=("public",))
    nobody = open_account(world, "heat", "department", "project")
    for token, digest, number in (
        (nobody, DIGEST, at["a.png"]),
        (partly, DIGEST, at["a.png"]),  # the field that names it is internal
        (shown, other, at["a.png"]),  # another record's file
        (shown, DIGEST, at["b.png"]),
        (shown, DIGEST, 999_999),
        (shown, "0" * 64, at["gone.png"]),
    ):
        answer = client.get(f"/v1/files/{digest}?record={number}", token)
        assert answer.status_code == 404, (digest, number)
        assert answer.json()["code"] == "ask.file_unknown"
    for path in (
        "/v1/files/..%2f..%2fetc%2fpasswd?record=1",
        f"/v1/files/{DIGEST.upper()}?record=1",
    ):
        assert client.get(path, shown).status_code in {404, 422}
    assert client.get(f"/v1/files/{DIGEST}?record={at['a.png']}").status_code == 401
    assert client.get("/v1/files", shown).status_code == 403
    assert client.get(f"/v1/projects/{CODE}/files", partly).json() == []
    listed = client.get(f"/v1/projects/{CODE}/files", shown).json()
    assert {one["record_id"] for one in listed} == set(at.values())


def test_a_file_that_lost_to_another_or_was_withdrawn_is_opened_no_more(held):
    world, client = held
    at = numbers(world)
    token = open_account(world, "site", "department", ENTITY, classes=("public", "internal"))
    record(world, "gone.png", at=3)  # the whole no longer lists it
    assert client.get(f"/v1/files/{DIGEST}?record={at['a.png']}", token).status_code == 404


def test_a_file_that_is_lost_or_was_changed_on_disk_is_never_shown(held):
    world, client = held
    at = numbers(world)
    token = open_account(world, "site", "department", ENTITY, classes=("public", "internal"))
    path = FileStore(world.hub.settings.files_folder).path_of(DIGEST)
    path.write_bytes(b"<html>")
    answer = client.get(f"/v1/files/{DIGEST}?record={at['a.png']}", token)
    assert (answer.status_code, answer.json()["code"]) == (500, "attachment.lost")


def test_how_fetching_stands_is_told_with_reasons(held):
    world, _ = held
    (one,) = [one for one in files.standing(operating(world.hub, "li")).flows if one.run_id]
    assert one.flow == f"fetch.{FLOW.partition('.')[2]}"
    assert one.counts == {"wanted": 3, "held": 2, "passed_on": 0, "failed": 1, "pending": 0}
    assert one.balanced
    assert [(row.files, row.why.code) for row in one.failed] == [(1, "attachment.missing")]
