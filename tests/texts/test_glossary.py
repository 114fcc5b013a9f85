"""One word for one thing: docs/glossary.md says which, and no text uses those that it has taken the
place of.
"""

import re
from pathlib import Path

import pytest

from tests.texts.test_catalogue import tool

GLOSSARY = (Path(__file__).parents[2] / "docs/glossary.md").read_text(encoding="utf-8")
TERMS = {
    zh: en
    for zh, en in re.findall(r"^\| ([^|]+) \| ([^|]+) \|", GLOSSARY, re.MULTILINE)
    if zh not in {"中文", "---"}
}
FORMER = {
    "收支平衡": "收发核对",
    "封签": "批次存证",
    "择优": "取值规则",
    "追回": "更正通知",
    "依决定清除": "依申请删除",
}
"""Words that misled: 收支 is money, 追回 calls something back, 封签 is a paper strip."""


def said(lang: str) -> set[str]:
    return {str(text) for one in tool.catalogue(lang) for text in (one.id, one.string) if text}


@pytest.mark.parametrize("former", FORMER)
def test_no_text_uses_a_word_that_another_has_taken_the_place_of(former: str):
    assert sorted(text for text in said("zh") | said("en") if former in text) == []
    assert former not in GLOSSARY


@pytest.mark.parametrize("word", sorted({*FORMER.values()} - {"依申请删除"}))
def test_the_glossary_has_the_word_in_both_languages(word: str):
    assert any(word in zh and re.search("[a-z]", en) for zh, en in TERMS.items())


def test_the_words_of_the_glossary_are_those_of_the_screens():
    """Each concept of ours that a screen names is said by the word of the glossary."""
    texts = " ".join(said("zh") | said("en"))
    for word in (
        "问题数据",
        "更正通知",
        "收发核对",
        "批次存证",
        "取值规则",
        "人工裁定",
        "数据校核",
    ):
        assert word in GLOSSARY
        assert word in texts
