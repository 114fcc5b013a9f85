"""What a format cannot say is found in one record, named by field and code point, and never
cleaned.
"""

import csv
from io import StringIO
from pathlib import Path

import pytest

from connectors import encodable
from connectors.encodable import JSON, XLSX, XML, Format
from connectors.files import FilesConnector
from connectors.files.shape import ReadingOptions
from connectors.files.tables import read_table
from connectors.handover import deliver
from connectors.verdicts import Bodies
from hub.model import Connection, Json, Outcome, Outgoing

GBK = encodable.csv("gbk")
CANARY = "张三"


@pytest.mark.parametrize(
    ("format_", "text", "character"),
    [
        *(
            (XML, f"{CANARY}{chr(code)}", f"U+{code:04X}")
            for code in (0, 1, 8, 0xB, 0xC, 0x1F, 0xFFFE, 0xFFFF, 0xD800)
        ),
        *(
            (XLSX, f"{CANARY}{chr(code)}", f"U+{code:04X}")
            for code in (0, 0xB, 0x1B, 0xFFFE, 0xDFFF)
        ),
        *(
            (GBK, f"{CANARY}{text}", f"U+{ord(text):04X}")
            for text in ("\x00", "😀", "𠮷", "\ud800", "é́"[1])
        ),
        *((JSON, f"{CANARY}{chr(code)}", f"U+{code:04X}") for code in (0xD800, 0xDFFF)),
    ],
)
def test_a_character_that_a_format_has_no_way_to_say_is_named_by_its_code_point(
    format_: Format, text: str, character: str
) -> None:
    for value in (text, [text], {"a": [text]}):
        why = encodable.fault({"名称": "好", "地址/门": value}, format_)
        assert why is not None
        assert (why.pointer, why.code) == ("/地址~1门", "delivery.unsayable")
        assert why.facts == {"field": "地址/门", "character": character, "format": format_.name}
        assert CANARY not in str(why)


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        *(
            (format_, text)
            for format_ in (XML, XLSX)
            for text in ("a\tb\nc\rd", "_x000B_", "😀𠮷", "=1+1", "\x7f\x85")
        ),
        *((JSON, text) for text in ("\x00\x0b\x1f", "\ufffe", '"\\')),
        *((GBK, text) for text in ('a"b', "a,b", "a\r\nb", "\x1a")),
        (encodable.csv("gb18030"), "😀𠮷é"),
    ],
)
def test_what_a_format_can_say_in_whatever_way_is_no_fault(format_: Format, text: str) -> None:
    assert encodable.fault({"名称": text, "数": 1, "空": None}, format_) is None


def test_a_cell_longer_than_a_sheet_takes_is_refused_with_its_length_as_excel_counts_it() -> None:
    assert encodable.fault({"n": "长" * 32_767}, XLSX) is None
    why = encodable.fault({"n": "😀" * 16_384}, XLSX)
    assert why is not None
    assert why.facts == {"field": "n", "length": "32768", "limit": "32767", "format": "XLSX"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_other_records_of_a_batch_stand_in_the_file_as_they_are(
    tmp_path: Path, kind: str
) -> None:
    (tmp_path / "in").mkdir()
    write: dict[str, Json] = {
        "folder": "in",
        "name": "need",
        "key": "流水号",
        "format": kind,
        "encoding": "gbk",
    }
    names = ["好", "坏\x0b" if kind == "xlsx" else "坏😀", 'a"b,c\r\nd']
    items = [Outgoing(f"k{n}", "upsert", {"名称": name}) for n, name in enumerate(names)]
    connector = FilesConnector(Connection("p", "file", "", None, "", "", str(tmp_path)), {})
    outcomes = {one.key: one for one in connector.send(write, items)}
    assert {key: one.state for key, one in outcomes.items()} == {
        "k0": "confirmed",
        "k1": "rejected",
        "k2": "confirmed",
    }
    (file,) = (tmp_path / "in").glob(f"need_*.{kind}")
    rows = read_table(file.read_bytes(), ReadingOptions(format=kind, encoding="gbk")).rows  # type: ignore[arg-type]
    if kind == "csv":
        read = [
            list(csv.reader(StringIO(row.payload.decode("gbk"), newline="")))[1][0] for row in rows
        ]
        assert read == [names[0], names[2]]
    assert len(rows) == 2


def test_a_record_that_xml_cannot_say_is_not_handed_over_and_the_others_are() -> None:
    handed: list[str] = []

    def hand_over(some: list[Outgoing]) -> list[Outcome]:
        handed.extend(item.key for item in some)
        return [Outcome(item.key, "confirmed") for item in some]

    items = [
        Outgoing(key, "upsert", {"名称": name})
        for key, name in (("a", "好"), ("b", "坏\x0b"), ("c", "好"))
    ]
    bodies = Bodies(key="key")
    found = deliver(
        items, bodies, size=9, look_up=lambda _key: None, hand_over=hand_over, written=XML
    )  # type: ignore[arg-type]
    assert {one.key: one.state for one in found} == {
        "a": "confirmed",
        "b": "rejected",
        "c": "confirmed",
    }
    assert handed == ["a", "c"]
