"""How a place lies to a shape, as the database judges it."""

import json
import time

import psycopg
import pytest

from hub.db.places import BORDER, PLACE_IN

WEST, SOUTH, EAST, NORTH = 105.28, 27.29, 105.30, 27.31
RING = [[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]]
HOLE = [[105.288, 27.298], [105.292, 27.298], [105.292, 27.302], [105.288, 27.302]]
FAR = [[110.0, 30.0], [110.1, 30.0], [110.1, 30.1], [110.0, 30.0]]
SQUARE = json.dumps({"type": "Polygon", "coordinates": [RING]})
WITH_HOLE = json.dumps({"type": "Polygon", "coordinates": [RING, HOLE]})
SEVERAL = json.dumps({"type": "MultiPolygon", "coordinates": [[FAR], [RING]]})
LINE = json.dumps({"type": "LineString", "coordinates": RING})
METRE = 1 / 111132.95  # of latitude, in degrees


@pytest.fixture
def database(empty_database_url: str):
    with psycopg.connect(empty_database_url) as found:
        found.execute("create schema hub")
        found.execute(PLACE_IN.format(border=BORDER).encode())
        yield found


@pytest.mark.parametrize(
    ("place", "shape", "lies"),
    [
        ("105.285,27.295", SQUARE, "inside"),
        (" 105.285 , 27.295 ;90,30", SQUARE, "inside"),
        ("105.285,27.295", SEVERAL, "inside"),
        ("105.290,27.300", WITH_HOLE, None),
        ("105.285,27.295", WITH_HOLE, "inside"),
        ("105.31,27.295", SQUARE, None),
        (f"105.285,{SOUTH + 9 * METRE:.8f}", SQUARE, "border"),
        (f"105.285,{SOUTH - 9 * METRE:.8f}", SQUARE, "border"),
        (f"105.285,{SOUTH + 11 * METRE:.8f}", SQUARE, "inside"),
        (f"105.285,{SOUTH - 11 * METRE:.8f}", SQUARE, None),
        ("105.285,27.295", LINE, None),
        ("东经105度", SQUARE, None),
        ("1e3,27", SQUARE, None),
        (None, SQUARE, None),
        ("105.285,27.295", None, None),
    ],
)
def test_a_place_lies_inside_at_the_border_or_nowhere(
    database: psycopg.Connection, place: str | None, shape: str | None, lies: str | None
):
    (found,) = database.execute("select hub.place_in(%s, %s)", [place, shape]).fetchall()
    assert found == (lies,)


def test_a_thousand_zones_are_judged_in_a_moment(database: psycopg.Connection):
    query = "select count(hub.place_in(%s, %s)) from generate_series(1, 1000)"
    began = time.monotonic()
    (found,) = database.execute(query, ["105.285,27.295", SQUARE]).fetchall()
    assert found == (1000,)
    assert time.monotonic() - began < 20  # a tenth of a second where nothing else runs
