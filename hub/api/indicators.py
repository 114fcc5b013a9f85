"""Routes of the indicators of supervision: the files, one in words, and figures."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from hub.api.access import Visiting
from hub.services import indicators
from hub.services.indicators import By, Figure, IndicatorCatalogue, IndicatorExplained, Tried

routes = APIRouter()

Name = Annotated[str, Path(max_length=60, examples=["item_overdue"])]
Since = Annotated[date, Query(description="its month is the first", examples=["2026-10-01"])]
Until = Annotated[date, Query(description="its month is the last", examples=["2026-10-31"])]
Grouped = Annotated[By, Query(description="by what parts are told")]
County = Annotated[str, Query(max_length=6, description="the beginning of a region code")]
OfUnit = Annotated[str | None, Query(max_length=100, description="a unit of mappings/units.yaml")]


@routes.get("/v1/indicators")
def listed(visit: Visiting) -> IndicatorCatalogue:
    """考核指标及其状态、门槛、来源 · indicators with status, bounds and source."""
    return indicators.catalogue(visit)


@routes.get("/v1/indicators/{indicator}")
def explained(visit: Visiting, indicator: Name) -> IndicatorExplained:
    """一个指标：一句话、语句与执行计划 · an indicator in words, as a statement, and its plan."""
    return indicators.explain(visit, indicator)


@routes.get("/v1/indicators/{indicator}/figure")
def figure(
    visit: Visiting,
    indicator: Name,
    since: Since,
    until: Until,
    by: Grouped = "",
    county: County = "",
    unit: OfUnit = None,
) -> Figure:
    """数值、可判定数、无法判定及原因、剔除数 · value, judged, not judged with reasons, excluded."""
    return indicators.figure(
        visit, indicator, since=since, until=until, by=by, county=county, unit=unit
    )


@routes.get("/v1/indicators/{indicator}/trial")
def trial(visit: Visiting, indicator: Name, since: Since, until: Until) -> Tried:
    """试算：按现有文件会命中谁，不计入 · who would be accused by the files as they are; nothing is kept."""
    return indicators.try_out(visit, indicator, since=since, until=until)
