"""Routes of lineage: records and fields back to sources, as of a moment, proofs, exports."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Response

from hub.api import request_bodies
from hub.api.access import Visiting
from hub.api.request_bodies import Number
from hub.services import lineage
from hub.services.lineage import FieldLineage, ProjectAsOf, RecordAsOf, RecordLineage

routes = APIRouter()

Moment = Annotated[
    request_bodies.Moment | None,
    Query(description="无时区的按北京时间 · without a zone: Beijing time"),
]


@routes.get("/v1/records/{record_id}")
def record_at(visit: Visiting, record_id: Number, as_of: Moment = None) -> RecordAsOf:
    """某一时刻的记录 · a record as it stood at a moment, now unless given."""
    return lineage.record_as_of(visit, str(record_id), as_of)


@routes.get("/v1/projects/{code}/as-of")
def project_at(
    visit: Visiting,
    code: Annotated[str, Path(max_length=100)],
    moment_asked: Annotated[request_bodies.Moment | None, Query(alias="moment")] = None,
    account: Annotated[str | None, Query(max_length=100)] = None,
) -> ProjectAsOf:
    """某一时刻的项目，及某账号当时能看到什么 · a project as it stood, and what an account could see of it then."""
    return lineage.project_as_of(visit, code, moment_asked, account=account)


@routes.get("/v1/records/{record_id}/lineage")
def record_lineage(visit: Visiting, record_id: Number) -> RecordLineage:
    """记录的来龙去脉 · everything that leads to a record and away from it."""
    return lineage.record_lineage(visit, str(record_id))


@routes.get("/v1/records/{record_id}/fields/{field}/lineage")
def field_lineage(visit: Visiting, record_id: Number, field: str) -> FieldLineage:
    """字段的来龙去脉 · a value with its sources, rule, payload, deliveries and readers."""
    return lineage.field_lineage(visit, str(record_id), field)


@routes.get("/v1/records/{record_id}/prov", response_model=None)
def record_prov(visit: Visiting, record_id: Number) -> Response:
    """记录的来龙去脉，W3C PROV-JSON · the lineage of a record as PROV-JSON."""
    return document(lineage.record_prov(visit, str(record_id)), f"record-{record_id}.prov.json")


@routes.get("/v1/records/{record_id}/fields/{field}/prov", response_model=None)
def field_prov(visit: Visiting, record_id: Number, field: str) -> Response:
    """字段的来龙去脉，W3C PROV-JSON · the lineage of a field as PROV-JSON."""
    return document(
        lineage.field_prov(visit, str(record_id), field), f"record-{record_id}-{field}.prov.json"
    )


@routes.get("/v1/records/{record_id}/fields/{field}/proof", response_model=None)
def field_proof(
    visit: Visiting, record_id: Number, field: str, checkpoint: Number | None = None
) -> Response:
    """字段的证明文件，可离线核验 · a proof of a field, which verifier/verify_proof.py checks without the hub."""
    made = lineage.field_proof(visit, str(record_id), field, checkpoint=checkpoint)
    return document(made, f"record-{record_id}-{field}.proof.json")


@routes.get("/v1/runs/{run_id}/openlineage", response_model=None)
def run_openlineage(visit: Visiting, run_id: Number) -> Response:
    """一次运行的 OpenLineage 事件 · a run as OpenLineage events, with column lineage."""
    return document(lineage.run_openlineage(visit, run_id), f"run-{run_id}.openlineage.json")


def document(made: object, name: str) -> Response:
    """JSON as a download of this name."""
    return Response(
        orjson.dumps(made, option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
