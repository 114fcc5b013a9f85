import pytest

from hub.rules.documents import UnreadableError, read


def test_only_words_and_numbers_of_yaml_1_2_are_typed():
    text = "a: 010\nb: 2024-01-01\nc: on\nd: 12\ne: -1.5\nf: true\ng:\nh: '7'\ni: 1e3\n1: x\n"
    assert read("f", text).value == {
        "a": "010",
        "b": "2024-01-01",
        "c": "on",
        "d": 12,
        "e": -1.5,
        "f": True,
        "g": None,
        "h": "7",
        "i": "1e3",
        "1": "x",
    }


def test_json_is_read_as_it_stands():
    assert read("f", '{"a": ["\\u4e2d", 1, null, "\\/"], "b": {"c": false}}').value == {
        "a": ["中", 1, None, "/"],
        "b": {"c": False},
    }


def test_a_problem_names_the_line_of_the_deepest_part_that_exists():
    document = read("f", "a:\n  b:\n    - x\n    - y\n")
    assert [
        document.problem(where, "code").line for where in [(), ("a",), ("a", "b", 1), ("a", "b", 7), ("a", "z")]
    ] == [1, 1, 4, 2, 1]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a: [1\n", 2, "contract.unreadable"),
        ("", 1, "contract.unreadable"),
        ("a: 1\nb: 2\na: 3\n", 3, "contract.duplicate_key"),
    ],
)
def test_what_is_no_document_is_a_problem(text, line, code):
    with pytest.raises(UnreadableError) as caught:
        read("f", text)
    assert (caught.value.problem.line, caught.value.problem.code) == (line, code)
