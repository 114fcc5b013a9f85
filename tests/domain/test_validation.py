from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from hub.config import connector_schemas, contract_files
from hub.domain.load import load
from hub.domain.reference_validator import Reference
from hub.domain.validation import FORMATS, Validator, value_schema
from tests.domain import sample

PROJECT = sample.contracts().entities["project"]
CODES = {"status": ("open", "done")}
SCHEMA = value_schema(PROJECT, CODES, given={})

REFERENCE = Reference(SCHEMA, FORMATS)
FAST = Validator(PROJECT, codes=CODES, year=2026, given={})

texts = st.text(max_size=25) | st.sampled_from(
    [
        "open",
        "2026-03-01",
        "2026-02-30",
        "2026-13",
        "2026-12",
        "20260301",
        "1.50",
        "01.5",
        "-0",
        "1e5",
        "٣.٥",
        "2026-03-01T08:00:00+08:00",
        "2026-03-01T08:00:00",
        '{"type":"Point","coordinates":[1,2]}',
        '{"type":"Point"}',
        "很" * 20,
        "𠮷" * 20,
        "很" * 21,
        "a\n",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
records = st.dictionaries(
    st.sampled_from(sorted(PROJECT.fields)),
    scalars | st.lists(scalars, max_size=2) | st.just({}),
    max_size=6,
)


@given(records)
def test_the_verdict_and_the_faulty_fields_are_those_of_the_reference(values):
    assert {name for name, _ in FAST.faults(values)} == REFERENCE.wrong(values)
    assert FAST.differing(values) == []


CITY = load(contract_files(Path(__file__).parent.parent.parent), connector_schemas(), year=2026)
VALIDATORS = {}
HASHES = st.from_regex(r"[0-9a-f]{63,65}", fullmatch=True)


@pytest.mark.parametrize("name", sorted(CITY.entities))
@given(data=st.data())
def test_both_agree_on_records_of_every_schema_of_the_city(name, data):
    entity = CITY.entities[name]
    codes = {
        field.code: tuple(CITY.code_lists[field.code].values)
        for field in entity.said.values()
        if field.code
    }
    validator = VALIDATORS.setdefault(name, Validator(entity, codes=codes, year=2026, given={}))
    coded = st.sampled_from([code for some in codes.values() for code in some] or [""])
    one = scalars | coded | HASHES | st.integers() | st.text(min_size=90, max_size=500)
    fields = st.sampled_from(sorted(entity.said))
    assert (
        validator.differing(
            data.draw(st.dictionaries(fields, one | st.lists(one, max_size=2), max_size=8))
        )
        == []
    )


def test_a_field_of_which_the_two_judge_otherwise_is_told():
    lenient = Validator(PROJECT, codes={"status": ("open", "done", "lost")}, year=2026, given={})
    lenient._reference = REFERENCE
    (told,) = lenient.differing({"status": "lost", "name": "甲"})
    assert (told[0], told[1].code, told[1].facts) == (
        *("status", "record.validators_differ"),
        {"field": "status", "value": "lost"},
    )


def test_the_official_examples_of_the_words_we_allow_get_the_same_verdict():
    cases = [
        ({"type": "integer"}, [1, 1.0, 1.5, "1", True, None]),
        (
            {"type": "string", "minLength": 2, "maxLength": 3},
            ["a", "ab", "abc", "abcd", "💩", "💩💩"],
        ),
        # neither "a\n" nor "١": Python's `$` and `\d` accept them, JSON Schema's do not
        ({"type": "string", "pattern": "^[a-z]+$"}, ["a", "A", ""]),
        ({"type": "string", "pattern": r"^\d{2}$"}, ["12", "1", "123"]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, [0, 1, 3, 4]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, [[], ["a"], [1], "a"]),
        ({"enum": ["a", "b"]}, ["a", "c", None, 1]),
    ]
    for rule, instances in cases:
        fast, slow = Draft202012Validator(rule), jsonschema.Draft202012Validator(rule)
        assert [fast.is_valid(one) for one in instances] == [
            slow.is_valid(one) for one in instances
        ], rule


def test_an_integer_that_no_column_holds_is_out_of_range():
    assert [fault.code for _, fault in FAST.faults({"floors": 2**63})] == ["record.out_of_range"]
