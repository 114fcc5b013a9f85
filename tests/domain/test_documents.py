import re
from pathlib import Path

import pytest

from hub.config import contract_files
from hub.domain.documents import UnreadableError, read
from hub.domain.isolation import take_up
from hub.texts import say
from tests.domain import sample

HOME = Path(__file__).parents[2]


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
        document.problem(where, "code").line
        for where in [(), ("a",), ("a", "b", 1), ("a", "b", 7), ("a", "z")]
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


@pytest.mark.parametrize(
    ("text", "line", "zh", "en"),
    [
        ("a:\n\tb: 1\n", 2, "用了制表符（Tab）", "a tab"),
        ("a: b\n\tc\n", 2, "用了制表符（Tab）", "a tab"),
        ("a: b: c\n", 1, "此处不应有冒号", "mapping values are not allowed"),
        ("a: 1\nb：2\nc: 3\n", 3, "缺少冒号", "could not find expected ':'"),
        ("a: “x”: 1\n", 1, "有全角符号““”", "full-width sign"),
        ("a: {b: 1，c: 2}: 3\n", 1, "有全角符号“，”", "full-width sign"),
        ("a: 1\x00\n", 1, "不允许的控制字符 U+0000", "U+0000"),
        ("a: &x [1]\nb: [*x, *x, *x]\n", 2, "不能引用别处的内容", "a reference (*alias)"),
        ("a: " + "[" * 60 + "]" * 60, 1, "嵌套超过 40 层", "nested deeper than 40"),
        ("# nothing\n", 1, "文件是空的", "it is empty"),
    ],
)
def test_what_is_no_document_is_told_in_both_languages_with_its_line(text, line, zh, en):
    with pytest.raises(UnreadableError) as caught:
        read("f", text)
    problem = caught.value.problem
    assert problem.line == line
    assert zh in say(problem.code, problem.facts)
    assert en in say(problem.code, problem.facts, "en")
    assert not re.search(r"[\u4e00-\u9fff]", say(problem.code, problem.facts, "en"))


@pytest.mark.parametrize(
    ("save", "line", "zh"),
    [
        (lambda text: text.encode("gbk"), 1, "像是 GBK"),
        (lambda text: text.encode("utf-16"), 1, "像是 UTF-16"),
        (lambda text: text.encode().replace("一".encode(), b"\xff"), 1, "不是 UTF-8 编码的文本"),
        (lambda text: text.replace("every:", "\tevery:").encode(), 6, "制表符"),
        (lambda text: (text + "every: 6m\n").encode(), 9, "“every”出现了两次"),
        (
            lambda text: (text + "every: &a [1]\n").replace("every: 5m\n", "x: *a\n").encode(),
            6,
            "不能引用别处",
        ),
    ],
)
def test_a_file_saved_in_another_way_stops_its_own_system_by_its_own_name(tmp_path, save, line, zh):
    files = sample.files(**{"mappings/plan/system.yaml": sample.SYSTEM.replace("计划", "计划一")})
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    plan = "mappings/plan/system.yaml"
    (tmp_path / plan).write_bytes(save(files[plan]))
    found = take_up(contract_files(tmp_path), sample.CONNECTORS, year=sample.YEAR, kept=files)
    ((file, at, said),) = [(one.file, one.line, say(one.code, one.facts)) for one in found.problems]
    assert (file, at) == (plan, line)
    assert zh in said
    assert set(found.disabled) == {"pull.plan.project"}


def test_a_file_with_a_byte_order_mark_is_read_like_any_other(tmp_path):
    path = tmp_path / "mappings/codes/status.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xef\xbb\xbf" + sample.STATUS.encode())
    assert contract_files(tmp_path) == {"mappings/codes/status.yaml": sample.STATUS}


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join(9 * ['*' + chr(97 + at)])}]\n" for at in range(12)
)


@pytest.mark.parametrize(
    ("text", "line", "en"),
    [
        (BOMB, 2, "a reference"),
        ("a: &a {x: 1}\nb:\n  <<: *a\n", 3, "a reference"),
        ("a: &a [*a]\n", 1, "a reference"),
        ("[" * 100_000, 1, "nested deeper"),
        ("? " * 20_000 + "x", 1, "nested deeper"),
        ("- " * 20_000 + "x", 1, "nested deeper"),
        ("a:\n" + "".join(" " * at + "- \n" for at in range(1, 60)), 41, "nested deeper"),
        ("a:\n- [" + "x," * 100_001 + "]", 2, "more than 100000 values"),
        ("a: " + "x" * 2_000_001, 1, "longer than 2000000 bytes"),
        ("a: " + "统" * 700_000, 1, "longer than 2000000 bytes"),
        (
            "".join(f"%TAG !e{at}! tag:x,2000:\n" for at in range(20_000)) + "---\na: 1",
            1,
            "a directive",
        ),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_would_take_memory_or_time_without_end_is_refused_with_line_and_cure(text, line, en):
    with pytest.raises(UnreadableError) as caught:
        read("f", text)
    problem = caught.value.problem
    assert (problem.line, problem.code) == (line, "contract.unreadable")
    assert problem.facts["why_en"].startswith(en)


def test_yaml_is_read_in_one_place():
    reads = re.compile(r"^\s*(?:import|from) yaml", re.MULTILINE)
    readers = {
        path.name
        for path in (HOME / "hub").rglob("*.py")
        if reads.search(path.read_text(encoding="utf-8"))
    }
    assert readers == {"documents.py"}
