"""OpenLineage events of a run, with column lineage by the contract it ran under."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import NAMESPACE_URL, uuid5

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.records import lineage
from hub.db.runs import reading
from hub.db.runs.reading import RunRow
from hub.domain.contracts import Contracts, Entity
from hub.domain.documents import mapping, mapping_of, texts
from hub.domain.pull_values import FieldRule, sources
from hub.errors import FlowError
from hub.model import Json
from hub.texts import say

PRODUCER = "urn:onecode:hub"
SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = {
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "documentation": "1-1-0/DocumentationJobFacet",
}
ENDS = {"complete": "COMPLETE", "failed": "FAIL", "aborted": "ABORT"}
HUB = "onecode://hub"
WRITTEN = ("created", "changed", "deleted", "confirmed", "awaiting_receipt")
"""Outcomes that wrote a row to the run's output."""

Lines = Mapping[str, tuple[tuple[str, str, str], ...]]
"""Output field -> the fields that it is made of: (namespace, data set, field)."""


def run_openlineage(context: RequestContext, run_id: int) -> list[dict[str, Json]]:
    """OpenLineage events of a run: START and, once it has ended, COMPLETE, FAIL or ABORT."""
    with context.hub.database.read() as tx:
        return of_run(tx, context.hub.contracts, run_id)


def of_run(tx: Transaction, contracts: Contracts, run_id: int) -> list[dict[str, Json]]:
    """As `run_openlineage`; FlowError (ask.run_unknown) where there is no such run."""
    found = reading.run_rows(tx, run_id=run_id)
    if not found:
        raise FlowError("ask.run_unknown", id=run_id)
    run = found[0]
    events = [_event(run, "START", run.started_at, [], [])]
    if run.state in ENDS and run.ended_at is not None:
        inputs, outputs = _data_sets(tx, contracts, run)
        events.append(_event(run, ENDS[run.state], run.ended_at, inputs, outputs))
    return events


def _event(
    run: RunRow, kind: str, at: datetime, inputs: list[Json], outputs: list[Json]
) -> dict[str, Json]:
    facets: dict[str, Json] = {}
    if run.fault and kind == "FAIL":
        told = say(run.fault.code, {}, "en")  # without facts, which may quote a partner's text
        facts: dict[str, Json] = {"message": told, "programmingLanguage": "Python"}
        facets["errorMessage"] = _facet("errorMessage", **facts)
    return {
        "eventType": kind,
        "eventTime": at.isoformat(),
        "producer": PRODUCER,
        "schemaURL": EVENT,
        "run": {
            "runId": str(
                uuid5(NAMESPACE_URL, f"urn:onecode:run:{run.id}:{run.started_at.isoformat()}")
            ),
            "facets": facets,
        },
        "job": {
            "namespace": HUB,
            "name": f"{run.flow}.{run.kind}",
            "facets": {
                "jobType": _facet(
                    "jobType",
                    processingType="BATCH",
                    integration="ONECODE",
                    jobType=run.kind.upper(),
                )
            },
        },
        "inputs": inputs,
        "outputs": outputs,
    }


def _data_sets(tx: Transaction, contracts: Contracts, run: RunRow) -> tuple[list[Json], list[Json]]:
    """Input and output data sets of a run, with columns and column lineage."""
    way, system, name = run.flow.split(".", 2)
    entity = contracts.entities.get(name.split(".", maxsplit=1)[0])
    partner = f"onecode://{system}"
    said = _mapping(tx, contracts, run)
    if way == "pull":
        lines = _pulled(said, partner, name)
        columns = _columns(entity)
        return [_input(partner, name)], [
            _output(HUB, f"golden.{name.split('.')[0]}", lines, columns, run)
        ]
    lines = _pushed(said, name.split(".", maxsplit=1)[0])
    read = sorted({data_set for made_of in lines.values() for _, data_set, _ in made_of})
    written: list[Json] = [{"name": field} for field in mapping(said.get("fields"))]
    return [_input(HUB, data_set) for data_set in read], [
        _output(partner, name, lines, written, run)
    ]


def _mapping(tx: Transaction, contracts: Contracts, run: RunRow) -> Mapping[str, Json]:
    """The mapping that the run's batches used; today's for a run without batches."""
    body = lineage.contract_of_run(tx, run.id)
    flow = contracts.pulls.get(run.flow) or contracts.pushes.get(run.flow)
    text = body or (flow.text if flow else None)
    return mapping_of(text) if text else {}


def _pulled(said: Mapping[str, Json], namespace: str, data_set: str) -> Lines:
    made = {}
    for name, rule in mapping(said.get("fields")).items():
        about = mapping(rule)
        use = about.get("use")
        read = sources(
            FieldRule(name, texts(about.get("from")), tuple(use) if isinstance(use, list) else ())
        )
        made[name] = tuple((namespace, data_set, _in_payload(said, path)) for path in read)
    return made


def _in_payload(said: Mapping[str, Json], path: str) -> str:
    """A path in the partner's payload; an element's path goes through its list."""
    each = mapping(said.get("each"))
    first, dot, rest = path.partition(".")
    return f"{each['at']}{dot}{rest}" if each and first == each["as"] else path


def _pushed(said: Mapping[str, Json], entity: str) -> Lines:
    made = {}
    for name, rule in mapping(said.get("fields")).items():
        places = []
        for path in texts(mapping(rule).get("from")):
            whose, dot, field = path.partition(".")
            places.append((HUB, f"golden.{whose if dot else entity}", field if dot else path))
        made[name] = tuple(places)
    return made


def _columns(entity: Entity | None) -> list[Json]:
    if entity is None:
        return []
    return [
        {"name": field.name, "type": field.kind, "description": field.title_zh}
        for field in entity.fields.values()
    ]


def _input(namespace: str, name: str) -> Json:
    return {"namespace": namespace, "name": name, "facets": {}}


def _output(namespace: str, name: str, lines: Lines, columns: list[Json], run: RunRow) -> Json:
    fields: dict[str, Json] = {
        field: {
            "inputFields": [
                {"namespace": space, "name": whose, "field": path} for space, whose, path in made_of
            ]
        }
        for field, made_of in lines.items()
        if made_of
    }
    rows = sum(count for outcome, count in run.counts.items() if outcome in WRITTEN)
    return {
        "namespace": namespace,
        "name": name,
        "facets": {
            "schema": _facet("schema", fields=columns),
            "columnLineage": _facet("columnLineage", fields=fields),
        },
        "outputFacets": {"outputStatistics": _facet("outputStatistics", rowCount=rows)},
    }


def _facet(name: str, **about: Json) -> Json:
    path = FACETS[name]
    url = f"{SPEC}/facets/{path}.json#/$defs/{path.rpartition('/')[2]}"
    return cast("Json", {"_producer": PRODUCER, "_schemaURL": url, **about})
