"""Lineage for other tools: PROV as the prov package reads it, OpenLineage as its own schemas allow
it.
"""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from prov.model import ProvDocument
from referencing import Registry, Resource

from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.services import lineage
from hub.services.lineage import openlineage, prov
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload
from tests.pipeline.partners import Desk

ALL = operator(CONTRACTS.entities)
PROJECT = f"project:{CODE}"
SCHEMAS = [
    json.loads(file.read_bytes()) for file in (Path(__file__).parent / "openlineage").glob("*.json")
]
KNOWN = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS
)


def parsed(document: object) -> ProvDocument:
    """What the prov package makes of it; what it does not understand it refuses."""
    text = json.dumps(document)
    read = ProvDocument.deserialize(content=text, format="json")
    assert ProvDocument.deserialize(content=read.serialize(format="json"), format="json") == read
    return read


def test_a_record_is_a_prov_document_from_payloads_to_readers(filled: Filled):
    filled.pull(
        "pull.investment.project",
        payload(
            "pull.investment.project", id=1, xmdm=CODE, xmmc="新名称", gxsj="2026-11-01 00:00:00"
        ),
    )
    filled.push("push.fire.project", Desk())
    with filled.hub.database.write() as tx:
        found = lineage.of_record(tx, CONTRACTS, PROJECT, rights=ALL)
    read = parsed(prov.of_record(found))
    text = read.get_provn()
    for words in (
        "wasDerivedFrom",
        "prov:Revision",
        "hadMember",
        "hub:system/investment",
        "push.fire.project: confirmed",
    ):
        assert words in text
    assert len(list(read.unified().get_records())) == len(list(read.get_records()))


def test_a_field_is_a_prov_document_with_claims_rule_and_payload(filled: Filled):
    with filled.hub.database.write() as tx:
        found = lineage.of_field(tx, CONTRACTS, PROJECT, "name", rights=ALL)
    assert found.origin is not None
    text = parsed(prov.of_field(found)).get_provn()
    contract = CONTRACTS.pulls["pull.investment.project"].contract
    for words in (
        NAME,
        f"hub:contract/{contract}",
        f"hub:landing/{found.origin.arrival.id}",
        "hub:system/approval",
    ):
        assert words in text


def test_persons_are_masked_in_prov_too(filled: Filled):
    name = str(filled.record("participant"))
    with filled.hub.database.write() as tx:
        masked = Rights(whole=True)
        whole = prov.of_record(lineage.of_record(tx, CONTRACTS, name, rights=masked))
        field = prov.of_field(lineage.of_field(tx, CONTRACTS, name, "manager_phone", rights=masked))
    parsed(whole)
    parsed(field)
    assert "13800003503" not in json.dumps([whole, field])


def check(event: dict[str, object]) -> None:
    """By OpenLineage's schema, and each facet by its own."""
    _by(event, "https://openlineage.io/spec/2-0-2/OpenLineage.json")
    facets = 0
    parts = [event["run"], event["job"], *event["inputs"], *event["outputs"]]  # type: ignore[misc]
    for part in parts:
        for name in ("facets", "outputFacets"):
            for facet, said in part.get(name, {}).items():  # type: ignore[attr-defined]
                _by({facet: said}, said["_schemaURL"].partition("#")[0])
                facets += 1
    assert facets


def _by(value: object, schema: str) -> None:
    validator = Draft202012Validator(
        {"$ref": schema}, registry=KNOWN, format_checker=FormatChecker()
    )
    assert [error.message for error in validator.iter_errors(value)] == []


def test_every_run_is_openlineage_with_column_lineage(filled: Filled):
    filled.push("push.fire.project", Desk())
    with filled.hub.database.write() as tx:
        runs = filled.rows("select id, flow from hub.run order by id")
        events = {
            str(run["flow"]): openlineage.of_run(tx, CONTRACTS, int(str(run["id"]))) for run in runs
        }
        for start, end in events.values():
            check(start)
            check(end)
            assert start["run"]["runId"] == end["run"]["runId"]  # type: ignore[index,call-overload]
            assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    pulled = json.dumps(events["pull.investment.project"][1])
    assert (
        '"name": {"inputFields": [{"namespace": "onecode://investment", "name": "project", '
        '"field": "xmmc"}]}'
    ) in pulled
    pushed = json.dumps(events["push.fire.project"][1])
    assert (
        '"XMMC": {"inputFields": [{"namespace": "onecode://hub", "name": "golden.project", '
        '"field": "name"}]}'
    ) in pushed


def test_a_run_that_failed_says_so_without_what_a_partner_said(filled: Filled):
    filled.execute(
        """update hub.run set state = 'failed',
                  cause = '{"code": "system.unavailable", "facts": {"system": "x", "detail": "secret"}}' where id = 1"""
    )
    filled.execute("update hub.run set state = 'running', ended_at = null where id = 2")
    with filled.hub.database.write() as tx:
        _, end = openlineage.of_run(tx, CONTRACTS, 1)
        assert len(openlineage.of_run(tx, CONTRACTS, 2)) == 1
        with pytest.raises(FlowError, match=r"^ask\.run_unknown"):
            openlineage.of_run(tx, CONTRACTS, 99_999)
    check(end)
    assert end["eventType"] == "FAIL"
    assert "secret" not in json.dumps(end)
