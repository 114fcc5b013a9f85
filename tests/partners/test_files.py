"""Files that records name, fetched from partners as they run: photos of a site, results of a
service.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.pipeline.file_store import FileStore
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
