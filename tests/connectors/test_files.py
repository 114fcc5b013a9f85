"""Files beyond the kit: lines and quotes, files that are not whole, folders on this machine, host
keys.
"""

import csv
import io
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import FilesConnector
from connectors.files.shape import ReadingOptions
from connectors.files.tables import read_table, table
from hub.errors import FlowError, TransientError
from hub.model import Connection, Json, Outgoing
from hub.workbook.troubles import UnreadableFileError
from tests.connectors.cases import water
from tests.sandbox_processes import SECRET, USER

CSV = ReadingOptions(encoding="gb18030")
READ: dict[str, Json] = {"folder": "out", "pattern": "*.csv", "marker": ".ok", "page_size": 2}
CELLS = st.text(st.characters(codec="gb18030", exclude_characters="\0"), max_size=8)


def payloads(content: bytes, shape: ReadingOptions = CSV) -> list[bytes]:
    return [row.payload for row in read_table(content, shape).rows]


@given(
    records=st.lists(st.tuples(st.text("甲乙a", min_size=1), CELLS, CELLS), min_size=1, max_size=12)
)
def test_every_record_stands_in_a_payload_of_its_own(records: list[tuple[str, str, str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("键", "名", "址"), *records])
    content = text.getvalue().encode("gb18030")
    found = [
        list(csv.reader(io.StringIO(one.decode("gb18030"), newline="")))
        for one in payloads(content)
    ]
    assert [tuple(read[1]) for read in found] == records
    assert all(read[0] == ["键", "名", "址"] for read in found)


def test_a_quote_that_is_never_closed_spoils_its_own_line_only() -> None:
    content = 'k,v\r\n1,"甲\r\n2,乙\r\n3,"丙"\r\n'.encode("gbk")
    rows = read_table(content, CSV).rows
    assert [row.payload.decode("gbk").rpartition("\n")[2] for row in rows] == [
        '1,"甲',
        "2,乙",
        '3,"丙"',
    ]
    assert [(row.number, row.code) for row in rows if row.code] == [(2, "file.line_broken")]


def test_titles_blank_lines_and_a_byte_order_mark_are_no_records() -> None:
    content = b"\xef\xbb\xbf" + "台账\r\nk,v\r\n\r\n1,2\r\n".encode()
    assert payloads(content, ReadingOptions(header_row=2)) == [b"k,v\n1,2"]


def test_what_is_no_workbook_is_said_to_be_none() -> None:
    with pytest.raises(UnreadableFileError):
        payloads(b"not a workbook", ReadingOptions(format="xlsx"))


def test_a_workbook_comes_back_as_it_was_written() -> None:
    shape = ReadingOptions(format="xlsx")
    record: dict[str, Json] = {
        "号": "007",
        "负荷": 1.5,
        "数": 3,
        "空": None,
        "真": True,
        "字": "NA",
    }
    assert payloads(table([record, {"号": "008"}], shape), shape) == [
        '{"号":"007","字":"NA","数":3,"真":true,"空":null,"负荷":1.5}'.encode(),
        '{"号":"008","字":null,"数":null,"真":null,"空":null,"负荷":null}'.encode(),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("out", "in", "answers"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def connector(folder: Path) -> FilesConnector:
    return FilesConnector(
        Connection("water", "file", "", None, "", "", str(folder)), {"ping": "out"}
    )


def put(folder: Path, name: str, *keys: str, marker: str | None = "") -> None:
    (folder / "out" / name).write_bytes(
        b"k,v\r\n" + b"".join(f"{key},x\r\n".encode() for key in keys)
    )
    if marker is not None:
        (folder / "out" / f"{name}.ok").write_text(marker)


def keys_of(
    connector: FilesConnector, read: dict[str, Json] = READ, *, since: str | None = None
) -> list[str]:
    pages = connector.pages(read, since=since, resume=None)
    return [
        raw.payload.split(b"\n")[1].split(b",")[0].decode()
        for page in pages
        for raw in page.records
    ]


def test_no_file_overtakes_one_that_is_not_whole(connector: FilesConnector, folder: Path) -> None:
    put(folder, "1.csv", "a", "b", "c")
    put(folder, "2.csv", "d", marker=None)
    put(folder, "3.csv", "e")
    pages = list(connector.pages(READ, since=None, resume=None))
    assert [page.high for page in pages] == [None, "1.csv"]
    (folder / "out/2.csv.ok").touch()
    assert keys_of(connector, since="1.csv") == ["d", "e"]
    assert keys_of(connector, since="3.csv") == []


def test_a_file_other_than_its_marker_says_is_broken(
    connector: FilesConnector, folder: Path
) -> None:
    put(folder, "1.csv", "a", marker="rows=1 bytes=999 sha256=00")
    with pytest.raises(TransientError) as caught:
        keys_of(connector)
    assert caught.value.code == "system.page_broken"


def test_without_a_marker_a_file_counts_when_its_size_is_stable(
    connector: FilesConnector, folder: Path
) -> None:
    put(folder, "1.csv", "a", marker=None)
    assert keys_of(connector, {"folder": "out", "pattern": "*.csv", "settle_seconds": 0}) == ["a"]


def test_a_folder_that_is_missing_stops_the_flow(connector: FilesConnector) -> None:
    with pytest.raises(FlowError):
        keys_of(connector, {**READ, "folder": "nowhere"})


def test_the_same_batch_makes_the_same_file(connector: FilesConnector, folder: Path) -> None:
    write: dict[str, Json] = {"folder": "in", "name": "need", "key": "流水号", "encoding": "gbk"}
    items = [Outgoing("a", "upsert", {"名": "甲"}), Outgoing("b", "upsert", {"名": "𠮷"})]
    for _ in range(2):
        outcomes = {outcome.key: outcome.state for outcome in connector.send(write, items)}
        assert outcomes == {"a": "confirmed", "b": "rejected"}
    names = sorted(path.name for path in (folder / "in").iterdir())
    assert len(names) == 2
    assert names[1] == names[0] + ".ok"
    assert (folder / "in" / names[0]).read_bytes() == "名,流水号\r\n甲,a\r\n".encode("gbk")


def test_a_checkpoint_is_put_down_once_where_the_contract_says(
    connector: FilesConnector, folder: Path
) -> None:
    (folder / "proofs").mkdir()
    write: dict[str, Json] = {"folder": "in", "name": "need", "key": "k", "checkpoints": "proofs"}
    text = '{"seal":12,"chain":"ab"}'
    for key in ("a", "b"):
        (outcome,) = connector.send(write, [Outgoing(key, "upsert", {"v": "1"}, checkpoint=text)])
        assert outcome.state == "confirmed"
    assert [(path.name, path.read_text()) for path in (folder / "proofs").iterdir()] == [
        ("0000000012.jsonl", text + "\n")
    ]


def test_the_newest_answer_counts(connector: FilesConnector, folder: Path) -> None:
    write: dict[str, Json] = {
        "folder": "in",
        "name": "need",
        "key": "k",
        "answers": {"folder": "answers", "pattern": "*.csv", "marker": ".ok"},
        "verdict": {"key": "k", "code": "c", "text": "t", "ok": ["1"], "retry": ["9"]},
    }
    for name, text in (
        ("1.csv", "k,c,t\na,0,no\nb,1,\n"),
        ("2.csv", "k,c,t\na,1,yes\nc,9,later\n"),
    ):
        (folder / "answers" / name).write_text(text)
        (folder / "answers" / f"{name}.ok").touch()
    os.utime(folder / "answers/1.csv", (2_000_000_000, 2_000_000_000))
    os.utime(folder / "answers/2.csv", (2_000_000_100, 2_000_000_100))
    found = {
        receipt.key: (receipt.state, receipt.text)
        for receipt in connector.receipts(write, ["a", "b", "c", "z"])
    }
    assert found == {"a": ("accepted", "yes"), "b": ("accepted", "")}


@dataclass(frozen=True)
class Served:
    """A real server over SFTP: where it is, and the folder behind it."""

    where: Connection
    outbox: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    state = tmp_path_factory.mktemp("water")
    with water(state, "") as case:
        health = case.partner.ask("host_key")
        assert isinstance(health, dict)
        options = {"host_key": str(health["host_key"])}
        where = Connection(
            "water", "sftp", "127.0.0.1", case.partner.sftp_port, USER, SECRET, "/", options
        )
        yield Served(where, state / "files" / "outbox")


def test_a_server_whose_host_key_is_not_the_one_on_record_gets_no_password(server: Served) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    for known in ({}, {"host_key": other}):
        stranger = replace(server.where, options=known)
        with pytest.raises(FlowError) as caught:
            FilesConnector(stranger, {}).ping()
        assert caught.value.code == "system.host_key"


def test_case_26_over_sftp_names_in_any_encoding_are_listed_read_and_shown(server: Served) -> None:
    names = [b"x_1.csv", "x_2测试 一.csv".encode("gbk"), "x_3测试.csv".encode(), b"x_4\xff\xfe.csv"]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(server.outbox), name))).write_bytes(  # noqa: PTH118
            b"k,v\r\n1,a\r\n"
        )
    (server.outbox / "x_5.csv").mkdir()
    (server.outbox / "x_6.csv").symlink_to("nowhere")
    read: dict[str, Json] = {"folder": "outbox", "pattern": "x_*", "settle_seconds": 0}
    with closing(FilesConnector(server.where, {})) as connector:
        pages = list(connector.unread(read, known=lambda _: {}, resume=None))
    raws = [raw for page in pages for raw in page.records]
    assert [raw.position for raw in raws if raw.unread is None] == [
        "x_1.csv row 2",
        "x_2测试 一.csv row 2",
        "x_3测试.csv row 2",
        "x_4\\xff\\xfe.csv row 2",
    ]
    assert {raw.item: raw.unread.code for raw in raws if raw.unread} == {
        "x_5.csv": "file.inaccessible",
        "x_6.csv": "file.inaccessible",
    }
