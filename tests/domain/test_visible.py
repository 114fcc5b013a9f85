"""What others write steers no terminal and begins no line of its own."""

import json
import logging

import pytest

from hub.cli.screen import Lines, Screen
from hub.errors import FlowError
from hub.logs import JsonFormatter
from hub.texts import cure, say
from hub.texts.visible import VisibleFormatter, visible, visible_json

HOSTILE = "a\x1b[2J\x9b31mb\r\nc\u202ed\u2028e\x7ff\U000e0041\ud800\x00"
SHOWN = "a\\x1b[2J\\x9b31mb\\r\\nc\\u202ed\\u2028e\\x7ff\\U000e0041\\ud800\\x00"
UNSEEN = set("\x1b\x9b\r\u202e\u2028\x7f\U000e0041\ud800\x00")


def test_unseen_characters_are_written_by_their_code_point():
    assert visible(HOSTILE) == SHOWN
    assert visible("项目 1号楼（一期）") == "项目 1号楼（一期）"
    assert visible("a\n\tb\r", lines=True) == "a\n\tb\\r"


def test_json_for_a_terminal_says_the_same():
    told = {"path": HOSTILE[:-3], "at": ["\u2066"]}
    shown = visible_json(json.dumps(told, ensure_ascii=False, indent=1))
    assert json.loads(shown) == told
    assert not UNSEEN & set(shown)


def test_whatever_an_error_quotes_is_visible_in_its_sentence():
    facts = {
        "route": HOSTILE,
        "why": HOSTILE,
        "flow": HOSTILE,
        "hint_zh": HOSTILE,
        "hint_en": HOSTILE,
    }
    for lang in ("zh", "en"):
        for told in (say("ask.invalid", facts, lang), cure("flow.unknown", facts, lang)):
            assert not (UNSEEN | {"\n"}) & set(told)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_line_shows_no_value_that_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], lang: str
):
    shown = Screen({"HUB_LANG": lang})
    shown.say(HOSTILE)
    shown.table([HOSTILE], [(HOSTILE,), ([HOSTILE],), (Lines.of([HOSTILE, "x"]),)], title=HOSTILE)
    shown.data({"a": HOSTILE[:-2], "b": [HOSTILE[:-2]]})
    shown.error(FlowError("ask.invalid", why=HOSTILE))
    shown.problem("contract.unreadable", {"why_zh": HOSTILE, "why_en": HOSTILE}, place=HOSTILE)
    shown.progress(HOSTILE)
    shown.failed(HOSTILE)
    out, err = capsys.readouterr()
    assert not UNSEEN & set(out + err)
    assert out.count("\\x1b[2J") >= 4
    assert "\nc" not in out
    assert len(err.splitlines()) < 20


def fail() -> None:
    raise FlowError("ask.invalid", why=HOSTILE)


def test_a_line_of_the_log_in_json_steers_nothing_whoever_filled_its_fields():
    record = logging.makeLogRecord({"msg": "refused: %s", "args": (HOSTILE[:-3],)})
    record.reason, record.__dict__[HOSTILE[:-3]] = HOSTILE[:-3], [HOSTILE[:-3]]
    line = JsonFormatter().format(record)
    assert not UNSEEN & set(line)
    assert "\n" not in line
    assert json.loads(line)["reason"] == HOSTILE[:-3]


def test_a_line_of_the_log_is_one_line_and_a_traceback_its_own():
    formatter = VisibleFormatter("%(levelname)s %(message)s")
    record = logging.LogRecord("hub", logging.WARNING, "f", 1, "asked for %s", (HOSTILE,), None)
    assert formatter.format(record) == f"WARNING asked for {SHOWN}"
    with pytest.raises(FlowError) as raised:
        fail()
    told = (raised.type, raised.value, raised.tb)
    traced = formatter.format(logging.LogRecord("hub", logging.ERROR, "f", 1, "failed", (), told))
    assert not UNSEEN & set(traced)
    assert traced.count("\n") >= 3
