"""Several things in one text: parts, numbers of buildings, words of a code list, and a digest of
it.
"""

import hashlib
import hmac
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import split_values
from hub.domain.isolation import take_up
from hub.domain.verbs import Scope, Translation, WrongValueError, chain
from hub.texts import say
from tests.domain import sample

PIPES = {"给水": "water", "排水": "drainage", "给排水": "both", "燃气": "gas"}
KEY = b"a key of this test"
CODES = {
    "pipes": Translation("pipes", "pipe", PIPES, None, {}),
    "lax": Translation("lax", "pipe", PIPES, "other", {}),
}
SCOPE = Scope(ZoneInfo("Asia/Shanghai"), CODES, secret=KEY)
PULL = "mappings/plan/project.pull.yaml"


def through(value, *uses, scope=SCOPE):
    try:
        for verb in chain(uses, scope):
            value = None if value is None else verb(value, {})
    except WrongValueError as error:
        return error.code
    return value


@pytest.mark.parametrize(
    ("text", "of", "take", "expected"),
    [
        ("2024-05-01至2026-05-01", "至", 0, "2024-05-01"),
        ("2024-05-01 至 2026-05-01", "至", 1, "2026-05-01"),
        ("2024-05-01", "至", 0, "2024-05-01"),
        ("2024-05-01", "至", 1, None),
        ("2024-05-01至", "至", 1, None),
        ("一～二~三", ["～", "~"], -1, "三"),
        ("一～二~三", ["～", "~"], -3, "一"),
        ("一～二~三", ["～", "~"], -4, None),
        ("a.b", ".", 1, "b"),
    ],
)
def test_a_part_of_a_text_is_taken_by_its_place(text, of, take, expected):
    assert through(text, {"part": {"of": of, "take": take}}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1#、2#楼", ["1", "2"]),
        ("1-3#", ["1", "2", "3"]),
        ("1#-3#楼", ["1", "2", "3"]),
        ("1～3号楼、5号楼", ["1", "2", "3", "5"]),
        ("第1至3栋", ["1", "2", "3"]),
        ("１＃，２＃；３＃", ["1", "2", "3"]),
        ("1#2#3#", ["1", "2", "3"]),
        ("01#楼和02#楼", ["1", "2"]),
        ("1号楼、2幢、3栋", ["1", "2", "3"]),
        ("3#、1#、3#", ["3", "1"]),
        ("12", ["12"]),
        (12, ["12"]),
    ],
)
def test_numbers_of_buildings_are_read_one_by_one(text, expected):
    assert through(text, "numbers") == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "A1#、A2#",
            "1#A",
            "1.5#",
            "1#、18层",
            "2#楼3单元",
            "1#楼（含地下室18层）",
            "3-1#",
            "1-9999#",
            "东区1#",
        ),
        *("地下室", "#", "、", "1-2-3", "一号楼", "-1", "1#楼及其附属设施", "1234567"),
    ],
)
def test_a_text_that_says_more_than_numbers_is_a_fault(text):
    assert through(text, "numbers") == "record.numbers_invalid"


@given(
    st.lists(st.integers(1, 9999), min_size=1, max_size=30, unique=True),
    st.sampled_from("、,;，；/和及与 "),
)
def test_any_list_of_numbers_gives_these_numbers_in_this_order(numbers, mark):
    said = mark.join(f"{number}#" for number in numbers)
    assert split_values.numbers(said + "楼") == list(map(str, numbers))


@given(st.integers(1, 9000), st.integers(0, 400), st.sampled_from("-~～—至到"))
def test_any_range_gives_each_number_of_it(low, more, dash):
    assert split_values.numbers(f"{low}{dash}{low + more}号楼") == [
        str(number) for number in range(low, low + more + 1)
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("给水、排水", ["water", "drainage"]),
        ("给水排水及燃气", ["water", "drainage", "gas"]),
        ("给排水，燃气", ["both", "gas"]),
        ("给水；给水", ["water"]),
        (["给水", "燃气"], ["water", "gas"]),
        ("、", None),
        ("给水、热力", "record.code_unknown"),
        ("不含给水", "record.code_unknown"),
    ],
)
def test_every_word_of_a_text_becomes_its_code_and_no_word_is_dropped(value, expected):
    assert through(value, {"words": "pipes"}) == expected


def test_a_list_with_a_stand_in_has_a_code_for_other_words():
    assert through("给水、热力", {"words": "lax"}) == ["water", "other"]


@given(
    st.lists(st.sampled_from(list(PIPES)), min_size=1, unique=True), st.sampled_from("、,，;；/ ")
)
def test_any_words_give_their_codes_in_their_order(words, mark):
    assert split_values.words(mark.join(words), PIPES, None) == [PIPES[word] for word in words]


def test_a_digest_is_keyed_and_the_same_for_the_same_text():
    expected = hmac.new(KEY, "张三".encode(), hashlib.sha256).hexdigest()
    assert through("张三", "digest") == expected
    assert through(" 张三 ", "trim", "digest") == expected
    assert through("张三", "digest", scope=Scope(SCOPE.zone, {}, secret=b"another key")) != expected
    assert through("张三", "digest", scope=Scope(SCOPE.zone, {})) == "record.digest_key"
    assert "key of this test" not in repr(SCOPE)


def mapped(rule, secret=b"", **changes):
    files = sample.files(
        **{PULL: sample.PROJECT_PULL.replace('use: [{split: ","}]', f"use: {rule}")} | changes
    )
    return take_up(files, sample.CONNECTORS, year=sample.YEAR, secret=secret)


def test_the_contract_of_a_mapping_that_digests_follows_the_key_and_holds_none_of_it():
    first, same, other = (mapped('[digest, {split: ","}]', key) for key in (b"k1", b"k1", b"k2"))
    hashes = [one.pulls["pull.plan.project"].contract for one in (first, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]
    assert "k1" not in json.dumps(json.loads(first.pulls["pull.plan.project"].text))
    plain = [
        mapped('[{split: ","}]', key).pulls["pull.plan.project"].contract for key in (b"k1", b"k2")
    ]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("[{part: {of: 至}}]", "缺少“fields.owners.use.0.part.take”"),
        ("[{part: {of: '', take: 0}}]", "至少 1 个字符"),
        ("[{words: wrods}]", "没有名为“wrods”的代码表。"),
        ("[part]", "最接近的是"),
        ("[numbers, integer]", None),
    ],
)
def test_a_verb_that_is_said_wrongly_is_refused_before_any_record(rule, said):
    words = [say(one.code, one.facts) for one in mapped(rule).problems]
    assert words
    assert said is None or any(said in one for one in words)


def test_words_lead_to_the_code_list_of_their_field():
    rule = "status: {from: state, use: [{words: kind}]}"
    wrong = sample.PROJECT_PULL.replace("status: {from: state, use: [{code: state}]}", rule)
    found = take_up(sample.files(**{PULL: wrong}), sample.CONNECTORS, year=sample.YEAR)
    assert "contract.code_list_differs" in {one.code for one in found.problems}
