"""Words about a record can always be kept."""

import pytest

from hub.rules.storable import kept, storable, strange


@pytest.mark.parametrize(
    ("value", "text"),
    [("好\n\t", "好\n\t"), ("a\x00b\ud800", "a\\u0000b\\ud800"), (None, "None"), (17, "17"), ("长" * 3, "长长…")],
)
def test_what_no_database_keeps_is_written_by_its_code_point(value: object, text: str):
    assert storable(value, most=2 if text.endswith("…") else 99) == text


def test_a_value_is_never_changed_but_named_by_its_first_strange_character():
    assert [strange(text) for text in ("好\x0b", "a\x00\ud800", "\udfff")] == ["", "U+0000", "U+DFFF"]
    assert kept({"value": "\x00"}) == {"value": "\\u0000"}
