"""Clocks by their lights."""

from hub.services import lights
from tests.faces.harness import Case
from tests.filled import Filled

PAGE = "hub.console.pages.lights"

CASES: list[Case] = [
    # What a running clock has used differs from one moment to the next: only that all ask one.
    Case(lights.listed, api="/v1/lights", command=("lights", "list"), pages=(PAGE,)),
    Case(
        lights.by_region,
        lights.by_region,
        "/v1/lights/regions",
        ("lights", "regions"),
        (PAGE,),
    ),
    Case(lights.by_unit, lights.by_unit, "/v1/lights/units", ("lights", "units"), (PAGE,)),
    Case(lights.exported, api="/v1/lights/xlsx", pages=(PAGE,)),
]
NOT_SHARED: dict[str, str] = {}


def fill(_world: Filled) -> None:
    """Nothing beside what every world holds."""
