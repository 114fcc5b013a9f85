"""Numbers of JSON: read and written by their own digits, in every place where a payload is
decoded.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import exact
from hub.domain import paths
from hub.domain.equivalence import differing
from hub.domain.payload import PayloadFormat, decode
from hub.domain.pull_values import Memory
from hub.errors import RecordError
from hub.model import UNUSABLE, Number
from tests.domain.test_pull_mapping import CLEAN, FLOW

digits = st.from_regex(
    r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,9})?", fullmatch=True
)


def mapped(**changes):
    return FLOW.mapper.map(decode(exact.write(CLEAN | changes), form=FLOW.form))


def faults(**changes):
    return [(fault.pointer, fault.code) for fault in mapped(**{"name": "桥"} | changes).faults]


@given(st.lists(digits))
def test_every_number_comes_back_as_it_was_written(numbers):
    content = f"[{','.join(numbers)}]".encode()
    found = exact.read(content)
    assert [one.text if isinstance(one, Number) else one for one in found] == [
        text if set(text) & set(".eE") else int(text) for text in numbers
    ]
    assert (
        exact.write(found).decode()
        == f"[{','.join('0' if text == '-0' else text for text in numbers)}]"
    )
    assert exact.read_loosely(content) == found


@pytest.mark.parametrize(
    "content",
    [
        b"NaN",
        b"-Infinity",
        b'{"a":1,"a":2}',
        b'{"a" :1,"a":2}',
        b'{"b":{"a":1, "a" : 1}}',
        b'{"a":1,"\\u0061":2}',
        b"[1",
        b"9" * 5000,
    ],
)
def test_what_is_ambiguous_or_no_json_is_refused(content):
    with pytest.raises(exact.UnreadableJsonError):
        exact.read(content)


@pytest.mark.parametrize(
    "content",
    [b'{"a":"\\":","b":{"a":1}}', b'{"a" : 1,\n"b"\t:[{"a":1},{"a":":"}]}', b'{"x":"a\\\\\\":b"}'],
)
def test_a_name_is_found_twice_only_where_it_is(content):
    assert exact.read(content) == json.loads(content)


def test_json_inside_json_keeps_its_numbers_too():
    form = PayloadFormat(embedded_json=("a",))
    found = decode(b'{"a":"{\\"n\\":1.10,\\"k\\":520102199001011234567}"}', form=form)
    assert found == {"a": {"n": Number("1.10"), "k": 520102199001011234567}}
    with pytest.raises(RecordError):
        decode(b'{"a":"{\\"n\\":1,\\"n\\":2}"}', form=form)


def test_columns_of_one_name_are_not_one_value():
    assert decode(b"a,b,a\n1,2,3", form=PayloadFormat("csv")) == {"a": ["1", "3"], "b": "2"}


def test_a_key_is_the_numbers_own_text_and_1_0_is_1():
    texts = ["1.10", "1.1", "1.0", "1.000", "-2.0", "1e3", "0.50"]
    assert [paths.plain(Number(text)) for text in texts] == [
        "1.10",
        "1.1",
        "1",
        "1",
        "-2",
        "1e3",
        "0.50",
    ]
    assert mapped(name="桥", id=520102199001011234567).key == "520102199001011234567"


def test_a_number_that_no_verb_reads_is_a_fault():
    assert faults(name=Number("1.5")) == [("/name", "record.type")]
    assert faults(owners=[Number("1.5")]) == [("/owners", "record.type")]


def test_a_decimal_with_more_places_than_its_field_is_set_aside():
    assert faults(money=Number("1.123456789")) == [("/money", "record.decimal_places")]
    assert mapped(name="桥", money="1234.560000").values["investment"] == "12345600.00"


def test_equal_numbers_written_differently_are_not_remembered_as_one():
    memory = Memory(given_up=False)
    memory.keep(Number("1.10"), "1.10", record=1)
    assert memory.number(Number("1.10")) == "1.10"
    assert memory.number(Number("1.1")) != "1.10"


def test_a_cell_without_a_usable_value_is_a_fault_wherever_it_is_read():
    cell = {UNUSABLE: "#DIV/0!"}
    assert ("/site", "record.cell_unusable") in faults(site=cell)
    assert ("/id", "record.cell_unusable") in faults(id=cell)
    assert ("/valid", "record.cell_unusable") in faults(valid=cell)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("001", 1),
        ("1_000", "1000"),
        ("5201021990010112345671234567890", "5201021990010112345671234567891"),
        ("0.10000000000000000551", Number("0.1")),
    ],
)
def test_what_a_target_has_changed_a_little_is_changed(sent, held):
    assert differing({"a": sent}, {"a": held}) == ["a"]


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("1.50", Number("1.5")),
        ("3", 3),
        (520102199001011234567, "520102199001011234567"),
        ("-0", 0),
    ],
)
def test_what_a_target_writes_another_way_is_the_same(sent, held):
    assert differing({"a": sent}, {"a": held}) == []
