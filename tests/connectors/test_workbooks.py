"""Workbooks as programs and people make them: each cell exactly, or with the reason why it has no usable value."""

import io
import zipfile
from collections.abc import Mapping

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import workbook
from connectors.files.tables import Shape, read_table, table
from hub import exact
from hub.model import UNUSABLE, Json, Number

XLSX = Shape(format="xlsx")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
DIGITS = st.from_regex(r"[=+@-]?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?", fullmatch=True)


def made(cells: str, *, setting: str = "", calc: str = 'fullCalcOnLoad="1"') -> dict[int, Json]:
    """The first row of a workbook whose sheet holds these cells, as openpyxl makes one around them."""
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
                body = f'{head}<sheetData><row r="1">{cells}</row></sheetData>{rest.partition("</sheetData>")[2]}'
            if name.endswith("workbook.xml"):
                body = body.replace("<workbookPr ", f"<workbookPr {setting} ").replace(
                    "<workbookPr/>", f"<workbookPr {setting}/>"
                )
                body = body.replace('fullCalcOnLoad="1"', calc)
            new.writestr(name, body)
    return dict(workbook.rows(content.getvalue(), "")).get(1, {})


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
    content = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<si><t>_x005F_x000D_ x005F_ _x000D_</t></si><si><r><t>a</t></r><r><t>b</t></r></si></sst>"
    )
    assert [workbook.unescaped(text) for text in workbook.strings(content)] == ["_x000D_ x005F_ \r", "ab"]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS | DIGITS, min_size=1, max_size=4))
def test_every_text_that_goes_into_a_workbook_comes_back(texts: list[str]) -> None:
    record: dict[str, Json] = {f"c{n}": text for n, text in enumerate(texts)}
    (row,) = read_table(table([record], XLSX), XLSX).rows
    assert exact.read(row.payload) == record


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS | DIGITS, min_size=1, max_size=4))
def test_every_text_that_goes_into_a_csv_file_comes_back(texts: list[str]) -> None:
    from hub.rules.payload import Form, decode  # noqa: PLC0415 - connectors do not see it, the hub reads what they give

    shape = Shape(encoding="gb18030")
    record: dict[str, Json] = {f"c{n}": text for n, text in enumerate(texts)}
    (row,) = read_table(table([record], shape), shape).rows
    assert decode(row.payload, form=Form("csv", "gb18030")) == record


@pytest.mark.parametrize("number", [12.5, 0.1, 1e300, 123456789012345, 2**60, 12345678901234.567, True])
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
