"""Values are read in words: units, codes and times, in both languages."""

import re

import pytest

from hub.config import connector_schemas, contract_files
from hub.domain.load import ContractsInvalidError, load
from hub.domain.value_text import unit_words, value_words
from tests.filled import CONTRACTS, HOME

FIELDS = [(one.name, field) for one in CONTRACTS.entities.values() for field in one.fields.values()]


def test_every_unit_has_words_in_both_languages():
    for entity, field in FIELDS:
        if field.unit:
            zh, en = unit_words(CONTRACTS, field.unit)
            assert re.search(r"[\u4e00-\u9fff]", zh), (entity, field.name)
            assert en, (entity, field.name)
            assert not re.search(r"[\u4e00-\u9fff]", en)


def test_amounts_carry_their_unit_in_words():
    project = CONTRACTS.entities["project"].fields
    said = value_words(CONTRACTS, project["total_investment"], "340.00")
    assert said == ("340.00 元", "340.00 yuan")
    assert value_words(CONTRACTS, project["floor_area"], "5.00")[0] == "5.00 平方米"
    assert value_words(CONTRACTS, project["finished"], value=True) == ("是", "yes")
    assert value_words(CONTRACTS, project["floor_area"], None) == ("空", "empty")


def test_a_unit_without_words_is_refused_with_its_line():
    files = contract_files(HOME)
    name = "schemas/project.json"
    files[name] = files[name].replace('"x-unit": "CNY"', '"x-unit": "bushel"', 1)
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, connector_schemas(), year=2026)
    (problem,) = refused.value.problems
    assert (problem.file, problem.code) == (name, "contract.unit_unknown")
    assert problem.line > 1
