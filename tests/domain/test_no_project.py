"""Records that belong to no project: their schema says so, and says nothing that asks for one."""

import json

import pytest

from hub.config import connector_schemas, contract_files
from hub.db.entity_tables import GOLDEN_HEAD, SOURCE_HEAD
from hub.domain.entities import OWN_COLUMNS
from hub.domain.load import ContractsInvalidError, load
from tests.filled import CONTRACTS, HOME

FIELD = {"title": "A", "x-title-zh": "甲", "type": "string", "x-class": "public"} | {
    "x-standard": None,
    "x-why": "a test",
}


def problems(name: str, *, without: str = "", **changes: object) -> list[str]:
    """What is wrong once a schema says this, or no longer has this field."""
    files = contract_files(HOME)
    path = f"schemas/{name}.json"
    said = json.loads(files[path])
    properties = {**said["properties"], **changes.pop("properties", {})}  # type: ignore[dict-item]
    properties.pop(without, None)
    files[path] = json.dumps({**said, **changes, "properties": properties})
    try:
        load(files, connector_schemas(), year=2026)
    except ContractsInvalidError as refused:
        return [one.code for one in refused.problems]
    return []


def test_a_register_belongs_to_no_project_and_its_records_wait_for_none():
    flow = CONTRACTS.pulls["pull.approval.flow"]
    assert not flow.entity.of_project
    assert (flow.parent, flow.codeless, flow.links) == (None, False, {})
    assert set(flow.entity.fields) - set(flow.entity.said) == {"project_code"}
    assert CONTRACTS.entities["engineering"].of_project


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"properties": {"project_code": FIELD}}, "contract.no_project"),
        ({"x-show": "elsewhere"}, "contract.no_project"),
        ({"x-case": {"unit": ["name"]}}, "contract.no_project"),
        ({"x-papers": {"names": ["name"]}}, "contract.no_project"),
    ],
)
def test_what_only_projects_have_is_refused(changes: dict[str, object], code: str):
    assert problems("flow", **changes) == [code]


def test_a_schema_without_a_project_code_must_say_that_it_needs_none():
    assert "contract.project_code_missing" in problems("engineering", without="project_code")


def test_a_field_called_as_a_column_of_the_tables_is_refused():
    assert problems("engineering", properties={"version": FIELD}) == ["contract.field_own"]


def test_the_columns_of_the_tables_are_all_known():
    assert {column.split()[0] for column in (*GOLDEN_HEAD, *SOURCE_HEAD)} == OWN_COLUMNS


def belonging(**said: str) -> dict[str, object]:
    way = {"as": "owner", "field": "subject_uscc", "entity": "project", "other": "owner_uscc"}
    return {"x-belongs": {"through": [way | said]}}


def test_a_credit_record_has_no_project_and_belongs_to_those_of_its_unit():
    entity = CONTRACTS.entities["credit_record"]
    assert (entity.of_project, entity.projectless) == (False, True)
    assert [(way.name, way.entity, way.other) for way in entity.ways] == [
        ("owner", "project", "owner_uscc"),
        ("participant", "participant", "uscc"),
    ]
    assert entity.show is not None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (belonging(entity="participant", other="legal_person"), "contract.way_personal"),
        (belonging(entity="flow", other="name"), "contract.way_without"),
        (belonging(field="uscc"), "contract.field_unknown"),
        (belonging(other="no_such_field"), "contract.field_unknown"),
        (belonging(place="inside"), "contract.way_shapeless"),
        ({"required": ["project_code"]}, "contract.field_unknown"),
        ({"x-case": {"unit": ["authority"]}}, "contract.no_project"),
    ],
)
def test_a_way_that_leads_nowhere_or_to_a_person_is_refused(changes: dict[str, object], code: str):
    assert code in problems("credit_record", **changes)


def test_only_a_record_without_a_project_belongs_to_others():
    assert problems("parcel", **belonging(field="number")) != []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("through: owner", "through: designer", "contract.way_unknown"),
        ("until: valid_until", "until: reason", "contract.field_unknown"),
        ("until: valid_until", "after: reason", "contract.field_unknown"),
        ("from: project.name", "from: project.name, through: owner", "contract.way_unknown"),
    ],
)
def test_a_form_asks_by_a_way_of_the_entity_alone(old: str, new: str, code: str):
    files = contract_files(HOME)
    path = "mappings/forms/construction_permit.yaml"
    assert old in files[path]
    files[path] = files[path].replace(old, new)
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, connector_schemas(), year=2026)
    assert {one.code for one in refused.value.problems} == {code}


def test_who_refuses_natural_persons_says_that_there_are_no_secrets():
    files = contract_files(HOME)
    path = "mappings/credit/credit_record.pull.yaml"
    files[path] = "\n".join(line for line in files[path].splitlines() if "  none: " not in line)
    with pytest.raises(ContractsInvalidError):
        load(files, connector_schemas(), year=2026)
