"""Every word of the console stands in both languages, side by side."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.console import words

CONSOLE = Path(__file__).parents[2] / "hub/console"
FILES = sorted(CONSOLE.rglob("*.py"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = re.compile("一码贯通|中文")
"""The product's name, and that of the language in the switch to it."""


def chinese(text: object) -> bool:
    return isinstance(text, str) and bool(CHINESE.search(NAMES.sub("", text)))


def texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Every string, also between the places of an f-string; docstrings are nobody's words."""
    prose = {one.value for one in ast.walk(node) if isinstance(one, ast.Expr)}
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and found not in prose:
            yield found


def pairs(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What may be a text and its English: neighbours in a call of `t` or in a tuple, `zh=` and `en=`, `if zh else`."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "t" and len(node.args) == 2:
            yield node.args[0], node.args[1]
        given = {one.arg: one.value for one in node.keywords}
        if "zh" in given and "en" in given:
            yield given["zh"], given["en"]
    if isinstance(node, ast.Tuple):
        yield from zip(node.elts, node.elts[1:], strict=False)
    if isinstance(node, ast.IfExp) and isinstance(node.test, ast.Name) and node.test.id == "zh":
        yield node.body, node.orelse


def untranslated(source: str) -> list[str]:
    """Chinese texts of a program without an English one beside them, by line."""
    tree = ast.parse(source)
    translated = {
        text
        for node in ast.walk(tree)
        for zh, en in pairs(node)
        if any(text.value.strip() for text in texts(en))
        and not any(chinese(text.value) for text in texts(en))
        for text in texts(zh)
    }
    return [
        f"{text.lineno}: {text.value}"
        for text in texts(tree)
        if chinese(text.value) and text not in translated
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CONSOLE).as_posix())
def test_every_text_in_chinese_has_its_english_beside_it(path: Path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "t('中', '')",
        "t('中', '国')",
        "parts.text('中')",
        "t(f'{x} 条', x)",
        "page('/x', zh='中')",
        "NAMES = {'a': '中'}",
    ],
)
def test_a_text_without_english_is_found(source: str):
    assert len(untranslated(source)) >= 1


@pytest.mark.parametrize(
    "source",
    [
        "t('中', 'a')",
        "t(f'{x} 条', f'{x} rows')",
        "page('/x', zh='中', en='a')",
        "N = {'a': ('中', 'a')}",
        "'中' if zh else 'a'",
        "t('中' if x else '国', 'a')",
    ],
)
def test_a_text_with_english_is_not(source: str):
    assert untranslated(source) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run `hub seal` <now>.", "Run <code>hub seal</code> &lt;now&gt;."),
        ("`a<b` and `c`", "<code>a&lt;b</code> and <code>c</code>"),
        ("one ` alone", "one ` alone"),
        ("`two` and ` more", "<code>two</code> and ` more"),
        ("", ""),
    ],
)
def test_commands_between_backticks_are_shown_as_code_and_the_rest_is_escaped(
    text: str, shown: str
):
    assert words.marked(text) == shown


def test_no_page_takes_texts_for_terminals_as_they_are():
    # signing_in and middleware speak to those who have no page yet: the one marks them itself, the other answers plain text.
    taking = {
        path.name
        for path in FILES
        if re.search(r"from hub\.texts import .*\b(say|cure)\b", path.read_text())
    }
    assert taking == {"signing_in.py", "middleware.py"}
