"""Words about a record can always be kept."""

import pytest

from hub.domain import times
from hub.domain.storable import storable, storable_facts, strange


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("好\n\t", "好\n\t"),
        ("a\x00b\ud800", "a\\u0000b\\ud800"),
        (None, "None"),
        (17, "17"),
        ("长" * 3, "长长…"),
    ],
)
def test_what_no_database_keeps_is_written_by_its_code_point(value: object, text: str):
    assert storable(value, most=2 if text.endswith("…") else 99) == text


def test_a_value_is_never_changed_but_named_by_its_first_strange_character():
    assert [strange(text) for text in ("好\x0b", "a\x00\ud800", "\udfff")] == [
        "",
        "U+0000",
        "U+DFFF",
    ]
    assert storable_facts({"value": "\x00"}) == {"value": "\\u0000"}


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:00:00Z", "0001-01-01 00:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_an_instant_that_could_be_stored_and_not_read_back_is_none(text: str):
    for read in (times.instant, times.datetime_text):
        with pytest.raises((ValueError, OverflowError)):
            read(text, times.HUB_ZONE)


@pytest.mark.parametrize(
    "text", ["9999-12-31 23:59:59", "0001-01-02 00:00:00", "1900-01-01 00:00:00"]
)
def test_the_first_and_the_last_that_can_be_read_back_are_instants(text: str):
    assert times.is_kept(times.instant(text, times.HUB_ZONE))
    assert times.datetime_text(text, times.HUB_ZONE).startswith(text[:10])
