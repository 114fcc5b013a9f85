"""Files that records name: held once by their content, taken away when nothing names them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from hub.auth.context import operating
from hub.errors import FlowError, TransientError
from hub.pipeline import verify
from hub.pipeline.file_store import FileStore
from hub.services import erasure
from sandbox.declared.papers import paper
from tests.filled import Filled, filled_template
from tests.giving import FLOW, fetch, record
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

FIRST, SECOND = paper("png", "1"), paper("png", "2")


@pytest.fixture
def world(database_server: DatabaseServer, filled_template: str, tmp_path: Path):
    with database_server.database(template=filled_template) as url:
        made = Filled(url, HUB_FILES=str(tmp_path / "files"))
        yield made
        made.hub.close()


def wants(world: Filled) -> dict[str, tuple[str, str | None]]:
    rows = world.rows("select value, state, fault->>'code' as code from hub.file_want")
    return {str(row["value"]): (str(row["state"]), row["code"]) for row in rows}  # type: ignore[misc]


def last(world: Filled) -> dict[str, object]:
    return world.rows(
        "select wanted, held, passed_on, failed, pending from hub.fetch_batch order by id desc"
    )[0]


def on_disk(world: Filled) -> set[str]:
    return set(FileStore(world.hub.settings.files_folder).names())


def digests(*contents: bytes) -> set[str]:
    return {hashlib.sha256(one).hexdigest() for one in contents}


def test_two_names_of_one_content_are_held_once_and_what_is_gone_is_taken_away(world: Filled):
    record(world, "a.png", "b.png", "c.png")
    giving = fetch(world, {"a.png": FIRST, "b.png": FIRST, "c.png": SECOND})
    assert giving.asked == ["a.png", "b.png", "c.png"]
    assert on_disk(world) == digests(FIRST, SECOND)
    assert fetch(world, {}).asked == []
    record(world, "a.png", at=2)
    assert fetch(world, {"a.png": FIRST}).asked == ["a.png"]  # no digest told: it may be another
    world.hub.watch()
    assert on_disk(world) == digests(FIRST)
    assert last(world) == {"wanted": 1, "held": 1, "passed_on": 0, "failed": 0, "pending": 0}


def test_a_file_that_fails_is_tried_again_until_its_attempts_are_used_up(world: Filled):
    record(world, "a.png", "b.png")
    html = b"<html>login</html>"
    fetch(world, {"a.png": html, "b.png": SECOND})
    assert wants(world)["a.png"] == ("failed", "attachment.page")
    assert fetch(world, {"a.png": FIRST}).asked == []  # not yet
    for _ in range(world.hub.settings.attempts):
        world.execute("update hub.file_want set next_at = now() where next_at is not null")
        fetch(world, {"a.png": html})
    assert fetch(world, {"a.png": FIRST}).asked == []
    (row,) = world.rows("select next_at, attempts from hub.file_want where value = 'a.png'")
    assert (row["next_at"], row["attempts"]) == (None, world.hub.settings.attempts)
    record(world, "a.png", "b.png", at=2)
    assert fetch(world, {"a.png": FIRST, "b.png": SECOND}).asked == ["a.png", "b.png"]
    assert wants(world) == {"a.png": ("held", None), "b.png": ("held", None)}


def test_a_partner_that_goes_away_keeps_what_was_fetched_and_the_rest_is_pending(world: Filled):
    record(world, "a.png", "b.png")
    with pytest.raises(TransientError):
        fetch(world, {"a.png": FIRST, "b.png": TransientError(system="site")})
    assert last(world) == {"wanted": 2, "held": 1, "passed_on": 0, "failed": 0, "pending": 1}
    assert on_disk(world) == digests(FIRST)
    unfinished = world.hub.settings.files_folder / "unfinished"
    assert list(unfinished.iterdir()) == []


def test_what_does_not_add_up_is_refused_by_the_database(world: Filled):
    record(world, "a.png")
    fetch(world, {"a.png": FIRST})
    with pytest.raises(psycopg.errors.CheckViolation), psycopg.connect(world.url) as connection:
        connection.execute("update hub.fetch_batch set held = 0")


def test_a_store_that_does_not_do_is_told_and_nothing_is_called_held(world: Filled):
    record(world, "a.png")
    folder = world.hub.settings.files_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    with pytest.raises(FlowError) as caught:
        fetch(world, {"a.png": FIRST})
    assert caught.value.code == "attachment.store"
    assert last(world)["pending"] == 1


def test_an_erased_record_has_no_file_any_more_until_its_source_sends_it_anew(world: Filled):
    record(world, "a.png")
    fetch(world, {"a.png": FIRST})
    (row,) = world.rows("select record_id from hub.file_want")
    erasure.erase(operating(world.hub, "li"), record=str(row["record_id"]), reason="当事人申请")
    assert on_disk(world) == set()
    assert fetch(world, {"a.png": FIRST}).asked == []
    assert wants(world) == {"a.png": ("failed", "attachment.erased")}
    record(world, "a.png", at=2)
    assert fetch(world, {"a.png": FIRST}).asked == ["a.png"]


def test_a_file_that_only_its_digest_is_told_of_is_shown_before_it_is_believed(world: Filled):
    flow = world.hub.contracts.pulls[FLOW]
    rule = replace(flow.files["file"], hash_field="inspection_number")
    known = replace(flow, files={"file": rule})
    contracts = replace(world.hub.contracts, pulls={**world.hub.contracts.pulls, FLOW: known})
    (digest,) = digests(FIRST)
    record(world, "a.png", number=digest)
    fetch(world, {"a.png": SECOND}, contracts=contracts)
    assert wants(world)["a.png"] == ("failed", "attachment.hash_differs")
    assert on_disk(world) == set()
    world.execute("update hub.file_want set next_at = now()")
    assert fetch(world, {"a.png": FIRST}, contracts=contracts).asked == ["a.png"]
    record(world, "a.png", at=2, number=digest)
    assert fetch(world, {}, contracts=contracts).asked == []  # the same file, held already
    assert wants(world)["a.png"] == ("held", None)


def test_verification_names_files_that_are_lost_changed_or_nobody_s(world: Filled):
    record(world, "a.png", "b.png")
    fetch(world, {"a.png": FIRST, "b.png": SECOND})
    hub = world.hub

    def found() -> list[tuple[str, str]]:
        said = verify.verify(hub.database, hub.contracts, hub.settings, only=["held files"])
        return sorted((one.key[:8], one.what) for one in said.findings)

    assert found() == []
    store = FileStore(hub.settings.files_folder)
    (first,), (second,) = digests(FIRST), digests(SECOND)
    store.path_of(first).unlink()
    store.path_of(second).write_bytes(FIRST)
    stray = "ab" * 32
    store.path_of(stray).parent.mkdir(exist_ok=True)
    store.path_of(stray).write_bytes(b"x")
    assert found() == sorted(
        [(first[:8], "held.lost"), (second[:8], "held.differs"), (stray[:8], "held.nobodys")]
    )
