"""Files that were made to take all memory, or to stop a flow, cost themselves; what else lies there
is read.
"""

import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.files.connector import FilesConnector
from connectors.files.listing import UnreachableFileError, counted
from connectors.files.stores import LocalStore
from connectors.files.sweep import FilesRead
from connectors.files.tables import read_table
from hub import exact
from hub.errors import FlowError
from hub.model import Connection, Json, Page
from hub.workbook.troubles import UnreadableFileError
from tests.security.patterns import limited

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = (
    '<row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
)


def workbook(rows: str, *, behind: str = "", before: str = "", strings: str = "") -> bytes:
    """A workbook of one sheet with these rows below a header of a and b."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r" '
        f'Type="{relations}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{relations}"><sheets><sheet name="S" '
        f'sheetId="1" '
        'r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="s" '
        f'Type="{relations}/worksheet" Target="sheet.xml"/><Relationship Id="t" '
        f'Type="{relations}/sharedStrings" '
        'Target="strings.xml"/></Relationships>',
        "xl/sheet.xml": (
            f"{before}<worksheet "
            f"{NAMESPACE}><sheetData>{HEAD}{rows}</sheetData>{behind}</worksheet>"
        ),
        "xl/strings.xml": f"<sst {NAMESPACE}>{strings}</sst>",
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return made.getvalue()


def read(content: bytes, **options: object) -> list[dict[str, Json]]:
    shape = FilesRead.model_validate({"folder": "", "format": "xlsx", **options})
    with limited(seconds=5):
        return [exact.read(row.payload) for row in read_table(content, shape).rows]  # type: ignore[misc]


MANY = "9" * 5000


@pytest.mark.parametrize(
    "cell",
    [
        f"<c><v>{MANY}</v></c>",
        f'<c s="{MANY}"><v>1</v></c>',
        f'<c t="s"><v>{MANY}</v></c>',
        f'<c r="A{MANY}"><v>1</v></c>',
        "<c><v>1e999</v></c>",
        "<c><v>NaN</v></c>",
    ],
)
def test_a_cell_that_nobody_can_read_costs_its_record(cell: str) -> None:
    rows = f'<row r="2">{cell}</row><row r="{MANY}">{cell}</row><row r="4"><c><v>4</v></c></row>'
    *_, last = read(workbook(rows))
    assert last["a"] == 4


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (workbook("<row>" + "<c><v>1</v></c>" * 300 + "</row>"), "file.too_wide"),
        (workbook("<row><c><v>1</v></c></row>" * 300), "file.too_long"),
        (workbook("", before='<!DOCTYPE x [<!ENTITY a "aaaa">]>'), "file.damaged"),
        (
            workbook(
                "", behind="<mergeCells>" + '<mergeCell ref="A2:B2"/>' * 300 + "</mergeCells>"
            ),
            "file.too_long",
        ),
    ],
)
def test_a_workbook_beyond_its_limits_is_set_aside(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFileError) as told:
        read(content, most_rows=200, most_columns=200)
    assert told.value.code == code


def test_merged_areas_fill_no_more_than_a_sheet_has() -> None:
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>{at}</v></c></row>' for at in range(2, 12))
    behind = (
        '<mergeCells><mergeCell ref="A2:ZZZZZZZZZZ9999999999"/><mergeCell '
        'ref="B2:B11"/></mergeCells>'
    )
    assert len(read(workbook(rows, behind=behind), merged="fill")) == 10
    overlap = '<mergeCells><mergeCell ref="A2:C11"/><mergeCell ref="B2:B11"/></mergeCells>'
    with pytest.raises(UnreadableFileError):
        read(workbook(rows, behind=overlap), merged="fill")


def test_columns_of_one_name_cost_no_more_than_others() -> None:
    head = '<row r="1">' + '<c t="inlineStr"><is><t>x</t></is></c>' * 5_000 + "</row>"
    row = '<row r="{}">' + "<c><v>1</v></c>" * 5_000 + "</row>"
    whole = workbook(
        '<row r="2">' + head[len('<row r="1">') :] + "".join(row.format(at) for at in range(3, 9))
    )
    found = read(whole, header_row=2)
    assert [len(one["x"]) for one in found] == [5_000] * 6  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"a,b\n" + b"\n" * 500, "file.many_lines"), (b"a," * 300 + b"b\n1\n", "file.too_wide")],
)
def test_a_table_of_text_beyond_its_limits_is_set_aside(content: bytes, code: str) -> None:
    shape = FilesRead(folder="", most_lines=200, most_columns=200)
    with pytest.raises(UnreadableFileError) as told:
        read_table(content, shape)
    assert told.value.code == code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


def pages(folder: Path, connect: dict[str, Json] | None = None, **options: Json) -> Iterator[Page]:
    connection = Connection("f", "file", "", None, "", "", str(folder))
    read = {"folder": "in", "encoding": "utf-8", "settle_seconds": 0, **options}
    yield from FilesConnector(connection, connect or {}).unread(
        read, known=lambda _: {}, resume=None
    )


def test_a_long_header_under_many_rows_is_not_kept_for_each(folder: Path) -> None:
    header = b",".join(b"x" * 1_000 for _ in range(100))
    (folder / "in" / "d.csv").write_bytes(header + b"\n" + b"1\n" * 500)
    found = list(pages(folder, page_bytes=1_000_000))
    assert sum(page.read for page in found) == 500
    assert max(sum(len(raw.payload) for raw in page.records) for page in found) <= 1_000_000


def test_a_file_larger_than_its_listing_says_is_not_read_to_its_end(folder: Path) -> None:
    (folder / "in" / "a.csv").symlink_to("/dev/zero")
    (folder / "in" / "big.csv").write_bytes(b"a\n" * 600)
    (folder / "in" / "c.csv").write_bytes(b"a\n1\n")
    found = [raw for page in pages(folder, most_bytes=1_000) for raw in page.records]
    told = {raw.item or raw.position: raw.unread.code if raw.unread else "" for raw in found}
    assert told == {"big.csv": "file.too_big", "c.csv row 2": ""}


def test_a_folder_with_more_entries_than_may_be_looked_at_is_refused_whole(folder: Path) -> None:
    for at in range(12):
        (folder / "in" / f"d_{at}.csv").write_bytes(b"a\n1\n")
    with pytest.raises(FlowError) as told:
        list(pages(folder, {"most_entries": 10}))
    assert told.value.code == "system.listing_long"
    assert len(list(pages(folder, {"most_entries": 12}))) == 12


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outside")


def test_a_link_shows_nothing_that_lies_outside_of_its_folder(folder: Path, outside: Path) -> None:
    secret = outside / "hub.env"
    secret.write_text("a\nHUB_HASH_KEY\n")
    (folder / "in" / "a.csv").symlink_to(secret)
    (folder / "in" / "b.csv").write_text("a\n1\n")
    (folder / "in" / "c.csv").symlink_to("b.csv")
    found = [raw for page in pages(folder) for raw in page.records]
    told = {raw.item or raw.position: raw.unread.code if raw.unread else "" for raw in found}
    assert told == {"a.csv": "file.inaccessible", "b.csv row 2": "", "c.csv row 2": ""}
    assert not any(b"HASH" in raw.payload for raw in found)


def test_a_folder_that_the_operator_has_put_elsewhere_is_read(folder: Path, outside: Path) -> None:
    elsewhere = outside / "mounted"
    elsewhere.mkdir()
    (elsewhere / "b.csv").write_text("a\n1\n")
    (folder / "in").rmdir()
    (folder / "in").symlink_to(elsewhere)
    assert [raw.position for page in pages(folder) for raw in page.records] == ["b.csv row 2"]


@pytest.mark.parametrize("other", ["pipe", "link"])
def test_a_file_that_has_become_something_else_since_it_was_listed_is_not_read(
    folder: Path, outside: Path, other: str
) -> None:
    secret, file = outside / "hub.env", folder / "in" / "a.csv"
    secret.write_text("HUB_HASH_KEY")
    file.write_text("a\n1\n")
    store = LocalStore(Connection("f", "file", "", None, "", "", str(folder)), most_entries=9)
    (listed,) = store.entries("in")
    file.unlink()
    if other == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(secret)
    with limited(seconds=5), pytest.raises(UnreachableFileError):
        store.read("in", listed, most=100)


def test_a_link_in_the_place_of_an_unfinished_file_leads_nothing_astray(
    folder: Path, outside: Path
) -> None:
    secret = outside / "hub.env"
    secret.write_text("HUB_HASH_KEY")
    (folder / "in" / ".out.csv.part").symlink_to(secret)
    store = LocalStore(Connection("f", "file", "", None, "", "", str(folder)), most_entries=9)
    store.write("in", "out.csv", b"ours")
    assert secret.read_text() == "HUB_HASH_KEY"
    assert (folder / "in" / "out.csv").read_bytes() == b"ours"
    assert not (folder / "in" / "out.csv").is_symlink()


def test_a_merged_area_to_the_last_column_costs_no_more_than_the_columns_that_are_read() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 3000))
    content = workbook(rows, behind='<mergeCells><mergeCell ref="A2:XFD2999"/></mergeCells>')
    found = read(content, merged="fill")
    assert found[:2] == [{"a": 2, "b": 2}, {"a": 3, "b": 2}]
    assert len(found) == 2998


def test_a_text_that_is_longer_than_a_cell_says_that_it_was_cut() -> None:
    cell = Workbook().active.cell(1, 1)
    exact.put_text(cell, "长" * 40_000)
    assert len(cell.value) <= 32_767
    assert cell.value.endswith(" (cut, of 40000 characters)")
    exact.put_text(cell, "长" * 32_767)
    assert cell.value == "长" * 32_767


def test_names_are_ordered_however_many_digits_they_have() -> None:
    names = [f"d_{'9' * 5000}.csv", "d_10.csv", "d_9.csv", "d_010.csv", f"d_{'0' * 5000}1.csv"]
    ordered = sorted(names, key=counted)
    assert ordered == [names[4], "d_9.csv", "d_010.csv", "d_10.csv", names[0]]
