import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import merkle

contents = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


@given(contents, st.data())
def test_every_leaf_is_proven_and_no_other_is(raw, data):
    leaves = [merkle.leaf(b"salt", content) for content in raw]
    index = data.draw(st.integers(0, len(leaves) - 1))
    steps, top = merkle.proof(leaves, index), merkle.root(leaves)
    assert merkle.proves(steps, leaf=leaves[index], root=top)
    assert not merkle.proves(steps, leaf=merkle.leaf(b"other", raw[index]), root=top)


@given(contents, st.data())
def test_any_change_changes_the_root(raw, data):
    leaves = [merkle.leaf(b"salt", content) for content in raw]
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:index], merkle.leaf(b"salt", raw[index] + b"!"), *leaves[index + 1 :]]
    assert merkle.root(changed) != merkle.root(leaves)


@pytest.mark.parametrize("size", range(1, 18))
def test_the_tree_is_that_of_rfc_6962(size):
    def top(leaves):
        if len(leaves) == 1:
            return leaves[0]
        half = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.new("sm3", b"\x01" + top(leaves[:half]) + top(leaves[half:])).digest()

    leaves = [merkle.leaf(b"", bytes([at])) for at in range(size)]
    assert merkle.root(leaves) == top(leaves)


def test_a_leaf_is_sm3_over_mark_salt_and_content():
    assert merkle.leaf(b"s", b"c") == hashlib.new("sm3", b"\x00sc").digest()
    assert (
        hashlib.new("sm3", b"abc").hexdigest().startswith("66c7f0f4")
    )  # the standard's first example
