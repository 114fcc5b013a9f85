"""Files that records name, fetched from partners as they run: photos of a site, results of a
service.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.errors import HubError
from hub.pipeline.file_store import FileStore
from hub.services import files
from hub.services.prefill import prefilled
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

PHOTOS = "fetch.site.inspection_photo"


@pytest.fixture(scope="module")
def station(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "site",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("station"),
        projects=60,
        files=tmp_path_factory.mktemp("files"),
    ) as found:
        found.pull("inspection")
        found.pull("inspection_photo")
        found.release()
        yield found


def states(joined: Joined) -> dict[str, int]:
    rows = joined.rows("select state, count(*) as files from hub.file_want group by state")
    return {str(row["state"]): int(str(row["files"])) for row in rows}


def test_photos_are_held_once_and_what_is_no_photo_is_refused(station: Joined):
    for fault in ("empty_file", "html_file"):
        station.partner.arm(fault, where="papers")
    first = station.fetch(PHOTOS)
    assert first["wanted"] == first["held"] + first["failed"]
    assert first["failed"] == 2
    codes = station.rows(
        "select fault->>'code' as code from hub.file_want where state = 'failed' order by 1"
    )
    assert [row["code"] for row in codes] == ["attachment.empty", "attachment.page"]
    store = FileStore(Path(station.world.environ["HUB_FILES"]))
    held = station.rows("select sha256, bytes, type from hub.file")
    assert {row["type"] for row in held} == {"png"}
    assert sorted(store.names()) == sorted(str(row["sha256"]) for row in held)
    for row in held:
        content = store.read(str(row["sha256"]))
        assert content is not None
        assert content.startswith(b"\x89PNG")
        assert len(content) == row["bytes"]
    station.world.execute("update hub.file_want set next_at = now() where state = 'failed'")
    assert station.fetch(PHOTOS) == {"wanted": first["wanted"], "held": first["wanted"]}


def test_a_partner_that_is_away_leaves_files_pending(station: Joined):
    station.world.execute(
        "update hub.file_want set state = 'pending', sha256 = null"
        " where (flow, source_key, field, value) in (select flow, source_key, field, value"
        " from hub.file_want order by 1, 2, 3, 4 limit 3)"
    )
    before = states(station)
    assert before["pending"] == 3
    for _ in range(4):
        station.partner.arm("http_500", where="papers")
    with pytest.raises(HubError) as caught:
        station.world.hub.fetch(PHOTOS)
    assert caught.value.code == "system.unavailable"
    (row,) = station.rows("select * from hub.fetch_batch order by id desc limit 1")
    assert row["pending"] == 3
    station.partner.disarm()
    assert station.fetch(PHOTOS)["held"] == row["wanted"]


LICENCES = "fetch.licence.approval_document"


@pytest.fixture(scope="module")
def licences(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "licence",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("licence"),
        projects=60,
        files=tmp_path_factory.mktemp("files"),
    ) as found:
        found.partner.arm("expired_token", where="licences")
        found.counts["read"] = found.pull("approval_document")
        found.release()
        for fault in ("wrong_hash", "html_file", "empty_file", "expired_token"):
            found.partner.arm(fault, where="papers")
        found.counts["first"] = found.fetch(LICENCES)
        yield found


def codes(licences: Joined) -> list[str]:
    rows = licences.rows("select fault->>'code' as code from hub.file_want where fault is not null")
    return sorted(str(row["code"]) for row in rows)


def test_an_ofd_is_fetched_once_and_one_with_another_digest_is_not_held(licences: Joined):
    first = licences.counts["first"]
    assert licences.counts["read"]["read"] == licences.partner.shared()["licences"]
    assert first["wanted"] == first["held"] + first["failed"]
    assert codes(licences) == ["attachment.empty", "attachment.hash_differs", "attachment.page"]
    licences.world.execute("update hub.file_want set next_at = now() where state = 'failed'")
    again = licences.fetch(LICENCES)
    assert again == {"wanted": first["wanted"], "held": first["wanted"]}
    rows = licences.rows(
        "select w.told, f.sha256, f.type from hub.file_want w join hub.file f using (sha256)"
    )
    assert len(rows) == first["wanted"]
    assert all(row["told"] == row["sha256"] and row["type"] == "ofd" for row in rows)
    assert licences.fetch(LICENCES) == again


def held_papers(licences: Joined) -> tuple[int, int]:
    """Papers that forms find held, and how many of them can be opened."""
    context, found, opens = operating(licences.world.hub, "li"), 0, 0
    codes = licences.rows("select project_code from golden.project where project_code is not null")
    for code in (str(row["project_code"]) for row in codes):
        for form in ("construction_permit", "fire_acceptance", "joint_acceptance"):
            filled, _ = prefilled(context, form, code)
            having = [one.held.record_id for one in filled.wanted if one.held]
            papers = files.of_papers(context, code, having) if having else []
            with_file = {one.record_id for one in papers if any(file.opens for file in one.files)}
            found += len(having)
            opens += sum(one in with_file for one in having)
    return found, opens


def test_at_least_half_of_the_papers_held_can_be_opened(licences: Joined):
    found, opens = held_papers(licences)
    assert found >= 50
    assert opens * 2 >= found, (found, opens)


def test_a_paper_is_opened_and_a_revoked_one_is_held_no_more(licences: Joined):
    context = operating(licences.world.hub, "li")
    row = licences.rows(
        "select g.record_id, g.project_code, g.item_number, w.sha256 from golden.approval_document g"
        " join hub.file_want w on w.record_id = g.record_id and w.state = 'held'"
        " where g.kind = 'planning_permit' and g.status = 'valid' order by 1"
    )[0]
    found = files.opened(context, str(row["sha256"]), record=int(str(row["record_id"])))
    assert found.content.startswith(b"PK")
    assert (found.media, found.inline) == ("application/ofd", False)

    def held() -> bool:
        filled, _ = prefilled(context, "construction_permit", str(row["project_code"]))
        return any(one.held and one.held.record_id == row["record_id"] for one in filled.wanted)

    assert held()
    licences.partner.edit("licences", str(row["item_number"]), {"operateType": "05"})
    licences.pull("approval_document")
    assert not held()
    (now,) = licences.rows(
        "select status, certificate_status from golden.approval_document where record_id = %s",
        row["record_id"],
    )
    assert now == {"status": "void", "certificate_status": "revoked"}


def test_a_permit_that_was_issued_is_told_to_the_licence_system_once(licences: Joined):
    held = licences.handed_over("approval_document", "issues", "http_429", "lost_answer")
    assert all(one["operateType"] in {"01", "05"} for one in held)


def test_results_of_services_stand_in_their_record_and_an_empty_one_is_refused(
    database_server: DatabaseServer, filled_template: str, tmp_path: Path
):
    with joined(
        "intermediary",
        database_server=database_server,
        template=filled_template,
        state=tmp_path / "state",
        projects=120,
        files=tmp_path / "files",
    ) as market:
        market.pull("intermediary_service")
        market.pull("intermediary_service.result")
        market.release()
        done = market.fetch("fetch.intermediary.intermediary_service.result")
        assert done["wanted"] == done["held"] + done["failed"]
        assert done["held"] > 10
        assert set(codes(market)) == {"attachment.empty"}
        rows = market.rows(
            "select w.told, f.sha256, f.type from hub.file_want w join hub.file f using (sha256)"
        )
        assert all(row["told"] == row["sha256"] and row["type"] == "pdf" for row in rows)
