"""A new entity stands on its project's page by its schema file alone."""

import json

import pytest

from hub.config import connector_schemas, contract_files
from hub.db.records.projects import Known
from hub.domain.load import ContractsInvalidError, load
from hub.services.sections import sections
from tests.filled import CODE, CONTRACTS, HOME

FIELD = {"type": "string", "x-class": "public", "x-standard": None, "x-why": "a test"}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:onecode:agency_case",
    "title": "Intermediary service",
    "x-title-zh": "中介服务",
    "type": "object",
    "additionalProperties": False,
    "x-key": ["number"],
    "x-authority": ["approval"],
    "properties": {
        "project_code": FIELD | {"title": "Project code", "x-title-zh": "项目代码"},
        "number": FIELD | {"title": "Number", "x-title-zh": "编号"},
        "agency": FIELD | {"title": "Agency", "x-title-zh": "机构"},
        "contact": FIELD | {"title": "Contact", "x-title-zh": "联系人", "x-class": "personal"},
        "applied_on": FIELD | {"title": "Applied", "x-title-zh": "申请日期", "format": "date"},
    },
}
SHOW = {
    "part": {"zh": "中介服务事项", "en": "Intermediary services"},
    "columns": ["number", "agency"],
    "date": "applied_on",
    "paper": "number",
}


def files_with(show: object = None) -> dict[str, str]:
    said = SCHEMA | ({"x-show": show} if show is not None else {})
    return contract_files(HOME) | {"schemas/agency_case.json": json.dumps(said)}


def contracts_with(show: object = None):
    return load(files_with(show), connector_schemas(), year=2026)


def row(entity: str, **values: str) -> Known:
    said = {"project_code": CODE, **values}
    return Known(entity, 7, "7", 1, 1, False, (), {}, said, {})  # noqa: FBT003


def test_an_entity_stands_where_its_schema_says():
    made = sections(
        contracts_with(SHOW), {"agency_case": [row("agency_case", number="A", agency="某所")]}
    )
    (section,) = made
    assert (section.zh, section.en, section.name) == (
        *("中介服务事项", "Intermediary services", "agency_case"),
    )
    assert [(one.entity, one.columns, one.records) for one in section.tables] == [
        ("agency_case", ("number", "agency"), (7,))
    ]


def test_an_entity_that_says_nothing_stands_at_the_end_with_all_its_public_fields():
    said = {"number": "A", "agency": "某所", "contact": "张三", "applied_on": "2026-11-01"}
    known = {"agency_case": [row("agency_case", **said)], "parcel": [row("parcel", number="P")]}
    made = sections(contracts_with(), known)
    assert [one.zh for one in made] == ["土地与不动产", "中介服务"]
    assert made[-1].tables[0].columns == ("number", "agency", "applied_on")


def test_what_has_a_part_of_its_own_or_no_project_is_not_shown_twice():
    known = {name: [row(name)] for name in CONTRACTS.entities}
    shown = {table.entity for one in sections(CONTRACTS, known) for table in one.tables}
    assert CONTRACTS.entities.keys() - shown == {
        *("project", "stage", "approval_item", "approval_step", "utility_connection"),
        *(name for name, one in CONTRACTS.entities.items() if not (one.of_project or one.ways)),
    }


def test_entities_of_one_part_stand_in_one_part():
    known = {name: [row(name)] for name in ("fire_review", "fire_acceptance")}
    (section,) = sections(CONTRACTS, known)
    assert (section.zh, len(section.tables)) == ("消防", 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"columns": ["nothing"]}, "contract.field_unknown"),
        ({"paper": "nothing"}, "contract.field_unknown"),
        ({"date": "nothing"}, "contract.field_unknown"),
        ({"date": "number"}, "contract.show_no_date"),
        ({"colour": "red"}, "contract.key_unknown"),
    ],
)
def test_the_check_refuses_what_cannot_be_shown(change: dict[str, object], code: str):
    with pytest.raises(ContractsInvalidError) as refused:
        contracts_with(SHOW | change)
    assert [one.code for one in refused.value.problems] == [code]
    assert refused.value.problems[0].file == "schemas/agency_case.json"


def test_where_it_is_shown_is_no_part_of_the_contract():
    files = contract_files(HOME)
    name = "schemas/parcel.json"
    files[name] = files[name].replace('"order": 30', '"order": 99')
    assert files[name] != contract_files(HOME)[name]
    other = load(files, connector_schemas(), year=2026)
    assert (
        other.pulls["pull.registry.parcel"].contract
        == CONTRACTS.pulls["pull.registry.parcel"].contract
    )


@pytest.mark.parametrize(
    ("word", "said", "code"),
    [
        ("x-case", {"unit": ["nobody"]}, "contract.field_unknown"),
        ("x-case", {"unit": ["agency"], "ended": "nothing"}, "contract.field_unknown"),
        (
            "x-case",
            {"unit": ["agency"], "of": {"nothing": "approval_item.number"}},
            "contract.field_unknown",
        ),
        (
            "x-case",
            {"unit": ["agency"], "of": {"number": "approval_item.nothing"}},
            "contract.field_unknown",
        ),
        (
            "x-case",
            {"unit": ["agency"], "of": {"number": "nothing.number"}},
            "contract.schema_unknown",
        ),
        ("x-case", {"unit": ["agency"], "status": "number"}, "contract.case_no_end"),
        ("x-case", {"unit": ["applied_on"]}, "contract.value"),
        ("x-case", {"ended": "applied_on"}, "contract.key_missing"),
        ("x-clock", {"as": "item", "number": "nothing"}, "contract.field_unknown"),
        ("x-clock", {"as": "item", "number": "applied_on"}, "contract.clock_unfit"),
        ("x-clock", {"as": "item", "number": "number", "limit": "agency"}, "contract.clock_unfit"),
        ("x-clock", {"as": "stage", "number": "number", "began": "agency"}, "contract.clock_unfit"),
        ("x-clock", {"as": "connection", "number": "number"}, "contract.key_missing"),
        ("x-clock", {"as": "result"}, "contract.key_missing"),
        (
            "x-clock",
            {"as": "pause", "of": {"number": "approval_item.nothing"}, "began": "applied_on"},
            "contract.field_unknown",
        ),
        ("x-papers", {"names": ["nothing"]}, "contract.field_unknown"),
        ("x-papers", {"names": ["number"], "holder": ["nothing"]}, "contract.field_unknown"),
    ],
)
def test_the_check_refuses_a_case_or_a_paper_that_cannot_be_told(
    word: str, said: dict[str, object], code: str
):
    files = contract_files(HOME) | {"schemas/agency_case.json": json.dumps(SCHEMA | {word: said})}
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, connector_schemas(), year=2026)
    assert [(one.code, one.file) for one in refused.value.problems] == [
        (code, "schemas/agency_case.json")
    ]


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"of": "parcel"}, "contract.no_clock"),
        ({"of": "nothing"}, "contract.schema_unknown"),
        ({"of": "approval_item", "when": {"nothing": "1"}}, "contract.field_unknown"),
        ({}, "contract.key_missing"),
    ],
)
def test_a_limit_of_cases_names_an_entity_that_has_a_clock(limit: dict[str, object], code: str):
    said = {
        "title": {"zh": "时限", "en": "Limits"},
        "source": "made up",
        "status": "draft",
        "limits": [{"scope": "case", "days": 5, **limit}],
    }
    files = contract_files(HOME) | {"mappings/limits/service.yaml": json.dumps(said)}
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, connector_schemas(), year=2026)
    assert [(one.code, one.file) for one in refused.value.problems] == [
        (code, "mappings/limits/service.yaml")
    ]


def test_the_check_tells_when_no_schema_says_what_a_case_or_a_paper_is():
    files = {
        path: "\n".join(
            line
            for line in text.splitlines()
            if not any(f'"{word}"' in line for word in ("x-case", "x-papers", "x-clock"))
        )
        if path.startswith("schemas/")
        else text
        for path, text in contract_files(HOME).items()
        # limits of cases, which are none without
        if not (path.startswith("mappings/limits/") and "scope: case" in text)
    }
    found = load(files, connector_schemas(), year=2026).warnings
    said = [one.facts["word"] for one in found if one.code == "contract.undeclared"]
    assert sorted(said) == ["x-case", "x-clock", "x-papers"]
    assert "contract.undeclared" not in {one.code for one in CONTRACTS.warnings}


def test_final_states_are_codes_of_their_list():
    files = contract_files(HOME)
    name = "mappings/codes/item_status.yaml"
    files[name] = files[name].replace('final: ["2"', 'final: ["99"')
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, connector_schemas(), year=2026)
    assert [(one.code, one.file) for one in refused.value.problems] == [
        ("contract.code_target", name)
    ]


def test_a_schema_that_json_schema_itself_refuses_is_refused():
    said = SCHEMA | {"required": ["number", "number"]}
    files = contract_files(HOME) | {"schemas/agency_case.json": json.dumps(said, indent=1)}
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, connector_schemas(), year=2026)
    (told,) = refused.value.problems
    line = (
        json.dumps(said, indent=1)[: json.dumps(said, indent=1).index('"required"')].count("\n") + 1
    )
    assert (told.code, told.line, told.facts["place"]) == ("contract.value", line, "required")
