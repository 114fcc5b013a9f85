import re
from pathlib import Path

import pytest

from hub.domain.paths import unusable
from hub.model import UNUSABLE
from hub.pipeline import verify
from hub.pipeline.verify.uncovered import OPEN, PARTLY
from hub.texts import cure, in_one_language, known, say
from hub.texts.page import codes, errors_page
from hub.workbook.sheet import FORMULA, NO_RESULT, number

HOME = Path(__file__).parents[2]
FAMILIES = sorted({code.partition(".")[0] for code in codes()})
CODE = re.compile(rf'"((?:{"|".join(FAMILIES)})\.[a-z][a-z_]+)"')

VERIFYING = [
    path
    for folder in ("hub/pipeline/verify", "hub/db/crosschecks")
    for path in (HOME / folder).glob("*.py")
]
"""What these say of rows are words of their own, and they name tables."""


def test_every_word_of_a_verification_is_there_in_both_languages():
    texts = [path.read_text(encoding="utf-8") for path in VERIFYING]
    named = {word for text in texts for word in re.findall(r'"([a-z_]+\.[a-z_]+)"', text)}
    tables = ("hub.", "fact.", "source.", "golden.", "ask.", "database.")
    said = {word for word in named if not word.startswith(tables)}
    assert {word for word in said if not known(word, "word")} == set()
    assert {check.name for check in verify.CHECKS if not known(check.name, "check")} == set()
    assert {why for why in (*OPEN, *PARTLY) if not known(why, "uncovered")} == set()


def test_every_code_that_the_program_uses_has_its_text():
    used = {}
    for folder in ("hub", "connectors"):
        for path in (HOME / folder).rglob("*.py"):
            if "texts" not in path.parts and path not in VERIFYING:
                used |= dict.fromkeys(CODE.findall(path.read_text(encoding="utf-8")), path.name)
    not_codes = {
        "hub.access",
        "hub.connectors",
        "hub.env",
        "hub.event_seq",
        "hub.record_id_seq",
        "hub.web",
    }  # entry points, a file, sequences, a program
    assert {
        code: file
        for code, file in used.items()
        if code not in {*codes()} and code not in not_codes
    } == {}


def test_facts_that_a_text_does_not_name_are_added():
    assert (
        say("system.busy", {"status": "429"}, "en")
        == "The partner system is busy and asks to come back later. (status=429)"
    )
    assert say("record.missing", {"field": "name"}) == "缺少必填字段“name”。"
    assert "…" in say("record.missing", {})


def test_a_cure_names_the_facts_too():
    assert "mappings/codes/status.yaml" in cure("contract.code_target", {"list": "status"}, "en")


def test_the_page_of_errors_is_fresh():
    assert (HOME / "docs" / "errors.md").read_text(encoding="utf-8") == errors_page()


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("公式，不是输入的值 / a formula, no value", "公式，不是输入的值", "a formula, no value"),
        ("HUB_CONN_X: 不是地址 / no address", "HUB_CONN_X: 不是地址", "HUB_CONN_X: no address"),
        ("XML 需要 `root` / XML needs `root`", "XML 需要 `root`", "XML needs `root`"),
        ("a / b", "a / b", "a / b"),  # nothing of it is Chinese
        ("一号楼 / 二号楼", "一号楼 / 二号楼", "一号楼 / 二号楼"),
        (
            "没有文件 / no such file: 表.csv",
            *["没有文件 / no such file: 表.csv"] * 2,
        ),  # the name counts
        ("", "", ""),
    ],
)
def test_a_text_in_both_languages_is_told_in_one(said: str, zh: str, en: str):
    assert (in_one_language(said, "zh"), in_one_language(said, "en")) == (zh, en)


def test_the_reason_of_a_cell_is_told_in_the_language_of_its_sentence():
    for cell in (number("12345678901234567890"), {UNUSABLE: NO_RESULT}, {UNUSABLE: FORMULA}):
        facts = {"field": "area", "why": str(unusable(cell))}
        for lang, other in (("zh", "a-z"), ("en", "\u3400-\u9fff")):
            told = say("record.cell_unusable", facts, lang).replace("area", "")
            assert not re.search(f"[{other}]", told), told
