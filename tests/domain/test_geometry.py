"""Shapes as partners write them become GeoJSON in longitude and latitude, or are refused."""

import json
from zoneinfo import ZoneInfo

import pytest
from pyproj import Transformer

from hub.domain.geometry import MOST_POINTS
from hub.domain.verbs import Scope, WrongValueError, chain
from hub.model import Json, Number

SCOPE = Scope(ZoneInfo("Asia/Shanghai"), {})
RING = [[106.70, 26.57], [106.71, 26.57], [106.71, 26.58], [106.70, 26.58], [106.70, 26.57]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def made(value: Json, **said: Json) -> dict[str, object]:
    (verb,) = chain([{"geometry": said}], SCOPE)
    found = verb(value, {})
    assert isinstance(found, str)
    shape = json.loads(found)
    assert json.dumps(shape, sort_keys=True, separators=(",", ":")) == found
    return shape


@pytest.mark.parametrize(
    "written",
    [
        SQUARE,
        json.dumps(SQUARE),
        {"type": "Feature", "properties": {}, "geometry": SQUARE},
        {"type": "Polygon", "coordinates": [[[Number(str(x)), Number(str(y))] for x, y in RING]]},
        {"type": "Polygon", "coordinates": [[[x, y, 1043.2] for x, y in RING]]},
        "POLYGON((106.70 26.57, 106.71 26.57, 106.71 26.58, 106.70 26.58, 106.70 26.57))",
        "106.70,26.57;106.71,26.57;106.71,26.58;106.70,26.58;106.70,26.57",
        " 106.70，26.57； 106.71 26.57;106.71,26.58;106.70,26.58;106.70,26.57; ",
    ],
)
def test_every_way_to_write_a_shape_means_the_same(written: Json) -> None:
    assert made(written) == SQUARE


def test_latitude_may_stand_first() -> None:
    turned = {"type": "Polygon", "coordinates": [[[y, x] for x, y in RING]]}
    assert made(turned, crs="EPSG:4490", order="yx") == SQUARE
    assert made("26.57,106.70", order="yx") == {"type": "Point", "coordinates": [106.7, 26.57]}


def test_metres_of_a_zone_become_degrees() -> None:
    # EPSG:4545, CGCS2000 in zones of three degrees around 108 east: checked by its own inverse
    there = Transformer.from_crs("EPSG:4490", "EPSG:4545", always_xy=True).transform
    points = [there(x, y) for x, y in RING]
    text = ";".join(f"{north:.4f},{east:.4f}" for east, north in points)
    found = made(text, crs="EPSG:4545", order="yx")
    for (x, y), (was_x, was_y) in zip(found["coordinates"][0], RING, strict=True):  # type: ignore[index]
        assert abs(x - was_x) < 1e-8
        assert abs(y - was_y) < 1e-8


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"type": "Polygon", "coordinates": [RING[:-1]]}, "record.geometry_open"),
        ("106.70,26.57;106.71,26.57;106.71,26.58", "record.geometry_open"),
        ("106.70,26.57;106.71,26.57", "record.geometry_open"),
        ("POLYGON((106.7 26.57, 106.71 26.57, 106.71 26.58, 106.7 26.58))", "record.geometry_open"),
        (
            {"type": "Polygon", "coordinates": [[RING[0], RING[2], RING[1], RING[3], RING[0]]]},
            "record.geometry_crossing",
        ),
        ("26.57,106.70", "record.geometry_outside"),
        ({"type": "Point", "coordinates": [2.35, 48.85]}, "record.geometry_outside"),
        ({"type": "Point", "coordinates": [float("nan"), 26.0]}, "record.geometry_outside"),
        ("", "record.geometry_unreadable"),
        ("见附图", "record.geometry_unreadable"),
        ("{", "record.geometry_unreadable"),
        ("POLYGON((1 2", "record.geometry_unreadable"),
        ("POLYGON EMPTY", "record.geometry_unreadable"),
        (5, "record.geometry_unreadable"),
        ([106.7, 26.57], "record.geometry_unreadable"),
        ({"type": "Circle", "coordinates": [106.7, 26.57]}, "record.geometry_unreadable"),
        ({"type": "Polygon", "coordinates": "[[]]"}, "record.geometry_unreadable"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "record.geometry_unreadable"),
        ({"type": "Polygon", "coordinates": []}, "record.geometry_unreadable"),
        ({"type": "Point", "coordinates": [True, False]}, "record.geometry_unreadable"),
        ({"type": "FeatureCollection", "features": []}, "record.geometry_unreadable"),
        (";".join(["106.7,26.57"] * (MOST_POINTS + 5)), "record.geometry_large"),
    ],
    ids=lambda said: str(said)[:40],
)
def test_what_is_no_shape_is_refused(written: Json, code: str) -> None:
    with pytest.raises(WrongValueError) as refused:
        made(written)
    assert refused.value.code == code
