"""Shapes as partners write them -> GeoJSON in longitude and latitude, checked.

Written may be GeoJSON, WKT, or a list of points (`x,y;x,y`), in degrees or in metres of a projected
zone. What comes out is in CGCS2000, which is WGS 84 to a few centimetres, with 8 decimal places
(about a millimetre). The libraries are imported when a shape comes: few flows have any.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

import orjson

from hub import exact
from hub.model import Json, Number

PLACES = 8
MOST_POINTS = 100_000
COUNTRY = (73.0, 3.0, 136.0, 54.5)
"""West, south, east, north of all of China, islands and sea included, in degrees."""
SHAPES = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists lie around a position."""
IN_DEGREES = {"EPSG:4490", "EPSG:4326"}
RING, LENGTHS = 4, (2, 3, 4)

_PAIR = re.compile(
    r"\s*(-?\d{1,12}(?:\.\d{1,12})?)(?:\s*[,，]\s*|\s+)(-?\d{1,12}(?:\.\d{1,12})?)\s*", re.ASCII
)
_WKT = re.compile(r"\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)

Position: TypeAlias = tuple[float, float]
Convert: TypeAlias = Callable[[float, float], Position]


class ShapeError(Exception):
    """A shape that is none: code of the fault."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def geojson(value: Json, *, crs: str, order: str) -> str:
    """The canonical GeoJSON text of a shape.

    crs: what it is written in; order: yx where the northing or latitude stands first.
    Raises ShapeError: unreadable, too large, a ring that does not close, one that crosses itself,
    a place outside the country.
    """
    kind, coordinates = _read(value)
    found = list(_positions(coordinates, SHAPES[kind]))
    if not found:
        raise ShapeError("record.geometry_unreadable")
    if len(found) > MOST_POINTS:
        raise ShapeError("record.geometry_large", points=str(len(found)), most=str(MOST_POINTS))
    made = _converted(coordinates, SHAPES[kind], _conversion(crs, order))
    for ring in _rings(kind, made):
        if len(ring) < RING or ring[0] != ring[-1]:
            raise ShapeError("record.geometry_open")
    west, south, east, north = COUNTRY
    for x, y in _positions(made, SHAPES[kind]):
        if not (west <= x <= east and south <= y <= north):
            raise ShapeError("record.geometry_outside", place=f"{x:.5f}, {y:.5f}")
    shape = {"type": kind, "coordinates": made}
    _refuse_crossing(shape)
    return orjson.dumps(shape, option=orjson.OPT_SORT_KEYS).decode()


def _read(value: Json) -> tuple[str, Json]:
    """Kind and coordinates of what is written."""
    if isinstance(value, str):
        text = value.strip()
        if _WKT.match(text):
            return _from_wkt(text)
        if text[:1] != "{":
            return _from_pairs(text)
        try:
            value = exact.read_loosely(text.encode())
        except ValueError:
            raise ShapeError("record.geometry_unreadable") from None
    if isinstance(value, dict) and value.get("type") == "Feature":
        value = value.get("geometry")
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in SHAPES:
        raise ShapeError("record.geometry_unreadable")
    return kind, value.get("coordinates")


def _from_pairs(text: str) -> tuple[str, Json]:
    pairs = [one for one in re.split(r"[;；]", text) if one.strip()]
    found: list[Json] = []
    for one in pairs[: MOST_POINTS + 1]:
        pair = _PAIR.fullmatch(one)
        if pair is None:
            raise ShapeError("record.geometry_unreadable")
        found.append([float(pair[1]), float(pair[2])])
    if len(found) == 1:
        return "Point", found[0]
    return "Polygon", [found]


def _from_wkt(text: str) -> tuple[str, Json]:
    import shapely  # noqa: PLC0415 -- large

    try:
        shape = orjson.loads(shapely.to_geojson(shapely.from_wkt(text)))
    except shapely.errors.GEOSException as error:
        is_open = "closed" in str(error)
        code = "record.geometry_open" if is_open else "record.geometry_unreadable"
        raise ShapeError(code) from None
    return str(shape["type"]), shape["coordinates"]


def _positions(coordinates: Json, depth: int) -> Iterator[Position]:
    if depth:
        if not isinstance(coordinates, list):
            raise ShapeError("record.geometry_unreadable")
        for one in coordinates:
            yield from _positions(one, depth - 1)
        return
    yield _position(coordinates)


def _position(said: Json) -> Position:
    """A position; heights are left out."""
    if not isinstance(said, list) or len(said) not in LENGTHS:
        raise ShapeError("record.geometry_unreadable")
    return _number(said[0]), _number(said[1])


def _number(said: Json) -> float:
    if isinstance(said, Number):
        return float(said.text)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise ShapeError("record.geometry_unreadable")
    return float(said)


def _converted(coordinates: Json, depth: int, convert: Convert) -> Json:
    if depth and isinstance(coordinates, list):
        return [_converted(one, depth - 1, convert) for one in coordinates]
    x, y = convert(*_position(coordinates))
    return [round(x, PLACES), round(y, PLACES)]


@lru_cache(maxsize=32)
def _conversion(crs: str, order: str) -> Convert:
    if crs in IN_DEGREES:
        return (lambda x, y: (y, x)) if order == "yx" else (lambda x, y: (x, y))
    from pyproj import Transformer  # noqa: PLC0415 -- large

    transform = Transformer.from_crs(crs, "EPSG:4490", always_xy=True).transform

    def convert(x: float, y: float) -> Position:
        east, north = (y, x) if order == "yx" else (x, y)
        longitude, latitude = transform(east, north)
        return float(longitude), float(latitude)

    return convert


def _rings(kind: str, coordinates: Json) -> Iterator[list[Json]]:
    several = coordinates if kind == "MultiPolygon" else [coordinates] if kind == "Polygon" else []
    for polygon in several if isinstance(several, list) else []:
        yield from polygon if isinstance(polygon, list) else []  # type: ignore[misc] # lists, as read


def _refuse_crossing(shape: Json) -> None:
    import shapely  # noqa: PLC0415 -- large
    from shapely.validation import explain_validity  # noqa: PLC0415

    made = shapely.from_geojson(orjson.dumps(shape))
    if not made.is_valid:
        why = explain_validity(made)
        raise ShapeError("record.geometry_crossing", why=why.partition("[")[0])
