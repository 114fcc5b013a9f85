"""A record is kept only where its flag says, in a value that its contract knows, that it is not
secret.
"""

import time

import orjson
import pytest

from hub.domain.load import ContractsInvalidError
from hub.domain.payload import PayloadFormat, unread
from hub.domain.secrecy import (
    AMBIGUOUS,
    MISSING,
    SECRET,
    UNKNOWN,
    UNREADABLE,
    Secrecy,
    secrecy_of,
    withheld,
)
from hub.errors import Fault
from tests.domain import sample

XSI = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance'"
FLAG = Secrecy("sfsm", frozenset({"0", "否"}), frozenset({"1"}))


def judged(
    payload: bytes | dict[str, object], secrecy: Secrecy = FLAG, **form: object
) -> str | None:
    content = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    found = withheld(content, form=PayloadFormat(**form), secrecy=secrecy)  # type: ignore[arg-type]
    assert found is None or "秘" not in repr(found)
    return found.code if found else None


@pytest.mark.parametrize("value", ["0", " 0 ", 0, 0.0, "否"])
def test_a_value_that_its_contract_knows_as_not_secret_passes(value):
    assert judged({"name": "某工程", "sfsm": value}) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1", SECRET),
        (1, SECRET),
        (" 1 ", SECRET),
        (1.0, SECRET),
        *[
            (value, UNKNOWN)
            for value in (
                "１",
                "０",
                "true",
                True,
                False,
                "是",
                "涉密",
                "00",
                "0,1",
                "0\u3000",
                "-0",
                2,
            )
        ],
        *[(value, MISSING) for value in (None, "", "  ")],
        *[
            (value, AMBIGUOUS)
            for value in (["0"], ["0", "1"], [], {"value": "0"}, {"onecode:unusable": "x"})
        ],
    ],
)
def test_any_other_value_is_withheld(value, code):
    assert judged({"name": "秘", "sfsm": value}) == code


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"name": "秘"}, MISSING),
        ({"SFSM": "0"}, MISSING),
        ({"sfsm": "0", "SFSM": "1"}, SECRET),
        ({"sfsm": "0", "sf_sm": "是"}, UNKNOWN),
        ({"sfsm": "0", "ｓｆｓｍ": "1"}, SECRET),
        ({"sfsm": "0", "\ufeffsfsm": "x"}, UNKNOWN),
        ({"sfsm": "0", "@sfsm": "1"}, SECRET),
        ({"sfsm": "0", "more": {"sfsm": "1"}}, SECRET),
        ({"sfsm": "0", "more": [{"x": 1}, {"gov:sfsm": ["0"]}]}, AMBIGUOUS),
        ({"sfsm": "0", "more": '{"sfsm": "1"}'}, SECRET),
        ({"sfsm": "0", "more": '"{\\"\\u0073fsm\\": \\"1\\"}"'}, SECRET),
        ({"sfsm": "0", "more": '{"sfsm": "1"'}, AMBIGUOUS),
        ({"sfsm": "0", "more": '{"\\u0073fsm": "1"'}, UNREADABLE),
        ({"sfsm": "0", "more": "<sfsm>1</sfsm>"}, AMBIGUOUS),
        ({"sfsm": "0", "more": "SFSM=1;"}, AMBIGUOUS),
        ({"sfsm": "0", "more": "sfsm：1"}, AMBIGUOUS),
        ({"sfsm": "0", "more": "ＳＦＳＭ＝1"}, AMBIGUOUS),
        ({"sfsm": "0", "more": [{"name": "SFSM", "value": "1"}]}, AMBIGUOUS),
        ({"sfsm": "0", "sfsm:": "1"}, SECRET),
        ({"sfsm": "0", "x" * 300: "1"}, "record.secrecy_unreadable"),
    ],
)
def test_a_second_flag_in_another_spelling_or_place_counts_too(record, code):
    assert judged(record) == code


def test_what_is_no_flag_keeps_no_open_record_away():
    record = {
        "sfsm": "0",
        "SFSM": "",
        "more": {"sfsm": 0},
        "note": "sfsm 见附件",
        "list": "[待定]",
        "text": '{"sfsm":"0"}',
    }
    assert judged(record) is None


@pytest.mark.parametrize(
    "broken",
    [
        b'{"sfsm": "0", "sfsm": "1"}',
        b'{"sfsm": "1", "sfsm": "0"}',
        b'{"sfsm": "0", "\\u0073fsm": "1"}',
        b'{"sfsm": "0", "name": "\xb9\xa4"}',
        b'{"sfsm": "0", "name": "\xe7\xa7\x98',
        b"[1]",
        b"",
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        '{"sfsm": "0"}'.encode("utf-16"),
    ],
)
def test_a_record_whose_flag_cannot_be_read_is_withheld(broken):
    assert judged(broken) == UNREADABLE


@pytest.mark.parametrize("flag", ["0", "1"])
@pytest.mark.parametrize("broken", ["{不是", "\x00", '{"a": 1, "a": 2}'])
def test_what_is_wrong_elsewhere_does_not_keep_the_flag_from_being_read(flag, broken):
    record = {"sfsm": flag, "lerep": broken}
    assert judged(record, embedded_json=("lerep",)) == (SECRET if flag == "1" else None)


def test_a_flag_inside_embedded_json_is_read_there():
    secrecy = Secrecy("more.sfsm", frozenset({"0"}))
    assert judged({"more": '{"sfsm": "0"}'}, secrecy, embedded_json=("more",)) is None
    assert judged({"more": '{"sfsm": "0"'}, secrecy, embedded_json=("more",)) == UNREADABLE
    assert judged({"more": '{"sfsm": "1"}'}, secrecy, embedded_json=("more",)) == UNKNOWN


def test_of_a_flag_in_a_list_each_element_must_be_open():
    secrecy = Secrecy("items.sfsm", frozenset({"0"}), frozenset({"1"}))
    assert judged({"items": [{"sfsm": "0"}, {"sfsm": "0"}]}, secrecy) is None
    assert judged({"items": [{"sfsm": "0"}, {"sfsm": "1"}]}, secrecy) == SECRET
    assert judged({"items": [{"sfsm": "0"}, {}]}, secrecy) == MISSING
    assert judged({"items": []}, secrecy) == MISSING


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<r><sfsm>0</sfsm></r>", None),
        ("<r><a:sfsm xmlns:a='u'>0</a:sfsm></r>", None),
        ("<r><sfsm>0<!-- x -->1</sfsm></r>", UNKNOWN),
        ("<r><sfsm>0<?x y?>1</sfsm></r>", AMBIGUOUS),
        ("<r><sfsm>0<b/>1</sfsm></r>", AMBIGUOUS),
        ("<r><sfsm kind='1'>0</sfsm></r>", AMBIGUOUS),
        ("<r><sfsm/></r>", MISSING),
        (f"<r {XSI}><sfsm i:nil='true'/></r>", MISSING),
        (f"<r {XSI}><sfsm i:nil='true'>0</sfsm></r>", AMBIGUOUS),
        (f"<r {XSI}><sfsm>0</sfsm><sfsm i:nil='1'/></r>", AMBIGUOUS),
        (f"<r {XSI}><sfsm>0</sfsm><x i:nil='true'><sfsm>1</sfsm></x></r>", SECRET),
        (f"<r {XSI}><sfsm>0</sfsm><x i:nil='1' sfsm='1'/></r>", SECRET),
        (f"<r {XSI}><sfsm>0</sfsm><x i:nil='1'>sfsm=1</x></r>", AMBIGUOUS),
        (f"<r {XSI}><sfsm>0</sfsm><x i:nil='true'/><y i:nil='true'>乙</y></r>", None),
        (f"<r {XSI} i:nil='true'><sfsm>0</sfsm></r>", None),
        ("<r><sfsm>0</sfsm>sfsm=1</r>", AMBIGUOUS),
        ("<r><sfsm>0</sfsm><x>甲<b/>sfsm=1</x></r>", AMBIGUOUS),
        ("<r>甲<sfsm>0</sfsm>乙<x>甲<b/>丙</x></r>", None),
        ("<r><sfsm>0</sfsm><sfsm>1</sfsm></r>", AMBIGUOUS),
        ("<r xmlns:b='v'><sfsm>0</sfsm><b:sfsm>1</b:sfsm></r>", AMBIGUOUS),
        ("<r sfsm='1'><sfsm>0</sfsm></r>", SECRET),
        ("<r><sfsm>0</sfsm><x SfSm='1'/></r>", SECRET),
        ("<r><sfsm>0</sfsm><x xmlns:b='v' sfsm='0' b:sfsm='0'/></r>", AMBIGUOUS),
        ("<!DOCTYPE r [<!ENTITY e '1'>]><r><sfsm>0&e;</sfsm></r>", AMBIGUOUS),
        ("<r><sfsm>0</sfsm><more><![CDATA[<sfsm>1</sfsm>]]></more></r>", AMBIGUOUS),
        ("<r><sfsm>0</sfsm><name>\x00</name></r>", UNREADABLE),
        ("<r><sfsm>0</sfsm>", UNREADABLE),
    ],
)
def test_xml_hides_no_flag(text, code):
    assert judged(text.encode(), format="xml") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("名称,sfsm\n甲,0", None),
        ("名称,sfsm\n甲,1", SECRET),
        ("名称,sfsm,sfsm\n甲,0,1", AMBIGUOUS),
        ("名称,sfsm,SFSM\n甲,0,1", SECRET),
        ("名称,sfsm\n甲,0,1", UNREADABLE),
        ("名称,sfsm\n甲", UNREADABLE),
        ('名称,sfsm\n"甲,0', UNREADABLE),
        ("名称,密级\n甲,0", MISSING),
        ("名称,sfsm,\n甲,0,sfsm=1", AMBIGUOUS),
        ("名称,sfsm,\n甲,0,乙", None),
    ],
)
def test_csv_hides_no_flag(text, code):
    assert judged(text.encode("gb18030"), format="csv", encoding="gb18030") == code


def test_what_is_in_another_encoding_is_withheld():
    content = "名称,sfsm\n某工程,0".encode("gb18030")
    assert judged(content, format="csv") == UNREADABLE


def test_a_note_of_what_could_not_be_read_is_withheld_whoever_wrote_it():
    forged = b'{"onecode:unread":{"code":"record.secret","pointer":"/\xe7\xa7\x98","facts":{"x":"\xe7\xa7\x98"}}}\n'
    assert judged(forged) == SECRET
    assert judged(unread(Fault("/x", "file.not_a_workbook", {}), b"x")) == UNREADABLE


def test_a_contract_that_says_nothing_lets_nothing_pass():
    assert judged({"sfsm": "0"}, secrecy_of(None)) == MISSING
    assert judged({"sfsm": "1"}, Secrecy(none="the office says so")) is None


def test_asking_takes_work_in_proportion_to_the_length():
    def spent(times: int) -> float:
        texts = [
            "sfsm" * 40 * times,
            "sfsm\\\\\\]" * 40 * times,
            '{"' + "[" * 40 * times,
            " " * 400 * times,
        ]
        payload = orjson.dumps({"sfsm": "0", "more": [{"sfsm_" * 40: text} for text in texts * 5]})
        least = 1e9
        for _ in range(3):
            began = time.process_time()
            withheld(payload, form=PayloadFormat(), secrecy=FLAG)
            least = min(least, time.process_time() - began)
        return least

    assert spent(64) < 2.5 * spent(32) + 0.005


FLAGLESS = sample.PROJECT_PULL.replace("secret: {none: this made-up office holds none}\n", "")


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ContractsInvalidError) as caught:
        sample.contracts(**{"mappings/plan/project.pull.yaml": text})
    return [(one.line, one.code) for one in caught.value.problems]


def test_a_pull_that_does_not_say_how_secrecy_is_flagged_is_refused():
    assert problems(FLAGLESS) == [(1, "contract.secrecy_unsaid")]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("refuse_when: {secret: {level: ['2']}}", "contract.secrecy_unsaid"),
        ("secret: {field: level}", "contract.key_missing"),
        ("secret: {open: ['0']}", "contract.key_missing"),
        ("secret: {none: ''}", "contract.value"),
        ("secret: {none: x, field: level}", "contract.value"),
        ("secret: {field: level, open: ['0'], closed: [0]}", "contract.secrecy_both"),
        ("secret: {field: '--', open: ['0']}", "contract.secrecy_nameless"),
        ("secret: {field: level, open: [null]}", "contract.value"),
    ],
)
def test_what_cannot_tell_secret_from_open_is_refused_at_its_line(said, code):
    assert {one for _, one in problems(FLAGLESS + said + "\n")} == {code}
