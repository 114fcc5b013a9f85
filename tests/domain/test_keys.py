from hypothesis import given
from hypothesis import strategies as st

from hub.domain.keys import join_key, link_token, record_key
from tests.domain import sample


@given(
    st.lists(st.text(alphabet="a|\\", max_size=4), min_size=2, max_size=2),
    st.lists(st.text(alphabet="a|\\", max_size=4), min_size=2, max_size=2),
)
def test_different_parts_never_make_the_same_key(one, other):
    assert (join_key(one) == join_key(other)) is (one == other)


def test_a_record_without_a_part_of_its_key_has_none():
    permit = sample.contracts().entities["permit"]
    assert record_key(permit, {"number": "建字1号"}) == "建字1号"
    assert record_key(permit, {"kind": "build"}) is None


def test_spellings_of_one_number_are_linked():
    spellings = [
        "建字第〔2024〕12号",
        " 建字第［２０２４］12 号",
        "建字第(2024)12号",
        "建字第【2024】12号",
    ]
    assert {link_token("permit", text) for text in spellings} == {"permit=建字第(2024)12号"}
    assert link_token("permit", "a—1") == link_token("permit", "A-1")
