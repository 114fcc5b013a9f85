"""Whether the hub is well."""

from tests.faces.harness import Case
from tests.filled import Filled

CASES: list[Case] = []
NOT_SHARED: dict[str, str] = {}


def fill(_world: Filled) -> None:
    """Nothing beside what every world holds."""
