import re
from pathlib import Path

from hub.pipeline import verify
from hub.pipeline.verify.uncovered import OPEN, PARTLY
from hub.texts import cure, known, say
from hub.texts.page import codes, errors_page

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
