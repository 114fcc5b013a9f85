"""Whether the hub is well."""

from tests.faces.harness import Case
from tests.filled import Filled

CASES: list[Case] = []
NOT_SHARED = {"hub init": "writes files and asks no hub", "hub web": "serves the other two faces"}


def fill(_world: Filled) -> None:
    """Nothing beside what every world holds."""
