"""Files as people make them, met in public: cases 13, 18, 24, 25, 26, 44 and 49, through the whole
of intake.
"""

import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from connectors.files import FilesConnector
from hub import exact
from hub.db.runs import reading
from hub.errors import HeldError, TransientError
from hub.model import Connection
from hub.pipeline import held_decisions
from hub.pipeline.steward import DecidedBy
from tests.case_files import CASES, contracts_with, hub_with, template_with
from tests.pipeline.conftest import Small
from tests.postgres import DatabaseServer

HEAD = "接入编号,项目代码,申请单位,接入地址,日排水量,状态,申请日期,更新时间,联系人,联系电话,户号"
LINE = "{},2502-522730-04-01-587294,某公司,{},12.5,受理,2026-10-08,2026-10-09 09:30:00,某人,1,H1"


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "13", "b03") as name:
        yield name


class Folder:
    """A partner's folder, and the hub that reads it by the mapping of a case."""

    def __init__(self, hub: Small, root: Path, number: str, system: str) -> None:
        self.hub, self.root = hub, root
        self.use(number, system)
        (root / "outbox").mkdir()

    def use(self, number: str, system: str, **changed: str) -> None:
        self.flow = f"pull.{system}.utility_connection"
        self.number, self.system = number, system
        self.hub.contracts = contracts_with(number, system, **changed)

    def given(self, *names: str) -> None:
        """Put files of the case there."""
        for path in sorted((CASES / self.number / "input" / self.system / "outbox").iterdir()):
            if not names or path.name.removesuffix(".ok") in names:
                shutil.copy(path, self.root / "outbox" / path.name)

    def put(self, name: str, *lines: str, marker: bool = True) -> Path:
        """Put a CSV file there that holds these lines."""
        return self.put_bytes(
            name, "\r\n".join([HEAD, *lines, ""]).encode("gb18030"), marker=marker
        )

    def put_bytes(self, name: str | bytes, content: bytes, *, marker: bool = True) -> Path:
        path = self.root / "outbox" / (os.fsdecode(name) if isinstance(name, bytes) else name)
        path.write_bytes(content)
        if marker:
            Path(f"{path}.ok").touch()
        return path

    def pull(self) -> dict[str, int]:
        where = Connection(self.system, "file", "", None, "", "", str(self.root))
        with closing(FilesConnector(where, {})) as connector:
            return self.hub.pull(self.flow, connector)

    def notes(self) -> set[str]:
        """What the last run tells, as `hub runs`, the API and the console show it."""
        with self.hub.database.write() as tx:
            return set(reading.run_rows(tx, flow=self.flow, most=1)[0].notes)

    def open(self) -> list[tuple[str, str]]:
        """Position and cause of the entries that are open."""
        rows = self.hub.rows(
            "select l.position, q.cause from hub.quarantine q join hub.landing l on l.id = "
            "q.landing_id"
            " where q.state = 'open' order by 1"
        )
        return [(str(row["position"]), str(row["cause"])) for row in rows]

    def addresses(self) -> dict[str, object]:
        rows = self.hub.rows(
            "select number, address from golden.utility_connection where deleted_at is null"
        )
        return {str(row["number"]): row["address"] for row in rows}


@pytest.fixture
def folder(database_server: DatabaseServer, template: str, tmp_path: Path) -> Iterator[Folder]:
    with hub_with(database_server, template, "13", "b03") as made:
        yield Folder(made, tmp_path, "13", "b03")


def test_case_13_a_quote_that_never_closes_costs_its_own_line(folder: Folder):
    folder.given()
    assert folder.pull() == {"read": 100, "created": 99, "quarantined": 1}
    ((position, cause),) = folder.open()
    assert (position, cause.split()[0]) == ("d_1.csv row 6", "file.line_broken")
    assert folder.pull() == {}


def test_case_13_the_line_waits_for_nobody_once_its_file_is_corrected(folder: Folder):
    broken = [LINE.format("N1", '"甲路'), LINE.format("N2", "乙路"), LINE.format("", "丙路")]
    folder.put("d_1.csv", *broken)
    assert folder.pull() == {"read": 3, "created": 1, "quarantined": 2}
    folder.put(
        "d_1.csv", LINE.format("N0", "甲路"), *broken
    )  # further down, and as broken as before
    assert folder.pull() == {"read": 4, "created": 1, "unchanged": 2, "quarantined": 1}
    assert len(folder.open()) == 2
    folder.put("d_1.csv", LINE.format("N1", "甲路"), *broken[1:])
    assert folder.pull() == {"read": 3, "created": 1, "unchanged": 2}
    assert [cause.split()[0] for _, cause in folder.open()] == ["record.key_missing"]


def test_case_18_a_late_file_and_a_corrected_one_are_read_and_told(folder: Folder):
    folder.use("18", "b09")
    folder.given()
    first = folder.pull()
    assert first["read"] == first["created"]
    folder.put("d_10.csv", LINE.format("N10", "甲路"))
    folder.put("d_8.csv", LINE.format("N8", "乙路"))
    assert folder.pull() == {"read": 2, "created": 2}
    assert folder.notes() == {"file.late d_10.csv", "file.late d_8.csv"}
    folder.put("d_8.csv", LINE.format("N8", "丙路改"))
    assert folder.pull() == {"read": 1, "changed": 1}
    assert folder.notes() == {"file.corrected d_8.csv"}
    assert folder.addresses()["N8"] == "丙路改"
    assert folder.pull() == {}
    assert folder.notes() == set()


def test_case_18_a_file_put_there_once_more_with_the_same_content_says_nothing(folder: Folder):
    path = folder.put("d_1.csv", LINE.format("N1", "甲路"))
    assert folder.pull() == {"read": 1, "created": 1}
    os.utime(path, (1_900_000_000.5, 1_900_000_000.5))
    assert (folder.pull(), folder.notes()) == ({}, set())
    path.unlink()
    assert (folder.pull(), folder.addresses()) == ({}, {"N1": "甲路"})


def test_case_18_what_an_earlier_release_has_read_is_not_read_again(folder: Folder):
    for number in (1, 2):
        folder.put(f"d_{number}.csv", LINE.format(f"N{number}", "甲路"))
    assert folder.pull() == {"read": 2, "created": 2}
    with folder.hub.database.write() as tx:
        tx.execute("delete from hub.source_file")  # as such a database is when it is migrated
    folder.put("d_3.csv", LINE.format("N3", "甲路"))
    assert (folder.pull(), folder.notes()) == ({"read": 1, "created": 1}, set())
    folder.put("d_1.csv", LINE.format("N1", "乙路口"))
    assert (folder.pull(), folder.notes()) == (
        {"read": 1, "changed": 1},
        {"file.corrected d_1.csv"},
    )


def test_of_a_folder_of_many_files_only_the_new_one_is_read(folder: Folder):
    for number in range(2000):
        folder.put(f"d_{number:05}.csv", LINE.format(number, "甲"))
    assert folder.pull()["created"] == 2000
    folder.put("d_00000b.csv", LINE.format("new", "甲"))
    began = time.process_time()
    assert folder.pull() == {"read": 1, "created": 1}
    assert time.process_time() - began < 1


def test_case_24_an_empty_file_holds_nothing_back_and_is_told(folder: Folder):
    folder.use("24", "b05")
    folder.given()
    done = folder.pull()
    assert done["read"] == done["created"] > 0
    assert folder.notes() == {"file.empty d_1.csv"}


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", HEAD.encode("gb18030"), b",,,\r\n\x1a"]
)
def test_case_24_neither_does_any_other_that_has_no_record(folder: Folder, content: bytes):
    folder.put("d_1.csv", *(LINE.format(f"A{n}", "甲路") for n in range(120)))
    folder.pull()
    folder.put_bytes("d_2.csv", content)
    folder.put("d_3.csv", LINE.format("N3", "甲路"))
    assert folder.pull() == {"read": 1, "created": 1}
    assert folder.notes() == {"file.empty d_2.csv"}
    folder.put("d_2.csv", LINE.format("N2", "甲路"))
    assert folder.pull() == {"read": 1, "created": 1}


def test_case_25_a_file_that_is_no_workbook_is_set_aside_alone_and_its_correction_closes_it(
    folder: Folder,
):
    folder.use("25", "x10")
    folder.given()
    assert folder.pull() == {"read": 2, "created": 1, "quarantined": 1}
    assert folder.open() == [("d_1.xlsx", "file.not_workbook")]
    assert folder.pull() == {}
    shutil.copy(CASES / "25" / "input" / "x09" / "outbox" / "d_1.xlsx", folder.root / "outbox")
    done = folder.pull()
    assert done["created"] == 1
    assert folder.open() == []


@pytest.mark.parametrize("system", ["x09", "x13"])
def test_case_25_workbooks_without_styles_and_strict_ones_are_read(folder: Folder, system: str):
    folder.use("25", system)
    folder.given()
    assert folder.pull() == {"read": 1, "created": 1}


def test_case_25_a_file_set_aside_is_read_again_once_the_mapping_is_corrected(folder: Folder):
    folder.put_bytes("d_1.csv", f"{HEAD}\r\n{LINE.format('N1', '甲路')}\r\n".encode())
    assert folder.pull() == {"read": 1, "quarantined": 1}
    assert folder.open() == [("d_1.csv", "file.encoding")]
    folder.use("13", "b03", gb18030="utf-8")
    assert folder.pull() == {"read": 1, "created": 1}
    assert folder.open() == []


@pytest.mark.parametrize("name", ["d_0测试.csv", "d_0空 格.csv", "d_0..csv", "d_0#100%.csv"])
def test_case_26_names_in_gbk_and_others_that_are_strange_are_read_and_shown(
    folder: Folder, name: str
):
    folder.use("26", "f05")
    folder.given("d_1.csv")
    folder.put_bytes(
        name.encode("gbk"), f"{HEAD}\r\n{LINE.format('N0', '甲路')}\r\n".encode("gb18030")
    )
    done = folder.pull()
    assert done["created"] == done["read"] > 1
    shown = {
        row["position"]
        for row in folder.hub.rows("select position from hub.landing where flow like 'pull.f05.%'")
    }
    assert f"{name} row 2" in shown


def test_case_26_an_entry_that_cannot_be_had_is_its_own_outcome(folder: Folder):
    folder.put("d_5.csv", LINE.format("N5", "甲路"))
    (folder.root / "outbox/d_1.csv").symlink_to("nowhere")
    (folder.root / "outbox/d_2.csv").mkdir()
    for name in ("d_1.csv.ok", "d_2.csv.ok"):
        (folder.root / "outbox" / name).touch()
    assert folder.pull() == {"read": 3, "created": 1, "quarantined": 2}
    assert {cause for _, cause in folder.open()} == {"file.inaccessible"}
    assert folder.pull() == {"read": 2, "unchanged": 2}
    (folder.root / "outbox/d_1.csv").unlink()
    folder.put("d_1.csv", LINE.format("N1", "甲路"))
    folder.pull()
    assert [position for position, _ in folder.open()] == ["d_2.csv"]


@pytest.mark.parametrize(
    ("system", "done"), [("b02", {"read": 100, "created": 100}), ("b11", None)]
)
def test_case_44_lines_of_commas_and_the_end_of_file_of_dos_are_no_records(
    folder: Folder, system: str, done
):
    folder.use("44", system)
    folder.given()
    found = folder.pull()
    assert found == (done or {"read": 6, "created": 4, "quarantined": 2})


def test_a_held_file_is_read_first_so_that_its_correction_overtakes_it(folder: Folder):
    folder.put("d_5.csv", LINE.format("N5", "甲路"))
    folder.pull()
    wrong = "编号,地址\r\n1,2\r\n".encode("gb18030")
    folder.put_bytes("d_6.csv", wrong)
    with pytest.raises(HeldError):
        folder.pull()
    folder.put("d_1.csv", LINE.format("N1", "甲路"))
    with pytest.raises(HeldError):
        folder.pull()
    folder.put("d_6.csv", LINE.format("N6", "甲路"))
    assert folder.pull() == {"read": 2, "created": 2}
    assert folder.hub.rows("select from hub.held_batch where state = 'waiting'") == []


@pytest.mark.parametrize("accepted", [True, False])
def test_a_held_file_that_was_decided_is_not_read_again(folder: Folder, *, accepted: bool):
    folder.put("d_5.csv", LINE.format("N5", "甲路"))
    folder.pull()
    folder.put_bytes("d_6.csv", "编号,地址\r\n1,2\r\n".encode("gb18030"))
    with pytest.raises(HeldError):
        folder.pull()
    (row,) = folder.hub.rows("select batch_id from hub.held_batch where state = 'waiting'")
    batch, word, hub = int(str(row["batch_id"])), DecidedBy("甲", "核实"), folder.hub
    if accepted:
        held_decisions.accept(hub.database, hub.contracts, hub.settings, batch, word=word)
    else:
        held_decisions.drop(hub.database, hub.settings, batch, word=word)
    assert folder.pull() == {}


def test_a_file_that_never_becomes_whole_holds_later_ones_for_a_time_only(folder: Folder):
    path = folder.put("d_1.csv", LINE.format("N1", "甲路"), marker=False)
    folder.put("d_2.csv", LINE.format("N2", "甲路"))
    assert folder.pull() == {}
    os.utime(path, (time.time() - 7200.5, time.time() - 7200.5))
    assert folder.pull() == {"read": 1, "created": 1}
    assert folder.notes() == {"file.unfinished d_1.csv"}
    Path(f"{path}.ok").touch()
    assert folder.pull() == {"read": 1, "created": 1}


def test_a_file_other_than_its_marker_says_is_tried_again_and_later_ones_are_read(folder: Folder):
    path = folder.put("d_1.csv", LINE.format("N1", "甲路"))
    Path(f"{path}.ok").write_text("bytes=9")
    folder.put("d_2.csv", LINE.format("N2", "甲路"))
    with pytest.raises(TransientError):
        folder.pull()
    assert set(folder.addresses()) == {"N2"}
    os.utime(path, (time.time() - 7200.5, time.time() - 7200.5))
    assert folder.pull() == {"read": 1, "quarantined": 1}
    assert folder.open() == [("d_1.csv", "file.marker")]


def test_a_run_that_broke_off_in_a_file_goes_on_in_it_unless_it_has_changed(folder: Folder):
    folder.use("13", "b03", **{"marker: .ok": "marker: .ok\n  page_size: 2"})
    folder.hub.with_settings(batch_records=2)
    lines = [LINE.format(f"N{n}", "甲路") for n in range(5)]
    folder.put("d_1.csv", *lines)
    folder.pull()
    with folder.hub.database.write() as tx:
        tx.execute("delete from hub.source_file")
        row = tx.execute(
            "select cursor_after from hub.batch where flow = %s order by id limit 1", (folder.flow,)
        )
        tx.execute(
            "update hub.flow set cursor = %s::text::jsonb where name = %s",
            (_json(row.fetchone()[0]), folder.flow),
        )
    assert folder.pull() == {"read": 3, "unchanged": 3}
    assert folder.pull() == {}


def _json(value: object) -> str:
    return exact.write(value).decode()


def test_case_49_a_sheet_formatted_to_its_last_row_costs_little(folder: Folder):
    folder.use("49", "x07")
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(","))
    for number in (1, 2):
        book.active.append(LINE.format(f"N{number}", "甲路").split(","))
    path = folder.root / "outbox" / "d_1.xlsx"
    book.save(path)
    _format_to_the_end(path)
    Path(f"{path}.ok").touch()
    began = time.process_time()
    assert folder.pull() == {"read": 2, "created": 2}
    assert time.process_time() - began < 8


def _format_to_the_end(path: Path) -> None:
    """Give every row of the sheet four cells that hold a format and nothing else."""
    cells = "".join(f'<c r="{letter}{{0}}" s="1"/>' for letter in "ABCD")
    row = f'<row r="{{0}}" spans="1:4" s="1">{cells}</row>'
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name, body in parts.items():
            if not name.endswith("sheet1.xml"):
                new.writestr(name, body)
                continue
            head, _, tail = body.partition(b"</sheetData>")
            with new.open(name, "w") as sheet:
                sheet.write(head)
                for start in range(4, 1_048_577, 1000):
                    sheet.write(
                        "".join(
                            map(row.format, range(start, min(start + 1000, 1_048_577)))
                        ).encode()
                    )
                sheet.write(b"</sheetData>" + tail)


def test_a_complete_list_withdraws_what_it_lacks_and_one_that_is_cut_off_withdraws_nothing(
    folder: Folder,
):
    folder.use(
        "13",
        "b03",
        **{"  marker: .ok": "  marker: .ok\n  snapshot: daily\n  complete: rows\n  shrink: 40 %"},
    )
    lines = [LINE.format(f"N{n}", "甲路") for n in range(3)]
    folder.put("d_1.csv", *lines, "合计,3")
    assert folder.pull() == {"read": 3, "created": 3}
    folder.put("d_2.csv", *lines[:2])  # cut off: its last line states no number
    assert folder.pull() == {"read": 1, "quarantined": 1}
    assert set(folder.addresses()) == {"N0", "N1", "N2"}
    folder.put("d_3.csv", *lines[:2], "合计,2")
    assert folder.pull()["deleted"] == 2  # N2, and the file that was cut off
    assert set(folder.addresses()) == {"N0", "N1"}
    assert folder.open() == []
    folder.put("d_4.csv", *lines[:1], "合计,1")
    with pytest.raises(HeldError):
        folder.pull()
    assert set(folder.addresses()) == {"N0", "N1"}
