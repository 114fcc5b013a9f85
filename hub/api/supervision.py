"""Routes of supervision: clocks by their lights, counted by county and by unit."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from hub.api.access import Visiting
from hub.api.prefill import XLSX
from hub.services import lights
from hub.services.lights import LightCounts, LightsAsked, LightScope, LightsPage, LightState

routes = APIRouter()

Region = Annotated[str, Query(max_length=12, pattern="^[0-9]*$", examples=["520502"])]
Short = Annotated[str, Query(max_length=20)]
Whose = Annotated[str, Query(max_length=200, description="the unit that handles the record")]
After = Annotated[str, Query(max_length=200, description="`next` of the page before")]
Many = Annotated[int, Query(ge=1, le=500)]


@routes.get("/v1/lights")
def lights_listed(  # noqa: PLR0913, PLR0917 -- a list has so many filters
    visit: Visiting,
    scope: LightScope = "stage",
    light: LightState = "running",
    region: Region = "",
    stage: Short = "",
    flow_kind: Short = "",
    department: Whose = "",
    after: After = "",
    limit: Many = 50,
) -> LightsPage:
    """时限督办：项目、阶段、事项、报装按亮灯 · clocks by their lights, of one's regions or of one's unit."""
    asked = LightsAsked(scope, light, region, stage, flow_kind, department, after)
    return lights.listed(visit, asked, most=limit)


@routes.get("/v1/lights/xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def lights_exported(
    visit: Visiting,
    scope: LightScope = "stage",
    light: LightState = "running",
    region: Region = "",
    stage: Short = "",
    flow_kind: Short = "",
    department: Whose = "",
    lang: Literal["zh", "en"] = "zh",
) -> Response:
    """导出表格（XLSX） · the same as a workbook, at most 10,000 rows."""
    asked = LightsAsked(scope, light, region, stage, flow_kind, department)
    made = lights.exported(visit, asked, lang=lang)
    named = {"content-disposition": 'attachment; filename="lights.xlsx"'}
    return Response(made, media_type=XLSX, headers=named)


@routes.get("/v1/lights/regions")
def lights_by_region(visit: Visiting, scope: LightScope = "stage") -> list[LightCounts]:
    """各区县：在办、超时、临近 · running clocks by county: red, yellow, and red within three working days."""
    return lights.by_region(visit, scope)


@routes.get("/v1/lights/units")
def lights_by_unit(
    visit: Visiting, scope: LightScope = "item", region: Region = ""
) -> list[LightCounts]:
    """各单位：在办、超时、临近 · the same by the units that handle the records."""
    return lights.by_unit(visit, scope, region=region)
