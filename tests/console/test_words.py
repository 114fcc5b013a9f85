"""How texts of the console are shown. That each is in every language: tests/texts."""

import re
from pathlib import Path

import pytest

from hub.console import words

CONSOLE = Path(__file__).parents[2] / "hub/console"
FILES = sorted(CONSOLE.rglob("*.py"))


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
    # signing_in and middleware speak to those who have no page yet: the one marks them itself, the
    # other answers plain text.
    taking = {
        path.name
        for path in FILES
        if re.search(r"from hub\.texts import .*\b(say|cure)\b", path.read_text())
    }
    assert taking == {"signing_in.py", "middleware.py"}
