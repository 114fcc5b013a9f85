"""One word for one thing: docs/glossary.yaml says which, its page is made of it, and no text uses a
word that another has taken the place of.
"""

from pathlib import Path

import pytest

from tests.texts.test_catalogue import tool

PAGE = Path(__file__).parents[2] / "docs/glossary.md"
TERMS = tool.glossary()
WITH_FORMER = [one for one in TERMS if "not" in one or "not_label" in one]


def said() -> set[str]:
    return {
        str(text)
        for lang in tool.LANGUAGES
        for one in tool.catalogue(lang)
        for text in (one.id, one.string)
        if text
    }


def test_the_page_is_what_the_data_makes():
    assert PAGE.read_text(encoding="utf-8") == tool.glossary_page()


def test_a_term_stands_once_and_in_both_languages():
    words = [word for one in TERMS for word in one["zh"].split("、")]
    assert sorted(words) == sorted(set(words))
    assert [one for one in TERMS if not one["zh"] or not one["en"]] == []
    assert [one for one in TERMS if ("zh_meaning" in one) != ("en_meaning" in one)] == []


@pytest.mark.parametrize("term", WITH_FORMER, ids=lambda term: str(term["en"]))
def test_no_text_uses_a_word_that_another_has_taken_the_place_of(term: dict[str, str]):
    assert sorted(text for text in said() if tool.replaced(term, text)) == []


@pytest.mark.parametrize("term", WITH_FORMER, ids=lambda term: str(term["en"]))
def test_a_text_says_the_word_that_stands_in_its_place(term: dict[str, str]):
    texts = " ".join(said())
    assert any(word in texts for word in term["zh"].split("、"))


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("批次的契约", True),
        ("契约文件有误", False),
        ("自", True),
        ("自查", False),
        ("SEE TO IT", True),
    ],
)
def test_a_replaced_word_is_found(text: str, *, uses: bool):
    assert any(tool.replaced(term, text) for term in TERMS) == uses
