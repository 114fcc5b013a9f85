"""Snapshots of connectors: a list that states the whole, proved complete by what its source says of
its length.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.files import FilesConnector
from connectors.files.sweep import FilesRead
from connectors.rest import RestConnector, RestRead
from hub.errors import FlowError, TransientError
from hub.model import Connection, File, Json, Page
from tests.connectors.answering import Asked, Partner, Reply, answering

OPEN: dict[str, Json] = {"auth": {"kind": "none"}, "ping": {"resource": "list"}}
READ: dict[str, Json] = {
    "resource": "list",
    "records": "rows",
    "paging": {"kind": "page", "parameter": "page", "total": "total"},
    "snapshot": "daily",
    "complete": "rows",
    "shrink": "2.5 %",
}


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with answering() as made:
        yield made


def five(asked: Asked) -> Reply:
    """Records 1 to 5 in pages of two."""
    start = (int(asked.query["page"]) - 1) * 2
    return Reply({"rows": [{"id": n} for n in range(1, 6)][start : start + 2], "total": 5})


def pages(partner: Partner, *, resume: Json = None) -> list[Page]:
    connector = RestConnector(partner.connection(), OPEN)
    try:
        return list(connector.pages(READ, since="2024-01-01", resume=resume))
    finally:
        connector.close()


def test_all_pages_of_a_list_belong_to_one_whole_which_the_last_ends(partner: Partner) -> None:
    partner.answer = five
    found = pages(partner)
    wholes = [page.snapshot for page in found]
    assert [whole.ends for whole in wholes if whole] == [False, False, True]
    assert len({whole.name for whole in wholes if whole}) == 1
    assert {whole.most for whole in wholes if whole} == {0.025}
    assert found[-1].resume is None  # the next run reads it whole again


def test_a_list_that_broke_off_goes_on_as_the_same_whole(partner: Partner) -> None:
    partner.answer = five
    found = pages(partner)
    rest = pages(partner, resume=found[0].resume)
    assert [len(page.records) for page in rest] == [2, 1]
    assert {page.snapshot.name for page in rest if page.snapshot} == {
        found[0].snapshot and found[0].snapshot.name
    }


def test_two_readings_are_two_wholes(partner: Partner) -> None:
    partner.answer = five
    first, second = pages(partner)[0].snapshot, pages(partner)[0].snapshot
    assert first != second


def test_a_list_shorter_than_its_total_is_no_whole(partner: Partner) -> None:
    partner.answer = lambda asked: Reply(
        {"rows": [{"id": 1}] if asked.query["page"] == "1" else [], "total": 5}
    )
    with pytest.raises(TransientError, match=r"system\.page_broken"):
        pages(partner)


def test_a_list_that_states_no_total_is_no_whole(partner: Partner) -> None:
    partner.answer = lambda _: Reply({"rows": []})
    with pytest.raises(FlowError, match=r"system\.answer_unreadable"):
        pages(partner)


@pytest.mark.parametrize(
    ("without", "more"),
    [
        ("complete", {}),
        ("paging", {"paging": {"kind": "page", "parameter": "page"}}),
        ("", {"since": "from"}),
    ],
)
def test_a_snapshot_without_proof_or_of_a_part_is_refused(
    without: str, more: dict[str, Json]
) -> None:
    with pytest.raises(ValidationError, match="snapshot"):
        RestRead.model_validate(
            {name: value for name, value in READ.items() if name != without} | more
        )


FOLDER: dict[str, Json] = {
    "folder": "",
    "pattern": "*.CSV",
    "settle_seconds": 0,
    "encoding": "utf-8",
    "snapshot": "daily",
}


class Folder:
    """A folder of complete lists, and what a hub remembers of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read: dict[str, File] = {}
        self.connector = FilesConnector(
            Connection("credit", "file", "", None, "", "", str(path)), {}
        )

    def put(self, name: str, *lines: str) -> None:
        (self.path / name).write_bytes(
            "".join(f"{line}\r\n" for line in ("号,名", *lines)).encode()
        )

    def pages(self, complete: str) -> list[Page]:
        """Read what is new, and remember it."""
        found = list(
            self.connector.unread({**FOLDER, "complete": complete}, known=self._known, resume=None)
        )
        self.read |= {page.ends.name: page.ends for page in found if page.ends}
        return found

    def _known(self, listed: Mapping[str, str]) -> dict[str, File]:
        return {name: file for name, file in self.read.items() if name in listed}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def told(pages: list[Page]) -> list[str]:
    """Whole lists by name, and codes of what is set aside."""
    wholes = [
        page.snapshot.name.partition(" ")[0]
        for page in pages
        if page.snapshot and page.snapshot.ends
    ]
    return wholes + [raw.unread.code for page in pages for raw in page.records if raw.unread]


@pytest.mark.parametrize("trailer", ["合计,2", "合计：,2", "2", "T|2|end", "#COUNT=2"])
def test_a_last_line_that_states_the_number_of_records_proves_a_file(
    folder: Folder, trailer: str
) -> None:
    folder.put("HHMD_20240501_1.CSV", "1,甲", "2,乙", trailer)
    (page,) = folder.pages("rows")
    assert [raw.payload.decode().splitlines()[1] for raw in page.records] == ["1,甲", "2,乙"]
    assert told([page]) == ["HHMD_20240501_1.CSV"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["1,甲", "2,乙"], "file.trailer_missing"),
        (["1,甲", "合计,2"], "file.incomplete"),
        (["1,甲", "2,乙", "3,丙", "合计,2"], "file.incomplete"),
        ([], "file.trailer_missing"),
    ],
)
def test_a_file_that_is_not_what_its_trailer_states_is_set_aside_alone(
    folder: Folder, lines: list[str], code: str
) -> None:
    folder.put("HHMD_20240501_1.CSV", *lines)
    folder.put("HHMD_20240502_1.CSV", "1,甲", "合计,1")
    assert told(folder.pages("rows")) == ["HHMD_20240502_1.CSV", code]


def test_a_number_that_ends_the_name_proves_a_file(folder: Folder) -> None:
    folder.put("HHMD_20240501_2.CSV", "1,甲", "2,乙")
    folder.put("HHMD_20240502_3.CSV", "1,甲", "2,乙")
    assert told(folder.pages("name")) == ["HHMD_20240501_2.CSV", "file.incomplete"]


def test_a_list_that_comes_late_is_told_and_not_taken_over_a_newer_one(folder: Folder) -> None:
    folder.put("HHMD_20240502_1.CSV", "1,甲", "合计,1")
    folder.pages("rows")
    folder.put("HHMD_20240501_1.CSV", "1,旧", "2,乙", "合计,2")
    assert told(folder.pages("rows")) == ["file.older_snapshot"]


def test_a_corrected_list_is_another_whole(folder: Folder) -> None:
    folder.put("HHMD_20240502_1.CSV", "1,甲", "合计,1")
    (first,) = folder.pages("rows")
    folder.put("HHMD_20240502_1.CSV", "1,甲", "2,乙乙", "合计,2")
    (second,) = folder.pages("rows")
    assert told([first]) == told([second])
    assert first.snapshot != second.snapshot
    assert folder.pages("rows")[0].snapshot is None  # nothing new is no empty list


@pytest.mark.parametrize(
    "more",
    [{}, {"complete": "rows", "format": "xlsx"}, {"complete": "marker"}],
    ids=["none", "workbook", "no marker"],
)
def test_a_folder_of_snapshots_without_proof_is_refused(more: dict[str, Json]) -> None:
    with pytest.raises(ValidationError, match="complete"):
        FilesRead.model_validate(FOLDER | more)
