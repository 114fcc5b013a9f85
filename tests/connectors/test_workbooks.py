"""Workbooks as programs and people make them: each cell exactly, or with the reason why it has no
usable value.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import encodable
from connectors.files import workbook
from connectors.files.shape import Header, ReadingOptions
from connectors.files.tables import read_table, table, written_as
from hub import exact
from hub.domain.payload import PayloadFormat, decode
from hub.model import UNUSABLE, Json, Number
from hub.workbook.package import Package, elements, text_of
from hub.workbook.sheet import Sheets, unescaped
from hub.workbook.troubles import UnreadableFileError

XLSX = ReadingOptions(format="xlsx")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
DIGITS = st.from_regex(r"[=+@-]?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?", fullmatch=True)


def made(
    cells: str,
    *,
    setting: str = "",
    calc: str = 'fullCalcOnLoad="1"',
    reading: ReadingOptions = XLSX,
) -> dict[int, Json]:
    """The first row of a workbook whose sheet holds these cells, as openpyxl makes one around
    them.
    """
    book, plain = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "x"
    book.active["B1"].number_format = "yyyy-mm-dd"
    book.save(plain)
    content = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            body = old.read(name).decode()
            if name.endswith("sheet1.xml"):
                head, _, rest = body.partition("<sheetData>")
                body = (
                    f"{head}<sheetData><row "
                    f'r="1">{cells}</row></sheetData>{rest.partition("</sheetData>")[2]}'
                )
            if name.endswith("workbook.xml"):
                body = body.replace("<workbookPr ", f"<workbookPr {setting} ").replace(
                    "<workbookPr/>", f"<workbookPr {setting}/>"
                )
                body = body.replace('fullCalcOnLoad="1"', calc)
            new.writestr(name, body)
    package = Package(content.getvalue(), most_bytes=1_000_000)
    rows = Sheets(package, reading).rows(package.sheets[0].part)
    return next((row.cells for row in rows), {})


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>12.5</v></c>", Number("12.5")),
        ("<c><v>12</v></c>", 12),
        ("<c><v>12.0</v></c>", 12),
        ("<c><v>1.1000000000000001</v></c>", Number("1.1")),
        ("<c><v>1.2E3</v></c>", 1200),
        ("<c><v>123456789012345</v></c>", 123456789012345),
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="b"><v>0</v></c>', False),
        ('<c t="str"><f>A1</f><v>=1+1</v></c>', "=1+1"),
        ("<c><f>10+2.5</f><v>12.5</v></c>", Number("12.5")),
        ('<c t="inlineStr"><is><t>A_x000D_\nB</t></is></c>', "A\r\nB"),
        ('<c t="inlineStr"><is><r><t>a_x</t></r><r><t>005F_b</t></r></is></c>', "a_b"),
        ('<c t="inlineStr"><is><t>_x005F_x000D_</t></is></c>', "_x000D_"),
        ('<c t="inlineStr"><is><t>_xD83D__xDE00_</t></is></c>', "😀"),
        ('<c s="1"><v>46303</v></c>', "2026-10-08T00:00:00"),
    ],
)
def test_a_cell_is_read_exactly(cell: str, value: Json) -> None:
    assert made(cell) == {1: value}


@pytest.mark.parametrize(
    "cell",
    [
        "<c><v>123456789012345680</v></c>",
        "<c><v>1.2345678901234568E+17</v></c>",
        "<c><v>1234567890123456</v></c>",
        "<c><v>0.1000000000000000055</v></c>",
        "<c><f>10+2.5</f></c>",
        "<c><f>10+2.5</f><v></v></c>",
        "<c><f>10+2.5</f><v>0</v></c>",
        '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c t="e"><v>#N/A</v></c>',
        '<c s="1"><v>60</v></c>',
        '<c s="1"><v>-5</v></c>',
    ],
)
@pytest.mark.filterwarnings("ignore:Cell:UserWarning")
def test_a_cell_without_a_usable_value_says_why(cell: str) -> None:
    (value,) = made(cell.replace("<c", '<c r="A1"')).values()
    assert isinstance(value, Mapping)
    assert list(value) == [UNUSABLE]


def test_a_computed_zero_is_a_zero_where_nothing_is_left_to_compute() -> None:
    assert made("<c><f>1-1</f><v>0</v></c>", calc="") == {1: 0}


def test_days_count_from_1904_where_the_workbook_says_so() -> None:
    assert made('<c s="1"><v>60</v></c>', setting='date1904="1"') == {1: "1904-03-01T00:00:00"}


def test_shared_strings_keep_what_was_entered() -> None:
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<si><t>_x005F_x000D_ x005F_ _x000D_</t></si><si><r><t>a</t></r><r><t>b</t></r>"
        b"<rPh><t>yin</t></rPh></si></sst>"
    )
    found = [text_of(element) for element in elements(iter([strings]), "si")]
    assert [unescaped(text) for text in found] == ["_x000D_ x005F_ \r", "ab"]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS | DIGITS, min_size=1, max_size=4))
def test_every_text_that_goes_into_a_workbook_comes_back(texts: list[str]) -> None:
    record: dict[str, Json] = {f"c{n}": text for n, text in enumerate(texts)}
    (row,) = read_table(table([record], XLSX), XLSX).rows
    assert exact.read(row.payload) == record


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS | DIGITS, min_size=1, max_size=4))
def test_every_text_that_goes_into_a_csv_file_comes_back(texts: list[str]) -> None:
    shape = ReadingOptions(encoding="gb18030")
    record: dict[str, Json] = {f"c{n}": text for n, text in enumerate(texts)}
    (row,) = read_table(table([record], shape), shape).rows
    assert decode(row.payload, form=PayloadFormat("csv", "gb18030")) == record


@pytest.mark.parametrize(
    "number", [12.5, 0.1, 1e300, 123456789012345, 2**60, 12345678901234.567, True]
)
def test_a_number_is_written_as_one_only_where_all_its_digits_are_kept(number: float) -> None:
    (row,) = read_table(table([{"a": number}], XLSX), XLSX).rows
    read = exact.read(row.payload)
    assert isinstance(read, dict)
    found = read["a"]
    if isinstance(found, bool):
        assert found is number
    else:
        assert float(found.text if isinstance(found, Number) else str(found)) == float(number)
        assert isinstance(number, float) or str(found) == str(number)


def test_columns_of_one_name_are_not_one_value_and_a_blank_name_is_none() -> None:
    content = workbook.written(["a", " ", "b", " ", "a"], [["1", "2", "3", "4", "5"]], "")
    (row,) = read_table(content, XLSX).rows
    assert exact.read(row.payload) == {"a": ["1", "5"], "b": "3"}


Cells = list[list[Json]]
NAMES = ["幢号", "面积"]


def book(
    rows: Cells,
    *,
    sheets: Mapping[str, Cells] | None = None,
    merged: Sequence[str] = (),
    hidden: Sequence[int] = (),
) -> bytes:
    """A workbook of these rows, as people make it."""
    made = openpyxl.Workbook()
    for title, lines in (sheets or {"Sheet1": rows}).items():
        page = made.create_sheet(title)
        for line in lines:
            page.append(line)
    made.remove(made.worksheets[0])
    for area in merged:
        made.worksheets[0].merge_cells(area)
    for number in hidden:
        made.worksheets[0].row_dimensions[number].hidden = True
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def read(
    content: bytes, **options: object
) -> tuple[list[dict[str, Json]], tuple[str, ...] | None, dict[str, int]]:
    """The records of a workbook, its header, and what is told of it."""
    found = read_table(content, ReadingOptions(format="xlsx", **options))  # type: ignore[arg-type]
    records = [exact.read(row.payload) for row in found.rows]
    return [one for one in records if isinstance(one, dict)], found.header, dict(found.notes)


def refused(content: bytes, **options: object) -> UnreadableFileError:
    with pytest.raises(UnreadableFileError) as caught:
        read(content, **options)
    return caught.value


def test_a_header_is_found_whatever_stands_above_it():
    rows: Cells = [["多测合一成果"], ["制表", "甲"], [], list(NAMES), ["1", 2], ["2", 3]]
    records, header, _ = read(book(rows), header=Header(find="幢号"))
    assert (header, records) == (
        ("幢号", "面积"),
        [{"幢号": "1", "面积": 2}, {"幢号": "2", "面积": 3}],
    )


def test_a_header_of_two_rows_with_merged_cells_gives_one_title_a_column():
    rows: Cells = [
        ["成果"],
        ["幢号", "面积", None, "备注"],
        [None, "地上", "地下", None],
        ["1", 2, 3, "x"],
    ]
    content = book(rows, merged=["A2:A3", "B2:C2", "D2:D3"])
    records, header, _ = read(content, header=Header(find="幢号", rows=2, join="/"))
    assert header == ("幢号", "面积/地上", "面积/地下", "备注")
    assert records == [{"幢号": "1", "面积/地上": 2, "面积/地下": 3, "备注": "x"}]


def test_merged_cells_among_the_data_are_filled_or_told():
    rows: Cells = [list(NAMES), ["1", 2], [None, 3], ["2", 4]]
    content = book(rows, merged=["A2:A3"])
    filled, _, told = read(content, merged="fill")
    assert ([one["幢号"] for one in filled], told) == (["1", "1", "2"], {})
    blank, _, told = read(content)
    assert ([one["幢号"] for one in blank], told) == (["1", None, "2"], {"file.merged_cells": 1})


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["名称"], ["1"]], "file.header_missing"),
        ([list(NAMES), ["1", 2], list(NAMES)], "file.header_twice"),
    ],
)
def test_a_header_that_is_not_found_once_is_refused(rows: Cells, code: str):
    assert refused(book(rows), header=Header(find="幢号")).code == code


def test_a_sheet_is_found_by_a_pattern_that_fits_one():
    sheets: dict[str, Cells] = {"说明": [["x"]], "成果2026": [list(NAMES), ["1", 2]]}
    assert read(book([], sheets=sheets), sheet="成果*")[0] == [{"幢号": "1", "面积": 2}]
    twice = refused(book([], sheets={**sheets, "成果2025": [list(NAMES)]}), sheet="成果*")
    assert (twice.code, twice.facts["sheets"]) == ("file.sheet_twice", "成果2026, 成果2025")
    assert refused(book([], sheets=sheets), sheet="结果").facts["sheets"] == "说明, 成果2026"


def test_hidden_rows_are_read_and_told_or_left_out():
    content = book([list(NAMES), ["1", 2], ["2", 3]], hidden=[3])
    records, _, told = read(content)
    assert (len(records), told) == (2, {"file.hidden_rows": 1})
    assert len(read(content, hidden_rows="skip")[0]) == 1


def test_rows_of_sums_and_the_header_once_more_are_no_records():
    records, _, told = read(book([list(NAMES), ["1", 2], list(NAMES), ["合计", 2]]))
    assert (len(records), told) == (1, {"file.header_again": 1, "file.total_line": 1})


def test_formulas_can_be_refused_and_long_numbers_taken_as_they_were_rounded():
    refusing = ReadingOptions(format="xlsx", formulas="refuse")
    (value,) = made("<c><f>10+2.5</f><v>12.5</v></c>", reading=refusing).values()
    assert isinstance(value, dict)
    rounded = ReadingOptions(format="xlsx", digits="rounded")
    assert made("<c><v>5.20102199001011E+17</v></c>", reading=rounded) == {1: 520102199001011000}


def test_a_sheet_of_more_rows_than_may_be_is_refused():
    assert refused(book([list(NAMES), ["1", 2], ["2", 3]]), most_rows=1).code == "file.too_long"
    assert refused(book([list(NAMES)]), most_bytes=100).code == "file.too_big"


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (b"<html><body><table></table></body></html>", "file.not_workbook", "HTML"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>",
            "file.not_workbook",
            "XML",
        ),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "file.not_workbook", "XLS (Excel 97-2003)"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "file.encrypted", None),
        (b"a,b\r\n1,2\r\n", "file.not_workbook", "CSV"),
        (b"PK\x03\x04 and no more", "file.damaged", None),
        (b"", "file.not_workbook", "?"),
    ],
)
def test_what_is_no_workbook_is_said_to_be_what_it_is(content: bytes, code: str, found: str | None):
    error = refused(content)
    assert (error.code, error.facts.get("found")) == (code, found)


def altered(content: bytes, **parts: bytes | None) -> bytes:
    """A workbook with these parts otherwise, or without them."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            short = name.rpartition("/")[2].partition(".")[0]
            body = parts.get(short, old.read(name))
            if body is not None:
                new.writestr(name, body)
    return made.getvalue()


@pytest.mark.parametrize(
    "styles",
    [None, b"<styleSheet", b"<styleSheet><cellXfs><xf numFmtId='x'/></cellXfs></styleSheet>"],
)
def test_values_need_no_styles(styles: bytes | None):
    assert read(altered(book([list(NAMES), ["1", 2]]), styles=styles))[0] == [
        {"幢号": "1", "面积": 2}
    ]


@pytest.mark.parametrize("part", [b"<worksheet><sheetData><row", b"", b"\x00\x01"])
def test_a_sheet_that_breaks_off_is_said_to_be_damaged(part: bytes):
    assert refused(altered(book([list(NAMES), ["1", 2]]), sheet1=part)).code == "file.damaged"


def test_a_package_without_its_workbook_is_none():
    content = altered(book([list(NAMES)]), workbook=None)
    assert refused(content).code in {"file.damaged", "file.not_workbook"}


def test_prefixes_missing_places_and_wrong_dimensions_change_nothing():
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(
        (
            f"<x:row><x:c "
            f"t='inlineStr'><x:is><x:t>{a}</x:t></x:is></x:c><x:c><x:v>{b}</x:v></x:c></x:row>"
        )
        for a, b in (("k", "7"), ("1", "8"))
    )
    sheet = (
        f"<x:worksheet xmlns:x='{main}'><x:dimension "
        f"ref='A1'/><x:sheetData>{rows}</x:sheetData></x:worksheet>"
    )
    assert read(altered(book([["a"]]), sheet1=sheet.encode()))[0] == [{"k": "1", "7": 8}]


@pytest.mark.parametrize("number", [14, 22, 27, 31, 57])
def test_formats_of_dates_that_have_a_number_and_no_text_are_known_chinese_ones_too(number: int):
    styles = (
        f"<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='{number}'/></cellXfs></styleSheet>"
    ).encode()
    cells = b"<row><c t='str'><v>d</v></c></row><row><c s='1'><v>46303</v></c></row>"
    sheet = b"<worksheet><sheetData>%b</sheetData></worksheet>" % cells
    records, _, _ = read(altered(book([["a"]]), styles=styles, sheet1=sheet))
    assert records == [{"d": "2026-10-08T00:00:00"}]


DANGEROUS = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
]
DANGEROUS += ["\u3000@x", "甲\n=1", "甲;=1", "x\t-cmd"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_compute_is_written_exactly_or_refused_and_never_changed(
    text: str,
) -> None:
    shape = ReadingOptions(encoding="utf-8")
    (row,) = read_table(table([{"a": text, "b": "x"}], shape), shape).rows
    assert decode(row.payload, form=PayloadFormat("csv", "utf-8")) == {"a": text, "b": "x"}
    assert encodable.fault({"a": text}, written_as(shape)) is None
    fault = encodable.fault({"b": "x", "a": ["y", text]}, written_as(shape, computed=False))
    assert fault is not None
    assert (fault.pointer, fault.code) == ("/a", "delivery.formula")
    assert encodable.fault({"a": text.replace("\r", "")}, written_as(XLSX, computed=False)) is None


@pytest.mark.parametrize(
    "text", ["-5", "+86 10-1234", "-1,234.50", "a=b", "2024-03-01", "甲@乙", "", "-", "甲;乙", "+8"]
)
def test_a_number_with_a_sign_and_a_telephone_number_are_no_formulas(text: str) -> None:
    assert encodable.fault({"a": text}, encodable.csv("utf-8", computed=False)) is None


@pytest.mark.parametrize("text", [*DANGEROUS[:4], "＝1+1"])
def test_in_a_workbook_it_is_a_text(text: str) -> None:
    page = openpyxl.load_workbook(io.BytesIO(table([{"a": text}], XLSX))).active
    assert (page["A2"].data_type, unescaped(str(page["A2"].value))) == ("s", text)
