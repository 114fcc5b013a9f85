from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.validation import FORMATS
from hub.domain.verbs import VERBS, Scope, Translation, WrongValueError, chain, decimal_text, number
from hub.domain.verbs import given as formats_of
from hub.model import Number

STATES = Translation("plan/state", "status", {"01": "open", "02": "done"}, None, {"open": "01"})
SCOPE = Scope(
    ZoneInfo("Asia/Shanghai"),
    {"state": STATES, "lax": Translation("lax", "status", {}, "done", {})},
)


def applied(use, value, source=None):
    (verb,) = chain([use], SCOPE)
    return verb(value, source or {})


@pytest.mark.parametrize(
    ("use", "value", "result"),
    [
        ("trim", "\u3000 a b\u200b\xa0", "a b"),
        ("trim", " \ufeff ", None),
        ("trim", 5, 5),
        ("halfwidth", "ＡＢ１２（　）", "AB12( )"),
        ("squeeze", "520502 001\t002", "520502001002"),
        ("upper", "ab", "AB"),
        ("brackets", "建字［2024］（1）【2】", "建字〔2024〕(1)〔2〕"),
        ("uscc", " 91440300-ma5dj3t98q ", "91440300MA5DJ3T98Q"),
        ({"blank": ["无", "0"]}, "无", None),
        ({"blank": ["0"]}, 0, None),
        ({"blank": ["无"]}, "有", "有"),
        ("text", 12.0, "12"),
        ("text", True, "true"),
        ("integer", "1,200", 1200),
        ("integer", 3.0, 3),
        ("date", "2026-03-01", "2026-03-01"),
        ("date", "2026/3/1", "2026-03-01"),
        ("date", "20260301", "2026-03-01"),
        ("date", 20260301, "2026-03-01"),
        ("date", "2026年3月1日", "2026-03-01"),
        ("date", "2026-03", "2026-03-01"),
        ("date", "2026-03-01 23:30:00.0", "2026-03-01"),
        ("date", "2026-03-01T20:00:00Z", "2026-03-02"),
        ({"date": "%d.%m.%Y"}, "01.03.2026", "2026-03-01"),
        ("datetime", "2026-03-01 08:09:10.0", "2026-03-01T08:09:10+08:00"),
        ("datetime", "2026-03-01", "2026-03-01T00:00:00+08:00"),
        ("datetime", "20260301080910", "2026-03-01T08:09:10+08:00"),
        ("datetime", "2026/03/01 8:09", "2026-03-01T08:09:00+08:00"),
        ("datetime", "2026-03-01T00:00:00.250+0000", "2026-03-01T08:00:00.250000+08:00"),
        ("datetime", 1772323750000, "2026-03-01T08:09:10+08:00"),
        ("year_month", "2026年3月", "2026-03"),
        ("year_month", "202603", "2026-03"),
        ({"code": "state"}, "01", "open"),
        ({"code": "lax"}, "77", "done"),
        ({"uncode": "state"}, "open", "01"),
        ({"choose": {"1": True, "0": False}}, 0, False),
        ({"choose": {"true": "是"}}, True, "是"),
        ({"first": 6}, "520115000000", "520115"),
        ({"digits": 2}, "E4710", "47"),
        ({"digits": 2}, "无", None),
        ({"split": ","}, "a, b,,", ["a", "b"]),
        ({"join": "、"}, ["a", "b"], "a、b"),
        ({"number": 2}, "1.005", 1.01),
        ({"number": 0}, "2.5", 3),
        ("text", Number("1.10"), "1.10"),
        ("text", Number("1e3"), "1e3"),
        ("text", Number("-0.0"), "-0"),
        ("text", 520102199001011234567, "520102199001011234567"),
        ("text", Number("12.00"), "12"),
        ("decimal", Number("1E+2"), Decimal(100)),
        ("decimal", "1,234.5", Decimal("1234.5")),
        ("decimal", "12,345,678", Decimal(12345678)),
        ("decimal", " -0 ", Decimal(0)),
        ("decimal", "１２", Decimal(12)),
        ("decimal", "12345678901234567.89", Decimal("12345678901234567.89")),
        ({"decimal": "comma"}, "1.234,5", Decimal("1234.5")),
        ({"decimal": "comma"}, "12,34", Decimal("12.34")),
        ({"decimal": "comma"}, Number("12.34"), Decimal("12.34")),
        ({"round": 2}, "0.30000000000000004", Decimal("0.30")),
        ({"round": 0}, "2.5", Decimal(3)),
        ("integer", Number("5e0"), 5),
        ("integer", "100000000000000000", 10**17),
        ("date", "2024.10", "2024-10-01"),
        ("date", "2024.2", "2024-02-01"),
        ("date", Number("20241008.0"), "2024-10-08"),
        ("date", "2024-10-01+10:00", "2024-10-01"),
        ("date", "2024-10-01Z", "2024-10-01"),
        ("datetime", "2026-10-09 09:30:00+08", "2026-10-09T09:30:00+08:00"),
        ("datetime", "2026-10-09T01:30:00.123Z", "2026-10-09T09:30:00.123000+08:00"),
        ("datetime", 1728403200123, "2024-10-09T00:00:00.123000+08:00"),
        ({"format_date": "epoch_ms"}, "2024-10-09T00:00:00.123+08:00", 1728403200123),
        ({"format_date": "%Y年%m月%d日"}, "2026-03-01", "2026年03月01日"),
        ({"format_date": "%Y%m"}, "2026-03", "202603"),
        ({"format_date": "%H:%M"}, "2026-03-01T00:09:10+00:00", "08:09"),
        ({"format_date": "epoch_ms"}, "2026-03-01T08:09:10+08:00", 1772323750000),
    ],
)
def test_a_verb_gives(use, value, result):
    assert applied(use, value) == result


@pytest.mark.parametrize(
    ("use", "value", "code"),
    [
        ("integer", "1.5", "record.type"),
        ("decimal", "无", "record.decimal_invalid"),
        ("decimal", True, "record.decimal_invalid"),
        ("decimal", "NaN", "record.decimal_invalid"),
        ("decimal", "1e999999", "record.decimal_invalid"),
        ("decimal", [1], "record.decimal_invalid"),
        *(
            ("decimal", text, "record.decimal_invalid")
            for text in (
                "12,34",
                "120,90",
                "1_000",
                "0,123",
                "1,23,456",
                "1,2345",
                ",5",
                "1.234,5",
                "1 000",
                "12 %",
                "12%",
                "(5)",
                "5元",
                "1e",
                "1e9999999999",
                "Infinity",
                "-inf",
                "0x1F",
                "--5",
                "1.2.3",
                "１２．５",
                "9" * 101,
            )
        ),
        *(
            ({"decimal": "comma"}, text, "record.decimal_invalid")
            for text in ("12.5", "1,234.5", "1,2,3")
        ),
        ("decimal", Number("1e999999999"), "record.decimal_invalid"),
        ("integer", "1_0", "record.decimal_invalid"),
        ("integer", Number("1.5"), "record.type"),
        ({"number": 2}, "12345678901234567.89", "record.decimal_invalid"),
        *(
            ("date", value, "record.date_invalid")
            for value in (
                Number("2024.10"),
                Number("2024.1"),
                Number("2024.2"),
                2024.1,
                "2024.1",
                "241001",
                "24-10-01",
                "46303",
                46303,
                "2024-13",
                "2023-02-29",
                Decimal("2024.10"),
            )
        ),
        ("year_month", Number("2024.10"), "record.date_invalid"),
        ("datetime", "1991-09-15 01:30:00", "record.date_invalid"),
        ("datetime", "1986-05-04 02:30:00", "record.date_invalid"),
        ("datetime", "2016-12-31T23:59:60Z", "record.date_invalid"),
        ("date", "2026-02-30", "record.date_invalid"),
        ("date", "2026", "record.date_invalid"),
        ("date", "1.3.2026", "record.date_invalid"),
        ({"date": "%d.%m.%Y"}, "2026-03-01", "record.date_invalid"),
        ("datetime", "yesterday", "record.date_invalid"),
        ("year_month", "2026-13", "record.date_invalid"),
        ({"code": "state"}, "03", "record.code_unknown"),
        ({"uncode": "state"}, "done", "record.code_unknown"),
        ({"choose": {"1": True}}, "2", "record.code_unknown"),
    ],
)
def test_a_verb_refuses(use, value, code):
    with pytest.raises(WrongValueError) as caught:
        applied(use, value)
    assert caught.value.code == code


def test_a_unit_in_another_field_decides_the_factor():
    use = {"unit": {"by": "dw", "factors": {"1": 1, "2": "666.6667"}}}
    assert decimal_text(applied(use, "2", {"dw": 2}), 2) == "1333.33"
    with pytest.raises(WrongValueError) as caught:
        applied(use, "2", {"dw": None})
    assert caught.value.code == "record.unit_unknown"


def test_no_product_is_rounded_that_comes_out_even():
    long = "12345678901234567.8901234567890123456789012345"
    assert (
        decimal_text(applied({"scale": 10000}, long), None)
        == "123456789012345678901.234567890123456789012345"
    )
    (convert,) = chain([{"scale": "666.6666666667"}], replace(SCOPE, places=2))
    assert str(convert("0.1234567", {})) == "82.30"


def test_scale_is_exact():
    assert decimal_text(applied({"scale": "0.0001"}, "123456789.01"), None) == "12345.678901"


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_a_decimal_keeps_its_value_and_has_one_spelling(value):
    assert decimal_text(number(str(value)), 2) == decimal_text(number(f"{value}000"), 2)
    assert number(decimal_text(value, 2)) == value
    assert "E" not in decimal_text(value, None)
    assert decimal_text(value * 0, 2) == "0.00"


@given(st.text())
def test_no_text_breaks_a_verb(text):
    for name, verb in VERBS.items():
        if verb.alone:
            with suppress(WrongValueError):
                applied(name, text)


numbers = st.integers() | st.floats() | st.decimals().map(str)
moments = st.datetimes().map(str) | st.dates().map(str) | st.integers(0, 10**14)


@given(st.text() | numbers | moments)
def test_what_a_verb_says_that_it_gives_it_gives(value):
    arguments = {
        "scale": {"scale": "0.001"},
        "unit": {"unit": {"by": "u", "factors": {"1": "0.7"}}},
    }
    for name, verb in VERBS.items():
        if verb.gives:
            with suppress(WrongValueError):
                result = applied(arguments.get(name, name), value, {"u": 1})
                text = decimal_text(result, 2) if isinstance(result, Decimal) else result
                assert FORMATS[verb.gives](text)


def test_a_chain_gives_what_its_last_changing_verb_gives():
    assert formats_of(["trim", "date", {"blank": ["1970-01-01"]}]) == "date"
    assert formats_of(["decimal", {"scale": 2}, "text"]) is None
    assert formats_of([]) is None


def test_every_verb_is_named_in_the_manual():
    manual = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")
    assert [name for name in VERBS if f"`{name}" not in manual] == []
