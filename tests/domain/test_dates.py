"""Dates and times as people write them: read exactly, or a fault; never guessed. Cases 40 and 42,
and siblings.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.tables import ReadingOptions, read_table
from hub.domain import times
from hub.domain.payload import decode
from hub.domain.verbs import Scope, WrongValueError, chain
from hub.model import Number
from tests.case_files import CASES, contracts_with

BEIJING = ZoneInfo("Asia/Shanghai")
SCOPE = Scope(BEIJING, {})
AFTERNOON = "2024-05-01T15:20:00+08:00"
AND_A_HALF = "2024-05-01T15:20:30+08:00"
DAY = "2024-05-01T00:00:00+08:00"
FAULT = "record.date_invalid"


def through(value, use):
    (verb,) = chain([use], SCOPE)
    try:
        return verb(value, {})
    except WrongValueError as error:
        return error.code


def sent(number, system, field):
    """What becomes of a field of every row of a case's file, by the number of the row."""
    flow = contracts_with(number, system).pulls[f"pull.{system}.utility_connection"]
    path = CASES / number / "input" / system / "outbox" / "d_1.csv"
    found = {}
    for row in read_table(path.read_bytes(), ReadingOptions(encoding="gb18030")).rows:
        source = decode(row.payload, form=flow.form)
        mapped = flow.mapper.map(source)
        faults = [fault.code for fault in mapped.faults if fault.facts.get("field") == field]
        found[source["接入编号"].partition("-")[2]] = (
            faults[0] if faults else mapped.values.get(field)
        )
    return found


def test_case_40_dates_as_people_write_them_in_chinese_are_read():
    assert sent("40", "b15", "status_at") == {
        "01": AFTERNOON,
        "02": AND_A_HALF,
        "03": AFTERNOON,
        "04": AND_A_HALF,
        "05": AFTERNOON,
        "06": AND_A_HALF,
        "07": DAY,
        "08": DAY,
        "09": DAY,
        "10": AFTERNOON,
        "11": DAY,
        "12": AND_A_HALF,
        "13": AND_A_HALF,
        "14": AND_A_HALF,
    }


def test_case_42_hour_24_is_the_next_day_and_a_zero_date_is_a_fault_unless_declared():
    found = sent("42", "b13", "status_at")
    assert found["01"] == "2024-05-02T00:00:00+08:00"
    assert sent("42", "b13", "applied_on")["01"] == "2024-05-02"
    assert found["02"] == FAULT
    assert (found["12"], found["13"]) == (DAY, "2024-05-01T08:03:00+08:00")
    assert (found["14"], found["15"]) == (AFTERNOON, AFTERNOON)
    assert found["18"] == found["19"] == "2024-05-01T08:00:00+08:00"
    assert found["20"] == DAY
    assert found["26"] == DAY
    assert found["25"] == "1999-12-01T00:00:00+08:00"
    unclear = ("06", "07", "10", "11", "16", "17", "21", "22", "23", "24", "27", "28")
    assert {row: found[row] for row in unclear} == dict.fromkeys(unclear, FAULT)


def test_case_42_a_zero_date_that_the_mapping_names_is_no_value():
    (blank, date) = chain([{"blank": ["0000-00-00", "0000-00-00 00:00:00"]}, "date"], SCOPE)
    assert blank("0000-00-00", {}) is None
    assert date("2024-05-01", {}) == "2024-05-01"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024年5月1日15：20", AFTERNOON),
        ("２０２４年５月１日１５时２０分", AFTERNOON),
        ("２０２４－０５－０１　１５：２０：３０", AND_A_HALF),
        ("二〇二四年五月一日", DAY),
        ("二○二四年五月一日十五时二十分", AFTERNOON),
        ("二零二四年五月一日下午三点二十分", AFTERNOON),
        ("贰零贰肆年伍月壹日", DAY),
        ("二〇二四年十二月三十一日二十三时五十九分", "2024-12-31T23:59:00+08:00"),
        ("二〇二四年十月廿一日", "2024-10-21T00:00:00+08:00"),
        ("2024年5月1号 15点20分30秒", AND_A_HALF),
        ("2024年5月1日15时整", "2024-05-01T15:00:00+08:00"),
        ("2024年5月1日15时", "2024-05-01T15:00:00+08:00"),
        ("2024年5月1日下午3点半", "2024-05-01T15:30:00+08:00"),
        ("2024年5月1日下午三点一刻", "2024-05-01T15:15:00+08:00"),
        ("2024-5-1 上午 9:05", "2024-05-01T09:05:00+08:00"),
        ("2024/5/1 下午15:20", AFTERNOON),
        ("2024/5/1 中午12:30", "2024-05-01T12:30:00+08:00"),
        ("2024/5/1 晚上8点", "2024-05-01T20:00:00+08:00"),
        ("2024/5/1 凌晨3点", "2024-05-01T03:00:00+08:00"),
        ("2024-05-01 03:20:30 PM", AND_A_HALF),
        ("2024-05-01 12:20 am", "2024-05-01T00:20:00+08:00"),
        ("2024年5月1日 星期三 15:20", AFTERNOON),
        ("2024年5月5日（星期日）10:00", "2024-05-05T10:00:00+08:00"),
        ("2024-05-01（周三）", DAY),
        ("2024-05-01 15:20:30:250", "2024-05-01T15:20:30.250000+08:00"),
        ("2024-05-01T24:00:00", "2024-05-02T00:00:00+08:00"),
        ("20240501240000", "2024-05-02T00:00:00+08:00"),
        ("2024年12月31日24时", "2025-01-01T00:00:00+08:00"),
        ("/Date(1714521600000+0800)/", "2024-05-01T08:00:00+08:00"),
    ],
)
def test_a_form_that_says_one_moment_is_read(written, expected):
    assert through(written, "datetime") == expected
    assert through(written, "date") == expected[:10]


@pytest.mark.parametrize(
    "written",
    [
        *(
            "01/02/2024",
            "1-2-2024",
            "24-05-01",
            "5月1日",
            "15:20",
            "2024年",
            "2024年5月上旬",
            "2024年5月底",
            "约2024年5月1日",
        ),
        *("2024-05-01 24:00:01", "2024-05-01 24:30", "2024-05-01 25:00", "9999-12-31 24:00:00"),
        *(
            "2024-05-01 上午12:00",
            "2024-05-01 晚上12:00",
            "2024-05-01 下午0:20",
            "2024-05-01 上午15:20",
        ),
        *("2024-05-01 下午24:00", "2024-05-01 上午9:00 PM", "2024-05-01 13:00 AM", "2024-05 10:30"),
        *(
            "2024年5月1日 星期四",
            "二〇二四年五月三十二日",
            "二〇二四年二十二月一日",
            "二千零二十四年五月一日",
        ),
        *(
            "0000-00-00",
            "0000-00-00 00:00:00",
            "00000000",
            "2024-00-00",
            "2024-05-00",
            "2023-02-29",
        ),
        *(
            "2024-05-01至2024-06-01",
            "2024-05-01 15",
            "2024-05-01 15:",
            "2024-05-01 15时2030",
            "45413",
            "2024",
        ),
    ],
)
def test_what_says_no_moment_or_more_than_one_is_a_fault(written):
    assert through(written, "datetime") == FAULT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("45413", "2024-05-01T00:00:00+08:00"),
        ("45413.63888888889", "2024-05-01T15:20:00+08:00"),
        (45413, "2024-05-01T00:00:00+08:00"),
        (Number("45413.5"), "2024-05-01T12:00:00+08:00"),
        ("59", "1900-02-28T00:00:00+08:05:43"),
        *(
            (wrong, FAULT)
            for wrong in ("60", "0", "0.5", "-1", "2958466", "2024-05-01", "4.5413e4")
        ),
    ],
)
def test_the_number_of_a_day_in_a_workbook_is_read_where_the_mapping_says_so(value, expected):
    found = through(value, {"datetime": "excel"})
    assert found == (
        expected
        if expected == FAULT
        else datetime.fromisoformat(expected).astimezone(BEIJING).isoformat()
    )


def test_a_workbook_that_counts_from_1904_is_read_as_such():
    assert through("43951", {"date": "excel_1904"}) == "2024-05-01"
    assert through("45413", {"date": "excel"}) == "2024-05-01"


def test_a_declared_format_decides_what_is_unclear_by_itself():
    assert through("01/02/2024", {"date": "%d/%m/%Y"}) == "2024-02-01"
    assert through("01/02/2024", {"date": "%m/%d/%Y"}) == "2024-01-02"
    assert through("０１/０２/２０２４", {"date": "%d/%m/%Y"}) == "2024-02-01"


SAID = "〇一二三四五六七八九"


def counted(number):
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{SAID[tens]}十") + (
        SAID[ones] if ones or not tens else ""
    )


@given(st.datetimes(datetime(1992, 1, 1), datetime(2199, 12, 31)))  # noqa: DTZ001 - wall clocks
def test_every_moment_is_the_same_in_figures_and_in_chinese(moment):
    moment = moment.replace(microsecond=0)
    expected = moment.replace(tzinfo=BEIJING).isoformat()
    year = "".join(SAID[int(digit)] for digit in f"{moment.year:04}")
    chinese = f"{year}年{counted(moment.month)}月{counted(moment.day)}日"
    chinese += f"{counted(moment.hour)}时{counted(moment.minute)}分{counted(moment.second)}秒"
    wide = str(moment).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    mixed = (
        f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}：{moment.minute:02}："
        f"{moment.second:02}"
    )
    for text in (str(moment), chinese, wide, mixed):
        assert times.datetime_text(text, BEIJING) == expected


@given(st.text("0123456789年月日时分秒上下午点半:/-. 一二十〇TZ", max_size=20))
def test_any_text_is_a_moment_or_no_value_and_nothing_else(text):
    for read in (times.datetime_text, times.date_text, times.sortable):
        try:
            read(text, BEIJING)
        except ValueError:
            continue
