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
