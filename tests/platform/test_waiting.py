"""No test hangs on the moment: the rule of tests/waiting.py, and what it finds."""

import pytest

from deploy.postgres import CHECKOUT
from tests.waiting import offences

PAGE = "tests/browser/test_sample.py"
OTHER = "tests/pipeline/test_sample.py"
READS = (
    'assert "q=1" in page.url',
    'assert page.locator("h1").inner_text() == "x"',
    'assert page.get_by_role("row").count() == 2, "two rows"',
    'assert not page.get_by_text("x").is_visible()',
    'assert page.locator("input").input_value() != ""',
    'assert [one.text_content() for one in page.locator("li").all()] == []',
    'assert page.evaluate("document.title") == "x"',
    "assert Axe().run(page).response == {}",
    'said = page.locator("#main").inner_text()\n    assert "x" in said',
    'first, *_ = page.locator("b").all_inner_texts()\n    assert first == "1"',
    "number = page.url[-1]\n    other = int(number) + 1\n    assert other == 2",
    'if page.locator("h1").text_content() != "x":\n        raise AssertionError',
    'if "q=1" not in page.url:\n        pytest.fail("no address")',
    'assert shown(page) == "x"',
    'assert again(page) == "x"',
)
"""What a page shows right now, asserted."""
READERS = """
def shown(page):
    found = page.locator("h1")
    return found.inner_text()
def again(page):
    return shown(page).strip()
def waited(page):
    expect(page.locator("h1")).to_have_text("x")
    return page.locator("h1").inner_text()
"""
WAITS = (
    'expect(page).to_have_url(re.compile("q=1"))',
    'expect(page.get_by_role("row")).to_have_count(2)',
    "settles(lambda: shown(page), 'x')",
    "settles(lambda: page.evaluate('scrollY'), 0)",
    'assert waited(page) == "x"',
    'page.goto(page.url + "?again")',
    'assert page.goto("/").status == 404',
)
PAUSES = (
    "time.sleep(1)",
    "sleep(0.5)",
    "page.wait_for_timeout(100)",
    "for one in both:\n        one.start()\n        time.sleep(0.5)",
    "while True:\n        time.sleep(0.1)",
)
ENDING = (
    "while not ready():\n        time.sleep(0.1)",
    "for _ in range(9):\n        if ready():\n            break\n        time.sleep(0.1)",
    "while True:\n        if ready():\n            return\n        time.sleep(0.1)",
)


def found(path: str, *statements: str) -> list[str]:
    body = "\n    ".join(statements)
    return offences({path: f"def test_it(page):\n    {body}\n{READERS}"})


@pytest.mark.parametrize("statement", READS)
def test_an_assertion_that_reads_a_page_at_once_is_found(statement: str):
    (offence,) = found(PAGE, statement)
    assert "at once" in offence
    assert offence.startswith(f"{PAGE}:")


@pytest.mark.parametrize("statement", WAITS)
def test_an_assertion_that_waits_is_none(statement: str):
    assert found(PAGE, statement) == []


def test_a_module_elsewhere_is_looked_at_where_it_takes_a_page_in_hand():
    assert found(OTHER, READS[0]) == []
    assert (
        len(
            offences(
                {OTHER: f"from playwright.sync_api import Page\ndef test_it(page):\n    {READS[0]}"}
            )
        )
        == 1
    )


@pytest.mark.parametrize("statement", PAUSES)
def test_a_pause_is_found(statement: str):
    (offence,) = found(OTHER, statement)
    assert "pauses" in offence


@pytest.mark.parametrize("statement", ENDING)
def test_a_loop_that_ends_once_something_holds_is_no_pause(statement: str):
    assert found(OTHER, statement) == []


def test_a_port_that_is_not_held_is_found():
    (offence,) = found(
        OTHER, 'with socket.socket() as probe:\n        probe.bind(("127.0.0.1", 0))'
    )
    assert "tests/ports.py" in offence


def test_no_test_hangs_on_the_moment():
    files = sorted((CHECKOUT / "tests").rglob("*.py"))
    assert files
    assert (
        offences(
            {str(path.relative_to(CHECKOUT)): path.read_text(encoding="utf-8") for path in files}
        )
        == []
    )
