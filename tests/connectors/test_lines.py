"""CSV as people make it: every line is its own record, and one that is broken is set aside
alone.
"""

import time

import pytest

from connectors.files.lines import read_csv
from connectors.files.shape import Header, ReadingOptions
from connectors.files.table import TableContent
from hub.workbook.troubles import UnreadableFileError

HEAD = "编号,名称,地址,备注\r\n"


def read(text: str | bytes, encoding: str = "gb18030", **options: object) -> TableContent:
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return read_csv(content, ReadingOptions(encoding=encoding, **options))  # type: ignore[arg-type]


def sound(content: TableContent, encoding: str = "gb18030") -> list[str]:
    """The first cells of the records that are sound."""
    lines = (row.payload.split(b"\n", 1)[1] for row in content.rows if not row.code)
    return [line.decode(encoding, "replace").split(",")[0].strip('"') for line in lines]


def aside(content: TableContent) -> dict[int, str]:
    """The lines that are set aside, with the code of the reason."""
    return {row.number: row.code for row in content.rows if row.code}


@pytest.mark.parametrize(
    ("lines", "keys", "broken"),
    [
        (['1,"甲,a,b', "2,乙,a,b", "3,丙,a,b"], ["2", "3"], [2]),
        (['1,"甲,a,b', '2,"乙",a,b', '3,"丙 ""x""",a,b'], ["2", "3"], [2]),
        (['1,"甲,a,b', '2,"乙,a,b', "3,丙,a,b"], ["3"], [2, 3]),
        (['1,甲,"a,b', "2,乙,a,b", '3,丙,a",b'], ["2", "3"], [2]),
        (['1,甲,a,"b', "2,乙,a,b"], ["2"], [2]),
        (['1,""甲"",a,b', "2,乙,a,b"], ["2"], [2]),
        (['1,"甲"乙,a,b', "2,乙,a,b"], ["2"], [2]),
        (['1,甲"乙",a,b', '2,24",a,b'], ["1", "2"], []),
        (['1,"甲\r\n乙",a,b', '2,"x,y",a,b'], ["1", "2"], []),
        (['"1","甲","","b"', '"2","乙","c ""d""","b"'], ["1", "2"], []),
    ],
)
def test_a_quote_in_the_wrong_place_costs_its_own_line(
    lines: list[str], keys: list[str], broken: list[int]
):
    content = read(HEAD + "\r\n".join(lines))
    assert (sound(content), sorted(aside(content))) == (keys, broken)
    assert set(aside(content).values()) <= {"file.line_broken"}


def test_what_is_set_aside_is_the_line_as_it_came_and_names_file_and_line():
    (row, _) = read(HEAD + '1,"甲,a,b\r\n2,乙,a,b\r\n').rows
    assert row.payload == '1,"甲,a,b'.encode("gb18030")
    fault = row.fault("d_1.csv")
    assert fault is not None
    assert {"file": "d_1.csv", "line": "2"}.items() <= fault.facts.items()


@pytest.mark.parametrize(
    "line", ['{},"甲,x,y', '{}","', 'x","{}', '{},"""', '{},"""",a', '"{}', '"a"{}']
)
def test_the_time_that_strays_take_grows_with_the_lines_and_no_faster(line: str):
    def seconds(count: int) -> float:
        content = ("a,b,c,d\r\n" + "\r\n".join(line.format(n) for n in range(count))).encode("gbk")
        began = time.process_time()
        read(content)
        return time.process_time() - began

    assert seconds(24_000) < 20 * max(seconds(3_000), 0.01)


def test_blank_lines_lines_of_commas_and_padding_are_no_records():
    text = (
        "\r\n"
        + HEAD
        + '1,a,b,c\r\n,,,\r\n  \r\n"","","",""\r\n2,a,b,c\r\n'
        + ",,,\r\n" * 80
        + "\x1a"
    )
    assert sound(read(text)) == ["1", "2"]
    assert sound(read(text + "\x00\x00\x1a")) == ["1", "2"]


@pytest.mark.parametrize("text", ["", "\ufeff", "\r\n\r\n \r\n", ",,,\r\n,,,", "\x1a"])
def test_a_file_that_says_nothing_has_neither_header_nor_records(text: str):
    content = read(text.encode("utf-8"))
    assert (list(content.rows), content.header) == ([], None)


def test_a_header_alone_is_a_table_without_records():
    content = read(HEAD)
    assert (list(content.rows), content.header) == ([], ("编号", "名称", "地址", "备注"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_may_be_any_and_the_last_may_be_missing(end: str):
    assert sound(read(HEAD + f"1,a,b,c{end}2,a,b,c\r\n3,a,b,c\n4,a,b,c")) == ["1", "2", "3", "4"]


def test_the_header_once_more_and_sums_are_told_and_are_no_records():
    content = read(
        HEAD + "1,a,b,c\r\n" + HEAD + "2,a,b,c\r\n合 计：,2,,\r\n合计村,a,b,c\r\n,总计,3,\r\n"
    )
    assert sound(content) == ["1", "2", "合计村"]
    assert dict(content.notes) == {"file.header_again": 1, "file.total_line": 2}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_what_parts_the_cells_is_found_out(delimiter: str):
    # connectors do not see it, the hub reads what they give
    from hub.domain.payload import PayloadFormat, decode  # noqa: PLC0415

    lines = ["编号,名称,面积", "1,镕|基,3", "2,稵,4"]  # the second byte of 稵 in GBK is a bar
    text = "\r\n".join(
        line.replace("|", "" if delimiter == "|" else "|").replace(",", delimiter) for line in lines
    )
    content = read(text)
    assert content.header == ("编号", "名称", "面积")
    records = [decode(row.payload, form=PayloadFormat("csv", "gb18030")) for row in content.rows]
    assert [record["面积"] for record in records] == ["3", "4"]
    assert records[1]["名称"] == "稵"


@pytest.mark.parametrize(
    ("written", "said", "found"),
    [
        ("utf-8", "gb18030", "UTF-8"),
        ("utf-8-sig", "gbk", "UTF-8"),
        ("gbk", "utf-8", "GB18030"),
        ("utf-16", "utf-8", "UTF-16"),
    ],
)
def test_a_file_in_another_encoding_is_named_with_both(written: str, said: str, found: str):
    with pytest.raises(UnreadableFileError) as caught:
        read((HEAD + "1,甲,城南路,无\r\n").encode(written), encoding=said)
    assert (caught.value.code, caught.value.facts) == (
        "file.encoding",
        {"said": said, "found": found},
    )


def test_a_file_whose_header_is_ascii_and_all_else_in_another_encoding_is_set_aside_whole():
    with pytest.raises(UnreadableFileError):
        read("k,v\r\n1,甲\r\n2,乙\r\n".encode("gbk"), encoding="utf-8")


def test_one_line_in_another_encoding_is_set_aside_alone():
    content = read(
        "k,v\r\n1,甲\r\n".encode() + "2,乙\r\n".encode("gbk") + "3,丙\r\n".encode(),
        encoding="utf-8",
    )
    assert (sound(content, "utf-8"), aside(content)) == (["1", "3"], {3: "file.line_encoding"})


def test_one_line_of_utf_8_among_others_in_gbk_is_set_aside_alone():
    content = read(
        "k,v\r\n1,甲\r\n".encode("gbk") + "2,城南路一号\r\n".encode() + "3,丙\r\n".encode("gbk")
    )
    assert (sound(content), aside(content)) == (["1", "3"], {3: "file.line_encoding"})


@pytest.mark.parametrize(
    "text", ["联通,移动\r\n1,2\r\n", "k,v\r\n1,媒\r\n", HEAD + "1,镇江市京口区,甲,乙\r\n"]
)
def test_a_few_chinese_characters_in_gbk_are_never_taken_for_utf_8(text: str):
    assert len(read(text.encode("gbk"), encoding="gbk").rows) == 1


def test_a_header_is_found_by_a_title_and_its_rows_are_joined():
    text = "2026年台账\r\n制表：甲\r\n编号,面积,,备注\r\n,地上,地下,\r\n1,2,3,x\r\n"
    content = read(text, header=Header(find="编号", rows=2))
    assert content.header == ("编号", "面积/地上", "面积/地下", "备注")
    assert content.rows[0].payload.decode("gb18030") == "编号,面积/地上,面积/地下,备注\n1,2,3,x"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("名称,地址\r\n1,2\r\n", "file.header_missing"),
        ("编号,a\r\n1,2\r\n编号,a\r\n", "file.header_twice"),
    ],
)
def test_a_header_that_is_not_there_or_there_twice_is_refused(text: str, code: str):
    with pytest.raises(UnreadableFileError) as caught:
        read(text, header=Header(find="编号"))
    assert caught.value.code == code


def test_a_file_of_more_rows_than_may_be_is_refused():
    with pytest.raises(UnreadableFileError) as caught:
        read(HEAD + "1,a,b,c\r\n" * 4, most_rows=3)
    assert caught.value.code == "file.too_long"


def test_columns_without_a_name_are_none_and_commas_behind_the_last_say_nothing():
    from hub.domain.payload import PayloadFormat, decode  # noqa: PLC0415 - as above

    (row,) = read("编号,,名称\r\n1,x,甲,,\r\n").rows
    assert decode(row.payload, form=PayloadFormat("csv", "gb18030")) == {"编号": "1", "名称": "甲"}
